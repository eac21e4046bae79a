"""What a creation has created, and that alone, is planned for deletion, by UUID."""

import json
from pathlib import Path

import pytest

from aioturso import (
    ConfigurationError,
    CreationReport,
    InvalidInputError,
    OutcomeStatus,
    TeardownPlan,
    TursoClient,
)
from aioturso.teardown.traces import Source
from aioturso.testing import FakeTurso, Fault

UNPROVEN = "its create has no answer: another client may have created it"


async def created(turso: TursoClient, *names: str, log: Path | None = None) -> CreationReport:
    plan = await turso.creation.plan_databases(names, group="g")
    return await plan.execute(audit_log=log, return_exceptions=True, concurrency=1)


def skipped(plan: TeardownPlan) -> dict[str, str | None]:
    return {outcome.target.database: outcome.reason for outcome in plan.skipped}


def names(fake: FakeTurso) -> set[str]:
    return {database.name for database in fake.databases("org")}


@pytest.mark.parametrize("source", ["report", "data", "log", "data file"])
async def test_what_was_created_is_deleted_by_uuid_and_the_rest_is_left_alone(
    fake: FakeTurso, turso: TursoClient, tmp_path: Path, source: str
) -> None:
    log, file = tmp_path / "log", tmp_path / "report.json"
    fake.inject(Fault.drop_after(), method="POST")
    report = await created(turso, "lost", "a", "b", "old", "other", log=log)
    file.write_text(json.dumps(report.to_dict()))
    sources: dict[str, Source] = {"report": report, "data": report.to_dict(), "log": log, "data file": file}
    plan = await turso.teardown.plan_created(sources[source])
    assert [(t.database, t.uuid) for t in plan.targets] == [
        (o.target.database, o.target.uuid) for o in report.created
    ]
    assert skipped(plan) == {"lost": UNPROVEN}
    title = {"log": "audit log log", "data file": "a report (report.json)"}.get(source, "a report")
    assert str(plan).startswith(f"what {title} has created: 2 to destroy, 1 skipped")
    done = await plan.execute()
    assert [o.reason for o in done.destroyed] == ["by uuid", "by uuid"]
    assert names(fake) == {"lost", "old", "other"}


async def test_what_was_created_and_is_no_longer_there_is_already_gone(turso: TursoClient) -> None:
    report = await created(turso, "a")
    await turso.databases.delete("a")
    again = await turso.teardown.plan_created(report)
    assert [o.target.database for o in (await again.execute()).already_gone] == ["a"]


async def test_what_was_gone_when_it_was_planned_is_looked_at_again_before_an_old_plan_runs(
    fake: FakeTurso, turso: TursoClient
) -> None:
    report = await created(turso, "back", "gone", "reused")
    for outcome in report.created:
        await turso.databases.delete(outcome.target.database)
    plan = await turso.teardown.plan_created(report)
    assert set(skipped(plan).values()) == {"no longer listed"}
    await turso.databases.restore(report.created[0].target.uuid or "")
    fake.add_database("reused", organization="org", group="g")
    for again in (plan, turso.teardown.load(plan.to_dict())):
        done = await again.execute(max_age=0)
        assert [(o.target.database, o.status.value, o.reason) for o in done.outcomes] == [
            ("back", "skipped", "changed since the plan was made: it is there again"),
            ("gone", "already_gone", "no longer listed"),
            ("reused", "skipped", "changed since the plan was made: another one has this name"),
        ]
    assert {"back", "reused"} <= names(fake)


async def test_another_one_that_has_the_name_by_now_is_left_alone(
    fake: FakeTurso, turso: TursoClient
) -> None:
    report = await created(turso, "a", "b", "c", "d", "e")
    fake.remove_database("a", organization="org")
    fake.add_database("a", organization="org", group="g")
    fake.remove_database("b", organization="org")
    fake.protect("c", organization="org")
    plan = await turso.teardown.plan_created(report)
    assert skipped(plan) == {
        "a": "changed since the plan was made: another one has this name",
        "b": "no longer listed",
        "c": "delete-protected",
    }
    assert [o.target.database for o in plan.skipped if o.status is OutcomeStatus.ALREADY_GONE] == ["b"]
    fake.remove_database("d", organization="org")
    fake.add_database("d", organization="org", group="g")
    done = await plan.execute(return_exceptions=True)
    assert {o.target.database for o in done.destroyed} == {"e"}
    assert names(fake) == {"a", "c", "d", "old", "other"}


async def test_a_line_of_a_log_before_a_send_alone_is_no_proof(
    fake: FakeTurso, turso: TursoClient, tmp_path: Path
) -> None:
    """As a killed run leaves it."""
    log = tmp_path / "log"
    await created(turso, "a", "b", log=log)
    lines = log.read_text().splitlines()
    log.write_text("\n".join(lines[:3]) + "\n" + lines[3][:20])
    plan = await turso.teardown.plan_created(log)
    assert [target.database for target in plan.targets] == ["a"]
    assert skipped(plan) == {"b": UNPROVEN}
    assert plan.unmatched == ("1 lines that were cut short",)


async def test_what_a_run_could_not_send_it_has_not_created(
    fake: FakeTurso, turso: TursoClient, tmp_path: Path
) -> None:
    """The line before the send is there, and the outcome of the same run counts no attempt."""
    log = tmp_path / "log"
    await created(turso, "a", log=log)
    before, outcome = map(json.loads, log.read_text().splitlines())
    failed = {**outcome, "status": "failed", "attempts": 0}
    log.write_text(f"{json.dumps(before)}\n{json.dumps(failed)}\n")
    assert skipped(await turso.teardown.plan_created(log)) == {}
    log.write_text(f"{json.dumps(before)}\n{json.dumps({**failed, 'run': 'another'})}\n")
    assert skipped(await turso.teardown.plan_created(log)) == {"a": UNPROVEN}


async def test_a_log_of_several_runs_has_what_each_of_them_created(
    fake: FakeTurso, turso: TursoClient, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    await created(turso, "a", "old", log=log)
    await created(turso, "a", "b", "old", log=log)
    await (await turso.teardown.plan_databases(names=["a"])).execute(audit_log=log)
    await created(turso, "a", log=log)
    plan = await turso.teardown.plan_created(log)
    assert {target.database for target in plan.targets} == {"a", "b"}
    assert not plan.skipped
    assert (await plan.execute()).ok and names(fake) == {"old", "other"}
    undo = await turso.teardown.plan_undo(log)
    assert [target.database for target in undo.targets] == ["a"]


async def test_an_unanswered_create_that_a_later_run_of_the_log_repeats_stays_unproven(
    fake: FakeTurso, turso: TursoClient, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    fake.inject(Fault.drop_after(), method="POST")
    await created(turso, "a", log=log)
    await created(turso, "a", log=log)
    plan = await turso.teardown.plan_created(log)
    assert skipped(plan) == {"a": UNPROVEN} and not plan


async def test_a_database_whose_uuid_is_not_known_is_left_alone(turso: TursoClient) -> None:
    data = (await created(turso, "a")).to_dict()
    del data["outcomes"][0]["uuid"]
    plan = await turso.teardown.plan_created(data)
    assert list(skipped(plan)) == ["a"] and not plan


async def test_what_is_no_record_of_a_creation_is_refused(
    fake: FakeTurso, turso: TursoClient, tmp_path: Path
) -> None:
    report = await created(turso, "a")
    plan = await turso.teardown.plan_databases(names=["a"])
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan.to_dict()))
    for wrong in (plan.to_dict(), file, {}, {"outcomes": [{"status": "made"}]}, None, ""):
        with pytest.raises(InvalidInputError):
            await turso.teardown.plan_created(wrong)  # type: ignore[arg-type]
    fake.add_organization("demo")
    with pytest.raises(ConfigurationError, match="'org'"):
        await turso.with_organization("demo").teardown.plan_created(report)


async def test_an_undo_restores_nothing_that_a_creation_has_created(turso: TursoClient) -> None:
    undo = await turso.teardown.plan_undo(await created(turso, "a"))
    assert skipped(undo) == {"a": "not deleted by this teardown (created)"}
