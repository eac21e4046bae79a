"""The pool of a client: a session for each event loop in turn, its slots, and its end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import aiohttp
from aiohttp.helpers import get_env_proxy_for_url
from attrs import Factory, define, field
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from . import errors
from ._credentials import Credentials
from ._deadlines import Deadlines
from ._middleware import loop_of
from ._protocol import is_loopback
from ._pulse import Pulse
from ._running import Running
from ._slots import Slots

T = TypeVar("T")


@define
class Open:
    """The session and slots of one event loop.

    `headers`: of a request that only reads, or not, and that has no body, or has one; None: those of the session alone.
    `process`: in which it was opened.
    """

    loop: asyncio.AbstractEventLoop
    session: aiohttp.ClientSession
    slots: Slots
    deadlines: Deadlines
    headers: Mapping[tuple[bool, bool], CIMultiDict[str] | None]
    until_end: AsyncGenerator[None] | None = None
    process: int = field(factory=os.getpid)


async def _until_end(session: aiohttp.ClientSession) -> AsyncGenerator[None]:
    """Closes the session when it is closed, or else when `asyncio.run` and its like shut generators down."""
    try:
        yield
    finally:
        await session.close()


@define
class Pool:
    """Mutable, shared by the clients of one pool: opened on the first call, once for each event loop in turn.

    `usual`: the time of an attempt with the usual limits, in seconds; `opened`: what is open, in whatever loop;
    `headers`: of the last answer, whose `Date` is the time of its server. `close` cancels the calls that run, which end
    with an error of this library.
    """

    size: int
    usual: float
    base: URL
    trust_env: bool
    borrowed: aiohttp.ClientSession | None
    credentials: Credentials
    user_agent: str
    closed: bool = False
    running: Running = field(factory=Running, init=False)
    pulse: Pulse = field(default=Factory(lambda pool: pool.credentials.pulse, takes_self=True), init=False)
    headers: CIMultiDictProxy[str] | None = field(default=None, init=False, repr=False)
    opened: Open | None = None
    _threads: ThreadPoolExecutor | None = None
    _process: int = 0

    async def open(self) -> Open:
        """Returns the session and slots of this loop; after `close`, raises ClientClosedError."""
        if self.closed:
            raise errors.ClientClosedError("the client is closed")
        loop = asyncio.get_running_loop()
        before = self.opened
        if before is not None and before.loop is loop:
            return before
        if before is not None and not before.loop.is_closed():
            raise errors.ConfigurationError(
                "this client is in use by another event loop, which is not closed: make one client per loop"
            )
        # Before the first await: first calls that come together share one session.
        self.opened = now = self._opened(loop)
        if self.borrowed is None:
            now.until_end = _until_end(now.session)
            # Only a generator that has begun is closed with its loop.
            await anext(now.until_end)
        # A loop that was closed without `shutdown_asyncgens` has left its session open.
        if before is not None and before.until_end is not None:
            await before.until_end.aclose()
        return now

    def _opened(self, loop: asyncio.AbstractEventLoop) -> Open:
        headers = CIMultiDict({"Accept": "application/json", "User-Agent": self.user_agent})
        session = self.borrowed or aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.size),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            trust_env=self._trusts_env(),
        )
        if (loop_of(session) or loop) is not loop:
            raise errors.ConfigurationError("the borrowed session belongs to another event loop")
        # A lent session's smaller pool would make calls wait inside aiohttp, where their time already runs.
        connector = session.connector
        limits = (connector.limit, connector.limit_per_host) if connector else ()
        slots = Slots(min([self.size, *(limit for limit in limits if limit)]))  # 0 is no limit
        if self.borrowed is not None and "User-Agent" in session.headers:
            del headers["User-Agent"]  # the host application has named itself
        content = CIMultiDict({**headers, "Content-Type": "application/json"})
        # A cache on the way must look again: what it has kept is no evidence.
        read = CIMultiDict({**headers, "Cache-Control": "no-cache"})
        # aiohttp copies a session's own headers faster than those of a request.
        own = headers if self.borrowed is not None else None
        each = {(True, True): read, (False, True): own, (True, False): content, (False, False): content}
        return Open(loop, session, slots, Deadlines(loop, self.usual), each)

    def _trusts_env(self) -> bool:
        """True if the environment's proxy may be used; raises ConfigurationError for one that cannot be."""
        if not self.trust_env:
            return False
        host = self._proxy_host()
        # aiohttp's own error would come in each call, and shows a password.
        if host == "":
            raise errors.ConfigurationError("the environment's proxy must be an http URL with a host")
        # Through a tunnel the proxy sees no header; else it would carry the token, in clear, off this machine.
        return host is None or self.base.scheme == "https" or is_loopback(host)

    def _proxy_host(self) -> str | None:
        try:
            proxy, _ = get_env_proxy_for_url(self.base)
        except LookupError:  # no proxy is set for this URL
            return None
        except ValueError:
            return ""
        return (proxy.host or "") if proxy.scheme in ("http", "https") else ""

    @property
    def in_flight(self) -> int:
        """Calls that hold a slot now."""
        return self.opened.slots.taken if self.opened else 0

    async def in_thread(self, function: Callable[..., T], *args: object) -> T:
        """Returns the function's result from a thread of this pool's own: the loop's may all be busy for long."""
        if self.closed:
            raise errors.ClientClosedError("the client is closed")
        # The child of a fork has none of its parent's threads, and would wait for them for ever.
        if self._threads is None or self._process != os.getpid():
            self._threads, self._process = ThreadPoolExecutor(2, thread_name_prefix="aioturso"), os.getpid()
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    async def close(self) -> None:
        """Ends every call, then closes the session unless it is borrowed."""
        # First: what is woken below must not start anything.
        self.closed = True
        self.credentials.stop()
        try:
            await self.running.end()
        finally:  # also when this close is cancelled
            if self._threads is not None:
                self._threads.shutdown(wait=False)  # a thread that reads a slow disk would hold the loop
            opened = self.opened
            # The child of a fork shares the connections of its parent, and keeps them: to forget them would close them.
            if opened is not None and opened.process == os.getpid():
                self.opened = None  # before the await: two closes at the same time close it once
                if opened.until_end is not None:
                    await opened.until_end.aclose()
