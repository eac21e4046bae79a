"""A semaphore that serves returning callers first."""

from __future__ import annotations

import asyncio
from collections import deque

from attrs import define, field


@define
class Slots:
    """Mutable, one per event loop: free places, and those that wait for one, in order."""

    size: int
    free: int = field(init=False)
    waiting: deque[asyncio.Future[None]] = field(factory=deque, init=False)

    def __attrs_post_init__(self) -> None:
        self.free = self.size

    @property
    def taken(self) -> int:
        """Places in use."""
        return self.size - self.free

    def take_now(self) -> bool:
        """Takes a free place; False when there is none."""
        if self.free <= 0:
            return False
        self.free -= 1
        return True

    async def take(self, *, first: bool) -> None:
        """Waits for a place; `first`: before all that wait (a call that comes back from its backoff)."""
        if self.take_now():
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if first:
            self.waiting.appendleft(turn)
        else:
            self.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was handed over in the same moment
                self.give()
            raise

    def resize(self, size: int) -> None:
        """Sets the number of places; those in use are given back in their own time."""
        self.free += size - self.size
        self.size = size
        while self.free > 0 and self.waiting:
            self.free -= 1
            self.give()

    def give(self) -> None:
        """Hands a place to the first that still waits."""
        while self.waiting and self.free >= 0:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1
