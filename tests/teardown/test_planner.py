"""Plans: which arguments are refused, what a list's records make of them, and what the plan then has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from planner import NO_GROUPS, ONE, TWO, UNKNOWN, Planner, Table, instance, instances, keys, skipped
from raw import answer
from routes import database, databases

from aioturso import (
    ConfigurationError,
    InvalidInputError,
    InvalidNameError,
    NoMatchError,
    TeardownPlan,
    TursoClient,
)


@pytest.fixture
async def nowhere() -> AsyncIterator[TursoClient]:
    """A client that no request of which is answered."""
    async with TursoClient("t", organization="org", base_url="http://127.0.0.1:1", retry=None) as turso:
        yield turso


SWITCHES = [
    ("plan_instances", {"location": "fra"}, ("groups", "everything", "missing_ok")),
    ("plan_databases", {"match": "a*"}, ("everything", "missing_ok", "by_uuid")),
    ("plan_groups", {"match": "a*"}, ("everything",)),
    ("plan_api_tokens", {"match": "a*"}, ("everything",)),
    (
        "destroy_by_location",
        {"database": "a", "location": "fra"},
        ("missing_ok", "return_exceptions", "dry_run"),
    ),
]


@pytest.mark.parametrize(("method", "known", "name"), [(m, k, n) for m, k, names in SWITCHES for n in names])
async def test_a_switch_is_a_bool(
    nowhere: TursoClient, method: str, known: dict[str, Any], name: str
) -> None:
    with pytest.raises(InvalidInputError, match=f"{name} must be True or False, not str"):
        await getattr(nowhere.teardown, method)(**known, **{name: "no"})


SEGMENTS = [
    ("plan_instances", {"everything": True}, ("location", "database", "instance")),
    ("plan_databases", {"match": "a*"}, ("group", "parent")),
    ("destroy_by_location", {"database": "a"}, ("location",)),
]


@pytest.mark.parametrize(("method", "known", "name"), [(m, k, n) for m, k, names in SEGMENTS for n in names])
async def test_a_name_is_one_segment(
    nowhere: TursoClient, method: str, known: dict[str, Any], name: str
) -> None:
    for wrong in ("", "a/b"):
        with pytest.raises(InvalidNameError, match=f"^{name} must be exactly one path segment"):
            await getattr(nowhere.teardown, method)(**{**known, name: wrong})


@pytest.mark.parametrize(
    ("arguments", "parameter"),
    [
        ({}, "everything"),
        ({"database": "a"}, "everything"),
        ({"groups": True, "everything": True}, "groups"),
        ({"groups": True, "location": "fra", "database": "a"}, "groups"),
        ({"groups": True, "location": "fra", "instance": "i"}, "groups"),
    ],
)
async def test_instances_are_named_by_what_is_meant(
    nowhere: TursoClient, arguments: dict[str, Any], parameter: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await nowhere.teardown.plan_instances(**arguments)
    assert caught.value.parameter == parameter


async def test_without_an_organization_there_is_no_plan() -> None:
    async with TursoClient("t", base_url="http://127.0.0.1:1") as turso:
        with pytest.raises(ConfigurationError, match="no organization: pass one or set TURSO_ORG") as caught:
            await turso.teardown.plan_instances(location="fra")
    assert caught.value.parameter == "organization"


@pytest.mark.parametrize(
    ("arguments", "title", "targets", "left"),
    [
        ({"location": "fra"}, "instances in fra of all databases", ["a/x", "b/x"], [UNKNOWN]),
        (
            {"everything": True},
            "instances of all databases",
            ["a/x", "b/x", "b/y"],
            [("a/p", "primary"), UNKNOWN],
        ),
        ({"location": "fra", "database": "a"}, "instances in fra of a", ["a/x"], [UNKNOWN]),
        ({"instance": "y"}, "instances of all databases", ["b/y"], []),
        ({"instance": "id-y"}, "instances of all databases", ["b/y"], []),
        ({"instance": "p", "location": "iad"}, "instances in iad of all databases", [], [("a/p", "primary")]),
        ({"location": "ams", "missing_ok": True}, "instances in ams of all databases", [], [UNKNOWN]),
    ],
)
async def test_a_plan_of_instances_has_those_that_are_meant(
    arguments: dict[str, Any], title: str, targets: list[str], left: list[tuple[str, str]]
) -> None:
    async with Planner(TWO) as turso:
        plan = await turso.teardown.plan_instances(**arguments)
    assert (plan.title, keys(plan), skipped(plan)) == (title, targets, left)
    assert plan.organization == "org" and plan.unmatched == ()


async def test_an_ambiguous_name_is_doubted_and_a_better_reason_stays() -> None:
    table: Table = {**TWO, "GET b/instances": instances(instance("x", kind="primary"))}
    async with Planner(table) as turso:
        plan = await turso.teardown.plan_instances(instance="x")
    doubt = "2 databases have an instance of this name: name the database, or the uuid"
    assert (keys(plan), skipped(plan)) == ([], [("a/x", doubt), ("b/x", "primary")])


@pytest.mark.parametrize(
    ("arguments", "message", "locations"),
    [
        ({"instance": "z"}, "no instance named 'z'; there are: fra", ("fra",)),
        ({"instance": "z", "location": "iad"}, "no instance named 'z' in 'iad'; there are: fra", ("fra",)),
        (
            {"location": "fraa"},
            "no instance is in 'fraa', and the platform has no such location; did you mean 'fra'? there are: fra",
            ("fra",),
        ),
    ],
)
async def test_what_is_not_there_is_no_match_that_names_what_is(
    arguments: dict[str, Any], message: str, locations: tuple[str, ...]
) -> None:
    async with Planner(ONE) as turso:
        with pytest.raises(NoMatchError) as caught:
            await turso.teardown.plan_instances(**arguments)
        assert not await turso.teardown.plan_instances(location="ams")
        assert not await turso.teardown.plan_instances(**arguments, missing_ok=True)
    assert (str(caught.value), caught.value.locations) == (message, locations)


async def test_what_there_is_is_listed_in_part_and_what_is_not_known_not_at_all() -> None:
    many = [instance(f"i{number}", f"l{number:02}") for number in range(22)]
    for found, there in (
        ([instance("x", None)], "none"),
        ([instance("x", None), *many[:20]], ", ".join(f"l{number:02}" for number in range(20))),
        (many, ", ".join(f"l{number:02}" for number in range(20)) + " and 2 more"),
    ):
        table: Table = {**ONE, "GET a/instances": instances(*found)}
        async with Planner(table) as turso:
            for plan in (
                turso.teardown.plan_instances(instance="z", database="a", location="zzz"),
                turso.teardown.destroy_by_location("a", "zzz"),
            ):
                with pytest.raises(NoMatchError) as caught:
                    await plan
                assert caught.value.locations == tuple(sorted(i["region"] for i in found if i["region"]))
                listed = str(caught.value).partition("there are: ")[2]
                assert listed == there if len(found) < 22 else listed.startswith(there[:98])


async def test_an_organization_without_instances_has_an_empty_plan_of_all_of_them() -> None:
    async with Planner({**TWO, "GET databases": databases()}) as turso:
        plan = await turso.teardown.plan_instances(everything=True)
    assert (len(plan.entries), str(plan)) == (0, "instances of all databases: 0 to destroy, 0 skipped")


@pytest.mark.parametrize("protected", [False, True])
async def test_a_database_whose_name_has_no_path_is_skipped_and_the_others_are_planned(
    protected: bool,
) -> None:
    odd = database("c/d", group="", delete_protection=protected)
    async with Planner({**TWO, "GET databases": databases(database("a", group=""), odd)}) as turso:
        plan = await turso.teardown.plan_instances(location="fra")
        alone = await turso.teardown.plan_instances(instance="x")
    assert (keys(plan), skipped(plan)) == (["a/x"], [UNKNOWN, ("c/d", "its database is not a plain name")])
    assert (keys(alone), skipped(alone)) == (["a/x"], [])


async def test_a_long_list_of_groups_is_shown_in_part() -> None:
    names = [f"g{number:02}" for number in range(22)]
    for count, more in (
        (0, "none"),
        (20, ", ".join(names[:20])),
        (22, ", ".join(names[:20]) + " and 2 more"),
    ):
        found = [{"name": name, "locations": ["iad"], "primary": "iad"} for name in names[:count]]
        table: Table = {"GET databases": databases(), "GET groups": answer(200, {"groups": found})}
        async with Planner(table) as turso:
            with pytest.raises(NoMatchError) as caught:
                await turso.teardown.plan_databases(match="a*", group="zzz")
        assert str(caught.value) == f"there is no group 'zzz'; there are: {more}"


async def test_a_database_of_unknown_age_keeps_a_better_reason() -> None:
    listed = databases(database("a1", delete_protection=True), database("a2"))
    async with Planner({"GET databases": listed}) as turso:
        plan = await turso.teardown.plan_databases(match="a*", older_than=timedelta(days=1))
    unknown = "its age is not known: no parent.branched_at, and the audit log cannot be read (404)"
    assert skipped(plan) == [("a1", "delete-protected"), ("a2", unknown)]
    assert plan.title == "databases a* older than 24 h"


async def test_a_plan_of_databases_has_those_that_are_meant() -> None:
    listed = [
        database("a1"),
        database("a2", delete_protection=True),
        database("a3", group="other"),
        database("a4", group=None),
        database("b1"),
    ]
    table: Table = {"GET databases": databases(*listed), "GET groups": NO_GROUPS}
    planner = Planner(table)
    async with planner as turso:
        plan = await turso.teardown.plan_databases(match="a*", group="g", exclude=["b*", "none"])
    assert (plan.title, keys(plan)) == ("databases a* of group g", ["a1"])
    assert skipped(plan) == [("a2", "delete-protected"), ("a4", "its group is not known")]
    assert plan.unmatched == ("exclusion 'none'",)
    assert "group=g" in planner.sent[0] and planner.sent[1:] == []


async def test_a_parent_is_a_filter_by_name_or_id() -> None:
    branch = database("a1", parent={"id": "p1", "name": "main"})
    table: Table = {"GET databases": databases(branch, database("a2"), database("main", DbId="p1"))}
    for parent in ("main", "p1"):
        planner = Planner(table)
        async with planner as turso:
            plan = await turso.teardown.plan_databases(prefix="a", parent=parent)
        assert keys(plan) == ["a1"] and skipped(plan) == [("a2", "its parent is not known")]
        assert f"parent={parent}" in planner.sent[0]


@pytest.mark.parametrize("parent", ["main", "p1"])
async def test_a_parent_without_branches_is_no_mistake(parent: str) -> None:
    other = database("x", parent={"id": "q", "name": "q"})
    main = database("main", DbId="p1", parent={"id": "q", "name": "q"})
    async with Planner({"GET databases": databases(other, main)}) as turso:
        assert not await turso.teardown.plan_databases(prefix="a", parent=parent)
        with pytest.raises(NoMatchError, match="there is no database 'mai'; did you mean 'main'"):
            await turso.teardown.plan_databases(prefix="a", parent="mai")


async def test_a_filter_that_some_database_passes_is_no_mistake() -> None:
    planner = Planner({"GET databases": databases(database("x"), database("y", group="other"))})
    async with planner as turso:
        assert not await turso.teardown.plan_databases(prefix="a", group="g")
    assert len(planner.sent) == 1


async def test_by_uuid_skips_what_has_none_and_keeps_a_better_reason() -> None:
    owner = answer(200, {"organization": {"slug": "org", "id": "o"}})
    listed = [database("a1", DbId=None), database("a2", DbId=None, delete_protection=True)]
    planner = Planner({"GET databases": databases(*listed), "GET organizations/org": owner})
    async with planner as turso:
        plan = await turso.teardown.plan_databases(match="a*", by_uuid=True)
        assert skipped(plan) == [("a1", "its uuid is not known"), ("a2", "delete-protected")]
        assert plan.to_dict()["by_uuid"] is True
        await turso.teardown.plan_databases(match="z*", by_uuid=True)
    assert planner.sent.count("org") == 1


def group(name: str, uuid: str | None = None) -> dict[str, Any]:
    return {"name": name, "uuid": uuid, "locations": ["iad"], "primary": "iad", "delete_protection": False}


async def test_a_plan_of_groups_has_those_that_are_meant_and_no_doubles() -> None:
    listed = [group("a1", "1"), group("A1", "2"), group("a2", "3"), group("a3", "4"), group("b", "4")]
    table: Table = {"GET groups": answer(200, {"groups": listed}), "GET databases": databases(database("x"))}
    async with Planner(table) as turso:
        plan = await turso.teardown.plan_groups(prefix=["a", "A"], where=lambda found: found.name != "a9")
        assert (plan.title, keys(plan)) == ("groups a..., A...", ["a2"])
        twice = "listed more than once"
        assert skipped(plan) == [
            (n, f"its {w} is {twice}") for n, w in (("a1", "name"), ("A1", "name"), ("a3", "uuid"))
        ]
        assert keys(await turso.teardown.plan_groups(match="a*", where=lambda found: False)) == []
        await turso.teardown.plan_groups(match="a2", where=lambda found: found.name == "a2")


async def test_a_plan_of_tokens_has_those_that_are_meant_and_no_doubles() -> None:
    names = [("a1", "1"), ("A1", "2"), ("a2", "3"), ("b", "4"), ("c", None)]
    listed = [{"name": name, "id": id} for name, id in names]
    async with Planner({"GET api-tokens": answer(200, {"tokens": listed})}) as turso:
        plan = await turso.teardown.plan_api_tokens(match=["a*", "c"], exclude=["b", "none"])
        assert (plan.title, keys(plan)) == ("API tokens a*, c", ["a2"])
        assert skipped(plan) == [("a1", "its name is listed more than once"), ("c", "its uuid is missing")]
        assert plan.unmatched == ("exclusion 'none'",)
        assert not await turso.teardown.plan_api_tokens(match="a2", where=lambda found: False)


async def test_a_location_of_one_database_is_destroyed_from_one_list(nowhere: TursoClient) -> None:
    planner = Planner({**ONE, "DELETE instances/x": answer(200, {"instance": "x"})})
    async with planner as turso:
        report = await turso.teardown.destroy_by_location("a", "fra")
        assert (str(report), planner.sent) == ("1 destroyed", ["instances", "x"])
        with pytest.raises(NoMatchError) as caught:
            await turso.teardown.destroy_by_location("a", "ams")
        assert str(caught.value) == "no instance of 'a' is in 'ams'; there are: fra"
        assert caught.value.locations == ("fra",)
        assert str(await turso.teardown.destroy_by_location("a", "ams", missing_ok=True)) == "no targets"


async def test_a_plan_of_another_organization_is_not_loaded() -> None:
    plan = TeardownPlan(title="t", organization="other", entries=())
    async with Planner({}) as turso:
        with pytest.raises(ConfigurationError, match="this plan is for the organization 'other'"):
            turso.teardown.load(plan.to_dict())


async def test_the_plan_of_an_undo_has_what_was_left_out() -> None:
    lines = [
        {"kind": "database", "organization": name, "database": "x", "uuid": "u", "status": "skipped"}
        for name in ("org", "other")
    ]
    async with Planner({}) as turso:
        plan = await turso.teardown.plan_undo({"outcomes": lines})
    assert (plan.title, plan.organization) == ("undo of a report", "org")
    assert plan.unmatched == ("1 lines of the organization 'other'",)
    assert skipped(plan) == [("x", "not deleted by this teardown (skipped)")]
    assert plan.engine is not None
