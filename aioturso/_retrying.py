"""One call: attempts until one succeeds or the policy ends it."""

from __future__ import annotations

import time

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

    policy: RetryPolicy
    on_retry: OnRetry | None
    budget: RetryBudget = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.budget = RetryBudget(self.policy.budget)

    async def run(self, request: Request, attempt: Attempt, account: Account) -> bytes:
        """Returns the body of the first answer that is a success; else raises the last error.

        Errors lose their traceback on the way: its frames hold the token and the server's text.
        """
        tries: Tries | None = None  # made only once a call has failed
        while True:
            try:
                body = await attempt(request, account)
                # Nothing is spent as a rule: one call less in each success.
                if self.budget.spent:
                    self.budget.refill()
                return body
            except Overdue:
                if await _look_settles(request, account):
                    return b""
                continue
            except TursoError as error:
                if account.settle(error.with_traceback(None), request.operation):
                    return b""  # which a removal decodes as its success
                tries = tries or self.policy.begin(_age(request, account))
                if not self._may_retry(tries, error, request, account):
                    raise
                account.again(error)
            await self._pause(tries.upcoming_sleep, request, account)
            # After the wait and right before the send: the name can change its owner while the call waits.
            if _needs_look(tries, request, account):
                tries.looked = tries.idle_for  # the next long wait counts from here on
                if await _look_settles(request, account):
                    return b""

    def _may_retry(self, tries: Tries, error: TursoError, request: Request, account: Account) -> bool:
        """True if the call may be sent again after `tries.upcoming_sleep`; else the error names the limit, if it is one."""
        wait = self.policy.next_wait(tries, error, excused=account.excused)
        again = request.operation.repeatable or account.effect is Effect.NOT_APPLIED
        # A budget of 0 allows no retry, and so no free one.
        free = account.excused and self.budget.size >= 1
        # With one attempt the wait is not the reason.
        if self.policy.attempts > 1 and self.policy.is_spent(error):
            limit = f"the wait is above max_retry_after={self.policy.max_retry_after:g}"
        elif wait is None or account.ended or not again:
            return False
        elif wait >= account.left(time.monotonic()):
            limit = f"the wait does not end within total={request.timeout.total:g}"
        # Last, as it takes a retry that the limits above must not cost.
        elif free or self.budget.spend():
            return True
        else:
            limit = "the budget of retries is spent"
        error._add(f"not retried: {limit}")
        return False

    async def _pause(self, wait: float, request: Request, account: Account) -> None:
        """Reports the retry and waits; raises the last error once nothing more may be sent."""
        report_retry(request, account, wait, self.on_retry)
        # The hook may have stopped the run.
        if not account.ended:
            await self.policy.sleep(wait)
        if account.ended:
            assert account.last is not None  # only a call that has failed is sent again
            raise account.last


def _age(request: Request, account: Account) -> float:
    """Returns the seconds since the call first held a slot, with which its time has begun; 0 before."""
    return max(0.0, request.timeout.total - account.left(time.monotonic()))


def _needs_look(tries: Tries, request: Request, account: Account) -> bool:
    """True if the name may belong to another thing by now, as one of the sends has freed it, or others in a long wait."""
    late = tries.idle_for - tries.looked > _LONG and request.operation.method == "DELETE"
    comparable = account.evidence is None or bool(account.evidence.uuid)
    may_differ = late or account.effect is not Effect.NOT_APPLIED
    return request.guard is not None and comparable and may_differ


async def _look_settles(request: Request, account: Account) -> bool:
    """Looks at what has the name now; True if nothing is left to do and an attempt may have done it.

    Raises where nothing is left to do and no attempt can have done it. After a look that fails nothing is sent: raises
    the last error if an attempt may have worked, else the error of the look.
    """
    assert request.guard is not None  # without one there is no look
    last = account.last
    try:
        reason = await request.guard()
    except TursoError as error:
        if last is None or account.effect is not Effect.UNKNOWN:
            raise error from None
        last._add(f"not sent again: {error}")
        raise last from None
    if reason is None:
        if account.evidence is not None:
            account.evidence.looked()
        return False
    if account.conclude(reason):
        return True
    if last is None:
        raise NotSentError(f"{request}: not sent: {reason}", final=True, **request.facts())
    last._add(f"not sent again: {reason}")
    raise last
