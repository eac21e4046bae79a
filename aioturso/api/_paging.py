"""Lists in pages, read lazily."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

from .._account import Account
from .._calls import Calls
from .._decode import Page, fail
from .._operation import Operation
from .._protocol import Value
from ..errors import DecodeError

T = TypeVar("T")


async def by_cursor(
    calls: Calls, operation: Operation[Page[T]], *names: str, query: Mapping[str, Value] | None = None
) -> AsyncIterator[T]:
    """Every item; a cursor that was followed before is a DecodeError, as the list would never end."""
    cursor: str | None = None
    followed: set[str] = set()
    while True:
        account = Account()
        asked = {**(query or {}), "cursor": cursor}
        page = await calls.call(operation, *names, query=asked, account=account)
        for item in page.items:
            yield item
        cursor = page.pagination.next
        if not cursor:
            return
        if cursor in followed:
            _refuse("next", "a cursor that was followed before", account)
        followed.add(cursor)


async def by_number(
    calls: Calls, operation: Operation[Page[T]], *names: str, query: Mapping[str, Value] | None = None
) -> AsyncIterator[T]:
    """Every item; an answer that says it is another page than was asked for is a DecodeError.

    Without a number of pages, the list ends with a page that is empty or the same again.
    """
    number, last, before = 0, None, None
    while last is None or number < last:
        number += 1
        account = Account()
        page = await calls.call(operation, *names, query={**(query or {}), "page": number}, account=account)
        last = page.pagination.total_pages
        if page.pagination.page not in (None, number):
            _refuse("page", "another page than was asked for", account)
        if not page.items or (last is None and page.items == before):
            return
        before = page.items
        for item in page.items:
            yield item


def _refuse(key: str, why: str, account: Account) -> None:
    try:
        fail(f"$.pagination.{key}", why)
    except DecodeError as error:
        error.attempts = account.attempts
        raise
