"""The calls that run, which `close` ends wherever each of them waits."""

from __future__ import annotations

import asyncio
from typing import Any

from attrs import define, field

_Task = asyncio.Task[Any]
_TURNS = 100  # of the loop: a task that suppresses its cancellation is not waited for


@define
class Running:
    """Mutable, one per pool: the tasks that are inside a call.

    A call that runs inside another one of the same task belongs to that one. `tasks`: each with how often it had been
    cancelled when its call began, as a cancellation of the caller's may be under way when `end` adds its own.
    `ended`: those that `end` has cancelled.
    """

    tasks: dict[_Task, int] = field(factory=dict, init=False)
    ended: dict[_Task, int] = field(factory=dict, init=False)

    def forget(self, task: _Task) -> None:
        """Takes back a cancellation of `end` that came too late to end the call."""
        if task in self.ended:
            del self.ended[task]
            task.uncancel()

    def cancelled(self, task: _Task) -> bool:
        """True when a CancelledError in this task is the work of `end` alone, and is now taken back."""
        if task not in self.ended:
            return False
        return task.uncancel() <= self.ended.pop(task)

    async def end(self) -> None:
        """Cancels every call but the caller's own, and waits until each has taken notice."""
        caller = asyncio.current_task()
        for task, before in list(self.tasks.items()):
            # A hook that closes the client is in a call itself; another loop's task cannot be cancelled from here.
            ours = task is not caller and task.get_loop() is asyncio.get_running_loop()
            if ours and task not in self.ended:
                self.ended[task] = before
                task.cancel()
        for _ in range(_TURNS):
            if not self.ended:
                break
            await asyncio.sleep(0)  # one turn, in which tasks meet their cancellation
