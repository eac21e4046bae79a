"""Calls around whether something exists: is it there, create or get it, wait until it is gone."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from .. import _checks
from .._calls import Calls
from .._operation import Operation
from ..errors import ConflictError, NotFoundError, RequestTimeoutError, TursoError

T = TypeVar("T")


async def exists(calls: Calls, get: Operation[Any], kind: str, *names: str) -> bool:
    """Returns whether a thing exists. Only the API's own 404 about that thing is False; other errors are raised."""
    try:
        await calls.call(get, *names)
    except NotFoundError as error:
        if error.resource != kind:
            raise
        return False
    return True


async def ensured(
    create: Coroutine[Any, Any, T], get: Callable[[], Awaitable[T]], fits: Callable[[T], bool]
) -> T:
    """Returns what was created, or what has the name when that is taken or no usable answer came.

    Raises ConflictError when what has the name does not fit.
    """
    try:
        return await create
    except TursoError as error:
        if not isinstance(error, ConflictError) and not error.maybe_applied:
            raise
        failed = error.with_traceback(None)
    try:
        found = await get()
    except NotFoundError:
        raise failed from None
    if not fits(found):
        raise failed
    return found


async def until_gone(
    calls: Calls, get: Operation[Any], kind: str, *names: str, timeout: float, every: float
) -> None:
    """Returns once a thing is gone; looks every few seconds, and raises RequestTimeoutError when time is over."""
    limit, pause = _checks.positive(timeout, "timeout"), _checks.positive(every, "every")
    started, waited = time.monotonic(), 0.0
    while await exists(calls, get, kind, *names):
        # A sleep that is injected takes no time: its seconds count all the same.
        if max(waited, time.monotonic() - started) + pause > limit:
            target, organization = "/".join(names), calls.organization
            raise RequestTimeoutError(
                f"wait until {kind} is gone: {target} (organization {organization}) still exists after {limit:g} s",
                operation=f"wait until {kind} is gone",
                organization=organization,
                target=target,
                host=calls.base.host,
            )
        await calls.pause(pause)
        waited += pause
