"""Long lists in the event loop: a bounded gather, and turns for others in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from .._exits import Exit, start

A = TypeVar("A")
B = TypeVar("B")
_TURN = 256  # items, after which the event loop runs
AT_ONCE = 16  # lists that are read at the same time; the limiter paces them


async def in_parts(items: Sequence[A]) -> AsyncIterator[Sequence[A]]:
    """Yields the items some at a time, and lets the event loop run in between: there may be very many."""
    for first in range(0, len(items), _TURN):
        if first:
            await asyncio.sleep(0)
        yield items[first : first + _TURN]


async def in_turns(items: Iterable[A]) -> AsyncIterator[A]:
    """Yields the items, and lets the event loop run now and then: there may be very many."""
    for count, item in enumerate(items, 1):
        yield item
        if count % _TURN == 0:
            await asyncio.sleep(0)


async def spread(function: Callable[[A], Awaitable[B]], items: Iterable[A]) -> list[B]:
    """Returns the function's results in order, computed some at a time; the first error ends them all."""
    queue = enumerate(items)
    results: dict[int, B] = {}

    async def work() -> None:
        for index, item in queue:
            results[index] = await function(item)
            # The function may not wait at all, as for what needs no call.
            if (index + 1) % _TURN == 0:
                await asyncio.sleep(0)

    workers = [start(work()) for _ in range(AT_ONCE)]
    try:
        await asyncio.gather(*workers)
    except Exit as end:
        raise end.error from None
    finally:
        # When this returns or raises, nothing of it is running.
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [results[index] for index in sorted(results)]
