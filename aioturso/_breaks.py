"""Long breaks: times in which a run has begun nothing, as on a machine that slept. What was listed before one may be out of date."""

from __future__ import annotations

import time

from attrs import define, field


class Overtaken(Exception):
    """A long break has come between a call and its send. Nothing was sent."""


@define(eq=False)
class Breaks:
    """Mutable, one per run: its breaks so far (`count`), and when it last sent for a target, in epoch seconds (`last`).

    `longest`: seconds that are no break. By the clock of the system, as the monotonic one may stand still while a machine
    sleeps; one that jumps costs a list.
    """

    longest: float
    last: float = field(factory=time.time)
    count: int = 0

    def begin(self, since: int) -> None:
        """Notes a send of now; raises Overtaken if there are more breaks than `since`, when its call began."""
        now = time.time()
        if abs(now - self.last) > self.longest:
            self.count += 1
        self.last = now
        if self.count > since:
            raise Overtaken
