"""How fast: one limiter for all teardowns of a client, which finds the server's pace by itself.

Two limits work together. The window bounds how many sends are out at once: it starts modestly, grows by a quarter
in every round trip, and is halved by a 503 or a timeout. The pace bounds sends per second: there is none until the
first 429. A server that has just refused has nothing left, so that what it accepts from one refusal to the next, by
the time that took, is its rate. From there the pace grows as a window does in CUBIC (RFC 9438): fast from below, flat
around the rate that was found, and beyond it faster and faster, because a rate that causes no refusal is outdated.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from attrs import define, field

from .._account import Account
from .._operation import Request
from .._slots import Slots
from ..errors import RateLimitedError, RequestTimeoutError, ServerError, TursoError

Attempt = Callable[[Request, Account], Awaitable[bytes]]
Sleep = Callable[[float], Awaitable[None]]
Jitter = Callable[[float, float], float]

START = 8  # sends at once
GROWTH = 0.25  # of the window, in each round trip; one send in each when near where the server last objected
MAX_PAUSE = 60.0  # seconds
LATE = 0.002  # seconds a timer may be late without a loss of pace
SURE = 0.05  # a rate is never taken to be known better than this, as a share of it
DOUBT = 3.0  # `high` by `low`, at most
FEW = 20  # sends accepted: fewer say little about a rate
MEMORY = 100  # sends accepted: how much of the past counts beside what is new
PAUSED = 4  # sends that could have been made in a pause: fewer change nothing
SLOWEST = 1.0  # sends per second, also through an outage
CALM = 4.0  # sends, by the share of a rate that is not known: so many before the pace has reached that rate
HOLD = 1.0  # times a pause: how long to stay below the rate after it; three times longer after each
HOLD_MOST = 10.0  # times a pause
TICK = 1e-3  # seconds: a shorter time says nothing about a rate


@define
class _Epoch:
    """What a server accepted since it had nothing left, in how many seconds, after a pause of how many."""

    accepted: float = 0.0
    took: float = 0.0
    paused: float = 0.0

    @property
    def low(self) -> float:
        return max(self.accepted - 1, 0.0) / max(self.took + self.paused, TICK)

    @property
    def high(self) -> float:
        return (self.accepted + 2) / max(self.took, TICK)  # one for rounding, one that overtook another

    def and_then(self, later: _Epoch) -> _Epoch:
        """Both together, unless they contradict each other: then the server's rate has changed."""
        if later.high < self.low or later.low > self.high:
            return later
        accepted = self.accepted + later.accepted
        keep = min(1.0, MEMORY / max(accepted, 1))
        return _Epoch(accepted * keep, (self.took + later.took) * keep, (self.paused + later.paused) * keep)


@define(eq=False)
class Limiter:
    """Mutable. `most`: the pool's size. Times are the event loop's, in seconds; rates are sends per second.

    The server's rate is between `_low` and `_high`.
    """

    most: int
    attempt: Attempt
    sleep: Sleep = asyncio.sleep
    jitter: Jitter = random.uniform
    _loop: asyncio.AbstractEventLoop | None = None
    _ceiling: float = float("inf")
    _window: float = field(init=False)
    _slots: Slots = field(init=False)
    _gate: Slots = field(init=False)
    _out: int = 0
    _objected: bool = False
    _refusals: int = 0
    _refused_at: float = 0.0
    _open_at: float = 0.0
    _next: float = 0.0
    _low: float = 0.0
    _high: float = 0.0
    _flat: float = 1.0
    _grown: int = 0
    _rounds: int = 0
    _since: float = 0.0
    _trip: float = 0.0
    _epoch: _Epoch = field(factory=_Epoch)
    _past: _Epoch = field(factory=_Epoch)

    def __attrs_post_init__(self) -> None:
        self._window = min(START, self.most)
        self._slots, self._gate = Slots(int(self._window)), Slots(1)

    def __repr__(self) -> str:
        pace = f"{self.pace:.1f}/s" if self._refusals else "no limit"
        return f"<Limiter {self._out} in flight of {self.concurrency} of {self.most}, pace {pace}>"

    @property
    def concurrency(self) -> int:
        """Sends that may be out at once."""
        return self._slots.size

    @property
    def pace(self) -> float:
        """Sends per second, at this moment."""
        if not self._refusals:
            return float("inf")
        rate = (self._low + self._high) / 2
        half = max((self._high - self._low) / 2, SURE * rate)
        x = self._grown / self._flat - 1
        return rate + half * x**3 if x < 1 else rate + half + SURE * rate * (x**3 - 1)

    def allow(self, concurrency: int) -> None:
        """Use so many from the start, unless the server has objected before."""
        if not self._objected:
            self._resize(max(self._window, concurrency))

    async def send(self, request: Request, state: Account) -> bytes:
        """One attempt, when it is its turn."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._begin(loop)
        slots = self._slots
        if slots.free > 0:
            slots.free -= 1
        else:
            await slots.take(first=state.attempts > 0)
        try:
            sent = await self._turn(loop, first=state.attempts > 0) if self._refusals else loop.time()
            self._out += 1
            try:
                body = await self.attempt(request, state)
            except TursoError as error:
                self._failed(error, sent, loop.time())
                raise
            finally:
                self._out -= 1
            self._epoch.accepted += 1
            self._grown += 1
            if self._window < self.most:
                near = self._window > 0.9 * self._ceiling
                self._resize(self._window + (1 / self._window if near else GROWTH))
            return body
        finally:
            slots.give()

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Another loop has another clock, and nothing of the one before is left in flight."""
        self._loop = loop
        self._slots, self._gate, self._out = Slots(int(self._window)), Slots(1), 0
        self._since, self._epoch = loop.time(), _Epoch()
        self._refused_at = self._open_at = self._next = float("-inf")

    async def _turn(self, loop: asyncio.AbstractEventLoop, first: bool) -> float:
        """Wait out pause and pace, one caller at a time, and once unless the server objects meanwhile."""
        await self._gate.take(first=first)
        try:
            now = loop.time()
            seen = -1
            while seen != self._refusals and (at := max(self._next, self._open_at)) > now:
                seen = self._refusals
                await self.sleep(at - now)
                now = max(at, loop.time())
            self._next = max(self._next, now - LATE) + 1 / self.pace
            return now
        finally:
            self._gate.give()

    def _failed(self, error: TursoError, sent: float, now: float) -> None:
        wait = 0.0
        if isinstance(error, RateLimitedError | ServerError) and error.retry_after:
            wait = min(error.retry_after, MAX_PAUSE)
            wait += self.jitter(0.0, 0.1 * wait)
        # What was out before the last objection was heard belongs to that one.
        new = sent > self._refused_at
        if isinstance(error, RateLimitedError):
            self._objected = True
            self._refused(new, sent, now, wait)
        elif isinstance(error, RequestTimeoutError) or (
            isinstance(error, ServerError) and error.status == 503
        ):
            self._objected = True
            if new:
                # Those that wait here are not the server's trouble.
                self._ceiling = min(self._window, max(self._out, START))
                self._resize(max(1.0, self._ceiling / 2))
                self._refused_at = now
        if wait and now + wait > self._open_at:
            self._epoch.paused += now + wait - max(self._open_at, now)
            self._open_at = now + wait

    def _refused(self, new: bool, sent: float, now: float, wait: float) -> None:
        epoch = self._epoch
        took = now - self._since
        if new:
            epoch.took = took - epoch.paused
            self._trip = now - sent
            self._learn(epoch, now, wait)
            self._refusals += 1
            self._refused_at, self._grown = now, 0
            self._next = now + 1 / self.pace
        else:
            # Sends went on until the objection was heard, which is one round trip from the one it is about.
            epoch.took = min(took, self._trip)
            if epoch.high < self._high:
                self._believe(min(self._low, epoch.high), epoch.high)

    def _learn(self, epoch: _Epoch, now: float, wait: float) -> None:
        pace = self.pace
        outgrown = self._grown > 2 * self._flat  # slower than the server for most of the time
        total = self._past.and_then(epoch)
        self._past = _Epoch() if outgrown else total
        fresh = True
        if not self._refusals:  # the server has spent what it had saved up: its rate is not higher than this
            self._past = _Epoch()
            low, high = 0.0, epoch.high
        elif epoch.paused * pace > PAUSED:
            high = pace if outgrown else min(epoch.accepted / max(epoch.took, TICK), pace)
            rate = (min(epoch.low, high) + high) / 2
            half = rate * max(SURE, 0.3 / 2**self._rounds)
            low, high = rate - half, rate + half
            self._rounds = min(self._rounds + 1, 4)
        else:
            # From nothing left to nothing left: what was accepted is what there was, unless too little was asked for.
            low, high = min(total.low, pace), pace if outgrown else min(total.high, pace)
            fresh = wait > 0 or epoch.accepted >= FEW
        if fresh:
            self._epoch, self._since = _Epoch(), now
        if self._refusals:
            high = max(high, pace / DOUBT)
        self._believe(low, high, wait)

    def _believe(self, low: float, high: float, wait: float = 0.0) -> None:
        self._high = max(high, SLOWEST)
        self._low = max(min(low, self._high), self._high / DOUBT)
        rate = (self._low + self._high) / 2
        spread = max(SURE, (self._high - self._low) / 2 / rate)
        # Growth shows its effect one round trip late: not faster than what is out then, which the pool limits.
        self._flat = max(CALM / spread, 2 * min(self._trip * rate, self.most))
        held = max(wait, self._epoch.paused) * rate
        if held > PAUSED:
            self._flat = max(self._flat, held * min(HOLD_MOST, HOLD * 3**self._rounds))

    def _resize(self, window: float) -> None:
        self._window = min(window, float(self.most))
        if int(self._window) != self._slots.size:
            self._slots.resize(int(self._window))
