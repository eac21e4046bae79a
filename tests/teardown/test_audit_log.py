"""The audit log under faults: one line before the first send of a target, one for its outcome, and none is glued to another."""

from __future__ import annotations

import json
from pathlib import Path

from aioturso import RetryPolicy, Target
from aioturso.teardown.audit import AuditLog
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


def test_a_line_that_another_process_has_cut_short_is_not_glued_to_the_next(tmp_path: Path) -> None:
    """Jobs that run at the same time may share a log, and a disk."""
    path, target = tmp_path / "log", Target(kind="database", database="x")
    with AuditLog(path) as log:
        log.sending(target, "sending")
        with path.open("ab") as other:
            other.write(b'{"cut": "sho')
        log.sending(target, "sending")
    first, cut, second = path.read_bytes().splitlines()
    assert cut == b'{"cut": "sho'
    assert json.loads(first)["database"] == json.loads(second)["database"] == "x"
