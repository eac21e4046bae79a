"""One call: attempts until one succeeds or the policy ends it; what was sent decides what a 404 means."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, field

from ._operation import Attempt, CallState, Operation, Request
from ._protocol import could_have_applied
from .errors import ClientClosedError, NotFoundError, TursoError
from .events import OnRetry, retrying
from .retries import RetryPolicy


@define
class RetryBudget:
    """Mutable, one per client: retries in hand. Ten successes buy one back."""

    size: float
    left: float

    def spend(self) -> bool:
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def refill(self) -> None:
        if self.left < self.size:
            self.left += 0.1


Pause = Callable[[float], Awaitable[None]]


@define
class Retrier:
    """How a client's calls are repeated. `pause` sleeps, and ends with ClientClosedError when the client is closed."""

    policy: RetryPolicy | None
    pause: Pause
    on_retry: OnRetry | None
    budget: RetryBudget = field(init=False)

    def __attrs_post_init__(self) -> None:
        size = self.policy.budget if self.policy else 0
        self.budget = RetryBudget(size, size)

    async def run(self, request: Request, attempt: Attempt, state: CallState) -> bytes:
        """The body of the first answer that is a success; else the last error, with the whole call's account."""
        try:
            body = await attempt(request, state)
        except TursoError as error:
            error.with_traceback(None)  # its frames hold the token and the server's text
            if _confirms(error, request.operation, state):
                return b""
            policy = self.policy
            if policy is None or policy.attempts == 1 or policy.is_final(error):
                raise  # from here: a variable of this frame that outlives the clause would make a reference cycle
            failed = state.last = error
        else:
            self.budget.refill()
            return body
        # Only a call that may be repeated pays for a tenacity controller.
        return await self._again(policy, request, attempt, state, failed)

    async def _again(
        self, policy: RetryPolicy, request: Request, attempt: Attempt, state: CallState, failed: TursoError
    ) -> bytes:
        before: list[TursoError] = [failed]

        async def again() -> bytes:
            if before:
                raise before.pop()
            try:
                body = await attempt(request, state)
            except TursoError as error:
                failed = state.last = error.with_traceback(None)
            else:
                self.budget.refill()
                return body
            if _confirms(failed, request.operation, state):
                return b""
            raise failed

        def may_repeat(error: TursoError) -> bool:
            return request.operation.repeatable or not state.maybe_applied

        def out_of(wait: float) -> bool:
            late = bool(state.deadline) and wait >= state.deadline - time.monotonic()
            return late or not self.budget.spend()

        async def sleep(seconds: float) -> None:
            assert state.last is not None  # only a failed call sleeps
            retrying(request, state, seconds, state.last, self.on_retry)
            try:
                await self.pause(seconds)
            except ClientClosedError as error:
                error.attempts, error.maybe_applied = state.attempts, state.maybe_applied
                raise

        started = state.started or time.monotonic()
        return await policy.controller(may_repeat, out_of, started, sleep)(again)


def _confirms(error: TursoError, operation: Operation[Any], state: CallState) -> bool:
    """Is this the 404 that says an earlier attempt has worked? Else bring the error's account up to date."""
    if isinstance(error, NotFoundError) and state.maybe_applied and error.resource in operation.gone:
        state.confirmed_by = error.resource
        return True
    if operation.method != "GET" and could_have_applied(error):
        state.maybe_applied = True
    error.attempts, error.maybe_applied = state.attempts, state.maybe_applied
    return False
