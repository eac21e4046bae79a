"""An answer's bytes become the value of a call, or an error with the place of what does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from aioturso import Database, DecodeError, Group, Instance
from aioturso._decode import (
    anything,
    expect,
    grouped,
    items,
    many,
    mapped,
    nothing,
    one,
    page,
    page_of,
    value,
)
from aioturso._removals import removed
from aioturso._structure import get
from aioturso.models.api_tokens import APIToken
from aioturso.models.databases import DatabaseConfiguration

NAMES = ("org", "db")
Read = Callable[[bytes, tuple[str, ...]], Any]


def refused(read: Read, body: bytes, *names: str) -> tuple[str, str]:
    """Returns the place and the text of the error."""
    with pytest.raises(DecodeError) as caught:
        read(body, names)
    return caught.value.where, str(caught.value)


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_an_empty_answer_is_none(body: bytes) -> None:
    assert anything(body, ()) is None
    nothing(body, ())


@pytest.mark.parametrize(
    "body", [b"null", b"1", b'"error"', b'{"errors": []}', b'{"error": null}', b'{"errors": 0}']
)
def test_json_without_an_error_is_a_success(body: bytes) -> None:
    anything(body, ())
    nothing(body, ())


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": ""}',
        b'{"ERROR": "no"}',
        b'{"a": 1, "errors": ["no"]}',
        b'{"errors": {"a": 1}}',
        b'{"a": {"error": "no"}}',
        b'{"a": {"b": {"Error": {}}}}',
    ],
)
def test_a_success_with_an_error_in_it_is_none(body: bytes) -> None:
    for read in (anything, nothing):
        assert refused(read, body) == ("$", "a success status with an error in the answer at $")


def test_below_the_third_object_and_in_lists_keys_are_data() -> None:
    anything(b'{"a": {"b": {"c": {"error": "data"}}}}', ())
    anything(b'[{"error": "data"}]', ())
    anything(b'{"a": [{"error": "data"}]}', ())
    anything(b'{"a": {"error": "data"}}', (), 1)
    assert refused(lambda body, names: anything(body, names, 1), b'{"error": 1}')[0] == "$"


def test_what_is_no_json_is_no_success() -> None:
    for read in (anything, nothing, removed("database")):
        assert "not valid JSON" in refused(read, b"<p>", "db")[1]


DATABASE = one(Database, "database")


def test_one_thing_is_read_under_its_key_in_any_spelling() -> None:
    assert DATABASE(b'{"database": {"Name": "a"}}', ()).name == "a"
    assert DATABASE(b'{"Database": {"Name": "a"}}', ()).name == "a"


@pytest.mark.parametrize(
    ("body", "where", "why"),
    [
        (b'{"Name": "a"}', "$.database", "expected an object, not NoneType,"),
        (b'{"database": []}', "$.database", "expected an object, not list,"),
        (b'{"database": {}}', "$.database.name", "required and missing"),
        (b"[]", "$", "expected an object, not list,"),
        (b"", "$.database", "expected an object, not NoneType,"),
    ],
)
def test_one_thing_that_does_not_fit_is_an_error_with_its_place(body: bytes, where: str, why: str) -> None:
    assert refused(DATABASE, body) == (where, f"{why} at {where}")


def test_the_object_itself_is_read_without_a_key_or_where_it_is_bare() -> None:
    assert one(Database)(b'{"Name": "a"}', ()).name == "a"
    assert refused(one(Database), b"{}") == ("$.name", "required and missing at $.name")
    bare = one(Database, "database", bare=True)
    assert bare(b'{"Name": "a"}', ()).name == bare(b'{"database": {"Name": "a"}}', ()).name == "a"
    assert bare(b'{"Name": "a", "database": "a"}', ()).name == "a"
    assert refused(bare, b'{"database": {}}')[0] == "$.database.name"
    assert refused(bare, b"{}")[0] == "$.name"


def test_a_key_that_stands_beside_the_object_belongs_to_it() -> None:
    beside = one(Database, "database", beside=("hostname", "version"))
    twice = b'{"database": {"Name": "a"}, "version": "1", "Version": "2"}'
    assert refused(beside, twice)[0] == "$.version"
    found = beside(b'{"HostName": "h", "version": "1", "database": {"Name": "a", "version": "2"}}', ())
    assert (found.hostname, found.version) == ("h", "2")
    assert beside(b'{"hostname": "", "database": {"Name": "a"}}', ()).hostname is None
    assert refused(beside, b'{"hostname": "h"}')[0] == "$.database"


def test_an_optional_thing_is_an_object_without_fields() -> None:
    assert refused(one(Database, "database", optional=True), b"")[0] == "$.name"
    given = one(DatabaseConfiguration, "c", optional=True)(b'{"c": {"size_limit": "1mb"}}', ())
    assert given.size_limit == "1mb"
    for body in (b"", b"{}", b'{"c": null}'):
        assert one(DatabaseConfiguration, "c", optional=True)(body, ()) == DatabaseConfiguration()
    assert one(DatabaseConfiguration, optional=True)(b"", ()) == DatabaseConfiguration()


def test_many_things_are_a_list_under_a_key_or_bare() -> None:
    read, bare = many(Group, "groups"), many(Group, "groups", bare=True)
    assert [g.name for g in read(b'{"groups": [{"name": "a"}, {"name": "b"}]}', ())] == ["a", "b"]
    assert read(b'{"groups": null}', ()) == []
    assert [g.name for g in bare(b'[{"name": "a"}]', ())] == ["a"]
    assert bare(b'{"groups": []}', ()) == []
    assert [g.name for g in many(Group, None)(b'[{"name": "a"}]', ())] == ["a"]


@pytest.mark.parametrize(
    ("read", "body", "where", "why"),
    [
        (many(Group, "groups"), b"{}", "$.groups", "expected a list"),
        (many(Group, "groups"), b'{"groups": {}}', "$.groups", "expected a list, not dict,"),
        (many(Group, "groups"), b'[{"name": "a"}]', "$", "expected an object, not list,"),
        (
            many(Group, "groups"),
            b'{"groups": [{"name": "a"}, 1]}',
            "$.groups[1]",
            "expected an object, not int,",
        ),
        (many(Group, "groups"), b'{"groups": [{}]}', "$.groups[0].name", "required and missing"),
        (many(Group, None), b"{}", "$", "expected a list, not dict,"),
        (many(Group, "groups", bare=True), b"{}", "$.groups", "expected a list"),
        (many(Group, "groups", bare=True), b"[1]", "$[0]", "expected an object, not int,"),
    ],
)
def test_a_list_that_does_not_fit_is_an_error_with_its_place(
    read: Read, body: bytes, where: str, why: str
) -> None:
    assert refused(read, body) == (where, f"{why} at {where}")


def test_one_value_is_read_under_its_key() -> None:
    assert value("jwt", str)(b'{"JWT": "x"}', ()) == "x"
    within = value("size", int, within="data")
    assert within(b'{"data": {"size": 5}}', ()) == 5
    assert refused(within, b'{"data": {}}') == ("$.data.size", "required and missing at $.data.size")
    assert refused(within, b"{}") == ("$.data", "expected an object, not NoneType, at $.data")
    assert refused(within, b"[]")[0] == "$" and refused(value("jwt", str), b"[]")[0] == "$"
    for body in (b'{"jwt": ""}', b'{"jwt": null}', b"{}"):
        assert refused(value("jwt", str), body) == ("$.jwt", "required and missing at $.jwt")
    assert refused(value("jwt", str), b'{"jwt": 1}') == ("$.jwt", "expected text, not int, at $.jwt")
    assert value("rules", dict, depth=1)(b'{"rules": {"error": "data"}}', ()) == {"error": "data"}
    assert refused(value("rules", dict), b'{"rules": {"error": "data"}}')[0] == "$"


def test_an_object_of_pairs_is_a_list_of_things_with_two_fields() -> None:
    read = mapped(APIToken, "tokens", ("name", "id"))
    found = read(b'{"tokens": {"a": "1", "b": "2"}}', ())
    assert [(t.name, t.id) for t in found] == [("a", "1"), ("b", "2")]
    assert read(b'{"tokens": null}', ()) == []
    for body in (b'{"tokens": []}', b"{}"):
        assert refused(read, body) == ("$.tokens", "expected an object at $.tokens")
    assert refused(read, b"[]") == ("$", "expected an object, not list, at $")
    assert (
        refused(mapped(APIToken, "tokens", ("id", "name")), b'{"tokens": {"1": 5}}')[0] == "$.tokens[0].name"
    )


def test_an_object_of_groups_is_a_list_of_things_with_three_fields() -> None:
    read = grouped(Instance, "found", ("region", "name", "uuid"))
    found = read(b'{"found": {"fra": {"a": "1", "b": "2"}, "iad": {"c": "3"}}}', ())
    assert [(i.region, i.name, i.uuid) for i in found] == [
        ("fra", "a", "1"),
        ("fra", "b", "2"),
        ("iad", "c", "3"),
    ]
    assert read(b'{"found": null}', ()) == []
    assert refused(read, b'{"found": {"fra": 1}}') == ("$.found.fra", "expected an object at $.found.fra")
    assert refused(grouped(Instance, "found", ("region", "uuid", "name")), b'{"found": {"a": {"b": 1}}}')[
        0
    ] == ("$.found[0].name")


def test_a_page_has_its_items_and_its_place() -> None:
    read = page(Database, "databases")
    only = read(b'{"databases": [{"Name": "a"}]}', ())
    assert [d.name for d in only.items] == ["a"] and only.pagination.next is None
    more = read(b'{"databases": [], "Pagination": {"next": "n"}}', ())
    assert (more.items, str(more.pagination.next)) == ([], "n")
    assert read(b'{"databases": [], "pagination": null}', ()).pagination.next is None
    assert refused(read, b'{"databases": [], "pagination": 5}')[0] == "$.pagination"
    assert refused(read, b'{"pagination": {}}')[0] == "$.databases"
    assert items({"groups": None}, Group, "groups") == []


@pytest.mark.parametrize(
    ("owner", "fits"), [("db", True), ("", True), (None, True), ({}, True), ("other", False)]
)
def test_a_list_of_another_one_is_no_list_of_this_one(owner: object, fits: bool) -> None:
    listed = json.dumps({"organization": "other" if owner == "other" else "ORG", "databases": []}).encode()
    if fits:
        assert page(Database, "databases")(listed, NAMES[:1]).items == []
    else:
        assert refused(page(Database, "databases"), listed, *NAMES[:1])[0] == "$.organization"
    body = json.dumps({"Database": owner, "instances": [{"name": "i"}]}).encode()
    read = page(Instance, "instances", of="database")
    if fits:
        assert [found.name for found in read(body, NAMES).items] == ["i"]
    else:
        text = "the answer is about another one than the request at $.database"
        assert refused(read, body, *NAMES) == ("$.database", text)
    assert [found.name for found in page(Instance, "instances")(body, NAMES).items] == ["i"]


@pytest.mark.parametrize(
    ("beside", "place"),
    [
        ({"database": {"Name": "other"}}, "$.database"),
        ({"database_name": "other"}, "$.database"),
        ({"databaseName": {"name": "other"}}, "$.database"),
        ({"database": "db", "DatabaseName": "other"}, "$.database"),
        ({"Organization": {"slug": "other", "name": "org"}}, "$.organization"),
        ({"organization_slug": "other"}, "$.organization"),
    ],
)
def test_a_list_names_its_owner_in_an_object_and_under_other_keys_too(
    beside: dict[str, object], place: str
) -> None:
    body = json.dumps({**beside, "instances": []}).encode()
    for read in (
        page(Instance, "instances", of="database"),
        page_of(Instance, "instances", str, of="database"),
    ):
        assert refused(read, body, *NAMES)[0] == place


def test_a_list_that_names_its_owner_in_another_way_is_no_list_of_another_one() -> None:
    for beside in (
        {"database": {"name": "db", "slug": "other"}, "organization": {"slug": "ORG", "name": "Other"}},
        {"database": {"name": "", "DbId": "1"}, "organization_name": "Other", "database_slug": "other"},
        {"database": {"name": None}, "organization": {"name": "Other"}, "organizationSlug": 5},
    ):
        body = json.dumps({**beside, "instances": []}).encode()
        assert page(Instance, "instances", of="database")(body, NAMES).items == []


def test_a_list_without_pages_is_none_of_another_organization() -> None:
    read = many(Group, "groups")
    for owner in ("other", {"slug": "other"}):
        body = json.dumps({"organization": owner, "groups": []}).encode()
        assert refused(read, body, "org")[0] == "$.organization"
        assert read(body, ()) == [] == read(body, ("other",))
    assert many(Group, "groups", bare=True)(b'[{"name": "g"}]', ("org",))


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"instances": [], "Instances": [1]}', "$.instances"),
        (b'{"instances": [], "pagination": {}, "Pagination": {"next": "a"}}', "$.pagination"),
    ],
)
def test_of_two_lists_or_two_paginations_none_is_believed(body: bytes, place: str) -> None:
    assert refused(page(Instance, "instances"), body)[0] == place


def test_a_list_that_is_read_item_by_item_is_no_other_ones_either() -> None:
    read = page_of(Instance, "instances", str, of="database")
    body = b'{"database": "other", "instances": []}'
    assert refused(read, body, "db")[0] == "$.database"
    assert read(body, ("other",)).items == []


def test_an_answer_without_the_name_that_is_compared_is_about_no_one() -> None:
    with pytest.raises(DecodeError, match=r"^required and missing at \$\.a\.uuid$"):
        expect(Instance(name="i"), ("uuid", "hostname"), "u", "$.a")
    expect(Instance(name="i", hostname=" U "), ("uuid", "hostname"), "u")


def test_a_key_is_found_however_it_is_spelled_with_one_value() -> None:
    assert get({"db_id": 2, "DbId": 2}, "DbId", "$") == 2
    with pytest.raises(DecodeError, match=r"given twice, with different values, at \$.a.DbId"):
        get({"db_id": 1, "DbId": 2}, "DbId", "$.a")
    assert get({"DBID": 1, "x": 2}, "db_id", "$") == 1
    assert get({}, "x", "$") is None and get({}, "x", "$", 5) == 5
    with pytest.raises(DecodeError, match=r"expected an object, not list, at \$.a"):
        get([], "x", "$.a")
