"""RetryPolicy and the tenacity building blocks. The only module that imports tenacity."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import Attribute, field, frozen
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_never, wait_random_exponential
from tenacity.retry import retry_base
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from ._checks import checking, not_negative, whole
from .errors import (
    APIError,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    ProtocolError,
    TursoError,
)

__all__ = ["RetryPolicy", "retry_if_transient", "wait_retry_after"]

# From 520 on: a CDN that has no answer of the server.
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 530)})


class Tries(RetryCallState):
    """Mutable, one for a call that has failed: its failures, as tenacity's strategies read them.

    Two fields tenacity does not know. `excused`: how many of the failures do not count; `looked`: its `idle_for` when
    what has its name was last looked at.
    """

    excused: int = 0
    looked: float = 0.0


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, APIError):
        return error.status in _TRANSIENT
    if isinstance(error, ProtocolError):  # a redirect or a partial answer comes again
        return error.location is None and error.status is None
    if isinstance(error, NotSentError):
        return not error.final
    return isinstance(error, OutcomeUnknownError)


def _retry_after(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return (error.retry_after or 0.0) if isinstance(error, APIError) else 0.0


# Named as tenacity names its strategies.
class wait_retry_after(wait_base):
    """Returns the server's Retry-After plus `jitter`; `jitter` alone without one. Seconds."""

    def __init__(self, jitter: wait_base) -> None:
        self.jitter = jitter

    def __call__(self, retry_state: RetryCallState) -> float:
        return _retry_after(retry_state) + self.jitter(retry_state)


class retry_if_transient(retry_if_exception):
    """Retries transport failures, 408, 425, 429, 500, 502, 503, 504 and 52x: an allow-list of this library's errors."""

    def __init__(self) -> None:
        super().__init__(_is_transient)


def _strategy(*bases: type) -> Callable[[object, Attribute[Any], object], None]:
    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        # tenacity takes plain functions in place of its classes.
        if not isinstance(value, bases) and not inspect.isroutine(value):
            raise ConfigurationError(
                f"retry: {attribute.name} must be a tenacity strategy, as in tenacity.{attribute.name}_..."
            )

    return check


def _awaited(_: object, attribute: Attribute[Any], value: object) -> None:
    # The one mistake that would block the loop without an error.
    if not callable(value) or value is time.sleep:
        raise ConfigurationError(f"retry: {attribute.name} must be an async function of seconds")


_RETRY = (ConfigurationError, "retry: ")


@frozen(kw_only=True)
class RetryPolicy:
    """Decides how often a call is sent. `wait`, `stop` and `retry` take tenacity strategies.

    `attempts` includes the first one; in a plan, a 429 or 503 does not count as long as the server accepts and refuses
    other calls too, and such a retry takes nothing of `budget`. No wait is shorter than the server's Retry-After; one
    longer than `max_retry_after` (seconds) fails the call. `budget`: retries available to all calls of a client
    together, refilled by successes. `sleep` is awaited with the seconds of each backoff. Raises ConfigurationError.
    """

    attempts: int = field(default=4, validator=checking(whole, *_RETRY))
    wait: wait_base = field(
        # Full jitter alone can be nearly 0, which is a hot loop.
        factory=lambda: wait_retry_after(wait_random_exponential(0.5, max=20, min=0.05)),
        validator=_strategy(wait_base),
    )
    stop: stop_base = field(default=stop_never, validator=_strategy(stop_base))
    retry: retry_base = field(factory=retry_if_transient, validator=_strategy(retry_base))
    max_retry_after: float = field(default=60.0, validator=checking(not_negative, *_RETRY))
    budget: int = field(default=500, validator=checking(whole, *_RETRY, least=0))
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep, validator=_awaited)

    def begin(self, seconds: float) -> Tries:
        """Returns the state of one call for tenacity's strategies; the call began this many `seconds` ago.

        Each call that fails has its own: a shared one would mix the counts of concurrent calls.
        """
        state = Tries(_CONTROLLER, None, (), {})
        # For `stop_after_delay`, which counts from the first attempt.
        state.start_time -= seconds
        state.attempt_number = 0
        return state

    def next_wait(self, state: Tries, error: TursoError, *, excused: bool = False) -> float | None:
        """Returns the seconds to wait after one more failure; None when the call is not retried.

        They stay in `state.upcoming_sleep`, where tenacity has them. `excused`: this failure does not count.
        """
        state.attempt_number += 1
        state.excused += excused
        # Without the traceback, whose frames hold the token.
        state.set_exception((type(error), error, None))
        try:
            if self.is_spent(error) or not self.retry(state):
                return None
            # A floor under any strategy, as a caller's own may not know of Retry-After.
            state.upcoming_sleep = max(_retry_after(state), self.wait(state))
            # After the wait is known, which `stop_before_delay` reads.
            if max(1, state.attempt_number - state.excused) >= self.attempts or self.stop(state):
                return None
            state.idle_for += state.upcoming_sleep
            return state.upcoming_sleep
        finally:
            state.outcome = None  # an error that is raised must not be reachable from its own frames

    def is_spent(self, error: TursoError) -> bool:
        """True when the server requires a longer wait than `max_retry_after`."""
        return isinstance(error, APIError) and (error.retry_after or 0.0) > self.max_retry_after


# A state needs one, and the strategies read nothing of it.
_CONTROLLER = AsyncRetrying()
