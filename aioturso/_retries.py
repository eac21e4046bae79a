"""One call: attempts until one succeeds or the policy ends it; what was sent decides what a 404 means."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define

from ._operation import Answer, CallState, Operation
from ._protocol import could_have_applied
from .errors import NotFoundError, TursoError
from .retries import RetryPolicy

Attempt = Callable[[CallState], Awaitable[Answer]]


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
    operation: Operation[Any],
    policy: RetryPolicy | None,
    budget: RetryBudget,
    attempt: Attempt,
    state: CallState,
) -> Answer:
    """The answer of the first attempt that succeeds; else the last error, with the whole call's account."""
    started = time.monotonic()
    try:
        answer = await _once(operation, attempt, state)
    except TursoError as error:
        if policy is None or policy.attempts == 1:
            raise
        first = error
    else:
        budget.refill()
        return answer
    # Only a call that has failed pays for a tenacity controller.
    return await _again(operation, policy, budget, attempt, state, first, started)


async def _once(operation: Operation[Any], attempt: Attempt, state: CallState) -> Answer:
    try:
        return await attempt(state)
    except TursoError as error:
        if isinstance(error, NotFoundError) and state.maybe_applied and error.resource in operation.gone:
            return Answer(error.status, b"", confirmed_by=error.resource)
        if operation.method != "GET" and could_have_applied(error):
            state.maybe_applied = True
        error.attempts, error.maybe_applied = state.attempts, state.maybe_applied
        state.last = error
        raise


async def _again(
    operation: Operation[Any],
    policy: RetryPolicy,
    budget: RetryBudget,
    attempt: Attempt,
    state: CallState,
    first: TursoError,
    started: float,
) -> Answer:
    failed: list[TursoError] = [first]

    async def again() -> Answer:
        if failed:
            raise failed.pop()
        answer = await _once(operation, attempt, state)
        budget.refill()
        return answer

    def may_repeat(error: TursoError) -> bool:
        return operation.repeatable or not state.maybe_applied

    def out_of(wait: float) -> bool:
        return wait >= state.remaining() or not budget.spend()

    return await policy.controller(may_repeat, out_of, started)(again)
