"""Plans: what matches, what of it may be deleted, and why the rest may not."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from raw import RawServer, Request, answer

from aioturso import (
    ConfigurationError,
    Database,
    InvalidInputError,
    InvalidNameError,
    NoMatchError,
    Outcome,
    OutcomeStatus,
    RequestEvent,
    ServerError,
    Target,
    TeardownPlan,
    TeardownReport,
    TursoClient,
)
from aioturso.testing import FakeTurso, Fault


@pytest.fixture
async def world() -> AsyncIterator[FakeTurso]:
    """`a` and `b` have replicas of the same names, `g1` and `g2` are in groups that have `fra`, `main` is protected."""
    async with FakeTurso() as fake:
        for name in ("a", "b"):
            fake.add_database(name, organization="org", instances={"iad": 2, "fra": 2}, primary="iad")
        fake.add_group("eu", organization="org", locations=["iad", "fra"])
        fake.add_group("home", organization="org", locations=["fra", "lhr"])
        fake.add_group("ci", organization="org", locations=["iad"])
        fake.add_database("g1", organization="org", group="eu")
        fake.add_database("g2", organization="org", group="home")
        for name in ("preview-1", "preview-2", "preview-main"):
            fake.add_database(name, organization="org", group="ci")
        fake.state.organizations["org"].databases["preview-main"].configuration["delete_protection"] = True
        yield fake
        assert not fake.sent("DELETE"), "a plan destroys nothing"


@pytest.fixture
async def turso(world: FakeTurso) -> AsyncIterator[TursoClient]:
    async with world.client(organization="org", retry=None) as client:
        yield client


def targets(plan: TeardownPlan) -> list[str]:
    return ["/".join(target.names) for target in plan.targets]


def skipped(plan: TeardownPlan) -> dict[str, str | None]:
    return {"/".join(outcome.target.names): outcome.reason for outcome in plan.skipped}


async def test_a_location_of_all_databases_without_primaries_and_groups(turso: TursoClient) -> None:
    plan = await turso.teardown.plan_instances(location="fra")
    assert targets(plan) == ["a/fra", "a/fra-2", "b/fra", "b/fra-2"]
    assert {name: (why or "").split(":")[0] for name, why in skipped(plan).items()} == {
        "g1/fra": "grouped",
        "g2/fra": "primary",
    }
    plan = await turso.teardown.plan_instances(location="fra", database="g1")
    assert (targets(plan), list(skipped(plan))) == ([], ["g1/fra"])
    assert (skipped(plan)["g1/fra"] or "").startswith("grouped")
    plan = await turso.teardown.plan_instances(location="iad", database="a")
    assert (targets(plan), skipped(plan)) == (["a/iad-2"], {"a/iad": "primary"})
    assert all(target.uuid and target.organization == "org" for target in plan.targets)


async def test_groups_lose_the_location_unless_it_is_their_primary(turso: TursoClient) -> None:
    plan = await turso.teardown.plan_instances(location="fra", groups=True)
    assert targets(plan) == ["a/fra", "a/fra-2", "b/fra", "b/fra-2", "eu/fra"]
    assert [target.kind for target in plan.targets][-1] == "group location"
    assert skipped(plan) == {"home/fra": "primary location of its group"}


async def test_a_group_with_an_excluded_database_stays_whole(turso: TursoClient) -> None:
    plan = await turso.teardown.plan_instances(location="fra", groups=True, exclude=["g1", "b/*"])
    assert targets(plan) == ["a/fra", "a/fra-2"]
    assert skipped(plan)["eu/fra"] == "its database 'g1' is excluded"
    plan = await turso.teardown.plan_groups(match="e*", exclude="g1")
    assert skipped(plan) == {"eu": "its database 'g1' is excluded"}
    plan = await turso.teardown.plan_groups(match="e*")
    report = await plan.execute(exclude="g1", dry_run=True)
    assert [o.status.name for o in report.outcomes] == ["SKIPPED"]


async def test_an_instance_by_name_or_uuid_and_an_ambiguous_name_is_skipped(
    turso: TursoClient, world: FakeTurso
) -> None:
    plan = await turso.teardown.plan_instances(instance="fra-2", database="b")
    assert targets(plan) == ["b/fra-2"]
    plan = await turso.teardown.plan_instances(instance=world.instances("org", "b")[3].uuid)
    assert targets(plan) == ["b/fra-2"]
    plan = await turso.teardown.plan_instances(instance="fra-2")
    assert (len(plan), set(skipped(plan))) == (0, {"a/fra-2", "b/fra-2"})
    assert "name the database, or the uuid" in str(skipped(plan)["a/fra-2"])


async def test_what_is_not_there_is_no_match_which_names_the_locations(turso: TursoClient) -> None:
    asked: tuple[dict[str, Any], ...] = ({"location": "xxx"}, {"instance": "nope"})
    for what in asked:
        with pytest.raises(NoMatchError) as caught:
            await turso.teardown.plan_instances(**what)
        assert caught.value.locations == ("fra", "iad", "lhr")
        assert not (await turso.teardown.plan_instances(**what, missing_ok=True)).entries
    assert not (
        await turso.teardown.plan_instances(location="ams")
    ).entries  # it exists, and nothing is there


@pytest.mark.parametrize("match", [None, "", [], "*", "**", "?*", ["a", "*"], "[a-z]*", "[!x]*", "[]a]*"])
async def test_what_may_match_everything_must_be_wanted_in_so_many_words(
    world: FakeTurso, match: Any
) -> None:
    async with world.client(organization="org") as turso:
        for plan in (turso.teardown.plan_databases, turso.teardown.plan_groups):
            with pytest.raises(InvalidInputError):
                await plan(match=match)
        with pytest.raises(InvalidInputError):
            await turso.teardown.plan_api_tokens(match=match)
        with pytest.raises(InvalidInputError):
            await turso.teardown.plan_instances()
        assert not world.requests
        if match != "":
            assert (await turso.teardown.plan_databases(match=match, everything=True)).entries


async def test_databases_by_pattern_group_and_predicate(turso: TursoClient) -> None:
    plan = await turso.teardown.plan_databases(match="preview-*", exclude=["*-2"])
    assert targets(plan) == ["preview-1"]
    assert skipped(plan) == {"preview-2": "excluded", "preview-main": "delete-protected"}
    plan = await turso.teardown.plan_databases(
        match=["a", "g*"], where=lambda database: database.name != "g1"
    )
    assert targets(plan) == ["a", "g2"]
    plan = await turso.teardown.plan_databases(group="ci", everything=True)
    assert targets(plan) == ["preview-1", "preview-2"]
    assert targets(await turso.teardown.plan_databases(match="PREVIEW-*")) == []


async def test_filters_that_the_server_ignores_do_not_widen_a_plan() -> None:
    listed = [
        {"Name": "x-in", "group": "ci", "parent": {"id": "7", "name": "origin"}},
        {"Name": "x-other-group", "group": "prod", "parent": {"id": "7"}},
        {"Name": "x-other-parent", "group": "ci", "parent": {"id": "8", "name": "another"}},
        {"Name": "x-not-told"},
    ]
    async with RawServer(then=answer(200, {"databases": listed})) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_databases(match="x-*", group="ci", parent="7")
        assert targets(plan) == ["x-in"]
        assert list(skipped(plan)) == ["x-not-told"]
        assert targets(await turso.teardown.plan_databases(match="x-*", parent="origin")) == ["x-in"]


async def test_groups_and_tokens_are_planned_by_name_and_what_is_protected_or_excluded_is_skipped(
    turso: TursoClient, world: FakeTurso
) -> None:
    plan = await turso.teardown.plan_groups(match=["e*", "ci"])
    assert (targets(plan), skipped(plan)) == (
        ["eu"],
        {"ci": "its database 'preview-main' is delete-protected"},
    )
    world.state.organizations["org"].groups["eu"].delete_protection = True
    assert skipped(await turso.teardown.plan_groups(match="e*")) == {"eu": "delete-protected"}
    for name in ("ci-1", "ci-2", "mine"):
        await turso.api_tokens.create(name)
    plan = await turso.teardown.plan_api_tokens(match="ci-*", exclude="ci-2")
    assert (targets(plan), skipped(plan)) == (["ci-1"], {"ci-2": "excluded"})


async def test_a_plan_can_be_read(turso: TursoClient) -> None:
    plan = await turso.teardown.plan_databases(match="preview-*")
    assert str(plan).splitlines() == [
        "databases preview-*: 2 to destroy, 1 skipped",
        "  destroy database preview-1",
        "  destroy database preview-2",
        "  skip database preview-main (delete-protected)",
    ]
    assert len(plan) == 2 and plan
    assert len(repr(plan)) < 200


async def test_a_list_that_cannot_be_read_is_an_error_and_never_nothing_to_do(
    turso: TursoClient, world: FakeTurso
) -> None:
    world.inject(Fault.status(500), path="/b/instances")
    with pytest.raises(ServerError):
        await turso.teardown.plan_instances(location="fra")
    assert "0/64" in repr(turso)


async def test_lists_are_read_concurrently(turso: TursoClient, world: FakeTurso) -> None:
    for number in range(30):
        world.add_database(f"x{number}", organization="org", instances={"iad": 1, "fra": 1}, primary="iad")
    world.inject(Fault.delay(0.1), path="/instances", times=100)
    async with asyncio.timeout(1.5):  # one after the other takes 3.7 s
        assert len(await turso.teardown.plan_instances(location="fra")) == 34


async def test_wrong_arguments_are_refused_before_any_request(world: FakeTurso) -> None:
    async with world.client(organization="org") as turso:
        with pytest.raises(InvalidNameError):
            await turso.teardown.plan_instances(location="a/b")
        with pytest.raises(InvalidInputError):
            await turso.teardown.plan_instances(location="fra", groups=True, database="a")
        for empty in ("", ["a", ""]):
            with pytest.raises(InvalidInputError):
                await turso.teardown.plan_databases(match="x*", exclude=empty)
    async with world.client() as turso:
        with pytest.raises(ConfigurationError):
            await turso.teardown.plan_instances(location="fra")
    assert not world.requests


async def test_a_predicate_that_fails_ends_the_plan(turso: TursoClient) -> None:
    def fails(database: Database) -> bool:
        raise RuntimeError("a mistake")

    with pytest.raises(RuntimeError):
        await turso.teardown.plan_databases(match="preview-*", where=fails)


async def test_groups_and_tokens_by_predicate() -> None:
    async with FakeTurso() as fake, fake.client(organization="org") as turso:
        for name in ("keep", "old-1", "old-2"):
            fake.add_group(name, organization="org")
            await turso.api_tokens.create(name)
        groups = await turso.teardown.plan_groups(
            match="*", everything=True, where=lambda g: g.name != "keep"
        )
        tokens = await turso.teardown.plan_api_tokens(
            match="*", everything=True, where=lambda t: t.name != "keep"
        )
    assert [target.group for target in groups.targets] == ["old-1", "old-2"]
    assert [target.token for target in tokens.targets] == ["old-1", "old-2"]


@pytest.mark.parametrize("method", ["plan_databases", "plan_groups", "plan_api_tokens"])
async def test_a_predicate_is_called_for_what_is_selected_and_a_name_that_it_refuses_has_matched(
    method: str,
) -> None:
    seen: list[str] = []

    def where(thing: Any) -> bool:
        seen.append(thing.name)
        return False

    async with FakeTurso() as fake, fake.client(organization="org") as turso:
        for name in ("one", "two"):
            fake.add_group(name, organization="org")
            fake.add_database(name, organization="org", group=name)
            await turso.api_tokens.create(name)
        plan = await getattr(turso.teardown, method)(names=["one", "none"], where=where)
    assert (seen, plan.entries, plan.unmatched) == (["one"], (), ("name 'none'",))


async def test_the_location_of_a_group_that_is_listed_twice_is_left_alone() -> None:
    groups = [
        {"name": name, "uuid": name, "locations": ["iad", "fra"], "primary": "iad"} for name in ("g", "G")
    ]
    table = {"databases": {"databases": []}, "groups": {"groups": groups}}

    async def listed(request: Request) -> None:
        await answer(200, table[request.target.partition("?")[0].rpartition("/")[2]])(request)

    async with RawServer(then=listed) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_instances(location="fra", groups=True)
    twice = "its name is listed more than once"
    assert (targets(plan), skipped(plan)) == ([], {"g/fra": twice, "G/fra": twice})


DELETED = TeardownReport(
    (
        Outcome(
            target=Target(kind="database", organization="org", database="x", uuid="1"),
            status=OutcomeStatus.DESTROYED,
        ),
    )
)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("plan_instances", {"location": "fra"}),
        ("plan_instances", {"location": "fra", "groups": True}),
        ("plan_databases", {"prefix": "preview-"}),
        ("plan_databases", {"prefix": "preview-", "by_uuid": True}),
        ("plan_groups", {"names": ["ci"]}),
        ("plan_api_tokens", {"prefix": "ci-"}),
        ("plan_undo", {"source": DELETED}),
    ],
)
async def test_a_plan_is_older_than_the_first_answer_of_its_lists(
    world: FakeTurso, method: str, arguments: dict[str, Any]
) -> None:
    """By each of its two clocks: what changes while it lists is not what it knows."""
    heard: list[tuple[datetime, float]] = []

    def note(event: RequestEvent) -> None:
        heard.append((datetime.now(UTC), time.monotonic()))

    async with world.client(organization="org", retry=None, on_request=note) as turso:
        plan = await getattr(turso.teardown, method)(**arguments)
    assert plan.created_at <= heard[0][0]
    assert plan._life.since.monotonic <= heard[0][1]
