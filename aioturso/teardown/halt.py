"""A stop that reaches every run of a plan, whether it has begun or not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from attrs import define, field

from .._exits import Exit, start

STOPPED = "stopped"
T = TypeVar("T")


class Stopped(Exception):
    """A wait was ended by a stop."""


Listener = Callable[[], object]


@define(eq=False)
class Halt:
    """Mutable: the reason of the stop, empty before there is one, and what each run does when it comes."""

    reason: str = ""
    listeners: list[tuple[asyncio.AbstractEventLoop, Listener]] = field(factory=list, init=False)

    def stop(self) -> None:
        """Stops. Every thread and every handler of a signal may call it."""
        self.reason = STOPPED
        current = asyncio._get_running_loop()
        for loop, listener in tuple(self.listeners):  # a copy: one of them may leave the list
            if loop is current:
                listener()
            # Also in the loop's own thread: the handler of a signal does not wake a loop that waits.
            with suppress(RuntimeError):  # it was closed under its run
                loop.call_soon_threadsafe(listener)

    @contextmanager
    def when_stopped(self, listener: Listener) -> Iterator[None]:
        """Calls the listener, in this loop, when a stop comes, or when one has come.

        Once at least: the handler of a signal interrupts whatever runs, which may come to a wait after the first call.
        """
        heard = asyncio.get_running_loop(), listener
        self.listeners.append(heard)
        try:
            # It may have come from another thread in the moment before.
            if self.reason:
                listener()
            yield
        finally:
            self.listeners.remove(heard)

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """Returns the result of some work; a stop cancels it and raises Stopped."""
        task, current = start(work), asyncio.current_task()
        assert current is not None  # coroutines of this library run in tasks
        before = current.cancelling()

        def cancel() -> None:
            # A second cancellation would end what the first one lets its work do at its end.
            if not task.cancelling():
                task.cancel()

        try:
            with self.when_stopped(cancel):
                return await task
        except Exit as end:
            raise end.error from None
        except asyncio.CancelledError:
            # The caller's own cancellation may have come in the same moment, and wins.
            if not self.reason or current.cancelling() > before:
                raise
        finally:
            task.cancel()
        raise Stopped
