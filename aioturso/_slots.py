"""A semaphore that serves by rank: a call that is sent again does not wait behind new ones."""

from __future__ import annotations

import asyncio
from heapq import heappop, heappush

from attrs import define, field

Turn = asyncio.Future[None]


@define
class Slots:
    """Mutable, one per event loop: free places, and those that wait for one, by rank and then in order of arrival."""

    size: int
    free: int = field(init=False)
    waiting: list[tuple[int, int, Turn]] = field(factory=list, init=False)
    _came: int = 0  # breaks ties: futures cannot be compared

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

    async def take(self, *, rank: int) -> None:
        """Waits for a place, before all whose rank is higher."""
        if self.take_now():
            return
        turn: Turn = asyncio.get_running_loop().create_future()
        self._came += 1
        heappush(self.waiting, (rank, self._came, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was handed over in the same moment
                self.give()
            raise

    def comes_after(self, rank: int) -> bool:
        """True when one with a lower rank waits."""
        # Cancelled ones stay in the heap until they are first.
        while self.waiting and self.waiting[0][2].done():
            heappop(self.waiting)
        return bool(self.waiting) and self.waiting[0][0] < rank

    def resize(self, size: int) -> None:
        """Sets the number of places; those in use are given back in their own time."""
        if size == self.size:
            return
        self.free += size - self.size
        self.size = size
        while self.free > 0 and self.waiting:
            self.free -= 1
            self.give()

    def give(self) -> None:
        """Hands a place to the first that still waits."""
        # Below zero after a pool has shrunk: then a place that comes back is not handed on.
        while self.waiting and self.free >= 0:
            *_, turn = heappop(self.waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1
