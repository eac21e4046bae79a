"""The server: sockets, faults and a request log around the routes."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Self

import aiohttp
from aiohttp import web
from attrs import define, field

from ..client import TursoClient
from .faults import Fault, Faults
from .routes import Answer, Asked, answer, find
from .state import FakeDatabase, FakeGroup, FakeInstance, FakeOrganization, File, State

__all__ = ["FakeTurso", "SeenRequest", "TursoClient"]


@define
class SeenRequest:
    """A request that reached the fake. `status` is None while, or when, no answer was given."""

    method: str
    path: str
    status: int | None = None
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


class FakeTurso:
    """`async with FakeTurso() as fake`: a platform on 127.0.0.1 at `fake.base_url`, with `fake.token`.

    `with FakeTurso() as fake` serves it from a thread of its own, for tests that are not asynchronous.
    `conflict_status` is what "already exists" is answered with: 409, or 400 as the platform also does.
    A database's `Hostname` is the fake's own address, over plain http: send the file of an upload to
    `http://{Hostname}/v1/upload`; the database's token says which database it is for.
    """

    def __init__(
        self, *, token: str = "fake-platform-token", port: int = 0, conflict_status: int | None = None
    ) -> None:
        self.state: State = State(conflict_status=conflict_status)
        self.token = token
        self.requests: list[SeenRequest] = []
        self.base_url: str = ""
        self._port = port
        self._faults = Faults()
        # Guards the state, which a test's thread may read and write while another thread serves.
        self._lock = threading.RLock()
        self._runner: web.ServerRunner | None = None
        self._stopping = asyncio.Event()
        self._thread: threading.Thread | None = None
        self._stop_thread: Future[None] = Future()

    def __repr__(self) -> str:
        where = self.base_url or "not started"
        return (
            f"<FakeTurso {where} organizations={len(self.state.organizations)} requests={len(self.requests)}>"
        )

    @property
    def token(self) -> str:
        """The platform token that sees everything here."""
        return self.state.root.value

    @token.setter
    def token(self, value: str) -> None:
        self.state.root.value = value

    async def __aenter__(self) -> Self:
        self._stopping = asyncio.Event()
        server = web.Server(self._handle, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.state.host = f"127.0.0.1:{self._runner.addresses[0][1]}"
        self.base_url = f"http://{self.state.host}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        self._stopping.set()
        await self._runner.cleanup()

    def __enter__(self) -> Self:
        started: Future[None] = Future()
        self._stop_thread = Future()

        async def serve() -> None:
            try:
                async with self:
                    started.set_result(None)
                    await asyncio.wrap_future(self._stop_thread)
            except BaseException as error:
                if started.done():
                    raise
                started.set_exception(error)

        self._thread = threading.Thread(target=lambda: asyncio.run(serve()), name="FakeTurso", daemon=True)
        self._thread.start()
        started.result()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._thread is not None
        self._stop_thread.set_result(None)
        self._thread.join()

    def add_organization(self, slug: str) -> FakeOrganization:
        """An organization, owned by the token's user; made unless it exists."""
        with self._lock:
            return self.state.add_organization(slug)

    def add_group(
        self,
        name: str,
        *,
        organization: str,
        locations: list[str] | tuple[str, ...] = ("iad",),
        primary: str | None = None,
    ) -> FakeGroup:
        """A group in these locations, the first of them its primary unless one is named."""
        with self._lock:
            return self.state.add_group(organization, name, list(locations), primary)

    def add_database(
        self,
        name: str,
        *,
        organization: str,
        instances: Mapping[str, int] | None = None,
        primary: str | None = None,
        group: str | None = None,
    ) -> FakeDatabase:
        """A database with so many instances per location, one of them the primary.

        Without `instances` it has one in each of its group's locations, or one in `iad`.
        """
        with self._lock:
            return self.state.add_database(name, organization, group, instances, primary)

    def databases(self, organization: str) -> list[FakeDatabase]:
        """The databases that exist now."""
        with self._lock:
            return list(self.state.organizations[organization].databases.values())

    def instances(self, organization: str, database: str) -> list[FakeInstance]:
        """The instances that exist now."""
        with self._lock:
            return list(self.state.organizations[organization].databases[database].instances.values())

    def accepts(self, jwt: str, organization: str, database: str) -> bool:
        """Is this token, minted for a database or its group, good for that database now?"""
        with self._lock:
            owner = self.state.organizations[organization]
            return self.state.accepts(jwt, owner, owner.databases[database])

    def sent(self, method: str | None = None, path: str = "") -> list[SeenRequest]:
        """What reached the fake by that method, at paths that end so."""
        return [r for r in self.requests if method in (None, r.method) and r.path.endswith(path)]

    def inject(
        self, fault: Fault, *, method: str | None = None, path: str | None = None, times: int = 1
    ) -> None:
        """The next `times` requests of that method whose path ends with `path` meet the fault.

        A request meets the first injected fault that matches and has uses left.
        """
        with self._lock:
            self._faults.add(fault, method, path or "", times)

    def clear_faults(self) -> None:
        """Forget the faults still to come."""
        with self._lock:
            self._faults.clear()

    def client(self, *, organization: str | None = None, **settings: Any) -> TursoClient:
        """A TursoClient that points at this fake."""
        settings.setdefault("token", self.token)
        return TursoClient(organization=organization, base_url=self.base_url, **settings)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, or let its fault happen."""
        url = request.rel_url
        headers = {name.lower(): value for name, value in request.headers.items()}
        seen = SeenRequest(request.method, url.raw_path, query=url.raw_query_string, headers=headers)
        self.requests.append(seen)
        try:
            body = await _read(request)
        except (aiohttp.ClientError, aiohttp.http.HttpProcessingError, OSError):
            return _closed(request)
        if isinstance(body, bytes):
            seen.body = body
        with self._lock:
            fault = self._faults.take(seen.method, seen.path)
            real = Answer(status=200)
            if fault is None or fault.acts:
                asked = Asked(
                    method=seen.method, path=seen.path, query=seen.query, headers=headers, body=body
                )
                real = answer(self.state, asked)
        if fault is not None and fault.kind != "delay":
            return await self._fail(request, seen, fault, real)
        if fault is not None:
            await asyncio.sleep(fault.seconds)
        seen.status = real.status
        return web.Response(status=real.status, body=real.body, content_type=real.content_type)

    async def _fail(
        self, request: web.BaseRequest, seen: SeenRequest, fault: Fault, real: Answer
    ) -> web.StreamResponse:
        if fault.kind == "status":
            seen.status = fault.code
            headers = {"Content-Type": "application/json", **fault.headers}
            return web.Response(status=fault.code, body=fault.body, headers=headers)
        phrase = HTTPStatus(real.status).phrase
        head = f"HTTP/1.1 {real.status} {phrase}\r\nContent-Type: application/json\r\n"
        match fault.kind:
            case "hang":
                await self._stopping.wait()
            case "raw":
                return _closed(request, fault.body)
            case "cut_headers":
                return _closed(request, f"{head}Content-Len".encode())
            case "truncate":
                length = max(2, len(real.body))
                head += f"Content-Length: {length}\r\n\r\n"
                return _closed(request, head.encode() + real.body[: length // 2])
            case "reset":
                return _reset(request)
        return _closed(request)


async def _read(request: web.BaseRequest) -> bytes | File:
    """The body; of an uploaded file only its beginning, length and digest are kept."""
    route = find(request.method, request.rel_url.raw_path)
    upload = route is not None and route.body == "file"
    kept, size, digest = bytearray(), 0, sha256()
    async for chunk in request.content.iter_any():
        size += len(chunk)
        kept += chunk[: 100 - len(kept)] if upload else chunk
        if upload:
            digest.update(chunk)
    if upload:
        return File(header=bytes(kept), size=size, sha256=digest.hexdigest())
    return bytes(kept)


def _closed(request: web.BaseRequest, data: bytes = b"") -> web.StreamResponse:
    """Write these bytes and close; what is returned cannot be written any more."""
    if request.transport is not None:
        request.transport.write(data)
        request.transport.close()
    return web.Response()


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    """Close with a reset: a socket that does not linger sends RST instead of FIN."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()
