"""The answer to a removal is a success if it is about nothing else than what was to be removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aioturso import DecodeError
from aioturso._removals import removed

Read = Callable[[bytes, tuple[str, ...]], Any]


def refused(read: Read, body: bytes, *names: str) -> tuple[str, str]:
    """Returns the place and the text of the error."""
    with pytest.raises(DecodeError) as caught:
        read(body, names)
    return caught.value.where, str(caught.value)


INSTANCE = removed("organization", "database", "instance")
NAMES = ("org", "db", "i")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"null",
        b"{}",
        b'{"instance":"i"}',
        b'{"instance": "i"}',
        b'{"Instance": {"Name": "i"}}',
        b'{"instance": {"slug": "i", "name": "other"}}',
        b'{"instance": {"slug": "", "username": null, "email": "i"}}',
        b'{"instance": {"size": 5}}',
        b'{"instance": null, "database": ""}',
        b'{"database": "db", "instance": "i"}',
        b'{"instance": "i", "organization": " Org"}',
        b'{"instance": "i", "organization": "0eb771dd-6906-11ee-8553-eaa7715aeaf2"}',
        b'{"deleted": "other", "count": 5}',
        b'{"instance_name": ""}',
        b'{"instance_name": 5}',
        b'{"instanceUuid": "1"}',
        b'{"name": " "}',
        b'{"name": 5}',
    ],
)
def test_a_removal_is_a_success_if_its_answer_is_about_nothing_else(body: bytes) -> None:
    assert INSTANCE(body, NAMES) == "i"


@pytest.mark.parametrize(
    ("body", "where", "why"),
    [
        (b'{"instance":"other"}', "$.instance", "the answer names another one than the request"),
        (b'{"Instance": {"name": "other"}}', "$.Instance", "the answer names another one than the request"),
        (
            b'{"instance": "i", "database": "i"}',
            "$.database",
            "the answer names another one than the request",
        ),
        (b'{"count": 1, "instance": "other"}', "$.instance", "the answer names another one than the request"),
        (
            b'{"database": "", "instance": "other"}',
            "$.instance",
            "the answer names another one than the request",
        ),
        (
            b'{"instance": "i", "organization": "other"}',
            "$.organization",
            "the answer names another one than the request",
        ),
        (
            b'{"instance": "i", "organization": {"slug": "other"}}',
            "$.organization",
            "the answer names another one than the request",
        ),
        (b'{"database": "db"}', "$.database", "the answer is about something else"),
        (b'{"groups": ["g"]}', "$.groups", "the answer is about something else"),
        (b'{"members": "m"}', "$.members", "the answer is about something else"),
        (b'{"token": "t", "instance": ""}', "$.token", "the answer is about something else"),
        (b'{"instance": "i", "error": "no"}', "$", "a success status with an error in the answer"),
        (b'{"name": "other"}', "$.name", "the answer names another one than the request"),
        (
            b'{"instance": {"slug": "", "name": "other"}}',
            "$.instance",
            "the answer names another one than the request",
        ),
        (b'{"instance": {"email": "other"}}', "$.instance", "the answer names another one than the request"),
        (b'{"instance": {"name": "i", "Name": "j"}}', "$.name", "given twice, with different values,"),
        (b'{"instance": "i", "success": false}', "$", "a success status with a failure in the answer"),
        (b"[]", "$", "expected an object, not list,"),
        (b'"i"', "$", "expected an object, not str,"),
        (b"0", "$", "expected an object, not int,"),
    ],
)
def test_a_removal_whose_answer_is_about_something_else_is_none(body: bytes, where: str, why: str) -> None:
    found, text = refused(INSTANCE, body, *NAMES)
    assert (found, text) == (where, f"{why} at {where}")


@pytest.mark.parametrize(
    "kind", ["instance", "database", "group", "organization", "member", "invite", "token", "location", "user"]
)
def test_each_kind_that_an_answer_names_is_something_else(kind: str) -> None:
    read = removed("jwks", by="other")
    assert refused(read, b'{"%b": "x"}' % kind.encode(), "x") == (
        f"$.{kind}",
        f"the answer is about something else at $.{kind}",
    )


@pytest.mark.parametrize("around", ["data", "result", "response", "deleted", "destroyed", "removed"])
def test_a_removal_is_looked_for_within_an_object_around_it_three_deep(around: str) -> None:
    inner = '{"instance": "other"}'
    for deep in range(4):
        assert refused(INSTANCE, inner.encode(), *NAMES)[0] == "$.instance", deep
        inner = f'{{"{around}": {inner}}}'
    assert INSTANCE(inner.encode(), NAMES) == "i"


@pytest.mark.parametrize("kind", ["instance", "database", "group"])
def test_a_bare_name_in_the_answer_to_a_removal_is_the_one_of_the_path(kind: str) -> None:
    read = removed(kind)
    assert read(b'{"name": "x"}', ("x",)) == "x"
    assert refused(read, b'{"name": "other"}', "x")[0] == "$.name"
    # The path has no name to compare with.
    assert removed(kind, compared=False)(b'{"name": "other"}', ("x",)) == "x"
    assert removed(kind, also=("other",))(b'{"name": "other"}', ("x",)) == "x"


def test_the_name_of_a_member_is_one_for_people() -> None:
    assert removed("member")(b'{"name": "Jo"}', ("jo",)) == "jo"


def test_a_removal_may_be_named_by_another_key_or_not_at_all() -> None:
    by = removed("user", by="member")
    assert by(b'{"member": "anything", "organization": "o"}', ("org", "u")) == "u"
    assert refused(by, b'{"user": "u"}', "org", "u")[0] == "$.user"
    uncompared = removed("database", compared=False)
    assert uncompared(b'{"database": "a name"}', ("a-uuid",)) == "a-uuid"
    assert refused(uncompared, b'{"group": "a name"}', "a-uuid")[0] == "$.group"
