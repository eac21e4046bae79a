"""A listing that is bent never adds a target, and never sends a DELETE twice or for anything else."""

from __future__ import annotations

import asyncio
import copy
import json
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, field, frozen
from hypothesis import given
from hypothesis import strategies as st
from raw import RawServer, Request, answer
from tenacity import wait_none

from aioturso import RetryPolicy, Target, TeardownPlan, TursoClient, TursoError

CLAIMS = urlsafe_b64encode(json.dumps({"id": "id-ci-1"}).encode()).decode().rstrip("=")
TOKEN = f"e30.{CLAIMS}.c2ln"
OPS = ["drop", "null", "empty", "blank", "spaced", "upper", "number", "list", "object", "true", "false"]
OPS += [
    "zero",
    "tab",
    "unseen",
    "wide space",
    "accent",
    "lookalike",
    "wrapped",
    "under a key",
    "path",
    "percent",
]
RECORD_OPS = ["double", "cut", "reverse", "all twice", "none", "twin", "lookalike twin"]
LOOKALIKE = str.maketrans("aeix", "\u0430\u0435\u0456\u0445")  # letters of another script


@frozen
class Bend:
    """What is done to the record with this number (of those in the list) of the list at a path with this end."""

    end: str
    record: int
    field: int
    op: str

    def apply(self, records: list[Any], alone: bool) -> list[Any]:
        found = copy.deepcopy(records)
        if not found:
            return found
        number = self.record % len(found)
        if self.op == "double":
            return [*found, copy.deepcopy(found[number])]
        if self.op == "cut":
            return found if alone else found[:number] + found[number + 1 :]
        if self.op == "none":
            return found if alone else []
        if self.op == "all twice":
            return [*found, *found]
        if self.op == "reverse":
            return found[::-1]
        if self.op in ("twin", "lookalike twin"):
            return [*found, self.twin(found[number])]
        self.change(found[number])
        return found

    def twin(self, record: dict[str, Any]) -> dict[str, Any]:
        """The same one under another spelling of its name."""
        key = "Name" if "Name" in record else "name"
        name = str(record.get(key))
        return {**record, key: name.upper() if self.op == "twin" else name.translate(LOOKALIKE)}

    def change(self, record: dict[str, Any]) -> None:
        key = sorted(record)[self.field % len(record)] if record else ""
        value = record.get(key)
        text = value if isinstance(value, str) else ""
        odd: dict[str, Any] = {
            "null": None,
            "empty": "",
            "blank": "  ",
            "number": 7,
            "list": [],
            "object": {},
        }
        odd |= {"true": True, "spaced": f" {text} ", "upper": text.upper(), "zero": 0, "tab": f"{text}\t"}
        odd |= {"unseen": f"{text}\u200b", "wide space": f"\u00a0{text}", "accent": f"{text}e\u0301"}
        odd |= {"lookalike": text.translate(LOOKALIKE), "wrapped": [value], "under a key": {"name": value}}
        odd |= {"path": f"../{text}", "percent": f"{text}%2f"}
        if self.op == "drop":
            record.pop(key, None)
        elif self.op == "false":  # a protection that is denied cannot be seen through
            record[key] = value if isinstance(value, bool) else False
        else:
            record[key] = odd[self.op]


@define
class World:
    """Honest answers, the bends that some lists get, and what was sent."""

    databases: list[dict[str, Any]]
    instances: dict[str, list[dict[str, Any]]]
    groups: list[dict[str, Any]]
    tokens: list[dict[str, Any]]
    bends: list[Bend] = field(factory=list)
    deleted: list[str] = field(factory=list)

    async def meet(self, request: Request) -> None:
        path = request.target.partition("?")[0]
        await answer(*self.answer(request.method, path))(request)

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        end = path.rsplit("/", 1)[1]
        if method == "DELETE":
            self.deleted.append(path)
            return 503 if self.deleted.count(path) > 9 else 200, {}
        if end == "databases":
            return 200, {"databases": self.bent("databases", self.databases)}
        if end == "instances":
            name = path.rsplit("/", 2)[1]
            if name not in self.instances:
                return 404, {"error": "database not found"}
            return 200, {"instances": self.bent("instances", self.instances[name])}
        if end == "groups":
            return 200, {"groups": self.bent("groups", self.groups)}
        if end == "api-tokens":
            return 200, {"tokens": self.bent("api-tokens", self.tokens)}
        if end == "locations":
            return 200, {"locations": {"fra": "Frankfurt", "iad": "Ashburn"}}
        return self.one(path.split("/")[4:])

    def one(self, names: list[str]) -> tuple[int, Any]:
        kind, name = names[:2]
        found = next((one for one in getattr(self, kind) if one.get("Name", one.get("name")) == name), None)
        if found is None:
            return 404, {"error": f"{kind[:-1]} not found"}
        if names[-1] == "configuration":
            return 200, {"delete_protection": found["delete_protection"]}
        return 200, {kind[:-1]: found}

    def bent(self, end: str, records: list[Any]) -> list[Any]:
        for bend in self.bends:
            if bend.end == end:
                # A group's protection and exclusion are known from its databases: a list that lacks one hides it.
                records = bend.apply(records, alone=end == "databases")
        return records


NAMES = ["a", "b", "c", "x-1", "x-2"]
GROUPS = st.sampled_from(["", "eu", "us"])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    databases, instances = [], {}
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)):
        protected, group = draw(st.booleans()), draw(GROUPS)
        databases.append(
            {
                "Name": name,
                "DbId": f"id-{name}",
                "group": group,
                "delete_protection": protected,
                "type": "logical",
            }
        )
        primary = draw(st.sampled_from(["iad", "fra"]))
        regions = [primary, *draw(st.lists(st.sampled_from(["iad", "fra"]), max_size=3))]
        instances[name] = [
            {
                "name": f"{region}-{number}",
                "uuid": f"{name}-{number}",
                "region": region,
                "type": "replica" if number else "primary",
            }
            for number, region in enumerate(regions)
        ]
    groups = [
        {
            "name": name,
            "uuid": f"id-{name}",
            "locations": ["iad", "fra"],
            "primary": draw(st.sampled_from(["iad", "fra"])),
            "delete_protection": draw(st.booleans()),
        }
        for name in ("eu", "us")
    ]
    tokens = [
        {"name": f"ci-{number}", "id": f"id-ci-{number}"} for number in range(1, 1 + draw(st.integers(1, 3)))
    ]
    return World(databases, instances, groups, tokens)


Plan = Callable[[TursoClient], Awaitable[TeardownPlan]]
PLANS: dict[str, Plan] = {
    "location": lambda t: t.teardown.plan_instances(location="fra", missing_ok=True),
    "location of one": lambda t: t.teardown.plan_instances(location="fra", database="a", missing_ok=True),
    "instance": lambda t: t.teardown.plan_instances(instance="fra-1", missing_ok=True),
    "group locations": lambda t: t.teardown.plan_instances(location="fra", groups=True, missing_ok=True),
    "spared": lambda t: t.teardown.plan_instances(
        location="fra", groups=True, exclude="x-*", missing_ok=True
    ),
    "databases": lambda t: t.teardown.plan_databases(everything=True, exclude="x-2"),
    "of a group": lambda t: t.teardown.plan_databases(match="x*", group="eu"),
    "groups": lambda t: t.teardown.plan_groups(everything=True, exclude="x-1"),
    "tokens": lambda t: t.teardown.plan_api_tokens(everything=True, exclude="ci-2"),
}
BENDS = st.lists(
    st.builds(
        Bend,
        st.sampled_from(["databases", "instances", "groups", "api-tokens"]),
        st.integers(0, 5),
        st.integers(0, 5),
        st.sampled_from(OPS + RECORD_OPS),
    ),
    min_size=1,
    max_size=3,
)


async def no_sleep(seconds: float) -> None:
    """Waits for nothing."""


def path_of(target: Target) -> str:
    root = "/v1/auth/api-tokens" if target.kind == "API token" else "/v1/organizations/org/"
    kind = {"instance": "databases", "database": "databases"}.get(target.kind, "groups")
    between = {"instance": "/instances/", "group location": "/locations/"}.get(target.kind, "/")
    return root + ("/" if target.kind == "API token" else f"{kind}/") + between.join(target.names)


def known(target: Target) -> tuple[str, ...]:
    """Its names, as the server may read them: a capital letter makes no other one of them."""
    return tuple(name.casefold() for name in target.key)


async def check(world: World, bends: list[Bend], make: Plan, stale: bool) -> None:
    retry = RetryPolicy(sleep=no_sleep, wait=wait_none())
    async with RawServer(then=world.meet) as raw, raw.client(token=TOKEN, retry=retry) as turso:
        try:
            honest = await make(turso)
        except TursoError:
            return  # the database is not there
        before = {known(target) for target in honest.targets}
        story = (world, bends, honest)
        if not stale:
            world.bends = bends
            try:
                plan = await make(turso)
            except (TursoError, TypeError):
                return  # a list that cannot be read is an error
        else:
            plan, world.bends = honest, bends
        assert {known(target) for target in plan.targets} <= before, (story, plan)
        try:
            report = await plan.execute(max_age=0 if stale else 60, return_exceptions=True)
        except TursoError:
            assert not world.deleted
            return
    allowed = {path_of(target) for target in plan.targets}
    assert set(world.deleted) <= allowed, (story, world.deleted)
    assert max(Counter(world.deleted).values(), default=0) <= 1, (story, world.deleted)
    assert len(report.outcomes) == len(plan.entries)
    # A list that lacks a token is all there is to see of tokens.
    lost = any(bend.end == "api-tokens" and bend.op == "cut" for bend in bends)
    assert lost or not report.already_gone, (story, report)


def test_a_bent_listing_never_adds_a_target_nor_sends_a_delete_twice() -> None:
    with asyncio.Runner() as runner:

        @given(worlds(), BENDS, st.sampled_from(sorted(PLANS)), st.booleans())
        def property_of(world: World, bends: list[Bend], kind: str, stale: bool) -> None:
            runner.run(check(world, bends, PLANS[kind], stale))

        property_of()
