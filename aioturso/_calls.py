"""One call for one organization: checked URL, retries, and from an answer to a result."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, NoReturn, TypeVar

from attrs import evolve, frozen
from yarl import URL

from . import _protocol, errors
from ._account import Account, Attempt, is_gone
from ._operation import Guard, Names, Operation, Request, Stream
from ._pool import Pool
from ._protocol import Value
from ._pulse import Evidence
from ._removals import of_uuid
from ._retrying import Retrier
from .settings import Timeout

E = TypeVar("E", bound=errors.TursoError)
T = TypeVar("T")


@frozen(eq=False)
class Calls:
    """Makes calls for one organization. Resources, teardown and upload hold one, and never the client."""

    pool: Pool
    retrier: Retrier
    attempt: Attempt
    timeout: Timeout
    base: URL
    organization: str | None

    def of(self, organization: str | None) -> Calls:
        """Returns calls for another organization; None: the same ones."""
        if organization is None:
            return self
        return evolve(self, organization=_protocol.check_segment(organization, "organization"))

    def within(self, seconds: float) -> Calls:
        """Returns calls that each may take that long, also in a single attempt: a file is sent in one."""
        return evolve(self, timeout=evolve(self.timeout, attempt=seconds, total=seconds))

    def through(self, attempt: Attempt) -> Calls:
        """Returns calls whose attempts are sent by another function, such as a limiter's."""
        return evolve(self, attempt=attempt)

    def call(
        self,
        operation: Operation[T],
        *names: str,
        query: Mapping[str, Value] | None = None,
        json: object = None,
        missing: T | None = None,
        account: Account | None = None,
        token: str | None = None,
        guard: Guard | None = None,
    ) -> Coroutine[Any, Any, T]:
        """Runs an operation and decodes its answer.

        A clean 404 of the resource that the operation names returns `missing`, if that is not None. `account`: one that
        the caller can read; `token`: another than the client's own; `guard`: looks before the call is sent again.
        """
        if operation.scoped:
            names = (self.organization or _no_organization(), *names)
        url = _protocol.build_url(self.base, operation, names)
        if query:
            url = url.with_query(_protocol.query(query))
        if token is not None:
            # It becomes a Secret here, before any frame below could show it.
            token = _protocol.check_token(token)
        body = None if json is None else _protocol.dump_json(json)
        request = Request(operation, names, url, self.timeout, body, json, token, None, guard)
        # Returned and not awaited: one coroutine less in each call.
        return self._run(operation, request, account or Account(), missing)

    def remove(
        self,
        operation: Operation[T],
        names: Names,
        guard: Guard,
        uuid: str | None,
        account: Account,
        missing: T | None = None,
    ) -> Coroutine[Any, Any, T]:
        """Runs the removal of what was just listed or looked at, with this UUID or without one; the pulse must be ticking.

        `guard` looks again before it is sent late, or again.
        """
        if operation.scoped:
            names = (self.organization or _no_organization(), *names)
        url, pulse = _protocol.build_url(self.base, operation, names), self.pool.pulse
        account.evidence = Evidence(pulse, uuid, pulse.gaps, pulse.at)
        request = Request(operation, names, url, self.timeout, None, None, None, None, guard)
        return self._run(operation, request, account, missing)

    def send_stream(
        self, operation: Operation[T], *names: str, stream: Stream, headers: Mapping[str, str]
    ) -> Coroutine[Any, Any, T]:
        """Runs an operation whose body is not JSON, such as a file."""
        if operation.scoped:
            names = (self.organization or _no_organization(), *names)
        url = _protocol.build_url(self.base, operation, names)
        request = Request(operation, names, url, self.timeout, stream, headers=headers)
        return self._run(operation, request, Account(), None)

    async def elsewhere(
        self,
        operation: Operation[T],
        host: str,
        *names: str,
        token: str = "",
        body: bytes | Stream | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Runs an operation on another host, with a token of that host's or none, never with the client's own."""
        # The host may come from an answer: it is checked as strictly as a base URL of the caller's.
        url = _protocol.build_url(_protocol.check_base_url(host), operation, names)
        request = Request(operation, names, url, self.timeout, body, None, token, headers)
        return await self._run(operation, request, Account(), None)

    def unfit(
        self, operation: Operation[Any], *names: str, where: str, why: str, account: Account
    ) -> errors.DecodeError:
        """Returns the error for an answer that was read and is of no use, as an error of its call."""
        if operation.scoped:
            names = (self.organization or "", *names)
        request = Request(operation, names, self.base, self.timeout)
        return _complete(errors.DecodeError(f"{why} at {where}", where=where), request, account)

    async def pause(self, seconds: float) -> None:
        """Sleeps between calls; raises ClientClosedError when the client is closed."""
        if self.pool.closed:
            raise errors.ClientClosedError("the client is closed")
        running, task = self.pool.running, asyncio.current_task()
        assert task is not None  # aiohttp, too, works in tasks only
        # Counted as a call, so that `close` ends this wait too.
        running.tasks[task] = task.cancelling()
        try:
            return await self.retrier.policy.sleep(seconds)
        except asyncio.CancelledError:
            # A cancellation of the caller's own passes through.
            if not running.cancelled(task):
                raise
        finally:
            del running.tasks[task]
            running.forget(task)
        raise errors.ClientClosedError("the client was closed")

    async def _run(self, operation: Operation[T], request: Request, account: Account, missing: T | None) -> T:
        if self.pool.closed:  # before a limiter lets it wait for its turn
            raise errors.ClientClosedError(f"{request}: the client is closed", **request.facts())
        running, task = self.pool.running, account.task
        # A run names its worker: CPython 3.11 finds a task by a system call.
        if task is None:
            task = account.task = asyncio.current_task()
            assert task is not None  # aiohttp, too, works in tasks only
        # A look before a resend is a call within a call: the outer one alone answers to `close`.
        inner = task in running.tasks
        if not inner:
            running.tasks[task] = task.cancelling()
        try:
            body = await self.retrier.run(request, self.attempt, account)
            uuid = account.evidence and account.evidence.uuid
            reads = of_uuid(operation, uuid, body) if uuid else operation.result
            # A thread costs more than decoding a usual answer; a long one would hold the loop.
            if len(body) < _protocol.LARGE:
                result = reads(body, request.names)
            else:
                result = await self.pool.in_thread(reads, body, request.names)
            # Only now: an answer that cannot be understood is no proof that the call has taken effect.
            account.confirm()
            return result
        except errors.TursoError as error:
            if missing is not None and is_gone(error, operation):
                return missing
            body = b""  # no frame of the error may hold the answer, which may hold a secret
            raise _complete(error.with_traceback(None), request, account) from None
        except asyncio.CancelledError:
            if inner or not running.cancelled(task):
                raise
        finally:
            if not inner:
                del running.tasks[task]
                # A `close` that came after the answer must not cancel what the caller does next.
                if running.ended:
                    running.forget(task)
        # Outside the handler: the CancelledError, as a context, would keep the frames of the call.
        raise _complete(errors.ClientClosedError("the client was closed"), request, account)


def _no_organization() -> NoReturn:
    raise errors.ConfigurationError("no organization: pass one or set TURSO_ORG", parameter="organization")


def _complete(error: E, request: Request, account: Account) -> E:
    """Returns the error with the facts and the account of its call."""
    account.charge(error, request.operation)
    error._name(str(request), request.facts())
    if error.maybe_applied and request.operation.unknown:
        error._add(request.advice())
    return error
