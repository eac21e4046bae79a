"""TursoClient: settings, the pool's life, the resources, and the two destructive calls."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from . import _decode, _protocol, errors
from ._credentials import Credentials, TokenProvider
from ._operation import Answer, CallState, Operation
from ._protocol import Value
from ._retries import RetryBudget, run
from ._transport import Pool, Timeout
from .api.instances import Instances
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
            self._credentials = Credentials(token=_protocol.check_token(token))
        else:
            self._credentials = Credentials(provider=token)
        if max_connections < 1:
            raise errors.ConfigurationError("max_connections must be at least 1")
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
            self, database, location, concurrency, dry_run, missing_ok, on_outcome
        )
        if not return_exceptions:
            report.raise_for_failures()
        return report

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

    async def call(
        self,
        operation: Operation[T],
        *names: str,
        query: Mapping[str, Value] | None = None,
        json: object = None,
        missing: T | None = None,
    ) -> T:
        """Run an operation; a clean 404 of the resource it names gives `missing`, if that is not None."""
        try:
            return (await self.perform(operation, names, CallState(), query, json))[0]
        except errors.NotFoundError as error:
            if missing is None or error.resource not in operation.gone:
                raise
            return missing

    async def perform(
        self,
        operation: Operation[T],
        names: tuple[str, ...],
        state: CallState,
        query: Mapping[str, Value] | None = None,
        json: object = None,
    ) -> tuple[T, Answer]:
        """Run an operation whose account the caller holds: its value and the answer that gave it."""
        if operation.labels[:1] == ("organization",):
            names = (self._need_organization(), *names)
        url = _protocol.build_url(self._base, operation, names)
        if query:
            url = url.with_query(_protocol.query(query))
        body = None if json is None else _protocol.dump_json(json)
        pool, credentials = self._pool, self._credentials

        async def attempt(state: CallState) -> Answer:
            token = credentials.token or await self._ask()
            try:
                return await pool.attempt(operation, url, body, token, state)
            except errors.UnauthorizedError:
                if state.reauthorized or not credentials.refused(token):
                    raise
            state.reauthorized = True
            token = credentials.token or await self._ask()
            return await pool.attempt(operation, url, body, token, state)

        answer = await run(operation, self._retry, self._budget, attempt, state)
        try:
            if len(answer.body) < _protocol.LARGE:
                return operation.result(answer.body, names), answer
            return await asyncio.to_thread(operation.result, answer.body, names), answer
        except errors.DecodeError as error:
            error.attempts, error.maybe_applied = state.attempts, operation.method != "GET"
            raise

    def _need_organization(self) -> str:
        if self._organization is None:
            raise errors.ConfigurationError("no organization: pass one or set TURSO_ORG")
        return self._organization

    async def _ask(self) -> str:
        return await self._credentials.ask((await self._pool.open()).asking)
