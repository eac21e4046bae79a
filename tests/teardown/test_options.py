"""The options of a run are checked before any I/O."""

from __future__ import annotations

import ast
import asyncio
import inspect
import math
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from attrs import fields

from aioturso import CreationOptions, InvalidInputError, RunOptions
from aioturso.teardown import options
from aioturso.teardown.options import Options, TeardownOptions


def test_an_option_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(
        TypeError, match="there is no option 'concurency': the options are concurrency, rate_limit,"
    ):
        TeardownOptions.of({"max_age": 1, "concurency": 4})
    assert TeardownOptions.of({"max_age": 1, "exclude": "a"}) == TeardownOptions(max_age=1, exclude="a")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"concurrency": 0}, "concurrency must be a whole number of at least 1"),
        ({"concurrency": True}, "concurrency must be a whole number of at least 1"),
        ({"concurrency": 1.0}, "concurrency must be a whole number of at least 1"),
        ({"max_targets": -1}, "max_targets must be a whole number of at least 0"),
        ({"max_age": -1}, "max_age must be a number of seconds, 0 or more"),
        ({"max_age": True}, "max_age must be a number of seconds, 0 or more"),
        ({"max_age": "1"}, "max_age must be a number of seconds, 0 or more"),
        ({"max_age": math.nan}, "max_age must be a number of seconds, 0 or more"),
        ({"rate_limit": 0}, "rate_limit must be a positive number of calls per second, and not endless"),
        ({"rate_limit": True}, "rate_limit must be a positive number of calls per second"),
        ({"rate_limit": math.inf}, "rate_limit must be a positive number of calls per second"),
        ({"rate_limit": "1"}, "rate_limit must be a positive number of calls per second"),
        ({"dry_run": 1}, "dry_run must be True or False, not int"),
        ({"exclude": ""}, "a pattern must be a text that is not empty"),
        ({"on_outcome": 1}, "on_outcome must be a function"),
        ({"on_progress": asyncio.sleep}, "on_progress must be a plain function"),
        ({"audit_log": ""}, "audit_log must be a path"),
        ({"audit_log": 1}, "audit_log must be a path"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(option: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        TeardownOptions(**option)


def test_each_option_that_a_caller_can_give_is_checked_and_has_a_docstring() -> None:
    for given, checked in ((CreationOptions, Options), (RunOptions, TeardownOptions)):
        assert set(get_type_hints(given)) == {attribute.name for attribute in fields(checked)}
    classes = [node for node in ast.parse(inspect.getsource(options)).body if isinstance(node, ast.ClassDef)]
    for body in [node.body for node in classes if node.name in ("CreationOptions", "RunOptions")]:
        kinds = [type(node) for node in body[1:]]
        assert kinds == [ast.AnnAssign, ast.Expr] * (len(kinds) // 2)


def test_the_least_options_and_the_usual_ones_are_accepted() -> None:
    least = TeardownOptions(
        concurrency=1, max_targets=0, max_age=0, rate_limit=0.1, audit_log=Path("x"), exclude="a"
    )
    assert (least.exclude, least.concurrency, least.rate_limit) == (("a",), 1, 0.1)
    usual = TeardownOptions()
    assert (usual.max_targets, usual.max_age, usual.concurrency, usual.rate_limit) == (1000, 10.0, None, None)
    assert (usual.exclude, usual.dry_run, usual.audit_log) == ((), False, None)
