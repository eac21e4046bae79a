"""A stop that reaches every run of a plan, whether it has begun or not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from attrs import define, field

from .._exits import Exit, held

STOPPED = "stopped"
T = TypeVar("T")


class Stopped(Exception):
    """A wait was ended by a stop."""


@define(eq=False)
class Halt:
    """Mutable: the reason of the stop, empty before there is one, and the runs that have to know of it."""

    reason: str = ""
    listeners: list[Callable[[], None]] = field(factory=list, init=False)

    def stop(self, reason: str = STOPPED) -> None:
        """Stops; the first reason stays."""
        self.reason = self.reason or reason
        for listener in tuple(self.listeners):  # a copy: one of them may leave the list
            listener()

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """Returns the result of some work; a stop cancels it and raises Stopped."""
        if self.reason:
            work.close()  # never begun; Python would warn that it was not awaited
            raise Stopped
        task, current = held(work), asyncio.current_task()
        assert current is not None  # coroutines of this library run in tasks
        before = current.cancelling()

        def cancel() -> None:
            task.cancel()

        self.listeners.append(cancel)
        try:
            return await task
        except Exit as end:
            raise end.error from None
        except asyncio.CancelledError:
            # The caller's own cancellation may have come in the same moment, and wins.
            if not self.reason or current.cancelling() > before:
                raise
        finally:
            self.listeners.remove(cancel)
            task.cancel()
        raise Stopped
