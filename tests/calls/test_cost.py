"""What a call costs, in counts: never in time, which a test cannot measure. A bound that fails wants a reason."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections import Counter
from collections.abc import AsyncIterator
from types import FrameType

import pytest
from answers import Answers

from aioturso import NotFoundError, TursoClient

CALLS = 200
FRAMES = 33.5
"""Entries into Python functions of this package for one call, the resumption of a coroutine counted as one.

What they are: 12 for `destroy`, `_run`, `run`, `attempt`, `_send` and the middleware, each entered and resumed once; 4
objects made by attrs; 4 of the decoder; `destroy_instance`, `remove`, which knows of UUIDs, `call`, `build_url`; 3 for the time limit; 4 verbs of the
account and the counting of the send; 2 for the slot, the list of running calls, and refilling the budget. Half a one
is for what happens once.
"""


@pytest.fixture
async def turso() -> AsyncIterator[TursoClient]:
    server = await asyncio.get_running_loop().create_server(Answers, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with TursoClient("token", organization="org", base_url=f"http://127.0.0.1:{port}") as client:
        await client.destroy_instance("db", "warm")
        yield client
    server.close()


async def test_a_call_enters_a_bounded_number_of_functions(turso: TursoClient) -> None:
    entered: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and ("/aioturso/" in code.co_filename or "methods aioturso" in code.co_filename):
            entered[code.co_qualname] += 1

    sys.setprofile(count)
    try:
        for number in range(CALLS):
            await turso.destroy_instance("db", f"i{number}")
    finally:
        sys.setprofile(None)
    assert entered.total() / CALLS <= FRAMES, entered


@pytest.mark.parametrize("name", ["x", "gone"])
async def test_a_call_leaves_nothing_for_the_garbage_collector(turso: TursoClient, name: str) -> None:
    async def call() -> None:
        with contextlib.suppress(NotFoundError):
            await turso.destroy_instance("db", name)

    await call()
    gc.collect()
    gc.disable()
    try:
        for _ in range(1000):
            await call()
        assert gc.collect() == 0
    finally:
        gc.enable()
