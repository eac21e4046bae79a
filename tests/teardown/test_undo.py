"""Undo: what a teardown has deleted comes back, by UUID and never by name, and the rest is left alone with a reason."""

import asyncio
import json
import logging
import os
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest
from undos import destroyed, furnish, reasons, told, uuids

from aioturso import (
    ConfigurationError,
    ForbiddenError,
    InvalidInputError,
    TeardownError,
    TeardownReport,
    TursoClient,
)
from aioturso.testing import FakeTurso

PAST = "not listed as deleted, as it is for five days: past its time, or the list lags"


@pytest.fixture
async def fake() -> AsyncIterator[FakeTurso]:
    async with FakeTurso() as server:
        furnish(server)
        yield server


async def test_what_was_destroyed_is_restored_with_its_uuid(fake: FakeTurso, turso: TursoClient) -> None:
    before = uuids(fake)
    undo = await turso.teardown.plan_undo(await destroyed(turso))
    assert str(undo).splitlines() == [
        "undo of a report: 3 to restore, 0 skipped",
        *[f"  restore database x{number}" for number in range(3)],
    ]
    assert not fake.sent("POST")
    report = await undo.execute(verify=True)
    assert told(report) == [(f"database x{number}", "restored", None) for number in range(3)]
    assert (str(report), report.ok, len(report.restored)) == ("3 restored", True, 3)
    assert uuids(fake) == before
    assert [(r.path.rsplit("/", 2)[1:], r.body) for r in fake.sent("POST")] == [
        ([before[f"x{number}"], "restore"], b"") for number in range(3)
    ]


async def test_an_undo_is_streamed_stopped_and_run_dry_as_a_teardown_is(
    fake: FakeTurso, turso: TursoClient
) -> None:
    report = await destroyed(turso)
    undo = await turso.teardown.plan_undo(report)
    assert str(await undo.execute(dry_run=True)) == "3 not attempted"
    undo = await turso.teardown.plan_undo(report)
    found = []
    async with aclosing(undo.stream(concurrency=1)) as outcomes:
        async for outcome in outcomes:
            found.append(str(outcome))
            undo.stop()
    assert found[0] == "restored: database x0" and "not attempted: database x2: stopped" in found
    with pytest.raises(InvalidInputError, match="max_targets=1"):
        await undo.execute(max_targets=1)
    assert reasons((await undo.execute(exclude="x2")).skipped) == {"x2": "excluded"}


async def test_a_kept_undo_is_loaded_and_judged_again_before_it_runs(
    fake: FakeTurso, turso: TursoClient
) -> None:
    first = await turso.teardown.plan_undo(await destroyed(turso))
    undo = turso.teardown.load(json.loads(json.dumps(first.to_dict())))
    assert (undo.entries, undo.verb, undo.to_dict()) == (first.entries, first.verb, first.to_dict())
    x0, x1, _ = (target.uuid or "" for target in undo.targets)
    await turso.databases.restore(x0)
    fake.add_database("x1", organization="org")
    report = await undo.execute()
    assert told(report) == [
        ("database x0", "already_there", "already there"),
        ("database x1", "skipped", "its name is taken by another one"),
        ("database x2", "restored", None),
    ]
    assert uuids(fake)["x1"] != x1


async def test_an_undo_is_never_read_as_a_teardown(turso: TursoClient) -> None:
    data = (await turso.teardown.plan_undo(await destroyed(turso))).to_dict()
    assert "targets" not in data and len(data["restore"]) == 3
    both = data | {"targets": []}
    neither = {key: value for key, value in data.items() if key != "restore"}
    for wrong in (both, neither):
        with pytest.raises(InvalidInputError, match="either targets or what to restore"):
            turso.teardown.load(wrong)
    with pytest.raises(InvalidInputError, match="undo, which deletes nothing"):
        await turso.teardown.plan_undo(data)


async def test_after_five_days_all_of_it_is_past_its_time(fake: FakeTurso, turso: TursoClient) -> None:
    report = await destroyed(turso)
    fake.clock.move(timedelta(days=5) - timedelta(minutes=1))
    assert len(await turso.teardown.plan_undo(report)) == 3
    fake.clock.move(timedelta(minutes=1))
    undo = await turso.teardown.plan_undo(report)
    assert not undo
    assert reasons(undo.skipped) == dict.fromkeys(["x0", "x1", "x2"], PAST)
    assert str(await undo.execute()) == "3 skipped"
    assert not fake.sent("POST")


async def test_what_passes_its_time_after_the_plan_fails_alone(fake: FakeTurso, turso: TursoClient) -> None:
    undo = await turso.teardown.plan_undo(await destroyed(turso))
    fake.clock.move(timedelta(days=6))
    report = await undo.execute(return_exceptions=True)
    late = "past its time, or already restored and deleted again"
    assert told(report) == [(f"database x{number}", "failed", late) for number in range(3)]
    assert [o.attempts for o in report.outcomes] == [1, 1, 1]


async def test_a_name_that_another_one_has_is_left_to_it(fake: FakeTurso, turso: TursoClient) -> None:
    report = await destroyed(turso)
    fake.add_database("x1", organization="org")
    undo = await turso.teardown.plan_undo(report)
    assert reasons(undo.skipped) == {"x1": "its name is taken by another one"}
    fake.add_database("x2", organization="org")
    taken = uuids(fake)
    with pytest.raises(TeardownError, match="x2") as caught:
        await undo.execute()
    assert told(caught.value.report)[2] == (
        "database x2",
        "failed",
        "its name, or its group's, is taken by another one",
    )
    assert str(caught.value.report) == "1 skipped, 1 failed, 1 restored"
    assert {name: uuid for name, uuid in uuids(fake).items() if name != "x0"} == taken


async def test_what_came_back_by_itself_is_already_there(fake: FakeTurso, turso: TursoClient) -> None:
    report = await destroyed(turso)
    await turso.databases.restore(report.outcomes[0].target.uuid or "")
    await turso.databases.restore(report.outcomes[1].target.uuid or "", name="renamed")
    undo = await turso.teardown.plan_undo(report)
    assert [o.status.value for o in undo.skipped] == ["already_there", "already_there"]
    await turso.databases.restore(report.outcomes[2].target.uuid or "")
    again = await undo.execute(verify=True)
    assert [status for _, status, _ in told(again)] == ["already_there"] * 3
    assert (len(again.already_there), again.outcomes[2].attempts) == (3, 1)


async def test_only_what_this_teardown_deleted_comes_back(fake: FakeTurso, turso: TursoClient) -> None:
    fake.protect("x2", organization="org")
    fake.remove_database("in-g0", organization="org")
    report = await destroyed(turso)
    fake.protect("x2", organization="org", protected=False)
    fake.remove_database("x2", organization="org")
    undo = await turso.teardown.plan_undo(report)
    assert reasons(undo.skipped) == {"x2": "not deleted by this teardown (skipped)"}
    await undo.execute()
    assert set(uuids(fake)) == {"x0", "x1", "in-g1"}
    assert reasons((await turso.teardown.plan_undo(await undo.execute())).skipped) == {
        "x0": "not deleted by this teardown (already there)",
        "x1": "not deleted by this teardown (already there)",
        "x2": "not deleted by this teardown (skipped)",
    }


async def test_kinds_that_the_platform_does_not_restore_are_skipped(
    fake: FakeTurso, turso: TursoClient
) -> None:
    fake.add_database("db", organization="org", instances={"iad": 1, "fra": 1}, primary="iad")
    await turso.api_tokens.create("ci")
    await turso.groups.add_location("g", "fra")
    first = await (await turso.teardown.plan_instances(location="fra", groups=True)).execute()
    second = await (await turso.teardown.plan_api_tokens(names=["ci"])).execute()
    fake.requests.clear()
    undo = await turso.teardown.plan_undo(TeardownReport.merge(first, second))
    assert [o.reason for o in undo.skipped] == [
        "the platform restores no instances",
        "the platform restores no group locations",
        "the platform restores no API tokens",
    ]
    assert (str(await undo.execute()), fake.requests) == ("3 skipped", [])


async def test_where_recovery_is_switched_off_nothing_is_sent(fake: FakeTurso, turso: TursoClient) -> None:
    report = await destroyed(turso)
    undo = await turso.teardown.plan_undo(report)
    await turso.organizations.update(restore_enabled=False)
    late = await undo.execute(return_exceptions=True)
    assert [str(o.error).endswith("recovery is disabled for the organization") for o in late.failed] == [
        True
    ] * 3
    fake.requests.clear()
    undo = await turso.teardown.plan_undo(report)
    off = "recovery is switched off for the organization (restore_enabled)"
    assert set(reasons(undo.skipped).values()) == {off}
    await undo.execute()
    assert not fake.sent("POST")


async def test_on_a_free_plan_nothing_is_sent(fake: FakeTurso, turso: TursoClient) -> None:
    report = await destroyed(turso)
    undo = await turso.teardown.plan_undo(report)
    fake.add_organization("org", plan="starter")
    late = await undo.execute(return_exceptions=True, concurrency=1)
    assert [o.status.value for o in late.outcomes] == ["failed", "not_attempted", "not_attempted"]
    assert isinstance(late.outcomes[0].error, ForbiddenError)
    undo = await turso.teardown.plan_undo(report)
    assert not undo
    assert {str(reason)[:41] for reason in reasons(undo.skipped).values()} == {
        "a free plan, or a token without the right"
    }


async def test_the_audit_log_of_an_undo_has_lines_of_its_own(
    turso: TursoClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "aioturso")
    log = tmp_path / "undo.jsonl"
    undo = await turso.teardown.plan_undo(await destroyed(turso, "x0"))
    await undo.execute(audit_log=log)
    assert [json.loads(line)["status"] for line in log.read_text().splitlines()] == ["restoring", "restored"]
    assert caplog.messages[-1].startswith("undo finished in ")


async def test_a_source_of_another_organization_is_refused(fake: FakeTurso, turso: TursoClient) -> None:
    report = await destroyed(turso)
    other = turso.with_organization("demo")
    fake.add_organization("demo")
    with pytest.raises(ConfigurationError, match="'org'"):
        await other.teardown.plan_undo(report)


async def test_a_record_is_read_though_all_threads_of_the_loop_are_busy(
    turso: TursoClient, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        free = threading.Event()
        asyncio.get_running_loop().run_in_executor(None, free.wait)
        try:
            with pytest.raises(FileNotFoundError):
                await turso.teardown.plan_undo(tmp_path / "none")
        finally:
            free.set()


async def test_a_cancellation_ends_the_wait_for_a_record(turso: TursoClient, tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    before, mistakes = set(threading.enumerate()), list[object]()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: mistakes.append(context))
    reading = asyncio.ensure_future(turso.teardown.plan_undo(pipe))
    while not (threads := set(threading.enumerate()) - before):
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    # As a blocking open, it waits until the thread has opened the other end.
    pipe.write_text("")
    for thread in threads:
        thread.join()
    await asyncio.sleep(0)
    assert not mistakes
