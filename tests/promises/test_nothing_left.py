"""When a teardown returns or raises, nothing of it is still running."""

import asyncio

import pytest
from instances import by_name, listed, statuses
from raw import RawServer, Request, answer, close, stall

from aioturso import Outcome, OutcomeStatus, TeardownError
from aioturso.testing import FakeTurso, Fault


async def test_nothing_reaches_the_server_after_the_call_has_raised() -> None:
    async def slow(request: Request) -> None:
        await asyncio.sleep(0.02)
        await answer(200, {})(request)

    steps = by_name(a=answer(400, {"error": "no"}), b=slow, c=slow, d=slow)
    async with RawServer(listed(*"abcd"), then=steps) as raw, raw.client() as turso:
        with pytest.raises(TeardownError) as caught:
            await turso.destroy_by_location("db", "fra", concurrency=2)
        sent, tasks = len(raw.requests), asyncio.all_tasks()
        await asyncio.sleep(0.05)
        assert len(raw.requests) == sent == 5
        assert not [t for t in tasks if "work" in repr(t.get_coro())]
    assert statuses(caught.value.report.outcomes)[0] == "a FAILED"
    assert len(caught.value.report.destroyed) == 3


async def test_a_callback_that_raises_ends_the_run_with_nothing_left_running() -> None:
    async def when_all_are_there(request: Request) -> None:
        await raw.seen(5)
        await answer(200, {})(request)

    async def lost(request: Request) -> None:
        await failed.wait()
        await close(request)

    def fail(outcome: Outcome) -> None:
        failed.set()
        raise ZeroDivisionError

    failed = asyncio.Event()
    async with (
        RawServer(listed(*"abcd"), when_all_are_there, then=lost) as raw,
        raw.client(retry=None) as turso,
    ):
        with pytest.raises(TeardownError, match="3 unknown") as caught:
            await turso.destroy_by_location("db", "fra", on_outcome=fail)
        assert isinstance(caught.value.report.failure, ZeroDivisionError)
        assert "0/64 in flight" in repr(turso)
        assert len(asyncio.all_tasks()) <= 1 + raw.connections


async def test_a_cancelled_teardown_sends_nothing_more(fake: FakeTurso) -> None:
    seen: list[Outcome] = []
    fake.inject(Fault.hang(), path="/fra-2")
    async with fake.client(organization="org") as turso:
        task = asyncio.create_task(
            turso.destroy_by_location("db", "fra", concurrency=1, on_outcome=seen.append)
        )
        while len(fake.requests) < 3:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert "0/64 in flight" in repr(turso)
    assert [(o.target.instance, o.status.name) for o in seen] == [("fra", "DESTROYED"), ("fra-2", "UNKNOWN")]
    assert len(fake.requests) == 3


@pytest.mark.parametrize("late", range(8))
async def test_a_cancellation_at_the_moment_of_an_answer_is_never_swallowed(late: int) -> None:
    seen: list[Outcome] = []
    arrived = asyncio.Event()

    async def tell(request: Request) -> None:
        await answer(200, {})(request)
        arrived.set()

    async with RawServer(listed(*"abc"), then=tell) as raw, raw.client() as turso:
        task = asyncio.create_task(
            turso.destroy_by_location("db", "fra", concurrency=1, on_outcome=seen.append)
        )
        await arrived.wait()
        for _ in range(late):
            await asyncio.sleep(0)
        finished = task.done()
        task.cancel()
        if not finished:
            with pytest.raises(asyncio.CancelledError):
                await task
        sent = len(raw.requests)
        await asyncio.sleep(0.01)
        assert len(raw.requests) == sent
        assert "0/64 in flight" in repr(turso)
    assert {o.status for o in seen} <= {OutcomeStatus.DESTROYED, OutcomeStatus.UNKNOWN}
    assert all(o.error is None for o in seen)


async def test_a_cancelled_run_leaves_no_outcome_that_is_a_cancellation() -> None:
    seen: list[Outcome] = []
    async with RawServer(listed(*"abcd"), answer(200, {}), then=stall) as raw, raw.client() as turso:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await turso.destroy_by_location("db", "fra", concurrency=2, on_outcome=seen.append)
    assert sorted(o.status.name for o in seen) == ["DESTROYED", "UNKNOWN", "UNKNOWN"]
    assert all(o.error is None for o in seen)
    assert len(raw.requests) == 4
