"""What a call costs, in counts: never in time, which a test cannot measure. A bound that fails wants a reason."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from types import FrameType

import pytest
from answers import Answers

from aioturso import Instance, NotFoundError, OutcomeStatus, Target, TursoClient
from aioturso._structure import structure
from aioturso.teardown.collecting import collected
from aioturso.teardown.halt import Halt
from aioturso.teardown.options import Options
from aioturso.teardown.rest import ListTimes
from aioturso.teardown.run import Run
from aioturso.teardown.targets import Candidate
from aioturso.teardown.verbs import REMOVE

CALLS = 200
FRAMES, FRAMES_OF_TARGET = 29.5, 55.5
"""Entries into Python functions of this package for one call, and for one target of a streamed plan, the resumption of
a coroutine counted as one.

What they are for a call: 12 for `destroy`, `_run`, `run`, `attempt`, `_send` and the middleware, each entered and resumed
once; 4 objects made by attrs; one of the decoder; `remove`, which knows of UUIDs, `call`, `build_url`; 2 for the time
limit; 3 verbs of the account; `_authorize` and the counting of the send; 2 for the slot. Half a one is for what happens
once. A target has none for `destroy` and `remove`, and adds: 5 for the worker and the limiter, which are resumed once; 5
for the reader, which is woken for each; 4 objects; 7 that decide, name, judge and deliver; 7 for the pace and
its slots; 2 for the pulse that finds a gap.
"""


@pytest.fixture
async def turso() -> AsyncIterator[TursoClient]:
    server = await asyncio.get_running_loop().create_server(Answers, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with TursoClient("token", organization="org", base_url=f"http://127.0.0.1:{port}") as client:
        await client.destroy_instance("db", "warm")
        yield client
    server.close()


@contextlib.contextmanager
def counted() -> Iterator[Counter[str]]:
    """Counts the entries into functions of this package."""
    entered: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and ("/aioturso/" in code.co_filename or "methods aioturso" in code.co_filename):
            entered[code.co_qualname] += 1

    sys.setprofile(count)
    try:
        yield entered
    finally:
        sys.setprofile(None)


async def test_a_call_enters_a_bounded_number_of_functions(turso: TursoClient) -> None:
    with counted() as entered:
        for number in range(CALLS):
            await turso.destroy_instance("db", f"i{number}")
    assert entered.total() / CALLS <= FRAMES, entered


async def test_the_outcomes_that_a_report_keeps_do_not_make_the_garbage_collector_run(
    turso: TursoClient,
) -> None:
    collections, after = list[str](), list[int]()
    options = Options(concurrency=16, on_outcome=lambda _: after.append(len(collections)))
    many = 4 * gc.get_threshold()[0]
    targets = [Target(organization="org", database="db", instance=f"i{number}") for number in range(many)]
    run = Run(turso.teardown._engine, REMOVE, options, Halt(), many)

    def note(phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            collections.append(phase)

    gc.callbacks.append(note)
    try:
        report = await collected(run, tuple(map(Candidate, targets)), ListTimes(time.time(), 0.0, 0))
    finally:
        gc.callbacks.remove(note)
    assert len(report.outcomes) == len(after) == many
    # One for what is under way, which is made once, and one as its number is now higher, now lower.
    assert after[-1] - after[0] <= 2


async def test_a_target_of_a_plan_enters_a_bounded_number_of_functions(turso: TursoClient) -> None:
    targets = [Target(organization="org", database="db", instance=f"i{number}") for number in range(CALLS)]
    run = Run(turso.teardown._engine, REMOVE, Options(concurrency=1), Halt(), CALLS)
    with counted() as entered:
        async for _ in run.stream(tuple(map(Candidate, targets)), ListTimes(time.time(), 0.0, 0)):
            pass
    assert run.counts == {OutcomeStatus.DESTROYED: CALLS}
    assert entered.total() / CALLS <= FRAMES_OF_TARGET, entered


def test_an_instance_of_a_list_enters_a_constructor_alone() -> None:
    listed = [
        {"uuid": f"u{n}", "name": f"i{n}", "type": "replica", "region": "fra", "hostname": "h"}
        for n in range(CALLS)
    ]
    structure(listed, list[Instance], "$")
    with counted() as entered:
        structure(listed, list[Instance], "$")
    # The constructor has a part that makes the object frozen. A tenth is for what happens once.
    assert entered.total() / CALLS <= 2.1, entered


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
