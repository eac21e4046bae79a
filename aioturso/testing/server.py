"""The server: bearer check, faults, a request log, and the state's answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web
from attrs import define

from ..client import TursoClient
from .faults import Fault
from .state import FakeDatabase, FakeInstance, State


@define
class SeenRequest:
    """A request that reached the fake. `status` is None while, or when, no answer was given."""

    method: str
    path: str
    status: int | None = None


@define
class _Injected:
    fault: Fault
    method: str | None
    path: str | None
    left: int


class FakeTurso:
    """`async with FakeTurso() as fake`: a platform on 127.0.0.1 at `fake.base_url`, with `fake.token`."""

    def __init__(self, *, token: str = "fake-platform-token", port: int = 0) -> None:
        self.token = token
        self.state = State()
        self.requests: list[SeenRequest] = []
        self.base_url = ""
        self._port = port
        self._faults: list[_Injected] = []
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(web_app(self), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        self._stopping.set()
        await self._runner.cleanup()

    def add_database(
        self,
        name: str,
        *,
        organization: str,
        instances: Mapping[str, int],
        primary: str | None = None,
        group: str | None = None,
    ) -> None:
        """A database with so many instances per location, one of them the primary."""
        database = FakeDatabase(name, group)
        first = primary or next(iter(instances), None)
        for location, count in instances.items():
            for number in range(count):
                database.add(location, "primary" if location == first and number == 0 else "replica")
        self.state.organizations.setdefault(organization, {})[name] = database

    def instances(self, organization: str, database: str) -> list[FakeInstance]:
        """What exists now."""
        return list(self.state.organizations[organization][database].instances.values())

    def inject(
        self, fault: Fault, *, method: str | None = None, path: str | None = None, times: int = 1
    ) -> None:
        """The next `times` requests of that method whose path ends with `path` meet the fault."""
        self._faults.append(_Injected(fault, method, path, times))

    def client(self, *, organization: str | None = None, **settings: Any) -> TursoClient:
        """A TursoClient that points at this fake."""
        settings.setdefault("token", self.token)
        return TursoClient(organization=organization, base_url=self.base_url, **settings)

    def _next_fault(self, seen: SeenRequest) -> Fault | None:
        for injected in self._faults:
            wanted = injected.method in (None, seen.method) and seen.path.endswith(injected.path or "")
            if wanted and injected.left > 0:
                injected.left -= 1
                return injected.fault
        return None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        seen = SeenRequest(request.method, request.rel_url.raw_path)
        self.requests.append(seen)
        body = await request.read()
        fault = self._next_fault(seen)
        if fault is None:
            return self._answer(request, seen, body)
        if fault.kind == "status":
            seen.status = fault.code
            return web.Response(
                status=fault.code,
                body=fault.body,
                headers={"Content-Type": "application/json", **fault.headers},
            )
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        answer = self._answer(request, seen, body) if fault.acts else web.Response()
        if fault.kind == "delay":
            return answer
        seen.status = None
        if fault.kind == "hang":
            await self._stopping.wait()
        transport = request.transport
        if transport is not None:
            if fault.kind == "truncate":
                transport.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
                )
            if fault.kind == "raw":
                transport.write(fault.body)
            transport.close()
        return answer

    def _answer(self, request: web.Request, seen: SeenRequest, body: bytes) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            status, data = 401, {"error": "could not parse jwt id"}
        else:
            path = [unquote(part) for part in seen.path.split("/")[1:]]
            status, data = self.state.answer(seen.method, path, json.loads(body) if body else None)
        seen.status = status
        if data is None:
            return web.Response(status=status, text="" if status < 400 else "404 page not found")
        return web.json_response(data, status=status)


def web_app(fake: FakeTurso) -> web.Application:
    """Every path goes to the fake."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    return app
