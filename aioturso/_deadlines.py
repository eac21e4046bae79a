"""Time limits of attempts: the usual ones are all as long, so they end in the order in which they started."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

from attrs import define, field


@define(eq=False)
class Deadlines:
    """Mutable, one per event loop: the usual attempts in flight, oldest first, and one timer for the oldest.

    A timer and its context for each request, as aiohttp has them, cost 7 % of the request.
    """

    loop: asyncio.AbstractEventLoop
    usual: float
    running: dict[Deadline, float] = field(factory=dict, init=False)
    timer: asyncio.TimerHandle | None = field(default=None, init=False)

    def arm(self) -> None:
        """Sets the timer for the oldest; it is left alone when the attempt that it was for ends."""
        self.timer = None
        # The first one of a dict is the oldest.
        for end in self.running.values():
            self.timer = self.loop.call_at(end, self._expire, end)
            break

    def _expire(self, now: float) -> None:
        # A loop may call a moment early by its own clock: the time that was set decides.
        for deadline in [deadline for deadline, end in self.running.items() if end <= now]:
            del self.running[deadline]
            deadline.expire()
        self.arm()


@define(eq=False)
class Deadline:
    """One attempt of the running task, as a context: raises TimeoutError after `seconds`, just as `asyncio.timeout`."""

    deadlines: Deadlines
    seconds: float
    task: asyncio.Task[Any]
    cancelling: int = field(init=False)
    own: asyncio.TimerHandle | None = None
    expired: bool = False

    def __enter__(self) -> None:
        shared = self.deadlines
        self.cancelling = self.task.cancelling()
        end = shared.loop.time() + self.seconds
        # Another length would break the order of the others.
        if self.seconds != shared.usual:
            self.own = shared.loop.call_at(end, self.expire)
            return
        shared.running[self] = end
        if shared.timer is None:
            shared.arm()

    def expire(self) -> None:
        """Cancels the task, which is suspended inside this context."""
        self.expired, self.own = True, None
        self.task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.expired:
            # Another's cancellation, though it came in the same moment, is not ours to end.
            if self.task.uncancel() <= self.cancelling and kind is asyncio.CancelledError:
                raise TimeoutError from error
        elif self.own is not None:
            self.own.cancel()
        else:
            del self.deadlines.running[self]
