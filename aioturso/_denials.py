"""Pure: finds in the answer of a success status the words that nothing was done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ._structure import fail, fold

DEPTH = 3  # objects within objects in which an error is looked for; below, keys are data
_DEEP = 8  # the same for an answer that has no data
_ERRORS = frozenset(("err", "exception", "fault", "errormessage", "errordescription"))
_DONE = frozenset(("success", "succeeded", "ok", "done", "accepted", "deleted", "destroyed", "removed"))
_GOOD = frozenset(("success", "succeeded", "ok"))
_STATES = frozenset(("status", "state", "result", "outcome", "code"))
_CODES = frozenset(("status", "statuscode", "httpstatus", "code"))
_TEXTS = frozenset(("message", "msg", "detail", "title"))
_NO = frozenset(("false", "no", "0"))
_FAILED = frozenset(
    (
        "error",
        "fail",
        "failed",
        "failure",
        "denied",
        "accessdenied",
        "forbidden",
        "unauthorized",
        "notfound",
        "rejected",
        "refused",
        "aborted",
    )
)
_NEGATIVE = re.compile(
    r"\b(?:could not|couldn't|can ?not|can't|unable to|not (?:found|allowed|permitted|authori[sz]ed|deleted|destroyed|"
    r"removed)|failed|denied|forbidden|unauthori[sz]ed|does not exist)\b",
    re.IGNORECASE,
)


def refuse_error(data: Any, depth: int = DEPTH) -> None:
    """Raises DecodeError for an answer with an error in it. `depth`: how many objects deep it is looked for."""
    if _has_error(data, depth):
        fail("$", "a success status with an error in the answer")


def refuse_denial(data: Any) -> None:
    """Raises DecodeError for an answer without data whose own words are that nothing was done."""
    for key, value in _pairs(data, _DEEP):
        if _is_error(key, value) or any(denies(key, value) for denies in _DENIALS):
            fail("$", "a success status with a failure in the answer")


def refuse_failure(data: dict[str, Any]) -> None:
    """Raises DecodeError for a list beside which the answer's own words are that it failed."""
    for key, value in data.items():
        folded = fold(key)
        # Not whether something was deleted or removed: that may be what is listed.
        if (folded in _GOOD or folded not in _DONE) and any(denies(folded, value) for denies in _DENIALS):
            fail("$", "a success status with a failure in the answer")


def _has_error(data: Any, depth: int) -> bool:
    if depth == 0 or not isinstance(data, dict):
        return False
    return any(
        (isinstance(value, dict) and _has_error(value, depth - 1)) or _is_error(fold(key), value)
        for key, value in data.items()
    )


def _is_error(key: str, value: Any) -> bool:
    # `error: null` and `errors: []` are how servers write that there is none.
    return (key == "error" and value is not None) or (key == "errors" and bool(value))


def _pairs(data: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Yields each key of an answer, folded, with its value, at any depth."""
    if isinstance(data, list):
        for item in data if depth else ():
            yield from _pairs(item, depth - 1)
    if isinstance(data, dict):
        for key, value in data.items() if depth else ():
            yield fold(key), value
            yield from _pairs(value, depth - 1)


def _has_error_text(key: str, value: Any) -> bool:
    return key in _ERRORS and bool(value)


def _is_no(key: str, value: Any) -> bool:
    text = isinstance(value, str) and value.strip().lower() in _NO
    # False is 0 here, and a count of 0 is a denial too.
    return key in _DONE and (text or (isinstance(value, int) and not value))


def _is_failed(key: str, value: Any) -> bool:
    return key in _STATES and isinstance(value, str) and re.sub("[ _-]", "", value).lower() in _FAILED


def _is_code(key: str, value: Any) -> bool:
    is_one = key in _CODES and isinstance(value, int | str)
    return is_one and re.fullmatch("[45][0-9][0-9]", str(value).strip()) is not None


def _is_negative(key: str, value: Any) -> bool:
    return key in _TEXTS and isinstance(value, str) and _NEGATIVE.search(value) is not None


_DENIALS: tuple[Callable[[str, Any], bool], ...] = (
    _has_error_text,
    _is_no,
    _is_failed,
    _is_code,
    _is_negative,
)
