"""Plans of instances whose databases are in groups: which groups are looked at, and what stays in the plan."""

from __future__ import annotations

from typing import Any

import pytest
from planner import ONE, TWO, UNKNOWN, Planner, Table, instance, instances, keys, skipped
from raw import answer
from routes import database, databases, one


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
