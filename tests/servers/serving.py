"""A server of aiohttp with one handler, which serves as long as its context lasts."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web
from attrs import define, field


@define
class Serving:
    """The base of such servers. `url`: its address, once it serves."""

    url: str = field(default="", init=False)
    _runner: web.ServerRunner | None = field(default=None, init=False, repr=False)

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        raise NotImplementedError
