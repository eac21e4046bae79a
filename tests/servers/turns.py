"""Counts turns of the event loop: whether others can work, without a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self

from attrs import define, field


@define(eq=False)
class Turns:
    """`with Turns() as turns:` counts the turns of the loop, and calls `each` at each of them."""

    each: Callable[[], object] = int
    now: int = 0
    _task: asyncio.Task[None] | None = field(default=None, init=False)

    async def _count(self) -> None:
        while True:
            self.now += 1
            self.each()
            await asyncio.sleep(0)

    def __enter__(self) -> Self:
        self._task = asyncio.create_task(self._count())
        return self

    def __exit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
