"""RetryPolicy and the tenacity building blocks. The only module that imports tenacity."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from attrs import field, frozen, validators
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_never, wait_random_exponential
from tenacity.retry import retry_base
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from .errors import APIError, NotSentError, ProtocolError, RequestTimeoutError, TursoError
from .errors import OutcomeUnknownError as _Unknown

_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 530)})


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, APIError):
        return error.status in _TRANSIENT
    if isinstance(error, ProtocolError):
        return error.location is None and error.status is None
    return isinstance(error, NotSentError | RequestTimeoutError | _Unknown)


def _retry_after(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return (error.retry_after or 0.0) if isinstance(error, APIError) else 0.0


class wait_retry_after(wait_base):
    """The server's Retry-After as a floor, with `jitter` on top of it; `jitter` alone without one. Seconds."""

    def __init__(self, jitter: wait_base) -> None:
        self.jitter = jitter

    def __call__(self, retry_state: RetryCallState) -> float:
        return _retry_after(retry_state) + self.jitter(retry_state)


class retry_if_transient(retry_if_exception):
    """Transport failures, 408, 425, 429, 500, 502, 503, 504 and 52x: an allow-list of our own errors."""

    def __init__(self) -> None:
        super().__init__(_is_transient)


@frozen(kw_only=True)
class RetryPolicy:
    """How often a call is tried. `wait`, `stop` and `retry` take tenacity strategies.

    `attempts` counts the first one. No wait is shorter than the server's Retry-After; one longer than
    `max_retry_after` (seconds) fails the call. `budget`: retries in hand for all of a client's calls
    together, refilled by successes.
    """

    attempts: int = field(default=4, validator=validators.ge(1))
    wait: wait_base = field(factory=lambda: wait_retry_after(wait_random_exponential(0.5, max=20, min=0.05)))
    stop: stop_base = stop_never
    retry: retry_base = field(factory=retry_if_transient)
    max_retry_after: float = 60.0
    budget: int = 500
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def is_final(self, error: TursoError) -> bool:
        """Would the usual strategy not retry it? Then a clean refusal, such as a 404, needs no controller."""
        return type(self.retry) is retry_if_transient and not _is_transient(error)

    def controller(
        self,
        may_repeat: Callable[[TursoError], bool],
        out_of: Callable[[float], bool],
        started: float,
        sleep: Callable[[float], Awaitable[None]],
    ) -> AsyncRetrying:
        """A fresh controller for one call that has failed once. `out_of(wait)`: no time or budget is left."""

        def retry(state: RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome else None
            if not isinstance(error, TursoError) or not may_repeat(error):
                return False
            if isinstance(error, APIError) and (error.retry_after or 0.0) > self.max_retry_after:
                return False
            return bool(self.retry(state))

        def wait(state: RetryCallState) -> float:
            return max(_retry_after(state), self.wait(state))

        def stop(state: RetryCallState) -> bool:
            return state.attempt_number >= self.attempts or self.stop(state) or out_of(state.upcoming_sleep)

        def before(state: RetryCallState) -> None:
            state.start_time = started

        return AsyncRetrying(sleep=sleep, wait=wait, stop=stop, retry=retry, before=before, reraise=True)
