"""Verbs: the call that a run makes for a target, and the meaning of its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from attrs import frozen

from .._account import Account, Effect, is_gone
from .._calls import Calls
from ..errors import ClientClosedError, TursoError
from .engine import Engine
from .listing import KINDS
from .recheck import guard
from .report import Outcome, OutcomeStatus
from .targets import Target


@frozen
class Verb:
    """One verb: `send` makes the call for one target, and `already` finds in its error that nothing was to do."""

    send: Callable[[Engine, Calls, Target, Account], Awaitable[object]]
    already: Callable[[TursoError, Target], str | None]
    done: OutcomeStatus
    nothing_to_do: OutcomeStatus

    def judge(self, target: Target, account: Account, error: Exception | None, elapsed: float) -> Outcome:
        """Returns the outcome of a call that has ended with this error, or with none."""
        facts: dict[str, Any] = {"target": target, "attempts": account.attempts, "elapsed": elapsed}
        if error is None:
            reason = account.confirmed or ("accepted" if account.status == 202 else None)
            return Outcome(**facts, status=self.done, reason=reason)
        if isinstance(error, ClientClosedError) and not account.attempts:
            return Outcome(**facts, status=OutcomeStatus.NOT_ATTEMPTED, reason=str(error))
        if isinstance(error, TursoError) and (reason := self.already(error, target)) is not None:
            return Outcome(**facts, status=self.nothing_to_do, reason=reason)
        return Outcome(**facts, status=_failed(account), error=error)

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


def _remove(engine: Engine, calls: Calls, target: Target, account: Account) -> Awaitable[object]:
    operation = KINDS[target.kind].remove
    return calls.call(operation, *target.names, account=account, guard=guard(engine, target))


def _gone(error: TursoError, target: Target) -> str | None:
    return f"{error.resource} not found" if is_gone(error, KINDS[target.kind].remove) else None


REMOVE = Verb(_remove, _gone, OutcomeStatus.DESTROYED, OutcomeStatus.ALREADY_GONE)
