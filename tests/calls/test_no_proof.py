"""Answers to a read that are no proof of what is there: not ready, changed on the way, or from a cache."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict
from raw import RawServer, answer
from yarl import URL

from aioturso import DecodeError, ProtocolError, Timeout, TursoError
from aioturso._operation import Request
from aioturso._refusals import refusal
from aioturso.api.databases import GET


@pytest.mark.parametrize("status", [202, 203, 208])
async def test_a_list_that_is_not_ready_or_not_the_platforms_own_is_no_list(status: int) -> None:
    empty = answer(status, {"databases": []})
    async with RawServer(then=empty) as raw, raw.client() as turso:
        for call in (turso.databases.list(), turso.databases.get("db")):
            with pytest.raises(ProtocolError) as caught:
                await call
            assert caught.value.status == status
    assert len(raw.requests) == 2
    async with RawServer(answer(status, {"instance": "a"})) as raw, raw.client() as turso:
        assert await turso.destroy_instance("db", "a") == "a"
        assert "Cache-Control" not in raw.requests[0].headers


@pytest.mark.parametrize("status", [200, 404, 410])
@pytest.mark.parametrize("age", ["11", " 300 ", "9, 300", "9" * 40])
async def test_a_read_that_a_cache_has_answered_for_some_time_is_no_proof(status: int, age: str) -> None:
    kept = answer(status, {"databases": [], "error": "database not found"}, f"Age: {age}")
    async with RawServer(then=kept) as raw, raw.client() as turso:
        for call in (turso.databases.list(), turso.databases.exists("db"), turso.api_tokens.list()):
            with pytest.raises(ProtocolError, match=f"{status} from a cache") as caught:
                await call
            assert caught.value.status == status
    assert len(raw.requests) == 3
    assert {request.headers["Cache-Control"] for request in raw.requests} == {"no-cache"}


@pytest.mark.parametrize("age", ["0", "10", "", "old"])
async def test_a_read_that_is_fresh_or_that_a_cache_may_answer_is_one(age: str) -> None:
    fresh = answer(200, {"databases": []}, f"Age: {age}")
    kept, deleted = (
        answer(status, {key: "db"}, "Age: 300") for status, key in ((200, "x"), (201, "database"))
    )
    async with RawServer(fresh, kept, deleted) as raw, raw.client(retry=None) as turso:
        assert await turso.databases.list() == []
        assert await turso.request("GET", "v1", "locations") == {"x": "db"}
        assert await turso.databases.delete("db") == "db"
    assert len(raw.requests) == 3


def test_the_error_of_an_answer_from_a_cache_names_its_call() -> None:
    url = URL("https://host/v1/organizations/org/databases/db")
    request = Request(GET, ("org", "db"), url, Timeout())
    error = refusal(request, 200, b"", CIMultiDict({"Age": "300"}), "", 0.0)
    assert isinstance(error, ProtocolError)
    assert (error.operation, error.organization, error.target) == ("get database", "org", "db")


@pytest.mark.parametrize("status", [300, 304, 403, 500])
async def test_what_is_no_evidence_keeps_its_own_error_also_from_a_cache(status: int) -> None:
    async with RawServer(answer(status, {"error": "no"}, "Age: 300")) as raw, raw.client(retry=None) as turso:
        with pytest.raises(TursoError) as caught:
            await turso.databases.list()
    assert "cache" not in str(caught.value)


HITS = [
    ("X-Cache", "HIT"),
    ("X-Cache", "HIT from proxy.example"),
    ("X-Cache", "MISS, HIT"),
    ("X-Cache-Status", "STALE"),
    ("X-Proxy-Cache", "hit"),
    ("X-Nginx-Cache", "UPDATING"),
    ("X-Cache", "TCP_MEM_HIT"),
    ("Cache-Status", "ExampleCache; hit; ttl=376"),
    ("CF-Cache-Status", "HIT"),
]


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize(("name", "value"), HITS)
async def test_a_read_that_a_cache_without_an_age_has_answered_is_no_proof(
    name: str, value: str, status: int
) -> None:
    """As nginx keeps answers, which takes no notice of the request's own headers."""
    kept = answer(status, {"databases": [], "error": "database not found"}, f"{name}: {value}")
    async with RawServer(then=kept) as raw, raw.client(retry=None) as turso:
        for call in (turso.databases.list(), turso.databases.exists("db")):
            with pytest.raises(ProtocolError, match=f"{status} from a cache"):
                await call


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("X-Cache", value)
            for value in ("MISS", "Miss from cloudfront", "Error from cloudfront", "", "no-hits")
        ),
        *(("CF-Cache-Status", value) for value in ("DYNAMIC", "BYPASS", "EXPIRED")),
        *(("Cache-Status", value) for value in ("ExampleCache; fwd=miss; stored", "RefreshHit")),
        *(("X-Cache-Hits", value) for value in ("0", "hit")),
        ("Via", "hit"),
    ],
)
async def test_a_read_that_passed_a_cache_is_one(name: str, value: str) -> None:
    fresh = answer(200, {"databases": []}, f"{name}: {value}")
    async with RawServer(then=fresh) as raw, raw.client(retry=None) as turso:
        assert await turso.databases.list() == []


async def test_a_hit_that_is_fresh_is_a_read_and_a_deletion_is_none() -> None:
    fresh = answer(200, {"databases": []}, "X-Cache: HIT", "Age: 3")
    kept, deleted = (answer(200, {key: "db"}, "X-Cache: HIT") for key in ("x", "database"))
    async with RawServer(fresh, kept, deleted) as raw, raw.client(retry=None) as turso:
        assert await turso.databases.list() == []
        assert await turso.request("GET", "v1", "locations") == {"x": "db"}
        assert await turso.databases.delete("db") == "db"


STALE = [
    *(
        {key: True}
        for key in ("stale", "isStale", "cached", "is_cached", "from_cache", "fromCache", "outdated")
    ),
    *({key: "yes"} for key in ("degraded", "served_from_cache", "served_stale")),
]


@pytest.mark.parametrize("beside", STALE, ids=str)
async def test_what_is_out_of_date_by_its_own_words_is_no_proof(beside: dict[str, object]) -> None:
    read = answer(200, {"databases": [], "database": {"Name": "db"}, "instances": [], "groups": [], **beside})
    async with RawServer(then=read) as raw, raw.client(retry=None) as turso:
        calls = (
            turso.databases.list(),
            turso.databases.get("db"),
            turso.instances.list("db"),
            turso.groups.list(),
        )
        for call in calls:
            with pytest.raises(DecodeError, match="from a cache, or not up to date, at "):
                await call


async def test_other_words_leave_a_read_up_to_date() -> None:
    beside = {"stale": False, "cached": 0, "from_cache": None, "cached_at": "2026-11-27", "degraded": "no"}
    record = {"Name": "db", "stale": True, "cached": True}
    read = answer(200, {"databases": [record], "database": record, **beside})
    async with RawServer(then=read) as raw, raw.client(retry=None) as turso:
        assert [found.name for found in await turso.databases.list()] == ["db"]
        assert (await turso.databases.get("db")).name == "db"
