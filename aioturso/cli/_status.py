"""The progress of a command in one line, which is written every ten seconds where there is no terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from math import isfinite

from attrs import define, field

from ..events import RequestEvent
from ..pace.limiter import Limiter
from ..teardown.progress import Progress

EVERY = 10.0  # seconds: runners take a job that is silent for minutes for a dead one
RUNNING = "running"
Sleep = Callable[[float], Awaitable[object]]


@define(eq=False)
class Status:
    """Mutable: the phase, when it began, how many calls have ended since, and how far a run is."""

    clock: Callable[[], float] = time.monotonic
    phase: str = field(default="listing", init=False)
    calls: int = field(default=0, init=False)
    progress: Progress | None = field(default=None, init=False)
    verifies: bool = field(default=False, init=False)
    _began: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._began = self.clock()

    def enter(self, phase: str) -> None:
        """Begins a phase."""
        self.phase, self.calls, self._began = phase, 0, self.clock()

    def answered(self, _: RequestEvent) -> None:
        """Counts a call."""
        self.calls += 1

    def moved(self, progress: Progress) -> None:
        """Takes how far the run is; after the last target it verifies."""
        self.progress = progress
        if self.verifies and progress.done == progress.total and self.phase != "verifying":
            self.enter("verifying")

    def line(self, limiter: Limiter) -> str:
        """Returns what is going on, and why it is no faster."""
        now = self.progress
        if self.phase == RUNNING and now is not None:
            left = "" if now.remaining is None else f", {now.remaining:.0f} s left"
            done = f"{now.done:,} of {now.total:,} done, {now.rate:.1f}/s{left}"
        else:
            done = f"{self.calls:,} calls in {self.clock() - self._began:.0f} s"
        return f"{self.phase}: {done}{reasons(limiter)}"


def reasons(limiter: Limiter) -> str:
    """Returns why a run is slow, as far as the server is the reason."""
    parts = [f"{limiter.refused:,} refused"] if limiter.refused else []
    parts += [f"the server takes {limiter.pace:.1f}/s"] if limiter.refused and isfinite(limiter.pace) else []
    parts += [f"pausing for {limiter.pausing:.0f} s"] if limiter.pausing > 0 else []
    return "".join(f", {part}" for part in parts)


async def beat(
    status: Status, limiter: Limiter, note: Callable[[str], None], sleep: Sleep = asyncio.sleep
) -> None:
    """Notes the status every ten seconds, until it is cancelled."""
    while True:
        await sleep(EVERY)
        note(status.line(limiter))
