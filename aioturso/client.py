"""TursoClient: settings in; the pool, the calls, the resources and the teardown composed."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal, NoReturn, Self, TypedDict

import aiohttp
from attrs import evolve
from yarl import URL

from . import _bodies, _checks, _decode, _protocol, errors
from ._calls import Calls
from ._credentials import Credentials
from ._look import remove
from ._operation import Operation
from ._pool import Pool
from ._protocol import Value
from ._retrying import Retrier
from ._transport import Transport
from ._version import __version__
from .api import instances
from .api.api_tokens import ApiTokens
from .api.audit_logs import AuditLogs
from .api.databases import Databases
from .api.groups import Groups
from .api.instances import Instances
from .api.invites import Invites
from .api.jwks import Jwks
from .api.locations import Locations
from .api.members import Members
from .api.organizations import Organizations
from .api.users import Users
from .creation.planner import Creation
from .events import OnRequest, OnRetry, observed
from .pace.limiter import Limiter
from .retries import RetryPolicy
from .settings import Timeout, TokenProvider, setting, timeout_of
from .teardown.engine import Engine
from .teardown.options import OnOutcome, RunOptions
from .teardown.planner import Teardown
from .teardown.report import TeardownReport


class ClientSettings(TypedDict, total=False):
    """Settings of the client of a fake: those of TursoClient but `organization` and `base_url`."""

    token: str | TokenProvider | None
    retry: RetryPolicy | None
    timeout: Timeout | float
    max_connections: int
    session: aiohttp.ClientSession | None
    trust_env: bool
    application: str | None
    on_request: OnRequest | None
    on_retry: OnRetry | None


class TursoClient:
    """The client. Constructing does no I/O; the pool opens on the first call; `async with` or `close` ends it.

    An argument beats an environment variable (TURSO_API_TOKEN, TURSO_PLATFORM_TOKEN, TURSO_TOKEN; TURSO_ORG;
    TURSO_BASE_URL, TURSO_API_BASEURL). `token`: text, or an async function that returns it. `retry=None`: one attempt
    per call. `timeout`: seconds; a number sets the time of one attempt. `max_connections`: calls in flight at once; the
    others wait. `session`: a session of your own, which is neither closed nor changed. `trust_env`: uses the proxies of
    HTTPS_PROXY, HTTP_PROXY and NO_PROXY.

    `application` precedes this library's own name in the User-Agent, as in "my-bot/1.2".
    `on_request` gets a RequestEvent after each attempt, `on_retry` a RetryEvent before each backoff; an error that they
    raise is logged. Raises ConfigurationError for a setting that cannot be used.
    """

    api_tokens: ApiTokens
    audit_logs: AuditLogs
    databases: Databases
    groups: Groups
    instances: Instances
    invites: Invites
    jwks: Jwks
    locations: Locations
    members: Members
    organizations: Organizations
    users: Users
    creation: Creation
    teardown: Teardown
    limiter: Limiter

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
        application: str | None = None,
        on_request: OnRequest | None = None,
        on_retry: OnRetry | None = None,
    ) -> None:
        # No traceback of a refused setting shows it, of whatever type it is.
        usable = token is None or isinstance(token, str) or callable(token)
        token = _protocol.hidden(token) if usable else _Unusable()  # type: ignore[assignment]  # it is refused
        credentials = _credentials(token)
        organization = setting(organization, "organization", "TURSO_ORG")
        if organization is not None:
            organization = _protocol.check_segment(organization, "organization")
        # It is refused if it holds a password.
        base_url = _protocol.hidden(base_url) if isinstance(base_url, str | None) else _Unusable()
        base = _protocol.hidden(setting(base_url, "base_url", "TURSO_BASE_URL", "TURSO_API_BASEURL"))
        url = _protocol.check_base_url(base or "https://api.turso.tech")
        if session is not None and not isinstance(session, aiohttp.ClientSession):
            raise errors.ConfigurationError("session must be an aiohttp.ClientSession")
        _checks.hook(on_request, "on_request", errors.ConfigurationError)
        _checks.hook(on_retry, "on_retry", errors.ConfigurationError)
        limits = timeout_of(timeout)
        size = _checks.whole(max_connections, "max_connections", errors.ConfigurationError)
        trust = _checks.switch(trust_env, "trust_env", errors.ConfigurationError)
        pool = Pool(size, limits.attempt, url, trust, session, credentials, user_agent(application))
        plain = Transport(pool).attempt
        attempt = plain if on_request is None else observed(plain, on_request)
        retrier = _retrier(retry, on_retry)
        calls = Calls(pool, retrier, attempt, limits, url, organization)
        self._compose(calls, Limiter(size, attempt, retrier.policy.sleep))

    def _compose(self, calls: Calls, limiter: Limiter) -> None:
        self._calls, self.limiter = calls, limiter
        self.api_tokens = ApiTokens(calls)
        self.audit_logs = AuditLogs(calls)
        self.databases = Databases(calls)
        self.groups = Groups(calls)
        self.instances = Instances(calls)
        self.invites = Invites(calls)
        self.jwks = Jwks(calls)
        self.locations = Locations(calls)
        self.members = Members(calls)
        self.organizations = Organizations(calls)
        self.users = Users(calls)
        engine = Engine(calls.through(limiter.send), limiter)
        self.creation, self.teardown = Creation(engine), Teardown(engine)

    @property
    def organization(self) -> str | None:
        """The organization of the calls."""
        return self._calls.organization

    @property
    def base_url(self) -> URL:
        """The URL of the API."""
        return self._calls.base

    def __repr__(self) -> str:
        calls: Calls | None = getattr(self, "_calls", None)
        if calls is None:  # a debugger looks into a constructor that has failed
            return "<TursoClient not constructed>"
        pool = calls.pool
        state = "closed" if pool.closed else f"{pool.in_flight}/{pool.size} in flight"
        return f"<TursoClient organization={calls.organization!r} host={calls.base.host!r} pool={state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a TursoClient cannot be copied or pickled: it holds a token and a pool")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the pool; every running call ends with ClientClosedError. A borrowed session stays open."""
        await self._calls.pool.close()

    def with_organization(self, organization: str) -> TursoClient:
        """Returns a client for another organization that shares this one's pool, limits and retries."""
        # None would be the organization of before.
        return _Sharing(self._calls.of(_protocol.check_segment(organization, "organization")), self.limiter)

    def with_options(
        self, *, timeout: Timeout | float | None = None, retry: RetryPolicy | Literal["same"] | None = "same"
    ) -> TursoClient:
        """Returns a client with other time limits or retries that shares this one's pool.

        `timeout`: seconds, as in the constructor; `retry=None`: one attempt per call. The budget of retries is its own.
        """
        calls = self._calls if timeout is None else evolve(self._calls, timeout=timeout_of(timeout))
        # None has a meaning of its own: one attempt per call.
        if retry != "same":
            calls = evolve(calls, retrier=_retrier(retry, calls.retrier.on_retry))
        return _Sharing(calls, self.limiter)

    async def destroy_instance(
        self, database: str, instance: str, *, missing_ok: bool = False, uuid: str | None = None
    ) -> str:
        """Destroys one instance and returns its name: `instances.destroy`."""
        # Not through the resource: one more coroutine in each call of a loop of thousands.
        return await remove(
            self._calls,
            instances.GET,
            instances.DESTROY,
            database,
            instance,
            missing_ok=missing_ok,
            uuid=uuid,
        )

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
        """Destroys the replicas whose region equals `location`, at most `concurrency` at once.

        Raises NoMatchError (unless `missing_ok`) and TeardownError (unless `return_exceptions`), whose `report`
        has every outcome. When it returns or raises, nothing of it is still running.
        """
        options = RunOptions(concurrency=concurrency, dry_run=dry_run, on_outcome=on_outcome)
        return await self.teardown.destroy_by_location(
            database, location, missing_ok=missing_ok, return_exceptions=return_exceptions, **options
        )

    async def request(
        self, method: str, *segments: str, params: Mapping[str, Value] | None = None, json: object = None
    ) -> Any:
        """Sends any request: path segments in, decoded JSON out (None for an empty answer).

        The same pool, retries and errors as every method; a POST that may have taken effect is not retried.
        Raises InvalidNameError for a segment that is not exactly one, and InvalidInputError for other arguments.
        """
        method = _bodies.method(method)
        if not segments:
            raise errors.InvalidInputError("at least one path segment is needed, as in 'v1'")
        if params is not None and not isinstance(params, Mapping):
            raise errors.InvalidInputError(f"params must be a mapping, not {type(params).__name__}")
        for segment in segments:
            if isinstance(segment, str) and "/" in segment:
                raise errors.InvalidNameError(
                    f"{segment[:80]!r} must be exactly one path segment, as in request('GET', 'v1', 'organizations')"
                )
        path = "".join("/{segment}" for _ in segments)
        operation = Operation(f"{method} request", method, path, _decode.anything)
        return await self._calls.call(operation, *segments, query=params, json=json)


class _Sharing(TursoClient):
    """A client with the pool of another one, and its limiter: the server counts the calls of both together."""

    def __init__(self, calls: Calls, limiter: Limiter) -> None:
        # In place of the constructor above, which makes a pool.
        self._compose(calls, limiter)


class _Unusable:
    """Stands for an argument of a type that is refused."""


def _retrier(retry: RetryPolicy | None, on_retry: OnRetry | None) -> Retrier:
    if retry is not None and not isinstance(retry, RetryPolicy):
        raise errors.ConfigurationError("retry must be a RetryPolicy, or None for one attempt per call")
    return Retrier(RetryPolicy(attempts=1) if retry is None else retry, on_retry)


def _credentials(token: object) -> Credentials:
    if token is not None and not isinstance(token, str):
        # A class can be called, and returns no coroutine.
        if not callable(token) or isinstance(token, type):
            raise errors.ConfigurationError("the token must be text or an async function that returns it")
        return Credentials(provider=token)
    found = setting(token, "the token", "TURSO_API_TOKEN", "TURSO_PLATFORM_TOKEN", "TURSO_TOKEN")
    if found is None:
        why = "no token: pass one or set TURSO_API_TOKEN (`turso auth api-tokens mint NAME --org ORG` makes one)"
        raise errors.ConfigurationError(why, parameter="token")
    return Credentials(token=_protocol.check_token(found))


def user_agent(application: str | None) -> str:
    """Returns the User-Agent of all requests, the application's name first."""
    python = ".".join(platform.python_version_tuple()[:2])
    library = ".".join(aiohttp.__version__.split(".")[:2])
    # A CDN may refuse the usual name of an HTTP library as that of a bot.
    own = f"aioturso/{__version__} (python/{python} aiohttp/{library})"
    if application is None:
        return own
    if (
        not isinstance(application, str)
        or not application
        or not (application.isascii() and application.isprintable())
    ):
        raise errors.ConfigurationError("application must be printable ASCII, as in 'my-bot/1.2'")
    return f"{application} {own}"
