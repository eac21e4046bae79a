"""Time limits of attempts. Where two things come in one moment, the test makes the moment: no race is waited for."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import aiohttp
import pytest
from raw import PATH, RawServer, Request, answer, http, stall

from aioturso import NotSentError, RequestTimeoutError, Timeout
from aioturso._deadlines import Deadline, Deadlines

Run = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]
_UVLOOP = pytest.mark.skipif(importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed")


@pytest.fixture(params=["asyncio", pytest.param("uvloop", marks=_UVLOOP)])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Runs a test on asyncio's own loop, and on uvloop."""
    factory = None
    if request.param == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        yield lambda test: runner.run(test())


def usual() -> Deadlines:
    return Deadlines(asyncio.get_running_loop(), 30.0)


def expire(deadlines: Deadlines) -> None:
    """What the timer does when all times are over."""
    deadlines._expire(float("inf"))


def within(deadlines: Deadlines, seconds: float) -> Deadline:
    """A limit of the running task."""
    task = asyncio.current_task()
    assert task is not None
    return Deadline(deadlines, seconds, task)


async def limited(deadlines: Deadlines, work: asyncio.Future[str], seconds: float = 30.0) -> str:
    with within(deadlines, seconds):
        return await work


def started(deadlines: Deadlines, seconds: float = 30.0) -> tuple[asyncio.Task[str], asyncio.Future[str]]:
    work: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    return asyncio.create_task(limited(deadlines, work, seconds)), work


@pytest.mark.parametrize("usual_seconds", [0.01, 30.0])
def test_an_attempt_without_an_end_is_a_timeout_error(run: Run, usual_seconds: float) -> None:
    async def test() -> None:
        deadlines = Deadlines(asyncio.get_running_loop(), usual_seconds)
        task, _ = started(deadlines, 0.01)
        with pytest.raises(TimeoutError):
            await task
        assert not deadlines.running
        assert task.cancelling() == 0

    run(test)


def test_the_task_works_on_after_its_timeout(run: Run) -> None:
    async def test() -> None:
        deadlines = usual()

        async def work() -> str:
            with pytest.raises(TimeoutError), within(deadlines, 30.0):
                asyncio.get_running_loop().call_soon(expire, deadlines)
                await asyncio.sleep(3600)
            await asyncio.sleep(0)
            await asyncio.sleep(0.001)
            return "on"

        assert await asyncio.create_task(work()) == "on"

    run(test)


@pytest.mark.parametrize("first", ["caller", "time"])
def test_a_cancellation_in_the_moment_of_the_timeout_wins(run: Run, first: str) -> None:
    async def test() -> None:
        deadlines = usual()
        task, _ = started(deadlines)
        await asyncio.sleep(0)
        for who in ("caller", "time") if first == "caller" else ("time", "caller"):
            task.cancel() if who == "caller" else expire(deadlines)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()
        assert task.cancelling() == 1

    run(test)


@pytest.mark.parametrize("first", ["caller", "time"])
def test_a_callers_timeout_in_the_same_moment_is_the_callers(run: Run, first: str) -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        deadlines = usual()
        limit = asyncio.timeout(None)

        async def work() -> None:
            async with limit:
                with within(deadlines, 30.0):
                    await asyncio.sleep(3600)

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        if first == "caller":
            limit.reschedule(loop.time() - 1)
            loop.call_soon(loop.call_soon, expire, deadlines)
        else:
            expire(deadlines)
            limit.reschedule(loop.time() - 1)
        with pytest.raises(TimeoutError):
            await task
        assert (
            limit.expired() or first == "time"
        )  # with the time first, ours may end before the caller's is due
        assert task.cancelling() == 0
        assert not deadlines.running

    run(test)


def test_a_timeout_inside_a_callers_timeout_is_not_the_callers(run: Run) -> None:
    async def test() -> None:
        deadlines = usual()
        async with asyncio.timeout(3600) as outer:
            asyncio.get_running_loop().call_soon(expire, deadlines)
            with pytest.raises(TimeoutError), within(deadlines, 30.0):
                async with asyncio.timeout(3600) as inner:
                    await asyncio.sleep(3600)
        assert not outer.expired()
        assert not inner.expired()

    run(test)


def test_an_answer_that_comes_in_the_moment_of_the_timeout_is_late(run: Run) -> None:
    async def test() -> None:
        deadlines = usual()
        task, work = started(deadlines)
        await asyncio.sleep(0)
        work.set_result("answer")
        expire(deadlines)
        with pytest.raises(TimeoutError):
            await task
        assert task.cancelling() == 0

    run(test)


def test_a_timeout_after_the_answer_changes_nothing(run: Run) -> None:
    async def test() -> None:
        deadlines = usual()
        task, work = started(deadlines)
        await asyncio.sleep(0)
        work.set_result("answer")
        await asyncio.sleep(0)
        expire(deadlines)
        assert await task == "answer"
        assert task.cancelling() == 0

    run(test)


def test_work_that_outlives_its_cancellation_keeps_its_value(run: Run) -> None:
    async def test() -> None:
        deadlines = usual()

        async def stubborn() -> str:
            with within(deadlines, 30.0):
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(3600)
                return "value"

        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        expire(deadlines)
        assert await task == "value"
        assert task.cancelling() == 0

    run(test)


def test_a_task_that_is_being_cancelled_can_still_time_out(run: Run) -> None:
    async def test() -> None:
        deadlines = usual()
        seen: list[str] = []

        async def work() -> None:
            try:
                await asyncio.sleep(3600)
            finally:  # cleaning up with another call
                try:
                    await limited(deadlines, asyncio.get_running_loop().create_future())
                except TimeoutError:
                    seen.append("timeout")

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        expire(deadlines)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen == ["timeout"]

    run(test)


def test_an_error_is_not_covered_by_the_timeout(run: Run) -> None:
    async def test() -> None:
        deadlines = usual()

        async def work() -> None:
            with within(deadlines, 30.0):
                try:
                    await asyncio.sleep(3600)
                finally:
                    raise LookupError

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        expire(deadlines)
        with pytest.raises(LookupError):
            await task
        assert task.cancelling() == 0

    run(test)


def test_one_timer_serves_all_attempts_of_the_usual_length(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        now, armed = [0.0], []
        monkeypatch.setattr(loop, "time", lambda: now[0])
        monkeypatch.setattr(loop, "call_at", lambda when, *_: armed.append(when) or object())
        deadlines = Deadlines(loop, 30.0)
        tasks = []
        for second in range(3):
            now[0] = float(second)
            tasks.append(started(deadlines))
            await asyncio.sleep(0)
        assert armed == [30.0]
        tasks[0][1].set_result("answer")
        await asyncio.sleep(0)
        deadlines._expire(30.0)  # the timer of the first, which has ended
        assert armed == [30.0, 31.0]
        deadlines._expire(31.0)
        assert armed == [30.0, 31.0, 32.0]
        tasks[2][1].set_result("answer")
        ends = await asyncio.gather(*(task for task, _ in tasks), return_exceptions=True)
        assert [ends[0], type(ends[1]), ends[2]] == ["answer", TimeoutError, "answer"]
        deadlines._expire(32.0)
        assert deadlines.timer is None
        assert not deadlines.running

    asyncio.run(test())


def test_an_attempt_of_another_length_takes_its_timer_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        armed: list[asyncio.TimerHandle] = []
        call_at = loop.call_at
        monkeypatch.setattr(loop, "call_at", lambda *args: armed.append(call_at(*args)) or armed[-1])
        deadlines = usual()
        task, work = started(deadlines, 12.0)
        await asyncio.sleep(0)
        work.set_result("answer")
        assert await task == "answer"
        assert [handle.cancelled() for handle in armed] == [True]
        assert deadlines.timer is None

    asyncio.run(test())


def test_two_limits_in_one_task_are_two_limits(run: Run) -> None:
    async def test() -> None:
        deadlines, others = usual(), usual()
        asyncio.get_running_loop().call_soon(expire, others)
        with within(deadlines, 30.0):
            with pytest.raises(TimeoutError), within(others, 30.0):
                await asyncio.sleep(3600)
            await asyncio.sleep(0)

    run(test)


@pytest.mark.parametrize("start", [b"", http(200, b"0123456789")[:-5]], ids=["silent", "body cut"])
@pytest.mark.parametrize("settings", [{"attempt": 0.3}, {"total": 0.3}], ids=["usual", "what is left"])
def test_a_server_that_does_not_end_is_left_with_a_closed_connection(
    run: Run, start: bytes, settings: dict[str, float]
) -> None:
    async def test() -> None:
        async def step(request: Request) -> None:
            request.writer.write(start)
            await stall(request)

        async with RawServer(step, then=answer()) as raw:
            async with raw.client(timeout=Timeout(**settings), retry=None, max_connections=1) as turso:
                with pytest.raises(RequestTimeoutError) as caught:
                    await turso.destroy_instance("db", "x")
                assert (caught.value.attempts, caught.value.maybe_applied) == (1, True)
                assert "0/1 in flight" in repr(turso)
                assert await turso.destroy_instance("db", "y") == "y"
            assert [r.connection for r in raw.requests] == [1, 2]

    run(test)


class Stuck(aiohttp.TCPConnector):
    """Connections that never come."""

    async def connect(self, *_: Any, **__: Any) -> aiohttp.connector.Connection:
        await asyncio.sleep(3600)
        raise AssertionError


def test_a_timeout_before_the_request_is_out_is_not_sent(run: Run) -> None:
    async def test() -> None:
        async with RawServer() as raw, aiohttp.ClientSession(connector=Stuck()) as session:
            turso = raw.client(timeout=0.02, retry=None, session=session)
            with pytest.raises(NotSentError) as caught:
                await turso.destroy_instance("db", "x")
            assert (caught.value.attempts, caught.value.maybe_applied) == (0, False)
            assert not raw.requests

    run(test)


def test_a_cancelled_call_closes_its_connection_and_the_others_run(run: Run) -> None:
    async def test() -> None:
        async with RawServer(stall, then=answer()) as raw, raw.client(timeout=5) as turso:
            call = asyncio.create_task(turso.destroy_instance("db", "x"))
            await raw.seen(1)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await turso.destroy_instance("db", "y") == "y"
            assert [r.connection for r in raw.requests] == [1, 2]
            assert raw.requests[1].target == f"{PATH}/y"

    run(test)


def test_a_callers_timeout_is_a_plain_timeout_error(run: Run) -> None:
    async def test() -> None:
        async with RawServer(then=stall) as raw, raw.client() as turso:
            with pytest.raises(TimeoutError) as caught:
                async with asyncio.timeout(0.02):
                    await turso.destroy_instance("db", "x")
            assert type(caught.value) is TimeoutError
            assert "0/64 in flight" in repr(turso)

    run(test)
