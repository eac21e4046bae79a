"""One call: attempts until one succeeds or the policy ends it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from attrs import define, field

from ._account import Account, Attempt, Effect
from ._operation import Request
from .errors import TursoError
from .events import OnRetry, report_retry
from .retries import RetryPolicy, Tries

_LONG = 10.0  # seconds of waits, in which others may have given a name to another thing


@define
class RetryBudget:
    """Mutable, one per client: how many retries there are, and how many are spent. Ten successes buy one back."""

    size: float
    spent: float = 0.0

    def spend(self) -> bool:
        """Takes one retry; False when none is left."""
        if self.spent + 1 > self.size:
            return False
        self.spent += 1
        return True

    def refill(self) -> None:
        """Adds a tenth of a retry, up to the size."""
        self.spent = max(0.0, self.spent - 0.1)


@define
class Retrier:
    """Retries the calls of a client."""

    policy: RetryPolicy | None
    sleep: Callable[[float], Awaitable[None]]
    on_retry: OnRetry | None
    budget: RetryBudget = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.budget = RetryBudget(self.policy.budget if self.policy else 0)

    async def run(self, request: Request, attempt: Attempt, account: Account) -> bytes:
        """Returns the body of the first answer that is a success; else raises the last error.

        Errors lose their traceback on the way: its frames hold the token and the server's text.
        """
        tries: Tries | None = None  # made only once a call has failed
        excused, waited = 0, 0.0
        while True:
            try:
                body = await attempt(request, account)
            except TursoError as error:
                if account.settle(error.with_traceback(None), request.operation):
                    return b""  # which a removal decodes as its success
                if self.policy is None:
                    raise
                # A call that failed before it held a slot has not started its time.
                tries = tries or self.policy.begin(time.monotonic() - (account.started or time.monotonic()))
                excused += account.excused
                wait = self.policy.next_wait(tries, error, excused)
                limit = self._limit(wait, error, request, account)
                if limit:
                    error._add(f"not retried: {limit}")
                if wait is None or limit is not None:
                    raise
                account.last = error
            else:
                # Nothing is spent as a rule: one call less in each success.
                if self.budget.spent:
                    self.budget.refill()
                return body
            report_retry(request, account, wait, self.on_retry)
            # The hook may have stopped the run.
            if not account.ended:
                await self.sleep(wait)
            if account.ended:
                raise account.last
            # After the wait and right before the send: the name can change its owner while the call waits.
            changed, waited = await self._changed(request, account, waited + wait)
            if changed:
                return b""

    def _limit(self, wait: float | None, error: TursoError, request: Request, account: Account) -> str | None:
        """Returns None if the call may be sent again after the wait; else the limit that forbids it, empty for none."""
        assert self.policy is not None  # without one there is no wait
        if wait is None:
            most = self.policy.max_retry_after
            return f"the wait is above max_retry_after={most:g}" if self.policy.is_spent(error) else ""
        again = request.operation.repeatable or account.effect is Effect.NOT_APPLIED
        if account.ended or not again:
            return ""
        if wait >= account.left(time.monotonic()):
            return f"the wait does not end within total={request.timeout.total:g}"
        free = account.excused and self.budget.size >= 1
        # Last, as it takes a retry that the limits above must not cost.
        return None if free or self.budget.spend() else "the budget of retries is spent"

    async def _changed(self, request: Request, account: Account, waited: float) -> tuple[bool, float]:
        """Returns whether what has the name now is not what was meant, as an attempt has worked; and the waits since a look.

        Raises the last error where no attempt can have worked, and others have given the name to another thing.
        """
        last, late = account.last, waited > _LONG and request.operation.method == "DELETE"
        assert last is not None  # only a call that has failed comes here
        # Without a send that may have worked, this call has freed no name; in a long wait others may have.
        if request.guard is None or (account.effect is Effect.NOT_APPLIED and not late):
            return False, waited
        try:
            reason = await request.guard()
        except TursoError:
            raise last from None  # without a look nothing is sent again
        if reason is not None and account.effect is Effect.NOT_APPLIED:
            account.idle(reason)
            last._add(f"not sent again: {reason}")
            raise last
        if reason is not None:
            account.confirm(reason)
        return reason is not None, 0.0
