"""What a listing must show of a record before the record may become a target, and what a predicate must return."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturso import Instance, InvalidInputError
from aioturso._checks import hook
from aioturso.teardown import evidence
from aioturso.teardown.evidence import UNKNOWN_PROTECTION, Tally, holds, is_plain, weighed
from aioturso.teardown.listing import INSTANCES
from aioturso.teardown.targets import Candidate, Target


def candidate(reason: str | None = None, **fields: Any) -> Candidate:
    return Candidate(Target(**{"kind": "database", "organization": "org", "database": "a", **fields}), reason)


async def reasons(*candidates: Candidate) -> list[str | None]:
    return [found.reason for found in await weighed(candidates, "org")]


async def test_a_record_without_any_doubt_stays_as_it_is() -> None:
    found = [candidate(uuid="1"), candidate(uuid="2", database="b")]
    kept = await weighed(found, "org")
    assert all(one is other for one, other in zip(kept, found, strict=True))


async def test_a_record_of_another_organization_is_none_except_an_api_token_which_has_none() -> None:
    token = candidate(kind="API token", organization="", token="t")
    assert await reasons(candidate(organization="other"), token) == ["it is in another organization", None]


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"database": "a/b"}, "database"),
        ({"kind": "instance", "instance": ""}, "instance"),
        ({"kind": "instance", "database": "a?", "instance": "i"}, "database"),
        ({"kind": "group location", "group": "g", "location": ""}, "location"),
    ],
)
async def test_each_name_in_the_path_of_a_delete_must_be_plain(fields: dict[str, Any], label: str) -> None:
    assert await reasons(candidate(**fields)) == [f"its {label} is not a plain name"]


async def test_a_name_that_is_listed_twice_in_any_spelling_belongs_to_neither() -> None:
    found = [candidate(kind="group", group=name) for name in ("eu", "EU", "us")]
    twice = "its name is listed more than once"
    assert await reasons(*found) == [twice, twice, None]


@pytest.mark.parametrize(
    ("name", "other"), [("eu", "eu."), ("eu", "\uff45u"), ("caf\u00e9", "cafe\u0301"), ("k", "\u212a.")]
)
async def test_a_name_that_some_server_may_take_for_another_one_is_not_deleted(name: str, other: str) -> None:
    """One that decodes, normalizes or cuts the path: the delete of the one might hit the other."""
    found = [candidate(kind="group", group=each) for each in (name, other, "us")]
    kept = await reasons(*found)
    assert None not in kept[:2] and "its name is listed more than once" in kept[:2] and kept[2] is None


async def test_names_that_differ_by_their_last_letter_are_two() -> None:
    """Mathematical letters have no small ones: they are normalized after the case is folded."""
    found = [candidate(kind="group", group=name) for name in ("eu", "eu\U0001d417")]
    assert await reasons(*found) == [None, "its group is not a plain name"]


async def test_names_are_compared_within_their_kind_and_whole() -> None:
    instances = [candidate(kind="instance", database=name, instance="i") for name in ("a", "b")]
    assert await reasons(*instances, candidate(kind="group", group="a"), candidate()) == [None] * 4


async def test_capital_letters_are_doubted_in_the_name_of_a_database_alone() -> None:
    capital = "its name has capital letters, which the platform does not allow"
    found = [candidate(database="A"), candidate(kind="instance", database="B", instance="I")]
    assert await reasons(*found) == [capital, None]


@pytest.mark.parametrize("uuid", [None, "", " "])
async def test_a_uuid_that_others_of_the_list_have_must_not_be_missing(uuid: str | None) -> None:
    assert await reasons(candidate(uuid=uuid), candidate(database="b", uuid="1")) == [
        "its uuid is missing",
        None,
    ]


async def test_a_uuid_that_none_of_its_kind_has_is_not_listed_by_this_server() -> None:
    group = candidate(kind="group", group="g", uuid="1")
    assert await reasons(candidate(), candidate(database="b"), group) == [None] * 3


async def test_an_empty_uuid_is_missing_even_where_no_record_has_one() -> None:
    assert await reasons(candidate(uuid="")) == ["its uuid is missing"]


async def test_a_uuid_that_is_listed_twice_in_any_spelling_belongs_to_neither() -> None:
    found = [candidate(uuid="ab"), candidate(database="b", uuid="AB"), candidate(database="c", uuid="c")]
    twice = "its uuid is listed more than once"
    assert await reasons(*found) == [twice, twice, None]


async def test_the_locations_of_a_group_share_its_uuid() -> None:
    found = [candidate(kind="group location", group="g", location=at, uuid="1") for at in ("iad", "fra")]
    assert await reasons(*found) == [None, None]


async def test_an_unknown_protection_is_a_reason_where_the_list_shows_any() -> None:
    unknown = candidate(UNKNOWN_PROTECTION)
    assert await reasons(unknown, candidate(database="b")) == ["its delete protection is not known", None]
    assert await reasons(unknown, candidate("delete-protected", database="b")) == [
        UNKNOWN_PROTECTION,
        "delete-protected",
    ]


async def test_an_unknown_protection_is_none_where_the_list_shows_it_of_no_record() -> None:
    assert await reasons(candidate(UNKNOWN_PROTECTION), candidate(UNKNOWN_PROTECTION, database="b")) == [
        None,
        None,
    ]
    assert await reasons(candidate(UNKNOWN_PROTECTION, organization="x")) == ["it is in another organization"]


async def test_the_first_reason_and_the_note_stay() -> None:
    protected = candidate("delete-protected", organization="x")
    noted = Candidate(candidate(organization="x").target, None, "a note")
    found = await weighed([protected, noted], "org")
    assert [(one.reason, one.note) for one in found] == [
        ("delete-protected", ""),
        ("it is in another organization", "a note"),
    ]


async def test_the_names_of_a_plain_list_of_instances_are_not_compared_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evidence, "Tally", lambda: None)
    found = [candidate(kind="instance", instance=f"i-{n}", uuid=f"u-{n}") for n in range(1000)]
    assert await weighed(found, "org") == found


@pytest.mark.parametrize(
    ("fields", "doubts"),
    [
        ({"organization": "other"}, ["it is in another organization"] * 2),
        ({"database": "a/b"}, ["its database is not a plain name"] * 2),
        ({"instance": "i"}, ["its name is listed more than once"] * 2),
        ({"uuid": "u"}, ["its uuid is listed more than once"] * 2),
    ],
)
async def test_what_all_instances_of_a_list_have_is_doubted_in_each(
    fields: dict[str, str], doubts: list[str]
) -> None:
    plain = [{"kind": "instance", "instance": name, "uuid": f"{name}-id"} for name in "ij"]
    assert await reasons(*(candidate(**{**one, **fields}) for one in plain)) == doubts


@pytest.mark.parametrize(
    ("field", "value", "doubts"),
    [
        ("instance", "", [None, "its instance is not a plain name"]),
        ("instance", "j/..", [None, "its instance is not a plain name"]),
        ("instance", "I", ["its name is listed more than once"] * 2),
        ("uuid", "", [None, "its uuid is missing"]),
        ("uuid", "\u0430", [None, "its uuid is not a plain one"]),
        ("uuid", "I-ID", ["its uuid is listed more than once"] * 2),
    ],
)
async def test_one_odd_instance_among_plain_ones_is_doubted(
    field: str, value: str, doubts: list[str | None]
) -> None:
    plain = [{"kind": "instance", "instance": name, "uuid": f"{name}-id"} for name in "ij"]
    assert await reasons(candidate(**plain[0]), candidate(**{**plain[1], field: value})) == doubts


def instances(**others: st.SearchStrategy[Any]) -> st.SearchStrategy[Candidate]:
    """One listed instance, mostly a plain one; `others`: of its fields, in place of what is plain."""
    texts = st.text("ab-0", min_size=1)
    plain = {"instance": texts, "uuid": texts, "database": st.just("a"), "organization": st.just("org")}
    fields = st.fixed_dictionaries({"kind": st.just("instance"), **plain, **others})
    return st.builds(lambda fields: candidate(**fields), fields)


ODD = st.sampled_from(["", " ", "A", "a.", "a/", "\uff41", "\u0430", "a ", ".", "a\n", "\u00e9"])
LISTS = st.one_of(
    st.lists(instances()),
    *(
        st.lists(instances() | instances(**{field: values}))
        for field, values in {
            "instance": ODD,
            "uuid": ODD | st.none(),
            "database": ODD | st.just("b"),
            "organization": st.just("other"),
            "kind": st.just("database"),
        }.items()
    ),
)


@given(LISTS)
async def test_a_list_is_weighed_as_its_records_are_one_by_one(found: list[Candidate]) -> None:
    tally = Tally()
    for one in found:
        tally.add(one)
    assert await weighed(found, "org") == [tally.weigh(one, "org") for one in found]


@pytest.mark.parametrize(
    "uuid", ["id\u200b", "\u0456d", "i\td", "id%2f", "../id", "id\u00a0x", "i\u0301d", "id?", "."]
)
async def test_a_uuid_that_only_looks_like_one_can_be_compared_with_none(uuid: str) -> None:
    assert await reasons(candidate(uuid=uuid)) == ["its uuid is not a plain one"]
    assert await reasons(candidate(uuid="0eb771dd-6906-11ee_A.~1")) == [None]


def test_only_text_is_a_plain_name() -> None:
    assert all(is_plain(name, "database") for name in ("a", "a b", "\u00e9"))
    assert not any(is_plain(name, "database") for name in ("a/b", " a", "a.", "", None, 1))


@pytest.mark.parametrize(
    ("key", "of"),
    [
        *((key, "database") for key in ("database", "Database", "databaseName", "database_name")),
        *(
            (key, "organization")
            for key in ("organization", "Organization", "organizationName", "organization_name")
        ),
    ],
)
def test_a_record_that_names_another_owner_in_any_spelling_of_the_key_is_left_alone(
    key: str, of: str
) -> None:
    engine: Any = SimpleNamespace(organization="org")
    listed = Instance(name="i", uuid="u", type="replica", region="fra", raw={key: "other"})
    found = INSTANCES.candidate(engine, "a", "", listed)
    assert found.reason == f"it is listed as one of another {of}"


class Answer:
    """Answers as it was made to, as a function or as an object that can be called."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def __call__(self, thing: object) -> object:
        return self.answer


def test_a_predicate_selects_by_true_and_false_alone() -> None:
    assert holds(None, 1) is True
    assert [holds(Answer(answer), 1) for answer in (True, False)] == [True, False]


@pytest.mark.parametrize("answer", [1, 0, None, "yes", "", [1]])
def test_a_predicate_that_returns_anything_else_is_an_error(answer: object) -> None:
    with pytest.raises(InvalidInputError, match="must return True or False, not"):
        holds(Answer(answer), 1)


def test_an_async_predicate_is_an_error_and_leaves_no_coroutine_behind() -> None:
    async def where(_: object) -> bool:
        return True

    with pytest.raises(InvalidInputError, match="not coroutine: it is called, not awaited"):
        holds(where, 1)


def test_a_predicate_must_be_callable() -> None:
    hook(None, "where")
    hook(bool, "where")
    with pytest.raises(InvalidInputError, match="where must be a function, not str"):
        hook("x*", "where")
