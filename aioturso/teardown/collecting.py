"""Collects the outcomes of a run into its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import aclosing

from attrs import define, field

from .report import Outcome, OutcomeStatus, Report
from .rest import ListTimes
from .run import Run
from .targets import Candidate


async def collected(run: Run, candidates: Sequence[Candidate], listed: ListTimes | None) -> Report:
    """Returns the report of a run, in the order of the candidates; after each one what came with it.

    An error that ends the run, such as a cancellation, gets the error of a report as its cause, with what is known by then.
    """
    outcomes = _Outcomes([None] * len(candidates))
    try:
        async with aclosing(run.stream(candidates, listed)) as stream:
            async for found in stream:
                outcomes.add(found)
    except BaseException as error:
        outcomes.add(run.undelivered())
        untaken = run.untaken()
        if untaken is None or len(untaken) == len(candidates):
            raise
        for index, entry in enumerate(candidates):
            is_sent = index not in untaken and entry.reason is None
            # It was taken, and an error has cost its outcome: it may have been sent.
            outcomes.fill(index, _lost(entry) if is_sent else run.unsent(entry))
        raise error from outcomes.report(run).as_error()
    return outcomes.report(run)


@define
class _Outcomes:
    """Mutable: the first outcome of each candidate, None before there is one, and what came with a candidate.

    No list for each: the garbage collector would look at each of them, again and again.
    """

    first: list[Outcome | None]
    more: defaultdict[int, list[Outcome]] = field(factory=lambda: defaultdict(list))

    def add(self, found: Iterable[tuple[int, Outcome]]) -> None:
        """Adds outcomes, each with the index of its candidate."""
        for index, outcome in found:
            if self.first[index] is None:
                self.first[index] = outcome
            else:
                self.more[index].append(outcome)

    def fill(self, index: int, outcome: Outcome) -> None:
        """Adds the outcome of a candidate that has none."""
        self.first[index] = self.first[index] or outcome

    def report(self, run: Run) -> Report:
        """Returns the report of the run."""
        each = enumerate(self.first)
        found = (
            [o for index, first in each for o in (first, *self.more.get(index, ()))]
            if self.more
            else self.first
        )
        known = tuple([o for o in found if o is not None])
        return run.verb.report(known, failure=run.failure, unmatched=run.unmatched)


def _lost(entry: Candidate) -> Outcome:
    return Outcome(target=entry.target, status=OutcomeStatus.UNKNOWN, reason="its outcome was lost")
