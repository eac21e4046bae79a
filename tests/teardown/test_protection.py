"""The delete protection of databases: what a list leaves open is looked up by itself."""

from __future__ import annotations

from typing import Any

import pytest
from engines import Table, World
from raw import answer
from routes import NO_ROUTE, database, databases, no_such, settings, unknown

from aioturso import ServerError, Target
from aioturso.teardown.evidence import UNKNOWN_PROTECTION, Tally
from aioturso.teardown.listing import DATABASES, GROUPS
from aioturso.teardown.protection import looked_up
from aioturso.teardown.targets import Candidate


async def protection(
    table: Table, *listed: dict[str, Any], lists: bool | None = None
) -> tuple[list[str | None], list[str]]:
    """Returns the reasons after a look at the protection, and which settings were read. `lists`: what the tally has then."""
    world = World({"GET databases": databases(*listed), **table})
    async with world as engine:
        found, tally = [c async for c in DATABASES.all(engine)], Tally()
        for candidate in found:
            tally.add(candidate)
        judged = await looked_up(engine, found, tally)
        assert [c.target for c in judged] == [c.target for c in found]
        assert lists is None or tally.lists_protection is lists
    looks = [r.target.split("/")[-2] for r in world.raw.requests if r.target.endswith("configuration")]
    return [c.reason for c in judged], sorted(looks)


async def test_a_protection_that_is_listed_is_not_looked_up() -> None:
    listed = [database("a"), database("b", delete_protection=True)]
    assert await protection({}, *listed) == ([None, "delete-protected"], [])
    assert await protection({}) == ([], [])


async def test_a_protection_that_the_list_leaves_open_is_looked_up_by_itself() -> None:
    table: Table = {"GET b/configuration": settings(True), "GET c/configuration": settings(False)}
    found = await protection(table, database("a"), unknown("b"), unknown("c"))
    assert found == ([None, "delete-protected", None], ["b", "c"])


async def test_where_the_list_leaves_all_open_a_few_are_looked_up_first() -> None:
    listed = [unknown("a"), unknown("b")]
    table: Table = {"GET a/configuration": settings(False), "GET b/configuration": settings(True)}
    assert await protection(table, *listed) == ([None, "delete-protected"], ["a", "a", "b"])
    for lacking in (NO_ROUTE, answer(405), answer(410), answer(501)):
        every: Table = {"GET configuration": lacking}
        assert await protection(every, *listed) == ([UNKNOWN_PROTECTION] * 2, ["a", "b"])
        some = every | {"GET b/configuration": settings(True)}
        assert await protection(some, *listed) == ([UNKNOWN_PROTECTION, "delete-protected"], list("aabb"))
    with pytest.raises(ServerError):
        await protection({"GET a/configuration": answer(500, {"error": "down"})}, *listed)


async def test_a_database_whose_name_has_no_path_is_not_looked_up() -> None:
    assert await protection({}, database("b"), unknown("a/b")) == ([None, UNKNOWN_PROTECTION], [])


async def test_of_a_whole_list_only_what_is_to_be_deleted_is_looked_up_and_once() -> None:
    listed = [unknown("a"), unknown("b"), database("c")]
    world = World({"GET databases": databases(*listed), "GET b/configuration": settings(True)})
    async with world as engine:
        found = await DATABASES.again(engine, ())
        judged = await DATABASES.judged(engine, found, [found[1].target])
    reasons = {candidate.target.database: candidate.reason for candidate in judged}
    assert reasons == {"a": UNKNOWN_PROTECTION, "b": "delete-protected", "c": None}
    assert world.ends == ["databases", "configuration"]


async def test_settings_that_leave_it_open_are_no_answer_about_the_others() -> None:
    """A server may leave out what is false."""
    listed = [unknown("a"), unknown("b"), unknown("c")]
    none = [settings(None), settings(None)]
    table: Table = {"GET a/configuration": [*none], "GET b/configuration": settings(True)}
    table["GET c/configuration"] = settings(None)
    found, sent = await protection(table, *listed, lists=True)
    assert (found, sent) == (
        [UNKNOWN_PROTECTION, "delete-protected", UNKNOWN_PROTECTION],
        ["a", "a", "b", "c"],
    )
    table = {"GET a/configuration": [*none], "GET configuration": settings(None)}
    found, sent = await protection(table, *listed, lists=False)
    assert (found, sent) == ([UNKNOWN_PROTECTION] * 3, ["a", "a", "b", "c"])


GONE = answer(404, {"error": "could not find database: record not found"})


@pytest.mark.parametrize("count", [1, 5])
async def test_what_has_vanished_is_no_answer_about_the_protection_of_the_others(count: int) -> None:
    """Nor is it a sign that the platform has no protection, however many there are."""
    names = [f"gone-{number}" for number in range(count)]
    listed = [*map(unknown, names), unknown("b"), unknown("c")]
    table: Table = {"GET b/configuration": settings(True), "GET c/configuration": settings(False)}
    table |= {"GET configuration": GONE}
    found, sent = await protection(table, *listed, lists=True)
    assert found == ["no longer there"] * count + ["delete-protected", None]
    assert set(sent) == {"b", "c", *names}


async def test_a_server_that_knows_no_database_under_its_settings_has_none() -> None:
    every: Table = {"GET configuration": no_such("database")}
    names = list("abcdefgh")
    found, sent = await protection(every, *map(unknown, names), lists=False)
    assert (found, sent) == ([UNKNOWN_PROTECTION] * 8, list("abcfgh"))
    assert await protection(every, *map(unknown, "ab"), lists=False) == ([UNKNOWN_PROTECTION] * 2, ["a", "b"])


async def test_a_note_stays_with_a_database_whose_protection_is_looked_up() -> None:
    tally = Tally(lists_protection=True)
    target = Target(kind="database", organization="org", database="a")
    noted = Candidate(target, UNKNOWN_PROTECTION, "a note")
    async with World({"GET a/configuration": settings(False)}) as engine:
        (found,) = await looked_up(engine, [noted], tally)
    assert (found.reason, found.note) == (None, "a note")


async def test_a_protection_that_a_look_at_a_group_shows_is_not_looked_up_again() -> None:
    world = World({"GET databases": databases()})
    async with world as engine:
        found = Candidate(Target(kind="group", organization="org", group="g"))
        assert await GROUPS.with_databases(engine, found) is found
    assert world.ends == ["databases"]
