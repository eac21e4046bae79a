"""Plans of instances whose databases are in groups: which groups are looked at, and what stays in the plan."""

from __future__ import annotations

from typing import Any

import pytest
from planner import ONE, TWO, UNKNOWN, Planner, Table, instance, instances, keys, skipped
from raw import answer
from routes import database, databases, one

from aioturso import Target
from aioturso.teardown.listing import GROUPS
from aioturso.teardown.targets import Candidate


async def test_a_database_alone_needs_no_look_at_groups_and_one_in_a_group_no_look_at_all() -> None:
    planner = Planner(ONE)
    async with planner as turso:
        await turso.teardown.plan_instances(location="fra", database="a")
    assert planner.sent == ["a", "instances"]
    group = {"name": "g", "uuid": "u", "locations": ["fra", "iad"], "primary": "iad"}
    table: Table = {**TWO, "GET groups": answer(200, {"groups": [group]})}
    table["GET databases"] = databases(
        database("a", group="g"), database("b", group=""), database("c", group="")
    )
    table["GET c/instances"] = instances(instance("p", kind="primary"))
    table["GET databases/b"] = one(database=database("b", group="g"))
    planner = Planner(table)
    async with planner as turso:
        plan = await turso.teardown.plan_instances(location="fra")
    assert not plan and planner.sent.count("b") == 1
    assert not {"a", "c"} & set(planner.sent)
    async with Planner(table) as turso:
        plan = await turso.teardown.plan_instances(location="fra", groups=True)
    assert keys(plan) == ["g/fra"]


@pytest.mark.parametrize(
    ("group", "targets", "left"),
    [
        ({"name": "g", "locations": ["fra", "iad"]}, ["g/fra"], ["a/odd"]),
        ({"name": "G", "locations": ["fra", "iad"]}, ["G/fra"], ["a/odd"]),
        ({"name": "g", "locations": ["iad"]}, [], ["a/x", "a/odd"]),
        ({"name": "h", "locations": ["fra", "iad"]}, ["h/fra"], ["a/x", "a/odd"]),
    ],
)
async def test_an_instance_stays_in_the_plan_where_its_group_is_not_listed_in_its_location(
    group: dict[str, Any], targets: list[str], left: list[str]
) -> None:
    table: Table = {
        **TWO,
        "GET databases": databases(database("a", group="g")),
        "GET groups": answer(200, {"groups": [{"uuid": "u", "primary": "iad", **group}]}),
    }
    async with Planner(table) as turso:
        plan = await turso.teardown.plan_instances(location="fra", groups=True)
    assert (keys(plan), [name for name, _ in skipped(plan)]) == (targets, left)
    grouped = "grouped: its location can only be removed from the group 'g'"
    assert dict(skipped(plan)).get("a/x", grouped) == grouped


async def test_a_group_with_a_blank_name_covers_no_instance_without_a_group() -> None:
    blank = {"name": " ", "uuid": "u", "locations": ["fra", "iad"], "primary": "iad"}
    table: Table = {
        **TWO,
        "GET databases": databases(database("a", group="")),
        "GET groups": answer(200, {"groups": [blank]}),
    }
    async with Planner(table) as turso:
        plan = await turso.teardown.plan_instances(location="fra", groups=True)
    assert keys(plan) == ["a/x"]
    assert skipped(plan) == [UNKNOWN, (" /fra", "its group is not a plain name")]


GROUP = {
    "name": "g",
    "uuid": "Id-G",
    "locations": ["fra", "iad"],
    "primary": "iad",
    "delete_protection": False,
}
BY_ID: list[dict[str, Any]] = [
    {"group": "", "group_id": "id-g"},
    {"group": None, "groupId": "ID-G"},
    {"group": "id-g"},
]


@pytest.mark.parametrize("fields", BY_ID, ids=str)
async def test_a_database_that_is_listed_with_the_uuid_of_its_group_keeps_it_as_one_with_its_name_does(
    fields: dict[str, Any],
) -> None:
    kept, other = database("keep", delete_protection=True, **fields), database("x", **fields)
    table: Table = {
        "GET databases": databases(kept, other),
        "GET databases/keep": one(database=kept),
        "GET databases/x": one(database=other),
        "GET groups": answer(200, {"groups": [GROUP, {**GROUP, "name": "h", "uuid": None}]}),
        "GET groups/g": one(group=GROUP),
        "GET keep/instances": instances(),
        "GET x/instances": instances(instance("i")),
    }
    async with Planner(table) as turso:
        plan = await turso.teardown.plan_groups(everything=True)
        assert skipped(plan)[0] == ("g", "its database 'keep' is delete-protected")
        engine = turso.teardown._engine
        look = await GROUPS.with_databases(engine, Candidate(Target(kind="group", group="g", uuid="id-G")))
        assert look.reason == "its database 'keep' is delete-protected"
        table["GET databases"] = databases(database("keep", **fields), other)
    async with Planner(table) as turso:
        plan = await turso.teardown.plan_groups(everything=True, exclude="keep")
        assert dict(skipped(plan))["g"] == "its database 'keep' is excluded"
        locations = await turso.teardown.plan_instances(
            location="fra", groups=True, exclude="keep", missing_ok=True
        )
        assert dict(skipped(locations))["g/fra"] == "its database 'keep' is excluded"


async def test_a_group_without_a_uuid_is_not_kept_by_a_database_without_a_group() -> None:
    kept = database("keep", group="", delete_protection=True)
    group = {key: value for key, value in GROUP.items() if key != "uuid"}
    table: Table = {
        "GET databases": databases(kept),
        "GET databases/keep": one(database=kept),
        "GET groups": answer(200, {"groups": [group]}),
    }
    async with Planner(table) as turso:
        assert keys(await turso.teardown.plan_groups(everything=True, exclude="keep")) == ["g"]


async def test_an_instance_whose_database_is_listed_with_the_uuid_of_its_group_is_in_a_group() -> None:
    table: Table = {**ONE, "GET databases": databases(database("a", group=None, group_id="id-g"))}
    async with Planner(table) as turso:
        plan = await turso.teardown.plan_instances(location="fra")
    assert skipped(plan) == [("a/x", "grouped: its location can only be removed from the group 'id-g'")]
