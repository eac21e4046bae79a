"""Pure: finds in the answer of a list, and in its headers, the words that the list is not whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from ._operation import RESOURCES
from ._structure import fail, fold, get, structure
from .models._page import Pagination

PART = "the list is not whole,"
_MORE = re.compile(
    "(?:has|is)?(?:more(?:pages|items|results)?|next|nextpage|(?:truncated|partial|incomplete)(?:results)?)|"
    "next(?:cursor|(?:page)?token|(?:page)?link|(?:page)?ur[il]|offset|marker|key)|odata[.]nextlink|"
    "continue|continuation(?:token)?|lastevaluatedkey|remaining(?:item)?s?(?:count)?"
)
_ALL = re.compile("(?:is)?(?:complete|last|lastpage)")
_THINGS = f"(?:row|item|result|record|element|entrie|hit|{'|'.join(RESOURCES)})s?"
_ITEMS = re.compile(
    f"(?:full|overall)?(?:total|count|(?:total|{_THINGS})count|(?:num|total){_THINGS}|{_THINGS}total)"
)
_PAGES = re.compile("pages?(?:count|total)|(?:total|num|last)?pages|(?:total|last)page")
# Objects beside a list that hold the place of its page.
_BESIDE = ("pagination", "paging", "pageinfo", "page", "meta", "metadata", "responsemetadata", "links")
_NO = ("", "false", "no", "0", "null", "none")
# An address, which may have a semicolon in it, or a parameter. Not past another `<`: in a header of those alone, each
# would be read to the end.
_PARAMETER = re.compile(r'<[^<>]*>|;\s*([^\s=;,"<]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*)')
_RANGE = re.compile(r"(?!bytes)\w+\s+[^/]*/([0-9]{1,18})")


def place_of(data: Any, count: int) -> Pagination:
    """Returns the place of a page of this many items, with the highest numbers of pages and of items that it names."""
    given = get(data, "pagination", "$")
    place = structure({} if given is None else given, Pagination, "$.pagination")
    rows = pages = 0
    for _, key, value in _beside(data):
        # What comes before this page is no part of it.
        rows = max(rows, _number(value) + count if key == "offset" and _number(value) else _rows(key, value))
        pages = max(pages, _pages(key, value))
    if not (rows or pages):
        return place
    # A number that is not there stays None, and is no 0.
    return evolve(place, total_rows=rows or place.total_rows, total_pages=pages or place.total_pages)


def is_last(place: Pagination, pages: int, count: int) -> bool:
    """True for a page, after this many pages and items, whose own numbers are not those of more of them."""
    page = max(place.page or 0, place.total_pages or 0)
    return page <= pages and (place.total_rows or 0) <= count


def expect_whole(data: Any, place: Pagination) -> None:
    """Raises DecodeError for a list whose own words are that there is more of it, without a cursor that leads there."""
    for where, key, value in _beside(data) if not place.next else ():
        if _is_part(key, value):
            fail(where, PART)


def header_of_more(headers: Mapping[str, str], pages: int, count: int) -> str | None:
    """Returns the name of a header by which there is more of a list than this many pages and items; None for none."""
    for name, value in headers.items():
        key = fold(name.replace("-", "_")).removeprefix("x").removeprefix("pagination")
        more = max(_rows(key, value), _range(key, value)) > count or _pages(key, value) > pages
        if more or _is_part(key, value) or (key == "link" and _has_next(value)):
            return name
    return None


def _beside(data: Any) -> Iterator[tuple[str, str, Any]]:
    """Yields what comes with a list, also in an object that holds the place of the page: where, the key, the value."""
    for key, value in data.items():
        yield f"$.{key}", fold(key), value
        if isinstance(value, dict) and fold(key) in _BESIDE:
            yield from ((f"$.{key}.{name}", fold(name), inner) for name, inner in value.items())


def _is_part(key: str, value: Any) -> bool:
    # Only these values mean that there is no more.
    no = value.strip().lower() in _NO if isinstance(value, str) else not value
    return (_MORE.fullmatch(key) is not None and not no) or (
        value in (False, "false") and _ALL.fullmatch(key) is not None
    )


def _rows(key: str, value: Any) -> int:
    return _number(value) if _ITEMS.fullmatch(key) else 0


def _pages(key: str, value: Any) -> int:
    return _number(value) if _PAGES.fullmatch(key) else 0


def _range(key: str, value: str) -> int:
    found = _RANGE.fullmatch(value.strip()) if key == "contentrange" else None
    return int(found[1]) if found else 0


def _number(value: Any) -> int:
    """Returns a whole number, also one that comes as text; 0 for anything else."""
    if isinstance(value, str):
        return int(value) if value.strip().isdecimal() and len(value) < 20 else 0
    return int(value) if isinstance(value, int | float) and value is not True and value == value // 1 else 0


def _has_next(value: str) -> bool:
    """True for links of which one leads to a next page (RFC 8288, 3): `rel` may hold several relations."""
    named = _PARAMETER.findall(value)
    return any(name.lower() == "rel" and "next" in text.strip('"').lower().split() for name, text in named)
