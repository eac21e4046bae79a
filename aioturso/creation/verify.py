"""Verifies the report of a creation: looks again, and waits out a list that lags."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from ..errors import TursoError
from ..models.databases import Database
from ..teardown.engine import Engine
from ..teardown.report import Outcome, OutcomeStatus, Report
from ..teardown.targets import Target, folded
from ..teardown.verify import UNLISTED, look_until
from .there import ByName, alone, listed, misfit

_THERE = (OutcomeStatus.CREATED, OutcomeStatus.FOUND, OutcomeStatus.ALREADY_THERE)


async def verified(engine: Engine, report: Report) -> Report:
    """Returns the report, corrected: what is not listed is not known to be there; unknown and found is there."""
    known = [o.target for o in report.outcomes if o.status in _THERE]
    unknown = [o.target for o in report.unknown]
    wanted, unverified = known + unknown, None

    async def look() -> dict[Target, Database]:
        return _found(wanted, await listed(engine, wanted) if wanted else {})

    try:
        there = await look_until(lambda there: there.keys() >= set(known), look, engine.calls.pause)
    except TursoError as error:
        return evolve(report, unverified=error)
    # A list with it is no proof for what nothing else confirms: it may lag behind an earlier deletion.
    seen = [target for target in unknown if there.pop(target, None)]
    try:
        there |= _found(seen, await alone(engine, seen))
    except TursoError as error:  # what is not there is known all the same
        unverified = error
    outcomes = tuple([_corrected(outcome, there.get(outcome.target)) for outcome in report.outcomes])
    missing = tuple([target for target in known if target not in there])
    return evolve(report, outcomes=outcomes, remaining=missing, unverified=unverified)


def _found(targets: Iterable[Target], there: ByName) -> dict[Target, Database]:
    """Returns the one database that is there for each target: in its group, with its UUID."""
    found = {}
    for target in targets:
        fitting = [database for database in there[target.database] if _is(database, target)]
        # Two of one name in one list prove neither.
        if len(fitting) == 1:
            found[target] = fitting[0]
    return found


def _is(database: Database, target: Target) -> bool:
    same = not (database.id and target.uuid) or folded(database.id) == folded(target.uuid)
    return same and misfit(database, target) is None


def _corrected(outcome: Outcome, there: Database | None) -> Outcome:
    known = outcome.status in _THERE
    if known and there is None:
        reason = f"{outcome.status.words}, {UNLISTED}"
        return evolve(outcome, status=OutcomeStatus.UNKNOWN, reason=reason)
    if known:
        return evolve(outcome, database=there)
    # Of the others only what is unknown was looked at.
    if there is None:
        return outcome
    target = evolve(outcome.target, uuid=there.id)
    return evolve(
        outcome, target=target, status=OutcomeStatus.FOUND, reason="listed", error=None, database=there
    )
