"""TursoClient: settings, the pool's life, the resources, and the two destructive calls."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

import aiohttp
from yarl import URL

from . import _decode, _protocol, errors
from ._credentials import Credentials, TokenProvider
from ._operation import Attempt, CallState, Operation, Request, Stream
from ._protocol import Value
from ._retries import Retrier
from ._transport import Pool, Timeout
from .api.instances import DESTROY, Instances
from .events import OnRequest, OnRetry, observed
from .pace.limiter import Limiter
from .retries import RetryPolicy

if TYPE_CHECKING:  # the resources load when they are used
    from .api.api_tokens import ApiTokens
    from .api.audit_logs import AuditLogs
    from .api.databases import Databases
    from .api.groups import Groups
    from .api.invites import Invites
    from .api.locations import Locations
    from .api.members import Members
    from .api.organizations import Organizations
    from .api.users import Users
    from .teardown.execute import OnOutcome
    from .teardown.planner import Teardown
    from .teardown.report import TeardownReport

T = TypeVar("T")


def _setting(value: str | None, *names: str) -> str | None:
    return value if value is not None else next((v for n in names if (v := os.environ.get(n))), None)


class TursoClient:
    """The client. Constructing does no I/O; the pool opens on the first call; `async with` or `close` ends it.

    `timeout` is in seconds; a number sets the time of one attempt. An argument beats an environment variable
    (TURSO_API_TOKEN, TURSO_PLATFORM_TOKEN, TURSO_TOKEN; TURSO_ORG; TURSO_BASE_URL, TURSO_API_BASEURL).
    `on_request` gets a RequestEvent after each attempt, `on_retry` a RetryEvent before each back-off; what they
    raise is logged.
    """

    def __init__(
        self,
        token: str | TokenProvider | None = None,
        *,
        organization: str | None = None,
        base_url: str | None = None,
        retry: RetryPolicy | None = RetryPolicy(),
        timeout: Timeout | float = Timeout(),
        max_connections: int = 64,
        session: aiohttp.ClientSession | None = None,
        trust_env: bool = False,
        on_request: OnRequest | None = None,
        on_retry: OnRetry | None = None,
    ) -> None:
        if token is None or isinstance(token, str):
            token = _setting(token, "TURSO_API_TOKEN", "TURSO_PLATFORM_TOKEN", "TURSO_TOKEN")
            if token is None:
                raise errors.ConfigurationError("no token: pass one or set TURSO_API_TOKEN")
            credentials = Credentials(token=_protocol.check_token(token))
        elif not callable(token):
            raise errors.ConfigurationError("the token must be text or an async callable")
        else:
            credentials = Credentials(provider=token)
        if max_connections < 1:
            raise errors.ConfigurationError("max_connections must be at least 1")
        self._organization = _setting(organization, "TURSO_ORG")
        if self._organization is not None:
            _protocol.check_segment(self._organization, "organization")
        base = _setting(base_url, "TURSO_BASE_URL", "TURSO_API_BASEURL") or "https://api.turso.tech"
        self._base = _protocol.check_base_url(base)
        timeout = timeout if isinstance(timeout, Timeout) else Timeout(attempt=timeout)
        sleep = retry.sleep if retry else asyncio.sleep
        self._pool = Pool(max_connections, timeout, trust_env, session, credentials, sleep)
        self._attempt = self._pool.attempt if on_request is None else observed(self._pool.attempt, on_request)
        self._retrier = Retrier(retry, self._pool.pause, on_retry)
        self.limiter: Limiter = Limiter(max_connections, self._attempt, self._pool.pause)

    @property
    def api_tokens(self) -> ApiTokens:
        """API tokens."""
        from .api.api_tokens import ApiTokens

        return ApiTokens(self)

    @property
    def audit_logs(self) -> AuditLogs:
        """Audit logs of the organization."""
        from .api.audit_logs import AuditLogs

        return AuditLogs(self)

    @property
    def databases(self) -> Databases:
        """Databases of the organization."""
        from .api.databases import Databases

        return Databases(self)

    @property
    def groups(self) -> Groups:
        """Groups of databases."""
        from .api.groups import Groups

        return Groups(self)

    @property
    def instances(self) -> Instances:
        """Instances of a database."""
        return Instances(self)

    @property
    def invites(self) -> Invites:
        """Invites to the organization."""
        from .api.invites import Invites

        return Invites(self)

    @property
    def locations(self) -> Locations:
        """Locations."""
        from .api.locations import Locations

        return Locations(self)

    @property
    def members(self) -> Members:
        """Members of the organization."""
        from .api.members import Members

        return Members(self)

    @property
    def organizations(self) -> Organizations:
        """Organizations, their plans, bills and usage."""
        from .api.organizations import Organizations

        return Organizations(self)

    @property
    def teardown(self) -> Teardown:
        """Plans for tearing down many things at once."""
        from .teardown.planner import Teardown

        return Teardown(self)

    @property
    def users(self) -> Users:
        """The user whose token this is."""
        from .api.users import Users

        return Users(self)

    @property
    def organization(self) -> str | None:
        """The organization that calls are about."""
        return self._organization

    @property
    def base_url(self) -> URL:
        """Where the API is."""
        return self._base

    def __repr__(self) -> str:
        state = "closed" if self._pool.closed else f"{self._pool.in_flight}/{self._pool.size} in flight"
        return f"<TursoClient organization={self._organization!r} host={self._base.host!r} pool={state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a TursoClient cannot be copied or pickled: it holds a token and a pool")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the pool; idempotent. A borrowed session stays open."""
        await self._pool.close()

    def with_organization(self, organization: str) -> TursoClient:
        """A client for another organization that shares this one's pool."""
        other = TursoClient.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._organization = _protocol.check_segment(organization, "organization")
        return other

    async def destroy_instance(self, database: str, instance: str, *, missing_ok: bool = False) -> str:
        """`instances.destroy`: destroy one instance and return its name."""
        # Not through `instances`: the one call whose cost is compared with hand-written aiohttp.
        return await self.call(DESTROY, database, instance, missing=instance if missing_ok else None)

    async def destroy_by_location(
        self,
        database: str,
        location: str,
        *,
        concurrency: int = 16,
        dry_run: bool = False,
        missing_ok: bool = False,
        return_exceptions: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> TeardownReport:
        """Destroy the replicas whose region equals `location`, at most `concurrency` at once.

        Raises NoMatchError (unless `missing_ok`) and TeardownError (unless `return_exceptions`), whose `report`
        has every outcome. When it returns or raises, nothing of it is still running.
        """
        if concurrency < 1:
            raise errors.InvalidInputError("concurrency must be at least 1")
        plan = await self.teardown.plan_location(database, location, missing_ok)
        return await plan.execute(
            concurrency=concurrency,
            max_targets=len(plan),
            dry_run=dry_run,
            return_exceptions=return_exceptions,
            on_outcome=on_outcome,
        )

    async def request(
        self, method: str, *segments: str, params: Mapping[str, Value] | None = None, json: object = None
    ) -> Any:
        """The escape hatch: path segments in, decoded JSON out (None for an empty answer).

        The same pool, retries and errors as every method; a POST that may have been applied is not repeated.
        """
        method = method.upper()
        path = "".join("/{segment}" for _ in segments)
        operation = Operation(f"{method} request", method, path, _decode.anything)
        return await self.call(operation, *segments, query=params, json=json)

    def call(
        self,
        operation: Operation[T],
        *names: str,
        query: Mapping[str, Value] | None = None,
        json: object = None,
        missing: T | None = None,
        state: CallState | None = None,
        token: str | None = None,
        attempt: Attempt | None = None,
    ) -> Coroutine[Any, Any, T]:
        """Run an operation and decode its answer; who passes a `state` can read the call's account from it.

        A clean 404 of the resource that the operation names gives `missing`, if that is not None. `token`: another
        than the client's own; `attempt`: how to send, if not at once.
        """
        if operation.labels[:1] == ("organization",):
            if self._organization is None:
                raise errors.ConfigurationError("no organization: pass one or set TURSO_ORG")
            names = (self._organization, *names)
        url = _protocol.build_url(self._base, operation, names)
        if query:
            url = url.with_query(_protocol.query(query))
        body = None if json is None else _protocol.dump_json(json)
        request = Request(operation, url, body, None if token is None else _protocol.check_token(token))
        return self._run(operation, request, names, state or CallState(), attempt, missing, json)

    async def call_elsewhere(
        self,
        operation: Operation[T],
        host: str,
        *,
        token: str = "",
        body: Stream | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> T:
        """Run an operation on another host, with a token of that host's or none, never with the client's own."""
        url = _protocol.build_url(_protocol.check_base_url(host), operation, ())
        request = Request(operation, url, body, token, headers, timeout)
        return await self._run(operation, request, (), CallState(), None)

    async def _run(
        self,
        operation: Operation[T],
        request: Request,
        names: tuple[str, ...],
        state: CallState,
        attempt: Attempt | None,
        missing: T | None = None,
        json: object = None,
    ) -> T:
        try:
            body = await self._retrier.run(request, attempt or self._attempt, state)
            if len(body) < _protocol.LARGE:
                return operation.result(body, names)
            return await asyncio.to_thread(operation.result, body, names)
        except errors.TursoError as error:
            if isinstance(error, errors.DecodeError):
                error.attempts, error.maybe_applied = state.attempts, operation.method != "GET"
            gone = isinstance(error, errors.NotFoundError) and error.resource in operation.gone
            if gone and missing is not None:
                return missing
            if error.maybe_applied and operation.unknown:
                error.say(operation.advice(names, json))
            raise
