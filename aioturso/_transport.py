"""One attempt: pool slot, send, read the whole answer, release. Nothing else talks to aiohttp."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any, NoReturn

import aiohttp
from attrs import Attribute, define, field, frozen
from multidict import CIMultiDict

from . import errors
from ._credentials import Credentials
from ._deadlines import Deadline, Deadlines
from ._operation import CallState, Request
from ._protocol import clean, parse_retry_after, refusal
from ._slots import Slots

_SendMethod = Callable[[aiohttp.connector.Connection], Coroutine[Any, Any, aiohttp.ClientResponse]]
MAX_BODY = 32 * 1024 * 1024


def _seconds(_: object, attribute: Attribute[float], value: float) -> None:
    if not 0 < value < float("inf"):  # aiohttp reads 0 and less as no limit
        raise errors.ConfigurationError(f"timeout: {attribute.name} must be a positive number of seconds")


@frozen(kw_only=True)
class Timeout:
    """Seconds. `attempt`: one send and its answer; `total`: the call with its waits; `connect`: one connection."""

    attempt: float = field(default=30.0, validator=_seconds)
    total: float = field(default=300.0, validator=_seconds)
    connect: float = field(default=10.0, validator=_seconds)


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

    token: str = field(repr=False)
    state: CallState
    seen: bool = False
    sent: bool = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        self.seen = True
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        else:  # another host: not even a borrowed session's own credentials
            request.headers.pop("Authorization", None)
        send: _SendMethod | None = getattr(request, "send", None)
        if send is None:  # this aiohttp has no place between connecting and sending: assume the worst
            self.count()
        else:

            def counted(
                connection: aiohttp.connector.Connection,
            ) -> Coroutine[Any, Any, aiohttp.ClientResponse]:
                if connection.protocol is not None and connection.protocol.should_close:
                    # What came before the request would be read as its answer: take another connection.
                    raise aiohttp.ClientOSError("bytes came on an idle connection")
                self.count()
                return send(connection)

            request.send = counted  # type: ignore[method-assign,assignment]  # no other place to count
        try:
            response = await handler(request)
            # Keep cookies out of a borrowed session's jar; aiohttp 3.12 has them in `_cookies`.
            response._raw_cookie_headers = response._cookies = None
            return response
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            if not self.sent:
                raise
            lost = f"the connection was lost ({type(error).__name__})"
        finally:
            if send is not None:
                del request.send  # a reference cycle, else, in every call
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
    deadlines: Deadlines
    asking: asyncio.Lock = field(factory=asyncio.Lock)
    until_end: AsyncGenerator[None] | None = None


async def _until_end(session: aiohttp.ClientSession) -> AsyncGenerator[None]:
    """Closes the session when it is closed, or else when `asyncio.run` and its like shut generators down."""
    try:
        yield
    finally:
        await session.close()


@define
class Pool:
    """Mutable, shared by the clients of one pool: opened on the first call, once for each event loop in turn."""

    size: int
    timeout: Timeout
    trust_env: bool
    borrowed: aiohttp.ClientSession | None
    credentials: Credentials
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    closed: bool = False
    _pauses: set[asyncio.Timeout] = field(factory=set, init=False)
    _open: _Open | None = None
    _connect: aiohttp.ClientTimeout = field(init=False)

    def __attrs_post_init__(self) -> None:
        # Without a total time: aiohttp's own timer would cost 7 % of a request.
        self._connect = aiohttp.ClientTimeout(total=None, sock_connect=self.timeout.connect)

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
        if self.borrowed is None:
            now.until_end = _until_end(now.session)
            await anext(now.until_end)
        if before is not None and before.until_end is not None:
            await before.until_end.aclose()
        return now

    def _opened(self, loop: asyncio.AbstractEventLoop) -> _Open:
        session = self.borrowed or aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.size),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=self.trust_env,
        )
        if getattr(session, "_loop", loop) is not loop:
            raise errors.ConfigurationError("the borrowed session belongs to another event loop")
        # A lent session's smaller pool would make calls wait inside aiohttp, where their time already runs.
        lent = session.connector.limit if session.connector else 0
        slots = Slots(min(self.size, lent or self.size))
        return _Open(loop, session, slots, Deadlines(loop, self.timeout.attempt))

    @property
    def in_flight(self) -> int:
        """Calls that hold a slot now."""
        return self._open.slots.taken if self._open else 0

    async def close(self) -> None:
        """Close the session, unless it is borrowed; calls in flight end with an error of ours."""
        self.closed = True
        for limit in self._pauses:
            limit.reschedule(0.0)
        opened, self._open = self._open, None
        if opened is not None and opened.until_end is not None:
            await opened.until_end.aclose()

    async def pause(self, seconds: float) -> None:
        """A call's back-off, which ends with ClientClosedError when the client is closed."""
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._pauses.add(limit)
                await self.sleep(seconds)
            return
        except TimeoutError:
            if not limit.expired():
                raise
        finally:
            self._pauses.discard(limit)
        raise errors.ClientClosedError("the client was closed while this call waited to try again")

    async def attempt(self, request: Request, state: CallState) -> bytes:
        """One send; returns the body of a 2xx answer or raises one of our errors."""
        opened = self._open
        if opened is None or opened.loop is not asyncio.get_running_loop():
            opened = await self.open()
        token = request.token
        if token is None:
            token = self.credentials.token or await self.credentials.ask(opened.asking)
        slots = opened.slots
        if slots.free:
            slots.free -= 1
        elif not state.deadline:  # a queued call never times out in the queue (case C33)
            await slots.take(rank=1)
        else:
            await self._return(slots, state)
        try:
            if self.closed or opened.session.closed:
                raise errors.ClientClosedError("the client, or the session lent to it, is closed")
            limit = Deadline(opened.deadlines, self._seconds(request, state))
            return await self._send(opened.session, request, token, limit, state)
        except errors.UnauthorizedError as error:
            if request.token is not None or state.reauthorized or not self.credentials.refused(token):
                raise
            state.reauthorized, state.last = True, error
        finally:
            slots.give()
        return await self.attempt(request, state)

    def _seconds(self, request: Request, state: CallState) -> float:
        """How long this attempt may take; the call's time starts when it first holds a slot."""
        now = time.monotonic()
        if not state.deadline:
            state.started, state.deadline = now, now + (request.timeout or self.timeout.total)
        elif state.deadline <= now and state.last is not None:
            raise state.last
        left = state.deadline - now
        return left if request.timeout else min(left, self.timeout.attempt)

    async def _return(self, slots: Slots, state: CallState) -> None:
        """Wait, as a call that has been sent before, for another slot."""
        try:
            async with asyncio.timeout(max(0.0, state.deadline - time.monotonic())):
                return await slots.take(rank=0)
        except TimeoutError:
            assert state.last is not None  # only a call that has had a slot has a deadline
        raise state.last

    async def _send(
        self,
        session: aiohttp.ClientSession,
        request: Request,
        token: str,
        limit: Deadline,
        state: CallState,
    ) -> bytes:
        operation = request.operation
        send = _Send(token, state)
        try:
            with limit:
                response = await session.request(
                    operation.method,
                    request.url,
                    data=request.body() if callable(request.body) else request.body,
                    headers=request.headers or (_HEADERS if request.body is None else _JSON_HEADERS),
                    allow_redirects=False,
                    raise_for_status=False,
                    timeout=self._connect,
                    middlewares=(send,),
                )
                try:
                    body = await response.content.readany()
                    if len(body) > MAX_BODY or not response.content.at_eof():
                        body = await _rest(response, body)
                except BaseException:
                    response.close()
                    raise
            if not response.closed:  # its end frees the connection, except after a 101
                response.close()
        except Exception as error:  # whatever the network does becomes an error of ours
            failed = self._translate(error, send, operation.name)
        else:
            state.attempts += not send.seen  # a mock in place of aiohttp ran no middleware
            state.unanswered = False
            state.status = status = response.status
            if not 200 <= status < 300:
                _refuse(response, body, operation.name, token)
            return body
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


_HEADERS = CIMultiDict({"Accept": "application/json"})
_JSON_HEADERS = CIMultiDict({**_HEADERS, "Content-Type": "application/json"})


def _refuse(response: aiohttp.ClientResponse, body: bytes, operation: str, token: str) -> NoReturn:
    headers = response.headers
    waits = headers.getall("Retry-After", [])
    wait = parse_retry_after(waits, headers.get("Date", ""), time.time()) if waits else None
    raise refusal(response.status, body, wait, headers.get("Location", ""), operation, token)


async def _rest(response: aiohttp.ClientResponse, start: bytes) -> bytes:
    """The whole body, through the stream and not `response.read()`, which knows no limit."""
    content = response.content
    body = bytearray(start)
    while len(body) <= MAX_BODY:
        if content.at_eof():
            return bytes(body)
        body += await content.readany()
    raise _TooLarge
