"""What an exclusion leaves alone: by a target's own names, or by those of a database in its group."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Any

import pytest
from attrs import evolve
from raw import RawServer, Step, answer
from routes import database, databases, one, routes

from aioturso import Outcome, RetryPolicy, ServerError, Target, TeardownReport, TursoClient
from aioturso.teardown.exclusion import excluded
from aioturso.teardown.selection import Exclusion
from aioturso.teardown.targets import Candidate
from aioturso.testing import FakeTurso

DATABASE = Target(kind="database", organization="org", database="keep-1")
GROUP = Target(kind="group", organization="org", group="g")
LOCATION = Target(kind="group location", organization="org", group="G", location="fra")
OTHER = Target(kind="group", organization="org", group="h")
Table = dict[str, Step | list[Step]]


async def reasons(
    table: Table, *candidates: Candidate, globs: tuple[str, ...] = ("keep*",), seen: Exclusion | None = None
) -> tuple[list[str | None], int]:
    """Returns the reasons, and how many requests that took."""
    async with RawServer(then=routes(table)) as raw, raw.client(retry=None) as turso:
        found = await excluded(turso.teardown._engine, candidates, seen or Exclusion(globs))
        assert [c.target for c in found] == [c.target for c in candidates]
    return [c.reason for c in found], len(raw.requests)


async def test_without_a_pattern_nothing_is_excluded_or_read() -> None:
    assert await reasons({}, Candidate(GROUP, "why"), Candidate(DATABASE), globs=()) == (["why", None], 0)


async def test_a_name_of_its_own_is_excluded_whatever_its_reason_was() -> None:
    found = [Candidate(DATABASE, "why"), Candidate(evolve(DATABASE, database="x"), "why")]
    assert await reasons({}, *found) == (["excluded", "why"], 0)


async def test_a_group_stays_with_a_database_that_is_excluded() -> None:
    held = "its database 'keep-1' is excluded"
    beside = evolve(DATABASE, database="x", group="g")
    found = [Candidate(each) for each in (GROUP, LOCATION, OTHER, DATABASE, beside)]
    listed = [database("keep-1"), database("x", group="h")]
    exclusion = Exclusion(("keep*", "none"))
    result, count = await reasons(
        {"GET databases": databases(*listed)}, *found, globs=exclusion.globs, seen=exclusion
    )
    assert (result, count) == ([held, held, None, "excluded", None], 1)
    assert exclusion.unmatched == ("exclusion 'none'",)


async def test_a_database_that_is_listed_without_its_group_is_looked_up() -> None:
    table: Table = {"GET databases": databases(database("keep-1", group=None), database("x", group=None))}
    table["GET databases/keep-1"] = one(database=database("keep-1", group="g"))
    result = await reasons(table, Candidate(GROUP), Candidate(OTHER))
    assert result == (["its database 'keep-1' is excluded", None], 2)


async def test_a_deleted_group_stays_deleted_with_a_database_that_is_excluded() -> None:
    coming: Any = Candidate(evolve(GROUP, group="G"), databases=(evolve(DATABASE, database="x"), DATABASE))
    table: Table = {"GET databases": databases()}
    assert (await reasons(table, coming))[0] == ["its database 'keep-1' is excluded"]
    assert (await reasons(table, evolve(coming, databases=coming.databases[:1])))[0] == [None]


@pytest.fixture
def groups(fake: FakeTurso) -> FakeTurso:
    for name in ("e1", "e2", "e3"):
        fake.add_group(name, organization="org", locations=["iad", "fra"])
        fake.add_database(f"x-{name}", organization="org", group=name)
    return fake


@pytest.mark.parametrize("kept", [False, True])
async def test_what_comes_into_a_group_after_the_plan_was_made_is_excluded_too(
    groups: FakeTurso, turso: TursoClient, kept: bool
) -> None:
    """A person has read the plan first, or another job runs it."""
    plans = [
        await turso.teardown.plan_groups(match="e1", exclude="keep-*"),
        await turso.teardown.plan_instances(
            location="fra", groups=True, exclude=["keep-*", "e[23]", "db", "g"]
        ),
    ]
    groups.add_database("keep-1", organization="org", group="e1")
    for plan in plans:
        plan = turso.teardown.load(json.loads(json.dumps(plan.to_dict()))) if kept else plan
        report = await plan.execute(max_age=0)
        reasons = {o.target.group: o.reason for o in report.outcomes if o.target.group}
        assert reasons["e1"] == "its database 'keep-1' is excluded"
    assert not groups.sent("DELETE")
    # One more exclusion takes none of the plan's away.
    assert (await plans[0].execute(exclude="other", max_age=0)).skipped


async def test_what_comes_into_a_group_while_the_machine_sleeps_is_excluded_too(
    groups: FakeTurso, turso: TursoClient, ahead: list[float]
) -> None:

    def sleep(outcome: Outcome) -> None:
        if outcome.target.group == "e1":
            ahead[0] = 3600
            groups.add_database("keep-1", organization="org", group="e2")

    plan = await turso.teardown.plan_groups(match="e*")
    report = await plan.execute(concurrency=1, exclude="keep-*", on_outcome=sleep)
    assert [(o.status.name, o.reason) for o in report.outcomes] == [
        ("DESTROYED", None),
        ("SKIPPED", "its database 'keep-1' is excluded"),
        ("DESTROYED", None),
    ]


async def test_an_exclusion_that_matches_only_what_is_not_selected_has_matched_something(
    fake: FakeTurso,
) -> None:
    """Only one that matches nothing at all may be misspelt."""
    fake.add_database("other", organization="org", instances={"iad": 2}, primary="iad")
    fake.add_group("prod", organization="org")
    async with fake.client(organization="org") as turso:
        await turso.api_tokens.create("kept")
        plans = [
            await turso.teardown.plan_instances(location="fra", exclude=["other", "none"]),
            await turso.teardown.plan_instances(location="fra", groups=True, exclude=["prod", "none"]),
            await turso.teardown.plan_databases(names=["db"], exclude=["other", "none"]),
            await turso.teardown.plan_groups(names=["g"], exclude=["prod", "none"]),
            await turso.teardown.plan_api_tokens(prefix="ci-", exclude=["kept", "none"]),
        ]
    assert [plan.unmatched for plan in plans] == [
        ("exclusion 'none'",),
        ("exclusion 'none'",),
        ("exclusion 'none'",),
        ("exclusion 'none'",),
        ("prefix 'ci-'", "exclusion 'none'"),
    ]


@pytest.mark.parametrize("by_uuid", [False, True])
async def test_a_plan_keeps_what_it_excludes(groups: FakeTurso, turso: TursoClient, by_uuid: bool) -> None:
    plan = await turso.teardown.plan_databases(prefix="x", exclude="x-e1", by_uuid=by_uuid)
    assert (plan.exclude, plan.to_dict()["exclude"]) == (("x-e1",), ["x-e1"])


NONE = ("exclusion 'misspelt'",)


async def test_an_exclusion_of_a_run_that_matches_nothing_of_the_plan_is_reported(
    fake: FakeTurso, turso: TursoClient, caplog: pytest.LogCaptureFixture
) -> None:
    """In the report and in the log, also of a dry run; nothing is refused for it."""
    plan = await turso.teardown.plan_databases(names=["db", "grouped"], exclude=["typo"])
    report = await plan.execute(exclude=["DB", "misspelt", "typo"], dry_run=True)
    assert [o.reason for o in report.skipped] == ["excluded"]
    assert report.unmatched == ("exclusion 'typo'", *NONE) and report.to_dict()["unmatched"] == [
        *report.unmatched
    ]
    async with aclosing(plan.stream(exclude="misspelt", dry_run=True)) as outcomes:
        assert len([outcome async for outcome in outcomes]) == 2
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    lines = [f"databases db, grouped: exclusion '{glob}' matched nothing" for glob in ("typo", "misspelt")]
    assert said == lines * 2


async def test_an_exclusion_of_a_run_that_has_matched_is_not_reported(
    groups: FakeTurso, turso: TursoClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A database of a group, and what the plan of the same exclusion has listed and not selected, count."""
    plan = await turso.teardown.plan_groups(names=["e1"], exclude="prod*")
    assert (await plan.execute(exclude="x-e1", dry_run=True)).unmatched == ("exclusion 'prod*'",)
    groups.add_group("prod", organization="org")
    plan = await turso.teardown.plan_groups(names=["e1"], exclude="prod*")
    assert (await plan.execute(exclude=["prod*", "x-*"], dry_run=True)).unmatched == ()
    assert (await turso.teardown.plan_databases(names=["typo"])).unmatched
    assert "x-" not in caplog.text


async def test_an_exclusion_of_destroy_by_location_may_match_an_instance_elsewhere(
    fake: FakeTurso, turso: TursoClient
) -> None:
    there = {instance.region: instance.name for instance in fake.instances("org", "db")}
    keep = next(i.name for i in fake.instances("org", "db") if i.region == "fra")
    exclude = [there["iad"], "misspelt", keep]
    report = await turso.teardown.destroy_by_location("db", "fra", exclude=exclude)
    assert (len(report.destroyed), [o.reason for o in report.skipped], report.unmatched) == (
        2,
        ["excluded"],
        NONE,
    )
    assert keep in [instance.name for instance in fake.instances("org", "db")]
    both = TeardownReport.merge(report, report, TeardownReport(unmatched=("exclusion 'x'",)))
    assert both.unmatched == (*NONE, "exclusion 'x'")


KEEP = database("keep-1")


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (database("a", delete_protection=True), "its database 'a' is delete-protected"),
        (KEEP, "its database 'keep-1' is excluded"),
    ],
)
@pytest.mark.parametrize(
    ("refusal", "status"), [(answer(429, b"", "Retry-After: 30"), "failed"), (answer(503), "unknown")]
)
async def test_a_group_that_has_come_to_hold_what_is_to_stay_is_not_deleted_at_a_further_attempt(
    fast: RetryPolicy, later: dict[str, Any], why: str, refusal: Step, status: str
) -> None:
    group = {"name": "g", "uuid": "u", "delete_protection": False}
    table: Table = {
        "GET groups": one(groups=[group]),
        "GET groups/g": one(group=group),
        "GET databases": [databases(database("a"))] * 2 + [databases(later)],
        "DELETE groups/g": [refusal, answer(200, {"group": group})],
    }
    async with RawServer(then=routes(table)) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_groups(names=["g"], exclude="keep*")
        (outcome,) = (await plan.execute(return_exceptions=True)).outcomes
    assert (outcome.status.value, outcome.attempts) == (status, 1)
    # After a lost answer the error is its own, with the reason at its end.
    assert why in str(outcome.error)
    assert isinstance(outcome.error, ServerError) is (status == "unknown")


async def test_a_location_of_a_group_that_has_come_to_hold_what_is_to_stay_is_not_removed_at_a_further_attempt(
    fast: RetryPolicy,
) -> None:
    group = {"name": "g", "uuid": "u", "locations": ["iad", "fra"], "primary": "iad"}
    table: Table = {
        "GET groups": one(groups=[group]),
        "GET groups/g": one(group=group),
        "GET databases": [databases(database("a"))] * 2 + [databases(KEEP)],
        "GET instances": one(instances=[]),
        "DELETE locations/fra": answer(429, b"", "Retry-After: 30"),
    }
    async with RawServer(then=routes(table)) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_instances(location="fra", groups=True, exclude="keep*")
        (outcome,) = (await plan.execute(return_exceptions=True)).outcomes
    assert (outcome.status.value, outcome.attempts) == ("failed", 1)
    assert "its database 'keep-1' is excluded" in str(outcome.error)
