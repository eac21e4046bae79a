"""Outcomes on their way: the reader takes all that is there, and writers wait while too many are."""

from __future__ import annotations

import asyncio

import pytest

from aioturso.teardown.outbox import Outbox


async def test_an_outbox_is_full_at_its_size_and_takes_more() -> None:
    box = Outbox[int](2)
    assert not box.is_full
    box.put(1)
    assert not box.is_full
    box.put(2)
    box.put(3)
    assert box.is_full
    assert await box.take() == [1, 2, 3] and not box.is_full
    await box.room()


async def test_an_outbox_lets_its_reader_wait_for_items_and_end_after_the_last() -> None:
    box = Outbox[int](2)
    taking = asyncio.create_task(box.take())
    await asyncio.sleep(0)
    assert not taking.done()
    box.put(1)
    assert await taking == [1]
    taking = asyncio.create_task(box.take())
    await asyncio.sleep(0)
    box.close()
    assert await taking == [] and await box.take() == []
    box.put(2)
    assert box.drain() == [2] and box.drain() == []


async def test_an_outbox_lets_its_writers_wait_while_it_is_full() -> None:
    box = Outbox[int](1)
    for item in range(2):
        box.put(item)
        waiting = asyncio.create_task(box.room())
        await asyncio.sleep(0)
        assert not waiting.done()
        assert await box.take() == [item]
        await waiting


async def test_what_a_failing_reader_has_not_got_stays_in_the_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    box = Outbox[int](1)
    box.put(1)
    room = box._room.set
    monkeypatch.setattr(box._room, "set", full)
    with pytest.raises(MemoryError):
        box.drain()
    monkeypatch.setattr(box._room, "set", room)
    assert box.drain() == [1]


def full() -> None:
    raise MemoryError
