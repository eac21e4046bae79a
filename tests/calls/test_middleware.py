"""The middleware of one attempt, by itself: the token, the count of sends, and what becomes of a lost connection."""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from asyncio.sslproto import SSLProtocol
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from answers import Answers
from multidict import CIMultiDict

from aioturso import TursoClient
from aioturso._account import Account
from aioturso._middleware import READ, Lost, Send, _watch, loop_of

LOST = [aiohttp.ClientOSError("reset"), aiohttp.ServerDisconnectedError()]


class Prepared:
    """A request as aiohttp hands it to a middleware."""

    def __init__(self, *traces: str) -> None:
        self.headers = CIMultiDict({"Authorization": "Basic hosts-own"})
        self._traces = list(traces)
        self.written: list[Any] = []

    async def send(self, connection: Any) -> Any:
        self.written.append((connection, self.headers.get("Authorization")))
        return SimpleNamespace(_cookies={"a": 1}, _raw_cookie_headers=("a=1",), status=200)


class Unseen(Prepared):
    """A request of an aiohttp that sends in another place."""

    send = None  # type: ignore[assignment]


class Watched:
    """A transport that notes its end."""

    aborted = 0

    def abort(self) -> None:
        self.aborted += 1

    def get_extra_info(self, name: str) -> None:
        """Has no socket."""


def connection(should_close: bool = False, transport: Any = None) -> Any:
    protocol = SimpleNamespace(should_close=should_close, transport=transport or Watched())
    return SimpleNamespace(protocol=protocol)


async def attempt(send: Send, request: Any, through: Any = None, error: Exception | None = None) -> Any:
    """Connects and sends as aiohttp does, and fails after it."""

    async def handler(prepared: Any) -> Any:
        before = send.account.attempts
        response = await prepared.send(through or connection())
        assert send.account.attempts == before + 1
        if error is not None:
            raise error
        return response

    return await send(request, handler)


def test_nothing_is_seen_or_sent_at_first_and_no_secret_is_shown() -> None:
    send = Send("secret", Account(), transport=Watched())  # type: ignore[arg-type]
    assert (send.seen, send.sent, Send("t", Account()).transport) == (False, False, None)
    assert "secret" not in repr(send) and "Watched" not in repr(send)


async def test_a_send_counts_when_it_is_written_on_a_connection_and_not_before() -> None:
    send, request, through = Send("t", Account()), Prepared(), connection()

    async def connects(prepared: Any) -> Any:
        assert (send.seen, send.sent, send.account.attempts) == (True, False, 0)
        return await prepared.send(through)

    response = await send(request, connects)  # type: ignore[arg-type]
    assert (response.status, request.written) == (200, [(through, "Bearer t")])
    assert (send.sent, send.account.attempts, send.transport) == (True, 1, through.protocol.transport)
    assert "send" not in vars(request)


async def test_a_send_that_cannot_be_seen_counts_before_it_connects() -> None:
    send = Send("t", Account())

    async def handler(request: Any) -> Any:
        assert (send.sent, send.account.attempts) == (True, 1)
        return SimpleNamespace()

    await send(Unseen(), handler)  # type: ignore[arg-type]
    with pytest.raises(Lost):
        await send(Unseen(), fails)  # type: ignore[arg-type]
    assert send.account.attempts == 2


async def fails(request: Any) -> Any:
    raise LOST[0]


@pytest.mark.parametrize("through", [SimpleNamespace(protocol=None), connection(should_close=True)])
async def test_nothing_is_sent_on_a_connection_on_which_bytes_came_unasked(through: Any) -> None:
    send, request = Send("t", Account()), Prepared()
    with pytest.raises(aiohttp.ClientOSError, match="bytes came on an idle connection"):
        await attempt(send, request, through)
    assert (request.written, send.sent, send.account.attempts) == ([], False, 0)


async def test_a_call_that_needs_a_new_connection_passes_over_those_that_were_used() -> None:
    through = [connection(), connection(), connection()]
    for used in through[:2]:
        await attempt(Send("t", Account()), Prepared(), used)
    send, request, offered = Send("t", Account(renews=True)), Prepared(), iter(through)

    async def handler(prepared: Any) -> Any:
        return await prepared.send(next(offered))

    await send(request, handler)  # type: ignore[arg-type]
    assert [found for found, _ in request.written] == [through[2]]
    assert (send.account.attempts, next(offered, None)) == (1, None)


@pytest.mark.parametrize("system", ["poll", "select alone"])
def test_the_end_of_a_connection_and_bytes_on_it_are_seen_before_they_are_read(
    monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    # Where there is a poll it is used: a select fails for a process with more than a thousand open files.
    unused = "select" if system == "poll" and hasattr(select, "poll") else "poll"
    monkeypatch.delattr(select, unused, raising=False)
    for come in (lambda far: far.send(b"x"), lambda far: far.close()):
        near, far = socket.socketpair()
        with near, far:
            has_come = _watch(near)
            assert not has_come(0)
            come(far)
            assert has_come(0)


async def test_no_look_at_a_connection_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    used, waits = connection(), list[float]()
    used.protocol.aioturso_has_come = waits.append
    await attempt(Send("t", Account()), Prepared(), used)
    assert waits == [0]
    monkeypatch.delattr(select, "poll", raising=False)
    monkeypatch.setattr(select, "select", lambda *given: (waits.append(given[3]), given[:3])[1])
    assert _watch("a socket")(0) == ["a socket"] and waits == [0, 0]


async def test_a_transport_without_a_socket_is_used_again() -> None:
    used = connection()
    for _ in range(2):
        request = Prepared()
        await attempt(Send("t", Account()), request, used)
        assert [found for found, _ in request.written] == [used]


async def test_a_connection_without_attributes_is_taken_as_it_is() -> None:
    class Bare:
        __slots__ = ("should_close", "transport")

    bare = Bare()
    bare.should_close, bare.transport = False, Watched()  # type: ignore[attr-defined]
    for _ in range(2):
        send = Send("t", Account(renews=True))
        await attempt(send, Prepared(), SimpleNamespace(protocol=bare))
        assert send.account.attempts == 1


async def test_cookies_of_every_aiohttp_stay_out_of_the_jar() -> None:
    response = await attempt(Send("t", Account()), Prepared())
    assert (response._cookies, response._raw_cookie_headers) == (None, None)


@pytest.mark.parametrize("traces", [(), ("watching",)])
@pytest.mark.parametrize("error", [None, ValueError("odd"), *LOST], ids=repr)
async def test_the_token_is_in_the_request_only_while_it_is_written(
    traces: tuple[str, ...], error: Exception | None
) -> None:
    request = Prepared(*traces)
    if error is None:
        await attempt(Send("t", Account()), request)
    else:
        with pytest.raises((ValueError, Lost)):
            await attempt(Send("t", Account()), request, error=error)
    assert [token for _, token in request.written] == ["Bearer t"]
    assert "Authorization" not in request.headers
    assert request._traces == [] and "send" not in vars(request)


async def test_without_a_token_not_even_the_credentials_of_a_borrowed_session_are_sent() -> None:
    request = Prepared()
    await attempt(Send("", Account()), request)
    assert [token for _, token in request.written] == [None]


@pytest.mark.parametrize("error", LOST, ids=repr)
async def test_a_connection_that_is_lost_after_the_send_is_no_error_that_aiohttp_answers_with_a_resend(
    error: Exception,
) -> None:
    with pytest.raises(Lost, match=rf"^the connection was lost \({type(error).__name__}\)$") as caught:
        await attempt(Send("t", Account()), Prepared(), error=error)
    assert not isinstance(caught.value, OSError) and caught.value.__context__ is None


@pytest.mark.parametrize("error", LOST, ids=repr)
async def test_a_connection_that_is_lost_before_the_send_is_left_to_aiohttp(error: Exception) -> None:
    async def handler(request: Any) -> Any:
        raise error

    with pytest.raises(type(error)) as caught:
        await Send("t", Account())(Prepared(), handler)  # type: ignore[arg-type]
    assert caught.value is error


@pytest.mark.parametrize("error", [TimeoutError(), aiohttp.ClientPayloadError("cut")], ids=repr)
async def test_another_error_after_the_send_stays_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        await attempt(Send("t", Account()), Prepared(), error=error)
    assert caught.value is error


async def test_a_connection_is_closed_at_once_if_there_is_one() -> None:
    send, through = Send("t", Account()), connection()
    send.abort()
    await attempt(send, Prepared(), through)
    send.abort()
    assert through.protocol.transport.aborted == 1


async def test_the_loop_of_a_session_is_seen_where_it_can_be() -> None:
    async with aiohttp.ClientSession() as session:
        assert loop_of(session) is asyncio.get_running_loop()
    assert loop_of(SimpleNamespace()) is None  # type: ignore[arg-type]


async def test_a_connection_reads_into_buffers_that_the_allocator_keeps() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answers, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with (
        server,
        aiohttp.ClientSession() as session,
        TursoClient("t", organization="org", base_url=base, session=session) as turso,
    ):
        await turso.destroy_instance("db", "i")
        assert session.connector is not None
        [[(protocol, _)]] = session.connector._conns.values()
        # uvloop's connections have no such size.
        expected = READ if isinstance(loop, asyncio.SelectorEventLoop) else None
        assert getattr(protocol.transport, "max_size", None) == expected


async def test_a_connection_with_tls_reads_into_buffers_that_the_allocator_keeps() -> None:
    loop, context = asyncio.get_running_loop(), ssl.create_default_context()
    tls: Any = SSLProtocol(loop, asyncio.Protocol(), context, loop.create_future(), server_hostname="h")
    transport = tls._get_app_transport()
    assert tls.max_size > READ
    await attempt(Send("t", Account()), Prepared(), connection(transport=transport))
    assert tls.max_size == READ
    transport._closed = True  # it was never connected


async def test_a_connection_that_reads_into_a_smaller_buffer_is_left_as_it_is() -> None:
    transport = SimpleNamespace(max_size=100)
    await attempt(Send("t", Account()), Prepared(), connection(transport=transport))
    assert transport.max_size == 100
