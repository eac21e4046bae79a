"""Verbs: the call that a run makes for a target, and the meaning of its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any

from attrs import evolve, frozen

from .._account import Account, Effect, is_gone
from .._calls import Calls
from .._structure import fail
from ..api.databases_by_id import DELETE_BY_ID
from ..errors import APIError, ClientClosedError, NotFoundError, TursoError
from .deleted import THERE, judged
from .engine import Engine
from .listing import KINDS
from .recheck import guard, rechecked
from .report import Outcome, OutcomeStatus, TeardownReport
from .restoring import is_own, restore
from .restoring import verified as verified_there
from .targets import Candidate, Target
from .verify import verified

Entry = Candidate | Outcome
Numbered = tuple[int, Entry]


@frozen(kw_only=True)
class Verb:
    """One thing that a run can do.

    `send` makes the call for one target, and returns the outcomes of what came with it. `already` finds in its error
    that nothing was to do, `is_own` that only this target is refused. `idle`: the reason of a candidate for which
    nothing is to do. `recheck` looks again before a plan that is not fresh runs, `verify` after it has run.
    `phases` are sent one after the other.
    """

    word: str
    noun: str
    sending: str
    send: Callable[[Engine, Calls, Candidate, Account], Awaitable[Sequence[Outcome]]]
    already: Callable[[TursoError, Target], str | None]
    is_own: Callable[[TursoError, Target], str | None]
    recheck: Callable[[Engine, Sequence[Candidate]], Coroutine[Any, Any, Sequence[Entry]]]
    verify: Callable[[Engine, TeardownReport], Coroutine[Any, Any, TeardownReport]]
    phases: Callable[[Iterable[Numbered]], Iterable[Iterable[Numbered]]]
    done: OutcomeStatus
    nothing_to_do: OutcomeStatus
    idle: str | None = None

    def left(self, candidate: Candidate) -> Outcome:
        """Returns the outcome of a candidate with a reason, to which nothing is sent."""
        status = self.nothing_to_do if candidate.reason == self.idle else OutcomeStatus.SKIPPED
        return Outcome(target=candidate.target, status=status, reason=candidate.reason)

    def has_worked(self, outcome: Outcome) -> bool:
        """True if the target is now as the verb wants it."""
        return outcome.status in (self.done, self.nothing_to_do)

    def judge(self, target: Target, account: Account, error: Exception | None, elapsed: float) -> Outcome:
        """Returns the outcome of a call that has ended with this error, or with none."""
        if error is None:
            status = self.nothing_to_do if account.effect is Effect.NOT_APPLIED else self.done
            reason = _reason(account)
            return Outcome(
                target=target, status=status, reason=reason, attempts=account.attempts, elapsed=elapsed
            )
        facts: dict[str, Any] = {"target": target, "attempts": account.attempts, "elapsed": elapsed}
        if isinstance(error, ClientClosedError) and not account.attempts:
            return Outcome(**facts, status=OutcomeStatus.NOT_ATTEMPTED, reason=str(error))
        if isinstance(error, TursoError) and (reason := self.already(error, target)) is not None:
            return Outcome(**facts, status=self.nothing_to_do, reason=_joined(reason, account.way))
        own = self.is_own(error, target) if isinstance(error, TursoError) else None
        return Outcome(**facts, status=_failed(account), reason=_joined(own, account.way), error=error)

    def interrupted(self, target: Target, account: Account, elapsed: float, reason: str) -> Outcome:
        """Returns the outcome of a call that was ended before it had an outcome of its own."""
        status = _failed(account) if account.attempts else OutcomeStatus.NOT_ATTEMPTED
        return Outcome(
            target=target,
            status=status,
            reason=reason,
            error=account.last,
            attempts=account.attempts,
            elapsed=elapsed,
        )


def _failed(account: Account) -> OutcomeStatus:
    changed = account.on_wire or account.effect is not Effect.NOT_APPLIED
    return OutcomeStatus.UNKNOWN if changed else OutcomeStatus.FAILED


def _reason(account: Account) -> str | None:
    return _joined(account.confirmed or ("accepted" if account.status == 202 else None), account.way)


def _joined(first: str | None, second: str | None) -> str | None:
    return f"{first}; {second}" if first and second else first or second


async def _remove(engine: Engine, calls: Calls, candidate: Candidate, account: Account) -> Sequence[Outcome]:
    target = candidate.target
    operation = KINDS[target.kind].remove
    await calls.call(operation, *target.names, account=account, guard=guard(engine, target))
    return ()


async def _remove_by_uuid(
    engine: Engine, calls: Calls, candidate: Candidate, account: Account
) -> Sequence[Outcome]:
    """Deletes a database by UUID; by name, after a look, where the platform has no such route. `way` is which."""
    target, memory = candidate.target, engine.memory
    if not memory.lacks_delete_by_uuid:
        owner = await engine.organization_id()
        account.way = "by uuid"
        try:
            await calls.call(DELETE_BY_ID, owner, target.uuid or "", account=account)
        except APIError as error:
            if not _is_no_route(error):
                raise
            memory.lacks_delete_by_uuid = True
        else:
            return ()
    account.way = "by name: the platform has no delete by uuid"
    if reason := await _absence(engine, target):
        applied = account.effect is Effect.UNKNOWN
        account.confirm(reason) if applied else account.idle(reason)
        return ()
    return await _remove(engine, calls, candidate, account)


async def _absence(engine: Engine, target: Target) -> str | None:
    """Returns None while the name belongs to the target, else why there is nothing to delete."""
    found = await KINDS[target.kind].find(engine, target)
    if found is None:
        return "no longer there"
    same = target.is_same(found.target)
    if same is None:
        fail("$", "what has the name now cannot be compared: its uuid is missing")
    return None if same else "the name now belongs to another one, which was left alone"


def _is_no_route(error: APIError) -> bool:
    """True for the answer that there is no such route or method, and not for one about what the path names."""
    missing = isinstance(error, NotFoundError) and error.resource is None
    return missing or error.status == 405


async def _rechecked_by_uuid(engine: Engine, candidates: Sequence[Candidate]) -> list[Entry]:
    await engine.organization_id()
    return await rechecked(engine, candidates)


def _gone(error: TursoError, target: Target) -> str | None:
    return f"{error.resource} not found" if is_gone(error, KINDS[target.kind].remove) else None


def _never(error: TursoError, target: Target) -> str | None:
    return None


def _at_once(entries: Iterable[Numbered]) -> Iterable[Iterable[Numbered]]:
    return (entries,)


def _groups_first(entries: Iterable[Numbered]) -> Iterable[Iterable[Numbered]]:
    """A database of a deleted group brings the group back without its other databases."""
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
    is_own=_never,
    recheck=rechecked,
    verify=verified,
    phases=_at_once,
    done=OutcomeStatus.DESTROYED,
    nothing_to_do=OutcomeStatus.ALREADY_GONE,
)
REMOVE_BY_UUID = evolve(REMOVE, send=_remove_by_uuid, recheck=_rechecked_by_uuid)
RESTORE = Verb(
    word="restore",
    noun="undo",
    sending="restoring",
    send=restore,
    already=_never,
    is_own=is_own,
    recheck=judged,
    verify=verified_there,
    phases=_groups_first,
    done=OutcomeStatus.RESTORED,
    nothing_to_do=OutcomeStatus.ALREADY_THERE,
    idle=THERE,
)
