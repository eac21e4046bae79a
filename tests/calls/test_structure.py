"""JSON becomes a model by the rules of its fields: strict, optional, under another key, secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import field, frozen

from aioturso import DecodeError, Instance
from aioturso._structure import fold, refuse, structure
from aioturso.models import DECIDES, Model, Secret
from aioturso.models._page import Cursor


@frozen(kw_only=True)
class Part(Model):
    id: str


@frozen(kw_only=True)
class Thing(Model):
    name: str
    at: datetime
    note: str | None = None
    decides: str | None = field(default=None, metadata=DECIDES)
    other: str | None = field(default=None, metadata={"also": ("alias", "second_alias")})
    flag: bool | None = None
    seen: datetime | None = None
    key: Secret | None = None
    token: str | None = None
    next: Cursor | None = None
    part: Part | None = None
    parts: tuple[Part, ...] = ()
    tags: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(factory=dict)
    facts: Mapping[str, object] = field(factory=dict)


AT = datetime(2026, 1, 2, tzinfo=UTC)
LEAST = {"name": "a", "at": "2026-01-02T00:00:00Z"}


def thing(**given: Any) -> Thing:
    return structure({**LEAST, **given}, Thing, "$")


def refused(data: Any, cls: Any = Thing, where: str = "$") -> tuple[str, str]:
    """Returns the place and the text of the error."""
    with pytest.raises(DecodeError) as caught:
        structure(data, cls, where)
    assert str(caught.value).endswith(f" at {caught.value.where}")
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value.where, str(caught.value).removesuffix(f" at {caught.value.where}")


def test_an_answer_may_be_refused_as_a_whole() -> None:
    with pytest.raises(DecodeError, match=r"^it is another one$") as caught:
        refuse("it is another one")
    assert caught.value.where == "$"


def test_a_key_has_one_form_in_every_spelling() -> None:
    assert {fold(key) for key in ("DbId", "dbId", "db_id", "DB_ID", "_dbid")} == {"dbid"}


def test_what_is_required_is_there_and_fits() -> None:
    assert thing() == Thing(name="a", at=AT)
    assert refused({"name": "a"}) == ("$.at", "required and missing")
    assert refused({}, where="$.x") == ("$.x.name", "required and missing")
    assert refused({**LEAST, "name": None}) == ("$.name", "required and missing")
    for given in ({"name": ""}, {"at": ""}):
        (place,) = given
        assert refused({**LEAST, **given}) == (f"$.{place}", "required and missing")
    assert refused({**LEAST, "name": 1}) == ("$.name", "expected text, not int,")
    assert refused({**LEAST, "at": []}) == ("$.at", "expected a time, not list,")
    assert refused([]) == ("$", "expected an object, not list,")


def test_an_optional_value_that_does_not_fit_is_left_out_and_stays_in_raw() -> None:
    for name, odd in {"note": 1, "flag": "true", "seen": "x", "part": [], "tags": {}, "labels": []}.items():
        found = thing(**{name: odd})
        assert found == thing() and found.raw[name] == odd
    assert thing(flag=False).flag is False
    assert thing(labels={"a": 1}) == thing()


def test_empty_text_is_a_value_of_an_optional_text_and_none_of_a_time() -> None:
    assert (thing(note="").note, thing(decides="").decides) == ("", "")
    assert thing(seen="").seen is None
    assert refused({**LEAST, "decides": 1}) == ("$.decides", "expected text, not int,")


def test_a_list_of_objects_has_each_of_them_or_is_an_error() -> None:
    assert thing(parts=[{"id": "1"}, {"id": "2"}]).parts == (Part(id="1"), Part(id="2"))
    assert refused({**LEAST, "parts": [{"id": "1"}, {"id": 2}]}) == (
        "$.parts[1].id",
        "expected text, not int,",
    )
    assert refused({**LEAST, "parts": [{}]}) == ("$.parts[0].id", "required and missing")
    assert refused({**LEAST, "parts": {}}) == ("$.parts", "expected a list, not dict,")
    assert (thing(tags=["a", "b"]).tags, thing(tags=["a", 1]).tags) == (("a", "b"), ())
    assert thing(tags=[{"id": "1"}]).tags == ()


@frozen(kw_only=True)
class Tagged(Model):
    name: str
    tags: tuple[str, ...] = ()


LISTED = {"uuid": "u", "name": "i", "type": "replica", "region": "fra", "hostname": "h"}
CHANGES: list[dict[str, object]] = [
    {},
    {"name": ""},
    {"name": None},
    {"name": 7},
    {"type": ""},
    {"type": None},
    {"type": 7},
    {"region": ["fra"]},
    {"hostname": {"token": "t"}},
    {"uuid": ""},
    {"uuid": None},
    {"uuid": 7},
    {"uuid": "00000000-0000-0000-0000-000000000000"},
    {"uuid": "0" * 32},
    {"Name": "i"},
    {"Name": "other"},
    {"Type": "primary"},
    {"new": "x"},
    {"new": None},
    {"password": "p"},
    {"token": "t"},
]


def read(data: Any, cls: Any, where: str) -> Any:
    """Returns what is made of a value, with what it shows as its `raw`, or the place and the text of the error."""
    try:
        found = structure(data, cls, where)
    except DecodeError as error:
        return error.where, str(error)
    return [
        (type(model), model, repr(model.raw)) for model in (found if isinstance(found, list) else [found])
    ]


def each(objects: list[Any], cls: Any) -> Any:
    """Returns what is made of each by itself, or the first error."""
    found = [read(data, cls, f"$[{index}]") for index, data in enumerate(objects)]
    errors = [error for error in found if isinstance(error, tuple)]
    return errors[0] if errors else [model for (model,) in found]


@pytest.mark.parametrize("left_out", ["", "name", "uuid", "type", "region", "hostname"])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_objects_that_are_alike_are_read_together_as_each_is_by_itself(
    change: dict[str, object], left_out: str
) -> None:
    usual = {key: value for key, value in LISTED.items() if key != left_out}
    changed = {**usual, **change}
    for objects in ([changed], [changed] * 2, [usual, changed], [changed, usual], [usual, changed, usual]):
        assert read(objects, list[Instance], "$") == each(objects, Instance)


@pytest.mark.parametrize("odd", [None, 1, "ab", [], [LISTED], {}, dict(reversed(LISTED.items()))], ids=str)
def test_a_list_with_an_object_of_another_form_is_read_one_by_one(odd: object) -> None:
    for objects in ([odd], [LISTED, odd], [odd, LISTED]):
        assert read(objects, list[Instance], "$") == each(objects, Instance)


@pytest.mark.parametrize("digit", "0fF")
def test_the_uuid_that_belongs_to_nothing_is_none(digit: str) -> None:
    for text in (digit * 32, "-".join(digit * count for count in (8, 4, 4, 4, 12))):
        for objects in ([{**LISTED, "uuid": text}], [{**LISTED, "uuid": text, "new": 1}]):
            (found,) = structure(objects, list[Instance], "$")
            assert (found.uuid, found.raw["uuid"]) == ("", text)
    for text in (digit * 33, "1" * 32, "X" * 32):
        (found,) = structure([{**LISTED, "uuid": text}], list[Instance], "$")
        assert found.uuid == text


def test_what_objects_that_are_alike_lack_has_its_default() -> None:
    objects = [{"name": "a"}, {"name": "b"}]
    assert structure(objects, list[Tagged], "$") == [Tagged(name="a"), Tagged(name="b")]
    assert structure([], list[Tagged], "$") == []


def test_an_object_in_an_object_is_read_or_left_out() -> None:
    assert thing(part={"id": "1"}).part == Part(id="1")
    assert thing(part={"id": 1}).part is thing(part={}).part is None


def test_a_list_and_a_mapping_are_read_by_themselves() -> None:
    assert structure([{"id": "1"}], list[Part], "$") == [Part(id="1")]
    assert refused([{"id": "1"}, []], list[Part], "$.x") == ("$.x[1]", "expected an object, not list,")
    assert structure(["a"], tuple[str, ...], "$") == ("a",)
    assert refused("ab", list[str]) == ("$", "expected a list, not str,")
    assert thing(labels={"a": "b"}).labels == {"a": "b"}
    assert thing(facts={"a": 1}).facts == {"a": 1}


def test_the_name_of_a_field_wins_over_the_other_keys_for_it() -> None:
    assert thing(alias="x").other == thing(secondAlias="x").other == thing(Other="x").other == "x"
    for given in ({"alias": "x", "other": "y"}, {"other": "y", "alias": "x"}):
        assert thing(**given).other == "y"
    assert thing(alias="x", other="").other == ""
    assert thing(alias="x", second_alias="x").other == "x"
    for given in ({"alias": "x", "second_alias": "y"}, {"alias": "x", "Alias": "y"}):
        assert thing(**given).other is None
    assert thing(alias=1).other is None


def test_a_field_that_comes_twice_has_a_value_where_both_are_the_same() -> None:
    assert thing(note="x", Note="x").note == "x"
    assert thing(note="x", Note="y").note is None
    assert thing(note="x", Note=None).note == "x"
    assert thing(seen="", Seen="2026-01-02").seen == AT
    assert thing(note="", Note="y").note is None
    assert thing(note="x", Note=1).note is None
    expected = ("$.decides", "given twice, with different values,")
    assert refused({**LEAST, "decides": "x", "Decides": "y"}) == expected
    assert refused({**LEAST, "Name": "b"})[0] == "$.name"


def test_raw_is_the_object_itself_where_it_holds_no_secret() -> None:
    data = {**LEAST, "more": {"a": [1, {"b": [2]}]}, "list": [1]}
    assert structure(data, Thing, "$").raw is data
    found = thing(raw="mine", Raw="other")
    assert found.raw["raw"] == "mine"


SECRETS = ("jwt", "token", "authToken", "auth_token", "password", "encryption_key", "platformAccessToken")


def shown(value: Any) -> str:
    return repr(thing(x=value).raw)


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_is_not_shown_wherever_it_is(key: str) -> None:
    for data in (
        {"more": {key: "hush"}},
        {"more": [{key: "hush"}]},
        {"more": [[{"a": 1}, {key: "hush"}]]},
        {"more": {key: ["hush", ["hush", 1]]}},
        {"more": {key: {"inner": "plain", key: "hush"}}},
        {key: "hush"},
        {key: ["hush"]},
    ):
        found = thing(note="plain", **data)
        assert "hush" not in repr(found.raw) and found.raw == {**LEAST, "note": "plain", **data}
        assert "plain" in repr(found.raw)


def test_a_field_for_a_secret_is_not_shown_either() -> None:
    found = thing(key="hush")
    assert (found.key, found.raw["key"]) == ("hush", "hush")
    assert "hush" not in repr(found) + repr(found.raw)
    assert type(found.key) is Secret and type(thing(next="c").next) is Cursor


def test_what_is_no_secret_is_shown_as_it_is() -> None:
    data = {"a": "b", "c": ["d", 1, None], "e": {"f": True}, "tokens": "not one"}
    assert shown(data) == repr({**LEAST, "x": data})


def test_a_cursor_is_text_or_a_whole_number() -> None:
    assert [thing(next=value).next for value in ("c", 5, True, 1.5)] == ["c", "5", None, None]


def number(value: Any) -> Any:
    try:
        return structure(value, int, "$")
    except DecodeError as error:
        return str(error)


def test_a_whole_number_may_come_as_text_or_as_a_float() -> None:
    assert [number(value) for value in (5, "5", "-5", 5.0, -0.0, 10**50)] == [5, 5, -5, 5, 0, 10**50]
    assert [type(number(value)) for value in (5.0, "5")] == [int, int]
    assert number("9" * 39) == int("9" * 39)
    odds: tuple[Any, ...] = (
        "9" * 40,
        "",
        "-",
        "--5",
        "5.0",
        "5-",
        " 5",
        True,
        1.5,
        float("nan"),
        float("inf"),
        None,
        [],
    )
    for odd in odds:
        assert number(odd) == f"expected a whole number, not {type(odd).__name__}, at $"


def test_a_time_is_text_or_seconds_and_has_a_zone() -> None:
    found = [
        structure(value, datetime, "$")
        for value in ("2026-01-02", "2026-01-02T00:00:00", "2026-01-02T01:00:00+01:00", AT.timestamp())
    ]
    assert found == [AT] * 4 and all(time.tzinfo for time in found)
    odds: tuple[Any, ...] = ("x", True, 1e300, float("nan"), None, {})
    for odd in odds:
        assert refused(odd, datetime) == ("$", f"expected a time, not {type(odd).__name__},")
    for zero in ("0001-01-01T00:00:00Z", "0001-01-01", "1970-01-01T01:00:00+01:00", 0, 0.0):
        assert refused(zero, datetime) == ("$", f"expected a time that is set, not {type(zero).__name__},")


def test_a_switch_is_true_or_false_itself() -> None:
    assert [structure(value, bool, "$") for value in (True, False)] == [True, False]
    for odd in (0, 1, "true", None):
        assert refused(odd, bool) == ("$", f"expected true or false, not {type(odd).__name__},")


def test_what_has_no_rule_is_an_error_that_holds_no_value() -> None:
    assert refused({"a": "hush"}, Exception)[1].startswith("not valid (")
