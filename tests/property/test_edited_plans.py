"""A saved plan that was edited by hand deletes only what is listed exactly as the plan has it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from attrs import fields
from hypothesis import given
from hypothesis import strategies as st
from tenacity import wait_none

from aioturso import ConfigurationError, InvalidInputError, RetryPolicy, Target, TeardownPlan, TursoClient
from aioturso.teardown.targets import TRAITS
from aioturso.testing import FakeTurso

FIELDS = [field.name for field in fields(Target)]
KINDS = list(TRAITS)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(
            ["set", "no uuid", "another uuid", "kind", "respell", "merge", "add", "add", "by uuid"]
        ),
        st.integers(0, 50),
        st.integers(0, 50),
        st.sampled_from(FIELDS),
    ),
    min_size=1,
    max_size=4,
)
Data = dict[str, Any]


def world() -> FakeTurso:
    fake = FakeTurso()
    fake.add_group("eu", organization="org", locations=["iad", "fra"])
    fake.add_group("ci", organization="org", locations=["iad"])
    for name in ("x1", "x2"):
        fake.add_database(name, organization="org", instances={"iad": 2, "fra": 2}, primary="iad")
    for name, group in (("p1", "ci"), ("p2", "ci"), ("g1", "eu")):
        fake.add_database(name, organization="org", group=group)
    fake.protect(database="p2", organization="org")
    return fake


async def planned(turso: TursoClient) -> list[TeardownPlan]:
    plans = turso.teardown
    return [
        await plans.plan_instances(location="fra", groups=True),
        await plans.plan_databases(everything=True),
        await plans.plan_databases(everything=True, by_uuid=True),
        await plans.plan_groups(everything=True),
        await plans.plan_api_tokens(everything=True),
    ]


def edited(data: Data, listed: list[Target], edits: list[tuple[str, int, int, str]]) -> Data:
    """The plan after each edit; a value comes from anything that is listed, also from what may not be deleted."""
    targets = data["targets"]
    for what, at, other, field in edits:
        found = listed[other % len(listed)].to_dict()
        target = targets[at % len(targets)] if targets else {}
        if what == "add":
            targets.append(found)
        elif what == "by uuid":
            data["by_uuid"] = not data["by_uuid"]
        elif what == "set":
            key = field if field in found else sorted(found)[other % len(found)]
            target[key] = found[key]
        elif what == "no uuid":
            target.pop("uuid", None)
        elif what == "another uuid":
            target["uuid"] = found.get("uuid", "")
        elif what == "kind":
            target["kind"] = KINDS[other % len(KINDS)]
        elif what == "respell" and field in target:
            target[field] = [target[field].upper(), f"{target[field]} ", target[field][:-1]][other % 3]
        elif what == "merge":
            target |= found
    return data


def is_as_listed(target: Target, listed: dict[tuple[str, ...], Target]) -> bool:
    found = listed.get(target.key)
    if found is None:
        return False
    place = (target.location, target.group, target.organization)
    return found.is_same(target) is True and place == (found.location, found.group, found.organization)


async def check(number: int, edits: list[tuple[str, int, int, str]]) -> None:
    async with world() as fake, fake.client(organization="org", retry=RetryPolicy(wait=wait_none())) as turso:
        for name in ("t1", "t2"):
            await turso.api_tokens.create(name)
        plans = await planned(turso)
        entries = [entry for plan in plans for entry in plan.entries]
        assert {entry.target.kind for entry in entries} == set(KINDS)
        may_go = {entry.target.key: entry.target for entry in entries if entry.reason is None}
        data = edited(plans[number].to_dict(), [entry.target for entry in entries], edits)
        try:
            plan = turso.teardown.load(json.loads(json.dumps(data)))
            report = await plan.execute(concurrency=1, return_exceptions=True)
        except (InvalidInputError, ConfigurationError):
            assert not fake.sent("DELETE")
            return
        # What has gone with its database or its group is gone.
        cascade = any(o.target.kind in ("database", "group") for o in report.destroyed)
        for entry, outcome in zip(plan.entries, report.outcomes, strict=True):
            meant = is_as_listed(entry.target, may_go)
            assert meant or not outcome.attempts, (outcome, data)
            assert cascade or not (meant and outcome in report.already_gone), (outcome, data)


def test_an_edited_plan_deletes_only_what_is_listed_exactly_as_it_names_it() -> None:
    with asyncio.Runner() as runner:

        @given(st.integers(0, 4), EDITS)
        def property_of(number: int, edits: list[tuple[str, int, int, str]]) -> None:
            runner.run(check(number, edits))

        property_of()
