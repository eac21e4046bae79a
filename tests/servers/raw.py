"""A scripted server on a raw socket: it sees what really arrives, and answers bytes of the test's choice."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Self

from attrs import define, field

from aioturso import TursoClient

PATH = "/v1/organizations/org/databases/db/instances"


@define
class Request:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    writer: asyncio.StreamWriter
    connection: int


Step = Callable[[Request], Awaitable[object]]


def http(status: int, body: object = b"", *headers: str) -> bytes:
    """A whole answer; anything but bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def answer(status: int = 200, body: object = b"", *headers: str) -> Step:
    """Answer, and keep the connection."""
    return send(http(status, body, *headers))


def send(data: bytes) -> Step:
    """Write these bytes, and keep the connection."""

    async def step(request: Request) -> None:
        request.writer.write(data)

    return step


def last(data: bytes) -> Step:
    """Write these bytes and close."""

    async def step(request: Request) -> None:
        request.writer.write(data)
        request.writer.close()

    return step


def reset(data: bytes = b"") -> Step:
    """Write these bytes and reset the connection."""

    async def step(request: Request) -> None:
        request.writer.write(data)
        sock = request.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.writer.close()

    return step


async def stall(request: Request) -> None:
    """Never answer."""


close = last(b"")
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@define
class RawServer:
    """`async with RawServer(step, ...) as raw`: each step meets one request, in their order; `then` the rest.

    `unread`: so many connections are closed before anything is read from them.
    """

    steps: list[Step]
    then: Step = stall
    unread: int = 0
    requests: list[Request] = field(factory=list)
    url: str = ""
    connections: int = 0
    busy: int = 0
    most_busy: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(factory=set)

    def __init__(self, *steps: Step, then: Step = stall, unread: int = 0) -> None:
        self.__attrs_init__(list(steps), then, unread)  # type: ignore[attr-defined]  # attrs makes it

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=512)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def lines(self) -> list[str]:
        """Every request line, with the path from the database's instances on."""
        return [f"{r.method} {r.target.removeprefix(PATH)}" for r in self.requests]

    def client(self, **settings: Any) -> TursoClient:
        settings.setdefault("token", "raw-token")
        settings.setdefault("organization", "org")
        return TursoClient(base_url=self.url, **settings)

    async def seen(self, count: int) -> None:
        """Return once so many requests have arrived."""
        while len(self.requests) < count:
            await asyncio.sleep(0.001)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            if self.unread > 0:
                self.unread -= 1
            else:
                await self._serve(reader, writer, self.connections)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone, or the test is over
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        while not writer.is_closing():
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines if line)
            await reader.readexactly(int(headers.get("Content-Length", 0)))
            method, target, _ = first.split(" ")
            request = Request(method, target, headers, writer, number)
            self.requests.append(request)
            self.busy += 1
            self.most_busy = max(self.most_busy, self.busy)
            step = self.steps.pop(0) if self.steps else self.then
            try:
                await step(request)
                await writer.drain()
            finally:
                self.busy -= 1
