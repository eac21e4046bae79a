"""An answer to an upload that comes before the file is sent: a refusal is one, and a success is none."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Self

import pytest
from raw import http
from recorder import Recorder
from uploads import ORG, THERE, created, sent

from aioturso import APIError, ProtocolError, RetryPolicy, TursoClient
from aioturso._account import Account
from aioturso._middleware import Send

LENGTH = re.compile(rb"content-length: ([0-9]+)", re.IGNORECASE)
SIZE = 16 * 2**20  # more than the buffers of a connection hold
Sends = Callable[[TursoClient, Path], Awaitable[object]]


class Early:
    """A server that answers its first requests with a large body before it has read it; each later one after it."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.read: list[int] = []
        self.over = asyncio.Event()

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.over.set()
        self.server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while found := LENGTH.search(await reader.readuntil(b"\r\n\r\n")):
                length = left = int(found[1])
                if length >= 2**20 and self.answers:
                    writer.write(self.answers.pop(0))
                    await self.over.wait()
                    return
                while left:
                    left -= len(await reader.read(min(left, 2**16)))
                self.read.append(length)
                writer.write(http(200, {"chunk_size": SIZE, "upload_id": "u-1", "dump_url": "url"}))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.transport.abort()


@pytest.fixture
def large(path: Path) -> Path:
    with open(path, "r+b") as file:
        file.truncate(SIZE)
    return path


DONE = http(200, {"dump_url": "url"})
FORMS = [
    pytest.param(lambda turso, path: turso.databases.upload_dump(path), id="dump"),
    pytest.param(lambda turso, path: turso.databases.seed("db", path), id="seed"),
]


@pytest.mark.parametrize("send", FORMS)
@pytest.mark.parametrize(
    "data", [DONE, b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + DONE.partition(b"\r\n")[2]]
)
async def test_a_success_before_the_file_is_sent_is_none(
    send: Sends, data: bytes, large: Path, fast: RetryPolicy
) -> None:
    """Sent once: what the server has done with a part of it is not known."""
    async with (
        Early(data) as early,
        TursoClient("t", organization="o", base_url=early.url, retry=fast) as turso,
    ):
        with pytest.raises(ProtocolError, match="a success came before the request was sent whole") as caught:
            await send(turso, large)
        assert caught.value.maybe_applied and caught.value.attempts == 1
        assert turso._calls.pool.in_flight == 0
        await send(turso, large)
    assert len(early.read) == 1 and early.read[0] > SIZE


@pytest.mark.parametrize("send", FORMS)
async def test_a_refusal_before_the_file_is_sent_is_one(send: Sends, large: Path) -> None:
    async with Early(http(413, {"error": "too large"})) as early:
        async with TursoClient("t", organization="o", base_url=early.url) as turso:
            with pytest.raises(APIError, match="413 too large"):
                await send(turso, large)


async def test_a_database_whose_file_was_not_sent_whole_is_deleted_again(
    turso: TursoClient, server: Recorder, large: Path
) -> None:
    server.answers = [created(server), {"jwt": "t"}, THERE, {"database": "db"}]
    async with Early(http(200)) as early:
        with pytest.raises(ProtocolError, match=r"sent whole.*the new database was deleted again"):
            await turso.databases.upload("db", large, group="g", url=early.url)
    assert sent(server)[-1] == ("DELETE", f"{ORG}/db")


async def test_a_chunk_that_was_not_sent_whole_is_sent_again(
    server: Recorder, large: Path, fast: RetryPolicy
) -> None:
    server.answers = [created(server), {"jwt": "t"}]
    async with Early(http(200)) as early:
        async with TursoClient("t", organization="org", base_url=server.url, retry=fast) as turso:
            await turso.databases.upload("db", large, group="g", url=early.url, chunked=True)
    assert early.read[1:] == [SIZE, 0]


class Buffered:
    """A transport with so many bytes that the system has not taken."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting

    def get_write_buffer_size(self) -> int:
        return self.waiting


@pytest.mark.parametrize(
    ("waiting", "taken", "cut"), [(0, 2, False), (1, 2, True), (0, 1, True), (0, 0, True)]
)
async def test_what_waits_in_the_buffer_of_a_connection_is_not_sent(
    waiting: int, taken: int, cut: bool
) -> None:
    """Also when the last piece of a file was handed to it."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"c"

    send = Send("token", Account())
    body = send.counted(pieces(), 3)
    for _ in range(taken):
        await anext(body)
    # A mock in place of aiohttp has no connection, and takes nothing of a body.
    assert not send.is_cut()
    send.transport = Buffered(waiting)  # type: ignore[assignment]  # the part of one that is used
    assert send.is_cut() is cut
