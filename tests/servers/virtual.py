"""Servers with a hidden limit, in virtual time: a loop whose clock jumps to whatever is due next."""

import asyncio
import math
import random
import selectors
from collections.abc import Coroutine
from typing import Any, Literal

from attrs import define, field, frozen

from aioturso import RateLimitedError, RetryPolicy, ServerError, TursoClient, TursoError
from aioturso._operation import CallState, Operation, Request
from aioturso.teardown.limits import Limiter

DESTROY: Operation[None] = Operation("destroy", "DELETE", "/{name}", lambda body, names: None)
RetryAfter = Literal["none", "exact", "whole", "second"]


class _Jump(selectors.DefaultSelector):
    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += max(timeout or 0.0, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.clock = _Jump()
        super().__init__(self.clock)

    def time(self) -> float:
        self.clock.now += 1e-8  # so that what was asked for first is due first
        return self.clock.now


def in_virtual_time(main: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


@define
class Server:
    """Answers after `latency` seconds, give or take `spread` of it; `there`: the share until a request comes in."""

    latency: float
    there: float = 0.5
    spread: float = 0.2
    luck: random.Random = field(factory=lambda: random.Random(1))
    accepted: int = 0
    refused: int = 0
    sent_at: list[float] = field(factory=list)

    def refuse(self, now: float) -> TursoError | None:
        """The server's word on a request that has come in just now."""
        return None

    def done(self) -> None:
        """A request that was accepted has been answered."""

    async def attempt(self, request: Request, state: CallState) -> bytes:
        state.attempts += 1
        loop = asyncio.get_running_loop()
        self.sent_at.append(loop.time())
        await asyncio.sleep(self._part(self.there))
        error = self.refuse(loop.time())
        await asyncio.sleep(self._part(1 - self.there))
        if error is not None:
            self.refused += 1
            raise error
        self.accepted += 1
        self.done()
        return b""

    def _part(self, share: float) -> float:
        return self.latency * share * self.luck.uniform(1 - self.spread, 1 + self.spread)

    @property
    def wasted(self) -> float:
        return self.refused / (self.refused + self.accepted)


def refusal(status: int, retry_after: float | None = None) -> TursoError:
    error = RateLimitedError("too many requests") if status == 429 else ServerError("busy")
    error.status, error.retry_after = status, retry_after
    return error


@define(kw_only=True)
class Bucket(Server):
    """A token bucket: `rate` per second, `burst` saved up at most. `changes`: another rate after so many seconds."""

    rate: float
    burst: float
    retry_after: RetryAfter = "none"
    changes: dict[float, float] = field(factory=dict)
    tokens: float = field(default=math.inf, init=False)
    began: float = field(default=math.inf, init=False)
    last: float = field(default=0.0, init=False)

    def refuse(self, now: float) -> TursoError | None:
        self.began = min(self.began, now)
        for after, rate in self.changes.items():
            if now - self.began >= after:
                self.rate = rate
        self.tokens = min(self.burst, self.tokens + (now - self.last) * self.rate)
        self.last = now
        if self.tokens >= 1:
            self.tokens -= 1
            return None
        short = (1 - self.tokens) / self.rate
        waits = {"none": None, "exact": short, "whole": math.ceil(short), "second": 1.0}
        return refusal(429, waits[self.retry_after])


@define(kw_only=True)
class Windows(Server):
    """So many requests in each fixed span of seconds; Retry-After says when the next one begins."""

    limit: int
    span: float
    whole: bool = False
    index: int = field(default=-1, init=False)
    left: int = field(default=0, init=False)

    def refuse(self, now: float) -> TursoError | None:
        index = int(now // self.span)
        if index != self.index:
            self.index, self.left = index, self.limit
        if self.left:
            self.left -= 1
            return None
        wait = (index + 1) * self.span - now
        return refusal(429, math.ceil(wait) if self.whole else wait)


@define(kw_only=True)
class Crowd(Server):
    """Refuses with `status` whoever comes while `room` requests are worked on."""

    room: int
    status: int = 503
    inside: int = field(default=0, init=False)

    def refuse(self, now: float) -> TursoError | None:
        if self.inside < self.room:
            self.inside += 1
            return None
        return refusal(self.status)

    def done(self) -> None:
        self.inside -= 1


@frozen
class Result:
    took: float
    lost: list[TursoError]
    limiter: Limiter


async def tear_down(server: Server, targets: int, *, workers: int = 64, allow: int | None = None) -> Result:
    """What the executor does: workers over an iterator, each call with the client's retries and its limiter."""
    limiter = Limiter(64, server.attempt)
    if allow is not None:
        limiter.allow(allow)
    names = iter(range(targets))
    lost: list[TursoError] = []
    loop = asyncio.get_running_loop()
    started = loop.time()

    async def work(turso: TursoClient) -> None:
        for name in names:
            try:
                await turso.call(DESTROY, f"t{name}", attempt=limiter.send)
            except TursoError as error:
                lost.append(error)

    async with TursoClient("token", organization="org", retry=RetryPolicy()) as turso:
        await asyncio.gather(*(work(turso) for _ in range(workers)))
    return Result(loop.time() - started, lost, limiter)


def run(server: Server, targets: int, seed: int = 1, **options: Any) -> Result:
    random.seed(seed)
    server.luck = random.Random(seed)
    result: Result = in_virtual_time(tear_down(server, targets, **options))
    return result
