"""The retrier looks before it sends again, or after a gap: what a look finds decides. Without a network."""

from __future__ import annotations

import time

import pytest
from attempts import FIXED, ONCE, attempt, retrier
from losses import LOST, request
from sleeps import Sleeps
from tenacity import wait_chain, wait_fixed

from aioturso import (
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    TursoError,
)
from aioturso._account import Account, Effect
from aioturso._pulse import Evidence, Overdue, Pulse
from aioturso.api.databases import CREATE


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
    account = Account(evidence=Evidence(Pulse(gaps=7), "u", 1, 0.0))
    assert await retrier(policy, sleeps).run(request(guard=guard), send, account) == b"{}"
    assert account.evidence is not None
    assert (looked, account.attempts, account.evidence.gaps, sleeps) == ([0], 1, 7, [])


async def test_a_refusal_after_a_look_begins_the_time_for_the_next_one(sleeps: Sleeps) -> None:
    async def guard() -> str | None:
        return None

    for begun, again in ((0.0, False), (1e9, True)):
        evidence = Evidence(Pulse(), "u", 1, begun)
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

    (send, _), evidence = attempt(LOST, b"{}"), Evidence(Pulse(), None, 0, 0.0)
    account = Account(evidence=evidence)
    assert await retrier(FIXED, sleeps).run(request(guard=guard), send, account) == b"{}"
