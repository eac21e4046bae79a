"""The audit log under faults: one line before the first send of a target, one for its outcome, and none is glued to another."""

from __future__ import annotations

import json
from pathlib import Path

from aioturso import RetryPolicy
from aioturso.testing import FakeTurso


def port_of(fake: FakeTurso) -> int:
    return int(fake.base_url.rpartition(":")[2])


async def test_a_target_that_could_not_be_sent_at_first_has_one_line_before_its_send(tmp_path: Path) -> None:
    async with FakeTurso() as other:
        port = port_of(other)
    fake, log = FakeTurso(port=port), tmp_path / "log"
    fake.add_database("x", organization="org")
    await fake.__aenter__()

    async def until_it_serves(seconds: float) -> None:
        await fake.__aenter__()

    retry = RetryPolicy(sleep=until_it_serves)
    async with fake.client(organization="org", retry=retry) as turso:
        plan = await turso.teardown.plan_databases(match="x")
        await fake.__aexit__()
        report = await plan.execute(audit_log=log)
    await fake.__aexit__()
    assert str(report) == "1 destroyed"
    statuses = [json.loads(line)["status"] for line in log.read_text().splitlines()]
    assert statuses == ["sending", "destroyed"]
