"""A session that was lent may keep answers, as that of aiohttp-client-cache does: they are no evidence, and no deletion."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from attrs import define
from multidict import CIMultiDict
from raw import RawServer, Request, http

from aioturso import NotSentError, OutcomeStatus, TursoClient

LISTED = b'{"instances": [{"name": "i", "uuid": "1", "type": "replica", "region": "fra"}]}'
WHY = "the session that was lent to the client has answered from a cache of its own"


@define
class Kept:
    """An answer that was kept, with the parts that are read of one."""

    body: bytes
    status: int = 200
    from_cache: object = True
    closed: bool = True

    @property
    def headers(self) -> CIMultiDict[str]:
        return CIMultiDict({"Content-Length": str(len(self.body))})

    @property
    def content(self) -> Kept:
        return self

    async def readany(self) -> bytes:
        return self.body

    def at_eof(self) -> bool:
        return True

    def close(self) -> None: ...


async def answered(request: Request) -> None:
    one = b'{"instance":"i"}' if request.method == "DELETE" else LISTED
    request.writer.write(http(200, one))


@pytest.fixture
async def kept(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, Kept]]:
    """What the session has kept, by the method; all else is sent."""
    found: dict[str, Kept] = {}
    send = aiohttp.ClientSession._request

    async def look(session: aiohttp.ClientSession, method: str, url: Any, **options: Any) -> Any:
        return found[method] if method in found else await send(session, method, url, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", look)
    yield found


@pytest.fixture
async def raw() -> AsyncIterator[RawServer]:
    async with RawServer(then=answered) as server:
        yield server


@pytest.fixture
async def turso(raw: RawServer) -> AsyncIterator[TursoClient]:
    async with aiohttp.ClientSession() as session, raw.client(session=session) as client:
        yield client


async def test_a_list_that_the_session_has_kept_is_no_evidence(
    kept: dict[str, Kept], raw: RawServer, turso: TursoClient
) -> None:
    kept["GET"] = Kept(LISTED)
    with pytest.raises(NotSentError, match=WHY) as caught:
        await turso.destroy_by_location("db", "fra")
    assert (caught.value.attempts, raw.requests) == (0, [])


async def test_a_look_that_the_session_has_kept_is_no_evidence(
    kept: dict[str, Kept], raw: RawServer, turso: TursoClient
) -> None:
    kept["GET"] = Kept(b'{"instance": {"name": "i", "uuid": "1"}}')
    with pytest.raises(NotSentError, match=WHY):
        await turso.destroy_instance("db", "i", uuid="1")
    assert raw.requests == []


@pytest.mark.parametrize("status", [200, 404])
async def test_a_deletion_that_the_session_has_kept_was_not_sent(
    kept: dict[str, Kept], raw: RawServer, turso: TursoClient, status: int
) -> None:
    body = b'{"instance":"i"}' if status == 200 else b'{"error": "instance not found"}'
    kept["DELETE"] = Kept(body, status)
    report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
    (outcome,) = report.outcomes
    assert (outcome.status, outcome.attempts) == (OutcomeStatus.FAILED, 0) and WHY in str(outcome.error)
    assert [request.method for request in raw.requests] == ["GET"]


async def test_what_the_platform_has_for_all_may_have_been_kept(
    kept: dict[str, Kept], turso: TursoClient
) -> None:
    kept["GET"] = Kept(b'{"locations": {"fra": "Frankfurt"}}')
    assert [location.code for location in await turso.locations.list()] == ["fra"]


async def test_a_mock_in_place_of_aiohttp_has_kept_nothing(kept: dict[str, Kept], turso: TursoClient) -> None:
    """Each attribute of some mocks counts as true."""
    kept["GET"], kept["DELETE"] = (
        Kept(LISTED, from_cache=object()),
        Kept(b'{"instance":"i"}', from_cache=False),
    )
    report = await turso.destroy_by_location("db", "fra")
    assert [outcome.attempts for outcome in report.destroyed] == [1]
