"""The rate of a run, and that of the lists of a plan."""

from __future__ import annotations

import asyncio

import pytest
from runs import collected, done, plan, run_of
from sleeps import Sleeps

from aioturso import RetryPolicy, Target, TursoClient
from aioturso._account import Account
from aioturso.testing import FakeTurso

SIZE = 9


async def test_the_calls_of_a_run_are_sent_at_its_rate_at_most(sleeps: Sleeps) -> None:
    async with FakeTurso() as fake:
        for number in range(SIZE):
            fake.add_database(f"x{number}", organization="org", group="ci")
        async with fake.client(organization="org", retry=RetryPolicy(sleep=sleeps)) as turso:
            plan = await turso.teardown.plan_databases(match="x*")
            assert sleeps == []
            report = await plan.execute(rate_limit=0.01)
    assert str(report) == f"{SIZE} destroyed"
    assert sum(sleeps) == pytest.approx(100 * (SIZE - 1), abs=10)


async def test_the_lists_of_a_plan_are_sent_at_its_rate_at_most(sleeps: Sleeps) -> None:
    async with FakeTurso() as fake:
        for number in range(SIZE):
            fake.add_database(f"x{number}", organization="org", instances={"iad": 1, "fra": 1}, primary="iad")
        async with fake.client(organization="org", retry=RetryPolicy(sleep=sleeps)) as turso:
            await turso.teardown.at_most(0.01).plan_instances(location="fra")
            requests = len(fake.requests)
    assert requests > SIZE
    assert sum(sleeps) == pytest.approx(100 * (requests - 1), abs=10)


async def test_a_slow_run_takes_no_target_long_before_its_turn(fake: FakeTurso, ahead: list[float]) -> None:
    """Its name may belong to another one by then: each is listed, or looked at, shortly before it is sent."""
    for number in range(SIZE):
        fake.add_database(f"x-{number}", organization="org")

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0)  # until all workers have begun
        before, ahead[0] = ahead[0], ahead[0] + seconds
        if before <= 300 < ahead[0]:
            fake.remove_database("x-8", organization="org")
            fake.add_database("x-8", organization="org")

    async with fake.client(organization="org", retry=RetryPolicy(sleep=sleep)) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        report = await plan.execute(rate_limit=0.02)
    assert str(report) == "8 destroyed, 1 skipped"
    assert [d.name for d in fake.databases("org") if d.name.startswith("x-")] == ["x-8"]


@pytest.mark.parametrize(("rate", "most"), [(0.001, 1), (0.1, 6), (1.0, SIZE)])
async def test_targets_of_one_minute_are_taken_at_a_time(
    turso: TursoClient, sleeps: Sleeps, rate: float, most: int
) -> None:
    taken, at_once = list[int](), list[int]()

    async def send(target: Target, account: Account) -> None:
        taken.append(1)
        at_once.append(len(taken))
        await asyncio.sleep(0)
        taken.pop()
        await done(target, account)

    await collected(run_of(turso, send, SIZE, rate_limit=rate), plan(SIZE))
    assert max(at_once) == most
