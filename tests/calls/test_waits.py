"""Waits: noted by a recorder, never waited for."""

import asyncio
import time
from email.utils import formatdate
from typing import Any

import pytest
from raw import RawServer, answer, stall
from sleeps import Sleeps
from tenacity import (
    retry_any,
    retry_if_exception_type,
    stop_after_attempt,
    wait_combine,
    wait_fixed,
    wait_none,
)

from aioturso import (
    APIError,
    BadRequestError,
    RateLimitedError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    Timeout,
    TursoError,
)
from aioturso.retries import retry_if_transient, wait_retry_after

DONE = answer(200, {})


async def waits(sleeps: Sleeps, *headers: str, status: int = 429, **policy: Any) -> list[float]:
    """The waits of a call whose first answer has these headers."""
    async with RawServer(answer(status, {"error": "slow"}, *headers), then=DONE) as raw:
        async with raw.client(retry=RetryPolicy(sleep=sleeps, **policy)) as turso:
            await turso.destroy_instance("db", "a")
    assert len(raw.requests) == 2
    return list(sleeps)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 529])
async def test_retry_after_is_a_floor_whatever_the_status(sleeps: Sleeps, status: int) -> None:
    (wait,) = await waits(sleeps, "Retry-After: 7", status=status)
    assert wait > 7


@pytest.mark.parametrize(
    ("headers", "floor"),
    [
        (("Retry-After: 3", "Retry-After: 9"), 9),
        (("Retry-After: 9", "Retry-After: junk"), 9),
        (("Retry-After: 1.5",), 1.5),
        (("retry-after:   4  ",), 4),
        (("Date: Sun, 09 Sep 2001 01:46:40 GMT", "Retry-After: Sun, 09 Sep 2001 01:46:48 GMT"), 8),
        (("Date: Sun, 09 Sep 2001 01:46:40 GMT", "Retry-After: Sun, 09 Sep 2001 01:46:48"), 8),
        (("Date: Sun, 09 Sep 2001 01:46:40 GMT", "Retry-After: Sunday, 09-Sep-01 01:46:48 GMT"), 8),
    ],
)
async def test_every_form_of_a_wait_is_honoured(
    sleeps: Sleeps, headers: tuple[str, ...], floor: float
) -> None:
    (wait,) = await waits(sleeps, *headers)
    assert floor < wait < floor + 60


async def test_without_the_answers_own_date_a_date_counts_from_this_machines_clock(
    sleeps: Sleeps,
) -> None:
    (wait,) = await waits(sleeps, "Date: junk", f"Retry-After: {formatdate(time.time() + 55, usegmt=True)}")
    assert 20 < wait < 60


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "-5",
        "120junk",
        "",
        "nan",
        "inf",
        "1_000",
        "Sun, 09 Sep 2001 01:46:48 GMT",
        "1e3",
        "0x10",
        "+5",
        "5 s",
    ],
)
async def test_past_dates_and_junk_give_a_short_back_off_that_is_no_hot_loop(
    sleeps: Sleeps, value: str
) -> None:
    (wait,) = await waits(sleeps, f"Retry-After: {value}")
    assert 0 < wait <= 2


async def test_the_floor_holds_under_any_wait_strategy(sleeps: Sleeps) -> None:
    for strategy in (wait_none(), wait_fixed(2), wait_combine(wait_fixed(1), wait_none())):
        sleeps.clear()
        (wait,) = await waits(sleeps, "Retry-After: 7", wait=strategy)
        assert wait == 7


async def test_strategies_compose_as_in_tenacity(sleeps: Sleeps) -> None:
    wait = wait_retry_after(wait_fixed(1)) + wait_fixed(10)
    assert await waits(sleeps, "Retry-After: 7", wait=wait) == [18]
    retry = retry_if_transient() | retry_if_exception_type(BadRequestError)
    assert len(await waits(sleeps, status=400, retry=retry)) == 2
    assert len(await waits(sleeps, status=400, retry=retry_any(retry))) == 3


async def test_a_stop_strategy_ends_a_call_before_its_attempts_do(sleeps: Sleeps) -> None:
    retry = RetryPolicy(sleep=sleeps, stop=stop_after_attempt(2), attempts=9)
    async with RawServer(then=answer(503)) as raw, raw.client(retry=retry) as turso:
        with pytest.raises(ServerError) as caught:
            await turso.destroy_instance("db", "a")
    assert (len(raw.requests), caught.value.attempts) == (2, 2)


async def test_at_the_cap_a_wait_is_honoured_and_above_it_nothing_more_is_sent(sleeps: Sleeps) -> None:
    (wait,) = await waits(sleeps, "Retry-After: 60")
    assert wait > 60
    async with RawServer(then=answer(429, {}, "Retry-After: 60.5")) as raw:
        async with raw.client(retry=RetryPolicy(sleep=sleeps)) as turso:
            with pytest.raises(RateLimitedError) as caught:
                await turso.destroy_instance("db", "a")
    assert (caught.value.retry_after, len(raw.requests)) == (60.5, 1)


async def test_a_wait_that_would_outlast_the_whole_call_is_not_begun(sleeps: Sleeps) -> None:
    async with RawServer(then=answer(429, {}, "Retry-After: 11")) as raw:
        settings: dict[str, Any] = {"retry": RetryPolicy(sleep=sleeps), "timeout": Timeout(total=10)}
        async with raw.client(**settings) as turso:
            with pytest.raises(RateLimitedError) as caught:
                await turso.destroy_instance("db", "a")
    assert (caught.value.retry_after, len(raw.requests), list(sleeps)) == (11, 1, [])


async def test_an_attempt_is_cut_to_what_is_left_of_the_whole_calls_time(sleeps: Sleeps) -> None:
    settings: dict[str, Any] = {"retry": RetryPolicy(sleep=sleeps), "timeout": Timeout(attempt=30, total=0.2)}
    async with RawServer(then=stall) as raw, raw.client(**settings) as turso:
        with pytest.raises(RequestTimeoutError) as caught:
            await turso.destroy_instance("db", "a")
    assert (len(raw.requests), caught.value.attempts, list(sleeps)) == (1, 1, [])


async def test_the_last_error_of_the_server_is_raised_and_not_one_about_time(sleeps: Sleeps) -> None:
    settings: dict[str, Any] = {
        "retry": RetryPolicy(sleep=sleeps, wait=wait_fixed(99), attempts=9),
        "timeout": Timeout(total=50),
    }
    async with RawServer(then=answer(503, {"error": "maintenance"})) as raw, raw.client(**settings) as turso:
        with pytest.raises(ServerError, match="maintenance"):
            await turso.destroy_instance("db", "a")
    assert len(raw.requests) == 1


async def test_exhausted_retries_raise_the_servers_error_with_no_wrapper(sleeps: Sleeps) -> None:
    async with RawServer(then=answer(503, {"error": "maintenance"})) as raw:
        async with raw.client(retry=RetryPolicy(sleep=sleeps)) as turso:
            with pytest.raises(ServerError, match="503 maintenance") as caught:
                await turso.destroy_instance("db", "a")
    error = caught.value
    assert (error.status, error.attempts, error.__cause__, error.__context__) == (503, 4, None, None)
    assert "RetryError" not in repr(error)


async def test_no_global_sleep_is_needed_and_back_off_grows_with_full_jitter(sleeps: Sleeps) -> None:
    for _ in range(30):
        async with RawServer(then=answer(503)) as raw:
            async with raw.client(retry=RetryPolicy(sleep=sleeps, attempts=6)) as turso:
                with pytest.raises(TursoError):
                    await turso.destroy_instance("db", "a")
    rounds = [sleeps[n : n + 5] for n in range(0, len(sleeps), 5)]
    assert len({wait for one in rounds for wait in one}) > 100
    for number in range(5):
        column = [one[number] for one in rounds]
        assert 0 < min(column) <= max(column) <= 0.5 * 2**number + 0.05


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 410, 418, 422, 501, 505, 511, 599])
async def test_a_status_that_is_not_transient_is_not_repeated(sleeps: Sleeps, status: int) -> None:
    async with RawServer(then=answer(status, {"error": "no"})) as raw:
        async with raw.client(retry=RetryPolicy(sleep=sleeps)) as turso:
            with pytest.raises(APIError) as caught:
                await turso.destroy_instance("db", "a")
    assert (len(raw.requests), caught.value.status, list(sleeps)) == (1, status, [])


async def test_cancellation_works_during_a_servers_wait() -> None:
    async with RawServer(then=answer(429, {}, "Retry-After: 59")) as raw, raw.client() as turso:
        call = asyncio.create_task(turso.destroy_instance("db", "a"))
        await raw.seen(1)
        await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert "0/64 in flight" in repr(turso)
    assert len(raw.requests) == 1
