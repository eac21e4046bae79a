"""Brings back what was deleted, by UUID: makes the call that restores it, and looks whether it is there again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from attrs import evolve

from .._account import Account
from .._operation import Operation
from .._structure import refuse
from ..api.databases_by_id import RESTORE as RESTORE_DATABASE
from ..api.groups_by_id import RESTORE as RESTORE_GROUP
from ..errors import ConflictError, NotFoundError, TursoError
from ..models.groups import RestoredGroup
from .after_failure import is_there_after_all
from .engine import Engine
from .listing import KINDS
from .recheck import INCOMPARABLE
from .report import Outcome, OutcomeStatus, TeardownReport
from .restorable import there_alone, there_now
from .targets import Candidate, Target, folded
from .verb import NOTHING, Sent
from .verify import UNLISTED, look_until

_THERE_AGAIN = "no usable answer, and there again"
# Though they are POSTs: each call of them has a guard.
_RESTORE: Mapping[str, Operation[Any]] = {
    "database": evolve(RESTORE_DATABASE, repeatable=True),
    "group": evolve(RESTORE_GROUP, repeatable=True),
}


async def restore(engine: Engine, candidate: Candidate, account: Account) -> Sent:
    """Restores one target; the databases that were to come with a group have outcomes of their own.

    A restore without a usable answer is sent again only after a look has not found the target there again.
    """
    target = candidate.target
    owner, uuid = await engine.organization_id(), target.uuid or ""
    look = partial(_look, engine, target)
    try:
        answer = await engine.calls.call(_RESTORE[target.kind], owner, uuid, account=account, guard=look)
    except TursoError as error:
        own = is_own(error, target) is not None
        if not await is_there_after_all(look, account, error, _RESTORE[target.kind], is_own=own):
            raise
        return Sent(came=await _found(engine, candidate.databases))
    return Sent(came=_came(answer, candidate)) if isinstance(answer, RestoredGroup) else NOTHING


async def _look(engine: Engine, target: Target) -> str | None:
    """Returns the reason to count a target as restored, None while it is not there; raises when that cannot be known."""
    found = await KINDS[target.kind].find(engine, target)
    if found is None:
        return None
    uuid = found.target.uuid or refuse(INCOMPARABLE)
    # Another one of its name does not bring it back.
    return _THERE_AGAIN if folded(uuid) == folded(target.uuid) else None


def is_own(error: TursoError, target: Target) -> str | None:
    """Returns the reason if a refusal is about this target alone."""
    if isinstance(error, ConflictError):
        return "its name, or its group's, is taken by another one"
    if isinstance(error, NotFoundError) and error.resource == target.kind:
        return "past its time, or already restored and deleted again"
    return None


def _came(answer: RestoredGroup, candidate: Candidate) -> Sequence[Outcome]:
    group, organization = candidate.target.group, candidate.target.organization
    known = {folded(target.uuid): target for target in candidate.databases}
    names = {folded(found.id): found.name for found in answer.databases}
    failures = {folded(uuid): why for uuid, why in answer.failures.items()}

    def target(uuid: str) -> Target:
        name = names.get(uuid, uuid)
        made = Target(kind="database", organization=organization, database=name, group=group, uuid=uuid)
        return known.get(uuid, made)

    def outcome(uuid: str) -> Outcome:
        if uuid in failures:
            reason = f"its group is restored, and it is not: {failures[uuid]}"
            return Outcome(target=target(uuid), status=OutcomeStatus.FAILED, reason=reason)
        if uuid in names:
            reason = f"with its group {group!r}"
            return Outcome(target=target(uuid), status=OutcomeStatus.RESTORED, reason=reason)
        reason = "its group is restored, and the answer does not name it"
        return Outcome(target=target(uuid), status=OutcomeStatus.UNKNOWN, reason=reason)

    return [outcome(uuid) for uuid in dict.fromkeys((*known, *names, *failures)) if uuid]


async def _found(engine: Engine, databases: Sequence[Target]) -> Sequence[Outcome]:
    """Returns the outcomes of a group's databases when its answer was lost: what is there is restored."""
    try:
        now = await there_alone(engine, await there_now(engine, databases))
    except TursoError as error:
        unknown = OutcomeStatus.UNKNOWN
        return [
            Outcome(target=t, status=unknown, reason="its group is there again", error=error)
            for t in databases
        ]

    def outcome(target: Target) -> Outcome:
        if target in now:
            return Outcome(target=target, status=OutcomeStatus.RESTORED, reason=_THERE_AGAIN)
        reason = "no usable answer: its group is there again, and it is not so far"
        return Outcome(target=target, status=OutcomeStatus.UNKNOWN, reason=reason)

    return [outcome(target) for target in databases]


async def verified(engine: Engine, report: TeardownReport) -> TeardownReport:
    """Returns the report of an undo, corrected: what is not listed is not known to be back; unknown and listed is."""
    back = [o.target for o in (*report.restored, *report.already_there)]
    unknown = [o.target for o in report.unknown]
    found, unverified = set[Target](), None
    try:
        look = partial(there_now, engine, back + unknown)
        there = await look_until(lambda there: there.issuperset(back), look, engine.calls.pause)
    except TursoError as error:
        return evolve(report, unverified=error)
    try:
        # A list with it is no proof for what nothing else confirms.
        found = await there_alone(engine, [target for target in unknown if target in there])
    except TursoError as error:  # what is not back is known all the same
        unverified = error
    missing = tuple([target for target in back if target not in there])
    outcomes = tuple([_corrected(outcome, found, set(missing)) for outcome in report.outcomes])
    return evolve(report, outcomes=outcomes, remaining=missing, unverified=unverified)


def _corrected(outcome: Outcome, found: set[Target], missing: set[Target]) -> Outcome:
    if outcome.target in missing:
        reason = f"{outcome.status.words}, {UNLISTED}"
        return evolve(outcome, status=OutcomeStatus.UNKNOWN, reason=reason)
    if outcome.status is OutcomeStatus.UNKNOWN and outcome.target in found:
        return evolve(outcome, status=OutcomeStatus.RESTORED, reason="listed again", error=None)
    return outcome
