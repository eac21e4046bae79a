"""A list is none whose own words, or headers, are that there is more of it, that it failed or is not ready."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from multidict import CIMultiDict

from aioturso import DecodeError
from aioturso._decode import many, page, page_of
from aioturso._protocol import LARGE
from aioturso._whole import header_of_more, is_last, place_of
from aioturso.models._page import Pagination
from aioturso.models.groups import Group
from aioturso.models.instances import Instance

TWO = {"groups": [{"name": "a"}, {"name": "b"}]}
READ = many(Group, "groups")
TOTALS = """
total count totalCount total_count full_count overallTotal total_rows totalItems total_items total_results totalResults
total_records total_entries totalElements totalHits total_groups group_count groups_count groupCount rowCount num_rows
numItems item_count items_total recordCount resultCount total_databases
"""
PAGES = "pages page_count pageCount total_pages totalPages num_pages last_page lastPage pages_total total_page last_pages"
BESIDE = "pagination paging page_info page meta _meta metadata response_metadata links _links"
NEXT = """
next nextCursor next_token nextPageToken next_link nextPageLink next_url next_uri nextPageUrl next_offset nextMarker next_key
next_page hasNext has_next_page more has_more hasMoreItems more_results isTruncated truncated_results partial partial_results
incomplete_results odata.nextLink continue continuation continuationToken LastEvaluatedKey remaining remainingItemCount
"""


def groups(more: Mapping[str, Any]) -> list[Group]:
    return READ(json.dumps({**TWO, **more}).encode(), ("org",))


@pytest.mark.parametrize("key", TOTALS.split())
def test_a_list_with_a_higher_total_than_its_items_is_not_whole(key: str) -> None:
    assert len(groups({key: 2, "meta": {key: "2"}})) == 2
    for value in (3, "3", 3.0, " 3 "):
        with pytest.raises(DecodeError, match=r"the list is not whole, at \$$"):
            groups({key: value})
    for place in BESIDE.split():
        with pytest.raises(DecodeError, match="the list is not whole"):
            groups({place: {key: 3}})


@pytest.mark.parametrize("key", PAGES.split())
def test_a_list_with_more_pages_than_were_read_is_not_whole(key: str) -> None:
    assert len(groups({key: 1})) == 2
    for more in ({key: 2}, {"meta": {key: "2"}}):
        with pytest.raises(DecodeError, match="the list is not whole"):
            groups(more)


@pytest.mark.parametrize("key", NEXT.split())
def test_a_list_with_the_place_of_a_next_page_is_not_whole(key: str) -> None:
    for value in ("", None, 0, False, "false", "0", "no", "null", "None", [], {}):
        assert len(groups({key: value})) == 2
    for value in ("c1", 1, True, {"href": "/v1"}):
        with pytest.raises(DecodeError, match="the list is not whole") as caught:
            groups({key: value})
        assert caught.value.where == f"$.{key}"


@pytest.mark.parametrize("key", ["complete", "isComplete", "last", "is_last", "last_page", "isLastPage"])
def test_a_list_that_is_not_complete_by_its_own_word_is_not_whole(key: str) -> None:
    assert len(groups({key: True})) == 2
    for value in (False, "false"):
        with pytest.raises(DecodeError, match="the list is not whole"):
            groups({key: value})


def test_a_list_that_begins_behind_the_first_item_is_not_whole() -> None:
    assert len(groups({"offset": 0, "total": 2})) == 2
    with pytest.raises(DecodeError, match="the list is not whole"):
        groups({"pagination": {"offset": 1}})


@pytest.mark.parametrize(
    "more",
    [
        {"total": 1},
        {"total": {"rows_read": 3}},
        {"total": True, "count": None, "total_items": "many", "total_rows": 2},
        {"count": -3, "num_items": 2.5, "offset": "x"},
        {"count": float("inf"), "item_count": float("nan")},
        {"total": "9" * 20, "total_bytes": 9, "total_size": 9, "page_size": 9, "limit": 9, "per_page": 9},
        {"discount": 9, "account": 9, "totals": 9, "recount": 9, "homepages": 9, "nextdoor": "x"},
        {"other": {"total": 9, "next": "c1"}, "page": 1},
    ],
    ids=str,
)
def test_what_is_no_number_of_items_leaves_a_list_whole(more: dict[str, Any]) -> None:
    assert len(groups(more)) == 2


LINKS = [
    '</v1?cursor=c1>; rel="next"',
    "</v1?cursor=c1>;rel=next",
    '<x>; rel="prev", <y>; rel="next"',
    "<x>; rel=first, <y>;REL=Next ,<z>; rel=last",
    '<x>; rel="last next"',
    '<x>; title="a, b; <c"; rel="next"',
    '<x>; title="<"; rel=next, <y>; rel=last',
    '<x;y,z>; rel = "next"',
]
HEADERS = [
    *({"Link": link} for link in LINKS),
    {"link": LINKS[0]},
    {"X-Has-More": "true"},
    {"X-Next-Page": "2"},
    {"Next-Cursor": "c1"},
    {"X-Total-Count": "3"},
    {"X-Total": "3"},
    {"Total-Count": "3"},
    {"X-Pagination-Total-Pages": "2"},
    {"Pagination-Count": "3"},
    {"Content-Range": "items 0-1/3"},
    {"X-Truncated": "1"},
]
NO_MORE = [
    {"Link": '</v1>; rel="prev"'},
    {"Link": '<https://fonts>; rel=preconnect, <x>; rel="nextish"'},
    {"Link": '<x>; title="; rel=next"'},
    {"Link": '<x?a;rel=next>; rel="self"'},
    {"Link": "<x>; rev=next; other=next"},
    {"Link": "next"},
    {"X-Has-More": "false", "X-Next-Page": "", "X-Next-Cursor": "null"},
    {"X-Total-Count": "2", "X-Total-Pages": "1", "Content-Range": "items 0-1/2"},
    {"Content-Range": "items 0-1/*"},
    {"Content-Range": "bytes 0-99/300", "Content-Length": "300", "Age": "9"},
    {"X-RateLimit-Remaining": "99", "X-Request-Count": "9", "X-Nextjs-Page": "9"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_a_header_by_which_there_is_more_is_found(headers: dict[str, str]) -> None:
    assert header_of_more(CIMultiDict({"Via": "1.1 x", **headers}), 1, 2) == next(iter(headers))


@pytest.mark.parametrize("headers", NO_MORE, ids=str)
def test_other_headers_leave_a_list_whole(headers: dict[str, str]) -> None:
    assert header_of_more(CIMultiDict(headers), 1, 2) is None


def test_each_of_several_links_is_read() -> None:
    links = CIMultiDict([("Link", "<x>; rel=first"), ("Link", "<y>; rel=next"), ("Link", "<z>; rel=last")])
    assert header_of_more(links, 1, 2) == "Link"


def test_links_that_are_made_to_be_slow_to_read_hold_nothing_up() -> None:
    for link in ("<" * 100_000, ';a="' * 50_000, ";rel=" * 50_000, "<>;" + " " * 100_000):
        assert header_of_more(CIMultiDict({"Link": link}), 1, 2) is None


LISTS: list[Any] = [page(Instance, "instances"), many(Instance, "instances")]
BESIDE_A_LIST = [
    *(
        {"success": False},
        {"status": "error"},
        {"code": 503},
        {"message": "failed to reach fra"},
        {"failures": ["x"]},
    ),
    *({"status": "pending"}, {"state": "in progress"}, {"status": 202}),
]


@pytest.mark.parametrize("data", BESIDE_A_LIST, ids=str)
def test_a_list_with_words_beside_it_that_it_failed_or_is_not_ready_is_none(data: dict[str, Any]) -> None:
    """An empty one would be the proof that nothing is there."""
    for filling in ("", "x" * LARGE):
        body = json.dumps({"instances": [{"name": "a"}], **data, "filling": filling}).encode()
        for read in (*LISTS, page_of(Instance, "instances", lambda instance: instance.name)):
            with pytest.raises(DecodeError) as caught:
                read(body, ("org", "db"))
            assert caught.value.where == f"$.{next(iter(data))}"


def test_counts_beside_a_list_and_words_in_it_are_no_denials() -> None:
    listed = {"instances": [{"name": "a", "status": "failed", "message": "pending", "type": "error"}]}
    more = {
        "found": 0,
        "count": 0,
        "pending": 3,
        "dry_run": True,
        "status": "unchanged",
        "success": True,
        "message": "",
    }
    more |= {"complete": False, "pagination": {"next": "c1"}}
    assert len(LISTS[0](json.dumps({**listed, **more}).encode(), ("org", "db")).items) == 1


def test_the_place_of_a_page_has_the_highest_numbers_that_the_answer_names() -> None:
    found = place_of({"pagination": {"total_rows": 9, "total_pages": 4}, "total": 7, "pages": 3}, 2)
    assert (found.total_rows, found.total_pages) == (9, 4)
    found = place_of({"pagination": {"total_rows": 9, "total_pages": 4}, "total": 11, "pages": 5}, 2)
    assert (found.total_rows, found.total_pages) == (11, 5)
    assert place_of({"groups": [], "total": True, "offset": 0}, 2).total_rows is None
    assert place_of({"pagination": {"total_pages": 1}}, 2).total_rows is None
    assert place_of({"total": 2}, 2).total_pages is None
    for rows, pages in ((0, 1), (1, 0), (0, 0)):
        found = place_of({"pagination": {"total_rows": rows, "total_pages": pages}}, 0)
        assert (found.total_rows, found.total_pages) == (rows, pages)
    assert place_of({"groups": [], "offset": 3}, 2).total_rows == 5
    for odd, where in (([], "$"), ({"pagination": 1}, "$.pagination")):
        with pytest.raises(DecodeError) as caught:
            place_of(odd, 0)
        assert caught.value.where == where


@pytest.mark.parametrize(
    ("place", "last"),
    [
        (Pagination(), True),
        (Pagination(page=2, total_pages=2, total_rows=5), True),
        (Pagination(page=3), False),
        (Pagination(total_pages=3), False),
        (Pagination(total_rows=6), False),
    ],
)
def test_a_page_is_the_last_if_none_of_its_numbers_is_higher_than_what_was_read(
    place: Pagination, last: bool
) -> None:
    assert is_last(place, 2, 5) is last


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"Link": '</next>; rel="next"'}, "Link"),
        ({"Link": "</a>; rel"}, None),
        ({"Link": '</a>; rel=""'}, None),
        ({"Link": '</a>; rel="X next"'}, "Link"),
        ({"Link": '</a>; rel="nextX"'}, None),
        ({"Alternates": '</next>; rel="next"'}, None),
    ],
)
def test_only_a_link_to_a_next_page_is_a_sign_of_more(headers: dict[str, str], name: str | None) -> None:
    assert header_of_more(headers, 1, 1) == name


@pytest.mark.parametrize(
    ("place", "numbered"), [({}, False), ({"page": 1}, True), ({"total_pages": 2}, True)]
)
def test_a_list_that_is_read_by_the_numbers_of_its_pages_may_have_more_of_them(
    place: dict[str, int], numbered: bool
) -> None:
    body = json.dumps({**TWO, "has_more": True, "pagination": place}).encode()
    with pytest.raises(DecodeError):
        page(Group, "groups")(body, ("org",))
    if numbered:
        assert len(page(Group, "groups", numbered=True)(body, ("org",)).items) == 2
    else:
        with pytest.raises(DecodeError, match="has_more"):
            page(Group, "groups", numbered=True)(body, ("org",))


@pytest.mark.parametrize(
    ("more", "where"), [({"pagination": {"next": "c1"}}, "$.pagination.next"), ({"total": 3}, "$")]
)
def test_a_list_without_pages_that_is_a_part_is_an_error_with_its_place(
    more: dict[str, Any], where: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        groups(more)
    assert caught.value.where == where
