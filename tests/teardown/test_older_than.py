"""`older_than`: how old a database is, by which evidence, and what has none."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aioturso import InvalidInputError, NoMatchError, TeardownPlan, TursoClient
from aioturso.teardown.planner import Teardown
from aioturso.testing import FakeTurso, Fault

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def world(fake_turso: FakeTurso) -> FakeTurso:
    fake_turso.add_organization("demo")
    for name in ("old", "young", "unknown"):
        fake_turso.add_database(name, organization="demo", group="default")
    fake_turso.state.organizations["demo"].audit_logs.clear()  # each test writes its own
    fake_turso.clock.move(NOW - fake_turso.clock())
    return fake_turso


@pytest.fixture
async def turso(fake_turso: FakeTurso) -> AsyncIterator[TursoClient]:
    async with fake_turso.client(organization="demo") as client:
        yield client


def record(fake: FakeTurso, code: str, age: timedelta, **data: str) -> None:
    entry: dict[str, Any] = {"code": code, "message": "", "origin": "cli", "author": "a", "data": data}
    entry["created_at"] = (NOW - age).isoformat().replace("+00:00", "Z")
    fake.state.organizations["demo"].audit_logs.append(entry)


Plans = Callable[..., Any]


@pytest.fixture
def plan(turso: TursoClient) -> Plans:
    async def make(ahead: timedelta = timedelta(), **options: Any) -> TeardownPlan:
        teardown = Teardown(turso.teardown._engine, clock=lambda: NOW + ahead)
        return await teardown.plan_databases(
            **{"match": "*", "everything": True, "older_than": WEEK, **options}
        )

    return make


def names(plan: TeardownPlan) -> list[str]:
    return [target.database for target in plan.targets]


async def test_the_audit_log_dates_what_was_not_branched_and_the_rest_is_skipped(
    world: FakeTurso, plan: Plans
) -> None:
    record(world, "db-create", timedelta(days=8), database="old", group="default")
    record(world, "db-create", timedelta(days=6), database="young", group="default")
    made = await plan()
    assert names(made) == ["old"]
    assert [(o.target.database, o.reason) for o in made.skipped] == [
        ("unknown", "its age is not known: neither parent.branched_at nor the audit log has it")
    ]
    assert "destroy database old (8 days old by the audit log)" in str(made)
    assert TeardownPlan.from_dict(made.to_dict()).notes == made.notes


def branch(fake: FakeTurso, name: str, age: timedelta) -> None:
    at = (NOW - age).isoformat().replace("+00:00", "Z")
    database = next(found for found in fake.databases("demo") if found.name == name)
    database.parent = {"id": "main-id", "name": "main", "branched_at": at}


async def test_a_branch_is_as_old_as_its_branching(world: FakeTurso, plan: Plans) -> None:
    for name, days in (("old", 9), ("young", 1), ("unknown", 30)):
        branch(world, name, timedelta(days=days))
    made = await plan()
    assert names(made) == ["old", "unknown"]
    assert [*made.notes.values()] == ["9 days old by parent.branched_at", "30 days old by parent.branched_at"]
    world.inject(Fault.status(403), path="/audit-logs")
    assert names(await plan()) == ["old", "unknown"]


async def test_a_branch_of_an_earlier_state_is_as_young_as_its_creation(
    world: FakeTurso, plan: Plans
) -> None:
    branch(world, "old", timedelta(days=30))
    record(world, "db-create", timedelta(days=1), database="old", group="default")
    assert not await plan(match="old")


async def test_only_what_is_older_is_deleted_and_not_what_is_just_as_old(
    world: FakeTurso, plan: Plans
) -> None:
    record(world, "db-create", WEEK, database="young")
    record(world, "db-create", WEEK + timedelta(seconds=1), database="old")
    assert names(await plan()) == ["old"]


async def test_what_is_old_enough_and_protected_is_skipped_with_its_age(
    world: FakeTurso, plan: Plans
) -> None:
    record(world, "db-create", timedelta(days=8), database="old")
    world.protect("old", organization="demo")
    made = await plan(match="old")
    assert [(o.target.database, o.reason) for o in made.skipped] == [("old", "delete-protected")]
    assert not made and made.entries[0].note == "8 days old by the audit log"


@pytest.mark.parametrize("ahead", [timedelta(days=30), timedelta(days=-30)])
async def test_a_clock_that_is_wrong_makes_no_database_older(
    world: FakeTurso, plan: Plans, ahead: timedelta
) -> None:
    """The platform's own time is in each answer, and the earlier one of the two counts."""
    record(world, "db-create", timedelta(days=6), database="young")
    record(world, "db-create", timedelta(days=8), database="old")
    made = await plan(ahead=ahead)
    assert names(made) == (["old"] if ahead > timedelta() else [])
    assert all(note == "8 days old by the audit log" for note in made.notes.values())


async def test_a_creation_before_the_last_deletion_was_that_of_another_database(
    world: FakeTurso, plan: Plans
) -> None:
    record(world, "db-create", timedelta(days=30), database="old")
    record(world, "db-delete", timedelta(days=2), database="old")
    record(world, "db-create", timedelta(days=1), database="young")
    record(world, "db-create", timedelta(days=40), database="young")
    record(world, "db-create", timedelta(days=40), database="unknown", group="another")
    made = await plan()
    assert not made and [o.target.database for o in made.skipped] == ["old", "unknown"]


async def test_without_audit_logs_every_age_is_unknown_with_the_reason(world: FakeTurso, plan: Plans) -> None:
    world.inject(Fault.status(402), path="/audit-logs")
    made = await plan()
    assert not made and {o.reason for o in made.skipped} == {
        "its age is not known: no parent.branched_at, and the audit log cannot be read (402)"
    }


@pytest.mark.parametrize("age", [0, 7, "7d", timedelta(0), -WEEK])
async def test_an_age_that_is_no_positive_timedelta_is_refused_before_any_call(
    world: FakeTurso, plan: Plans, age: object
) -> None:
    with pytest.raises(InvalidInputError, match="older_than"):
        await plan(older_than=age)
    assert not world.requests


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ({"group": "defualt"}, "there is no group 'defualt'; did you mean 'default'?"),
        ({"parent": "odl"}, "there is no database 'odl'; did you mean 'old'?"),
    ],
)
async def test_a_group_or_parent_that_is_not_there_is_no_match(
    world: FakeTurso, turso: TursoClient, scope: dict[str, Any], said: str
) -> None:
    with pytest.raises(NoMatchError) as caught:
        await turso.teardown.plan_databases(prefix="o", **scope)
    assert said in str(caught.value)
    assert not await turso.teardown.plan_databases(prefix="o", missing_ok=True, **scope)


async def test_an_empty_group_and_a_database_without_branches_are_no_mistake(
    world: FakeTurso, turso: TursoClient
) -> None:
    world.add_group("empty", organization="demo")
    assert not await turso.teardown.plan_databases(prefix="o", group="empty")
    assert not await turso.teardown.plan_databases(prefix="o", parent="old")


async def test_a_misspelt_location_names_the_one_that_was_perhaps_meant(
    world: FakeTurso, turso: TursoClient
) -> None:
    world.add_database("db", organization="demo", instances={"iad": 1, "fra": 1}, primary="iad")
    with pytest.raises(NoMatchError) as caught:
        await turso.teardown.plan_instances(location="frq")
    assert str(caught.value).endswith("did you mean 'fra'? there are: fra, iad")
    assert caught.value.locations == ("fra", "iad")


async def test_plans_at_a_rate_have_the_same_clock(world: FakeTurso, turso: TursoClient) -> None:
    record(world, "db-create", timedelta(days=6), database="old")
    behind = Teardown(turso.teardown._engine, clock=lambda: NOW - timedelta(days=3)).at_most(1000)
    record(world, "db-create", timedelta(days=9), database="young")
    assert not await behind.plan_databases(names=["old", "young"], older_than=WEEK)
