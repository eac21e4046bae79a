"""The class of verbs: the call that a run makes for a target, and the meaning of its answer."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any

from attrs import evolve, frozen

from .._account import NOT_APPLIED, Account
from .._quick import quick
from ..errors import ClientClosedError, TursoError
from ..models.databases import Database
from .engine import Engine
from .report import Outcome, OutcomeStatus, Report
from .targets import Candidate, Target

Entry = Candidate | Outcome
Numbered = tuple[int, Entry]
_outcome: Callable[
    [Target, OutcomeStatus, str | None, Exception | None, int, float, Database | None], Outcome
] = quick(Outcome)


@frozen
class Sent:
    """Holds what a call has brought: the database, by its answer or a look, and what `came` with the target."""

    database: Database | None = None
    came: Sequence[Outcome] = ()


NOTHING = Sent()


def at_once(entries: Iterable[Numbered]) -> Iterable[Iterable[Numbered]]:
    """Returns all of it as one phase."""
    return (entries,)


def never(error: TursoError, target: Target) -> None:
    """Returns None: no error has the meaning that a verb looks for."""


@frozen(kw_only=True)
class Verb:
    """One thing that a run can do.

    - `word`, `noun`: as a plan and the log name it; `sending`: the status of the audit log's line before the first send
    - `send`: makes the call for one target
    - `already`: finds in its error that nothing was to do; `is_own`: that this target alone is refused
    - `idle`: the reason of a candidate for which nothing is to do, which ends as `nothing_to_do`; one with another
      reason ends as `refused`
    - `recheck`: looks again before a plan that is not fresh runs; `verify`: after it has run
    - `done`: the status when the server has answered so; `seen`: when no usable answer came, and a look has shown it
    - `phases`: the parts of a run, sent one after the other
    """

    word: str
    noun: str
    sending: str
    send: Callable[[Engine, Candidate, Account], Awaitable[Sent | str]]
    already: Callable[[TursoError, Target], str | None]
    is_own: Callable[[TursoError, Target], str | None]
    recheck: Callable[[Engine, Sequence[Candidate]], Coroutine[Any, Any, Sequence[Entry]]]
    verify: Callable[[Engine, Any], Coroutine[Any, Any, Report]]
    report: type[Report]
    done: OutcomeStatus
    seen: OutcomeStatus
    nothing_to_do: OutcomeStatus
    refused: OutcomeStatus = OutcomeStatus.SKIPPED
    idle: str | None = None
    phases: Callable[[Iterable[Numbered]], Iterable[Iterable[Numbered]]] = at_once

    def left(self, candidate: Candidate) -> Outcome:
        """Returns the outcome of a candidate with a reason, to which nothing is sent."""
        status = self.nothing_to_do if candidate.reason == self.idle else self.refused
        return Outcome(
            target=candidate.target, status=status, reason=candidate.reason, database=candidate.database
        )

    def has_worked(self, outcome: Outcome) -> bool:
        """True if the target is now as the verb wants it."""
        return outcome.status in (self.done, self.seen, self.nothing_to_do)

    def worked(self, target: Target, account: Account, sent: Sent) -> Outcome:
        """Returns the outcome of a call that has ended without an error."""
        status = self.seen if account.confirmed else self.done
        if account.effect is NOT_APPLIED:
            status = self.nothing_to_do
        # Accepted (202) is not done, which the report shows.
        reason = account.confirmed or ("accepted" if account.status == 202 else None)
        database = sent.database
        return _outcome(
            target if database is None else evolve(target, uuid=database.id),
            status,
            _joined(reason, account.way) if account.way else reason,
            None,
            account.attempts,
            time.monotonic() - account.began,
            database,
        )

    def judge(self, target: Target, account: Account, error: Exception) -> Outcome:
        """Returns the outcome of a call that has ended with this error."""
        elapsed = time.monotonic() - account.began
        facts: dict[str, Any] = {"target": target, "attempts": account.attempts, "elapsed": elapsed}
        if isinstance(error, ClientClosedError) and not account.attempts:
            return Outcome(**facts, status=OutcomeStatus.NOT_ATTEMPTED, reason=str(error))
        if account.confirmed and account.effect is NOT_APPLIED:  # by a look before it was sent again
            return Outcome(**facts, status=self.nothing_to_do, reason=_joined(account.confirmed, account.way))
        if isinstance(error, TursoError) and (reason := self.already(error, target)) is not None:
            return Outcome(**facts, status=self.nothing_to_do, reason=_joined(reason, account.way))
        own = self.is_own(error, target) if isinstance(error, TursoError) else None
        return Outcome(**facts, status=_failed(account), reason=_joined(own, account.way), error=error)

    def interrupted(self, target: Target, account: Account, reason: str) -> Outcome:
        """Returns the outcome of a call that was ended before it had an outcome of its own."""
        status = _failed(account) if account.attempts else OutcomeStatus.NOT_ATTEMPTED
        return Outcome(
            target=target,
            status=status,
            reason=reason,
            error=account.last,  # the server's last word, if there was one
            attempts=account.attempts,
            elapsed=time.monotonic() - account.began,
        )


def _failed(account: Account) -> OutcomeStatus:
    return OutcomeStatus.UNKNOWN if account.may_have_changed else OutcomeStatus.FAILED


def _joined(first: str | None, second: str | None) -> str | None:
    return f"{first}; {second}" if first and second else first or second
