"""What a large plan holds, and whether others can work while it is made."""

from __future__ import annotations

import contextlib
import gc
import itertools
import sys
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType
from typing import Any

import pytest
from attrs import define
from raw import RawServer, answer
from turns import Turns

from aioturso import TeardownPlan, TursoClient
from aioturso.models.databases import Database
from aioturso.models.instances import Instance
from aioturso.teardown.listing import DatabaseKind, InstanceKind
from aioturso.teardown.targets import Candidate

SIZE = 5000
UNUSED = "a text of an answer that no plan needs " * 5
DATABASES = {
    "databases": [
        {
            "Name": f"preview-{number:06}",
            "DbId": f"0eb771dd-6906-11ee-8553-{number:012}",
            "Hostname": UNUSED,
            "regions": ["iad", "fra"],
            "group": "default",
            "delete_protection": False,
        }
        for number in range(SIZE)
    ]
}
INSTANCES = {
    "instances": [
        {
            "name": f"preview-{number:06}",
            "uuid": f"0eb771dd-6906-11ee-8553-{number:012}",
            "type": "replica",
            "region": "fra",
            "hostname": UNUSED,
        }
        for number in range(SIZE)
    ]
}
Planned = Callable[[TursoClient], Awaitable[TeardownPlan]]


async def databases(turso: TursoClient) -> TeardownPlan:
    return await turso.teardown.plan_databases(match="preview-*")


async def instances(turso: TursoClient) -> TeardownPlan:
    return await turso.teardown.plan_instances(database="db", location="fra")


PLANS = pytest.mark.parametrize(
    ("answers", "planned"),
    [([DATABASES], databases), ([{"database": {"Name": "db"}}, INSTANCES], instances)],
    ids=["databases", "instances"],
)


@PLANS
async def test_a_plan_holds_at_most_350_bytes_for_each_target(answers: list[Any], planned: Planned) -> None:
    async with (
        RawServer(*[answer(200, body) for body in answers * 2]) as raw,
        raw.client(retry=None) as turso,
    ):
        await planned(turso)
        gc.collect()
        tracemalloc.start()
        try:
            plan = await planned(turso)
            gc.collect()
            held = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
    assert len(plan) == SIZE
    assert held < 350 * SIZE, f"{held / SIZE:.0f} bytes"


@PLANS
async def test_some_hundred_models_are_there_at_once_and_never_those_of_the_whole_list(
    answers: list[Any], planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[int] = []

    def counted(make: Callable[..., Candidate]) -> Callable[..., Candidate]:
        calls = itertools.count(1)

        def made(*args: Any, **options: Any) -> Candidate:
            if next(calls) % 1000 == 0:
                there.append(sum(type(found) in (Database, Instance) for found in gc.get_objects()))
            return make(*args, **options)

        return made

    for kind in (DatabaseKind, InstanceKind):
        monkeypatch.setattr(kind, "candidate", counted(kind.candidate))
    async with RawServer(*[answer(200, body) for body in answers]) as raw, raw.client(retry=None) as turso:
        await planned(turso)
    assert len(there) == SIZE // 1000 and max(there) < 300


@define
class Work:
    """Counts the functions that this thread enters between two turns of the loop: its work, in no time of a clock."""

    most: int = 0
    _entered: int = 0

    def count(self, frame: FrameType, event: str, _: object) -> None:
        self._entered += event == "call"

    def turn(self) -> None:
        self.most, self._entered = max(self.most, self._entered), 0

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        with Turns(self.turn):
            sys.setprofile(self.count)
            try:
                yield
            finally:
                sys.setprofile(None)


@pytest.mark.parametrize("max_age", [0, 3600], ids=["listed again", "fresh"])
@PLANS
async def test_the_loop_runs_while_a_large_plan_is_made_and_run(
    answers: list[Any], planned: Planned, max_age: int
) -> None:
    work = Work()
    again = answers[-1:] * 2
    async with (
        RawServer(*[answer(200, body) for body in answers + again]) as raw,
        raw.client(retry=None) as turso,
    ):
        with work.watched():
            plan = await planned(turso)
            report = await plan.execute(dry_run=True, max_age=max_age, max_targets=SIZE)
    assert len(report.outcomes) == SIZE
    # A pass over all of them in one turn would enter one function for each, at least.
    assert work.most < SIZE
