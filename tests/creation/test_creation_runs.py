"""Runs of a creation: paced, bounded, stopped, cancelled; a report always comes, and a log of what may be there."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from aioturso import CreationError, CreationPlan, CreationReport, Outcome, OutcomeStatus, Progress
from aioturso.client import TursoClient
from aioturso.testing import FakeTurso, Fault

NAMES = [f"x{number}" for number in range(40)]


class Odd(BaseException):
    """No Exception."""


@pytest.fixture
async def fake() -> AsyncIterator[FakeTurso]:
    async with FakeTurso() as server:
        server.add_group("g", organization="org")
        yield server


@pytest.fixture
async def plan(turso: TursoClient) -> CreationPlan:
    return await turso.creation.plan_databases(NAMES, group="g")


def is_true(report: CreationReport, fake: FakeTurso) -> bool:
    """Each name once, created ones are there with their UUID, and what was not sent is not."""
    uuids = {database.name: database.uuid for database in fake.databases("org")}
    for outcome in report.outcomes:
        name = outcome.target.database
        if outcome.status is OutcomeStatus.CREATED:
            assert outcome.target.uuid == uuids[name]
        elif outcome.status in (OutcomeStatus.NOT_ATTEMPTED, OutcomeStatus.FAILED):
            assert name not in uuids
    return [o.target.database for o in report.outcomes] == NAMES


async def test_creates_are_sent_through_the_limiter_of_the_client(
    fake: FakeTurso, turso: TursoClient, plan: CreationPlan, sleeps: list[float]
) -> None:
    for _ in range(3):
        fake.inject(Fault.status(429, headers={"Retry-After": "1"}), method="POST")
    seen: list[Progress] = []
    report = await plan.execute(on_progress=seen.append)
    assert str(report) == "40 created" and is_true(report, fake)
    assert turso.limiter.refused == 3 and max(sleeps) >= 1
    assert (seen[-1].done, seen[-1].total, seen[-1].refused) == (40, 40, 3)


async def test_concurrency_is_a_bound(fake: FakeTurso, plan: CreationPlan) -> None:
    busy: list[int] = []
    fake.inject(Fault.delay(0.01), method="POST", times=40)
    task = asyncio.create_task(plan.execute(concurrency=3))
    while not task.done():
        busy.append(sum(request.status is None for request in fake.sent("POST")))
        await asyncio.sleep(0.001)
    assert str(task.result()) == "40 created"
    assert max(busy) == 3


async def test_a_rate_limit_holds_for_the_looks_of_the_plan_too(
    fake: FakeTurso, turso: TursoClient, sleeps: list[float]
) -> None:
    paced = turso.creation.at_most(4)
    plan = await paced.plan_databases(["a", "b", "c", "d"], group="g")
    assert sleeps and max(sleeps) <= 0.25
    before = len(sleeps)
    assert str(await plan.execute()) == "4 created"
    assert len(sleeps) > before


async def test_stop_lets_calls_in_flight_finish_and_sends_nothing_new(
    fake: FakeTurso, plan: CreationPlan
) -> None:
    report = await plan.execute(concurrency=1, on_outcome=lambda outcome: plan.stop(), return_exceptions=True)
    assert str(report) == "39 not attempted, 1 created" and is_true(report, fake)
    assert {o.reason for o in report.not_attempted} == {"stopped"}
    assert not report.ok and len(fake.sent("POST")) == 1


async def test_a_stop_before_the_first_run_sends_nothing(fake: FakeTurso, plan: CreationPlan) -> None:
    plan.stop()
    fake.requests.clear()
    report = await plan.execute(max_age=0)
    assert (str(report), fake.requests) == ("40 not attempted", [])


async def test_a_spent_quota_ends_the_run_with_the_wait_in_the_reason(
    fake: FakeTurso, plan: CreationPlan
) -> None:
    fake.inject(Fault.status(429, headers={"Retry-After": "3600"}), method="POST", times=9)
    report = await plan.execute(concurrency=2, return_exceptions=True)
    assert 1 <= len(report.failed) <= 2 and len(report.not_attempted) >= 38
    assert "3600 s" in str(report.not_attempted[0].reason) and is_true(report, fake)


async def test_a_cancelled_run_has_a_cause_that_holds_what_is_known(
    fake: FakeTurso, plan: CreationPlan
) -> None:
    fake.inject(Fault.hang(), method="POST", path="/databases", times=1)
    known: list[Outcome] = []
    task = asyncio.create_task(plan.execute(concurrency=2, on_outcome=known.append))
    # Not what the platform has: the answer about the last one may be on its way.
    while len(known) < 5:
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    cause = caught.value.__cause__
    assert isinstance(cause, CreationError)
    sent = len(fake.sent("POST"))
    await asyncio.sleep(0)
    assert len(fake.sent("POST")) == sent
    assert is_true(cause.report, fake) and cause.report.unknown and len(cause.report.created) >= 5


@pytest.mark.parametrize("where", ["on_outcome", "on_progress"])
async def test_a_callback_that_raises_ends_the_run_and_is_in_the_report(
    fake: FakeTurso, plan: CreationPlan, where: str
) -> None:
    def fails(event: Any) -> None:
        raise RuntimeError("mine")

    options: dict[str, Any] = {where: fails}
    with pytest.raises(CreationError, match="mine") as caught:
        await plan.execute(concurrency=1, **options)
    report = caught.value.report
    assert isinstance(report.failure, RuntimeError) and is_true(report, fake)
    assert len(report.created) == len(fake.sent("POST")) == 1


async def test_an_error_that_is_no_exception_has_the_report_as_its_cause(
    fake: FakeTurso, plan: CreationPlan
) -> None:
    def fails(event: Any) -> None:
        raise Odd

    with pytest.raises(Odd) as caught:
        await plan.execute(concurrency=1, on_outcome=fails)
    cause = caught.value.__cause__
    assert isinstance(cause, CreationError) and is_true(cause.report, fake)
    assert str(cause.report) == "39 not attempted, 1 created"


async def test_an_audit_log_has_a_line_before_each_send_and_one_for_each_outcome(
    fake: FakeTurso, plan: CreationPlan, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "aioturso")
    log = tmp_path / "made.jsonl"
    await plan.execute(audit_log=log, concurrency=1)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["database"], line["status"]) for line in lines[:2]] == [
        ("x0", "creating"),
        ("x0", "created"),
    ]
    assert len(lines) == 80 and "uuid" not in lines[0]
    assert lines[1]["uuid"] in {database.uuid for database in fake.databases("org")}
    assert caplog.messages[-1].startswith("creation finished in ")


async def test_an_audit_log_that_is_full_sends_nothing(fake: FakeTurso, plan: CreationPlan) -> None:
    report = await plan.execute(audit_log="/dev/full", return_exceptions=True)
    assert not fake.sent("POST") and not report.ok
    assert isinstance(report.failure, OSError) and is_true(report, fake)


async def test_leaving_a_stream_early_leaves_nothing_running(
    fake: FakeTurso, turso: TursoClient, plan: CreationPlan
) -> None:
    async with aclosing(plan.stream(concurrency=1)) as outcomes:
        async for outcome in outcomes:
            assert outcome.status is OutcomeStatus.CREATED
            break
    assert "0/64" in repr(turso)
    assert len(fake.sent("POST")) < 10


async def test_closing_the_client_ends_the_run_with_a_report(
    fake: FakeTurso, turso: TursoClient, plan: CreationPlan
) -> None:
    fake.inject(Fault.hang(), method="POST", times=2)
    task = asyncio.create_task(plan.execute(concurrency=2, return_exceptions=True))
    while len(fake.sent("POST")) < 2:
        await asyncio.sleep(0.001)
    await turso.close()
    report = await task
    assert str(report) == "2 unknown, 38 not attempted" and is_true(report, fake)
