"""A proxy on bytes: it cuts, resets, delays, doubles or holds what passes, at any byte and in either direction."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from typing import Self

from attrs import define, field

ACTS = ("cut", "reset", "hold", "delay", "double", "one by one")
MOST = 700  # bytes: about the length of a request and its answer


@define
class Pipe:
    """One direction of one connection: what happens, and after how many bytes."""

    act: str = ""
    at: int = 0
    passed: int = 0


@define
class FaultProxy:
    """`async with FaultProxy(port, chance) as proxy`: `proxy.port` leads to the other port. `rate`: of connections with a fault.

    `moved` counts every event, so that a test knows when nothing happens any more.
    """

    target: int
    chance: random.Random
    rate: float
    moved: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(factory=set)
    _writers: list[asyncio.StreamWriter] = field(factory=list)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)
        await self._server.wait_closed()

    def _pipe(self, acts: tuple[str, ...]) -> Pipe:
        if self.chance.random() > self.rate:
            return Pipe()
        return Pipe(self.chance.choice(acts), self.chance.randrange(MOST))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.append(writer)
        self.moved += 1
        # A request that is doubled on its way is two requests, which no client can know.
        there, back = self._pipe(tuple(act for act in ACTS if act != "double")), self._pipe(ACTS)
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers.append(server_writer)
            ways = (
                asyncio.ensure_future(self._pass(reader, server_writer, there, reader)),
                asyncio.ensure_future(self._pass(server_reader, writer, back, reader)),
            )
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                for end in (server_writer, writer):
                    if "reset" in (there.act, back.act) and end is writer:
                        linger(writer)
                    end.transport.abort() if end is server_writer else end.close()
        except (asyncio.CancelledError, OSError):
            writer.transport.abort()
        finally:
            self._tasks.discard(task)
            self.moved += 1

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pipe: Pipe,
        client: asyncio.StreamReader,
    ) -> None:
        try:
            while data := await reader.read(65536):
                self.moved += 1
                if not await self._forward(data, writer, pipe, client):
                    break
        except OSError:
            pass  # the other side has gone

    async def _forward(
        self, data: bytes, writer: asyncio.StreamWriter, pipe: Pipe, client: asyncio.StreamReader
    ) -> bool:
        """Passes these bytes on; False when the connection has to end here.

        What a client that has left had sent is not delivered later: no client can prevent what that would do.
        """
        left = pipe.at - pipe.passed
        pipe.passed += len(data)
        if not pipe.act or left >= len(data) or left < 0:
            writer.write(data)
            return True
        writer.write(data[:left])
        match pipe.act:
            case "cut" | "reset":
                return False
            case "hold":
                await asyncio.Event().wait()
            case "delay":
                await asyncio.sleep(self.chance.uniform(0, 40))
            case "double":
                writer.write(data[: self.chance.randrange(len(data) + 1)])
            case _:
                for byte in data[left:]:
                    if client.at_eof():
                        return False
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0)
                return True
        if client.at_eof():
            return False
        writer.write(data[left:])
        return True


def linger(writer: asyncio.StreamWriter) -> None:
    """Lets the close of this connection be a reset."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
