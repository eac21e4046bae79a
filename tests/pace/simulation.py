"""Servers with a hidden limit, and a teardown's workers, in virtual time: a loop whose clock jumps to what is due next."""

from __future__ import annotations

import asyncio
import math
import random
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeVar

from attrs import define, field, frozen

from aioturso import RateLimitedError, RetryPolicy, ServerError, Timeout, TursoError
from aioturso._account import Account
from aioturso._operation import Operation, Request
from aioturso._retrying import Retrier
from aioturso.pace.limiter import Limiter
from aioturso.retries import Tries, wait_retry_after

T = TypeVar("T")
OPERATION: Operation[None] = Operation("destroy", "DELETE", "/x", lambda body, names: None)
REQUEST = Request(OPERATION, (), None, Timeout())  # type: ignore[arg-type]  # nothing looks at its URL
TURN = 2e-5  # seconds of the processor for a turn of the loop
RetryAfter = Literal["none", "exact", "whole", "second"]


@define
class Noise:
    """Mutable: a busy machine. Sleeps end late, a call costs time, and both ends stand still now and then."""

    luck: random.Random
    call: float = 2e-4  # seconds of the processor for half a call
    _stops: list[tuple[float, float]] = field(factory=lambda: [(0.0, 0.0)])

    def late(self, seconds: float) -> float:
        """How much later than after `seconds` a sleep ends."""
        late = self.luck.expovariate(1 / 3e-4)
        if self.luck.random() < 5 * seconds:
            late += self.luck.uniform(1e-3, 5e-3)
        if self.luck.random() < 0.3 * seconds:
            late += self.luck.uniform(0.02, 0.05)
        return late

    def seen(self, at: float) -> float:
        """When the server looks at what came in then: now and then it stands still, for 2 to 20 ms."""
        while self._stops[-1][1] < at:
            begin = self._stops[-1][1] + self.luck.expovariate(0.1)
            self._stops.append((begin, begin + self.luck.uniform(0.002, 0.02)))
        return max((end for begin, end in self._stops[-2:] if begin <= at <= end), default=at)

    def trip(self, seconds: float) -> float:
        """Seconds on the way in place of `seconds`: one in eight comes some milliseconds late, as measured."""
        more = self.luck.expovariate(1 / (1e-4 + 0.01 * seconds))
        return seconds + more + (self.luck.expovariate(400) if self.luck.random() < 0.125 else 0.0)


class _Jump(selectors.DefaultSelector):
    now = 1000.0
    noise: Noise | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout and timeout > 0:
            self.now += timeout + (self.noise.late(timeout) if self.noise else 0.0)
        elif self.noise:
            self.now += TURN
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, noise: Noise | None = None) -> None:
        self.clock = _Jump()
        self.clock.noise = noise
        super().__init__(self.clock)

    def time(self) -> float:
        self.clock.now += 1e-8  # so that of two sleeps the first one is due first
        return self.clock.now

    def work(self, seconds: float) -> None:
        """The processor is busy."""
        self.clock.now += seconds


def in_virtual_time(main: Coroutine[Any, Any, T], noise: Noise | None = None) -> T:
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(noise)) as runner:
        return runner.run(main)


def refusal(status: int, retry_after: float | None = None) -> TursoError:
    error = RateLimitedError("too many requests") if status == 429 else ServerError("busy")
    error.status, error.retry_after = status, retry_after
    return error


@define(kw_only=True)
class Server:
    """Answers after `latency` seconds, give or take `spread` of it; `there`: the share until a request comes in."""

    latency: float = 0.02
    there: float = 0.5
    spread: float = 0.05
    luck: random.Random = field(factory=lambda: random.Random(1))
    accepted: int = 0
    refused: int = 0
    log: list[tuple[float, bool]] = field(factory=list)
    began: float = math.nan
    noise: Noise | None = None
    waits: float = 0.0  # before the last one that came in is worked on

    def refuse(self, now: float) -> TursoError | None:
        """The server's word on a request that came in `now` seconds after the first one."""
        return None

    def done(self) -> None:
        """A request that was accepted has been answered."""

    async def attempt(self, request: Request, account: Account) -> bytes:
        account.attempts += 1
        loop = asyncio.get_running_loop()
        self._work(loop)
        at = loop.time() + self._part(self.there)
        await asyncio.sleep(at - loop.time())
        at = self.noise.seen(at) if self.noise else at  # and not the time of the loop, which may be late
        if math.isnan(self.began):
            self.began = at
        error = self.refuse(at - self.began)
        self.log.append((at - self.began, error is None))
        at += self.waits + self._part(1 - self.there)
        await asyncio.sleep(at - loop.time())
        self._work(loop)
        if error is not None:
            self.refused += 1
            raise error
        self.accepted += 1
        self.done()
        return b""

    def _part(self, share: float) -> float:
        if self.noise:
            return self.noise.trip(self.latency * share)
        return self.latency * share * self.luck.uniform(1 - self.spread, 1 + self.spread)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        if self.noise:
            assert isinstance(loop, VirtualLoop)
            loop.work(self.noise.call)

    @property
    def wasted(self) -> float:
        return self.refused / (self.refused + self.accepted)

    def ideal(self, calls: int) -> float:
        """Seconds that a client needs that knows the limit."""
        return calls / 64 * self.latency


@define(kw_only=True)
class Bucket(Server):
    """A token bucket: `rate` per second, `burst` saved up at most; another rate `after` so many seconds."""

    rate: float
    burst: float
    retry_after: RetryAfter = "none"
    after: float = math.inf
    then: float = 0.0
    tokens: float = field(default=math.inf, init=False)
    last: float = field(default=0.0, init=False)

    def refuse(self, now: float) -> TursoError | None:
        rate = self.rate if now < self.after else self.then
        self.tokens = min(self.burst, self.tokens + (now - self.last) * rate)
        self.last = now
        if self.tokens >= 1:
            self.tokens -= 1
            return None
        short = (1 - self.tokens) / rate
        waits = {"none": None, "exact": short, "whole": math.ceil(short), "second": 1.0}
        return refusal(429, waits[self.retry_after])

    def ideal(self, calls: int) -> float:
        took = (calls - self.burst) / self.rate
        if took > self.after:
            took = self.after + (calls - self.burst - self.after * self.rate) / self.then
        return max(took, super().ideal(calls))


@define(kw_only=True)
class Debt(Bucket):
    """A bucket from which a refused request takes a token too, down to an empty burst below zero."""

    def refuse(self, now: float) -> TursoError | None:
        error = super().refuse(now)
        if error is not None:
            self.tokens = max(-self.burst, self.tokens - 1)
        return error


@define(kw_only=True)
class Busy(Bucket):
    """A bucket whose refusals are 503."""

    def refuse(self, now: float) -> TursoError | None:
        error = super().refuse(now)
        return error and refusal(503, getattr(error, "retry_after", None))


@define(kw_only=True)
class Windows(Server):
    """So many requests in each fixed span of seconds; Retry-After has the time until the next one."""

    limit: int
    span: float
    retry_after: RetryAfter = "none"
    offset: float = 0.0
    index: int = field(default=-1, init=False)
    left: int = field(default=0, init=False)

    def refuse(self, now: float) -> TursoError | None:
        index = int((now + self.offset) // self.span)
        if index != self.index:
            self.index, self.left = index, self.limit
        if self.left:
            self.left -= 1
            return None
        wait = (index + 1) * self.span - now - self.offset
        return refusal(
            429, {"none": None, "exact": wait, "whole": math.ceil(wait), "second": 1.0}[self.retry_after]
        )

    def ideal(self, calls: int) -> float:
        windows, rest = divmod(calls, self.limit)
        if not rest:
            windows, rest = windows - 1, self.limit
        return windows * self.span - (self.offset if windows else 0) + rest / 64 * self.latency


@define(kw_only=True)
class Crowd(Server):
    """Refuses with `status` what comes while `room` requests are worked on; `retry_after`: with so many seconds."""

    room: int
    status: int = 503
    retry_after: float | None = None
    inside: int = field(default=0, init=False)

    def refuse(self, now: float) -> TursoError | None:
        if self.inside < self.room:
            self.inside += 1
            return None
        return refusal(self.status, self.retry_after)

    def done(self) -> None:
        self.inside -= 1

    def ideal(self, calls: int) -> float:
        return calls / self.room * self.latency


@define(kw_only=True)
class Listed(Bucket):
    """Its limit is one of deletes: the first calls, which make a list, are free, and are answered in half the time."""

    free: int = 3

    async def attempt(self, request: Request, account: Account) -> bytes:
        if not self.free:
            return await super().attempt(request, account)
        self.free -= 1
        await asyncio.sleep(self.latency / 2)
        return b""


@frozen
class Result:
    took: float
    lost: int
    limiter: Limiter


def new_account(**fields: Any) -> Account:
    """Returns the account of a call of the running task."""
    return Account(task=asyncio.current_task(), **fields)


async def tear_down(
    server: Server, calls: int, luck: random.Random, workers: int = 64, limiter: Limiter | None = None
) -> Result:
    """What a run does: workers over an iterator, each call with retries, all through one limiter."""
    limiter = limiter or Limiter(64, server.attempt, jitter=luck.uniform)
    names = iter(range(calls))
    lost = 0
    for _ in range(server.free if isinstance(server, Listed) else 0):
        await limiter.send(REQUEST, new_account())
    loop = asyncio.get_running_loop()
    started = loop.time()

    def jitter(state: Tries) -> float:
        return max(0.05, luck.uniform(0, min(20, 0.5 * 2 ** (state.attempt_number - 1))))

    # as a client's, but for its luck
    retrier = Retrier(RetryPolicy(wait=wait_retry_after(jitter)), None)  # type: ignore[arg-type]

    async def work() -> None:
        nonlocal lost
        for _ in names:
            try:
                await retrier.run(REQUEST, limiter.send, new_account())
            except TursoError:
                lost += 1

    await asyncio.gather(*(work() for _ in range(min(workers, calls))))
    return Result(loop.time() - started, lost, limiter)


def run(server: Server, calls: int, seed: int = 1, *, noisy: bool = False) -> Result:
    server.luck = random.Random(seed)
    server.noise = Noise(random.Random(seed + 1000)) if noisy else None
    return in_virtual_time(tear_down(server, calls, random.Random(-seed)), server.noise)


Make = Callable[[], Server]
