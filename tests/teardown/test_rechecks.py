"""A plan that is looked at again, and a look before a delete is sent again: what each proves."""

from __future__ import annotations

import contextlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from raw import RawServer, Step, answer, close
from routes import NO_ROUTE, database, databases, no_such, one, routes

from aioturso import APIError, DecodeError, Outcome, OutcomeUnknownError, TursoClient, TursoError
from aioturso._account import Account, Effect
from aioturso.teardown.engine import Engine
from aioturso.teardown.recheck import absent, listed_now, look, rechecked
from aioturso.teardown.targets import Candidate, Target


def target(name: str = "a", **fields: Any) -> Target:
    known = {"kind": "database", "organization": "org", "database": name, "group": "g", "uuid": f"id-{name}"}
    return Target(**{**known, **fields})


def engine(turso: TursoClient) -> Engine:
    return turso.teardown._engine


async def again(server: dict[str, Step | list[Step]], *found: Candidate) -> list[str | None]:
    """Returns the status and the reason of each candidate after another look."""
    async with RawServer(then=routes(server)) as raw, raw.client(retry=None) as turso:
        return [shown(entry) for entry in await rechecked(engine(turso), found)]


def shown(entry: Candidate | Outcome) -> str | None:
    return f"{entry.status.name}: {entry.reason}" if isinstance(entry, Outcome) else entry.reason


GONE = "ALREADY_GONE: no longer listed"
DOUBT = "NOT_ATTEMPTED: not listed, and not known to be gone: the list may be incomplete"
CHANGED = "changed since the plan was made: "


async def test_what_is_listed_is_found_by_its_name_and_known_by_its_uuid() -> None:
    server = {"GET databases": databases(database("b", DbId="ID-A"), database("c", DbId=None))}
    async with RawServer(then=routes(server)) as raw, raw.client(retry=None) as turso:
        now = await listed_now(engine(turso), [target("b")])
    found = now.of(target("b"))
    assert found is not None and found.target.uuid == "ID-A"
    assert now.of(target("a")) is None
    assert now.has_uuid(target(uuid="id-a")) and now.has_uuid(target(uuid="Id-A"))
    assert not now.has_uuid(target(uuid="id-c")) and not now.has_uuid(target(uuid=None))
    assert not now.has_uuid(target(kind="group", group="g", uuid="id-a"))


async def test_a_target_that_is_listed_as_it_was_planned_stays() -> None:
    kept = Candidate(target(), note="a note")
    async with RawServer(then=routes({"GET databases": databases(database())})) as raw:
        async with raw.client(retry=None) as turso:
            (found,) = await rechecked(engine(turso), [kept])
    assert found is kept


async def test_a_candidate_with_a_reason_is_not_looked_at_again() -> None:
    assert await again({}, Candidate(target(), "excluded")) == ["excluded"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"DbId": "another"}, CHANGED + "another one has this name"),
        ({"DbId": None}, CHANGED + "its uuid is missing"),
        ({"group": "other"}, CHANGED + "it is in another location or group"),
        ({"delete_protection": True}, "delete-protected"),
        ({"DbId": "another", "delete_protection": True}, "delete-protected"),
        ({"DbId": "ID-A"}, None),
    ],
)
async def test_a_target_that_has_changed_is_left_alone(change: dict[str, Any], reason: str | None) -> None:
    server: dict[str, Step | list[Step]] = {"GET databases": databases(database(**change))}
    assert await again(server, Candidate(target())) == [reason]


async def test_a_second_list_is_weighed_as_the_first_one_was() -> None:
    server: dict[str, Step | list[Step]] = {"GET databases": databases(database(), database())}
    assert await again(server, Candidate(target())) == ["its name is listed more than once"]


async def test_targets_of_several_kinds_are_each_listed_again() -> None:
    server: dict[str, Step | list[Step]] = {
        "GET a/instances": answer(200, {"instances": [REPLICA]}),
        "GET groups": answer(200, {"groups": [GROUP]}),
    }
    instance = target(kind="instance", instance="i", location="fra", group="", uuid="u")
    location = target("", kind="group location", location="fra", uuid="u")
    assert await again(server, Candidate(instance), Candidate(location)) == [None, None]


async def test_a_target_that_never_had_a_uuid_has_not_lost_it() -> None:
    server: dict[str, Step | list[Step]] = {"GET databases": databases(database(DbId=None))}
    assert await again(server, Candidate(target(uuid=None))) == [None]


async def test_a_uuid_in_another_spelling_is_sent_as_the_server_lists_it() -> None:
    planned = Candidate(target(uuid=" ID-A"), note="a note")
    async with RawServer(then=routes({"GET databases": databases(database())})) as raw:
        async with raw.client(retry=None) as turso:
            (found,) = await rechecked(engine(turso), [planned])
    assert isinstance(found, Candidate)
    assert (found.target, found.reason, found.note) == (target(), None, "a note")


async def test_a_target_without_a_uuid_is_not_the_one_that_has_one() -> None:
    """As of a saved plan from which it was cut: nothing shows that it is the same one."""
    server: dict[str, Step | list[Step]] = {"GET databases": databases(database())}
    for none in (None, ""):
        reason = await again(server, Candidate(target(uuid=none)))
        assert reason == [CHANGED + "it has a uuid now, and had none then"]


async def test_an_instance_that_is_in_another_location_now_is_left_alone() -> None:
    moved = {"name": "i", "uuid": "u", "type": "replica", "region": "iad"}
    planned = target(kind="instance", instance="i", location="fra", group="", uuid="u")
    server: dict[str, Step | list[Step]] = {"GET a/instances": answer(200, {"instances": [moved]})}
    assert await again(server, Candidate(planned)) == [CHANGED + "it is in another location or group"]


@pytest.mark.parametrize(
    ("look", "result"),
    [
        (no_such("database"), GONE),
        (one(database=database()), DOUBT),
        (one(database=database(DbId="another")), GONE),
        (one(database=database(DbId=None)), DOUBT),
        (one(database=database("other")), DOUBT),
        (answer(500, {"error": "down"}), DOUBT),
        (answer(200, b"<p>"), DOUBT),
        (NO_ROUTE, DOUBT),
    ],
)
async def test_what_is_no_longer_listed_is_gone_only_after_a_look_at_it(look: Step, result: str) -> None:
    server: dict[str, Step | list[Step]] = {
        "GET databases": databases(),
        "GET databases/a": look,
        "GET databases/b": no_such("database"),
    }
    assert await again(server, Candidate(target()), Candidate(target("b"))) == [result, GONE]


async def test_a_look_that_is_lost_with_its_connection_ends_the_recheck() -> None:
    server: dict[str, Step | list[Step]] = {"GET databases": databases(), "GET databases/a": close}
    with pytest.raises(OutcomeUnknownError):
        await again(server, Candidate(target()))


async def test_what_is_listed_under_another_name_is_not_gone() -> None:
    server: dict[str, Step | list[Step]] = {
        "GET databases": databases(database("renamed", DbId="id-b")),
        "GET databases/a": no_such("database"),
        "GET databases/b": no_such("database"),
    }
    assert await again(server, Candidate(target()), Candidate(target("b"))) == [GONE, DOUBT]


async def test_a_location_that_its_group_has_lost_is_gone_though_the_uuid_of_the_group_is_listed() -> None:
    group = {"name": "g", "uuid": "u", "locations": ["iad"], "primary": "iad", "delete_protection": False}
    server: dict[str, Step | list[Step]] = {
        "GET groups": answer(200, {"groups": [group]}),
        "GET groups/g": one(group=group),
    }
    for uuid in ("u", "U", None):
        lost = target("", kind="group location", location="fra", uuid=uuid)
        assert await again(server, Candidate(lost)) == [GONE]


async def looked(there: Step, **fields: Any) -> str | None:
    async with RawServer(then=routes({"GET databases/a": there})) as raw, raw.client(retry=None) as turso:
        return await look(engine(turso), target(**fields), Account(effect=Effect.UNKNOWN))


@pytest.mark.parametrize(
    ("look", "reason"),
    [
        (one(database=database()), None),
        (one(database=database(DbId="ID-A")), None),
        (no_such("database"), "no answer, and no longer there"),
        (one(database=database(DbId="another")), "no answer, and the name now belongs to another"),
        (
            one(database=database(DbId="another", delete_protection=True)),
            "no answer, and the name now belongs to another",
        ),
    ],
)
async def test_a_delete_is_sent_again_only_while_the_name_belongs_to_the_target(
    look: Step, reason: str | None
) -> None:
    assert await looked(look) == reason


@pytest.mark.parametrize(
    "look",
    [
        one(database=database(DbId=None)),
        one(database=database("b", DbId="id-a")),
        one(database=database("A", DbId="id-a")),
        NO_ROUTE,
        answer(500, {"error": "down"}),
    ],
)
async def test_a_look_that_cannot_compare_is_an_error(look: Step) -> None:
    with pytest.raises(TursoError) as caught:
        await looked(look)
    if isinstance(caught.value, DecodeError):
        assert caught.value.where in ("$", "$.database.name")


ALONE = {"kind": "instance", "group": ""}
REPLICA = {"name": "i", "uuid": "u", "type": "replica", "region": "fra"}
GROUP = {"name": "g", "uuid": "u", "locations": ["iad", "fra"], "primary": "iad"}


@pytest.mark.parametrize(
    ("planned", "there", "why"),
    [
        ({}, one(database=database(delete_protection=True)), "delete-protected"),
        ({}, one(database=database(group="prod")), "it is in another location or group$"),
        (ALONE, one(instance={**REPLICA, "type": "primary"}), "primary"),
        (ALONE, one(instance={**REPLICA, "type": "Primary"}), "not known to be a replica"),
        (ALONE, one(instance={**REPLICA, "type": " "}), "not known to be a replica"),
        (ALONE, one(instance={**REPLICA, "type": "primary", "region": None}), "primary"),
        (ALONE, one(instance={"name": "i", "uuid": "u", "type": "primary"}), "primary"),
        (ALONE, one(instance={**REPLICA, "type": "shadow", "region": ""}), "not known to be a replica"),
        (ALONE, one(instance={**REPLICA, "database": "b"}), "it is listed as one of another"),
        (ALONE, one(instance={**REPLICA, "region": "iad"}), "it is in another location"),
        (ALONE, one(instance={**REPLICA, "region": " fra"}), "it is in another location"),
        (
            {"kind": "group", "group": "g"},
            one(group={**GROUP, "delete_protection": True}),
            "delete-protected",
        ),
        ({"kind": "group location"}, one(group={**GROUP, "primary": None}), "the primary location of its"),
        ({"kind": "group location"}, one(group={**GROUP, "primary": "ams"}), "the primary location of its"),
        (
            {"kind": "group location"},
            one(group={**GROUP, "primary": "fra"}),
            "primary location of its group",
        ),
    ],
)
async def test_what_may_not_be_deleted_any_more_is_not_sent_again(
    planned: dict[str, Any], there: Step, why: str
) -> None:
    fields = {"uuid": "u", "location": "fra", "instance": "i", **planned} if planned else {}
    server = routes({"GET a": there, "GET i": there, "GET g": there})
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        with pytest.raises(DecodeError, match=CHANGED + why) as caught:
            await look(engine(turso), target(**fields), Account(effect=Effect.UNKNOWN))
        assert caught.value.where == "$"


@pytest.mark.parametrize(
    "there",
    [
        REPLICA,
        {**REPLICA, "region": None},
        {**REPLICA, "region": ""},
        {**REPLICA, "type": None},
        {**REPLICA, "type": ""},
        {"name": "i", "uuid": "u"},
    ],
)
async def test_a_look_that_leaves_out_more_than_the_uuid_lets_it_be_sent_again(there: dict[str, Any]) -> None:
    server = routes({"GET i": one(instance=there)})
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        planned = target(**ALONE, uuid="u", location="fra", instance="i")
        assert await look(engine(turso), planned, Account()) is None


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (answer(200, {"delete_protection": True}), f"{CHANGED}delete-protected"),
        (answer(200, {"delete_protection": False}), None),
        (answer(200, {}), None),
        (NO_ROUTE, None),
        (no_such("database"), None),
        (answer(503, {"error": "busy"}), "busy"),
    ],
)
async def test_a_look_at_a_database_finds_the_protection_that_only_its_settings_have(
    settings: Step, why: str | None
) -> None:
    bare = {key: value for key, value in database().items() if key != "delete_protection"}
    server = routes({"GET databases/a": one(database=bare), "GET a/configuration": settings})
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        with pytest.raises(TursoError, match=why) if why else contextlib.nullcontext():
            assert await look(engine(turso), target(), Account(effect=Effect.UNKNOWN)) is None
        assert [request.target.rpartition("/")[2] for request in raw.requests] == ["a", "configuration"]


async def test_a_uuid_that_is_missing_in_a_look_is_named_in_the_error() -> None:
    with pytest.raises(DecodeError, match=r"cannot be compared: its uuid is missing$"):
        await looked(one(database=database(DbId=None)))


@pytest.mark.parametrize(("planned", "found"), [("", "prod"), ("g", ""), ("g", "g")])
async def test_a_group_that_is_not_known_is_no_other_one(planned: str, found: str) -> None:
    server = routes({"GET a": one(database=database(group=found))})
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        assert await look(engine(turso), target(group=planned), Account()) is None


@pytest.mark.parametrize("uuid", [None, ""])
async def test_without_a_uuid_a_look_sees_only_whether_it_may_still_be_deleted(uuid: str | None) -> None:
    for listed, why in (
        (database(DbId=None), None),
        (database(), "cannot be compared"),
        (database(DbId=None, delete_protection=True), "delete-protected"),
        (database(DbId=None, group="h"), "another location or group"),
    ):
        async with RawServer(then=answer(200, {"database": listed})) as raw, raw.client() as turso:
            with pytest.raises(DecodeError, match=why) if why else contextlib.nullcontext():
                assert await look(engine(turso), target(uuid=uuid), Account()) is None


async def test_each_target_is_absent_by_a_look_of_its_own() -> None:
    server: dict[str, Step | list[Step]] = {
        "GET databases/a": no_such("database"),
        "GET databases/b": one(database=database("b")),
        "GET databases/c": one(database=database("c", DbId="another")),
        "GET databases/d": one(database=database("d", DbId=None)),
    }
    async with RawServer(then=routes(server)) as raw, raw.client(retry=None) as turso:
        gone = await absent(engine(turso), [target(name) for name in "abcd"])
        assert sorted(t.database for t in gone) == ["a", "c"]
        with pytest.raises(APIError):
            await absent(engine(turso), [target("a"), target("e")])


def token(name: str, uuid: str | None) -> Target:
    return Target(kind="API token", token=name, uuid=uuid)


async def test_one_more_list_is_the_look_at_all_api_tokens_that_a_list_lacks() -> None:
    listed = [
        {"name": "x9", "id": "i9"},
        {"name": "x1", "id": "other"},
        {"name": "X2"},
        {"name": "y", "id": "I3"},
    ]
    listed.append({"name": "x6", "id": "i6"})
    wanted = [token(f"x{number}", f"i{number}") for number in range(7)]
    wanted += [token("X6", None), token("x8", "I9"), token("x7", None)]
    tokens = [answer(200, {"tokens": []}), answer(200, {"tokens": listed})]
    async with RawServer(then=routes({"GET auth/api-tokens": list(tokens)})) as raw, raw.client() as turso:
        results = await rechecked(engine(turso), [Candidate(target) for target in wanted])
    assert len(raw.requests) == 2
    # Another one has the name of x1; what has that of x2 has no id, the names of x3 and x8 are y and x9 now, and x6 is
    # there.
    kept = {number for number, result in enumerate(results) if shown(result) == DOUBT}
    assert kept == {2, 3, 6, 7, 8}
    assert {shown(result) for result in results} == {GONE, DOUBT}
    async with RawServer(then=routes({"GET auth/api-tokens": tokens[1]})) as raw, raw.client() as turso:
        gone = await absent(engine(turso), wanted)
    assert len(raw.requests) == 1
    assert gone == {target for number, target in enumerate(wanted) if number not in kept}


@pytest.mark.parametrize(
    "look", [NO_ROUTE, answer(500, {"error": "down"}), answer(200, {}), answer(206, {"tokens": []})]
)
async def test_api_tokens_that_cannot_be_listed_again_are_not_known_to_be_gone(look: Step) -> None:
    server: dict[str, Step | list[Step]] = {"GET auth/api-tokens": [answer(200, {"tokens": []}), look]}
    assert await again(server, Candidate(token("x", "i")), Candidate(token("y", "j"))) == [DOUBT, DOUBT]


async def test_a_list_without_the_token_of_this_client_in_it_proves_nothing_if_it_is_empty() -> None:
    payload = urlsafe_b64encode(b'{"id": "own"}').decode().rstrip("=")
    server = routes({"GET auth/api-tokens": answer(200, {"tokens": []})})
    async with RawServer(then=server) as raw, raw.client(token=f"e30.{payload}.c2ln", retry=None) as turso:
        (result,) = await rechecked(engine(turso), [Candidate(token("x", "i"))])
        with pytest.raises(DecodeError, match="an empty list, though this client uses a token"):
            await look(engine(turso), token("x", "i"), Account(effect=Effect.UNKNOWN))
    assert shown(result) == DOUBT
    # Without an id it may be the token of a session, which no list has.
    table: dict[str, Step | list[Step]] = {"GET auth/api-tokens": answer(200, {"tokens": []})}
    assert await again(table, Candidate(token("x", "i"))) == [GONE]
