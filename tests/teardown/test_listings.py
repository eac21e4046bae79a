"""Each kind of target as it is listed, looked up by itself, and doubted."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from engines import Table, World
from raw import Step, answer, close
from routes import NO_ROUTE, database, databases, no_such, one, settings, unknown
from tenacity import wait_none

from aioturso import APIError, DecodeError, NotFoundError, RetryPolicy, Target, TursoError
from aioturso.teardown.evidence import UNKNOWN_PROTECTION
from aioturso.teardown.listing import DATABASES, GROUP_LOCATIONS, GROUPS, INSTANCES, KINDS
from aioturso.teardown.targets import Candidate

GROUP = {"name": "g", "uuid": "u", "locations": ["iad", "fra"], "primary": "iad", "delete_protection": False}


def instances(*found: dict[str, Any]) -> Step:
    return answer(200, {"instances": list(found)})


def instance(name: str = "i", kind: str | None = "replica", region: str | None = "fra") -> dict[str, Any]:
    return {"name": name, "uuid": f"id-{name}", "type": kind, "region": region}


def target(**fields: Any) -> Target:
    return Target(**{"organization": "org", "database": "a", "instance": "i", "location": "fra", **fields})


async def test_the_instances_of_a_database_that_is_listed_twice_are_listed_once() -> None:
    twins = databases(database("a", group=""), database("a", group="", DbId="other"))
    table: Table = {"GET databases": twins, "GET a/instances": instances(instance())}
    async with World({**table, "GET groups": answer(200, {"groups": []})}) as engine:
        found = await INSTANCES.listed(engine, None)
    assert [(c.target.instance, c.reason) for c in found] == [("i", None)]


@pytest.mark.parametrize(
    ("listed", "group", "reason"),
    [
        (instance(), "", None),
        (instance(kind="primary"), "", "primary"),
        (instance(kind="Replica"), "", "not known to be a replica (Replica)"),
        (instance(kind=None), "", "not known to be a replica (None)"),
        (instance(region=None), "", "its location is not known"),
        (instance(region=""), "", "its location is not known"),
        (instance(region=" fra"), "", "its location is not known"),
        (instance(), "g", "grouped: its location can only be removed from the group 'g'"),
        (instance(kind="primary"), "g", "primary"),
        ({**instance(), "database": "b"}, "", "it is listed as one of another database"),
        ({**instance(), "databaseName": "b"}, "", "it is listed as one of another database"),
        ({**instance(), "primary": True}, "", "primary"),
        ({**instance(), "isPrimary": "true"}, "", "primary"),
        ({**instance(), "role": "Primary"}, "", "primary"),
        ({**instance(), "Primary": True}, "", "primary"),
        ({**instance(), "IsPrimary": True}, "", "primary"),
        ({**instance(), "IS_PRIMARY": "TRUE"}, "", "primary"),
        ({**instance(), "Role": " primary "}, "", "primary"),
        ({**instance(), "is_primary": 1}, "", "primary"),
        ({**instance(), "is_primary": "1"}, "", "primary"),
        *(
            ({**instance(), "is_primary": word}, "", "primary")
            for word in ("Yes", "y", "on", "t", "i", "ID-I")
        ),
        *(({**instance(), "role": word}, "", "primary") for word in ("leader", "Master", "writer")),
        ({**instance(), "database": {"name": "b"}}, "", "it is listed as one of another database"),
        ({**instance(), "database": {"Name": "a", "DbId": "x"}}, "", None),
        ({**instance(), "is_primary": 0, "Role": "replica"}, "", None),
        ({**instance(), "primary": False, "Primary": True}, "", "primary"),
        (instance(kind="primary", region=None), "", "primary"),
        ({**instance(), "DeleteProtection": True}, "", "delete-protected"),
        ({**instance(), "delete_protection": None, "DELETE_PROTECTION": True}, "", "delete-protected"),
        ({**instance(), "DATABASE": "b"}, "", "it is listed as one of another database"),
        ({**instance(), "DatabaseName": "b"}, "", "it is listed as one of another database"),
        ({**instance(), "database": "a", "Database": "b"}, "", "it is listed as one of another database"),
        ({**instance(), "OrganizationName": "other"}, "", "it is listed as one of another organization"),
        ({**instance(), "Hostname": "i-org.turso.io", "DbId": "u"}, "", None),
        ({**instance(), "delete_protection": True}, "", "delete-protected"),
        ({**instance(), "deleteProtection": "no"}, "", "delete-protected"),
        ({**instance(kind="other"), "is_primary": True}, "", "primary"),
        ({**instance(), "primary": False, "role": "replica", "delete_protection": False}, "", None),
        ({**instance(), "primary": None, "is_primary": "iad", "delete_protection": None}, "", None),
        ({**instance(), "Organization": "other"}, "", "it is listed as one of another organization"),
        ({**instance(), "organization": "ORG"}, "", None),
        ({**instance(), "organization": {"name": "Of People"}}, "", None),
        (
            {**instance(), "organization": {"Slug": "other"}},
            "",
            "it is listed as one of another organization",
        ),
        ({**instance(), "organization": {"slug": "ORG", "name": "other"}, "database": {}}, "", None),
        ({**instance(), "database": "a"}, "", None),
        ({**instance(), "database": ""}, "", None),
        ({**instance(), "database": "0eb771dd-6906-11ee-8553-eaa7715aeaf2"}, "", None),
    ],
)
async def test_only_a_replica_of_a_known_location_without_a_group_may_be_deleted(
    listed: dict[str, Any], group: str, reason: str | None
) -> None:
    async with World({"GET a/instances": instances(listed)}) as engine:
        (found,) = await INSTANCES.of(engine, "a", group)
    expected = target(location=listed["region"], group=group, uuid="id-i")
    assert (found.target, found.reason) == (expected, reason)
    plain = INSTANCES.regrouped(Candidate(target(), "why"), "h")
    assert (plain.target.group, plain.reason) == ("h", "why")
    assert INSTANCES.regrouped(Candidate(target()), "").reason is None
    assert "group 'h'" in str(INSTANCES.regrouped(Candidate(target()), "h").reason)


@pytest.mark.parametrize("key", ["organization", "ORGANIZATION", "OrganizationName"])
async def test_a_database_of_another_organization_is_known_by_a_key_of_any_spelling(key: str) -> None:
    listed = databases(database("a", **{key: "other"}), database("b", **{key: "ORG"}), database("c"))
    async with World({"GET databases": listed}) as engine:
        found = [candidate.reason async for candidate in DATABASES.all(engine)]
    assert found == ["it is listed as one of another organization", None, None]


async def test_a_database_that_is_gone_has_no_instances_and_another_404_is_an_error() -> None:
    async with World({"GET a/instances": no_such("database")}) as engine:
        assert await INSTANCES.of(engine, "a") == []
        with pytest.raises(NotFoundError):
            await INSTANCES.of_existing(engine, "a", "")
    for other in (NO_ROUTE, no_such("organization"), no_such("instance")):
        async with World({"GET a/instances": other}) as engine:
            with pytest.raises(NotFoundError):
                await INSTANCES.of(engine, "a")


async def test_each_database_of_the_targets_is_listed_once() -> None:
    world = World({"GET a/instances": instances(instance("x")), "GET b/instances": instances(instance("y"))})
    found = [target(), target(instance="j"), target(database="b", group="g")]
    async with world as engine:
        listed = await INSTANCES.again(engine, found)
    assert [(c.target.database, c.target.instance, c.target.group) for c in listed] == [
        ("a", "x", ""),
        ("b", "y", "g"),
    ]
    assert len(world.ends) == 2


async def looked(kind: str, wanted: Target, table: Table, **client: Any) -> Candidate | None:
    async with World(table, **client) as engine:
        return await KINDS[kind].find(engine, wanted)


DATABASE = target(kind="database", instance="", location=None)
LOCATION = target(kind="group location", database="", instance="", group="g", uuid="u")
CASES: dict[str, tuple[Target, str, Step, tuple[str, ...]]] = {
    "instance": (target(), "GET instances/i", one(instance=instance()), ("instance", "database")),
    "database": (DATABASE, "GET databases/a", one(database=database()), ("database",)),
    "group": (target(kind="group", group="g"), "GET groups/g", one(group=GROUP), ("group",)),
    "group location": (LOCATION, "GET groups/g", one(group=GROUP), ("group",)),
}


@pytest.mark.parametrize("kind", CASES)
async def test_one_target_is_found_by_itself_or_gone_by_a_404_about_it(kind: str) -> None:
    wanted, route, there, gone = CASES[kind]
    found = await looked(kind, wanted, {route: there})
    assert found is not None and found.target.key == wanted.key and found.reason is None
    assert found.target.organization == "org" and found.target.uuid
    for resource in gone:
        assert await looked(kind, wanted, {route: no_such(resource)}) is None
    others: list[Step] = [NO_ROUTE, no_such("organization"), answer(500, {"error": "down"}), close]
    for other in others:
        with pytest.raises(TursoError):
            await looked(kind, wanted, {route: other})


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("is_far", [True, False])
async def test_an_answer_about_another_name_proves_nothing(kind: str, is_far: bool) -> None:
    """Nor does one about the same name in capitals."""
    wanted, route, _, _ = CASES[kind]
    key = "group" if kind.startswith("group") else kind
    name = "other" if is_far else getattr(wanted, key).upper()
    other = one(**{key: {**GROUP, "name": name, "type": "replica", "region": "fra"}})
    with pytest.raises(DecodeError, match="the answer is about another one than the request"):
        await looked(kind, wanted, {route: other})


async def test_a_location_is_found_in_its_group_as_long_as_that_is_the_same_group() -> None:
    lost: dict[str, Any] = {**GROUP, "locations": ["iad"]}
    assert await looked("group location", LOCATION, {"GET groups/g": one(group=lost)}) is None
    another = await looked("group location", LOCATION, {"GET groups/g": one(group={**lost, "uuid": "x"})})
    assert another is not None and another.target.uuid == "x" and another.target.location == "fra"
    with pytest.raises(DecodeError, match="a group without a location") as caught:
        await looked("group location", LOCATION, {"GET groups/g": one(group={**GROUP, "locations": []})})
    assert caught.value.where == "$.group.locations"


@pytest.mark.parametrize(
    ("group", "reasons"),
    [
        (GROUP, ["primary location of its group", None]),
        ({**GROUP, "primary": None}, ["the primary location of its group is not known"] * 2),
        ({**GROUP, "primary": "ams"}, ["the primary location of its group is not known"] * 2),
    ],
)
async def test_the_primary_location_of_a_group_stays(
    group: dict[str, Any], reasons: list[str | None]
) -> None:
    async with World({"GET groups": answer(200, {"groups": [group]})}) as engine:
        found = await GROUP_LOCATIONS.again(engine, ())
    assert [c.reason for c in found] == reasons
    assert [c.target.location for c in found] == ["iad", "fra"]
    assert found[1].target == LOCATION_ALONE


LOCATION_ALONE = Target(kind="group location", organization="org", group="g", location="fra", uuid="u")


async def test_the_instances_of_a_database_without_a_group_may_be_deleted() -> None:
    async with World({"GET instances": instances(instance())}) as engine:
        (found,) = await INSTANCES.of(engine, "a")
    assert (found.target.group, found.reason) == ("", None)


async def test_any_database_may_be_in_a_group_where_the_organization_has_one() -> None:
    bare = Candidate(DATABASE)
    world = World({"GET groups": answer(200, {"groups": [GROUP]})})
    async with world as engine:
        assert await DATABASES.are_grouped(engine, [Candidate(target(kind="database", group="g"))]) is True
        assert await DATABASES.are_grouped(engine, []) is False
        assert world.ends == []
        assert await DATABASES.are_grouped(engine, [bare]) is True
    for none in (answer(200, {"groups": []}), NO_ROUTE, answer(405), answer(410), answer(501)):
        async with World({"GET groups": none}) as engine:
            assert await DATABASES.are_grouped(engine, [bare]) is False
    async with World({"GET groups": answer(403, {"error": "no"})}) as engine:
        with pytest.raises(TursoError):
            await DATABASES.are_grouped(engine, [bare])


async def test_a_database_without_a_listed_group_is_looked_up() -> None:
    found = [Candidate(DATABASE, "why"), Candidate(target(kind="database", database="b", group="h"))]
    world = World({"GET databases/a": one(database=database())})
    async with world as engine:
        one_, other = await DATABASES.grouped(engine, found)
        assert (one_.target.group, one_.reason, other) == ("g", "why", found[1])
    async with World({"GET databases/a": no_such("database")}) as engine:
        assert await DATABASES.grouped(engine, found) == found


async def test_a_database_is_listed_with_its_group_and_its_protection() -> None:
    listed = [database("a", group=" g "), database("b", group=None, delete_protection=True), unknown("c")]
    async with World({"GET databases": databases(*listed)}) as engine:
        found = await DATABASES.again(engine, ())
    assert [(c.target.group, c.reason) for c in found] == [
        ("g", None),
        ("", "delete-protected"),
        ("g", "its delete protection is not known"),
    ]
    assert found[0].target == Target(
        kind="database", organization="org", database="a", group="g", uuid="id-a"
    )


async def groups(table: Table) -> list[tuple[str | None, str | None]]:
    async with World({"GET groups": answer(200, {"groups": [GROUP]}), **table}) as engine:
        return [(c.target.uuid, c.reason) for c in await GROUPS.again(engine, ())]


async def test_a_group_stays_if_it_or_one_of_its_databases_is_protected() -> None:
    assert await groups({"GET databases": databases(database())}) == [("u", None)]
    found = await groups({"GET databases": databases(database("x", group="G", delete_protection=True))})
    assert found == [("u", "its database 'x' is delete-protected")]
    named = answer(200, {"groups": [{**GROUP, "name": "G"}]})
    protected = databases(database("x", delete_protection=True))
    found = await groups({"GET databases": protected, "GET groups": named})
    assert found == [("u", "its database 'x' is delete-protected")]
    table: Table = {"GET databases": databases(database("x", group=None, delete_protection=True))}
    table["GET databases/x"] = one(database=database("x", group="g"))
    assert await groups(table) == [("u", "its database 'x' is delete-protected")]
    async with World({"GET databases": protected}) as engine:
        one_group = Candidate(Target(kind="group", organization="org", group="G"))
        kept = await GROUPS.with_databases(engine, one_group)
    assert (kept.target, kept.reason) == (one_group.target, "its database 'x' is delete-protected")
    table = {"GET databases": databases(database("x", group="other", delete_protection=True))}
    assert await groups(table) == [("u", None)]
    open_ = {key: value for key, value in GROUP.items() if key != "delete_protection"}
    for flag, reason in ((True, "delete-protected"), (False, None), (None, UNKNOWN_PROTECTION)):
        table = {"GET databases": databases(), "GET groups": answer(200, {"groups": [open_]})}
        assert await groups({**table, "GET g/configuration": settings(flag)}) == [("u", reason)]


async def test_a_database_exists_under_exactly_its_name() -> None:
    async with World({"GET databases/A": one(database=database("a"))}) as engine:
        with pytest.raises(DecodeError, match="another one"):
            await DATABASES.existing(engine, "A")


async def test_a_database_that_vanished_keeps_no_group() -> None:
    table: Table = {
        "GET databases": databases(database("y"), unknown("x")),
        "GET x/configuration": no_such("database"),
    }
    assert await groups(table) == [("u", None)]
    assert await groups({**table, "GET x/configuration": settings(True)}) == [
        ("u", "its database 'x' is delete-protected")
    ]


async def test_an_instance_that_is_found_by_itself_is_in_the_group_of_its_target() -> None:
    found = await looked("instance", target(group="g"), {"GET instances/i": one(instance=instance())})
    assert found is not None and found.target.group == "g"
    assert found.reason == "grouped: its location can only be removed from the group 'g'"


async def test_a_group_whose_name_has_no_path_is_not_looked_up() -> None:
    open_ = {"name": "a/b", "uuid": "u", "locations": ["iad"], "primary": "iad"}
    table = {"GET databases": databases(), "GET groups": answer(200, {"groups": [open_]})}
    assert await groups(table) == [("u", UNKNOWN_PROTECTION)]


async def test_without_groups_no_databases_are_read() -> None:
    async with World({}) as engine:
        assert await GROUPS.judged(engine, []) == []


async def test_a_token_is_found_by_its_name_or_its_id() -> None:
    listed = answer(200, {"tokens": [{"name": "other", "id": "t1"}, {"name": "n", "id": "t2"}]})
    for wanted, name in (
        (Target(kind="API token", token="n", uuid="x"), "n"),
        (Target(kind="API token", token="x", uuid="T1"), "other"),
        (Target(kind="API token", token="x", uuid=None), None),
    ):
        found = await looked("API token", wanted, {"GET api-tokens": listed})
        assert (found.target.token if found else None) == name
        assert found is None or found.reason == (None if name == wanted.token else "it has another name")


@pytest.mark.parametrize(
    "tokens",
    [
        [("n", "t1"), ("n", "t2")],
        [("n", "t2"), ("n", "t1")],
        [("old", "t1"), ("n", "t2")],
        [("n", "t2"), ("old", "t1")],
        [("n", "t1"), ("m", "t1")],
    ],
)
async def test_a_token_whose_name_or_id_is_not_its_alone_is_not_revoked_again(
    tokens: list[tuple[str, str]],
) -> None:
    """The first revoke has lost its answer."""
    first = answer(200, {"tokens": [{"name": "n", "id": "t1"}]})
    later = answer(200, {"tokens": [{"name": name, "id": id} for name, id in tokens]})
    table: Table = {"GET api-tokens": [first, later], "DELETE api-tokens/n": close}
    world = World(table, retry=RetryPolicy(wait=wait_none()))
    async with world:
        plan = await world.turso.teardown.plan_api_tokens(names=["n"])
        report = await plan.execute(return_exceptions=True)
    assert str(report) == "1 unknown" and world.ends.count("n") == 1


async def test_what_is_listed_as_one_of_another_organization_stays() -> None:
    """As where a cache has mixed up the answers of two."""
    strange, why = {"organization": "other"}, "it is listed as one of another organization"
    listed = databases(database(), database("b", **strange))
    table: Table = {"GET databases": listed, "GET groups": answer(200, {"groups": [{**GROUP, **strange}]})}
    async with World(table) as engine:
        all = [candidate async for candidate in DATABASES.all(engine)]
        assert [candidate.reason for candidate in all] == [None, why]
        (group,) = await GROUPS.again(engine, ())
        assert group.reason == why
        assert {location.reason for location in await GROUP_LOCATIONS.again(engine, ())} == {why}
    wanted = Target(kind="group", organization="org", group="g", uuid="u")
    found = await looked("group", wanted, {"GET groups/g": one(group={**GROUP, **strange})})
    assert found is not None and found.reason == why


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        (settings(True), "delete-protected"),
        (settings(False), UNKNOWN_PROTECTION),
        (settings(None), UNKNOWN_PROTECTION),
        (NO_ROUTE, UNKNOWN_PROTECTION),
        (answer(500, {"error": "down"}), None),
    ],
)
async def test_a_protection_of_a_group_that_a_look_leaves_out_is_looked_up(
    answered: Step, reason: str | None
) -> None:
    bare = {key: value for key, value in GROUP.items() if key != "delete_protection"}
    table: Table = {
        "GET groups/g": one(group=bare),
        "GET g/configuration": answered,
        "GET databases": databases(),
    }
    async with World(table) as engine:
        found = await GROUPS.find(engine, target(kind="group", group="g"))
        assert found is not None
        with pytest.raises(APIError) if reason is None else nullcontext():
            assert (await GROUPS.with_databases(engine, found)).reason == reason
