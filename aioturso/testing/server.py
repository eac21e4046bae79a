"""The fake platform as a test holds it: what it adds, what it looks at, and the server that answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Self, Unpack

import aiohttp
from aiohttp import web
from attrs import define, field

from ..client import ClientSettings, TursoClient
from .faults import Fault, Faults, InjectedFault, check_end, checked_method, checked_seconds
from .http import closed, fail, read_body, succeed
from .life import Site, Thread
from .routes import Answer, Asked, answer
from .state import Clock, FakeDatabase, FakeGroup, FakeInstance, FakeOrganization, State

__all__ = ["ClientSettings", "FakeTurso", "SeenRequest", "TursoClient"]
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # served at, and then reached at


@define
class SeenRequest:
    """A request that reached the fake. `status` is None while, or when, no answer was given."""

    method: str
    path: str
    status: int | None = None
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


def authority(host: str, port: int) -> str:
    """Returns host and port as a URL has them, for a server that serves at that host."""
    reached = _WILDCARDS.get(host, host)
    return f"[{reached}]:{port}" if ":" in reached else f"{reached}:{port}"


class FakeTurso:
    """`async with FakeTurso() as fake`: a platform on 127.0.0.1 at `fake.base_url`, with `fake.token`.

    `with FakeTurso() as fake` serves it from a thread of its own, for tests that are not asynchronous.
    `conflict_status` is the status of every "already exists"; without it a database's is 400, as the platform's,
    and the others' is 409. `latency` delays every answer by some seconds. `fake.clock.move(timedelta(days=6))`
    makes six days pass at once. A database's `Hostname` is the fake's own address, over plain http: send the file
    of an upload to `http://{Hostname}/v1/upload`; the database's token decides which database it is for.
    """

    def __init__(
        self,
        *,
        token: str = "fake-platform-token",
        host: str = "127.0.0.1",
        port: int = 0,
        conflict_status: int | None = None,
        latency: float = 0.0,
    ) -> None:
        self.clock: Clock = Clock()
        self.state: State = State(clock=self.clock, conflict_status=conflict_status)
        self.token = token
        self.latency: float = checked_seconds(latency)
        self.requests: list[SeenRequest] = []
        self._address = host, port
        self._base_url = ""
        self._faults = Faults()
        # Guards the state, which a test's thread may read and write while another thread serves.
        self._lock = threading.RLock()
        self._stopping = asyncio.Event()
        self._site: Site | None = None
        self._thread: Thread | None = None

    def __repr__(self) -> str:
        where = self._base_url or "not started"
        return (
            f"<FakeTurso {where} organizations={len(self.state.organizations)} requests={len(self.requests)}>"
        )

    @property
    def token(self) -> str:
        """The platform token that may see and do everything here."""
        return self.state.root.value

    @token.setter
    def token(self, value: str) -> None:
        if not isinstance(value, str) or not value:
            raise ValueError(f"the token must be a text that is not empty, not {value!r}")
        self.state.root.value = value

    @property
    def base_url(self) -> str:
        """The address of the fake; raises RuntimeError before it is started."""
        if not self._base_url:
            # An empty address would be none given, and a client without one talks to the real platform.
            raise RuntimeError("the fake is not started: `async with FakeTurso() as fake`, or `with` it")
        return self._base_url

    async def __aenter__(self) -> Self:
        host, port = self._address
        self._stopping = asyncio.Event()
        self._site = Site(self._handle, host, port, self._stopping)
        port = await self._site.start()
        self.state.host = authority(host, port)
        self._base_url = f"http://{self.state.host}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._site is not None:
            await self._site.stop()

    def __enter__(self) -> Self:
        self._thread = Thread(self.__aenter__, self.__aexit__)
        self._thread.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._thread.__exit__()

    def add_organization(
        self,
        slug: str,
        *,
        role: str | None = None,
        plan: str | None = None,
        restore_enabled: bool | None = None,
    ) -> FakeOrganization:
        """Adds an organization unless it exists, and sets what is given.

        `role` is that of the token's user: `owner` (as usual), `admin`, `member`, `viewer`, or `outsider` for one
        who is no member. `plan` is `starter` (free), `developer`, `scaler` (as usual) or `pro`.
        `restore_enabled=False` switches off the recovery of what was deleted.
        """
        with self._lock:
            return self.state.add_organization(slug, role=role, plan=plan, restore_enabled=restore_enabled)

    def add_location(self, code: str, name: str | None = None) -> None:
        """Adds a location that the platform does not have."""
        with self._lock:
            self.state.locations[code] = name or code

    def add_group(
        self,
        name: str,
        *,
        organization: str,
        locations: list[str] | tuple[str, ...] = ("iad",),
        primary: str | None = None,
        created_at: datetime | None = None,
    ) -> FakeGroup:
        """Adds a group in these locations, the first of them its primary unless one is named."""
        with self._lock:
            group = self.state.add_group(organization, name, list(locations), primary)
            self.state.record_creation(organization, "group-create", created_at, group=name)
            return group

    def add_database(
        self,
        name: str,
        *,
        organization: str,
        instances: Mapping[str, int] | None = None,
        primary: str | None = None,
        group: str | None = None,
        created_at: datetime | None = None,
        parent: str | None = None,
    ) -> FakeDatabase:
        """Adds a database with so many instances per location, one of them the primary.

        Without `instances` it has one in each of its group's locations, or one in `iad`. `created_at` is when the
        audit log has it created; now, if it is left out. With `parent` it is a branch of that database.
        """
        with self._lock:
            database = self.state.add_database(name, organization, group, instances, primary)
            at = self.state.record_creation(organization, "db-create", created_at, database=name)
            if parent is not None:
                self.state.make_branch(database, parent, at)
            return database

    def remove_database(self, name: str, *, organization: str) -> None:
        """Deletes a database, as another client would; it can be restored for five days."""
        with self._lock:
            database = self.state.existing_database(organization, name)
            self.state.delete_database(self.state.existing(organization), database)

    def protect(
        self,
        database: str | None = None,
        *,
        group: str | None = None,
        organization: str | None = None,
        protected: bool = True,
    ) -> None:
        """Protects a database or a group against deletion, or no longer.

        The organization may be left out when only one has something of that name.
        """
        with self._lock:
            self.state.protect(database, group, organization, protected)

    def databases(self, organization: str) -> list[FakeDatabase]:
        """Returns the databases that exist now."""
        with self._lock:
            return list(self.state.existing(organization).databases.values())

    def instances(self, organization: str, database: str) -> list[FakeInstance]:
        """Returns the instances that exist now."""
        with self._lock:
            return list(self.state.existing_database(organization, database).instances.values())

    def accepts(self, jwt: str, organization: str, database: str) -> bool:
        """Returns whether this token, minted for a database or its group, is valid for that database now."""
        with self._lock:
            found = self.state.existing_database(organization, database)
            return self.state.accepts(jwt, self.state.existing(organization), found)

    def sent(self, method: str | None = None, path: str = "") -> list[SeenRequest]:
        """Returns the requests of that method, at paths that end so."""
        wanted = checked_method(method)
        check_end(path)
        return [r for r in self.requests if wanted in (None, r.method) and r.path.endswith(path)]

    def inject(
        self, fault: Fault, *, method: str | None = None, path: str | None = None, times: int = 1
    ) -> None:
        """Lets the next `times` requests of that method whose path ends with `path` meet the fault.

        A request meets the first injected fault that matches and has uses left.
        """
        with self._lock:
            self._faults.add(fault, method, "" if path is None else path, times)

    def clear_faults(self) -> None:
        """Removes the faults still to come."""
        with self._lock:
            self._faults.clear()

    @property
    def unused_faults(self) -> tuple[InjectedFault, ...]:
        """The injected faults that no request has met."""
        with self._lock:
            return self._faults.unused

    def client(self, *, organization: str | None = None, **settings: Unpack[ClientSettings]) -> TursoClient:
        """Returns a TursoClient that points at this fake, which must have been started."""
        # None would be that of the environment, which belongs to the real platform.
        if settings.get("token") is None:
            settings["token"] = self.token
        return TursoClient(organization=organization, base_url=self.base_url, **settings)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers one request, or lets its fault happen."""
        url = request.rel_url
        headers = {name.lower(): value for name, value in request.headers.items()}
        seen = SeenRequest(request.method, url.raw_path, query=url.raw_query_string, headers=headers)
        # Before the body is read: a request that is cut off has reached the fake too.
        self.requests.append(seen)
        try:
            body = await read_body(request)
        except (aiohttp.ClientError, aiohttp.http.HttpProcessingError, OSError):  # the client has left
            return closed(request)
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
        # Outside the lock: a late answer must not hold up the others.
        await self._wait(fault)
        if fault is not None and fault.kind != "delay":
            seen.status = fault.code or None
            return await fail(request, fault, real, self._stopping)
        seen.status = real.status
        return succeed(real, self.clock())

    async def _wait(self, fault: Fault | None) -> None:
        seconds = self.latency + (fault.seconds if fault else 0.0)
        if seconds:
            await asyncio.sleep(seconds)
