"""The retrier of a call: when it is sent again, when it is not, and how it ends. Without a network."""

from __future__ import annotations

import time

import pytest
from attempts import FIXED, ONCE, attempt, retrier
from attrs import evolve
from losses import LOST, request
from missing import not_found
from sleeps import Sleeps
from tenacity import retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_fixed

from aioturso import (
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    RetryEvent,
    RetryPolicy,
    ServerError,
    TursoError,
)
from aioturso._account import Account, Effect
from aioturso._operation import Request
from aioturso._retrying import Retrier
from aioturso.api.databases import CREATE
from aioturso.retries import Tries


async def test_a_call_that_fails_is_sent_again_and_reports_each_retry(sleeps: Sleeps) -> None:
    events: list[RetryEvent] = []
    send, seen = attempt(LOST, ServerError("down", status=503), b"{}")
    account = Account()
    assert await retrier(FIXED, sleeps, events).run(request(), send, account) == b"{}"
    assert (len(seen), sleeps, account.effect) == (3, [2, 2], Effect.UNKNOWN)
    assert [(event.attempts, event.wait, event.error) for event in events] == [
        (1, 2, LOST),
        (2, 2, account.last),
    ]


async def test_the_last_error_ends_the_call(sleeps: Sleeps) -> None:
    errors = [ServerError(f"down {number}", status=503) for number in range(4)]
    send, seen = attempt(*errors)
    with pytest.raises(ServerError, match="down 3") as caught:
        await retrier(FIXED, sleeps).run(request(), send, Account())
    assert (len(seen), sleeps, caught.value.attempts) == (4, [2, 2, 2], 4)


@pytest.mark.parametrize("error", [LOST, RateLimitedError("slow down", status=429, retry_after=61.0)])
async def test_with_one_attempt_a_call_is_sent_once_and_its_error_names_no_limit(
    sleeps: Sleeps, error: TursoError
) -> None:
    send, seen = attempt(error)
    with pytest.raises(TursoError, match=f"^{error}$"):
        await retrier(ONCE, sleeps).run(request(), send, Account())
    assert (len(seen), sleeps) == (1, [])


async def test_an_error_whose_wait_is_too_long_for_the_policy_names_that_limit(sleeps: Sleeps) -> None:
    send, seen = attempt(RateLimitedError("slow down", status=429, retry_after=61.0))
    policy = RetryPolicy(attempts=2)
    with pytest.raises(RateLimitedError, match=r"not retried: the wait is above max_retry_after=60$"):
        await retrier(policy, sleeps).run(request(), send, Account())
    assert (len(seen), sleeps) == (1, [])


async def test_the_time_of_a_call_counts_from_when_it_first_held_a_slot(sleeps: Sleeps) -> None:
    began: list[float] = []

    def stop(state: Tries) -> bool:
        began.append(state.start_time)
        return True

    now, total = time.monotonic(), request().timeout.total
    for account in (Account(), Account(deadline=now + total - 200)):
        send, _ = attempt(NotSentError("refused"))
        with pytest.raises(NotSentError):
            await retrier(RetryPolicy(stop=stop), sleeps).run(request(), send, account)
    waiting, sending = began
    assert sending < now <= waiting


async def test_a_404_after_a_lost_answer_is_the_success(sleeps: Sleeps) -> None:
    send, _ = attempt(LOST, not_found("instance"))
    assert await retrier(FIXED, sleeps).run(request(), send, Account()) == b""


@pytest.mark.parametrize(("error", "times"), [(LOST, 1), (RateLimitedError("slow", status=429), 2)])
async def test_a_post_is_sent_again_only_if_it_has_not_taken_effect(
    sleeps: Sleeps, error: TursoError, times: int
) -> None:
    send, seen = attempt(error, b"{}")
    made = retrier(FIXED, sleeps).run(request(CREATE), send, Account())
    if times == 1:
        with pytest.raises(OutcomeUnknownError):
            await made
    else:
        await made
    assert len(seen) == times


async def test_a_wait_ends_before_the_time_of_the_call_does(sleeps: Sleeps) -> None:
    for left, times in ((1.9, 1), (20, 2)):
        send, seen = attempt(ServerError("down", status=503), b"{}")
        account = Account(deadline=time.monotonic() + left)
        made = retrier(FIXED, sleeps).run(request(), send, account)
        if times == 1:
            with pytest.raises(ServerError):
                await made
        else:
            await made
        assert len(seen) == times


async def test_what_may_not_be_sent_again_is_no_question_of_time(sleeps: Sleeps) -> None:
    send, _ = attempt(OutcomeUnknownError("lost"))
    with pytest.raises(OutcomeUnknownError) as caught:
        account = Account(deadline=time.monotonic() + 60)
        await retrier(RetryPolicy(wait=wait_fixed(1000)), sleeps).run(request(CREATE), send, account)
    assert str(caught.value) == "lost"


async def test_a_call_without_a_budget_is_not_sent_again(sleeps: Sleeps) -> None:
    one = retrier(RetryPolicy(wait=wait_fixed(2), budget=1), sleeps)
    for times in (2, 1):
        send, seen = attempt(ServerError("down", status=503), ServerError("down", status=503), b"{}")
        with pytest.raises(ServerError):
            await one.run(request(), send, Account())
        assert len(seen) == times


async def test_successes_refill_the_budget(sleeps: Sleeps) -> None:
    one = retrier(RetryPolicy(wait=wait_fixed(2), budget=1), sleeps)
    send, _ = attempt(LOST, b"{}")
    await one.run(request(), send, Account())
    assert one.budget.spent == pytest.approx(0.9)
    await one.run(request(), attempt(b"{}")[0], Account())
    assert one.budget.spent == pytest.approx(0.8)


async def test_a_call_that_has_ended_is_not_sent_again(sleeps: Sleeps) -> None:
    events: list[RetryEvent] = []
    send, seen = attempt(LOST)
    with pytest.raises(OutcomeUnknownError):
        await retrier(FIXED, sleeps, events).run(request(), send, Account(ended=True))
    assert (len(seen), sleeps, events) == (1, [], [])


async def test_a_call_that_ends_during_its_wait_raises_its_last_error() -> None:
    account = Account()

    async def sleep(seconds: float) -> None:
        account.end()

    send, seen = attempt(LOST)
    with pytest.raises(OutcomeUnknownError) as caught:
        await Retrier(evolve(FIXED, sleep=sleep), None).run(request(), send, account)
    assert (caught.value, len(seen)) == (LOST, 1)


async def test_a_call_that_a_hook_ends_does_not_even_wait(sleeps: Sleeps) -> None:
    account = Account()
    send, seen = attempt(LOST)
    with pytest.raises(OutcomeUnknownError):
        await Retrier(evolve(FIXED, sleep=sleeps), lambda event: account.end()).run(request(), send, account)
    assert (len(seen), sleeps) == (1, [])


@pytest.mark.parametrize(
    ("policy", "times"),
    [
        (RetryPolicy(wait=wait_fixed(0), stop=stop_after_attempt(2)), 2),
        (RetryPolicy(wait=wait_fixed(0), attempts=1), 1),
        (RetryPolicy(wait=wait_fixed(0), retry=retry_if_exception_type(ServerError)), 1),
        (RetryPolicy(wait=wait_fixed(0), stop=stop_after_delay(10)), 4),
    ],
)
async def test_a_strategy_of_the_caller_ends_the_call(
    sleeps: Sleeps, policy: RetryPolicy, times: int
) -> None:
    send, seen = attempt(*[LOST] * 4)
    with pytest.raises(OutcomeUnknownError):
        await retrier(policy, sleeps).run(request(), send, Account())
    assert len(seen) == times


@pytest.mark.parametrize(
    ("policy", "times"),
    [
        (RetryPolicy(wait=wait_fixed(0), attempts=2), 9),
        (RetryPolicy(wait=wait_fixed(0), budget=1), 9),
        (RetryPolicy(wait=wait_fixed(0), attempts=1), 1),
        (RetryPolicy(wait=wait_fixed(0), budget=0), 1),
        (RetryPolicy(wait=wait_fixed(0), stop=stop_after_attempt(3)), 3),
        (RetryPolicy(wait=wait_fixed(0), max_retry_after=1), 1),
    ],
)
async def test_a_refusal_that_is_no_failure_of_the_call_takes_no_attempt_and_nothing_of_the_budget(
    sleeps: Sleeps, policy: RetryPolicy, times: int
) -> None:
    refused = RateLimitedError("slow down", status=429, retry_after=2.0)
    send, seen = attempt(*[refused] * 8, b"{}")
    one = retrier(policy, sleeps)
    run = one.run(request(), send, Account(excused=True))
    if times == 9:
        assert await run == b"{}" and one.budget.spent == 0
    else:
        with pytest.raises(RateLimitedError):
            await run
    assert len(seen) == times


async def test_other_failures_count_before_and_after_refusals_that_do_not(sleeps: Sleeps) -> None:
    errors = [LOST, RateLimitedError("slow down", status=429), LOST, LOST, LOST]
    account = Account()

    async def send(request: Request, account: Account) -> bytes:
        error = errors.pop(0)
        account.excused = isinstance(error, RateLimitedError)
        raise error

    with pytest.raises(OutcomeUnknownError):
        await retrier(FIXED, sleeps).run(request(), send, account)
    assert not errors
