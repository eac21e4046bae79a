"""TursoClient: settings, the pool's life, the resources, and the two destructive calls."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from . import _protocol, errors
from ._retries import RetryBudget, run
from ._transport import Answer, CallState, Pool, Timeout, TokenProvider
from .api.instances import Instances
from .operation import Operation
from .retries import RetryPolicy
from .teardown.execute import OnOutcome, destroy_by_location
from .teardown.report import TeardownReport

T = TypeVar("T")
_DEFAULT_RETRY = RetryPolicy()
_DEFAULT_TIMEOUT = Timeout()


def _setting(value: str | None, *names: str) -> str | None:
    return value if value is not None else next((v for n in names if (v := os.environ.get(n))), None)


class TursoClient:
    """The client. Constructing does no I/O; the pool opens on the first call; `async with` or `close` ends it.

    `timeout` is in seconds; a number sets the time of one attempt. An argument beats an environment variable
    (TURSO_API_TOKEN, TURSO_PLATFORM_TOKEN, TURSO_TOKEN; TURSO_ORG; TURSO_BASE_URL, TURSO_API_BASEURL).
    """

    def __init__(
        self,
        token: str | TokenProvider | None = None,
        *,
        organization: str | None = None,
        base_url: str | None = None,
        retry: RetryPolicy | None = _DEFAULT_RETRY,
        timeout: Timeout | float = _DEFAULT_TIMEOUT,
        max_connections: int = 64,
        session: aiohttp.ClientSession | None = None,
        trust_env: bool = False,
    ) -> None:
        if token is None or isinstance(token, str):
            token = _setting(token, "TURSO_API_TOKEN", "TURSO_PLATFORM_TOKEN", "TURSO_TOKEN")
            if token is None:
                raise errors.ConfigurationError("no token: pass one or set TURSO_API_TOKEN")
            token = _protocol.check_token(token)
        if max_connections < 1:
            raise errors.ConfigurationError("max_connections must be at least 1")
        self._token_source: str | TokenProvider = token
        self._token = token if isinstance(token, str) else None
        self._organization = _setting(organization, "TURSO_ORG")
        if self._organization is not None:
            _protocol.check_segment(self._organization, "organization")
        base = _setting(base_url, "TURSO_BASE_URL", "TURSO_API_BASEURL") or "https://api.turso.tech"
        self._base = _protocol.check_base_url(base)
        self._retry = retry
        budget = retry.budget if retry else 0
        self._budget = RetryBudget(budget, budget)
        timeout = timeout if isinstance(timeout, Timeout) else Timeout(attempt=timeout)
        self._pool = Pool(max_connections, timeout, trust_env, session)

    @property
    def instances(self) -> Instances:
        """Instances of a database."""
        return Instances(self)

    def __repr__(self) -> str:
        state = "closed" if self._pool.closed else f"{self._pool.in_flight}/{self._pool.size} in flight"
        return f"<TursoClient organization={self._organization!r} host={self._base.host!r} pool={state}>"

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
        return await self.instances.destroy(database, instance, missing_ok=missing_ok)

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
        report = await destroy_by_location(
            self.instances, database, location, concurrency, dry_run, missing_ok, on_outcome
        )
        if not return_exceptions:
            report.raise_for_failures()
        return report

    async def request(
        self, method: str, *segments: str, params: Mapping[str, str] | None = None, json: Any = None
    ) -> Any:
        """The escape hatch: path segments in, decoded JSON out (None for an empty answer). A POST is not repeated."""
        path = tuple(_protocol.check_segment(s, "segment") for s in segments)
        operation = Operation(
            name=f"{method} request",
            method=method,
            path=path,
            query=params,
            json=json,
            repeatable=method != "POST",
        )
        return await self.call(operation, lambda body: _protocol.parse_json(body) if body.strip() else None)

    def database_path(self, database: str, *below: str) -> tuple[str, ...]:
        """The checked segments of a path below a database."""
        if self._organization is None:
            raise errors.ConfigurationError("no organization: pass one or set TURSO_ORG")
        _protocol.check_segment(database, "database")
        for name in below:
            _protocol.check_segment(name, "instance")
        return ("v1", "organizations", self._organization, "databases", database, *below)

    async def answer(self, operation: Operation, decode: Callable[[bytes], T]) -> tuple[Answer, T]:
        """Run an operation: its answer, and what that decodes to."""
        url = _protocol.build_url(self._base, operation.path).with_query(operation.query)

        async def attempt(state: CallState) -> Answer:
            token = self._token or await self._ask()
            try:
                return await self._pool.attempt(operation, url, token, state)
            except errors.UnauthorizedError:
                if isinstance(self._token_source, str) or state.reauthorized:
                    raise
            state.reauthorized = True
            if self._token == token:
                self._token = None
            return await self._pool.attempt(operation, url, self._token or await self._ask(), state)

        answer = await run(operation, self._retry, self._budget, attempt)
        try:
            return answer, decode(answer.body)
        except errors.DecodeError as error:
            error.attempts, error.maybe_applied = answer.attempts, operation.method != "GET"
            raise

    async def call(self, operation: Operation, decode: Callable[[bytes], T], missing: T | bool = False) -> T:
        """Run an operation and decode its answer; a clean 404 of its resource gives `missing`, if there is one."""
        try:
            return (await self.answer(operation, decode))[1]
        except errors.NotFoundError as error:
            if isinstance(missing, bool) or error.resource not in operation.gone:
                raise
            return missing

    async def _ask(self) -> str:
        assert callable(self._token_source)
        try:
            token = await self._token_source()
        except Exception as error:
            raise errors.NotSentError(f"the token provider failed ({type(error).__name__})") from error
        self._token = _protocol.check_token(token)
        return self._token
