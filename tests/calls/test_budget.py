"""The retries that a client has in hand, and the time from which a call's own end is counted."""

import time

import pytest
from raw import RawServer, Request, answer
from sleeps import Sleeps
from tenacity import stop_after_delay, wait_none

from aioturso import RetryPolicy, ServerError, TursoClient

FINE = answer(200, {})
BUSY = answer(503, {"error": "busy"})


async def destroy(turso: TursoClient, times: int = 1) -> None:
    for _ in range(times):
        await turso.destroy_instance("db", "a")


async def test_successes_buy_back_a_retry_that_was_spent(sleeps: Sleeps) -> None:
    """The tenth success or so, no earlier than the ninth."""
    async with RawServer(BUSY, then=FINE) as raw:
        async with raw.client(retry=RetryPolicy(budget=1, sleep=sleeps)) as turso:
            await destroy(turso)
            await destroy(turso, 7)
            raw.steps = [BUSY]
            with pytest.raises(ServerError) as caught:
                await destroy(turso)
            assert caught.value.attempts == 1
            await destroy(turso, 4)
            raw.steps = [BUSY]
            await destroy(turso)
    assert len(sleeps) == 2


async def test_a_budget_that_is_full_does_not_grow(sleeps: Sleeps) -> None:
    async with RawServer(then=FINE) as raw:
        async with raw.client(retry=RetryPolicy(budget=2, sleep=sleeps)) as turso:
            await destroy(turso, 50)
            raw.then = BUSY
            with pytest.raises(ServerError) as caught:
                await destroy(turso)
    assert (caught.value.attempts, len(sleeps)) == (3, 2)


@pytest.mark.parametrize(("seconds", "sends"), [(11.0, 1), (4.0, 3)])
async def test_the_delay_that_stops_a_call_counts_from_its_first_attempt(
    sleeps: Sleeps, monkeypatch: pytest.MonkeyPatch, seconds: float, sends: int
) -> None:
    ahead, clock = 0.0, time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: clock() + ahead)

    async def slow(request: Request) -> None:
        nonlocal ahead
        ahead += seconds
        await BUSY(request)

    retry = RetryPolicy(stop=stop_after_delay(10), wait=wait_none(), attempts=9, sleep=sleeps)
    async with RawServer(then=slow) as raw, raw.client(retry=retry) as turso:
        with pytest.raises(ServerError) as caught:
            await destroy(turso)
    assert (len(raw.requests), caught.value.attempts) == (sends, sends)
