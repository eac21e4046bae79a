"""Servers with a hidden limit, in a process of its own: `python -m benchmarks.limits KIND` prints its port.

Each kind has what it refuses, the number of calls, and the time of a client that knows the limit.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import Callable
from typing import Protocol

from attrs import define, field, frozen

from .server import answer


class Limit(Protocol):
    """Decides on a call that comes `now` seconds after the first one: None accepts, else a status and Retry-After."""

    def refuse(self, now: float) -> tuple[int, float | None] | None: ...

    def done(self) -> None: ...

    def ideal(self, calls: int, latency: float) -> float: ...


@define(kw_only=True)
class Bucket:
    """A token bucket; after `until` seconds its rate is `then`."""

    rate: float
    burst: float
    retry_after: float | None = None
    until: float = math.inf
    then: float = 0.0
    tokens: float = field(default=math.inf, init=False)
    last: float = field(default=0.0, init=False)

    def refuse(self, now: float) -> tuple[int, float | None] | None:
        rate = self.rate if now < self.until else self.then
        self.tokens = min(self.burst, self.tokens + (now - self.last) * rate)
        self.last = now
        if self.tokens < 1:
            return 429, self.retry_after
        self.tokens -= 1
        return None

    def done(self) -> None:
        pass

    def ideal(self, calls: int, latency: float) -> float:
        rest = calls - self.burst - self.rate * self.until
        return (calls - self.burst) / self.rate if rest <= 0 else self.until + rest / self.then


@define(kw_only=True)
class Windows:
    """So many calls in each span of seconds, counted from the first call on."""

    limit: int
    span: float
    says: bool
    index: int = field(default=-1, init=False)
    left: int = field(default=0, init=False)

    def refuse(self, now: float) -> tuple[int, float | None] | None:
        index = int(now // self.span)
        if index != self.index:
            self.index, self.left = index, self.limit
        if not self.left:
            return 429, math.ceil((index + 1) * self.span - now) if self.says else None
        self.left -= 1
        return None

    def done(self) -> None:
        pass

    def ideal(self, calls: int, latency: float) -> float:
        windows = math.ceil(calls / self.limit) - 1
        return windows * self.span + (calls - windows * self.limit) / 64 * latency


@define(kw_only=True)
class Crowd:
    """503 for what comes while `room` calls are worked on."""

    room: int
    inside: int = field(default=0, init=False)

    def refuse(self, now: float) -> tuple[int, float | None] | None:
        if self.inside >= self.room:
            return 503, None
        self.inside += 1
        return None

    def done(self) -> None:
        self.inside -= 1

    def ideal(self, calls: int, latency: float) -> float:
        return calls / self.room * latency


class Free:
    """No limit."""

    def refuse(self, now: float) -> None:
        return None

    def done(self) -> None:
        pass

    def ideal(self, calls: int, latency: float) -> float:
        return calls / 64 * latency


@frozen
class Kind:
    """A server to play. `goal`: the most that a run may take, as a multiple of the ideal time."""

    name: str
    title: str
    make: Callable[[], Limit]
    calls: int
    goal: float
    latency: float = 0.02


KINDS = [
    Kind("bucket", "200/s, burst 20", lambda: Bucket(rate=200, burst=20), 3000, 1.10),
    Kind(
        "bucket-pause",
        "200/s, burst 20, Retry-After 1",
        lambda: Bucket(rate=200, burst=20, retry_after=1),
        4000,
        1.20,
    ),
    Kind("slow", "30/s, burst 1", lambda: Bucket(rate=30, burst=1), 450, 1.20),
    Kind(
        "slow-pause",
        "30/s, burst 1, Retry-After 1",
        lambda: Bucket(rate=30, burst=1, retry_after=1),
        510,
        1.30,
    ),
    Kind(
        "large-burst",
        "200/s, burst 400, Retry-After 1",
        lambda: Bucket(rate=200, burst=400, retry_after=1),
        3400,
        1.10,
    ),
    Kind("fall", "200/s, 67/s after 6 s", lambda: Bucket(rate=200, burst=20, until=6, then=67), 1900, 1.15),
    Kind("rise", "50/s, 400/s after 6 s", lambda: Bucket(rate=50, burst=5, until=6, then=400), 3900, 1.25),
    Kind(
        "rise-pause",
        "50/s, 400/s after 6 s, Retry-After 1",
        lambda: Bucket(rate=50, burst=5, until=6, then=400, retry_after=1),
        3900,
        1.30,
    ),
    Kind(
        "window-pause",
        "300 in 5 s, Retry-After to its end",
        lambda: Windows(limit=300, span=5, says=True),
        1200,
        1.20,
    ),
    Kind("window", "300 in 5 s", lambda: Windows(limit=300, span=5, says=False), 1200, 1.35),
    Kind("overload", "503 above 20 at once", lambda: Crowd(room=20), 5000, 1.25, 0.05),
    Kind("free", "no limit", Free, 12000, 1.08, 0.05),
]


@define
class Judge:
    """Mutable: the limit of a server process, and its answers, as (seconds, status)."""

    limit: Limit
    latency: float
    began: float = math.nan
    log: list[tuple[float, int]] = field(factory=list)

    def status(self) -> tuple[int, float | None]:
        """The answer to a delete that comes now."""
        now = asyncio.get_running_loop().time()
        if math.isnan(self.began):
            self.began = now
        status, wait = self.limit.refuse(now - self.began) or (200, None)
        self.log.append((round(now - self.began, 4), status))
        return status, wait


class Connection(asyncio.Protocol):
    """One connection of the limited server."""

    def __init__(self, judge: Judge) -> None:
        self.judge, self.rest = judge, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]  # a connection can be written to

    def data_received(self, data: bytes) -> None:
        data = self.rest + data
        while (end := data.find(b"\r\n\r\n")) >= 0:
            method, path, _ = data[:end].split(b" ", 2)
            data = data[end + 4 :]
            if path == b"/log":
                self._write(200, None, json.dumps(self.judge.log).encode())
            elif method == b"DELETE":
                self._judge(path)
            else:
                self._write(200, None, answer(method, path.partition(b"?")[0]))
        self.rest = data

    def _judge(self, path: bytes) -> None:
        status, wait = self.judge.status()
        body = answer(b"DELETE", path) if status == 200 else b'{"error":"slow down"}'

        def reply() -> None:
            if status == 200:
                self.judge.limit.done()
            self._write(status, wait, body)

        asyncio.get_running_loop().call_later(self.judge.latency, reply)

    def _write(self, status: int, wait: float | None, body: bytes) -> None:
        waits = f"Retry-After: {wait:g}\r\n" if wait is not None else ""
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{waits}Content-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve(kind: Kind) -> None:
    """Serve until the process ends."""
    judge = Judge(kind.make(), kind.latency)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(judge), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(next(kind for kind in KINDS if kind.name == sys.argv[1])))
