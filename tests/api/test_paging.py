"""Lists in pages."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import SupportsIndex

import pytest
from cases import CASES
from raw import RawServer, answer
from recorder import Recorder

from aioturso import Database, DecodeError, InvalidInputError, TursoClient
from aioturso.api import _paging


def databases(*names: str, next: str | None) -> dict[str, object]:
    return {"databases": [{"Name": name} for name in names], "pagination": {"next": next}}


async def test_pages_are_read_as_they_are_needed(turso: TursoClient, server: Recorder) -> None:
    """A page is requested when its first item is needed, with the filters and the size of the first."""
    server.answers = [databases("a", "b", next="c1"), databases(next="c2"), databases("c", next=None)]
    names = []
    async for database in turso.databases.iterate(group="g", page_size=2):
        names.append((database.name, len(server.requests)))
    assert names == [("a", 1), ("b", 1), ("c", 3)]
    asked = [request.query for request in server.requests]
    first = {"group": "g", "limit": "2"}
    assert asked == [first, {**first, "cursor": "c1"}, {**first, "cursor": "c2"}]


async def test_list_is_never_partial(turso: TursoClient, server: Recorder) -> None:
    """`list` follows every cursor; so do lists of instances."""
    server.answers = [databases("a", next="c1"), databases("b", next="")]
    assert [d.name for d in await turso.databases.list()] == ["a", "b"]
    server.answers = [
        {"instances": [{"name": "a"}], "pagination": {"next": "c1"}},
        {"instances": [{"name": "b"}]},
    ]
    assert [i.name for i in await turso.instances.list("db")] == ["a", "b"]


MORE = [
    {"has_more": True},
    {"hasMore": True},
    {"truncated": True},
    {"truncated": "true"},
    {"complete": False},
    {"pagination": {"next": "", "more": True}},
    {"pagination": {"more": 1}},
    {"pagination": {"next_cursor": "c1"}},
    {"pagination": {"page": 1, "total_pages": 3}},
    {"pagination": {"total_pages": 2}},
    {"pagination": {"page": 2}},
    {"pagination": {"page": 1, "has_more": True}},
    {"pagination": {"page_size": 1, "total_rows": 2}},
    {"next": "c1"},
    {"nextPageToken": "c1"},
    {"paging": {"next": 2}},
    {"_links": {"next": {"href": "/v1?cursor=c1"}}},
    {"meta": {"hasNextPage": True}},
    {"total": 2},
    {"meta": {"totalCount": "2"}},
    {"totalCount": 2},
    {"meta": {"total_items": 2}},
    {"pagination": {"total": 2}},
]


@pytest.mark.parametrize(
    "more", [*MORE, {"partial": True, "filling": "x" * 300_000}], ids=lambda more: str(more)[:60]
)
async def test_a_list_that_is_not_whole_and_has_no_next_page_is_refused(
    turso: TursoClient, server: Recorder, more: dict[str, object]
) -> None:
    """Or else what it lacks would seem to be gone. Also a long list, of which some objects at a time are read."""
    server.answers = [{"databases": [{"Name": "a"}], **more}]
    with pytest.raises(DecodeError, match="the list is not whole"):
        await turso.databases.list()
    with pytest.raises(DecodeError, match="the list is not whole"):
        await turso.teardown.plan_databases(everything=True)
    server.answers = [{"tokens": [{"name": "a"}], **more}]
    with pytest.raises(DecodeError, match="the list is not whole"):
        await turso.api_tokens.list()


LISTS = [name for name in CASES if name.startswith("list ") and "locations" not in name]


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_whose_headers_have_a_further_page_is_refused(name: str) -> None:
    """Each list, also those that are read without pages."""
    case = CASES[name]
    for header in ('Link: <x>; rel="prev"', 'link: <x>; rel="first", <y>; rel="next"'):
        async with RawServer(then=answer(200, case.answer, header)) as raw, raw.client() as turso:
            if "next" not in header:
                assert case.value(await case.call(turso))
                continue
            with pytest.raises(DecodeError, match=r"the list is not whole, at the header Link$") as caught:
                await case.call(turso)
        assert str(caught.value).startswith(name) and caught.value.attempts == 1


async def test_a_header_with_the_place_of_a_page_that_was_read_is_no_sign_of_more() -> None:
    """Only the last page must be the last one by its headers; the total is that of all pages."""
    link, total = 'Link: <y>; rel="next"', "X-Total-Count: 3"
    first = answer(200, databases("a", "b", next="c1"), link, total)
    for header, whole in ((total, True), ("X-Total-Count: 4", False), (link, False)):
        async with (
            RawServer(first, answer(200, databases("c", next=""), header)) as raw,
            raw.client() as turso,
        ):
            if whole:
                assert len(await turso.databases.list()) == 3
            else:
                with pytest.raises(DecodeError, match="the list is not whole"):
                    await turso.databases.list()


FAILURES = [
    {"success": False},
    {"ok": "false"},
    {"status": "error"},
    {"status": 503},
    {"state": "failed"},
    {"message": "could not read region fra"},
    {"errorMessage": "timeout"},
]


@pytest.mark.parametrize(
    "failure",
    [*FAILURES, {"success": False, "filling": "x" * 300_000}],
    ids=lambda failure: str(failure)[:60],
)
async def test_a_list_with_words_beside_it_that_it_failed_is_refused(
    turso: TursoClient, server: Recorder, failure: dict[str, object]
) -> None:
    """What it lacks would seem to be gone. Also a long list, of which some objects at a time are read."""
    for make in (turso.databases.list, lambda: turso.teardown.plan_databases(everything=True)):
        server.answers = [{"databases": [{"Name": "a"}], **failure}]
        with pytest.raises(DecodeError, match="a failure in the answer"):
            await make()
    server.answers = [{"tokens": [{"name": "a"}], **failure}]
    with pytest.raises(DecodeError, match="a failure in the answer"):
        await turso.api_tokens.list()
    server.answers = [{"audit_logs": [], "pagination": {"page": 1, "total_pages": 1}, **failure}]
    with pytest.raises(DecodeError, match="a failure in the answer"):
        await turso.audit_logs.list()


async def test_what_a_list_holds_may_have_failed_and_its_own_words_may_be_good(
    turso: TursoClient, server: Recorder
) -> None:
    good = {"success": True, "status": "ok", "code": 200, "message": "1 found", "deleted": False}
    server.answers = [{"databases": [{"Name": "a", "status": "failed", "success": False}], **good}]
    assert [d.name for d in await turso.databases.list()] == ["a"]


@pytest.mark.parametrize("pages", [{"next": "c1"}, {"total_pages": 2}, {"page": 1, "total_pages": "3"}])
async def test_a_list_without_pages_that_has_some_is_not_whole(
    turso: TursoClient, server: Recorder, pages: dict[str, object]
) -> None:
    server.answers = [{"groups": [], "pagination": pages}]
    with pytest.raises(DecodeError, match="the list is not whole"):
        await turso.groups.list()


def numbers(page: int) -> dict[str, object]:
    return {"page": page, "total_pages": 2, "total_rows": 1}


async def test_a_list_with_a_next_page_or_without_more_is_read(turso: TursoClient, server: Recorder) -> None:
    server.answers = [
        {"databases": [], "has_more": True, "pagination": {"next": "c1", "more": True, **numbers(1)}},
        {
            "databases": [{"Name": "a"}],
            "has_more": False,
            "complete": True,
            "total": 1,
            "meta": {"total": True, "total_count": "1"},
            "pagination": {"more": 0, **numbers(2)},
        },
    ]
    assert [d.name for d in await turso.databases.list()] == ["a"]
    server.answers = [{"groups": [], "pagination": {"page": 1, "total_pages": 1, "next": None}}]
    assert await turso.groups.list() == []


async def test_a_cursor_that_repeats_is_refused(turso: TursoClient, server: Recorder) -> None:
    """Pages in a circle end in an error, and not never."""
    server.answers = [databases("a", next="c1"), databases("b", next="c2"), databases("c", next="c1")]
    with pytest.raises(DecodeError, match="followed before") as caught:
        await turso.databases.list()
    assert caught.value.where == "$.pagination.next" and caught.value.attempts == 1
    assert str(caught.value).startswith(
        "list databases (organization org): a cursor that was followed before"
    )
    assert (caught.value.operation, caught.value.organization) == ("list databases", "org")


def server_of(answer: Callable[[int], object], server: Recorder) -> None:
    """Answers each request with what a function makes of its number, for ever."""

    class Endless(list[object]):
        count = 0

        def __len__(self) -> int:
            return 2

        def pop(self, index: SupportsIndex = -1) -> object:
            self.count += 1
            return answer(self.count)

    server.answers = Endless()


@pytest.mark.parametrize("names", [(), ("a", "b"), ("a",)], ids=["empty pages", "the same page", "one item"])
async def test_ever_new_cursors_without_a_new_item_end(
    turso: TursoClient, server: Recorder, names: tuple[str, ...]
) -> None:
    """After ten pages that hold nothing new."""
    server_of(lambda number: databases(*names, next=f"c{number}"), server)
    with pytest.raises(DecodeError, match="10 pages in a row without a new item") as caught:
        await turso.databases.list()
    assert caught.value.where == "$.pagination.next" and len(server.requests) == 11


async def test_pages_that_repeat_items_in_other_places_end(turso: TursoClient, server: Recorder) -> None:
    """Items are known by their names, not by the pages that they are on."""
    server_of(lambda n: databases(f"db-{n % 7}", f"db-{n * 3 % 7}", next=f"c{n}"), server)
    with pytest.raises(DecodeError, match="without a new item"):
        await turso.databases.list()
    assert len(server.requests) < 20


async def test_pages_without_end_end(
    turso: TursoClient, server: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when every item is new: after so many pages."""
    monkeypatch.setattr(_paging, "_PAGES", 30)
    server_of(lambda number: databases(f"db-{number}", next=f"c{number}"), server)
    with pytest.raises(DecodeError, match="more than 30 pages"):
        await turso.databases.list()
    assert len(server.requests) == 31


async def test_numbers_of_pages_that_grow_end(turso: TursoClient, server: Recorder) -> None:
    """The last page stays one page away, and holds nothing new."""
    server_of(lambda number: logs("a", page=number, total_pages=number + 1), server)
    with pytest.raises(DecodeError, match="without a new item") as caught:
        await turso.audit_logs.list()
    assert caught.value.where == "$.pagination.total_pages"


def test_what_is_kept_of_a_long_list_has_a_bound() -> None:
    """A mebibyte for a hundred thousand items, none of which passes for an old page."""
    seen = _paging._Seen()
    tracemalloc.start()
    try:
        for page in range(1000):
            items = [Database(name=f"db-{page}-{number}") for number in range(100)]
            assert seen.add(items) is None and seen.stale == 0
        del items
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * 2**20


async def test_a_page_size_is_positive(turso: TursoClient, server: Recorder) -> None:
    """A page without items is refused before any I/O."""
    with pytest.raises(InvalidInputError):
        turso.databases.iterate(page_size=0)
    assert server.requests == []


def logs(*codes: str, **pagination: int) -> dict[str, object]:
    return {"audit_logs": [{"code": code} for code in codes], "pagination": pagination}


async def test_audit_logs_by_page_numbers(turso: TursoClient, server: Recorder) -> None:
    """Audit logs are read from page 1 to the last."""
    server.answers = [logs("a", page=1, total_pages=2), logs("b", page=2, total_pages=2)]
    assert [entry.code async for entry in turso.audit_logs.iterate(page_size=1)] == ["a", "b"]
    assert [r.query for r in server.requests] == [
        {"page": "1", "page_size": "1"},
        {"page": "2", "page_size": "1"},
    ]


async def test_audit_logs_without_a_number_of_pages(turso: TursoClient, server: Recorder) -> None:
    """Without a number of pages, or with 0 beside items, the list ends with an empty page, or the same page again."""
    for none in ({}, {"total_pages": 0}):
        server.answers = [logs("a", **none), logs("b", **none), logs(**none)]
        assert [entry.code for entry in await turso.audit_logs.list()] == ["a", "b"]
    server.answers = [{"audit_logs": [{"code": "a"}]}]
    assert [entry.code for entry in await turso.audit_logs.list()] == ["a"]


@pytest.mark.parametrize(
    "answers",
    [
        [logs("a", page=1, total_pages=2, total_rows=3), logs("b", page=2, total_pages=2, total_rows=3)],
        [logs("a", page=1, total_pages=3), logs(page=2, total_pages=3)],
        [logs("a", total_rows=2), logs(total_rows=2)],
        [logs("a", total_rows=2), logs("a", total_rows=2)],
    ],
)
async def test_audit_logs_that_end_before_their_own_numbers_are_refused(
    turso: TursoClient, server: Recorder, answers: list[object]
) -> None:
    """Or else what they lack would seem never to have happened."""
    server.answers = answers
    with pytest.raises(DecodeError, match=r"the list is not whole, at \$$"):
        await turso.audit_logs.list()
    assert len(server.requests) == 2


async def test_another_page_than_requested_is_refused(turso: TursoClient, server: Recorder) -> None:
    """A server that always gives the first page is noticed."""
    server.answers = [logs("a", page=1, total_pages=3)]
    with pytest.raises(DecodeError, match="another page"):
        await turso.audit_logs.list()
