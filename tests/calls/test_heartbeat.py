"""Other tasks of the loop run on while a large answer is read."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable
from typing import TypeVar

import pytest
from raw import RawServer, answer

from aioturso import DecodeError, ServerError, TursoError

T = TypeVar("T")


async def longest_gap(work: Awaitable[object]) -> float:
    """The longest time for which a task that only wants to go on could not, in seconds."""
    gap, ticked, over = 0.0, time.perf_counter(), False

    async def tick() -> None:
        nonlocal gap, ticked
        while not over:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            gap, ticked = max(gap, now - ticked), now

    ticker = asyncio.create_task(tick())
    with contextlib.suppress(TursoError):
        await work
    over = True
    await ticker
    return gap


async def on_the_loop(body: bytes, times: int) -> None:
    """What a client that decodes where it reads would do."""
    await asyncio.sleep(0.01)
    for _ in range(times):
        json.loads(body)
    await asyncio.sleep(0.01)


def instances(count: int) -> bytes:
    item = {"uuid": "0" * 36, "type": "replica", "region": "fra", "hostname": "h" * 40}
    return json.dumps({"instances": [{**item, "name": f"x{n}"} for n in range(count)]}).encode()


async def test_listing_many_instances_lets_others_go_on() -> None:
    body = instances(20_000)
    async with RawServer(then=answer(200, body)) as raw, raw.client() as turso:
        ours = min([await longest_gap(turso.instances.list("db")) for _ in range(2)])
    bare = await longest_gap(on_the_loop(body, 10))
    assert ours < bare  # ten bare decodes: of the order of one decode and structuring on the loop


@pytest.mark.parametrize("status", [500, 200])
async def test_a_ten_megabyte_page_lets_others_go_on(status: int) -> None:
    body = b"<html>" + b"x" * 10_000_000
    error = ServerError if status == 500 else DecodeError
    async with RawServer(then=answer(status, body)) as raw, raw.client(retry=None) as turso:
        with pytest.raises(error):
            await turso.instances.list("db")
        ours = min([await longest_gap(turso.instances.list("db")) for _ in range(2)])
    bare = await longest_gap(on_the_loop(instances(20_000), 5))
    assert ours < bare


async def test_a_list_of_a_million_bad_items_is_refused_at_the_first() -> None:
    body = b'{"instances":[' + b"[]," * 1_000_000 + b"[]]}"
    async with RawServer(then=answer(200, body)) as raw, raw.client() as turso:
        with pytest.raises(DecodeError) as caught:
            await turso.instances.list("db")
    assert caught.value.where == "$.instances[0]"
    assert caught.value.__cause__ is caught.value.__context__ is None
