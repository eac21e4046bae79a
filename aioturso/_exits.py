"""KeyboardInterrupt and SystemExit on their way out of a task that the caller does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Exit(Exception):
    """Holds one of the two, which as it is would end the event loop, and lose what the caller's task knows."""

    def __init__(self, error: BaseException) -> None:
        self.error: BaseException = error


def start(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Starts some work in a task of its own, which raises Exit in place of what would end the loop."""
    task = asyncio.ensure_future(_guarded(work))
    task.add_done_callback(lambda _: work.close())  # a task that is cancelled at once never begins it
    return task


async def _guarded(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except (KeyboardInterrupt, SystemExit) as error:
        raise Exit(error) from None
