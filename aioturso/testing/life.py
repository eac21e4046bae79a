"""Serves the fake: in the running loop, or in a loop of its own in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

from aiohttp import web
from attrs import define, field

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@define
class Site:
    """A server in the running loop. `stopping` is set when it stops."""

    handle: Handler
    host: str
    port: int
    stopping: asyncio.Event
    _runner: web.ServerRunner | None = None

    async def start(self) -> int:
        """Starts to serve, and returns the port."""
        # A request that hangs must not hold up the end of a test.
        self._runner = web.ServerRunner(
            web.Server(self.handle, access_log=None, auto_decompress=False), shutdown_timeout=0.1
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except BaseException:
            await self.stop()
            raise
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """Ends the requests in flight, and stops."""
        self.stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()


@define
class Thread:
    """Runs an asynchronous context manager in a thread, until it is stopped."""

    start: Callable[[], Awaitable[object]]
    stop: Callable[[], Awaitable[object]]
    _stopped: Future[None] = field(factory=Future)
    _thread: threading.Thread | None = None

    def __enter__(self) -> None:
        started: Future[None] = Future()

        async def serve() -> None:
            try:
                await self.start()
            except BaseException as error:
                started.set_exception(error)  # raised in the caller's thread, which would wait for ever
                return
            started.set_result(None)
            await asyncio.wrap_future(self._stopped)
            await self.stop()

        self._thread = threading.Thread(target=lambda: asyncio.run(serve()), name="FakeTurso", daemon=True)
        self._thread.start()
        started.result()

    def __exit__(self, *_: object) -> None:
        self._stopped.set_result(None)
        if self._thread is not None:
            self._thread.join()
