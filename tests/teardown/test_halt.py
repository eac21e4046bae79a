"""A stop reaches what is under way, and is never taken for a cancellation."""

from __future__ import annotations

import asyncio
import inspect
import threading
from contextlib import ExitStack
from typing import Any

import pytest

from aioturso.teardown.halt import Halt, Stopped


async def never() -> None:
    await asyncio.Event().wait()


async def endless(begun: asyncio.Event, ended: asyncio.Event) -> None:
    begun.set()
    try:
        await never()
    finally:
        ended.set()


async def test_a_stop_ends_the_work_that_is_under_way_and_all_that_comes_after_it() -> None:
    halt = Halt()
    task = asyncio.create_task(halt.unless(never()))
    await asyncio.sleep(0)
    halt.stop()
    halt.stop()
    with pytest.raises(Stopped):
        await task
    assert (halt.reason, halt.listeners) == ("stopped", [])
    with pytest.raises(Stopped):
        await halt.unless(never())


async def test_stops_let_the_work_come_to_its_end() -> None:
    halt, ended = Halt(), asyncio.Event()

    async def work() -> None:
        try:
            await never()
        finally:
            for _ in range(5):
                await asyncio.sleep(0)
            ended.set()

    task = asyncio.create_task(halt.unless(work()))
    for _ in range(3):
        await asyncio.sleep(0)
    for _ in range(3):
        halt.stop()
        await asyncio.sleep(0)
    with pytest.raises(Stopped):
        await task
    assert ended.is_set()


async def test_work_that_was_cancelled_by_another_is_no_stop() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Halt().unless(work())


async def test_work_that_ends_by_itself_has_its_result() -> None:
    async def work() -> int:
        return 5

    halt = Halt()
    assert await halt.unless(work()) == 5 and halt.listeners == []


async def test_a_cancellation_is_no_stop_and_ends_the_work() -> None:
    halt, begun, ended = Halt(), asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(halt.unless(endless(begun, ended)))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
    both = asyncio.create_task(halt.unless(never()))
    await asyncio.sleep(0)
    halt.stop()
    both.cancel()
    with pytest.raises(asyncio.CancelledError):
        await both


async def test_work_that_a_stop_has_kept_from_beginning_is_closed() -> None:
    halt, work = Halt(), never()
    halt.stop()
    with pytest.raises(Stopped):
        await halt.unless(work)
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
async def test_an_interrupt_out_of_the_work_stays_one(end: type[BaseException]) -> None:
    async def work() -> None:
        raise end

    with pytest.raises(end):
        await Halt().unless(work())


async def test_work_ends_when_the_wait_for_it_is_closed() -> None:
    """As the wait of a stream is that is left without being closed."""
    halt, begun, ended = Halt(), asyncio.Event(), asyncio.Event()
    waiting = halt.unless(endless(begun, ended))
    waiting.send(None)
    await begun.wait()
    waiting.close()
    await ended.wait()
    assert halt.listeners == []


async def test_a_stop_is_heard_at_once_in_the_loop_that_it_comes_from() -> None:
    halt, heard = Halt(), list[int]()
    with halt.when_stopped(lambda: heard.append(threading.get_ident())):
        halt.stop()
        assert heard == [threading.get_ident()]


async def test_a_stop_from_another_thread_is_heard_in_the_loop() -> None:
    halt, heard = Halt(), list[int]()
    with halt.when_stopped(lambda: heard.append(threading.get_ident())):
        await asyncio.to_thread(halt.stop)
        await asyncio.sleep(0)
    assert heard == [threading.get_ident()]


async def test_a_stop_that_has_come_is_heard_by_who_listens_later() -> None:
    halt, heard = Halt(), list[str]()
    halt.stop()
    with halt.when_stopped(lambda: heard.append("stop")):
        assert heard == ["stop"]
    assert halt.listeners == []


async def test_one_that_leaves_at_the_stop_does_not_hide_it_from_the_next() -> None:
    halt, heard, stack = Halt(), list[int](), ExitStack()
    stack.enter_context(halt.when_stopped(stack.close))
    with halt.when_stopped(lambda: heard.append(1)):
        halt.stop()
    assert heard == [1]


def test_a_stop_after_a_loop_was_closed_under_its_run_is_a_stop() -> None:
    halt, loop = Halt(), asyncio.new_event_loop()
    halt.listeners.append((loop, list))
    loop.close()
    halt.stop()
    assert halt.reason == "stopped"


class Before(list[Any]):
    """Listeners, of whom each comes in the moment after a stop from another thread."""

    def __init__(self, halt: Halt) -> None:
        self.halt = halt

    def append(self, listener: Any) -> None:
        self.halt.stop()
        super().append(listener)


async def test_a_stop_in_the_moment_before_one_listens_is_heard() -> None:
    halt, heard = Halt(), list[int]()
    halt.listeners = Before(halt)
    with halt.when_stopped(lambda: heard.append(1)):
        assert heard == [1]
