"""Pure: whether a list that came is all there is, by the words and the numbers beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ._structure import fail, fold
from .models._page import Pagination

PART = "the list is not whole,"
_MORE = re.compile(
    r"(has|is)?(more(pages|items)?|next|nextpage|truncated|partial|incomplete)|"
    r"next(cursor|(page)?token|link|ur[il]|offset|marker|key)"
)
_ALL = re.compile(r"(is)?(complete|last|lastpage)")
_TOTAL = re.compile(r"total(count|rows|items|results|records)?")
_BESIDE = ("pagination", "paging", "pageinfo", "meta", "links")  # objects that hold the place of a page


def is_last(place: Pagination, pages: int, count: int) -> bool:
    """True for a page, after so many pages and items, whose own numbers are not those of more of them."""
    return max(place.page or 0, place.total_pages or 0) <= pages and (place.total_rows or 0) <= count


def total(data: dict[str, Any]) -> int:
    """Returns the highest number of items that an answer names for the whole list; 0 for none."""
    pairs = ((fold(key), value) for _, found in _places(data) for key, value in found.items())
    return max((n for key, n in pairs if type(n) is int and _TOTAL.fullmatch(key)), default=0)


def expect_whole(data: dict[str, Any], place: Pagination) -> None:
    """Raises DecodeError for a list whose own words are that there is more of it, without a cursor that leads there."""
    for where, found in _places(data) if not place.next else ():
        for key, value in found.items():
            if _is_part(fold(key), value):
                fail(f"{where}.{key}", PART)


def _places(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the objects of an answer that hold the place of a page, with the places where they are."""
    yield "$", data
    for key, found in data.items():
        if isinstance(found, dict) and fold(key) in _BESIDE:
            yield f"$.{key}", found


def _is_part(key: str, value: Any) -> bool:
    # Any value but these is no answer that there is no more.
    more = bool(value) and value != "false" and _MORE.fullmatch(key) is not None
    return more or (value in (False, "false") and _ALL.fullmatch(key) is not None)
