"""Pure: the keys and the words of answers in one form, and the tests that find them. A list of words is a regular expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ._operation import RESOURCES

DEPTH = 3  # objects within objects in which an error is looked for; below, keys are data
_DEEP = 8  # the same for an answer that has no data
DELETION = "(?:delet(?:e|ion)|destroy|destruction|remov(?:e|al)|revo(?:ke|cation)|terminat(?:e|ion))"
DELETED = "(?:deleted|destroyed|removed|revoked|terminated)"
THINGS = "(?:rows?|records?|items?)"
_BEFORE = f"(?:num|total|e|err|{'|'.join(RESOURCES)})?"
_NO = ("false", "no", "0")
_YES = ("true", "yes", "1")
Test = Callable[[Any], object]


def bare(text: str) -> str:
    """Returns the one form of `in_progress`, `In-Progress` and `inProgress`."""
    return re.sub("[^a-z0-9]", "", text.lower())


def pairs(data: Any, depth: int = _DEEP) -> Iterator[tuple[str, Any]]:
    """Yields each key of an answer with its value, at any depth."""
    if isinstance(data, list):
        for item in data if depth else ():
            yield from pairs(item, depth - 1)
    if isinstance(data, dict):
        for key, value in data.items() if depth else ():
            yield key, value
            yield from pairs(value, depth - 1)


def exactly(words: str) -> Test:
    """Returns a test for one of these words alone."""
    return re.compile(words).fullmatch


# The keys of a state, and those of a sentence.
STATE = exactly("[a-z]*(?:status|state)|result|outcome|code|phase|stage|action|mode")
TEXT = exactly("message|msg|details?|title|reason|note|info|text|summary|warning")


def one_of(words: str) -> Test:
    """Returns a test for one of these words, also beside a deletion, as in `deletion_failed` and `pending delete`."""
    before, after = f"(?:(?:{DELETION}|request|operation|job)?(?:is|was)?)", f"(?:(?:for)?{DELETION})?"
    return re.compile(f"{before}(?:{words}){after}").fullmatch


def state_of(words: str) -> Test:
    """Returns a test for a text that is one of these words."""
    fits = one_of(words)
    return lambda value: isinstance(value, str) and fits(bare(value))


def counted(words: str) -> Test:
    """Returns a test as `one_of`, also for a count of them and for one of a kind of thing: `failed_count`, `group_locked`."""
    return one_of(f"{_BEFORE}(?:{words})(?:{THINGS}|count)?")


def coded(words: str) -> Test:
    """Returns a test as `state_of`, also for such a word in a code, as in `INSTANCE_NOT_FOUND` and `E_LOCKED`."""
    return state_of(f"{_BEFORE}(?:{words})")


def part(words: str) -> Test:
    """Returns a test for a text with one of these words in it."""
    found = re.compile(rf"\b(?:{words})\b", re.IGNORECASE).search
    return lambda value: isinstance(value, str) and found(value)


def number(codes: str) -> Test:
    """Returns a test for one of these numbers, also as a text."""
    fits = re.compile(codes).fullmatch
    return lambda value: isinstance(value, int | str) and fits(str(value).strip())


def is_no(value: Any) -> bool:
    """True for a denial: False, a count of 0, and the words for it."""
    if isinstance(value, str):
        return value.strip().lower() in _NO
    # False is 0 here.
    return isinstance(value, int | float) and not value


def is_none(value: Any) -> bool:
    """True for a denial, an empty list, and "not yet"."""
    return value == [] or is_no(value) or (isinstance(value, str) and bare(value) == "notyet")


def is_set(value: Any) -> bool:
    """True for anything but a denial, and what is empty."""
    return bool(value) and not is_no(value)


def is_wrong(value: Any) -> bool:
    """True for the code of an error, unless it is the one for none."""
    is_fine = isinstance(value, str) and bare(value) in ("ok", "success", "none", "null", "noerror", "200")
    return is_set(value) and not is_fine and value != 200


def is_yes(value: Any) -> bool:
    """True for a consent. A text may be what was done to a thing whose name is the key."""
    return value.strip().lower() in _YES if isinstance(value, str) else bool(value)
