from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from attrs import define, field

from .._operation import CallState, Request
from .._slots import Slots
from ..errors import RateLimitedError, RequestTimeoutError, ServerError, TursoError
from .rate import Learned
from .window import Window

Attempt = Callable[[Request, CallState], Awaitable[bytes]]
Sleep = Callable[[float], Awaitable[None]]
Jitter = Callable[[float, float], float]
MAX_PAUSE = 60.0


@define(eq=False)
class _Lane:
    window: Window
    rate: Learned
    slots: Slots
    gate: Slots
    out: int = 0
    refused: int = 0
    ahead: float = 0.0
    alarm: asyncio.Timeout | None = None


@define(eq=False)
class Limiter:
    most: int
    attempt: Attempt
    sleep: Sleep = asyncio.sleep
    jitter: Jitter = random.uniform
    _lanes: WeakKeyDictionary[asyncio.AbstractEventLoop, _Lane] = field(factory=WeakKeyDictionary)

    async def send(self, request: Request, account: CallState) -> bytes:
        loop = asyncio.get_running_loop()
        lane = self._lanes.get(loop)
        if lane is None:
            window = Window(self.most)
            self._lanes[loop] = lane = _Lane(window, Learned(), Slots(window.size), Slots(1))
        rank = account.attempts or 1000
        if lane.slots.free > 0:
            lane.slots.free -= 1
        else:
            await lane.slots.take(rank=rank)
        try:
            if lane.refused:
                await self._turn(lane, loop, rank, account.attempts)
            at = loop.time() + lane.ahead
            send = lane.rate.sent(at)
            others = lane.out
            lane.out += 1
            try:
                body = await self.attempt(request, account)
            except TursoError as error:
                self._failed(lane, error, send, others, loop.time() + lane.ahead)
                raise
            finally:
                lane.out -= 1
            if lane.rate.accepted(send, loop.time() + lane.ahead) and lane.alarm:
                lane.alarm.reschedule(0.0)
            if lane.window.size < lane.window.most:
                lane.window.accepted()
                if lane.window.size != lane.slots.size:
                    lane.slots.resize(lane.window.size)
            return body
        finally:
            lane.slots.give()

    async def _turn(self, lane, loop, rank, attempts) -> None:
        await lane.gate.take(rank=rank)
        try:
            while (wait := lane.rate.wait(loop.time() + lane.ahead, attempts)) > 0:
                at = loop.time()
                lane.alarm = asyncio.timeout(None)
                try:
                    async with lane.alarm:
                        await self.sleep(wait)
                    if loop.time() - at < wait / 4:
                        lane.ahead += wait
                except TimeoutError:
                    if not lane.alarm.expired():
                        raise
                finally:
                    lane.alarm = None
                lane.gate.give()
                await lane.gate.take(rank=rank)
        finally:
            lane.gate.give()

    def _failed(self, lane, error, send, others, now) -> None:
        limited = isinstance(error, RateLimitedError)
        busy = isinstance(error, ServerError) and error.status == 503
        if not (limited or busy or isinstance(error, RequestTimeoutError)):
            return
        if limited or busy:
            lane.refused += 1
        pause = min(getattr(error, "retry_after", None) or 0.0, MAX_PAUSE)
        pause += self.jitter(0.0, 0.05 * pause)
        new = send.at > lane.rate._heard
        lane.rate.objected(send, now, pause, limited)
        if not limited:
            lane.window.refused(others, new)
            lane.slots.resize(lane.window.size)
