"""The queue for a place in the pool: a call that has failed before is first, and one without time left does not wait."""

from __future__ import annotations

import asyncio

from aioturso import (
    ServerError,
    _transport,
)
from aioturso._account import Account
from aioturso._slots import Slots

DOWN = ServerError("down", status=500)


async def test_who_has_failed_before_is_first_in_the_queue() -> None:
    slots, order = Slots(1), []

    async def wait(name: str, account: Account) -> None:
        await _transport._queue(slots, account)
        order.append(name)
        slots.give()

    assert slots.take_now()
    far = asyncio.get_running_loop().time() + 1000
    new = asyncio.create_task(wait("new", Account()))
    await asyncio.sleep(0)
    again = asyncio.create_task(wait("again", Account(deadline=far, last=DOWN)))
    await asyncio.sleep(0)
    assert slots.comes_after(1) and not slots.comes_after(0)
    slots.give()
    await asyncio.gather(new, again)
    assert order == ["again", "new"]


async def test_who_has_no_time_left_does_not_wait_in_the_queue() -> None:
    slots = Slots(1)
    assert slots.take_now()
    waiting = asyncio.create_task(_transport._queue(slots, Account(deadline=1.0, last=DOWN)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert waiting.done() and waiting.exception() is DOWN
