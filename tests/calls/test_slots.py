"""The places of a pool: by rank, then in order of arrival; one that is cancelled takes none."""

from __future__ import annotations

import asyncio

from aioturso._slots import Slots


def full(size: int) -> Slots:
    slots = Slots(size)
    assert [slots.take_now() for _ in range(size + 1)] == [True] * size + [False]
    return slots


async def turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


class Queue:
    """Tasks that wait for a place, and the names of those that have got one, in this order."""

    def __init__(self, slots: Slots) -> None:
        self.slots, self.served = slots, list[str]()

    async def take(self, name: str, rank: int) -> None:
        await self.slots.take(rank=rank)
        self.served.append(name)

    async def join(self, name: str, rank: int = 1) -> asyncio.Task[None]:
        task = asyncio.create_task(self.take(name, rank))
        await turn()
        return task

    async def give(self) -> list[str]:
        self.slots.give()
        await turn()
        return self.served


def test_a_place_is_taken_while_one_is_free() -> None:
    slots = Slots(2)
    assert (slots.taken, slots.free) == (0, 2)
    assert (slots.take_now(), slots.taken) == (True, 1)
    assert (slots.take_now(), slots.take_now(), slots.taken) == (True, False, 2)
    slots.give()
    assert (slots.taken, slots.take_now()) == (1, True)


async def test_who_waits_is_served_by_rank_and_then_in_order_of_arrival() -> None:
    queue = Queue(Slots(1))
    await queue.join("free")
    for name, rank in (("a", 1), ("b", 1), ("c", 0), ("d", 0)):
        await queue.join(name, rank)
    assert queue.served == ["free"]
    for _ in range(4):
        await queue.give()
        assert queue.slots.taken == 1
    assert queue.served == ["free", "c", "d", "a", "b"]
    await queue.give()
    assert queue.slots.taken == 0


async def test_one_that_is_cancelled_while_it_waits_is_passed_over() -> None:
    queue = Queue(full(1))
    first = await queue.join("first")
    await queue.join("second")
    first.cancel()
    await turn()
    assert first.cancelled() and queue.slots.taken == 1
    assert (await queue.give(), queue.slots.taken) == (["second"], 1)


async def test_one_that_is_cancelled_as_it_is_served_hands_its_place_on() -> None:
    queue = Queue(full(1))
    first = await queue.join("first")
    await queue.join("second")
    queue.slots.give()
    first.cancel()
    await turn()
    assert first.cancelled() and (queue.served, queue.slots.taken) == (["second"], 1)
    last = await queue.join("last")
    queue.slots.give()
    last.cancel()
    await turn()
    assert last.cancelled() and queue.slots.taken == 0


async def test_a_call_comes_after_those_of_a_lower_rank_that_still_wait() -> None:
    queue = Queue(full(1))
    assert not queue.slots.comes_after(1)
    low = await queue.join("low", 0)
    also = await queue.join("also", 0)
    await queue.join("same", 1)
    assert (queue.slots.comes_after(1), queue.slots.comes_after(0)) == (True, False)
    low.cancel()
    await turn()
    assert queue.slots.comes_after(1)
    also.cancel()
    await turn()
    assert not queue.slots.comes_after(1) and queue.slots.comes_after(2)


async def test_one_that_alone_was_cancelled_makes_no_other_wait() -> None:
    queue = Queue(full(1))
    only = await queue.join("only", 0)
    only.cancel()
    await turn()
    assert not queue.slots.comes_after(1)


async def test_more_places_serve_at_once_those_that_wait() -> None:
    queue = Queue(full(1))
    gone = await queue.join("gone")
    for name in "abc":
        await queue.join(name)
    gone.cancel()
    queue.slots.resize(3)
    await turn()
    assert (queue.served, queue.slots.taken, queue.slots.size) == (["a", "b"], 3, 3)
    queue.slots.resize(6)
    await turn()
    assert (queue.served, queue.slots.taken, queue.slots.free) == (["a", "b", "c"], 4, 2)
    queue.slots.resize(6)
    assert queue.slots.free == 2


async def test_of_fewer_places_those_in_use_come_back_in_their_own_time() -> None:
    queue = Queue(full(3))
    queue.slots.resize(1)
    await queue.join("waiting")
    assert (queue.slots.taken, queue.slots.take_now()) == (3, False)
    assert [list(await queue.give()) for _ in range(3)] == [[], [], ["waiting"]]
    assert queue.slots.taken == 1
