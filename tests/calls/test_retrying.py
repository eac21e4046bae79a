"""The retrier of a call: when it is sent again, when it is not, and how it ends. Without a network."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import pytest
from attrs import evolve
from losses import LOST, request
from missing import not_found
from sleeps import Sleeps
from tenacity import retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_chain, wait_fixed

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
from aioturso._pulse import Evidence, Overdue, Pulse
from aioturso._retrying import Retrier
from aioturso.api.databases import CREATE
from aioturso.retries import Tries

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


@pytest.mark.parametrize(("found", "times"), [("it is gone", 1), (None, 2)])
async def test_a_look_decides_whether_it_is_sent_again(sleeps: Sleeps, found: str | None, times: int) -> None:
    looked: list[int] = []

    async def guard() -> str | None:
        looked.append(len(sleeps))
        return found

    send, seen = attempt(LOST, b"{}")
    account = Account()
    body = await retrier(FIXED, sleeps).run(request(guard=guard), send, account)
    assert (body, len(seen)) == (b"" if times == 1 else b"{}", times)
    assert looked == [1]  # after the wait
    assert account.confirmed == found
    assert account.effect is (Effect.APPLIED if found else Effect.UNKNOWN)


async def test_a_look_that_fails_ends_the_call_with_its_last_error_and_the_reason(sleeps: Sleeps) -> None:
    async def guard() -> str | None:
        raise ServerError("down", status=503)

    lost = OutcomeUnknownError("lost")
    send, seen = attempt(lost)
    with pytest.raises(OutcomeUnknownError, match="lost; not sent again: down") as caught:
        await retrier(FIXED, sleeps).run(request(guard=guard), send, Account())
    assert (caught.value, len(seen)) == (lost, 1)


@pytest.mark.parametrize(
    ("waits", "looks"),
    [([10], 0), ([10.1], 1), ([11, 10], 1), ([6, 4, 1, 9], 1), ([6, 5, 6], 1), ([6, 5, 6, 5], 2)],
)
async def test_what_has_not_taken_effect_is_looked_at_after_long_waits(
    sleeps: Sleeps, waits: list[float], looks: int
) -> None:
    """Others may have given the name to another thing."""
    looked: list[int] = []

    async def guard() -> str | None:
        looked.append(len(sleeps))
        return None

    policy = RetryPolicy(wait=wait_chain(*map(wait_fixed, waits)), attempts=9)
    send, seen = attempt(*[NotSentError("refused") for _ in waits], b"{}")
    assert await retrier(policy, sleeps).run(request(guard=guard), send, Account()) == b"{}"
    assert (len(looked), len(seen)) == (looks, len(waits) + 1)


async def test_what_others_have_removed_in_a_long_wait_is_not_sent_again(sleeps: Sleeps) -> None:
    async def guard() -> str | None:
        return "the name now belongs to another one"

    policy, account = RetryPolicy(wait=wait_fixed(11)), Account()
    send, seen = attempt(RateLimitedError("slow", status=429))
    with pytest.raises(RateLimitedError, match="not sent again: the name now belongs to another one"):
        await retrier(policy, sleeps).run(request(guard=guard), send, account)
    assert (account.effect, account.confirmed) == (Effect.NOT_APPLIED, "the name now belongs to another one")
    assert len(seen) == 1


@pytest.mark.parametrize("policy", [ONCE, FIXED])
async def test_what_is_still_there_after_a_gap_is_sent(sleeps: Sleeps, policy: RetryPolicy) -> None:
    looked: list[int] = []

    async def guard() -> str | None:
        looked.append(account.attempts)
        return None

    send, _ = attempt(Overdue(), b"{}")
    account = Account(evidence=Evidence(Pulse(gaps=7), True, 1, 0.0))
    assert await retrier(policy, sleeps).run(request(guard=guard), send, account) == b"{}"
    assert account.evidence is not None
    assert (looked, account.attempts, account.evidence.gaps, sleeps) == ([0], 1, 7, [])


async def test_a_refusal_after_a_look_begins_the_time_for_the_next_one(sleeps: Sleeps) -> None:
    async def guard() -> str | None:
        return None

    for begun, again in ((0.0, False), (1e9, True)):
        evidence = Evidence(Pulse(), True, 1, begun)
        account = Account(evidence=evidence)
        send, _ = attempt(*[Overdue()] * again, RateLimitedError("slow", status=429), b"{}")
        assert await retrier(FIXED, sleeps).run(request(guard=guard), send, account) == b"{}"
        assert (begun < evidence.since <= time.time(), account.is_looked_at) == (again, False)


async def test_what_is_another_one_after_a_gap_is_not_sent(sleeps: Sleeps) -> None:
    async def guard() -> str | None:
        return "it is another one"

    send, _ = attempt(Overdue())
    account = Account()
    with pytest.raises(NotSentError, match="not sent: it is another one") as caught:
        await retrier(FIXED, sleeps).run(request(guard=guard), send, account)
    assert (account.attempts, account.effect, account.confirmed) == (
        0,
        Effect.NOT_APPLIED,
        "it is another one",
    )
    assert caught.value.final and caught.value.target == "x/x"


@pytest.mark.parametrize("first", [Overdue(), NotSentError("refused")], ids=["a gap", "a long wait"])
async def test_a_look_that_fails_before_anything_was_done_ends_the_call_with_its_own_error(
    sleeps: Sleeps, first: TursoError | Overdue
) -> None:
    down = ServerError("down", status=503)

    async def guard() -> str | None:
        raise down

    send, seen = attempt(first)
    with pytest.raises(ServerError) as caught:
        await retrier(RetryPolicy(wait=wait_fixed(11)), sleeps).run(request(guard=guard), send, Account())
    assert (caught.value, len(seen)) == (down, 1)


async def test_what_may_have_gone_and_is_another_one_after_a_gap_has_gone(sleeps: Sleeps) -> None:
    found = iter([None, "it is another one"])

    async def guard() -> str | None:
        return next(found)

    send, _ = attempt(LOST, Overdue())
    account = Account()
    assert await retrier(FIXED, sleeps).run(request(guard=guard), send, account) == b""
    assert (account.attempts, account.effect, account.confirmed) == (1, Effect.APPLIED, "it is another one")


async def test_a_create_is_not_looked_at_before_it_may_have_taken_effect(sleeps: Sleeps) -> None:
    async def guard() -> str | None:
        raise AssertionError("looked")

    send, _ = attempt(NotSentError("refused"), b"{}")
    policy = RetryPolicy(wait=wait_fixed(11))
    assert await retrier(policy, sleeps).run(request(CREATE, guard), send, Account()) == b"{}"


async def test_what_has_no_uuid_to_compare_is_sent_again_without_a_look(sleeps: Sleeps) -> None:
    async def guard() -> str | None:
        raise AssertionError("looked")

    (send, _), evidence = attempt(LOST, b"{}"), Evidence(Pulse(), False, 0, 0.0)
    account = Account(evidence=evidence)
    assert await retrier(FIXED, sleeps).run(request(guard=guard), send, account) == b"{}"


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
