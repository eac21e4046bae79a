"""Lists in pages, read lazily, and never without end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, TypeVar

from attrs import define, field

from .._account import Account
from .._calls import Calls
from .._decode import Page
from .._operation import Names, Operation
from .._protocol import Value
from .._whole import PART, header_of_more, is_last
from ..errors import DecodeError
from ..models._page import Pagination

T = TypeVar("T")

SIZE = 1000  # items per page when all are wanted; https://docs.turso.tech/api-reference/databases/list-deleted: the most
_PAGES = 10_000  # of one list; with pages of a hundred that is a million items
_STALE = 10  # pages in a row without an item that is new
_BITS = 2**23
_ONLY = Pagination()
_TURN = 256  # items of a page, after which the event loop runs: a page may hold very many


@define
class _Seen:
    """Mutable: which items have come, in one mebibyte however many they are.

    Each item has one of 8 million places. Seldom does a new item share the place of another and counts as seen,
    which matters only if all of ten pages do.
    """

    stale: int = 0
    pages: int = 0
    first: tuple[int, ...] = ()
    places: bytearray = field(factory=bytearray)
    cursors: set[int] = field(factory=set)

    def follow(self, cursor: str) -> bool:
        """Notes a cursor; returns False for one that was followed before."""
        # Of the hash alone: a cursor may be long, and ten thousand pages have one each.
        known, size = hash(cursor), len(self.cursors)
        self.cursors.add(known)
        return len(self.cursors) > size

    def add(self, items: Iterable[Any]) -> str | None:
        """Notes a page; returns why no further one is to be read, None while one may be."""
        self.pages += 1
        marks = tuple(hash(_name(item)) % _BITS for item in items)
        if self.pages == 1:  # most lists have one page, and need no memory of it
            self.first = marks
            return None
        if not self.places:
            self.places = bytearray(_BITS // 8)
            self._mark(self.first)
        self.stale = 0 if self._mark(marks) else self.stale + 1
        if self.stale >= _STALE:
            return f"{_STALE} pages in a row without a new item"
        return f"more than {_PAGES} pages" if self.pages > _PAGES else None

    def _mark(self, marks: tuple[int, ...]) -> bool:
        new = [mark for mark in marks if not self.places[mark >> 3] & 1 << (mark & 7)]
        for mark in new:
            self.places[mark >> 3] |= 1 << (mark & 7)
        return bool(new)


def _name(item: Any) -> Any:
    """Returns what makes an item new: its name and UUID, or all of it where it has neither."""
    named = [getattr(item, key, None) for key in ("name", "id", "uuid")]
    return tuple(named) if any(named) else item


async def by_cursor(
    calls: Calls, operation: Operation[Page[T]], *names: str, query: Mapping[str, Value] | None = None
) -> AsyncIterator[T]:
    """Yields every item of the pages; each page has the cursor of the next one.

    Raises DecodeError for a cursor that was followed before, ten pages without a new item, after 10,000 pages, and for
    a last page whose own numbers, or headers, are those of more.
    """
    cursor: str | None = None
    seen, read = _Seen(), 0
    while True:
        account = Account()
        asked = {**(query or {}), "cursor": cursor}
        page = await calls.call(operation, *names, query=asked, account=account)
        for count, item in enumerate(page.items, 1):
            yield item
            if count % _TURN == 0:
                await asyncio.sleep(0)
        read += len(page.items)
        if not page.pagination.next:
            _expect_last(calls, operation, names, account, page.pagination, seen.pages + 1, read)
            return
        endless = seen.add(page.items)
        cursor = page.pagination.next
        if not seen.follow(cursor):
            endless = "a cursor that was followed before"
        if endless is not None:
            raise _refusal(calls, operation, names, "$.pagination.next", endless, account)
        del page  # before the next one takes its place in memory


async def by_number(
    calls: Calls, operation: Operation[Page[T]], *names: str, query: Mapping[str, Value] | None = None
) -> AsyncIterator[T]:
    """Yields every item of the pages, which are numbered; without a number of pages above 0, up to an empty or equal one.

    Raises DecodeError for another page than the request's, ten pages without a new item, after 10,000 pages, and for
    a last page whose own numbers, or headers, are those of more.
    """
    number, read, last, before = 0, 0, None, None
    seen = _Seen()
    while last is None or number < last:
        number += 1
        account = Account()
        page = await calls.call(operation, *names, query={**(query or {}), "page": number}, account=account)
        last = page.pagination.total_pages or None
        if page.pagination.page not in (None, number):
            raise _refusal(
                calls, operation, names, "$.pagination.page", "another page than the request's", account
            )
        is_end = not page.items or (last is None and page.items == before)
        read += 0 if is_end else len(page.items)
        if is_end or (last is not None and number >= last):
            _expect_last(calls, operation, names, account, page.pagination, number, read)
        if is_end:
            return
        if (endless := seen.add(page.items)) is not None:
            raise _refusal(calls, operation, names, "$.pagination.total_pages", endless, account)
        before = page.items
        for item in page.items:
            yield item


async def whole(
    calls: Calls,
    operation: Operation[list[T]],
    *names: str,
    query: Mapping[str, Value] | None = None,
    account: Account | None = None,
) -> list[T]:
    """Returns a list that comes without pages; raises DecodeError where a header has the place of a further one."""
    account = account or Account()
    found = await calls.call(operation, *names, query=query, account=account)
    _expect_last(calls, operation, names, account, _ONLY, 1, len(found))
    return found


def _expect_last(
    calls: Calls,
    operation: Operation[Any],
    names: Names,
    account: Account,
    place: Pagination,
    pages: int,
    count: int,
) -> None:
    if not is_last(place, pages, count):
        raise _refusal(calls, operation, names, "$", PART, account)
    header = header_of_more(account.headers or {}, pages, count)
    if header is not None:
        raise _refusal(calls, operation, names, f"the header {header}", PART, account)


def _refusal(
    calls: Calls, operation: Operation[Any], names: Names, where: str, why: str, account: Account
) -> DecodeError:
    return calls.unfit(operation, *names, where=where, why=why, account=account)
