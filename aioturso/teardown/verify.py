"""Verifies a report: lists again, and waits out a listing that lags."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from attrs import evolve

from ..errors import TursoError
from .engine import Engine
from .recheck import Now, absent, listed_now
from .report import Outcome, OutcomeStatus, TeardownReport
from .targets import Target

T = TypeVar("T")
UNLISTED = "and not listed"
"""The end of the reason of what a verification does not find there, though it was to be."""
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds between looks
_GONE = (OutcomeStatus.DESTROYED, OutcomeStatus.ALREADY_GONE)


async def look_until(
    is_final: Callable[[T], bool], look: Callable[[], Awaitable[T]], pause: Callable[[float], Awaitable[None]]
) -> T:
    """Returns the first look that is final, or the last one: a list may lag behind what was done."""
    for wait in _WAITS:
        if is_final(found := await look()):
            return found
        await pause(wait)
    return await look()


async def verified(engine: Engine, report: TeardownReport) -> TeardownReport:
    """Returns the report, corrected: still listed is not gone; unknown, not listed and not found is."""
    gone = [o.target for o in report.outcomes if o.status in _GONE]
    unknown = [o.target for o in report.unknown]

    async def look() -> set[Target]:
        return _still(await listed_now(engine, gone + unknown), gone + unknown)

    missing, unverified = set[Target](), None
    try:
        # What is unknown may stay there, and is not waited for.
        listed = await look_until(lambda listed: listed.isdisjoint(gone), look, engine.calls.pause)
    except TursoError as error:
        return evolve(report, unverified=error)
    try:
        # A list without it is no proof for what nothing else confirms.
        missing = await absent(engine, [target for target in unknown if target not in listed])
    except TursoError as error:  # what is still listed is known all the same
        unverified = error
    outcomes = tuple([_corrected(outcome, listed, missing) for outcome in report.outcomes])
    remaining = tuple([target for target in gone + unknown if target in listed])
    return evolve(report, outcomes=outcomes, remaining=remaining, unverified=unverified)


def _still(now: Now, targets: Iterable[Target]) -> set[Target]:
    found = ((target, now.of(target)) for target in targets)
    # What cannot be compared counts as still there, and so does what is listed under another name.
    return {
        target
        for target, there in found
        if now.has_uuid(target) or (there is not None and target.is_same(there.target) is not False)
    }


def _corrected(outcome: Outcome, listed: set[Target], missing: set[Target]) -> Outcome:
    if outcome.status in _GONE and outcome.target in listed:
        reason = f"{outcome.status.words}, and still listed"
        return evolve(outcome, status=OutcomeStatus.UNKNOWN, reason=reason)
    if outcome.target in missing:
        return evolve(
            outcome, status=OutcomeStatus.DESTROYED, reason="no longer listed, and not found", error=None
        )
    return outcome
