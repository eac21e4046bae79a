"""Targets, candidates and the selection of their names, as data."""

from __future__ import annotations

from typing import Any, get_args
from weakref import ref

import pytest
from attrs import evolve, fields

from aioturso import InvalidInputError, Target
from aioturso.teardown import listing, restoring
from aioturso.teardown.selection import Exclusion, Selection, matches, patterns, several
from aioturso.teardown.targets import TRAITS, Candidate, Kind, folded

INSTANCE = Target(organization="org", database="db", instance="i", location="fra", uuid="u")
KINDS = [
    (INSTANCE, ("db", "i"), "instance db/i"),
    (Target(kind="database", database="db"), ("db",), "database db"),
    (Target(kind="group", group="g", database="x"), ("g",), "group g"),
    (Target(kind="group location", group="g", location="fra"), ("g", "fra"), "group location g/fra"),
    (Target(kind="API token", token="t"), ("t",), "API token t"),
]


@pytest.mark.parametrize(("target", "names", "text"), KINDS)
def test_each_kind_has_the_names_of_its_path(target: Target, names: tuple[str, ...], text: str) -> None:
    assert (target.names, target.key, str(target)) == (names, (target.kind, *names), text)


def test_each_kind_has_a_row_in_the_table_and_a_way_to_be_listed_and_restored() -> None:
    assert get_args(Kind) == tuple(TRAITS) == tuple(listing.KINDS)
    assert [target.kind for target, _, _ in KINDS] == list(TRAITS)
    names = {field.name for field in fields(Target)}
    assert all(names.issuperset(traits.fields) for traits in TRAITS.values())
    assert {kind for kind, traits in TRAITS.items() if traits.restorable} == set(restoring._RESTORE)


def test_a_target_is_an_instance_unless_it_is_of_another_kind() -> None:
    assert Target(database="db", instance="i").key == ("instance", "db", "i")


def test_a_target_is_of_its_organization_and_a_token_of_none() -> None:
    database, token = (
        Target(kind="database", organization="org", database="db"),
        Target(kind="API token", token="t"),
    )
    assert (database.is_of("org"), database.is_of("other"), database.is_of("")) == (True, False, False)
    assert (token.is_of("org"), evolve(token, organization="org").is_of("org")) == (True, False)


def test_a_target_with_an_odd_name_is_one_line() -> None:
    assert str(Target(database="a\nb", instance="x" * 400)) == f"instance a b/{'x' * 296}"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("u", "u", True),
        ("U ", "u", True),
        ("u", "v", False),
        ("u", None, None),
        (None, "u", None),
        ("", "", None),
    ],
)
def test_two_targets_are_the_same_by_their_uuids_alone(
    one: str | None, other: str | None, same: bool | None
) -> None:
    assert Target(uuid=one, database="a").is_same(Target(uuid=other, database="b")) is same


def test_a_folded_text_has_no_case_and_no_outer_space() -> None:
    plain = "plain"
    assert folded(plain) is plain
    assert [folded(text) for text in (" A b ", "STRASSE", "stra\u00dfe", "", None)] == [
        "a b",
        "strasse",
        "strasse",
        "",
        "",
    ]


def test_a_target_survives_as_plain_data() -> None:
    for target, _, _ in KINDS:
        data = target.to_dict()
        assert all(data.values()) and Target.from_dict(data) == target


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "texts under the names of its fields are expected"),
        ({"kind": "group", "group": 1}, "texts under the names of its fields are expected"),
        ({"kind": "group", "group": "g", "uuid": None}, "texts under the names of its fields are expected"),
        ({"kind": "group", "group": "g", "size": "1"}, "texts under the names of its fields are expected"),
        ({"group": "g"}, "kind must be one of instance, database, group, group location, API token"),
        ({"kind": "table", "group": "g"}, "kind must be one of"),
        ({"kind": "instance", "database": "db"}, "a name of this instance is missing"),
        ({"kind": "database"}, "a name of this database is missing"),
    ],
)
def test_anything_else_is_no_target(data: Any, message: str) -> None:
    with pytest.raises(InvalidInputError, match=f"not a target: {message}"):
        Target.from_dict(data)


def test_a_target_with_all_of_its_fields_survives_too() -> None:
    names = [attribute.name for attribute in fields(Target)]
    data = {**dict.fromkeys(names, "x"), "kind": "group"}
    assert Target.from_dict(data).to_dict() == data


def test_there_may_be_very_many_so_none_has_room_for_a_weak_reference() -> None:
    for thing in (INSTANCE, Candidate(INSTANCE)):
        with pytest.raises(TypeError, match="weak reference"):
            ref(thing)


def test_a_candidate_shows_its_note_or_its_databases() -> None:
    group = Target(kind="group", group="g")
    databases = tuple(Target(kind="database", database=f"d{number}\n") for number in range(6))
    assert str(Candidate(group)) == "group g"
    assert str(Candidate(group, note="2 days\nold")) == "group g (2 days old)"
    five = "d0, d1, d2, d3, d4"
    assert str(Candidate(group, databases=databases[:5])) == f"group g with 5 databases ({five})"
    assert str(Candidate(group, databases=databases)) == f"group g with 6 databases ({five}, ...)"
    many = str(Candidate(group, databases=databases * 200))
    assert many.startswith("group g with 1,200 databases")


def test_patterns_are_one_text_or_several() -> None:
    assert patterns("a*") == ("a*",)
    assert patterns(["a*", "b"]) == patterns(("a*", "b")) == ("a*", "b")
    assert patterns(()) == ()


@pytest.mark.parametrize("globs", ["", " ", [""], ["a", " "], [1], 5, None, {"a"}, b"a"])
def test_a_pattern_is_a_text_that_is_not_empty(globs: Any) -> None:
    with pytest.raises(InvalidInputError, match="a pattern must be a text that is not empty"):
        patterns(globs)


@pytest.mark.parametrize("glob", ["^a", "a$", "a{2}", "a}", "a\\d"])
def test_a_regular_expression_is_no_pattern(glob: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a glob"):
        patterns(["a", glob])


@pytest.mark.parametrize("values", ["", " ", ["a", ""], [1], 5, {"a"}])
def test_a_text_is_not_empty(values: Any) -> None:
    with pytest.raises(InvalidInputError, match="names must be a text that is not empty"):
        several(values, "names")


def test_texts_are_one_or_several() -> None:
    assert (several("a*", "x"), several(["a", "b"], "x"), several((), "x")) == (("a*",), ("a", "b"), ())


def test_a_glob_matches_one_of_the_names_or_all_of_them() -> None:
    found = {glob: matches(INSTANCE, glob) for glob in ("db", "i", "db/i", "d*", "db/*", "fra", "D*", "org")}
    assert [glob for glob, match in found.items() if match] == ["db", "i", "db/i", "d*", "db/*"]


def selection(**parts: Any) -> Selection:
    given = {"match": None, "names": None, "prefix": None, "everything": False, **parts}
    return Selection.of(given["match"], given["names"], given["prefix"], given["everything"])


def test_a_name_is_meant_by_itself_by_its_beginning_or_by_a_pattern() -> None:
    chosen = selection(names=["a*", "b"], prefix="p-", match=["x*", "y?"])
    meant = [
        name for name in ("a*", "ax", "b", "bb", "p-1", "q-p-", "x", "y", "y1", "Y1") if chosen.wants(name)
    ]
    assert meant == ["a*", "b", "p-1", "x", "y1"]
    assert str(chosen) == "a*, b, p-..., x*, y?"
    assert chosen.unmatched == ()


def test_the_parts_that_matched_nothing_are_known() -> None:
    chosen = selection(names=["a", "b"], prefix=["p", "q"], match=["x*", "y*"])
    assert [chosen.wants(name) for name in ("a", "p1", "x1")] == [True] * 3
    assert chosen.unmatched == ("name 'b'", "prefix 'q'", "pattern 'y*'")


def test_everything_is_each_name() -> None:
    chosen = selection(everything=True)
    assert chosen.wants("any") and str(chosen) == "*" and chosen.globs == ("*",)
    narrow = selection(everything=True, match="a*")
    assert narrow.globs == ("a*",) and not narrow.wants("b")
    parts: tuple[dict[str, Any], ...] = ({"names": []}, {"prefix": []}, {"names": ["a"]})
    for part in parts:
        assert not selection(everything=True, **part).wants("any")


def test_an_empty_list_of_names_means_none() -> None:
    parts: tuple[dict[str, Any], ...] = ({"names": []}, {"prefix": []})
    for part in parts:
        chosen = selection(**part)
        assert (str(chosen), chosen.wants("any"), chosen.unmatched) == ("none", False, ())


@pytest.mark.parametrize(
    "parts", [{}, {"match": ()}, {"match": "*"}, {"match": ["a*", "*"]}, {"match": "??[!a]"}]
)
def test_what_may_mean_everything_needs_everything(parts: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="everything=True is needed") as caught:
        selection(**parts)
    assert caught.value.parameter == "everything"
    selection(everything=True, **parts)


def test_a_pattern_with_any_letter_of_its_own_does_not_mean_everything() -> None:
    for glob in ("a*", "*a", "[ab]x", "?-?", "]"):
        assert selection(match=glob).globs == (glob,)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"everything": 1}, "everything must be True or False, not int"),
        ({"names": "a"}, "names must be a list of names, not one text"),
        ({"names": [""]}, "names must be a text that is not empty"),
        ({"prefix": ""}, "prefix must be a text that is not empty"),
    ],
)
def test_a_selection_that_does_not_fit_is_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        selection(**parts)


def test_an_exclusion_holds_in_any_spelling_of_a_name_and_notes_what_it_matched() -> None:
    exclusion = Exclusion(("keep*", "a/*", "B", "never"))
    held = [
        target.database
        for target in (
            Target(kind="database", database=" KEEP-1 "),
            Target(database="A", instance="I"),
            Target(kind="database", database="B"),
            Target(kind="database", database="c"),
        )
        if exclusion.holds(target)
    ]
    assert held == [" KEEP-1 ", "A", "B"]
    assert exclusion.unmatched == ("exclusion 'never'",)


@pytest.mark.parametrize(
    ("glob", "instance", "held"), [("db/i1", "I1", True), ("db/i1", "i11", False), ("[A-Z]?", "I1", True)]
)
def test_an_exclusion_holds_one_instance_and_a_range_of_letters_as_it_is(
    glob: str, instance: str, held: bool
) -> None:
    assert Exclusion((glob,)).holds(Target(database="DB", instance=instance)) is held


def test_without_an_exclusion_nothing_is_excluded() -> None:
    assert Exclusion(()).holds(INSTANCE) is False and Exclusion(()).unmatched == ()
