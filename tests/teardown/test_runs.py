"""Running a plan: guards, stopping, callbacks, the audit log."""

import asyncio
import gc
import json
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from aioturso import (
    ConfigurationError,
    InvalidInputError,
    Outcome,
    OutcomeStatus,
    Progress,
    TeardownError,
    TeardownPlan,
    TeardownReport,
    TursoClient,
)
from aioturso.testing import FakeTurso, Fault

SIZE = 40


@pytest.fixture
async def world() -> AsyncIterator[FakeTurso]:
    async with FakeTurso(token="very-secret-token") as fake:
        for number in range(SIZE):
            fake.add_database(f"p-{number}", organization="org", group="ci")
        for name in ("a", "b"):
            fake.add_database(name, organization="org", instances={"iad": 1, "fra": 6}, primary="iad")
        yield fake


@pytest.fixture
async def turso(world: FakeTurso) -> AsyncIterator[TursoClient]:
    async with world.client(organization="org", retry=None) as client:
        yield client
        assert "0/64" in repr(client), "something is still in flight"
    running = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in running if "teardown" in repr(task)], "a worker is still running"


@pytest.fixture
async def plan(turso: TursoClient) -> TeardownPlan:
    return await turso.teardown.plan_databases(match="p-*")


def counts(report: TeardownReport) -> dict[str, int]:
    return dict(Counter(outcome.status.value for outcome in report.outcomes))


def older(plan: TeardownPlan, seconds: float) -> TeardownPlan:
    return evolve(plan, created_at=plan.created_at - timedelta(seconds=seconds))


async def test_more_than_max_targets_are_refused(plan: TeardownPlan, world: FakeTurso) -> None:
    with pytest.raises(InvalidInputError, match="40 targets, more than max_targets=39"):
        await plan.execute(max_targets=39)
    with pytest.raises(InvalidInputError, match="40 targets"):
        async for _ in plan.stream(max_targets=39):
            pass
    assert not world.sent("DELETE")
    assert (await plan.execute(max_targets=40)).ok


@pytest.mark.parametrize("options", [{"concurrency": 0}, {"rate_limit": 0.0}, {"rate_limit": float("nan")}])
async def test_options_that_make_no_sense_are_refused(
    plan: TeardownPlan, world: FakeTurso, options: Any
) -> None:
    with pytest.raises(InvalidInputError):
        await plan.execute(**options)
    assert not world.sent("DELETE")


async def test_a_callback_that_is_not_awaited_is_refused(plan: TeardownPlan, world: FakeTurso) -> None:
    async def told(outcome: Outcome) -> None:
        raise AssertionError

    with pytest.raises(InvalidInputError, match="plain function"):
        await plan.execute(on_outcome=told)
    assert not world.sent("DELETE")


async def test_a_plan_that_changed_behind_its_back_is_listed_again(
    plan: TeardownPlan, world: FakeTurso
) -> None:
    databases = world.state.organizations["org"].databases
    world.remove_database("p-0", organization="org")
    world.add_database("p-0", organization="org", group="ci")  # another one of that name
    databases["p-1"].configuration["delete_protection"] = True
    del databases["p-2"]
    databases["p-3"].group = "prod"
    old, asked = databases["p-0"], len(world.requests)
    report = await older(plan, 301).execute()
    told = {o.target.database: (o.status.name, o.reason) for o in report.outcomes[:4]}
    assert told == {
        "p-0": ("SKIPPED", "changed since the plan was made: another one has this name"),
        "p-1": ("SKIPPED", "delete-protected"),
        "p-2": ("ALREADY_GONE", "no longer listed"),
        "p-3": ("SKIPPED", "changed since the plan was made: it is in another location or group"),
    }
    assert (len(report.destroyed), report.ok) == (SIZE - 4, True)
    assert [r.method for r in world.requests[asked:]][:3] == [
        "GET",
        "GET",
        "DELETE",
    ]  # the list, one that is missing
    assert databases["p-0"] is old


async def test_a_fresh_plan_is_not_listed_again_and_an_odd_clock_makes_it_stale(
    plan: TeardownPlan, world: FakeTurso
) -> None:
    asked = len(world.requests)
    await older(plan, 9).execute(dry_run=True)
    assert len(world.requests) == asked
    for aged in (older(plan, 11), older(plan, -60)):  # the second one: the clock was set back
        await aged.execute(dry_run=True)
    await older(plan, 2).execute(dry_run=True, max_age=1)
    assert len(world.requests) == asked + 3


async def test_instances_that_changed_are_left_alone(turso: TursoClient, world: FakeTurso) -> None:
    plan = await turso.teardown.plan_instances(location="fra", database="a")
    database = world.state.organizations["org"].databases["a"]
    database.instances["fra"].uuid = "another"
    database.instances["fra-2"].region = "lhr"
    database.instances["fra-3"].type = "primary"
    report = await older(plan, 301).execute()
    assert counts(report) == {"skipped": 3, "destroyed": 3}
    assert list(database.instances) == ["iad", "fra", "fra-2", "fra-3"]


async def test_repeating_a_finished_or_interrupted_teardown_is_harmless(
    plan: TeardownPlan, world: FakeTurso
) -> None:
    report = await plan.execute(on_outcome=lambda outcome: plan.stop(), concurrency=2)
    gone = len(world.sent("DELETE"))  # one or two: the second call may have begun when the first one ends
    assert gone in (1, 2)
    assert (counts(report), report.ok) == ({"destroyed": gone, "not_attempted": SIZE - gone}, False)
    assert counts(await plan.execute()) == {"already_gone": gone, "destroyed": SIZE - gone}
    again = await plan.execute(verify=True)
    assert (counts(again), again.ok) == ({"already_gone": SIZE}, True)


async def test_stop_lets_calls_in_flight_finish_and_sends_nothing_new(
    plan: TeardownPlan, world: FakeTurso
) -> None:
    world.inject(Fault.delay(0.2), method="DELETE", times=100)
    task = asyncio.create_task(plan.execute())
    while not world.sent("DELETE"):
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.05)
    sent = len(world.sent("DELETE"))
    plan.stop()
    report = await asyncio.wait_for(task, 2)
    assert len(world.sent("DELETE")) == sent < SIZE
    assert counts(report) == {"destroyed": sent, "not_attempted": SIZE - sent}
    assert {o.reason for o in report.not_attempted} == {"stopped"}
    plan.stop()  # of nothing: harmless


async def test_a_rate_limit_does_not_hold_up_a_stop(plan: TeardownPlan, world: FakeTurso) -> None:
    task = asyncio.create_task(plan.execute(rate_limit=0.001))  # the second is due in a quarter of an hour
    while not world.sent("DELETE"):
        await asyncio.sleep(0.001)
    plan.stop()
    report = await asyncio.wait_for(task, 10)
    assert counts(report) == {"destroyed": 1, "not_attempted": SIZE - 1}
    assert {o.reason for o in report.not_attempted} == {"stopped"}
    assert len(world.sent("DELETE")) == 1


async def test_a_cancelled_stop_is_still_a_cancellation(plan: TeardownPlan, world: FakeTurso) -> None:
    world.inject(Fault.hang(), method="DELETE", times=100)
    told: list[Outcome] = []
    task = asyncio.create_task(plan.execute(on_outcome=told.append))
    while not world.sent("DELETE"):
        await asyncio.sleep(0.001)
    plan.stop()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    unsure = {o.target.database for o in told if o.status is OutcomeStatus.UNKNOWN}
    assert len({o.target for o in told}) == len(told)
    # More may have been written than the server has read.
    assert unsure >= {request.path.rpartition("/")[2] for request in world.sent("DELETE")} != set()


@pytest.mark.parametrize("which", ["on_outcome", "on_progress"])
async def test_a_callback_that_raises_ends_the_launch_and_is_in_the_report(
    plan: TeardownPlan, world: FakeTurso, which: str
) -> None:
    told: list[Outcome] = []

    def fails(what: object) -> None:
        told.extend([what] if isinstance(what, Outcome) else [])
        raise RuntimeError("a mistake")

    callbacks: dict[str, Any] = {"on_outcome": told.append, which: fails}
    with pytest.raises(TeardownError, match="a mistake") as caught:
        await plan.execute(concurrency=3, **callbacks)
    assert isinstance(caught.value.report.failure, RuntimeError)
    assert len(told) == len({o.target for o in told}) == SIZE
    assert len(world.sent("DELETE")) <= 3


async def test_progress_is_data(plan: TeardownPlan) -> None:
    seen: list[Progress] = []
    await plan.execute(concurrency=4, on_progress=seen.append)
    assert (seen[-1].done, seen[-1].total, seen[-1].remaining) == (SIZE, SIZE, 0)
    assert (seen[-1].concurrency, seen[-1].rate > 0) == (4, True)
    assert Progress(done=0, total=1, elapsed=0.0, concurrency=1).remaining is None


async def test_concurrency_is_a_bound(plan: TeardownPlan, world: FakeTurso) -> None:
    busy: list[int] = []
    world.inject(Fault.delay(0.02), method="DELETE", times=100)
    task = asyncio.create_task(plan.execute(concurrency=5))
    while not task.done():
        busy.append(sum(request.status is None for request in world.sent("DELETE")))
        await asyncio.sleep(0.001)
    assert task.result().ok
    assert max(busy) == 5


async def test_a_token_that_ends_in_the_middle_stops_the_launch(plan: TeardownPlan, world: FakeTurso) -> None:
    def revoke(outcome: Outcome) -> None:
        world.token = "another"

    report = await plan.execute(concurrency=2, on_outcome=revoke, return_exceptions=True)
    assert len(report.failed) <= 2 and report.failed
    assert len(report.not_attempted) >= SIZE - 4
    assert "401" in str(report.not_attempted[0].reason)
    assert not report.ok


async def test_a_grouped_refusal_stops_only_its_database(turso: TursoClient, world: FakeTurso) -> None:
    plan = await turso.teardown.plan_instances(location="fra")
    world.state.organizations["org"].databases["a"].group = "ci"
    report = await plan.execute(concurrency=1, return_exceptions=True)
    told = {
        name: Counter(o.status.name for o in report.outcomes if o.target.database == name) for name in "ab"
    }
    assert told == {"a": {"FAILED": 1, "NOT_ATTEMPTED": 5}, "b": {"DESTROYED": 6}}
    with pytest.raises(TeardownError):
        report.raise_for_failures()


async def test_the_audit_log_is_appended_flushed_and_readable_after_a_crash(
    plan: TeardownPlan, tmp_path: Path, world: FakeTurso
) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b'{"status": "destroyed", "cut": "sho')
    lines: list[int] = []

    def told(outcome: Outcome) -> None:  # its line is in the file already
        lines.append(len(path.read_text().splitlines()))
        assert json.loads(path.read_text().splitlines()[-1])["database"] == outcome.target.database

    world.inject(Fault.status(422, body=b'{"error":"very-secret-token is wrong"}'), path="/p-7")
    await plan.execute(audit_log=path, on_outcome=told, return_exceptions=True)
    await plan.execute(audit_log=path, return_exceptions=True)
    text = path.read_text()
    assert lines == sorted(lines) and len(lines) == SIZE
    entries = [json.loads(line) for line in text.splitlines()[1:]]
    whole = [entry for entry in entries if entry["status"] != "sending"]
    assert Counter(entry["status"] for entry in whole) == {
        "destroyed": SIZE,
        "failed": 1,
        "already_gone": SIZE - 1,
    }
    assert all(line["time"] for line in entries)
    sending = {entry["database"] for entry in entries if entry["status"] == "sending"}
    assert sending == {target.database for target in plan.targets}
    assert text.endswith("\n") and "very-secret-token" not in text


async def test_an_audit_log_that_cannot_be_written_is_refused_before_anything_is_sent(
    plan: TeardownPlan, world: FakeTurso, tmp_path: Path
) -> None:
    for path in (tmp_path, tmp_path / "no" / "such"):
        with pytest.raises(OSError):
            await plan.execute(audit_log=path)
    assert not world.sent("DELETE")


async def test_an_audit_log_that_fails_in_the_middle_ends_the_launch(
    plan: TeardownPlan, world: FakeTurso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(log: object, outcome: Outcome) -> None:
        raise OSError("full")

    told: list[Outcome] = []
    monkeypatch.setattr("aioturso.teardown.audit.AuditFile.settled", full)
    with pytest.raises(TeardownError, match="full") as caught:
        await plan.execute(audit_log=tmp_path / "log", concurrency=2, on_outcome=told.append)
    assert len(told) == SIZE == len(caught.value.report.outcomes), "what is known is reported all the same"
    assert isinstance(caught.value.report.failure, OSError)
    assert len(world.sent("DELETE")) <= 2


async def test_a_stream_gives_each_outcome_once(plan: TeardownPlan) -> None:
    told: list[Outcome] = []
    async with aclosing(plan.stream(on_outcome=told.append)) as outcomes:
        seen = [outcome async for outcome in outcomes]
    assert sorted(map(id, seen)) == sorted(map(id, told))
    assert {o.target for o in seen} == set(plan.targets) and len(seen) == SIZE


async def test_leaving_a_stream_early_leaves_nothing_running(
    plan: TeardownPlan, world: FakeTurso, turso: TursoClient
) -> None:
    world.inject(Fault.delay(0.01), method="DELETE", times=100)
    async with aclosing(plan.stream(concurrency=4)) as outcomes:
        async for _ in outcomes:
            break
    assert "0/64" in repr(turso)
    sent = len(world.sent("DELETE"))
    await asyncio.sleep(0.05)
    assert len(world.sent("DELETE")) == sent <= 8


async def test_a_slow_reader_slows_the_stream_down(turso: TursoClient, world: FakeTurso) -> None:
    for number in range(1000):
        world.add_database(f"q-{number}", organization="org", group="ci")
    plan = await turso.teardown.plan_databases(match="q-*")
    async with aclosing(plan.stream(concurrency=4, max_targets=2000)) as outcomes:
        await anext(outcomes)
        while len(world.sent("DELETE")) < 128:  # as many as may be ahead of the reader
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)  # what is in flight may end; nothing else begins
        assert len(world.sent("DELETE")) < 200
        plan.stop()
        rest = [outcome async for outcome in outcomes]
    assert len(rest) == 999


async def test_a_stream_keeps_nothing(turso: TursoClient) -> None:
    plan = await turso.teardown.plan_databases(match="p-*")
    big = evolve(plan, entries=plan.entries * 500)
    gc.collect()
    tracemalloc.start()
    try:
        count = 0
        async with aclosing(big.stream(dry_run=True, max_targets=len(big))) as outcomes:
            async for _ in outcomes:
                count += 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000, f"{peak} bytes"


async def test_a_plan_without_an_engine_runs_nothing(plan: TeardownPlan, world: FakeTurso) -> None:
    with pytest.raises(ConfigurationError, match=r"turso\.teardown\.load"):
        await evolve(plan, engine=None).execute()
    async with world.client(organization="other") as other:
        with pytest.raises(ConfigurationError, match="'org'"):
            other.teardown.load(plan.to_dict())
