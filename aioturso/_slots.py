"""A semaphore whose returning callers go first."""

from __future__ import annotations

import asyncio
from collections import deque

from attrs import define, field


@define
class Slots:
    """Mutable, one per event loop: free places, and who waits for one, in order."""

    size: int
    free: int = field(init=False)
    waiting: deque[asyncio.Future[None]] = field(factory=deque, init=False)

    def __attrs_post_init__(self) -> None:
        self.free = self.size

    @property
    def taken(self) -> int:
        """Places in use."""
        return self.size - self.free

    async def take(self, *, first: bool) -> None:
        """Wait for a place; `first`: before all who wait (a call that comes back from its back-off)."""
        if self.free > 0:
            self.free -= 1
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
        """Other places from now on; those in use are given back in their own time."""
        self.free += size - self.size
        self.size = size
        while self.free > 0 and self.waiting:
            self.free -= 1
            self.give()

    def give(self) -> None:
        """Hand a place to the first who still waits."""
        while self.waiting and self.free >= 0:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1
