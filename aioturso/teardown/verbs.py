"""The verbs of teardowns and of their undo: remove, remove by UUID, restore."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from functools import partial

from attrs import evolve

from .._account import Account, Ended, is_gone
from .._refusals import NO_SUCH
from .._removals import removed
from .._structure import refuse
from ..api.databases_by_id import DELETE_BY_ID, GET_BY_ID
from ..errors import APIError, NotFoundError, TursoError
from .after_failure import THERE
from .engine import Engine
from .listing import KINDS
from .recheck import CHANGED, NOT_LISTED, look, rechecked, why_absent
from .report import OutcomeStatus, TeardownReport
from .restorable import judged
from .restoring import is_own, restore
from .restoring import verified as verified_there
from .targets import OF_GROUPS, Candidate, Target, folded
from .verb import NOTHING, Entry, Numbered, Sent, Verb, never
from .verify import verified


def _remove(engine: Engine, candidate: Candidate, account: Account) -> Awaitable[str]:
    target = candidate.target
    operation = KINDS[target.kind].remove
    again = partial(look, engine, target, account)
    call = engine.calls.remove(operation, target.names, again, target.uuid, account)
    # The call of other kinds is handed back and not awaited: one coroutine less for each target.
    return _unless_renamed(call, engine, target, account) if target.kind in OF_GROUPS else call


async def _unless_renamed(call: Awaitable[str], engine: Engine, target: Target, account: Account) -> str:
    """Returns the result of a call; raises DecodeError if only the name is gone, as its group has another one now."""
    result, error = "", None
    try:
        result = await call
    except TursoError as found:
        error = found
    # By a 404, or by a look.
    is_absent = account.confirmed is not None or (error is not None and _gone(error, target) is not None)
    if is_absent and not account.ended and await _has_other_name(engine, target):
        account.unconfirm()
        refuse(f"{CHANGED}: its group has another name")
    if error is not None:
        raise error
    return result


async def _has_other_name(engine: Engine, target: Target) -> bool:
    """True if the group of a target is listed under another name, and has the target's location."""
    try:
        groups = await engine.groups.list()
    except TursoError:  # then the absence of the name decides
        return False
    return any(
        folded(group.uuid) == folded(target.uuid)
        and folded(group.name) != folded(target.group)
        and (target.location is None or folded(target.location) in map(folded, group.locations))
        for group in groups
        if group.uuid
    )


async def _remove_by_uuid(engine: Engine, candidate: Candidate, account: Account) -> Sent | str:
    """Deletes a database by UUID; by name, after a look, where the platform has no such route. `way` is which."""
    target, memory = candidate.target, engine.memory
    if not memory.lacks_delete_by_uuid:
        owner, uuid = await engine.organization_id(), target.uuid or ""
        # Before the call: the outcome of a lost answer names the way too.
        account.choose("by uuid")
        # The path has the UUID, and the answer the name, or the UUID too.
        operation = evolve(DELETE_BY_ID, result=removed("database", by_uuid=True, also=(target.database,)))
        try:
            await engine.calls.call(operation, owner, uuid, account=account)
        except APIError as error:
            if not _is_no_route(error):
                raise
            # By a stop while it was on the wire, or out of a hook in the look: no further look is sent.
            lacks = not account.ended and await _lacks_route(engine, owner, uuid, error)
            if account.ended:
                raise Ended from None
            if not lacks:
                raise
            memory.lacks_delete_by_uuid = True
        else:
            return NOTHING
    account.choose("by name: the platform has no delete by uuid")
    if reason := await why_absent(engine, target):
        account.conclude(reason)  # the call by UUID may have deleted it after all
        return NOTHING
    account.begin_another()
    return await _remove(engine, candidate, account)


def _is_no_route(error: APIError) -> bool:
    """True for the answer that there is no such route or method, and not for one about what the path names."""
    return error.status in NO_SUCH and not (isinstance(error, NotFoundError) and error.resource)


async def _lacks_route(engine: Engine, owner: str, uuid: str, error: APIError) -> bool:
    """True if the platform has no calls by UUID; a 404 may be that of a proxy, and then this UUID is looked at."""
    is_certain = not isinstance(error, NotFoundError) or "route" in (error.code or "").lower()
    if is_certain or engine.memory.lacks_delete_by_uuid:
        return True
    try:
        await engine.calls.call(GET_BY_ID, owner, uuid)
    except TursoError as found:
        return isinstance(found, APIError) and _is_no_route(found)
    return False


async def _rechecked_by_uuid(engine: Engine, candidates: Sequence[Candidate]) -> list[Entry]:
    await engine.organization_id()
    # What was gone when it was planned may be there again.
    meant = [evolve(c, reason=None) if c.reason == NOT_LISTED else c for c in candidates]
    now = await rechecked(engine, meant)
    return [
        _unplanned(found) if was.reason == NOT_LISTED else found
        for was, found in zip(candidates, now, strict=True)
    ]


def _unplanned(found: Entry) -> Entry:
    """Returns what was no target of the plan, and becomes none: it was not shown as one."""
    return evolve(found, reason=f"{CHANGED}: it is there again") if found.reason is None else found


def _gone(error: TursoError, target: Target) -> str | None:
    return f"{error.resource} not found" if is_gone(error, KINDS[target.kind].remove) else None


def _groups_first(entries: Iterable[Numbered]) -> Iterable[Iterable[Numbered]]:
    """Returns the groups as a first phase: a database would bring its group back without the other databases."""
    found = list(entries)
    groups = [(index, entry) for index, entry in found if entry.target.kind == "group"]
    others = [(index, entry) for index, entry in found if entry.target.kind != "group"]
    return [phase for phase in (groups, others) if phase]


REMOVE = Verb(
    word="destroy",
    noun="teardown",
    sending="sending",
    send=_remove,
    already=_gone,
    is_own=never,
    recheck=rechecked,
    verify=verified,
    report=TeardownReport,
    done=OutcomeStatus.DESTROYED,
    seen=OutcomeStatus.DESTROYED,
    nothing_to_do=OutcomeStatus.ALREADY_GONE,
    # Of a plan of what was created: the others get the outcome itself from a recheck.
    idle=NOT_LISTED,
)
REMOVE_BY_UUID = evolve(REMOVE, send=_remove_by_uuid, recheck=_rechecked_by_uuid)
RESTORE = Verb(
    word="restore",
    noun="undo",
    sending="restoring",
    send=restore,
    already=never,
    is_own=is_own,
    recheck=judged,
    verify=verified_there,
    phases=_groups_first,
    report=TeardownReport,
    done=OutcomeStatus.RESTORED,
    seen=OutcomeStatus.RESTORED,
    nothing_to_do=OutcomeStatus.ALREADY_THERE,
    idle=THERE,
)
