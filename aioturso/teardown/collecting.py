"""Collects the outcomes of a run into its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import aclosing

from attrs import define, field

from .report import Outcome, OutcomeStatus, Report
from .rest import ListTimes
from .run import Run
from .spread import in_parts
from .targets import Candidate


async def collected(run: Run, candidates: Sequence[Candidate], listed: ListTimes | None) -> Report:
    """Returns the report of a run, in the order of the candidates; after each one what came with it.

    An error that ends the run, such as a cancellation, gets the error of a report as its cause, with what is known by then.
    """
    outcomes = _Outcomes([[] async for part in in_parts(candidates) for _ in part])
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
    """Mutable: the first outcome of each candidate, an empty list before there is one, and what came with a candidate.

    That list is freed when the outcome takes its place: CPython looks for garbage once some hundred more objects were
    made than freed, which outcomes alone would be again and again, and then it looks at all that is under way
    (https://docs.python.org/3/library/gc.html#gc.set_threshold).
    """

    first: list[Outcome | list[Outcome]]
    more: defaultdict[int, list[Outcome]] = field(factory=lambda: defaultdict(list))

    def add(self, found: Iterable[tuple[int, Outcome]]) -> None:
        """Adds outcomes, each with the index of its candidate."""
        for index, outcome in found:
            if isinstance(self.first[index], Outcome):
                self.more[index].append(outcome)
            else:
                self.first[index] = outcome

    def fill(self, index: int, outcome: Outcome) -> None:
        """Adds the outcome of a candidate that has none."""
        if not isinstance(self.first[index], Outcome):
            self.first[index] = outcome

    def report(self, run: Run) -> Report:
        """Returns the report of the run."""
        each = enumerate(self.first)
        found = (
            [o for index, first in each for o in (first, *self.more.get(index, ()))]
            if self.more
            else self.first
        )
        known = tuple([o for o in found if isinstance(o, Outcome)])
        return run.verb.report(known, failure=run.failure, unmatched=run.unmatched)


def _lost(entry: Candidate) -> Outcome:
    return Outcome(target=entry.target, status=OutcomeStatus.UNKNOWN, reason="its outcome was lost")
