"""The rate of a run, and that of the lists of a plan."""

from __future__ import annotations

import pytest
from sleeps import Sleeps

from aioturso import RetryPolicy
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
