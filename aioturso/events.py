"""What a call tells while it runs: frozen events for the hooks `on_request` and `on_retry`, and the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from attrs import frozen

from ._operation import Attempt, CallState, Request
from .errors import TursoError

E = TypeVar("E")

logger: logging.Logger = logging.getLogger("aioturso")
logger.addHandler(logging.NullHandler())  # else Python prints warnings where nobody has set up logging


@frozen(kw_only=True)
class RequestEvent:
    """One attempt has ended. `path` is the operation's template, which names nothing and so groups well.

    `attempt` counts sends of this call from 1, and is 0 if nothing has been sent; `status` is None without an
    answer; `elapsed` is in seconds, the wait for a place in the pool included.
    """

    operation: str
    method: str
    path: str
    attempt: int
    status: int | None
    elapsed: float
    error: TursoError | None


@frozen(kw_only=True)
class RetryEvent:
    """An attempt has failed and the call will be tried again in `wait` seconds. `attempts`: sends so far."""

    operation: str
    method: str
    path: str
    attempts: int
    wait: float
    error: TursoError


OnRequest = Callable[[RequestEvent], object]
OnRetry = Callable[[RetryEvent], object]


def emit(hook: Callable[[E], object], event: E) -> None:
    """A hook that fails is logged; it never decides what becomes of a call."""
    try:
        hook(event)
    except Exception:
        logger.exception("the hook for %s failed", type(event).__name__)


def observed(attempt: Attempt, hook: OnRequest) -> Attempt:
    """The same, and an event for each."""

    async def observing(request: Request, state: CallState) -> bytes:
        started, before = time.monotonic(), state.attempts
        error: TursoError | None = None
        state.status = 0
        try:
            return await attempt(request, state)
        except TursoError as failed:
            error = failed
            raise
        finally:
            event = RequestEvent(
                operation=request.operation.name,
                method=request.operation.method,
                path=request.operation.path,
                attempt=state.attempts if state.attempts > before else 0,
                status=state.status or None,
                elapsed=time.monotonic() - started,
                error=error,
            )
            emit(hook, event)

    return observing


def retrying(
    request: Request, state: CallState, wait: float, error: TursoError, hook: OnRetry | None
) -> None:
    """Tell the log, and the hook, that a call will be tried again."""
    operation = request.operation
    logger.info("%s; send %d failed, trying again in %.2f s", error, state.attempts, wait)
    if hook is not None:
        event = RetryEvent(
            operation=operation.name,
            method=operation.method,
            path=operation.path,
            attempts=state.attempts,
            wait=wait,
            error=error,
        )
        emit(hook, event)
