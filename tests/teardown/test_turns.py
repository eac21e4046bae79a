"""A plan of very many targets is looked at again in small steps, between which the event loop runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define, field

from aioturso.teardown import recheck
from aioturso.teardown.spread import AT_ONCE, in_turns, spread
from aioturso.teardown.targets import Candidate, Target
from aioturso.testing import FakeTurso

MANY, STEP = 2_000, 256


@define
class Turns:
    """Counts turns of the loop, and the most items of a list that were read within one of them."""

    now: int = 0
    most: int = 0
    _started: tuple[int, int] = field(default=(0, 0))

    async def count(self) -> None:
        while True:
            self.now += 1
            await asyncio.sleep(0)

    def read(self, at: int) -> None:
        turn, start = self._started
        if turn != self.now or at < start:
            self._started = self.now, at
        self.most = max(self.most, at - self._started[1] + 1)


class Watched(list[Candidate]):
    """A list whose reading is watched."""

    turns: Turns

    def __iter__(self) -> Iterator[Candidate]:
        for at, item in enumerate(list.__iter__(self)):
            self.turns.read(at)
            yield item


async def test_looking_again_lets_the_loop_run_every_few_hundred_targets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = Turns()
    targets = [
        Target(kind="database", organization="org", database=f"x{n}", uuid=f"u{n}") for n in range(MANY)
    ]
    planned = Watched(map(Candidate, targets))
    found = Watched(map(Candidate, targets))
    planned.turns = found.turns = turns

    async def listed(*_: Any) -> Watched:
        return found

    monkeypatch.setattr(recheck, "_listed", listed)
    async with FakeTurso() as fake, fake.client(organization="org") as turso:
        counting = asyncio.create_task(turns.count())
        checked = await recheck.rechecked(turso.teardown._engine, planned)
        counting.cancel()
    assert checked == list.__getitem__(planned, slice(None))
    assert 1 < turns.most <= STEP


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


async def test_a_long_list_lets_others_go_on() -> None:
    found: list[int] = []
    turns: list[int] = []

    async def count() -> None:
        while True:
            turns.append(len(found))
            await asyncio.sleep(0)

    other = asyncio.create_task(count())
    async for item in in_turns(range(1024)):
        found.append(item)
    other.cancel()
    assert (turns, found) == ([256, 512, 768, 1024], list(range(1024)))


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
async def test_an_interrupt_out_of_one_of_them_ends_all_and_stays_one(end: type[BaseException]) -> None:
    async def work(item: int) -> None:
        if item == 3:
            raise end
        await asyncio.Event().wait()

    with pytest.raises(end):
        await spread(work, range(100))
