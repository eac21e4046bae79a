"""Outcomes on their way from workers to one reader."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

from attrs import define, field

T = TypeVar("T")


@define(eq=False)
class Outbox(Generic[T]):
    """Mutable: a queue that never refuses an item, and lets writers wait while it holds `size` or more (`is_full`)."""

    size: int
    is_full: bool = field(default=False, init=False)
    _items: deque[T] = field(factory=deque, init=False)
    _news: asyncio.Event = field(factory=asyncio.Event, init=False)
    _room: asyncio.Event = field(factory=asyncio.Event, init=False)
    _closed: bool = field(default=False, init=False)

    def put(self, item: T) -> None:
        """Adds an item at once."""
        self._items.append(item)
        count = len(self._items)
        # The reader takes all that is there: one wake-up is enough.
        if count == 1:
            self._news.set()
        if count >= self.size:
            self.is_full = True
            self._room.clear()

    async def room(self) -> None:
        """Waits until the reader has caught up."""
        await self._room.wait()

    def close(self) -> None:
        """Lets the reader end when it has taken all items."""
        self._closed = True
        self._news.set()

    async def take(self) -> list[T]:
        """Waits for items and returns all of them; an empty list after the last one."""
        while not self._items and not self._closed:
            self._news.clear()
            await self._news.wait()
        return self.drain()

    def drain(self) -> list[T]:
        """Returns the items that are there, and takes them."""
        items = list(self._items)
        self.is_full = False
        self._room.set()
        self._items.clear()
        return items
