"""One call: attempts until one succeeds or the policy ends it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from attrs import define, field

from ._account import Account, Attempt, Effect
from ._operation import Request
from ._pulse import Overdue
from .errors import NotSentError, TursoError
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
            except Overdue as overdue:
                if await _has_worked(request, account):
                    return b""
                account.gaps = overdue.pulse.gaps
                continue
            except TursoError as error:
                if account.settle(error.with_traceback(None), request.operation):
                    return b""  # which a removal decodes as its success
                if self.policy is None:
                    raise
                # A call that failed before it held a slot has not started its time.
                tries = tries or self.policy.begin(time.monotonic() - (account.started or time.monotonic()))
                excused += account.excused
                wait = self._allowed(self.policy.next_wait(tries, error, excused), error, request, account)
                if wait is None:
                    raise
                account.last = error
            else:
                # Nothing is spent as a rule: one call less in each success.
                if self.budget.spent:
                    self.budget.refill()
                return body
            await self._pause(wait, request, account)
            waited += wait
            # After the wait and right before the send: the name can change its owner while the call waits.
            if _needs_look(request, account, waited):
                waited = 0.0
                if await _has_worked(request, account):
                    return b""

    def _allowed(
        self, wait: float | None, error: TursoError, request: Request, account: Account
    ) -> float | None:
        """Returns the wait if the call may be sent again after it; else None, and the error names the limit."""
        limit = self._limit(wait, error, request, account)
        if limit:
            error._add(f"not retried: {limit}")
        return wait if limit is None else None

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

    async def _pause(self, wait: float, request: Request, account: Account) -> None:
        """Reports the retry and waits; raises the last error once nothing more may be sent."""
        report_retry(request, account, wait, self.on_retry)
        # The hook may have stopped the run.
        if not account.ended:
            await self.sleep(wait)
        if account.ended:
            assert account.last is not None  # only a call that has failed is sent again
            raise account.last


def _needs_look(request: Request, account: Account, waited: float) -> bool:
    """True if the name may belong to another thing by now: one of the sends has freed it, or others in a long wait."""
    late = waited > _LONG and request.operation.method == "DELETE"
    guarded = request.guard is not None and not account.unmarked
    return guarded and (late or account.effect is not Effect.NOT_APPLIED)


async def _has_worked(request: Request, account: Account) -> bool:
    """Looks at what has the name now; True if that is not what was meant, as an attempt has worked.

    Raises where no attempt can have worked, and others have given the name to another thing. Without a look nothing is
    sent: raises the last error if that attempt may have worked, else the error of the look.
    """
    assert request.guard is not None  # without one there is no look
    last = account.last
    try:
        reason = await request.guard()
    except TursoError as error:
        raise (last if last and account.effect is Effect.UNKNOWN else error) from None
    if reason is None:
        return False
    if account.effect is Effect.NOT_APPLIED:
        account.idle(reason)
        if last is None:
            raise NotSentError(f"{request}: not sent: {reason}", final=True, **request.facts())
        last._add(f"not sent again: {reason}")
        raise last
    account.confirm(reason)
    return True
