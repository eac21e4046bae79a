"""One call: attempts until one succeeds or the policy ends it; what was sent decides what a 404 means."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from attrs import define

from ._protocol import could_have_applied
from ._transport import Answer, CallState
from .errors import NotFoundError, TursoError
from .operation import Operation
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
        self.left = min(self.size, self.left + 0.1)


async def run(
    operation: Operation,
    policy: RetryPolicy | None,
    budget: RetryBudget,
    attempt: Callable[[CallState], Awaitable[Answer]],
) -> Answer:
    """The answer of the first attempt that succeeds; else the last error, with the whole call's account."""
    state = CallState()
    started = time.monotonic()

    async def once() -> Answer:
        try:
            answer = await attempt(state)
        except TursoError as error:
            if isinstance(error, NotFoundError) and state.maybe_applied and error.resource in operation.gone:
                return Answer(error.status, b"", state.attempts, confirmed_by=error.resource)
            if operation.method != "GET":
                state.maybe_applied |= could_have_applied(error)
            error.attempts, error.maybe_applied = state.attempts, state.maybe_applied
            state.last = error
            raise
        budget.refill()
        return answer

    first: TursoError | None = None
    try:
        return await once()
    except TursoError as error:
        if policy is None or policy.attempts == 1:
            raise
        first = error

    async def again() -> Answer:
        nonlocal first
        if first is None:
            return await once()
        error, first = first, None
        raise error

    def may_repeat(error: TursoError) -> bool:
        return operation.repeatable or not state.maybe_applied

    def out_of(wait: float) -> bool:
        return wait >= state.remaining() or not budget.spend()

    return await policy.controller(may_repeat, out_of, started)(again)
