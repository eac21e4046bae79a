"""The end of the calls that run: each takes notice, and no cancellation but that of the end is taken back."""

from __future__ import annotations

import asyncio

import pytest

from aioturso._running import Running


class Calls:
    """Calls that wait until they are cancelled, and note whose cancellation it was."""

    def __init__(self) -> None:
        self.running, self.ours = Running(), list[bool]()

    async def call(self, turns: int = 0) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.running.tasks[task] = task.cancelling()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            for _ in range(turns):
                await asyncio.sleep(0)
            self.ours.append(self.running.cancelled(task))
        finally:
            del self.running.tasks[task]

    async def begin(self, turns: int = 0) -> asyncio.Task[None]:
        task = asyncio.create_task(self.call(turns))
        await asyncio.sleep(0)
        return task


async def turns(task: asyncio.Task[None], most: int) -> bool:
    """True if a task is done after so many turns of the loop."""
    for _ in range(most):
        await asyncio.sleep(0)
    return task.done()


async def test_the_end_waits_until_each_call_has_taken_notice_and_no_longer() -> None:
    calls = Calls()
    tasks = [await calls.begin(number) for number in range(3)]
    ending = asyncio.create_task(calls.running.end())
    assert await turns(ending, 10)
    assert calls.ours == [True] * 3 and calls.running.ended == calls.running.tasks == {}
    await asyncio.gather(*tasks)
    assert [task.cancelling() for task in tasks] == [0, 0, 0]


async def test_a_call_that_takes_no_notice_is_not_waited_for() -> None:
    calls = Calls()
    stubborn = await calls.begin(500)
    ending = asyncio.create_task(calls.running.end())
    assert await turns(ending, 300) and not stubborn.done()
    assert list(calls.running.ended) == [stubborn]
    await calls.running.end()  # it is not cancelled a second time
    assert stubborn.cancelling() == 1
    await stubborn
    assert calls.ours == [True]


async def test_who_ends_the_calls_continues() -> None:
    calls = Calls()
    caller = asyncio.current_task()
    assert caller is not None
    calls.running.tasks[caller] = 0
    other = await calls.begin()
    await calls.running.end()
    assert (caller.cancelling(), calls.ours) == (0, [True])
    await other


def test_a_call_of_another_loop_is_left_alone() -> None:
    calls, loop = Calls(), asyncio.new_event_loop()
    other = loop.run_until_complete(calls.begin())
    asyncio.run(calls.running.end())
    assert other.cancelling() == 0 and calls.running.ended == {}
    other.cancel()
    loop.run_until_complete(other)
    loop.close()
    assert calls.ours == [False]


async def test_a_cancellation_of_the_callers_own_is_not_taken_back() -> None:
    calls = Calls()
    task = await calls.begin()
    task.cancel()
    await calls.running.end()
    await task
    assert (calls.ours, task.cancelling()) == ([False], 1)


@pytest.mark.parametrize("ended", [True, False])
async def test_a_cancellation_that_came_too_late_is_forgotten(ended: bool) -> None:
    running, task = Running(), asyncio.current_task()
    assert task is not None
    if ended:
        running.ended[task] = 0
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(0)
    running.forget(task)
    assert (task.cancelling(), running.ended) == (0, {})
