"""One attempt: its time, the answer that it reads, and its connection."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from typing import Any

import aiohttp
import pytest
from raw import RawServer, Request, Step, answer, http, last, reset, send, stall

from aioturso import (
    ClientClosedError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    Timeout,
    TursoClient,
    UnauthorizedError,
    _transport,
)
from aioturso._account import Account, Ended
from aioturso._middleware import Send
from aioturso._operation import Request as Call
from aioturso.api.instances import DESTROY
from aioturso.models import Secret

DOWN = ServerError("down", status=500)
FINE = answer(200, b"{}")


def call(turso: TursoClient, **fields: Any) -> Call:
    return Call(DESTROY, ("org", "db", "i"), turso.base_url / "v1/x", Timeout(), **fields)


async def attempt(turso: TursoClient, account: Account | None = None, **fields: Any) -> bytes:
    account = account or Account()
    account.task = asyncio.current_task()
    return await turso._calls.attempt(call(turso, **fields), account)


class Limited(Account):
    """An account with so many seconds left for each attempt."""

    left_over = 0.0

    def seconds(self, now: float, timeout: Timeout) -> float:
        return self.left_over


@pytest.mark.parametrize(("left", "sent"), [(0.0, 0), (-1.0, 0), (0.9, 1)])
async def test_an_attempt_begins_only_within_the_time_of_its_call(left: float, sent: int) -> None:
    async with RawServer(then=FINE) as raw, raw.client() as turso:
        account = Limited(last=DOWN)
        account.left_over = left
        if sent:
            assert await attempt(turso, account) == b"{}"
        else:
            with pytest.raises(ServerError) as caught:
                await attempt(turso, account)
            assert caught.value is DOWN
        assert turso._calls.pool.in_flight == 0
    assert len(raw.requests) == sent


async def test_a_token_of_the_calls_own_that_is_refused_is_not_sent_again() -> None:
    async def provider() -> str:
        return "the-clients"

    server = RawServer(then=answer(401, {"error": "no"}))
    async with server as raw, raw.client(token=provider) as turso:
        with pytest.raises(UnauthorizedError):
            await attempt(turso, token=Secret("the-calls"))
    assert [request.headers["Authorization"] for request in raw.requests] == ["Bearer the-calls"]


async def test_an_attempt_of_a_client_that_is_closed_by_then_sends_nothing() -> None:
    async with RawServer(then=FINE) as raw, raw.client() as turso:
        await turso._calls.pool.open()
        turso._calls.pool.closed = True
        with pytest.raises(ClientClosedError, match=r"^the client is closed$"):
            await attempt(turso)
        turso._calls.pool.closed = False
        assert turso._calls.pool.in_flight == 0
    assert raw.requests == []


async def test_a_session_that_raises_for_a_status_changes_no_error() -> None:
    async with RawServer(then=answer(500, {"error": "down"})) as raw:
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            async with raw.client(session=session, retry=None) as turso:
                with pytest.raises(ServerError, match="down"):
                    await turso.destroy_instance("db", "i")


async def test_the_time_to_connect_is_the_clients_own_and_no_other_time_of_the_session_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []
    request = aiohttp.ClientSession._request

    async def noting(self: aiohttp.ClientSession, *arguments: Any, **options: Any) -> Any:
        seen.append(options["timeout"])
        return await request(self, *arguments, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", noting)
    async with RawServer(then=FINE) as raw:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as session:
            async with raw.client(session=session, timeout=Timeout(connect=7)) as turso:
                await turso.request("GET", "v1")
    assert seen == [aiohttp.ClientTimeout(total=None, sock_connect=7)]


def pieces(*found: bytes) -> Step:
    """Writes these one after the other, each in a turn of its own."""

    async def step(request: Request) -> None:
        for piece in found:
            request.writer.write(piece)
            await request.writer.drain()
            await asyncio.sleep(0.002)

    return step


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize("size", [99, 100, 101])
@pytest.mark.parametrize("split", [1, 50])
async def test_an_answer_is_read_up_to_its_bound(
    monkeypatch: pytest.MonkeyPatch, size: int, split: int
) -> None:
    assert _transport.MAX_BODY == 32 * 2**20
    monkeypatch.setattr(_transport, "MAX_BODY", 100)
    whole = HEAD + b"Content-Length: %d\r\n\r\n" % size
    server = pieces(whole + b"x" * split, b"x" * (size - split))
    async with RawServer(server, send(whole + b"x" * size)) as raw, raw.client() as turso:
        for _ in range(2):
            if size <= 100:
                assert await attempt(turso) == b"x" * size
            else:
                with pytest.raises(ProtocolError, match="the answer is larger than 100 bytes") as caught:
                    await attempt(turso)
                assert caught.value.target == "db/i"


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (HEAD + b"Content-Length: 0\r\n\r\n", b""),
        (CHUNKS + b"\r\n0\r\n\r\n", b""),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", b""),
        (CHUNKS + b"Content-Encoding: gzip\r\n\r\n0\r\n\r\n", None),
        (CHUNKS + b"Content-Encoding: identity\r\nContent-Encoding: gzip\r\n\r\n0\r\n\r\n", None),
        (CHUNKS + b"Content-Encoding: gzip\r\nContent-Encoding: identity\r\n\r\n0\r\n\r\n", None),
        (CHUNKS + b"Content-Encoding: Identity\r\n\r\n0\r\n\r\n", b""),
        (CHUNKS + b"Content-Encoding: \r\n\r\n0\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n", b""),
        (
            HEAD
            + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(b"{}", mtime=0))
            + gzip.compress(b"{}", mtime=0),
            b"{}",
        ),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!", None),
    ],
)
async def test_an_empty_answer_is_whole_unless_it_was_to_be_unpacked(data: bytes, body: bytes | None) -> None:
    async with RawServer(send(data)) as raw, raw.client() as turso:
        if body is not None:
            assert await attempt(turso) == body
        else:
            with pytest.raises(ProtocolError, match="the answer could not be read"):
                await attempt(turso)


OLD = b"HTTP/1.0 200 OK\r\n"
BARE = [
    HEAD,
    OLD,
    HEAD + b"Connection: close\r\n",
    HEAD + b"Transfer-Encoding: gzip\r\n",
    HEAD + b'Transfer-Encoding: "chunked"\r\n',
    b"HTTP/1.1 202 Accepted\r\n",
    b"HTTP/1.1 205 Reset Content\r\n",
]
"""Answers that end with their connection."""


@pytest.mark.parametrize("head", BARE)
async def test_an_answer_that_is_empty_and_ends_with_its_connection_may_be_cut(head: bytes) -> None:
    ends = [end(head + b"\r\n" + body) for end in (last, reset) for body in (b"", b"\n", b" \t")]
    async with RawServer(*ends) as raw, raw.client() as turso:
        for _ in ends:
            account = Account()
            with pytest.raises(ProtocolError, match="it is empty, and may have been cut"):
                await attempt(turso, account)
            assert account.on_wire


@pytest.mark.parametrize(
    ("data", "body"),
    [
        # JSON that was cut is none.
        (HEAD + b"\r\n{}\n", b"{}\n"),
        (OLD + b"\r\nnull", b"null"),
        (HEAD + b"Content-Length: 1\r\n\r\n\n", b"\n"),
        (OLD + b"Content-Length: 0\r\n\r\n", b""),
        (HEAD + b"Transfer-Encoding: x, Chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n", b"\n"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
)
async def test_an_answer_that_shows_its_end_is_whole(data: bytes, body: bytes) -> None:
    async with RawServer(last(data)) as raw, raw.client() as turso:
        assert await attempt(turso) == body


async def test_an_error_is_one_without_a_body_too() -> None:
    slow, many = (last(b"HTTP/1.1 %s\r\n\r\n" % status) for status in (b"429 Slow", b"300 Many"))
    async with RawServer(slow, many) as raw, raw.client() as turso:
        with pytest.raises(RateLimitedError):
            await attempt(turso)
        with pytest.raises(ProtocolError, match="300 is no answer to this request"):
            await attempt(turso)


@pytest.mark.parametrize("body", [b"\n", b" ", b" \t"])
async def test_what_is_blank_may_be_cut_also_when_its_end_comes_with_it(
    monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    read = aiohttp.StreamReader.readany

    async def readany(content: aiohttp.StreamReader) -> bytes:
        while not content.is_eof():
            await asyncio.sleep(0)
        return await read(content)

    monkeypatch.setattr(aiohttp.StreamReader, "readany", readany)
    async with RawServer(last(HEAD + b"\r\n" + body)) as raw, raw.client() as turso:
        with pytest.raises(ProtocolError, match="it is empty, and may have been cut"):
            await attempt(turso)


async def test_a_connection_that_changes_its_protocol_is_closed() -> None:
    head = b"HTTP/1.1 101 Yes\r\nUpgrade: x\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n"
    async with RawServer(send(head)) as raw, raw.client() as turso:
        # The traceback of an error that is kept holds the answer.
        with pytest.raises(ProtocolError, match="101") as caught:
            await attempt(turso)
        async with asyncio.timeout(2):
            await raw.requests[0].writer.wait_closed()
    assert caught.value.status == 101


async def test_after_a_stop_a_refused_token_is_not_replaced() -> None:
    async def provider() -> str:
        return "another"

    async with RawServer(answer(401, {"error": "no"}), FINE) as raw, raw.client(token=provider) as turso:
        account = Account()
        account.announce = account.end  # right before it is sent
        with pytest.raises(UnauthorizedError):
            await attempt(turso, account)
        with pytest.raises(Ended):
            await attempt(turso, account)
    assert len(raw.requests) == 1


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_after_a_timeout_no_more_of_the_request_is_sent() -> None:
    size, over = 10_000_000, asyncio.Event()
    got: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport: Any = writer.transport
        transport.pause_reading()
        await over.wait()
        transport.resume_reading()
        read = 0
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(2**20):
                read += len(data)
        transport.abort()
        got.set_result(read)

    async with await asyncio.start_server(late, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with TursoClient("token", base_url=url, retry=None, timeout=0.25) as turso:
            with pytest.raises(RequestTimeoutError):
                await turso.request("PUT", "v1", json="x" * size)
            over.set()
            assert await got < size


async def test_an_answer_that_comes_packed_and_in_pieces_is_whole() -> None:
    packed = gzip.compress(b"{}" * 50, mtime=0)
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    async with RawServer(pieces(head + packed[:-9], packed[-9:])) as raw, raw.client() as turso:
        assert await attempt(turso) == b"{}" * 50


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_a_success_is_the_body_of_any_whole_answer(status: int) -> None:
    async with RawServer(last(http(status, b"" if status == 204 else b"{}"))) as raw, raw.client() as turso:
        account = Account()
        assert await attempt(turso, account) == (b"" if status == 204 else b"{}")
    assert (account.status, account.attempts) == (status, 1)


@pytest.mark.parametrize("status", [206, 207, 226, 300, 307])
async def test_a_part_of_an_answer_or_another_place_is_no_success(status: int) -> None:
    server = RawServer(answer(status, b"{}", "Location: /elsewhere"), then=FINE)
    async with server as raw, raw.client() as turso:
        with pytest.raises(ProtocolError) as caught:
            await attempt(turso)
    assert (caught.value.status, len(raw.requests)) == (status, 1)


async def test_every_connection_is_given_back_or_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    held: list[aiohttp.ClientResponse] = []  # Python closes what is not held
    request = aiohttp.ClientSession._request

    async def holding(*arguments: Any, **options: Any) -> aiohttp.ClientResponse:
        held.append(await request(*arguments, **options))
        return held[-1]

    monkeypatch.setattr(aiohttp.ClientSession, "_request", holding)
    async with RawServer(send(switching), FINE, answer(500)) as raw, raw.client(retry=None) as turso:
        for count in range(3):
            with contextlib.suppress(ServerError, OutcomeUnknownError):
                await attempt(turso)
            opened = turso._calls.pool.opened
            assert opened is not None and opened.session.connector is not None
            assert not opened.session.connector._acquired
            assert len(held) == count + 1 and held[-1].closed


async def test_a_cancelled_call_does_not_wait_for_a_peer_that_does_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aborted: list[asyncio.Transport | None] = []
    monkeypatch.setattr(Send, "abort", lambda sent: aborted.append(sent.transport))
    async with RawServer(then=stall) as raw, raw.client() as turso:
        call = asyncio.create_task(attempt(turso))
        await raw.seen(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert [transport is not None for transport in aborted] == [True]


async def test_a_session_that_is_closed_while_an_answer_is_due_leaves_the_outcome_unknown() -> None:
    async with RawServer(then=stall) as raw:
        session = aiohttp.ClientSession()
        async with raw.client(session=session, retry=None) as turso:
            task = asyncio.create_task(attempt(turso))
            await raw.seen(1)
            await session.close()
            with pytest.raises(OutcomeUnknownError) as caught:
                await task
        assert not isinstance(caught.value, ClientClosedError)
