"""The pulse of a pool's deletes: finds a machine that slept, and a new token, after which a name may be another thing's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import TypeVar

from attrs import define

from .errors import NotSentError

T = TypeVar("T")
GAP = 70.0
"""Seconds: more than the minute that a server may require, in which nothing is sent."""
_TICK = 20.0  # seconds, several of them in a gap
_LOOKS = 5  # in a row, each of them with a gap in it


class Overdue(Exception):
    """A delete was about to be sent late: its evidence is old, or was listed for another user."""


@define(eq=False)
class Pulse:
    """Mutable. `at`: when it last beat; `gaps`: how often the time between two beats was too long, or another token came.

    `tokens`: how many other tokens have come. It beats when a delete with evidence is sent, and at regular times while a
    run or a look is under way. By the clock of the system, as the monotonic one may stand still while a machine sleeps;
    one that jumps costs a look.
    """

    at: float = 0.0
    gaps: int = 0
    tokens: int = 0

    def rotated(self) -> None:
        """Notes that another token has come, which may be another user's."""
        self.tokens += 1
        self.gaps += 1

    def beat(self) -> int:
        """Notes this moment, and returns the number of gaps so far."""
        now = time.time()
        if abs(now - self.at) > GAP:
            self.gaps += 1
        self.at = now
        return self.gaps

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Beats at regular times, so that a wait for an answer or a turn, however long, is no gap."""
        loop = asyncio.get_running_loop()
        timer: asyncio.TimerHandle

        def tick() -> None:
            nonlocal timer
            self.beat()
            timer = loop.call_later(_TICK, tick)

        tick()
        try:
            yield
        finally:
            timer.cancel()

    async def fresh(self, look: Callable[[], Awaitable[T]]) -> T:
        """Returns the result of a look or a list; repeats it after a gap within it, which may have made it old.

        Raises NotSentError if each of five has a gap in it.
        """
        with self.ticking():
            for _ in range(_LOOKS):
                before = self.beat()
                found = await look()
                if self.beat() == before:
                    return found
        raise NotSentError(
            f"nothing was sent: the machine slept, its clock was set or its token changed in each of {_LOOKS} looks",
            final=True,
        )


@define(eq=False)
class Evidence:
    """Mutable, of one delete: when its target was last known to be what is meant. It is made while the pulse is ticking.

    - `uuid`: the target's, which a look can compare; without one, there is a look only after a gap or a long wait
    - `gaps`: those of the pulse when the target was last known
    - `since`: when that was, by the clock of the system; infinite from a look to the next failure
    """

    pulse: Pulse
    uuid: str | None
    gaps: int
    since: float

    def is_late(self) -> bool:
        """True if a delete that is about to be sent needs a look: it has waited long, or there was a gap."""
        return self.gaps != self.pulse.beat() or self.pulse.at - self.since > GAP

    def looked(self) -> None:
        """Notes a look, which has found what is meant."""
        self.gaps, self.since = self.pulse.gaps, inf

    def failed(self) -> None:
        """Notes a send that has failed: the time for the next look begins, unless it has begun."""
        self.since = min(self.since, time.time())
