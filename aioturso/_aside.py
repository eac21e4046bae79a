"""Work in a thread that nothing waits for: what it reads may be a pipe that never ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def aside(function: Callable[..., T], *args: object) -> T:
    """Returns the function's result. A cancellation ends the wait at once; the thread ends with the process."""
    loop = asyncio.get_running_loop()
    coming: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if coming.done():  # cancelled
            return
        if error is not None:
            coming.set_exception(error)
        else:
            coming.set_result(result)  # type: ignore[arg-type]  # without an error there is a result

    def work() -> None:
        result, failed = None, None
        try:
            result = function(*args)
        except Exception as error:
            failed = error
        with suppress(RuntimeError):  # the loop is closed: the result is not needed any more
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=work, daemon=True).start()
    return await coming
