"""When a database was made, by which evidence, and its age in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from raw import RawServer, answer
from routes import routes

from aioturso import Database, DatabaseParent, InvalidInputError, ServerError
from aioturso._decode import page
from aioturso.teardown.age import Birth, births, check_age, earlier_now, utc_now, words

T = datetime(2026, 5, 1, 12, tzinfo=UTC)
LOG, BRANCH = "the audit log", "parent.branched_at"
NONE = "its age is not known: neither parent.branched_at nor the audit log has it"


def entry(code: str | None, hours: float | None, database: object = "a", **data: Any) -> dict[str, Any]:
    at = None if hours is None else (T + timedelta(hours=hours)).isoformat()
    return {
        "code": code,
        "created_at": at,
        "data": {"database": database, **data},
        "message": "",
        "author": "x",
    }


def database(hours: float | None = None, name: str = "a") -> Database:
    at = None if hours is None else T + timedelta(hours=hours)
    parent = None if hours is None else DatabaseParent(id="p", name="p", branched_at=at)
    return Database(name=name, group="g", parent=parent)


async def born(*entries: dict[str, Any], of: tuple[Database, ...] = (), log: Any = None) -> dict[str, Birth]:
    page = {
        "audit_logs": list(entries),
        "pagination": {"page": 1, "page_size": 100, "total_pages": 1, "total_rows": len(entries)},
    }
    async with RawServer(then=routes({"GET audit-logs": log or answer(200, page)})) as raw:
        async with raw.client(retry=None) as turso:
            found = await births(turso.teardown._engine, of or (database(),))
    return found


@pytest.mark.parametrize(
    ("entries", "hours"),
    [
        ([entry("db-create", 1)], 1),
        ([entry("db-create", 1), entry("db-create", 3), entry("db-create", 2)], 3),
        ([entry("db-create", 1, group="g")], 1),
        ([entry("db-create", 1, group=None)], 1),
        ([entry("db-create", 1, group="other")], None),
        ([entry("db-create", 1, "b")], None),
        ([entry("db-update", 1)], None),
        ([entry("db-update", 1), entry("db-create", 2)], 2),
        ([entry(None, 1)], None),
        ([entry("db-create", 1), entry("db-delete", 2)], None),
        ([entry("db-create", 1), entry("db-delete", 2, group="other")], None),
        ([entry("db-delete", 1), entry("db-create", 2)], 2),
        ([entry("db-create", 2), entry("db-delete", 2)], None),
        ([entry("db-create", 5), entry("db-delete", 3), entry("db-delete", 4)], 5),
        ([entry("db-create", 5), entry("db-delete", 6), entry("db-delete", 4)], None),
    ],
)
async def test_a_database_was_made_when_the_audit_log_recorded_it_last(
    entries: list[dict[str, Any]], hours: float | None
) -> None:
    found = (await born(*entries))["a"]
    assert found == (Birth(None, NONE) if hours is None else Birth(T + timedelta(hours=hours), LOG))


@pytest.mark.parametrize(("branched", "logged", "birth"), [(1, None, 1), (1, 2, 2), (2, 1, 2), (1, 1, 1)])
async def test_of_two_times_the_later_one_counts(branched: int, logged: int | None, birth: int) -> None:
    entries = [] if logged is None else [entry("db-create", logged)]
    found = (await born(*entries, of=(database(branched),)))["a"]
    assert found == Birth(T + timedelta(hours=birth), BRANCH if birth == branched else LOG)


async def test_a_time_without_a_zone_is_no_evidence() -> None:
    naive = Database(name="a", parent=DatabaseParent(branched_at=datetime(2026, 5, 1)))
    assert (await born(of=(naive,)))["a"] == Birth(None, NONE)


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("2026-05-01T12:00:00Z", True),
        ("2026-05-01T14:00:00.123456789+02:00", True),
        ("2026-05-01T12:00:00", False),
        ("2026-05-01 12:00:00", False),
        ("2026-05-01", False),
        (1777636800, True),
        ("0001-01-01T00:00:00Z", False),
        ("0001-01-01T01:00:00.000000000+01:00", False),
        ("1970-01-01T00:00:00Z", False),
        (0, False),
        (-1, False),
        ("1900-01-01T00:00:00Z", False),
        ("1999-12-31T23:59:59Z", False),
        ("2000-01-01T00:00:00Z", True),
        ("0001-01-01T00:00:00-07:52", False),
    ],
)
async def test_a_time_that_is_not_set_or_came_without_a_zone_is_no_evidence(
    text: str | int, evidence: bool
) -> None:
    """An answer in the time of its server may be hours off, in which a database is younger than it seems.

    Go writes a time that is not set as the first one of its calendar: of all databases that one would be the oldest.
    """
    branched = {"Name": "a", "parent": {"id": "p", "name": "p", "branched_at": text}}
    read = page(Database, "databases")(json.dumps({"databases": [branched]}).encode(), ())
    assert ((await born(of=tuple(read.items)))["a"].at is not None) == evidence
    logged = {**entry("db-create", 1), "created_at": text}
    assert ((await born(logged))["a"].at is not None) == evidence
    # A deletion that cannot be dated may be the last one: no creation is surely of the one that is there.
    deleted = {**entry("db-delete", 1), "created_at": text}
    found = (await born(entry("db-create", 99), deleted))["a"]
    assert (found.at is not None) == evidence


@pytest.mark.parametrize("code", ["db-create", "db-delete"])
async def test_a_record_without_a_time_may_be_the_last_one(code: str) -> None:
    for of in (database(), database(5)):
        found = await born(entry("db-create", 1), entry(code, None), entry(code, None, "b"), of=(of,))
        assert found["a"] == Birth(
            None, "its age is not known: a record of the audit log has no time with a zone"
        )
    found = await born(entry("db-create", 1), entry(code, None, group="other"))
    assert found["a"].at is None


@pytest.mark.parametrize("group", ["g", None])
@pytest.mark.parametrize(("hours", "known"), [(4, True), (5, True), (6, False)])
async def test_a_later_creation_in_another_group_leaves_the_age_open(
    hours: float, known: bool, group: str | None
) -> None:
    """A group may have another name by now, and the database may have moved: it may be that one."""
    elsewhere = entry("db-create", hours, group="other")
    for own in (evolve(database(), group=group), evolve(database(5), group=group)):
        logged = () if own.parent else (entry("db-create", 5),)
        found = (await born(elsewhere, *logged, of=(own,)))["a"]
        assert found.at == (T + timedelta(hours=5) if known else None)
        why = "the audit log has a later creation of its name in another group"
        assert known or found.source == f"its age is not known: {why}"


@pytest.mark.parametrize("status", [402, 403, 404])
async def test_where_the_log_cannot_be_read_the_reason_is_its_status(status: int) -> None:
    found = await born(of=(database(), database(1, "b")), log=answer(status, {"error": "no"}))
    assert found["a"].at is None
    assert found["a"].source == (
        f"its age is not known: no parent.branched_at, and the audit log cannot be read ({status})"
    )
    assert found["b"] == Birth(T + timedelta(hours=1), BRANCH)


async def test_another_failure_of_the_log_is_an_error_and_without_databases_it_is_not_read() -> None:
    with pytest.raises(ServerError):
        await born(log=answer(500, {"error": "down"}))
    async with RawServer() as raw, raw.client(retry=None) as turso:
        assert await births(turso.teardown._engine, ()) == {} and raw.requests == []


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(0), "0 min"),
        (timedelta(minutes=119, seconds=59), "119 min"),
        (timedelta(minutes=120), "2 h"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=9, hours=23), "9 days"),
    ],
)
def test_an_age_is_shown_in_its_largest_unit(age: timedelta, text: str) -> None:
    assert words(age) == text
    assert Birth(T, LOG).note(T + age) == f"{text} old by the audit log"


@pytest.mark.parametrize("age", [0, "1d", timedelta(0), timedelta(seconds=-1)])
def test_an_age_is_a_positive_timedelta(age: object) -> None:
    with pytest.raises(InvalidInputError, match="older_than must be a positive timedelta") as caught:
        check_age(age)
    assert caught.value.parameter == "older_than"
    check_age(None)
    check_age(timedelta(seconds=1))


@pytest.mark.parametrize(
    ("date", "hours"),
    [
        (None, 0),
        ("Fri, 01 May 2026 11:00:00 GMT", -1),
        ("Fri, 01 May 2026 11:00:00 -0000", -1),
        ("Fri, 01 May 2026 13:00:00 GMT", 0),
        ("noon", 0),
        ("Fri, 01 Jan 1960 00:00:00 GMT", (datetime(1970, 1, 1, tzinfo=UTC) - T) / timedelta(hours=1)),
    ],
)
async def test_the_earlier_one_of_two_clocks_counts(date: str | None, hours: float) -> None:
    headers = () if date is None else (f"Date: {date}",)
    async with RawServer(answer(200, {"databases": []}, *headers)) as raw, raw.client() as turso:
        assert earlier_now(turso.teardown._engine, lambda: T) == T
        await turso.databases.list()
        assert earlier_now(turso.teardown._engine, lambda: T) == T + timedelta(hours=hours)


def test_the_time_of_this_machine_has_a_zone() -> None:
    assert utc_now().tzinfo is UTC
