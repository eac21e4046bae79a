"""What an error holds by itself: its defaults, its facts, and its copy."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from aioturso import errors

NONE: dict[str, Any] = {
    "operation": "",
    "organization": None,
    "target": None,
    "host": None,
    "attempts": 0,
    "maybe_applied": False,
}
FACTS: dict[str, Any] = {
    "operation": "destroy instance",
    "organization": "org",
    "target": "db/i",
    "host": "h",
    "attempts": 2,
    "maybe_applied": True,
}
API: dict[str, Any] = {"status": 0, "message": "", "code": None, "retry_after": None, "request_id": None}
OWN: dict[type[errors.TursoError], dict[str, Any]] = {
    errors.ConfigurationError: {"parameter": None},
    errors.InvalidInputError: {"parameter": None},
    errors.NotSentError: {"final": False},
    errors.ProtocolError: {"status": None, "location": None},
    errors.APIError: API,
    errors.NotFoundError: {**API, "resource": None},
    errors.DecodeError: {"where": "$"},
    errors.NoMatchError: {"locations": ()},
    errors.TursoError: {},
    errors.ClientClosedError: {},
}


@pytest.mark.parametrize("kind", OWN)
def test_an_error_has_a_value_for_each_of_its_facts(kind: type[errors.TursoError]) -> None:
    error = kind()
    assert (str(error), vars(error)) == ("", {**NONE, **OWN[kind]})


@pytest.mark.parametrize("kind", OWN)
def test_an_error_and_its_copy_hold_the_facts_that_they_are_given(kind: type[errors.TursoError]) -> None:
    error = kind("the text", **FACTS)
    copy = pickle.loads(pickle.dumps(error))
    for each in (error, copy):
        assert type(each) is kind
        assert (str(each), each.args, vars(each)) == ("the text", ("the text",), {**FACTS, **OWN[kind]})


def test_a_call_is_put_before_the_text_of_an_error_that_names_none() -> None:
    error = errors.DecodeError("odd")
    for call in ("get instance db/i", "get database db"):
        error._name(call, {"operation": call, "target": "db"})
    assert (str(error), error.operation, error.target) == (
        "get instance db/i: odd",
        "get instance db/i",
        "db",
    )


def test_more_is_put_behind_the_text() -> None:
    error = errors.TursoError("odd")
    error._add("more")
    assert str(error) == "odd; more"


def test_an_error_is_named_once_by_the_call_that_it_ends() -> None:
    error = errors.DecodeError("no JSON at $")
    for call in ("list databases", "get database"):
        error._name(call, errors.Facts(operation=call, organization="org", target="t", host="h"))
    assert str(error) == "list databases: no JSON at $"
    facts = (error.operation, error.organization, error.target, error.host)
    assert facts == ("list databases", "org", "t", "h")
