"""How fast: one limiter for all teardowns of a client, which finds the server's pace by itself.

Two limits work together. The window bounds how many sends are out at once: it starts modestly, grows by half in
every round trip until the server first objects, and slowly from then on. The pace bounds sends per second: there
is none until the first 429, and from then on it follows what the server accepted. Between two 429s a token bucket
starts empty and ends empty, so that the successes in between, by the time they took, are its rate.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from attrs import define, field

from .._operation import CallState, Request
from .._slots import Slots
from ..errors import RateLimitedError, RequestTimeoutError, ServerError, TursoError

Attempt = Callable[[Request, CallState], Awaitable[bytes]]
Sleep = Callable[[float], Awaitable[None]]
Jitter = Callable[[float, float], float]

START = 8  # sends at once
FEW = 8  # successes that say too little about a rate
MAX_PAUSE = 60.0  # seconds
WASTED = 0.025  # the share of sends that may be refused while the limit is felt for
PAUSED = 0.05  # and the share of time that may go by in pauses


@define(eq=False)
class Limiter:
    """Mutable. `most`: the pool's size. Times are the event loop's, in seconds; rates are sends per second."""

    most: int
    attempt: Attempt
    sleep: Sleep = asyncio.sleep
    jitter: Jitter = random.uniform
    pace: float = float("inf")
    _slots: Slots = field(init=False)
    _window: float = START
    _growth: float = 0.02
    _objections: int = 0
    _objected_at: float = float("-inf")
    _open_at: float = float("-inf")
    _next: float = float("-inf")
    _epoch: _Epoch = field(factory=lambda: _Epoch(None))
    _last: _Epoch | None = None

    def __attrs_post_init__(self) -> None:
        self._window = min(START, self.most)
        self._slots = Slots(int(self._window))

    def __repr__(self) -> str:
        pace = "no limit" if self.pace == float("inf") else f"{self.pace:.1f}/s"
        return f"<Limiter {self._slots.taken} in flight of {self.concurrency} of {self.most}, pace {pace}>"

    @property
    def concurrency(self) -> int:
        """Sends that may be out at once."""
        return self._slots.size

    def allow(self, concurrency: int) -> None:
        """Use so many from the start, unless the server has objected before."""
        if not self._objections:
            self._resize(max(self._window, concurrency))

    async def send(self, request: Request, state: CallState) -> bytes:
        """One attempt, when it is its turn."""
        slots = self._slots
        if slots.free > 0:
            slots.free -= 1
        else:
            await slots.take(first=state.attempts > 0)
        try:
            loop = asyncio.get_running_loop()
            if not self._epoch.since:
                self._epoch.since = loop.time()
            sent = await self._turn(loop) if self._objections else loop.time()
            try:
                body = await self.attempt(request, state)
            except TursoError as error:
                self._failed(error, sent, loop.time())
                raise
            self._succeeded(sent)
            return body
        finally:
            slots.give()

    async def _turn(self, loop: asyncio.AbstractEventLoop) -> float:
        """Wait out pause and pace; the time of the send. An objection in the meantime makes it queue again."""
        now = loop.time()
        while True:
            seen = self._objections
            at = max(now, self._open_at, self._next)
            self._next = at + 1 / self.pace
            if at <= now:
                return now
            await self.sleep(at - now)
            now = max(at, loop.time())
            if seen == self._objections:
                return now

    def _succeeded(self, sent: float) -> None:
        epoch = self._epoch
        if sent >= epoch.since:
            epoch.successes += 1
            if self._objections:
                # The longer it goes well, the bolder: the server may have become faster.
                boldness = max(1.0, epoch.successes / epoch.expected) ** 2
                self.pace *= 1 + min(self._growth * boldness, 0.05)
        if self._window < self.most:
            self._resize(self._window + (1 / self._window if self._objections else 0.5))

    def _failed(self, error: TursoError, sent: float, now: float) -> None:
        if isinstance(error, RateLimitedError) or (isinstance(error, ServerError) and error.status == 503):
            wait = min(error.retry_after or 0.0, MAX_PAUSE)
            wait += self.jitter(0.0, 0.1 * wait)
        elif isinstance(error, RequestTimeoutError):
            wait = 0.0
        else:
            return
        self._epoch.refused += 1
        if sent > self._objected_at and sent >= self._open_at:  # else it belongs to the objection before
            self._objected(error, sent, now, wait)
        elif now + wait > self._open_at and wait:
            self._open_at = self._epoch.since = now + wait
        self._next = max(self._next, self._open_at)

    def _objected(self, error: TursoError, sent: float, now: float, wait: float) -> None:
        epoch, last = self._epoch, self._last
        took = max(sent - epoch.since, 1e-3)
        rate = epoch.rate(took, last) if epoch.successes >= FEW else self.pace / 2
        if self.pace == float("inf"):
            rate = max(epoch.successes, 1) / took / 2
        self.pace = max(min(rate, self.pace), 0.2) * (0.95 if wait else 0.97)
        if self._objections:
            self._tune(epoch, took)
        else:
            self._growth = 0.02
        epoch.took = took
        self._objections += 1
        self._objected_at = now
        self._open_at = now + wait if wait else float("-inf")
        self._last, self._epoch = (
            epoch,
            _Epoch(wait, since=now + wait if wait else sent, expected=max(epoch.successes, 40)),
        )
        self._next = now
        if not isinstance(error, RateLimitedError):
            self._resize(max(1.0, self._window / 2))

    def _tune(self, epoch: _Epoch, took: float) -> None:
        wasted = epoch.refused / (epoch.refused + epoch.successes)
        paused = (epoch.paused or 0) / (took + (epoch.paused or 0))
        cost = max(wasted / WASTED, paused / PAUSED)
        self._growth = min(max(self._growth * min(max(1 / cost, 0.5), 1.5), 1e-5), 0.02)

    def _resize(self, window: float) -> None:
        self._window = min(window, float(self.most))
        if int(self._window) != self._slots.size:
            self._slots.resize(int(self._window))


@define
class _Epoch:
    """From one objection to the next. `paused`: seconds before it; None for the first, which starts with a full bucket."""

    paused: float | None
    since: float = 0.0
    expected: float = 40.0
    successes: int = 0
    refused: int = 0
    took: float = 0.0

    def rate(self, took: float, last: _Epoch | None) -> float:
        """What the server accepts: successes = what the bucket held at the start + rate * time."""
        high = self.successes / took
        if self.paused is None:
            return high
        low = self.successes / (took + self.paused)
        if last is not None and self.paused > 0.05 * took and abs(took - last.took) > 0.2:
            slope = (self.successes - last.successes) / (took - last.took)
            return min(max(slope, low), high)
        return (low + high) / 2
