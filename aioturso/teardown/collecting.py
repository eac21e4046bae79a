"""Collects the outcomes of a run into its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import aclosing

from .report import Outcome, OutcomeStatus, Report
from .run import Run
from .targets import Candidate


async def collected(run: Run, candidates: Sequence[Candidate], stale: bool) -> Report:
    """Returns the report of a run, in the order of the candidates; after each one what came with it.

    An error that ends the run, such as a cancellation, gets the error of a report as its cause, with what is known by then.
    """
    # No list for each candidate: the garbage collector would look at each of them, again and again.
    results, more = list[Outcome | None]([None] * len(candidates)), defaultdict[int, list[Outcome]](list)

    def add(index: int, outcome: Outcome) -> None:
        if results[index] is None:
            results[index] = outcome
        else:
            more[index].append(outcome)

    def report() -> Report:
        each = enumerate(results)
        found = [o for index, first in each for o in (first, *more.get(index, ()))] if more else results
        return run.verb.report(
            tuple([o for o in found if o is not None]), failure=run.failure, unmatched=run.unmatched
        )

    try:
        async with aclosing(run.stream(candidates, stale)) as outcomes:
            async for found in outcomes:
                for index, outcome in found:
                    add(index, outcome)
    except BaseException as error:
        for index, outcome in run.undelivered():
            add(index, outcome)
        untaken = run.untaken()
        if not any(results) and (untaken is None or len(untaken) == len(results)):
            raise
        for index, entry in enumerate(candidates):
            is_sent = untaken is not None and index not in untaken and entry.reason is None
            # It was taken, and an error has cost its outcome: it may have been sent.
            results[index] = results[index] or (_lost(entry) if is_sent else run.unsent(entry))
        raise error from report().as_error()
    return report()


def _lost(entry: Candidate) -> Outcome:
    return Outcome(target=entry.target, status=OutcomeStatus.UNKNOWN, reason="its outcome was lost")
