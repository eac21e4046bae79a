"""Is it really gone? List again, and wait out a listing that lags."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from ..errors import TursoError
from . import listing
from .engine import Engine
from .report import Outcome, OutcomeStatus, Target, TeardownReport

WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds between looks, while something is listed that should be gone
_GONE = (OutcomeStatus.DESTROYED, OutcomeStatus.ALREADY_GONE)


async def verified(engine: Engine, report: TeardownReport) -> TeardownReport:
    """The report, corrected: still listed is not gone; unknown and no longer listed is."""
    gone = [o.target for o in report.outcomes if o.status in _GONE]
    asked = gone + [o.target for o in report.unknown]
    try:
        for wait in (*WAITS, None):
            listed = _still(await listing.again(engine, asked), asked)
            if wait is None or not any(target in listed for target in gone):
                break
            await engine.limiter.sleep(wait)
    except TursoError as error:
        return evolve(report, unverified=error)
    outcomes = tuple(_corrected(outcome, listed) for outcome in report.outcomes)
    return evolve(report, outcomes=outcomes, remaining=tuple(target for target in asked if target in listed))


def _still(now: dict[tuple[str, ...], listing.Listed], targets: Iterable[Target]) -> set[Target]:
    still = set()
    for target in targets:
        found = now.get(listing.key(target))
        if found is not None and not (target.uuid and found[0].uuid and target.uuid != found[0].uuid):
            still.add(target)
    return still


def _corrected(outcome: Outcome, listed: set[Target]) -> Outcome:
    if outcome.status in _GONE and outcome.target in listed:
        return evolve(
            outcome, status=OutcomeStatus.UNKNOWN, reason=f"{outcome.status.value}, and still listed"
        )
    if outcome.status is OutcomeStatus.UNKNOWN and outcome.target not in listed:
        return evolve(outcome, status=OutcomeStatus.DESTROYED, reason="no longer listed", error=None)
    return outcome
