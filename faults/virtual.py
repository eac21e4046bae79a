"""Time that passes only when nothing else happens, for the event loop and for `time.monotonic` alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from attrs import define, field

QUIET = 12  # turns of the loop in which nothing moves: then time passes until the next timer
HANGING = (
    5000  # such turns without a timer: what waits then waits for ever, and the test's own limit may end it
)
FAR = 1e6  # seconds; that limit is further ahead


@define(eq=False)
class Time:
    """Mutable: `turned` is by how many seconds `time.monotonic` is ahead of the machine, `wall` that for `time.time`."""

    turned: float = 0.0
    wall: float = 0.0
    _monotonic: Callable[[], float] = field(default=time.monotonic, init=False)
    _time: Callable[[], float] = field(default=time.time, init=False)

    def monotonic(self) -> float:
        """Returns the seconds of a clock that is never set back."""
        return self._monotonic() + self.turned

    def time(self) -> float:
        """Returns the seconds of a clock that anyone may set."""
        return self._time() + self.turned + self.wall

    def jump(self, loop: asyncio.AbstractEventLoop, most: float) -> None:
        """Turns the time on to the loop's next timer, if that is at most so many seconds ahead."""
        timers = [handle.when() for handle in loop._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
        ahead = min(timers, default=float("inf")) - loop.time()
        if ahead <= most:
            self.turned += max(0.0, ahead) + 0.001

    async def passing(self, moved: Callable[[], int]) -> None:
        """Turns the time on for ever, each time that `moved` has stayed the same for some turns of the loop."""
        loop, before, quiet = asyncio.get_running_loop(), (-1, 0.0), 0
        while True:
            await asyncio.sleep(0)
            now = moved(), self.turned
            quiet = quiet + 1 if now == before else 0
            before = now
            if quiet > QUIET:
                self.jump(loop, most=10 * FAR if quiet > HANGING else FAR)


@contextmanager
def virtual_time() -> Iterator[Time]:
    """Puts a Time in the place of the machine's, for the loops of asyncio too."""
    clock = Time()
    time.monotonic, time.time = clock.monotonic, clock.time
    try:
        yield clock
    finally:
        time.monotonic, time.time = clock._monotonic, clock._time
