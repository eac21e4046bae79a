"""What ends a run early: a stop at odd moments, a spent quota, an error that is no Exception, a full audit log."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from raw import RawServer, Request, answer, close, stall

from aioturso import (
    ForbiddenError,
    Outcome,
    OutcomeStatus,
    RetryPolicy,
    TeardownError,
    TeardownPlan,
)
from aioturso.testing import FakeTurso, Fault


class Odd(BaseException):
    """No Exception."""


def database(number: int) -> dict[str, Any]:
    return {"Name": f"x{number}", "DbId": f"id-{number}", "group": "g", "delete_protection": False}


LISTED = answer(200, {"databases": [database(number) for number in range(50)]})


async def test_a_refused_token_is_not_sent_anew_after_a_stop() -> None:
    plans: list[TeardownPlan] = []

    async def provider() -> str:
        return "token"

    async def step(request: Request) -> None:
        if request.method == "GET":
            return await LISTED(request)
        plans[0].stop()
        await answer(401, {"error": "expired"})(request)

    async with RawServer(then=step) as raw, raw.client(token=provider) as turso:
        plans.append(await turso.teardown.plan_databases(match="x*"))
        report = await plans[0].execute(concurrency=1, return_exceptions=True)
    assert len(raw.requests) == 2
    assert str(report) == "1 failed, 49 not attempted"


async def test_a_stop_ends_the_list_that_an_exclusion_needs() -> None:
    group = {"name": "eu", "uuid": "u", "locations": ["iad"], "primary": "iad", "delete_protection": False}
    slow = asyncio.Event()

    async def step(request: Request) -> None:
        if request.target.endswith("/groups"):
            return await answer(200, {"groups": [group]})(request)
        await (stall if slow.is_set() else LISTED)(request)

    async with RawServer(then=step) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_groups(match="e*")
        slow.set()
        seen = len(raw.requests)
        task = asyncio.create_task(plan.execute(exclude="other"))
        await raw.seen(seen + 1)
        plan.stop()
        report = await task
    assert [outcome.reason for outcome in report.outcomes] == ["stopped"]


async def test_a_spent_quota_ends_the_run_also_without_retries() -> None:
    async def step(request: Request) -> None:
        spent = answer(429, {"error": "quota"}, "Retry-After: 3600")
        await (LISTED if request.method == "GET" else spent)(request)

    async with RawServer(then=step) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(concurrency=2, return_exceptions=True)
    assert len(report.failed) <= 2
    assert "a wait of 3600 s" in str(report.not_attempted[0].reason)


@pytest.fixture
async def world() -> Any:
    async with FakeTurso() as fake:
        for number in range(40):
            fake.add_database(f"x{number}", organization="org", group="ci")
        yield fake


@pytest.mark.parametrize("where", ["on_outcome", "on_progress", "on_request"])
async def test_an_error_that_is_no_exception_ends_the_run_and_has_the_report_as_its_cause(
    world: FakeTurso, where: str
) -> None:
    raised: list[Odd] = []

    def fails(event: Any) -> None:
        if getattr(event, "method", "DELETE") == "DELETE" and not raised:
            raised.append(Odd())
            raise raised[0]

    settings: dict[str, Any] = {"on_request": fails} if where == "on_request" else {}
    options: dict[str, Any] = {} if settings else {where: fails}
    async with world.client(organization="org", **settings) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        with pytest.raises(Odd) as caught:
            await plan.execute(concurrency=2, **options)
        assert "0/64" in repr(turso)
    cause = caught.value.__cause__
    assert isinstance(cause, TeardownError)
    sent = {request.path.rsplit("/", 1)[1] for request in world.sent("DELETE")}
    assert len(sent) <= 2
    left = {database.name for database in world.databases("org")}
    for outcome in cause.report.outcomes:
        name = outcome.target.database
        assert (outcome.status is OutcomeStatus.NOT_ATTEMPTED) == (name not in sent)
        assert outcome.status is not OutcomeStatus.DESTROYED or name not in left
        assert outcome.status is not OutcomeStatus.FAILED
    assert len(cause.report.outcomes) == 40


@pytest.mark.parametrize("where", ["on_outcome", "on_progress"])
async def test_a_callback_that_reads_a_cancelled_result_fails_and_cancels_nothing(
    world: FakeTurso, where: str
) -> None:
    other = asyncio.get_running_loop().create_future()
    other.cancel()

    def reads(event: object) -> None:
        other.result()

    async with world.client(organization="org") as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(concurrency=1, return_exceptions=True, **{where: reads})  # type: ignore[arg-type]  # one of two
    assert str(report.failure) == "on_outcome or on_progress raised CancelledError"
    assert str(report) == "1 destroyed, 39 not attempted" and len(world.databases("org")) == 39


async def test_a_cancelled_run_has_a_cause_that_holds_what_is_known(world: FakeTurso) -> None:
    world.inject(Fault.hang(), method="DELETE", path="/x2")
    async with world.client(organization="org") as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        task = asyncio.create_task(plan.execute(concurrency=1))
        while not world.sent("DELETE", "/x2"):
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    cause = caught.value.__cause__
    assert isinstance(cause, TeardownError)
    assert str(cause.report) == "2 destroyed, 1 unknown, 37 not attempted"


async def test_an_audit_log_that_is_full_from_the_start_sends_nothing(world: FakeTurso) -> None:
    async with world.client(organization="org") as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(audit_log="/dev/full", return_exceptions=True)
    assert not world.sent("DELETE")
    assert isinstance(report.failure, OSError)
    assert not report.destroyed and not report.ok


async def test_an_audit_log_that_is_a_pipe_without_a_reader_ends_the_run(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    async with FakeTurso() as fake, fake.client(organization="org") as turso:
        for number in range(300):
            fake.add_database(f"x{number}", organization="org", group="ci")
        plan = await turso.teardown.plan_databases(match="x*")
        seen: list[Outcome] = []
        report = await plan.execute(audit_log=pipe, on_outcome=seen.append, return_exceptions=True)
        assert isinstance(report.failure, BlockingIOError)
        assert len(seen) == 300
        assert len(fake.databases("org")) == 300 - len(report.destroyed)
        assert 0 < len(report.destroyed) < 300


async def test_a_stop_before_the_first_run_sends_nothing(fast: RetryPolicy) -> None:
    async with RawServer(LISTED, then=close) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        plan.stop()
        report = await plan.execute(max_age=0)
    assert (str(report), len(raw.requests)) == ("50 not attempted", 1)


async def test_a_stop_after_a_dry_run_sends_nothing(fast: RetryPolicy) -> None:
    async with RawServer(LISTED, then=close) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        await plan.execute(dry_run=True)
        _ = [outcome async for outcome in plan.stream(dry_run=True)]
        plan.stop()
        report = await plan.execute()
    assert (str(report), len(raw.requests)) == ("50 not attempted", 1)


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
async def test_what_a_name_was_given_to_while_the_machine_slept_is_left_alone(
    fake: FakeTurso, ahead: list[float], seconds: float
) -> None:
    """What the names belonged to is listed again, once, after the gap."""
    for number in range(6):
        fake.add_database(f"x-{number}", organization="org")

    def sleep(outcome: Outcome) -> None:
        if outcome.target.database == "x-1":
            ahead[0] += seconds
            databases = fake.add_organization("org").databases
            del databases["x-3"], databases["x-4"]
            fake.add_database("x-4", organization="org")

    async with fake.client(organization="org") as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        fake.requests.clear()
        report = await plan.execute(concurrency=1, on_outcome=sleep)
    another = "changed since the plan was made: another one has this name"
    assert [(o.target.database, o.status.name, o.reason) for o in report.outcomes if o.reason] == [
        ("x-3", "ALREADY_GONE", "no longer listed"),
        ("x-4", "SKIPPED", another),
    ]
    assert [o.status.name for o in report.outcomes].count("DESTROYED") == 4
    assert len(fake.sent("GET", "/databases")) == 1


def renewed(fake: FakeTurso) -> None:
    """Each database that is left, with a new one under its name."""
    for name in [database.name for database in fake.databases("org")]:
        del fake.add_organization("org").databases[name]
        fake.add_database(name, organization="org")


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
async def test_what_waited_for_its_turn_while_the_machine_slept_is_looked_at(
    fake: FakeTurso, ahead: list[float], seconds: float
) -> None:
    """A call that was refused, and those that were not sent yet, wait for the same pause; the rest is listed again."""
    for number in range(6):
        fake.add_database(f"x-{number}", organization="org")
    morning = asyncio.Event()

    async def sleep(_: float) -> None:
        await morning.wait()

    async with fake.client(organization="org", retry=RetryPolicy(sleep=sleep)) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        fake.inject(Fault.status(429, headers={"Retry-After": "2"}), method="DELETE")
        settled = asyncio.Event()

        def second(outcome: Outcome) -> None:
            if len(fake.sent("DELETE")) == 3:
                settled.set()

        run = asyncio.ensure_future(plan.execute(concurrency=3, on_outcome=second))
        await settled.wait()
        await asyncio.sleep(0)
        ahead[0] += seconds
        renewed(fake)
        fake.requests.clear()
        morning.set()
        report = await run
    assert not fake.sent("DELETE")
    assert [(o.status.name, o.attempts) for o in report.outcomes if "the name now" in str(o.reason)] == [
        ("ALREADY_GONE", 1),
        ("ALREADY_GONE", 0),
        ("ALREADY_GONE", 0),
    ]
    assert str(report) == "2 destroyed, 3 already gone, 1 skipped"


async def test_what_waited_for_a_token_while_the_machine_slept_is_looked_at(
    fake: FakeTurso, ahead: list[float]
) -> None:
    fake.add_database("x-0", organization="org")
    fetched: list[float] = []

    async def provider() -> str:
        if fetched:
            ahead[0] += 3600
            renewed(fake)
        fetched.append(ahead[0])
        return fake.token

    async with fake.client(organization="org", token=provider) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        fake.inject(Fault.status(401), method="DELETE")
        report = await plan.execute()
        assert [(o.status.name, o.attempts) for o in report.outcomes] == [("ALREADY_GONE", 1)]
    assert [request.status for request in fake.sent("DELETE")] == [401]


async def test_a_list_that_fails_after_a_gap_ends_the_run_with_a_whole_report(
    fake: FakeTurso, ahead: list[float]
) -> None:
    for number in range(4):
        fake.add_database(f"x-{number}", organization="org")

    def sleep(outcome: Outcome) -> None:
        ahead[0] += 74 if outcome.target.database == "x-2" else 30
        fake.inject(Fault.status(403), method="GET")

    async with fake.client(organization="org", retry=None) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        report = await plan.execute(concurrency=1, on_outcome=sleep, return_exceptions=True)
    assert str(report) == "3 destroyed, 1 not attempted"
    assert isinstance(report.failure, ForbiddenError)


async def test_a_stop_ends_the_list_after_a_gap(ahead: list[float]) -> None:
    plans, lists = list[TeardownPlan](), iter([LISTED])

    async def step(request: Request) -> None:
        if request.method == "GET" and (listed := next(lists, None)):
            return await listed(request)
        if request.method == "GET":
            plans[0].stop()
            return await stall(request)
        ahead[0] += 100
        await answer(200, {})(request)

    async with RawServer(then=step) as raw, raw.client() as turso:
        plans.append(await turso.teardown.plan_databases(match="x*"))
        report = await plans[0].execute(concurrency=1, return_exceptions=True)
    assert str(report) == "1 destroyed, 49 not attempted"


async def test_after_an_end_of_its_own_a_gap_lists_nothing(fake: FakeTurso, ahead: list[float]) -> None:
    for number in range(4):
        fake.add_database(f"x-{number}", organization="org")

    def sleep(outcome: Outcome) -> None:
        ahead[0] += 1000

    async with fake.client(organization="org", retry=None) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        fake.requests.clear()
        fake.inject(Fault.status(403), method="DELETE")
        report = await plan.execute(concurrency=1, on_outcome=sleep, return_exceptions=True)
    assert str(report) == "1 failed, 3 not attempted"
    assert [request.method for request in fake.requests] == ["DELETE"]
