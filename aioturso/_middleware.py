"""Every use of the inside of aiohttp and asyncio, with the versions it was seen in and what breaks without it.

aiohttp 3.12 to 3.14 offer no public way to do any of these. `tests` run on the oldest and the newest of them.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import aiohttp
from aiohttp.hdrs import AUTHORIZATION
from attrs import define, field

from ._account import Account

_Connection = aiohttp.connector.Connection
_SendMethod = Callable[[_Connection], Coroutine[Any, Any, aiohttp.ClientResponse]]


# After these aiohttp sends again by itself.
_LOST = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)


READ = 64 * 1024
"""Bytes that a connection reads at a time.

asyncio of CPython 3.11 to 3.13 reads each answer into a new buffer of 256 KiB, for which glibc calls the kernel twice.
uvloop has no such size. If `max_size` or `_ssl_protocol` is gone, only the speed is: a tenth of the processor time.
"""


_MARK = "aioturso_has_come"
"""An attribute of the protocol of a connection on which something was sent: looks for its end, or bytes unasked.

They are there before the event loop reads them, and aiohttp waits for the event loop
(https://github.com/aio-libs/aiohttp/issues/7297). aiohttp 3.12 to 3.14 allow any attribute. Where one does not, a send may
be on a connection that is closed, and be lost.
"""


class Lost(Exception):
    """The connection was lost after a send. Not an OSError, which aiohttp would answer with a resend."""


class _Used(Exception):
    """The connection was used before, and has ended or may have. Nothing was written."""


@define
class Send:
    """The client middleware of one attempt: adds the token, counts the send, and stops aiohttp's own resend.

    `left`: the bytes of a body in pieces that are not yet handed to the connection.

    aiohttp sends GET, HEAD, PUT and DELETE once more by itself when a connection dies, also after a whole send
    (https://github.com/aio-libs/aiohttp/issues/10790). An error that is no OSError stops that.
    """

    token: str = field(repr=False)
    account: Account
    seen: bool = False
    sent: bool = False
    transport: asyncio.Transport | None = field(default=None, repr=False)
    left: int = 0

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        self._authorize(request)
        send: _SendMethod | None = getattr(request, "send", None)
        # aiohttp connects and sends in one step, around which a middleware is (https://github.com/aio-libs/aiohttp/pull/9732).
        # Without this method there is no place between the two, and a send is counted too early.
        if send is None:
            self.sent = True
            self.account.sent()
        else:
            request.send = partial(self._write, send)  # type: ignore[method-assign]  # the only place to count
        try:
            while True:
                try:
                    response = await handler(request)
                    break
                except _Used:  # aiohttp has closed it, and takes another
                    continue
            # Cookies stay out of a borrowed session's jar, which only a jar of the session's own can do else
            # (https://github.com/aio-libs/aiohttp/issues/957). aiohttp 3.12 holds them in `_cookies`, 3.13 in the other.
            # Under other names they would be kept, and sent again.
            response._cookies = None
            response._raw_cookie_headers = None  # type: ignore[attr-defined,unused-ignore]  # 3.12 does not know it
            return response
        except _LOST as error:
            # Before the send aiohttp may try another connection: nothing has left this side.
            if not self.sent:
                raise
            kind = type(error).__name__
        finally:
            # Every error of aiohttp's shows these headers (https://github.com/aio-libs/aiohttp/issues/8402), and so does
            # the response, which trace hooks see.
            request.headers.pop(AUTHORIZATION, None)
            if send is not None:
                del request.send  # a reference cycle, else, in every call
        raise Lost(f"the connection was lost ({kind})")

    def _write(
        self, send: _SendMethod, connection: _Connection
    ) -> Coroutine[Any, Any, aiohttp.ClientResponse]:
        """Counts the send, and sends; refuses a connection on which it must not."""
        protocol = connection.protocol
        if protocol is None or protocol.should_close:
            # Bytes that came before the request would be read as its answer: take another connection.
            raise aiohttp.ClientOSError("bytes came on an idle connection")
        has_come = getattr(protocol, _MARK, None)
        if has_come is None:
            _begin(protocol)
        elif self.account.renews or has_come(0):
            raise _Used
        self.sent, self.transport = True, protocol.transport
        self.account.sent()
        return send(connection)

    def _authorize(self, request: aiohttp.ClientRequest) -> None:
        """Adds the token, and hides it from trace hooks."""
        self.seen = True
        # Here, because a netrc file or a borrowed session's own credentials would replace a header of the call.
        if self.token:
            request.headers[AUTHORIZATION] = f"Bearer {self.token}"
        else:  # another host: not even a borrowed session's own credentials
            request.headers.pop(AUTHORIZATION, None)
        # Their hook for sent headers (https://github.com/aio-libs/aiohttp/issues/5105) would see the token. Under another
        # name, calls fail before they are sent.
        if request._traces:
            request._traces = []

    def counted(self, pieces: AsyncIterator[bytes], length: int) -> AsyncIterator[bytes]:
        """Returns the pieces of a body of this length; `is_cut` then knows how many were handed to the connection."""
        self.left = length  # at once: an answer may come before the first of them is taken
        return self._count(pieces)

    async def _count(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            # Before it is handed on: a server that has read all of it may answer before this runs on.
            self.left -= len(piece)
            yield piece

    def is_cut(self) -> bool:
        """True if a part of such a body has not left this side."""
        transport = self.transport
        return transport is not None and (self.left > 0 or transport.get_write_buffer_size() > 0)

    def abort(self) -> None:
        """Closes the connection at once: a peer that does not read would keep it open for ever."""
        if self.transport is not None:
            self.transport.abort()


def _begin(protocol: Any) -> None:
    """Marks a connection at its first send, and sets the size of its reads."""
    with suppress(AttributeError):
        setattr(protocol, _MARK, _watch(protocol.transport.get_extra_info("socket")))
    reader: Any = getattr(protocol.transport, "_ssl_protocol", protocol.transport)
    if getattr(reader, "max_size", 0) > READ:
        reader.max_size = READ


def _watch(connected: Any) -> Callable[[int], object]:
    """Returns a function that looks whether a socket can be read, for this many milliseconds at most."""
    if connected is None:  # a transport of a connector of the caller's own
        return lambda _: False
    if not hasattr(select, "poll"):  # Windows
        return lambda _: select.select([connected], (), (), 0)[0]
    poll = select.poll()
    poll.register(connected.fileno(), select.POLLIN)
    return poll.poll


def loop_of(session: aiohttp.ClientSession) -> asyncio.AbstractEventLoop | None:
    """Returns a session's event loop; None when it cannot be seen, and a wrong loop then fails in its first call.

    Its public name is deprecated (https://github.com/aio-libs/aiohttp/issues/3964).
    """
    return getattr(session, "_loop", None)
