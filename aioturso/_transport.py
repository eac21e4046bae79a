"""One attempt: pool slot, send, read the whole answer, release. Nothing else talks to aiohttp."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
from attrs import define, field, frozen
from yarl import URL

from . import errors
from ._operation import Answer, CallState, Operation
from ._protocol import clean, judge, parse_retry_after
from ._slots import Slots

_SendMethod = Callable[[aiohttp.connector.Connection], Coroutine[Any, Any, aiohttp.ClientResponse]]
MAX_BODY = 32 * 1024 * 1024


@frozen(kw_only=True)
class Timeout:
    """Seconds. `attempt`: one send and its answer; `total`: the call with its waits; `connect`: one connection."""

    attempt: float = 30.0
    total: float = 300.0
    connect: float = 10.0


class _Lost(Exception):
    """Not an OSError, so that aiohttp does not send the request again by itself (case C10)."""


class _TooLarge(Exception):
    """The answer has passed MAX_BODY bytes after decompression."""


@define
class _Send:
    """The client middleware of one attempt: adds the token, counts the send, stops the hidden resend.

    The token goes in here, and not with the headers of the request, because a netrc file or a borrowed session's
    own credentials would otherwise be in its way (case C37); tracing hooks do not get to see it either.
    """

    token: str
    state: CallState
    seen: bool = False
    sent: bool = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        self.seen = True
        request.headers["Authorization"] = f"Bearer {self.token}"
        send: _SendMethod | None = getattr(request, "send", None)
        if send is None:  # this aiohttp has no place between connecting and sending: assume the worst
            self.count()
        else:

            def counted(
                connection: aiohttp.connector.Connection,
            ) -> Coroutine[Any, Any, aiohttp.ClientResponse]:
                self.count()
                return send(connection)

            request.send = counted  # type: ignore[method-assign,assignment]
        try:
            return await handler(request)
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            if not self.sent:
                raise
            lost = f"the connection was lost ({type(error).__name__})"
        raise _Lost(lost)

    def count(self) -> None:
        self.state.attempts += 1
        self.sent = self.state.unanswered = True


@define
class _Open:
    """What belongs to one event loop."""

    loop: asyncio.AbstractEventLoop
    session: aiohttp.ClientSession
    slots: Slots
    asking: asyncio.Lock = field(factory=asyncio.Lock)


@define
class Pool:
    """Mutable, shared by the clients of one pool: opened on the first call, once for each event loop in turn."""

    size: int
    timeout: Timeout
    trust_env: bool
    borrowed: aiohttp.ClientSession | None
    closed: bool = False
    in_flight: int = 0
    _open: _Open | None = None
    _usual: aiohttp.ClientTimeout = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._usual = aiohttp.ClientTimeout(total=self.timeout.attempt, sock_connect=self.timeout.connect)

    async def open(self) -> _Open:
        """The session and slots of this loop; after `close`, ClientClosedError."""
        if self.closed:
            raise errors.ClientClosedError("the client is closed")
        loop = asyncio.get_running_loop()
        before = self._open
        if before is not None and before.loop is loop:
            return before
        if before is not None and not before.loop.is_closed():
            raise errors.ConfigurationError(
                "this client is in use by another event loop, which is not closed: make one client per loop"
            )
        self._open = now = self._opened(loop)
        if before is not None and self.borrowed is None:
            await before.session.close()
        return now

    def _opened(self, loop: asyncio.AbstractEventLoop) -> _Open:
        session = self.borrowed or aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.size),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=self.trust_env,
        )
        # A lent session's smaller pool would make calls wait inside aiohttp, where their time already runs.
        lent = session.connector.limit if session.connector else 0
        return _Open(loop, session, Slots(min(self.size, lent or self.size)))

    async def close(self) -> None:
        self.closed = True
        opened, self._open = self._open, None
        if opened is not None and self.borrowed is None:
            await opened.session.close()

    async def attempt(
        self, operation: Operation[Any], url: URL, body: bytes | None, token: str, state: CallState
    ) -> Answer:
        """One send; returns a 2xx answer or raises one of our errors."""
        opened = await self.open()
        await self._take(opened.slots, state)
        self.in_flight += 1
        try:
            if self.closed:
                raise errors.ClientClosedError("the client was closed while this call waited")
            if state.deadline is None:
                state.deadline = time.monotonic() + self.timeout.total
            return await self._send(opened.session, operation, url, body, token, state)
        finally:
            self.in_flight -= 1
            opened.slots.give()

    async def _take(self, slots: Slots, state: CallState) -> None:
        if state.deadline is None:  # a queued call never times out in the queue (case C33)
            return await slots.take(first=False)
        try:
            async with asyncio.timeout(max(0.0, state.remaining())):
                return await slots.take(first=True)
        except TimeoutError:
            assert state.last is not None  # only a call that has had a slot has a deadline
        raise state.last

    async def _send(
        self,
        session: aiohttp.ClientSession,
        operation: Operation[Any],
        url: URL,
        body: bytes | None,
        token: str,
        state: CallState,
    ) -> Answer:
        send = _Send(token, state)
        remaining = state.remaining()
        timeout = self._usual
        if remaining < self.timeout.attempt:
            timeout = aiohttp.ClientTimeout(total=max(0.001, remaining), sock_connect=self.timeout.connect)
        try:
            response = await session.request(
                operation.method,
                url,
                data=body,
                headers=_HEADERS if body is None else _JSON_HEADERS,
                allow_redirects=False,
                raise_for_status=False,
                timeout=timeout,
                middlewares=(send,),
            )
            try:
                content = await _read(response)
            except BaseException:
                response.close()
                raise
            response.release()
        except Exception as error:  # whatever the network does becomes an error of ours
            failed = self._translate(error, send, operation.name)
        else:
            state.attempts += not send.seen  # a mock in place of aiohttp ran no middleware
            state.unanswered = False
            headers = response.headers
            wait = None
            if response.status >= 400:
                waits = headers.getall("Retry-After", [])
                wait = parse_retry_after(waits, headers.get("Date", ""), time.time()) if waits else None
            location = headers.get("Location", "")
            return judge(response.status, content, wait, location, operation.name, token)
        state.unanswered = False
        raise failed

    def _translate(self, error: Exception, send: _Send, operation: str) -> errors.TursoError:
        """Our own error, not chained: aiohttp's hold the request's headers (case C62)."""
        kind = f"{type(error).__name__}: {clean(str(error), send.token)}"
        unsent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
        if unsent or (send.seen and not send.sent):
            if self.closed:
                return errors.ClientClosedError(f"{operation}: the client was closed")
            return errors.NotSentError(f"{operation}: not sent ({kind})")
        send.state.attempts += not send.seen
        if isinstance(error, TimeoutError):
            return errors.RequestTimeoutError(f"{operation}: no answer in time")
        if isinstance(error, _TooLarge):
            return errors.ProtocolError(f"{operation}: the answer is larger than {MAX_BODY} bytes")
        if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError | ValueError):
            return errors.ProtocolError(f"{operation}: the answer could not be read ({type(error).__name__})")
        return errors.OutcomeUnknownError(f"{operation}: {error if isinstance(error, _Lost) else kind}")


_HEADERS = {"Accept": "application/json"}
_JSON_HEADERS = {**_HEADERS, "Content-Type": "application/json"}


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The whole body, through the stream and not `response.read()`, which knows no limit."""
    chunks: list[bytes] = []
    size = 0
    while chunk := await response.content.readany():
        size += len(chunk)
        if size > MAX_BODY:
            raise _TooLarge
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
