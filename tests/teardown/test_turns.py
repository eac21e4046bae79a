"""A plan of very many targets is looked at again in small steps, between which the event loop runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define, field
from turns import Turns

from aioturso.teardown import recheck
from aioturso.teardown.spread import AT_ONCE, in_parts, in_turns, spread
from aioturso.teardown.targets import Candidate, Target
from aioturso.testing import FakeTurso

MANY, STEP = 2_000, 256


@define
class Reading:
    """The most items of a list that were read within one turn of the loop."""

    turns: Turns
    most: int = 0
    _started: tuple[int, int] = field(default=(0, 0))

    def read(self, at: int) -> None:
        turn, start = self._started
        if turn != self.turns.now or at < start:
            self._started = self.turns.now, at
        self.most = max(self.most, at - self._started[1] + 1)


class Watched(list[Candidate]):
    """A list whose reading is watched."""

    reading: Reading

    def __iter__(self) -> Iterator[Candidate]:
        for at, item in enumerate(list.__iter__(self)):
            self.reading.read(at)
            yield item


async def test_looking_again_lets_the_loop_run_every_few_hundred_targets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = Turns()
    reading = Reading(turns)
    targets = [
        Target(kind="database", organization="org", database=f"x{n}", uuid=f"u{n}") for n in range(MANY)
    ]
    planned = Watched(map(Candidate, targets))
    found = Watched(map(Candidate, targets))
    planned.reading = found.reading = reading

    async def listed(*_: Any) -> Watched:
        return found

    monkeypatch.setattr(recheck, "_listed", listed)
    async with FakeTurso() as fake, fake.client(organization="org") as turso:
        with turns:
            checked = await recheck.rechecked(turso.teardown._engine, planned)
    assert checked == list.__getitem__(planned, slice(None))
    assert 1 < reading.most <= STEP


async def test_some_work_at_a_time_is_done_in_order_and_the_first_error_ends_all() -> None:
    running = most = 0

    async def work(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return -item

    assert await spread(work, range(100)) == [-item for item in range(100)]
    assert most == AT_ONCE == 16
    ended: list[int] = []

    async def fail(item: int) -> None:
        try:
            if item == 3:
                raise ValueError(item)
            await asyncio.Event().wait()
        finally:
            for _ in range(3):
                await asyncio.sleep(0)
            ended.append(item)

    with pytest.raises(ValueError, match="3"):
        await spread(fail, range(100))
    assert sorted(ended) == list(range(16))


async def test_a_long_list_lets_others_run() -> None:
    found: list[int] = []
    seen: list[int] = []
    with Turns(lambda: seen.append(len(found))):
        async for item in in_turns(range(1024)):
            found.append(item)
    assert (seen, found) == ([256, 512, 768, 1024], list(range(1024)))


async def test_a_long_list_in_parts_lets_others_run_between_two_of_them() -> None:
    sizes: list[int] = []
    with Turns() as turns:
        async for part in in_parts(range(600)):
            sizes.append(len(part))
    assert (sizes, turns.now) == ([256, 256, 88], 2)


async def test_work_that_never_waits_lets_others_run_too() -> None:
    done: list[int] = []
    seen: list[int] = []

    async def work(item: int) -> int:
        done.append(item)
        return 2 * item

    with Turns(lambda: seen.append(len(done))):
        assert await spread(work, range(5000)) == list(range(0, 10_000, 2))
    assert sorted(set(seen)) == [0, AT_ONCE * STEP, 5000]
    assert seen.count(AT_ONCE * STEP) == 1


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
async def test_an_interrupt_out_of_one_of_them_ends_all_and_stays_one(end: type[BaseException]) -> None:
    async def work(item: int) -> None:
        if item == 3:
            raise end
        await asyncio.Event().wait()

    with pytest.raises(end):
        await spread(work, range(100))
