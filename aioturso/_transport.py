"""One attempt: pool slot, send, read the whole answer, release. Nothing else sends."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from functools import lru_cache
from io import BytesIO

import aiohttp
from attrs import define
from multidict import CIMultiDictProxy

from . import errors
from ._account import Account, Ended
from ._deadlines import Deadline
from ._middleware import Lost, Send
from ._operation import Request, Stream
from ._pool import Open, Pool
from ._protocol import clean
from ._pulse import Overdue
from ._refusals import is_stored, may_be_stored, refusal
from ._slots import Slots

# After decompression: a small gzip can unfold a thousandfold.
MAX_BODY = 32 * 1024 * 1024
_PARTIAL = frozenset({206, 207, 226})  # successes that hold a part of an answer, or several answers
_QUOTE = re.compile(r"(?<![\w=])b?['\"]")  # where text or bytes begin, as Python writes them
_BLANK = 0x20  # the space, above JSON's other white space
_NO_PROOF = frozenset({202, 203, 208})  # to a GET: not ready, changed by a proxy, or listed elsewhere


class _TooLarge(Exception):
    """The answer has passed MAX_BODY bytes after decompression."""


class _Cut(Exception):
    """A success with nothing in it, of which the beginning may be all that has come."""


class _Early(Exception):
    """A success has come before the request was sent whole."""


@lru_cache(maxsize=64)
def _connecting(seconds: float) -> aiohttp.ClientTimeout:
    """Without a total time: aiohttp's own timer would cost 7 % of a request."""
    return aiohttp.ClientTimeout(total=None, sock_connect=seconds)


@define
class Transport:
    """Sends the attempts of all calls of a pool."""

    pool: Pool

    async def attempt(self, request: Request, account: Account) -> bytes:
        """Returns the body of a 2xx answer, or raises an error of this library.

        After a 401 it sends once more, if a provider has another token.
        """
        pool, task, opened = self.pool, account.task, self.pool.opened
        # Looked at here too: to await `open` in each attempt would cost a coroutine, and the running loop a system call.
        if opened is None or opened.loop is not task.get_loop():
            opened = await pool.open()
        while True:
            token = request.token  # the empty text is a value: it sends no token at all
            if token is None:
                # Before the slot: a provider that hangs must not hold the places of the pool.
                token = pool.credentials.token or await pool.credentials.fetch(request, account)
            if not opened.slots.take_now():
                await _queue(opened.slots, account)
            try:
                # It may have been closed while this call waited, or ended in a look, by a hook in this very task.
                if pool.closed or account.ended:
                    raise errors.ClientClosedError("the client is closed") if pool.closed else Ended
                if account.evidence is not None and account.evidence.is_late():
                    raise Overdue
                # Time begins with the slot: a queue in this process is no fault of the server.
                seconds = account.seconds(time.monotonic(), request.timeout)
                if seconds <= 0 and account.last is not None:
                    raise account.last  # the server's own error, and not one about time
                if account.announce is not None:
                    account.announced()
                limit = Deadline(opened.deadlines, seconds, task)
                return await self._send(opened, request, Send(token, account), limit)
            except errors.UnauthorizedError as error:
                # Once only: a provider may return the refused token for ever.
                final = request.token is not None or account.reauthorized or account.ended
                if final or not pool.credentials.refuse(token):
                    raise
                # Its frames hold the token.
                account.reauthorize(error.with_traceback(None))
            finally:
                opened.slots.give()

    async def _send(self, opened: Open, request: Request, send: Send, limit: Deadline) -> bytes:
        account, reads = send.account, request.operation.method == "GET"
        response: aiohttp.ClientResponse | None = None
        try:
            with limit:
                response = await opened.session.request(
                    request.operation.method,
                    request.url,
                    data=_counted(request.body, request, send) if callable(request.body) else request.body,
                    headers=request.headers or opened.headers[reads, request.body is None],
                    # aiohttp would send a DELETE again to where a 307 points, with the token.
                    allow_redirects=False,
                    raise_for_status=False,  # a borrowed session may have it on, and that error shows the token
                    timeout=_connecting(request.timeout.connect),
                    middlewares=(send,),  # in place of a borrowed session's, which could send again uncounted
                )
                # Mostly all of it, and then without a copy.
                answer = await (content := response.content).readany()
                if not answer or answer[0] <= _BLANK or len(answer) > MAX_BODY or not content.at_eof():
                    answer = await _rest(response, answer, send.seen)
                if callable(request.body) and response.status < 300 and send.is_cut():
                    raise _Early
            if not response.closed:  # its end frees the connection, except after a 101
                response.close()
        except Exception as error:  # every failure of the network becomes an error of this library
            _abandon(response, send)
            failed = _translated(error, send, request, limit.seconds, opened.session.closed)
        except BaseException as error:
            _abandon(response, send)
            raise error.with_traceback(None)  # noqa: B904  (it is the same error, without aiohttp's frames, which hold secrets)
        else:
            if not send.seen:
                _unseen(request, response, account)
            status, headers = account.status, self.pool.headers = response.status, response.headers
            if (status == 200 and not reads) or _is_whole(request, status, headers):
                account.headers = headers
                return answer
            raise refusal(request, status, answer, headers, send.token, time.time())
        # Outside the handler: aiohttp's errors, as a context, would show the request's headers.
        raise failed


def _unseen(request: Request, response: aiohttp.ClientResponse, account: Account) -> None:
    """Counts the send of a mock in place of aiohttp, which runs no middleware.

    Raises NotSentError for what a session of the caller's own had kept, as that of aiohttp-client-cache does.
    """
    # Each attribute of some mocks counts as true.
    if getattr(response, "from_cache", None) is True and not may_be_stored(request):
        why = "the session that was lent to the client has answered from a cache of its own: use one without"
        raise errors.NotSentError(f"{request}: not sent ({why})", final=True, **request.facts())
    account.sent()


def _is_whole(request: Request, status: int, headers: CIMultiDictProxy[str]) -> bool:
    """True for a success that is a whole answer. A list that is none would be a proof that something is absent."""
    lacking = _PARTIAL | _NO_PROOF if request.operation.method == "GET" else _PARTIAL
    return 200 <= status < 300 and status not in lacking and not is_stored(request, status, headers)


def _abandon(response: aiohttp.ClientResponse | None, send: Send) -> None:
    if response is not None:
        # Not released: what is left of the answer would be read as the next one.
        response.close()
    # What of the request is not yet written must not be sent once the call has ended.
    send.abort()


async def _queue(slots: Slots, account: Account) -> None:
    """Waits for a slot: without a limit before the first attempt, later within the time of the call."""
    if not account.deadline:
        # Not behind others once more after a look: it would be out of date again and again.
        await slots.take(rank=0 if account.is_looked_at else 1)
        return None
    try:
        async with asyncio.timeout(account.left(time.monotonic())):
            # Before calls that were never sent: their time has not begun.
            return await slots.take(rank=0)
    except TimeoutError:
        assert account.last is not None  # only a call that has failed comes back
    raise account.last


async def _rest(response: aiohttp.ClientResponse, begun: bytes, seen: bool) -> bytes:
    """Returns the whole body, through the stream and not `response.read()`, which knows no limit."""
    content, body = response.content, BytesIO()
    body.write(begun)
    while body.tell() <= MAX_BODY:
        if content.at_eof():
            found = body.getvalue()  # without a copy, as nothing is written to it afterwards
            # A mock in place of aiohttp has no length.
            if seen and (not found or found.isspace()) and _may_be_cut(response.status, response.headers):
                raise _Cut
            return found
        body.write(await content.readany())
    raise _TooLarge


def _counted(stream: Stream, request: Request, send: Send) -> AsyncIterator[bytes]:
    assert request.headers is not None  # a file is sent with its length
    return send.counted(stream(), int(request.headers["Content-Length"]))


def _may_be_cut(status: int, headers: CIMultiDictProxy[str]) -> bool:
    """True for an empty answer that may have lost what was in it. JSON that was cut is noticed, as it is no JSON."""
    if status == 204 or headers.get("Content-Length") == "0":
        return False
    # aiohttp does not notice a gzip stream that was cut before its first byte.
    packings = {packing.strip().lower() for packing in headers.getall("Content-Encoding", [])}
    if not packings <= {"", "identity"}:
        return True
    codings = headers.getall("Transfer-Encoding", [])
    chunked = {coding.rpartition(",")[2].strip().lower() for coding in codings} == {"chunked"}
    # Without a length it ends with its connection, also when that is lost: https://www.rfc-editor.org/rfc/rfc9112#section-8
    return status < 300 and not chunked and "Content-Length" not in headers


def _translated(
    error: Exception, send: Send, request: Request, seconds: float, closed: bool
) -> errors.TursoError:
    """Returns this library's error, not chained: aiohttp's hold the request's headers."""
    kind, facts = f"{type(error).__name__}: {clean(str(error), send.token)}", request.facts()
    if isinstance(error, TimeoutError) and not str(error):  # of this library's own limit
        kind = f"no connection within {seconds:.3g} s"
    # aiohttp raises a RuntimeError for a closed session, which would look like a fault of the network.
    if closed and not send.sent:
        return errors.ClientClosedError(f"{request}: the session lent to the client is closed", **facts)
    # aiohttp raises these two only while it connects.
    unsent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    # The middleware was called and never came to the send: nothing was written.
    if unsent or (send.seen and not send.sent):
        # A certificate is the same at the next attempt.
        final = isinstance(error, aiohttp.ClientSSLError | aiohttp.ServerFingerprintMismatch)
        return errors.NotSentError(f"{request}: not sent ({kind})", final=final, **facts)
    # A mock in place of aiohttp has raised it: to count a send is the safe side.
    if not send.seen:
        send.account.sent()
    if isinstance(error, TimeoutError):
        return errors.RequestTimeoutError(f"{request}: no answer within {seconds:.3g} s", **facts)
    if isinstance(error, _TooLarge):
        return errors.ProtocolError(f"{request}: the answer is larger than {MAX_BODY} bytes", **facts)
    if isinstance(error, _Cut):
        why = "it is empty, and may have been cut"
        return errors.ProtocolError(f"{request}: the answer could not be read: {why}", **facts)
    if isinstance(error, _Early):
        return errors.ProtocolError(f"{request}: a success came before the request was sent whole", **facts)
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError | ValueError):
        why = type(error).__name__ if isinstance(error, ValueError) else _without_quotes(error, send.token)
        return errors.ProtocolError(f"{request}: the answer could not be read ({why})", **facts)
    return errors.OutcomeUnknownError(f"{request}: {error if isinstance(error, Lost) else kind}", **facts)


def _without_quotes(error: aiohttp.ClientResponseError | aiohttp.ClientPayloadError, secret: str) -> str:
    """Returns an error of aiohttp's in words, without what it quotes from the answer: that may hold a secret."""
    said = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    if (quote := _QUOTE.search(said)) is not None:
        said = said[: quote.start()].rstrip(": \n")
    return f"{type(error).__name__}: {clean(said, secret)}"
