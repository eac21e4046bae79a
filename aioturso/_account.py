"""The account of a call: its sends, what may have taken effect, and the time that is left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from math import inf
from typing import Any, TypeGuard

from attrs import define, field

from ._operation import Operation, Request
from ._pulse import Evidence
from .errors import APIError, DecodeError, NotFoundError, OutcomeUnknownError, TursoError
from .settings import Timeout


class Effect(Enum):
    """The change that a call has made on the server, as far as this side can know."""

    NOT_APPLIED = "not applied"
    UNKNOWN = "unknown"
    APPLIED = "applied"


# CPython 3.11 looks a member up in Python code, each time
NOT_APPLIED, APPLIED = Effect.NOT_APPLIED, Effect.APPLIED


class Ended(Exception):
    """Nothing more may be sent of a call, which was about to be sent."""


@define
class Account:
    """Mutable, one per call; each step of the call reports to it by a method.

    Four fields are assigned in place of that, as each call has them: `task` and `evidence` by the calls, `status` and
    `headers` by the transport. Times are of `time.monotonic`, in seconds.

    - `task`: asyncio's, in which it runs
    - `attempts`: sends on the wire; the last of them has no result yet while `on_wire` is True
    - `effect`: what has changed on the server; `confirmed`: why an attempt without an answer counts as applied after
      all, or why nothing was to do
    - `status`: of the last answer, `headers`: of one that was a success
    - `deadline`: of its time, which begins when it first holds a pool slot; 0 before
    - `last`: the error after which it is sent again; `ended`: nothing more may be sent
    - `reauthorized`: it was sent once more with another token
    - `renews`: an attempt has lost its connection: the next one takes no other connection that was used before
    - `evidence`: of a delete of what was just listed or looked at; None for any other call

    Of the limiter, which keeps no state of a call of its own:

    - `arrival`: when the last accepted send was made, and how many were refused, when the call came to the limiter or was
      last refused there; None before
    - `excused`: its last failure was a refusal by a server that accepted and refused others at that time

    Of a run, which makes the account of each of its targets:

    - `began`: when a worker took up the target
    - `announce`: called once, right before the first send, when all waits for it are over; nothing is sent if it raises
    - `way`: how it was sent, where there is more than one way
    """

    # First, as a run gives them by position: CPython makes a dict of the keyword arguments of a class.
    task: Any = None
    began: float = 0.0
    announce: Callable[[], object] | None = None
    attempts: int = 0
    on_wire: bool = False
    effect: Effect = NOT_APPLIED
    confirmed: str | None = None
    status: int = 0
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    deadline: float = 0.0
    last: TursoError | None = None
    ended: bool = False
    reauthorized: bool = False
    renews: bool = False
    evidence: Evidence | None = None
    arrival: tuple[float, int] | None = None
    excused: bool = False
    way: str | None = None

    def announced(self) -> None:
        """Announces the first send, which is about to be made."""
        assert self.announce is not None  # the caller looks, as nearly no call has one
        self.announce()
        self.announce = None

    def sent(self) -> None:
        """Counts a send, which is on the wire now."""
        self.attempts += 1
        self.on_wire = True

    def confirm(self, reason: str | None = None) -> None:
        """Records that the call has taken effect: its answer was understood, or there is another reason to know."""
        # In this order: an error in between must not make a failure of it.
        self.effect = APPLIED
        self.on_wire = False
        if reason is not None:
            self.confirmed = reason

    def unconfirm(self) -> None:
        """Forgets the reason for which it counts as applied, which has turned out to be none."""
        self.confirmed = None

    def choose(self, way: str) -> None:
        """Records the way in which it is sent from now on."""
        self.way = way

    def unanswered(self) -> None:
        """Forgets the status of the attempt before: the next one may have none."""
        self.status = 0

    def again(self, error: TursoError) -> None:
        """Records the error after which it is sent again."""
        self.last = error

    def arrive(self, accepted_at: float, refused: int) -> None:
        """Records what the limiter knows of the server when the call comes to it, or comes back refused."""
        self.arrival = accepted_at, refused

    def excuse(self, excused: bool) -> None:
        """Records whether its last failure counts as one: not if the server accepts and refuses others too."""
        self.excused = excused

    def reauthorize(self, error: TursoError) -> None:
        """Records that the token was refused, before the call is sent once more with another one."""
        self.on_wire, self.reauthorized, self.last = False, True, error

    def conclude(self, reason: str) -> bool:
        """Records why a look has found nothing left to do; True if an attempt may have done it."""
        if self.effect is NOT_APPLIED:
            self.confirmed = reason
            return False
        self.confirm(reason)
        return True

    def settle(self, error: TursoError, operation: Operation[Any]) -> bool:
        """Records how an attempt failed; True for the 404 that confirms an earlier attempt."""
        if self.effect is Effect.UNKNOWN and is_gone(error, operation):
            self.confirm(confirmation(error))
            return True
        # Never back: a later refusal proves nothing about an earlier send.
        if _may_have_applied(error):
            self.effect = Effect.UNKNOWN
        # What has closed an idle connection, such as a proxy, has mostly closed the others too.
        self.renews = self.renews or isinstance(error, OutcomeUnknownError)
        # Only now: as long as it is on the wire, its effect is unknown.
        self.on_wire = False
        if self.evidence is not None:
            self.evidence.failed()
        self.charge(error, operation)
        return False

    @property
    def may_have_changed(self) -> bool:
        """True if a send may have taken effect."""
        # Cancelled in flight, it has no error yet that could have settled it.
        return self.on_wire or self.effect is not NOT_APPLIED

    @property
    def is_looked_at(self) -> bool:
        """True for a delete that is to be sent right after a look: others wait for it."""
        return self.evidence is not None and self.evidence.since == inf

    def begin_another(self) -> None:
        """Lets another call for the same target follow, with a time and errors of its own; what was sent stays counted."""
        self.deadline, self.last, self.reauthorized = 0.0, None, False

    def end(self) -> None:
        """Forbids every further send."""
        self.ended = True

    def charge(self, error: TursoError, operation: Operation[Any]) -> None:
        """Writes this call's account into its error."""
        error.attempts = self.attempts
        error.maybe_applied = self.may_have_changed and operation.method != "GET"

    def seconds(self, now: float, timeout: Timeout) -> float:
        """Returns the seconds that an attempt may take from now; the first one starts the call's time."""
        if not self.deadline:
            self.deadline = now + timeout.total
        left = self.deadline - now
        # Each attempt comes here, and `min` costs more than a branch.
        return left if left < timeout.attempt else timeout.attempt

    def left(self, now: float) -> float:
        """Returns the seconds until the call's time is over; infinite before it has begun."""
        return self.deadline - now if self.deadline else inf


Attempt = Callable[[Request, Account], Awaitable[bytes]]
"""One send: returns the body of a 2xx answer, or raises an error of this library."""


def is_gone(error: TursoError, operation: Operation[Any]) -> TypeGuard[NotFoundError]:
    """True for a 404 about the very thing that the operation removes, or about what holds it."""
    return isinstance(error, NotFoundError) and error.resource in operation.gone


def confirmation(error: NotFoundError) -> str:
    """Returns the words by which a 404 confirms an earlier attempt."""
    return f"confirmed by 404 ({error.resource} not found)"


def _may_have_applied(error: TursoError) -> bool:
    if isinstance(error, APIError):
        # A gateway sends 502 and 504 after it has passed the request on, and 499 (nginx, gRPC) when it was cancelled
        # under way; 408 and 425 leave it open.
        return error.status >= 500 or error.status in (408, 425, 499)
    return isinstance(error, OutcomeUnknownError | DecodeError)
