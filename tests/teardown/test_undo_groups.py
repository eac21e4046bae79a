"""Undo of groups: each comes back with the databases that were deleted with it, and before those deleted by themselves."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from undos import furnish, group_destroyed, told, uuids

from aioturso import Outcome, TeardownReport, TursoClient
from aioturso.testing import FakeTurso, Fault


@pytest.fixture
async def fake() -> AsyncIterator[FakeTurso]:
    async with FakeTurso() as server:
        furnish(server)
        yield server


async def test_a_group_comes_back_with_its_databases_and_each_of_them_has_an_outcome(
    fake: FakeTurso, turso: TursoClient
) -> None:
    before = uuids(fake)
    undo = await turso.teardown.plan_undo(await group_destroyed(turso))
    assert str(undo).splitlines()[1] == "  restore group g with 2 databases (in-g0, in-g1)"
    undo = turso.teardown.load(json.loads(json.dumps(undo.to_dict())))
    seen: list[tuple[int, int]] = []
    report = await undo.execute(verify=True, on_progress=lambda p: seen.append((p.done, p.total)))
    assert told(report) == [
        ("group g", "restored", None),
        ("database in-g0", "restored", "with its group 'g'"),
        ("database in-g1", "restored", "with its group 'g'"),
    ]
    assert (uuids(fake), len(fake.sent("POST"))) == (before, 1)
    assert seen[-1] == (3, 3)


async def test_a_failure_of_the_answer_names_the_database_and_the_reason(
    fake: FakeTurso, turso: TursoClient
) -> None:
    undo = await turso.teardown.plan_undo(await group_destroyed(turso))
    fake.add_database("in-g1", organization="org")
    report = await undo.execute(return_exceptions=True, verify=True)
    assert told(report) == [
        ("group g", "restored", None),
        ("database in-g0", "restored", "with its group 'g'"),
        (
            "database in-g1",
            "failed",
            "its group is restored, and it is not: database with same name already exists",
        ),
    ]
    assert not report.ok


async def test_a_group_whose_database_is_excluded_stays_deleted(turso: TursoClient) -> None:
    first = await turso.teardown.plan_undo(await group_destroyed(turso))
    for undo in (first, turso.teardown.load(first.to_dict())):
        report = await undo.execute(exclude="*-g1")
        assert told(report) == [("group g", "skipped", "its database 'in-g1' is excluded")]


async def test_an_exclusion_finds_the_database_of_a_group_with_capital_letters(
    fake: FakeTurso, turso: TursoClient
) -> None:
    fake.add_group("Old", organization="org")
    fake.add_database("kept", organization="org", group="Old")
    first = await turso.teardown.plan_groups(names=["Old"])
    undo = await turso.teardown.plan_undo(await first.execute())
    assert told(await undo.execute(exclude="kept")) == [
        ("group Old", "skipped", "its database 'kept' is excluded")
    ]


async def test_groups_come_back_before_databases_that_were_deleted_by_themselves(
    fake: FakeTurso, turso: TursoClient, tmp_path: Path
) -> None:
    before, log = uuids(fake), tmp_path / "log"
    plan = await turso.teardown.plan_databases(names=["in-g0"])
    await plan.execute(audit_log=log)
    await (await turso.teardown.plan_groups(names=["g"])).execute(audit_log=log)
    report = await (await turso.teardown.plan_undo(log)).execute()
    assert told(report) == [
        ("database in-g0", "restored", None),
        ("group g", "restored", None),
        ("database in-g1", "restored", "with its group 'g'"),
    ]
    assert [r.path.split("/")[-3] for r in fake.sent("POST")] == ["groups", "databases"]
    assert uuids(fake) == before


async def both_destroyed(turso: TursoClient) -> TeardownReport:
    """One database by itself, then its group with the other one."""
    first = await (await turso.teardown.plan_databases(names=["in-g0"])).execute()
    return TeardownReport.merge(first, await group_destroyed(turso))


async def test_a_database_is_left_until_its_group_is_back(fake: FakeTurso, turso: TursoClient) -> None:
    undo = await turso.teardown.plan_undo(await both_destroyed(turso))
    fake.inject(Fault.status(400), method="POST")
    report = await undo.execute(return_exceptions=True)
    assert told(report) == [
        ("database in-g0", "not_attempted", "its group 'g' is not back"),
        ("group g", "failed", None),
    ]
    report = await undo.execute(exclude="g")
    assert told(report)[0] == ("database in-g0", "skipped", "its group 'g' does not come back")
    assert len(fake.sent("POST")) == 1
    assert (await undo.execute()).ok


async def test_a_database_is_left_until_its_group_is_back_also_after_the_machine_has_slept(
    fake: FakeTurso, turso: TursoClient, ahead: list[float]
) -> None:
    """What is listed again then are the databases alone."""
    first = await (await turso.teardown.plan_databases(prefix="in-g")).execute()
    undo = await turso.teardown.plan_undo(TeardownReport.merge(first, await group_destroyed(turso)))
    fake.inject(Fault.status(400), method="POST")

    def sleep(outcome: Outcome) -> None:
        if outcome.target.database == "in-g0":
            ahead[0] = 3600

    report = await undo.execute(concurrency=1, on_outcome=sleep, return_exceptions=True)
    assert told(report)[:2] == [
        ("database in-g0", "not_attempted", "its group 'g' is not back"),
        ("database in-g1", "not_attempted", "its group 'g' is not back"),
    ]
    assert len(fake.sent("POST")) == 1


async def test_a_database_comes_back_into_a_group_that_is_there_already(
    fake: FakeTurso, turso: TursoClient
) -> None:
    report = await both_destroyed(turso)
    await turso.groups.restore(report.outcomes[1].target.uuid or "")
    assert told(await (await turso.teardown.plan_undo(report)).execute()) == [
        ("database in-g0", "restored", None),
        ("group g", "already_there", "already there"),
    ]


async def test_a_database_whose_group_cannot_come_back_is_skipped(
    fake: FakeTurso, turso: TursoClient
) -> None:
    report = await both_destroyed(turso)
    fake.add_group("g", organization="org")
    undo = await turso.teardown.plan_undo(report)
    assert [o.reason for o in undo.skipped] == [
        "its group 'g' does not come back",
        "its name is taken by another one",
    ]


async def test_a_database_whose_group_others_deleted_brings_it_back(
    fake: FakeTurso, turso: TursoClient
) -> None:
    first = await (await turso.teardown.plan_databases(names=["in-g0"])).execute()
    await turso.groups.delete("g")
    assert told(await (await turso.teardown.plan_undo(first)).execute()) == [
        ("database in-g0", "restored", None)
    ]
    assert [group.name for group in await turso.groups.list()] == ["g"]


async def test_a_group_that_was_skipped_holds_back_none_of_its_databases(
    fake: FakeTurso, turso: TursoClient
) -> None:
    first = await (await turso.teardown.plan_databases(names=["in-g0"])).execute()
    second = await (await turso.teardown.plan_groups(names=["g"], exclude="in-g1")).execute()
    undo = await turso.teardown.plan_undo(TeardownReport.merge(first, second))
    assert told(await undo.execute()) == [
        ("database in-g0", "restored", None),
        ("group g", "skipped", "not deleted by this teardown (skipped)"),
    ]


async def test_a_database_that_comes_with_its_group_is_not_restored_twice(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await turso.teardown.plan_databases(prefix="in-g")
    whole = await turso.teardown.plan_groups(names=["g"])
    data = plan.to_dict() | {"targets": plan.to_dict()["targets"] + whole.to_dict()["targets"]}
    await whole.execute()
    report = await (await turso.teardown.plan_undo(data)).execute()
    assert told(report)[:3] == [
        ("database in-g0", "skipped", "comes back with its group 'g'"),
        ("database in-g1", "skipped", "comes back with its group 'g'"),
        ("group g", "restored", None),
    ]
    assert len(fake.sent("POST")) == 1
