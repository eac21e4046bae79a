"""One attempt: pool slot, send, read the whole answer, release. Nothing else talks to aiohttp."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import aiohttp
from attrs import define, field, frozen
from yarl import URL

from . import errors
from ._protocol import clean, error_from, parse_retry_after
from .operation import Operation

TokenProvider = Callable[[], Awaitable[str]]
MAX_BODY = 32 * 1024 * 1024


@frozen(kw_only=True)
class Timeout:
    """Seconds. `attempt`: one send and its answer; `total`: the call with its waits; `connect`: one connection."""

    attempt: float = 30.0
    total: float = 300.0
    connect: float = 10.0


@define
class CallState:
    """Mutable, one per call: what has been sent so far."""

    attempts: int = 0
    maybe_applied: bool = False
    reauthorized: bool = False
    deadline: float | None = None
    last: errors.TursoError | None = None

    def remaining(self) -> float:
        return float("inf") if self.deadline is None else self.deadline - time.monotonic()


@frozen
class Answer:
    """A success. `confirmed_by`: the kind of resource whose absence confirmed an earlier, unanswered attempt."""

    status: int
    body: bytes
    attempts: int
    confirmed_by: str | None = None


class _Lost(Exception):
    """Not an OSError, so that aiohttp does not send the request again by itself (case C10)."""


@define
class _Sends:
    """An innermost client middleware for one attempt: counts sends, stops the hidden resend."""

    seen: bool = False
    count: int = 0

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        self.seen = True
        send = request.send

        async def counted(conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
            self.count += 1
            return await send(conn)

        request.send = counted  # type: ignore[method-assign]  # the one place between connecting and sending
        try:
            return await handler(request)
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            if self.count:
                lost = f"the connection was lost ({type(error).__name__})"
            else:
                raise
        raise _Lost(lost)


@define
class Pool:
    """Mutable, shared by the clients of one pool: the session, opened on the first call, and its slots."""

    size: int
    timeout: Timeout
    trust_env: bool
    borrowed: aiohttp.ClientSession | None
    closed: bool = False
    in_flight: int = 0
    _session: aiohttp.ClientSession | None = None
    _slots: asyncio.Semaphore | None = None
    _loop: asyncio.AbstractEventLoop | None = field(default=None, repr=False)

    def open(self) -> tuple[aiohttp.ClientSession, asyncio.Semaphore]:
        if self.closed:
            raise errors.ClientClosedError("the client is closed")
        loop = asyncio.get_running_loop()
        if self._session is None or self._slots is None or self._loop is not loop:
            if self._loop is not None and not self._loop.is_closed() and self._loop is not loop:
                raise errors.ConfigurationError(
                    "this client belongs to another running event loop; make one per loop"
                )
            if self._session is not None and self.borrowed is None and self._session.connector is not None:
                self._session.connector._close()  # its loop is closed: nothing can be awaited
            self._session = self.borrowed or aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self.size),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=self.trust_env,
            )
            self._slots, self._loop = asyncio.Semaphore(self.size), loop
        return self._session, self._slots

    async def close(self) -> None:
        self.closed = True
        session, self._session = self._session, None
        if session is not None and self.borrowed is None:
            await session.close()

    async def attempt(self, operation: Operation, url: URL, token: str, state: CallState) -> Answer:
        """One send; returns a 2xx answer or raises one of our errors."""
        session, slots = self.open()
        try:
            async with asyncio.timeout(None if state.deadline is None else max(0.0, state.remaining())):
                await slots.acquire()
        except TimeoutError:
            assert state.last is not None  # only a call that has had a slot has a deadline
            raise state.last from None
        self.in_flight += 1
        try:
            if self.closed:
                raise errors.ClientClosedError("the client is closed")
            if state.deadline is None:
                state.deadline = time.monotonic() + self.timeout.total
            return await self._send(session, operation, url, token, state)
        finally:
            self.in_flight -= 1
            slots.release()

    async def _send(
        self, session: aiohttp.ClientSession, operation: Operation, url: URL, token: str, state: CallState
    ) -> Answer:
        sends = _Sends()
        seconds = max(0.001, min(self.timeout.attempt, state.remaining()))
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        data = None
        if operation.json is not None:
            data = json.dumps(operation.json).encode()
            headers["Content-Type"] = "application/json"
        failed: errors.TursoError
        try:
            response = await session.request(
                operation.method,
                url,
                headers=headers,
                data=data,
                allow_redirects=False,
                raise_for_status=False,
                timeout=aiohttp.ClientTimeout(
                    total=seconds, connect=self.timeout.connect, sock_connect=self.timeout.connect
                ),
                middlewares=(sends,),
            )
            try:
                body = await _read(response)
            except BaseException:
                response.close()
                raise
            response.release()
        except (aiohttp.ClientError, _Lost, TimeoutError, OSError, ValueError) as error:
            failed = _translate(error, sends, operation.name, token)
        else:
            state.attempts += max(1, sends.count)
            return self._judge(response, body, operation, token, state)
        not_sent = isinstance(failed, errors.NotSentError | errors.ClientClosedError)
        state.attempts += 0 if not_sent else max(1, sends.count)
        raise failed

    def _judge(
        self,
        response: aiohttp.ClientResponse,
        body: bytes,
        operation: Operation,
        token: str,
        state: CallState,
    ) -> Answer:
        status = response.status
        if status >= 400:
            wait = parse_retry_after(response.headers.getall("Retry-After", []), time.time())
            raise error_from(status, body, wait, operation.name, token)
        if not 200 <= status < 300:
            location = clean(response.headers.get("Location", ""), token)
            redirect = errors.ProtocolError(
                f"{operation.name}: {status} redirect to {location!r}, not followed"
            )
            redirect.status, redirect.location = status, location
            raise redirect
        return Answer(status, body, state.attempts)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_BODY:
            raise _Lost(f"the answer is larger than {MAX_BODY} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _translate(error: Exception, sends: _Sends, operation: str, token: str) -> errors.TursoError:
    """Our own error, not chained: aiohttp's hold the request's headers (case C62)."""
    kind = f"{type(error).__name__}: {clean(str(error), token)}"
    connecting = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    if connecting or (sends.seen and not sends.count):
        return errors.NotSentError(f"{operation}: not sent ({kind})")
    if isinstance(error, TimeoutError):
        return errors.RequestTimeoutError(f"{operation}: no answer in time")
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError | ValueError):
        return errors.ProtocolError(f"{operation}: the answer could not be read ({type(error).__name__})")
    if isinstance(error, _Lost) and "larger" in str(error):
        return errors.ProtocolError(f"{operation}: {error}")
    return errors.OutcomeUnknownError(f"{operation}: {kind}")
