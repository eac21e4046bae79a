"""Work in a thread that nothing waits for: its result, its error, and the end of the wait."""

import asyncio
import threading
from typing import Any

import pytest
from attrs import define, field

from aioturso._aside import aside


@define
class Reading:
    """A function that reads for as long as a test wants, as from a pipe that never ends."""

    begun: threading.Event = field(factory=threading.Event)
    ends: threading.Event = field(factory=threading.Event)
    thread: threading.Thread = field(factory=threading.current_thread)

    def __call__(self) -> str:
        self.thread = threading.current_thread()
        self.begun.set()
        self.ends.wait()
        return "read"

    async def left(self) -> None:
        """Begins to read, and is cancelled then."""
        task = asyncio.create_task(aside(self))
        while not self.begun.is_set():
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    def end(self) -> None:
        self.ends.set()
        self.thread.join()


async def test_the_result_is_returned_and_the_error_is_raised() -> None:
    assert await aside(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await aside(divmod, 7, 0)


async def test_the_thread_does_not_keep_the_process_alive() -> None:
    assert (await aside(threading.current_thread)).daemon


async def test_a_cancellation_ends_the_wait_and_the_result_that_comes_later_is_dropped() -> None:
    reading, wrong = Reading(), list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
    await reading.left()
    assert reading.thread.is_alive()
    reading.end()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not wrong


def test_a_result_that_comes_after_the_end_of_the_loop_is_dropped() -> None:
    reading = Reading()
    asyncio.run(reading.left())
    reading.end()
