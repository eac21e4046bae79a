"""The gate: one call at a time waits for its turn, so that sends are spaced by a rate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from attrs import Factory, define, field

from .._slots import Slots
from .rate import Rate

Sleep = Callable[[float], Awaitable[None]]
# Seconds by which a sleep is made shorter, at most, as timers end late by about as much; the rest is turns of the loop
GRAIN = 1e-3
NEW = 1 << 30  # the rank of a call that has not been sent yet: behind all that have


def rank(attempts: int) -> int:
    """Returns the place in the line: calls that were sent before are first, and of them those with the fewest sends."""
    return attempts or NEW


def loop_time() -> float:
    """Returns the time of the running event loop."""
    return asyncio.get_running_loop().time()


@define(eq=False)
class Gate:
    """Mutable, of one event loop. `now`: the clock of the rate, in seconds.

    It is `clock`, and ahead of it by all injected sleeps that took no time. Sleeps end late, each by about as much as
    the ones before it: they are made shorter by that.
    """

    rate: Rate
    sleep: Sleep
    clock: Callable[[], float] = loop_time
    now: Callable[[], float] = field(default=Factory(lambda self: self.clock, takes_self=True), init=False)
    _line: Slots = field(factory=lambda: Slots(1))
    _alarm: asyncio.Timeout | None = None
    _ahead: float = 0.0
    _late: float = 0.0

    async def enter(self, attempts: int) -> None:
        """Returns when it is this call's turn and the rate allows a send; `leave` lets the next one in."""
        mine = rank(attempts)
        await self._line.take(rank=mine)
        while (wait := self.rate.wait(self.now(), attempts)) > 0:
            try:
                await self._nap(wait)
            except BaseException:
                self._line.give()  # a call that is cancelled in its turn lets the next one in
                raise
            if self._line.comes_after(mine):  # it came in between, and has fewer attempts behind it
                self._line.give()
                await self._line.take(rank=mine)

    def leave(self) -> None:
        """Lets the next one in."""
        self._line.give()

    def wake(self) -> None:
        """Lets the call that sleeps look again: its turn may have come sooner."""
        if self._alarm is not None:
            self._alarm.reschedule(0.0)
            self._alarm = None

    async def _nap(self, seconds: float) -> None:
        until = self.clock() + seconds
        asked = max(0.0, seconds - self._late)
        alarm = self._alarm = asyncio.timeout(None)
        try:
            async with alarm:
                await self.sleep(asked)
        except TimeoutError:
            # A sleep that is injected may raise a TimeoutError of its own.
            if not alarm.expired():
                raise
        else:
            self._learn(self.clock() - until + seconds - asked, asked)
        finally:
            self._alarm = None

    def _moved(self) -> float:
        return self.clock() + self._ahead

    def _learn(self, late: float, asked: float) -> None:
        if late < -asked / 2:
            self._ahead += asked
            self.now = self._moved
        elif asked:
            self._late += (min(late, GRAIN) - self._late) / 8
