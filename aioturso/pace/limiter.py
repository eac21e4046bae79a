"""The limiter that all teardowns of a client share. It and its gate are the only parts of the pace that await."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from functools import partial
from math import inf

from attrs import define, field

from .._account import Account, Attempt
from .._operation import Request
from .._slots import Slots
from ..errors import RateLimitedError, RequestTimeoutError, ServerError, TursoError
from .gate import Gate, Sleep, rank
from .rate import Fixed, Learned
from .stretch import Send
from .window import Window

Jitter = Callable[[float, float], float]

MAX_PAUSE = 60.0  # seconds: a server that requires more is tried again after this
SPREAD = 0.05  # of a pause, on top of it: clients of one server do not come back all together


@define(eq=False)
class _Lane:
    """Mutable: what belongs to one event loop; None before the first."""

    loop: asyncio.AbstractEventLoop | None
    gate: Gate
    rate: Learned
    window: Window
    slots: Slots
    out: int = 0
    refused: int = 0

    def is_paced(self, account: Account) -> bool:
        """True if the server has accepted and refused others since this call came, or was last refused."""
        accepted_at, refused = account.arrival or (inf, 0)
        return self.rate.accepted_at > accepted_at and self.refused > refused

    def refutes_window(self, send: Send, others: int) -> bool:
        """True if a 503 shows that no number of calls at once is the limit: it came when there were two at most."""
        # One at a time is a limit that nearly no server has: two at once are too much for a rate.
        is_small = others <= 1 and self.window.size <= 2 and self.window.limited
        return is_small and self.rate.is_news(send) and not self.rate.silence.on

    def is_rate(self, send: Send, others: int) -> bool:
        """True if a 503 has another reason than how many calls came at once."""
        return self.window.released or (not others and self.rate.is_last(send))


@define(eq=False)
class Limiter:
    """Mutable. `most`: the pool's size. Each event loop starts afresh, as nothing of another one is left in flight."""

    most: int
    attempt: Attempt
    sleep: Sleep = asyncio.sleep
    jitter: Jitter = random.uniform
    _lane: _Lane = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._lane = self._opened(None, time.monotonic)

    def __repr__(self) -> str:
        lane = self._lane
        pausing = f", pausing for {self.pausing:.1f} s" if self.pausing else ""
        return (
            f"<Limiter {lane.out} in flight of {self.concurrency} of {self.most}, {lane.rate.bucket}, "
            f"{self.refused} refused{pausing}>"
        )

    @property
    def concurrency(self) -> int:
        """Sends that may be out at once."""
        return self._lane.slots.size

    @property
    def pace(self) -> float:
        """Sends per second, at this moment; infinite as long as no limit is known."""
        return self._lane.rate.pace(self._lane.gate.now())

    @property
    def pausing(self) -> float:
        """The seconds until the next send that the server's pause requires; 0 without one."""
        return max(0.0, self._lane.rate.required - self._lane.gate.now())

    @property
    def refused(self) -> int:
        """Sends that were answered with 429 or 503."""
        return self._lane.refused

    def allow(self, concurrency: int) -> None:
        """Lets this many be out at once from the start, unless the server has objected before."""
        lane = self._here()
        lane.window.allow(concurrency)
        lane.slots.resize(lane.window.size)

    def at_most(self, per_second: float) -> Attempt:
        """Returns a `send` for the calls of one run, which together are sent at this rate at most."""
        return partial(self.send, fixed=Gate(Fixed(per_second), self.sleep))

    async def send(self, request: Request, account: Account, *, fixed: Gate | None = None) -> bytes:
        """Makes one attempt when it is its turn, and returns the answer's body."""
        lane = self._lane
        # Of the task: `get_running_loop` is a system call in CPython 3.11.
        if lane.loop is not account.task.get_loop():
            lane = self._here()
        gate, rate = lane.gate, lane.rate
        if fixed is None and not lane.refused and lane.slots.take_now():
            send = rate.sent(gate.now())
        else:
            send = await _turn(lane, account, fixed)
        others, lane.out = lane.out, lane.out + 1
        try:
            body = await self.attempt(request, account)
        except TursoError as error:
            self._failed(lane, error, send, others, account)
            raise
        else:
            now = gate.now()
            if rate.accepted(send, now):
                gate.wake()
            if lane.window.size < lane.window.most:
                lane.window.accepted(now)
                lane.slots.resize(lane.window.size)
            return body
        finally:
            lane.out -= 1
            lane.slots.give()

    def _here(self) -> _Lane:
        loop, lane = asyncio.get_running_loop(), self._lane
        if lane.loop is loop:
            return lane
        new = self._opened(loop, loop.time)
        # A call from another loop fails while this one is open, which must not forget a pause for it.
        if lane.loop is None or lane.loop.is_closed():
            self._lane = new
        return new

    def _opened(self, loop: asyncio.AbstractEventLoop | None, clock: Callable[[], float]) -> _Lane:
        rate, window = Learned(), Window(self.most)
        return _Lane(loop, Gate(rate, self.sleep, clock), rate, window, Slots(window.size))

    def _failed(self, lane: _Lane, error: TursoError, send: Send, others: int, account: Account) -> None:
        busy = isinstance(error, ServerError) and error.status == 503
        if busy and lane.refutes_window(send, others):
            lane.window.release()
        limited = isinstance(error, RateLimitedError) or (busy and lane.is_rate(send, others))
        account.excuse((limited or busy) and lane.is_paced(account))
        if limited or busy:
            lane.refused += 1
            account.arrive(lane.rate.accepted_at, lane.refused)
        elif not isinstance(error, RequestTimeoutError):
            return
        pause = min(getattr(error, "retry_after", None) or 0.0, MAX_PAUSE)
        pause += self.jitter(0.0, SPREAD * pause)
        now = lane.gate.now()
        new = lane.rate.objected(send, now, pause, limited)
        if new:
            lane.gate.wake()  # the next send may be due sooner now
        if not limited:
            lane.window.objected(others, new, now, pause)
            lane.slots.resize(lane.window.size)


async def _turn(lane: _Lane, account: Account, fixed: Gate | None) -> Send:
    """Waits for the run's own rate, for a slot, and at the gate; whatever ends the wait gives everything back."""
    if account.arrival is None:
        account.arrive(lane.rate.accepted_at, lane.refused)
    # One that was looked at comes soon, as one that was sent once: else it would have to be looked at again.
    attempts = 1 if account.is_looked_at else account.attempts
    if fixed is not None:
        await fixed.enter(attempts)
    try:
        await lane.slots.take(rank=rank(attempts))
        try:
            if lane.refused:
                await lane.gate.enter(attempts)
                lane.gate.leave()
        except BaseException:
            lane.slots.give()
            raise
        if fixed is not None:
            fixed.rate.sent(fixed.now())
        return lane.rate.sent(lane.gate.now())
    finally:
        if fixed is not None:
            fixed.leave()
