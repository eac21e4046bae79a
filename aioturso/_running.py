"""The calls that run, which `close` ends wherever each of them waits."""

from __future__ import annotations

import asyncio

from attrs import define, field

_TURNS = 100  # of the loop: a task that suppresses its cancellation is not waited for


@define
class Running:
    """Mutable, one per pool: the tasks that are inside a call, and how often each had been cancelled before.

    A call that runs inside another one of the same task belongs to that one.
    """

    tasks: dict[asyncio.Task[object], int] = field(factory=dict, init=False)
    ended: set[asyncio.Task[object]] = field(factory=set, init=False)

    def enter(self) -> asyncio.Task[object] | None:
        """Notes that the running task begins a call; None when it is inside one already."""
        task = asyncio.current_task()
        if task is None or task in self.tasks:
            return None
        self.tasks[task] = task.cancelling()
        return task

    def leave(self, task: asyncio.Task[object]) -> None:
        """Notes that the call is over."""
        del self.tasks[task]
        if task in self.ended:  # the cancellation was lost on its way
            self.ended.remove(task)
            task.uncancel()

    def cancelled(self, task: asyncio.Task[object]) -> bool:
        """True when a CancelledError in this task is the work of `end` alone, and is now taken back."""
        if task not in self.ended:
            return False
        self.ended.remove(task)
        return task.uncancel() <= self.tasks[task]

    async def end(self) -> None:
        """Cancels every call but the caller's own, and waits until each has taken notice."""
        caller = asyncio.current_task()
        for task in list(self.tasks):
            if (
                task is not caller
                and task not in self.ended
                and task.get_loop() is asyncio.get_running_loop()
            ):
                self.ended.add(task)
                task.cancel()
        for _ in range(_TURNS):
            if not self.ended:
                break
            await asyncio.sleep(0)
