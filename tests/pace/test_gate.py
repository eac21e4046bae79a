"""The gate: one call at a time waits for its turn, and the clock by which it waits."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from attrs import define, field
from simulation import in_virtual_time

from aioturso.pace.gate import GRAIN, Gate, rank
from aioturso.pace.rate import Rate


@define
class Waits(Rate):
    """A rate that requires these waits, and then none. `seen`: when it was looked at, and for how many attempts."""

    waits: list[float]
    seen: list[tuple[float, int]] = field(factory=list)

    def wait(self, now: float, attempts: int = 0) -> float:
        self.seen.append((now, attempts))
        return self.waits.pop(0) if self.waits else 0.0


@define
class Clock:
    """Stands still, but for what each sleep takes of its time."""

    share: float
    now: float = 100.0

    async def sleep(self, seconds: float) -> None:
        self.now += self.share * seconds

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("share", "seen"), [(1.0, 104.0), (0.5, 102.0), (0.25, 105.0), (0.0, 104.0)])
async def test_a_sleep_that_takes_less_than_half_of_its_time_moves_the_clock_ahead(
    share: float, seen: float
) -> None:
    clock = Clock(share)
    rate = Waits([4.0])
    gate = Gate(rate, clock.sleep, clock)
    await gate.enter(3)
    assert rate.seen == [(100.0, 3), (seen, 3)]
    assert gate.now() == seen


async def test_the_clock_is_moved_ahead_by_each_sleep() -> None:
    clock = Clock(0.0)
    gate = Gate(Waits([4.0, 2.0]), clock.sleep, clock)
    await gate.enter(0)
    assert gate.now() == 106.0


@pytest.mark.parametrize(("late", "shorter"), [(0.0, 0.0), (0.0005, 0.0005), (2.0, GRAIN)])
async def test_sleeps_become_shorter_by_what_those_before_were_late_each_by_an_eighth_and_by_the_grain_of_timers_at_most(
    late: float, shorter: float
) -> None:
    clock, slept = Clock(1.0), list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await clock.sleep(seconds + late)

    await Gate(Waits([4.0] * 99), sleep, clock).enter(0)
    assert slept[:2] == pytest.approx([4.0, 4.0 - shorter / 8], abs=1e-9)
    assert slept[-1] == pytest.approx(4.0 - shorter, abs=1e-6)


def test_a_call_that_is_woken_looks_again_at_once() -> None:
    async def main() -> tuple[float, int]:
        rate, loop = Waits([50.0, 7.0]), asyncio.get_running_loop()
        gate = Gate(rate, asyncio.sleep)
        gate.wake()  # none sleeps
        entering, began = asyncio.create_task(gate.enter(0)), loop.time()
        await asyncio.sleep(1.0)
        gate.wake()
        gate.wake()
        await entering
        gate.wake()
        return loop.time() - began, len(rate.seen)

    took, looks = in_virtual_time(main())
    assert took == pytest.approx(8.0, abs=0.01)
    assert looks == 3


def test_one_is_in_until_it_leaves_and_the_next_is_the_one_that_was_sent_least_and_has_been_sent() -> None:
    async def main() -> list[int]:
        gate, order = Gate(Waits([]), asyncio.sleep), list[int]()

        async def enter(attempts: int) -> None:
            await gate.enter(attempts)
            order.append(attempts)

        entering = [asyncio.create_task(enter(attempts)) for attempts in (5, 0, 2, 1)]
        await asyncio.sleep(1.0)
        assert order == [5]
        for _ in entering:
            gate.leave()
            await asyncio.sleep(1.0)
        return order

    assert in_virtual_time(main()) == [5, 1, 2, 0]
    assert rank(1_000_000) < rank(0)


@pytest.mark.parametrize("error", [TimeoutError("closed"), asyncio.CancelledError(), KeyError("odd")])
def test_a_sleep_that_ends_with_an_error_raises_it_and_lets_the_next_one_in(error: BaseException) -> None:
    sleep: Callable[[float], Awaitable[None]]

    async def sleep(seconds: float) -> None:
        raise error

    async def main() -> None:
        gate = Gate(Waits([1.0]), sleep)
        with pytest.raises(type(error)) as caught:
            await gate.enter(0)
        assert caught.value is error
        gate.wake()
        async with asyncio.timeout(1.0):
            await gate.enter(0)

    in_virtual_time(main())


def test_a_call_lets_one_pass_that_came_while_it_slept_and_was_sent_before() -> None:
    async def main() -> list[int]:
        gate, order = Gate(Waits([1.0, 1.0, 1.0]), asyncio.sleep), list[int]()

        async def enter(attempts: int) -> None:
            await gate.enter(attempts)
            order.append(attempts)
            gate.leave()

        entering = [asyncio.create_task(enter(0))]
        await asyncio.sleep(0.5)
        entering += [asyncio.create_task(enter(attempts)) for attempts in (0, 1)]
        await asyncio.gather(*entering)
        return order

    assert in_virtual_time(main()) == [1, 0, 0]
