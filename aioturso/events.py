"""The log of a call, and the frozen events of the hooks `on_request` and `on_retry`."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from attrs import frozen

from ._account import Account, Attempt
from ._operation import Request
from .errors import TursoError

__all__ = ["OnRequest", "OnRetry", "RequestEvent", "RetryEvent"]

E = TypeVar("E")

logger: logging.Logger = logging.getLogger("aioturso")
logger.addHandler(logging.NullHandler())  # else Python prints warnings where no logging is set up


@frozen(kw_only=True)
class RequestEvent:
    """Reports that one attempt has ended. `path` is the operation's template, without names: all its calls have one.

    `attempt` counts sends of this call from 1, and is 0 if nothing has been sent; `status` is None without an
    answer; `elapsed` is in seconds and includes the wait for a slot in the pool. An attempt whose token was refused, and
    that was sent once more with another one, is one event, with the number of its last send.
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
    """Reports that an attempt has failed and that the call will be retried in `wait` seconds.

    `attempts`: sends so far.
    """

    operation: str
    method: str
    path: str
    attempts: int
    wait: float
    error: TursoError


OnRequest = Callable[[RequestEvent], object]
"""A plain function that gets each RequestEvent."""
OnRetry = Callable[[RetryEvent], object]
"""A plain function that gets each RetryEvent."""


def emit(hook: Callable[[E], object], event: E) -> None:
    """Calls a hook. One that fails, or returns a coroutine, is logged; it never decides how a call ends."""
    try:
        result = hook(event)
    # A CancelledError is the hook's own, as of another task's result: one of this task comes at an await.
    except (Exception, asyncio.CancelledError):
        logger.exception("the hook for %s failed", type(event).__name__)
        return
    if inspect.iscoroutine(result):
        result.close()  # else Python warns later that it was never awaited
        logger.error("the hook for %s returned a coroutine, which is not awaited", type(event).__name__)


def observed(attempt: Attempt, hook: OnRequest) -> Attempt:
    """Returns the same attempt, which calls the hook each time."""

    async def observing(request: Request, account: Account) -> bytes:
        started, before = time.monotonic(), account.attempts
        error: TursoError | None = None
        account.unanswered()
        try:
            return await attempt(request, account)
        except TursoError as failed:
            error = failed
            raise
        finally:
            event = RequestEvent(
                operation=request.operation.name,
                method=request.operation.method,
                path=request.operation.path,
                attempt=account.attempts if account.attempts > before else 0,
                status=account.status or None,
                elapsed=time.monotonic() - started,
                error=error,
            )
            emit(hook, event)

    return observing


def report_retry(request: Request, account: Account, wait: float, hook: OnRetry | None) -> None:
    """Logs the coming retry and calls `on_retry`."""
    operation, error = request.operation, account.last
    assert error is not None  # only a call that has failed is retried
    logger.info("%s; attempt %d failed, retrying in %.2f s", error, account.attempts, wait)
    if hook is not None:
        event = RetryEvent(
            operation=operation.name,
            method=operation.method,
            path=operation.path,
            attempts=account.attempts,
            wait=wait,
            error=error,
        )
        emit(hook, event)
