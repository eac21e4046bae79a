"""Answers that are odd in one place: what can still be read, and what is no success."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cases import CASES
from recorder import Recorder

from aioturso import DecodeError, NotOfferedError, TursoClient, TursoError
from aioturso._decode import nothing, page
from aioturso._removals import removed
from aioturso.models.databases import Database
from aioturso.models.instances import Instance


@pytest.mark.parametrize(
    ("key", "value", "attribute", "read"),
    [
        ("version", 3, "version", None),
        ("regions", "iad", "regions", ()),
        ("regions", ["iad", 5], "regions", ()),
        ("parent", "main", "parent", None),
        ("archived", 1719900000, "archived", None),
        ("block_reads", "false", "block_reads", None),
        ("DbId", 7, "id", ""),
        ("Hostname", {"a": 1}, "hostname", None),
    ],
)
async def test_one_odd_optional_field_makes_no_list_unreadable(
    turso: TursoClient, server: Recorder, key: str, value: object, attribute: str, read: object
) -> None:
    """The field is None, or empty where it is a list or a UUID, and stays in `raw`; all other fields are there."""
    listed = [{"Name": f"db-{number}", "group": "g"} for number in range(100)]
    listed[50] |= {key: value}  # type: ignore[dict-item]
    server.answers = [{"databases": listed}]
    found = await turso.databases.list()
    assert [d.name for d in found] == [d["Name"] for d in listed] and {d.group for d in found} == {"g"}
    assert getattr(found[50], attribute) == read and found[50].raw[key] == value


async def test_neither_of_two_different_values_of_an_optional_field_is_believed(
    turso: TursoClient, server: Recorder
) -> None:
    """It is None, and a UUID is empty."""
    server.answers = [
        {"databases": [{"Name": "db", "Hostname": "a", "hostname": "b", "DbId": "1", "dbId": "2"}]}
    ]
    assert [(d.hostname, d.id) for d in await turso.databases.list()] == [(None, "")]


@pytest.mark.parametrize(
    ("call", "answer", "where"),
    [
        ("list databases", {"databases": [{"Name": 5}]}, "$.databases[0].name"),
        (
            "list databases",
            {"databases": [{"Name": "a", "delete_protection": "false"}]},
            "$.databases[0].delete_protection",
        ),
        ("list databases", {"databases": [{"Name": "a", "group": 5}]}, "$.databases[0].group"),
        ("list instances", {"instances": [{"name": "a", "type": 1}]}, "$.instances[0].type"),
        ("list instances", {"instances": [{"name": "a", "region": ["fra"]}]}, "$.instances[0].region"),
        (
            "list instances",
            {"instances": [{"name": "a", "region": "fra", "Region": "lhr"}]},
            "$.instances[0].region",
        ),
        ("list groups", {"groups": [{"name": "g", "locations": "fra"}]}, "$.groups[0].locations"),
        ("list groups", {"groups": [{"name": "g", "primary": 1}]}, "$.groups[0].primary"),
        ("get group configuration", {"delete_protection": 0}, "$.delete_protection"),
        ("validate API token", {"exp": "soon"}, "$.exp"),
        ("get database usage", {"database": {"usage": {"rows_read": "many"}}}, "$.database.total.rows_read"),
        ("get database stats", {"top_queries": [{"rows_read": "many"}]}, "$.top_queries[0].rows_read"),
        ("restore group", {"group": {"name": "g"}, "failures": ["1"]}, "$.failures"),
    ],
)
async def test_what_decides_is_read_strictly(
    turso: TursoClient, server: Recorder, call: str, answer: Any, where: str
) -> None:
    """A name, a type, a region, a group, a protection, a count: another JSON type is an error with its place."""
    server.answers = [answer]
    with pytest.raises(DecodeError) as caught:
        await CASES[call].call(turso)
    assert caught.value.where == where


def test_a_uuid_that_is_no_text_is_no_evidence() -> None:
    """It is empty, and never the text of the number."""
    found = page(Instance, "instances")(b'{"instances": [{"name": "a", "uuid": 7}]}', ())
    assert [(i.uuid, i.raw["uuid"]) for i in found.items] == [("", 7)]


def test_a_number_under_next_is_a_cursor() -> None:
    """As text; what can be no cursor is an error, as the list would seem to end there."""
    read = page(Database, "databases")
    assert read(b'{"databases": [], "pagination": {"next": 12}}', ()).pagination.next == "12"
    for odd in (b"true", b"[]", b"{}", b"1.5"):
        with pytest.raises(DecodeError) as caught:
            read(b'{"databases": [], "pagination": {"next": ' + odd + b"}}", ())
        assert caught.value.where == "$.pagination.next"


INSIDE = [
    {"error": "could not"},
    {"error": {"message": "could not"}},
    {"Error": "could not"},
    {"ERROR": ""},
    {"errors": ["could not"]},
    {"data": {"error": "could not"}},
    {"data": {"result": {"Error": "could not"}}},
]
PAGE = b"<!DOCTYPE html><title>Just a moment</title>"


@pytest.mark.parametrize("answer", [*INSIDE, PAGE], ids=str)
@pytest.mark.parametrize("name", CASES)
async def test_a_success_with_an_error_in_it_is_none(
    turso: TursoClient, server: Recorder, name: str, answer: Any
) -> None:
    """For no operation, also for those that answer nothing; nor is a page of HTML."""
    server.answers = [answer]
    with pytest.raises(DecodeError):
        await CASES[name].call(turso)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.answer is None])
async def test_an_empty_answer_or_one_without_an_error_is_a_success(
    turso: TursoClient, server: Recorder, name: str
) -> None:
    """For operations that answer nothing."""
    for answer in (
        None,
        b"  \n",
        {},
        {"error": None},
        {"errors": []},
        {"message": "ok"},
        {"ok": True, "status": "done"},
        {"status": 200, "code": 0, "success": "true"},
        {"deleted": 1, "message": "all found and removed"},
        {"err": None, "exception": "", "result": {}, "data": []},
    ):
        server.answers = [answer]
        assert CASES[name].value(await CASES[name].call(turso))


DENIALS = [
    {"success": False},
    {"Success": False, "message": "protected"},
    {"ok": False},
    {"status": "error"},
    {"status": "Failed"},
    {"status": "failure"},
    {"status": "fail"},
    {"success": "false"},
    {"ok": 0},
    {"deleted": False},
    {"removed": 0},
    {"result": {"status": "failed"}},
    {"data": [{"success": False}]},
    {"results": [{"error": {"message": "no"}}]},
    {"status": 404},
    {"statusCode": "500", "message": "oops"},
    {"code": 403},
    {"code": "not_found"},
    {"outcome": "Access-Denied"},
    {"errorMessage": "x"},
    {"exception": "x"},
    {"message": "instance not found"},
    {"msg": "Could not do it"},
    {"title": "Unauthorized"},
    {"affected_rows": 0},
    {"dryRun": True},
]


@pytest.mark.parametrize("answer", DENIALS, ids=str)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.answer is None])
async def test_a_success_whose_own_words_are_that_it_failed_is_none(
    turso: TursoClient, server: Recorder, name: str, answer: Any
) -> None:
    """For operations that answer nothing."""
    server.answers = [answer]
    with pytest.raises(DecodeError):
        await CASES[name].call(turso)


DESTROYED = removed("database", "instance")
NAMES = ("org", "db", "fra")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        None,
        {"instance": "fra"},
        {"instance": None},
        {"instance": ""},
        {"Instance": {"name": "fra", "uuid": "1"}},
        {"instance": {"uuid": "1"}},
        {"instance": "fra", "database": "db"},
        {"message": "done"},
        {"name": "fra"},
        {"data": {"instance": "fra", "database_name": "db"}},
        {"deleted": True, "instanceName": "fra", "id": "1"},
        *({"deleted": value} for value in (["fra"], [{"name": "fra"}], [{"id": "1"}], [5], ["", None])),
    ],
)
def test_an_answer_that_names_the_target_or_nothing_is_a_success(answer: object) -> None:
    assert DESTROYED(json.dumps(answer).encode(), NAMES) == "fra"


@pytest.mark.parametrize(
    "answer",
    [
        {"database": "prod"},
        {"database": "db"},
        {"group": {"name": "g"}},
        {"databases": []},
        {"instances": [{"name": "fra"}]},
        {"instance": "lhr"},
        {"instance": {"name": "lhr"}},
        {"instance": "fra", "Instance": "lhr"},
        {"instance": "fra", "database": "prod"},
        {"instance": 5},
        {"instance": "fra", "success": False},
        {"instance_name": "lhr"},
        {"instanceName": "lhr"},
        {"data": {"instance": "lhr"}},
        {"result": {"deleted": {"instance": {"name": "lhr"}}}},
        {"name": "lhr"},
        *({key: ["lhr"]} for key in ("deleted", "destroyed", "removed", "data")),
        {"deleted": ["fra", "lhr"]},
        {"deleted": [{"name": "lhr"}]},
        {"deleted": {"removed": ["lhr"]}},
        {"instance": "fra", "data": {"ok": False}},
        {"status": "error"},
        [],
        "fra",
        True,
    ],
)
def test_an_answer_about_something_else_is_no_success(answer: object) -> None:
    with pytest.raises(DecodeError):
        DESTROYED(json.dumps(answer).encode(), NAMES)


@pytest.mark.parametrize(
    "answer",
    [
        (404, {"code": "route_not_found", "error": "no such route"}),
        (404, b"404 page not found"),
        (400, {"error": "bad request"}),
        (405, b""),
        (410, {"error": "gone"}),
        (501, b""),
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["update database version", "update databases of group"])
async def test_a_withdrawn_operation_is_not_offered(
    turso: TursoClient, server: Recorder, name: str, answer: Any
) -> None:
    """The error has the server's status and is not about the thing that was named."""
    server.answers = [answer]
    with pytest.raises(NotOfferedError, match=f"the platform does not offer to {name} any more") as caught:
        await CASES[name].call(turso)
    error = caught.value
    assert (error.status, error.operation, error.organization) == (answer[0], name, "org")
    assert error.attempts == 1 and not error.__cause__


async def test_a_withdrawn_operation_on_what_does_not_exist(turso: TursoClient, server: Recorder) -> None:
    """A 404 about the database is just that, and an outage is an outage."""
    for status, text in ((404, "could not find database with name [db]: record not found"), (503, "down")):
        server.answers = [(status, {"error": text})]
        with pytest.raises(TursoError) as caught:
            await CASES["update database version"].call(turso)
        assert not isinstance(caught.value, NotOfferedError) and text in str(caught.value)


TWICE = [
    b'{"instance": "lhr", "instance": "fra"}',
    b'{"error": "no", "error": null}',
    b'{"instances": [{"name": "a", "type": "primary", "type": "replica"}]}',
    b'{"instances": [{"name": "a"}], "instances": []}',
]


@pytest.mark.parametrize("body", TWICE)
def test_of_two_values_under_one_key_none_is_believed(body: bytes) -> None:
    for read in (DESTROYED, page(Instance, "instances"), nothing):
        with pytest.raises(DecodeError, match="not valid JSON"):
            read(body, NAMES)


def test_one_value_that_comes_twice_is_that_value() -> None:
    assert DESTROYED(b'{"instance": "fra", "instance": "fra"}', NAMES) == "fra"


def test_answers_within_answers_are_read_to_a_bound() -> None:
    deep = b'{"data":' * 200 + b'{"instance": "lhr"}' + b"}" * 200
    assert DESTROYED(deep, NAMES) == "fra"
