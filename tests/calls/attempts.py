"""A retrier without a network: attempts with results of the test's own, and two policies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from attrs import evolve
from sleeps import Sleeps
from tenacity import wait_fixed

from aioturso import RetryEvent, RetryPolicy, TursoError
from aioturso._account import Account
from aioturso._operation import Request
from aioturso._pulse import Overdue
from aioturso._retrying import Retrier

Attempt = Callable[[Request, Account], Awaitable[bytes]]


def attempt(*results: bytes | TursoError | Overdue) -> tuple[Attempt, list[Account]]:
    """An attempt that has these results in turn, and the accounts that it has seen."""
    left, seen = list(results), list[Account]()

    async def send(request: Request, account: Account) -> bytes:
        seen.append(account)
        result = left.pop(0)
        if isinstance(result, Overdue):
            raise result
        account.sent()
        if isinstance(result, TursoError):
            raise result
        return result

    return send, seen


def retrier(policy: RetryPolicy, sleeps: Sleeps, events: list[RetryEvent] | None = None) -> Retrier:
    return Retrier(evolve(policy, sleep=sleeps), None if events is None else events.append)


FIXED = RetryPolicy(wait=wait_fixed(2))
ONCE = RetryPolicy(attempts=1)
