"""Sending a database file: in chunks, within its own time, never whole in memory and never in the clear."""

from __future__ import annotations

import asyncio
import hashlib
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest
from clock import Clock
from discarding import Discarding
from raw import RawServer, Request, answer, stall
from recorder import Recorder
from uploads import ORG, THERE, created, sent

from aioturso import (
    ConfigurationError,
    DecodeError,
    RequestTimeoutError,
    RetryPolicy,
    TursoClient,
    _upload,
)
from aioturso.testing import FakeTurso

STARTED = {"chunk_size": 2**21, "upload_id": "u-1"}


async def test_each_chunk_of_a_file_has_its_place_and_its_length(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    """Each chunk has its place and its length, and is sent to the database's host with the database's token."""
    server.answers = [created(server), {"jwt": "database-token"}, STARTED, None]
    seen: list[int] = []
    await turso.databases.upload(
        "db", path, group="g", chunked=True, progress=lambda sent, total: seen.append(sent)
    )
    content = path.read_bytes()
    assert sent(server)[2:] == [
        ("PUT", "/v2/upload/start"),
        ("PUT", "/v2/upload/u-1/chunk/0"),
        ("PUT", "/v2/upload/u-1/chunk/1"),
        ("PUT", "/v2/upload/u-1/finalize"),
    ]
    start, *chunks, finalize = server.requests[2:]
    assert start.body == {"db_size_bytes": len(content)} and finalize.body is None
    assert b"".join(chunk.body for chunk in chunks) == content
    assert [chunk.headers["Content-Length"] for chunk in chunks] == [str(2**21), str(len(content) - 2**21)]
    assert {request.headers["Authorization"] for request in server.requests[2:]} == {"Bearer database-token"}
    assert seen == sorted(seen) and seen[-1] == len(content)


async def test_a_chunk_that_is_lost_is_sent_again(server: Recorder, fast: RetryPolicy, path: Path) -> None:
    """Alone, and whole."""
    server.answers = [created(server), {"jwt": "t"}, STARTED, None, "lost", None]
    async with TursoClient("t", organization="org", base_url=server.url, retry=fast) as turso:
        await turso.databases.upload("db", path, group="g", chunked=True)
    places = [path.rpartition("/")[2] for _, path in sent(server)[3:]]
    assert places == ["0", "1", "1", "finalize"]
    assert server.requests[4].body == server.requests[5].body == path.read_bytes()[2**21 :]


@pytest.mark.parametrize(
    ("started", "where"),
    [
        ({"chunk_size": 0, "upload_id": "u-1"}, "$.chunk_size"),
        ({"chunk_size": 1, "upload_id": "u-1"}, "$.chunk_size"),
        ({"chunk_size": "many", "upload_id": "u-1"}, "$.chunk_size"),
        ({"chunk_size": 4096}, "$.upload_id"),
        ({"chunk_size": 4096, "upload_id": 5}, "$.upload_id"),
    ],
)
async def test_chunks_that_cannot_be_sent(
    turso: TursoClient, server: Recorder, path: Path, started: object, where: str
) -> None:
    """No chunk is sent, and the new database is deleted again."""
    server.answers = [created(server), {"jwt": "t"}, started, THERE, {"database": "db"}]
    with pytest.raises(DecodeError, match="deleted again") as caught:
        await turso.databases.upload("db", path, group="g", chunked=True)
    assert caught.value.where == where and len(server.requests) == 5


async def test_an_upload_in_chunks_ends_in_time(
    turso: TursoClient, server: Recorder, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of the transfer is for all of it; the error is undone as any other."""
    now = [0.0]
    monkeypatch.setattr(_upload, "time", SimpleNamespace(monotonic=lambda: now[0]))
    server.answers = [created(server), {"jwt": "t"}, STARTED, None, THERE, {"database": "db"}]

    def progress(sent: int, total: int) -> None:
        now[0] += 2.5

    with pytest.raises(RequestTimeoutError, match=r"not finished within 5 s; the new database"):
        await turso.databases.upload("db", path, group="g", chunked=True, timeout=5, progress=progress)


@pytest.mark.parametrize("chunked", [True, False])
async def test_the_fake_takes_either_form(fake: FakeTurso, path: Path, chunked: bool) -> None:
    """And has the file as it is."""
    async with fake.client(organization="org") as turso:
        await turso.databases.upload("new", path, group="g", chunked=chunked)
    (made,) = [database for database in fake.databases("org") if database.name == "new"]
    assert made.upload is not None
    assert made.upload.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


async def test_a_file_is_never_whole_in_memory(turso: TursoClient, server: Recorder, path: Path) -> None:
    """Sending 64 MiB takes a few: the file is read as it is sent."""
    with open(path, "r+b") as file:
        file.truncate(64 * 1024 * 1024)
    peaks: list[int] = []

    def progress(sent: int, total: int) -> None:
        peaks.append(tracemalloc.get_traced_memory()[1])

    tracemalloc.start()
    try:
        async with Discarding() as url:
            server.answers = [created(server), {"jwt": "database-token"}, None]
            await turso.databases.upload("db", path, group="g", progress=progress, url=url)
    finally:
        tracemalloc.stop()
    assert len(peaks) == 64 and peaks[-1] < 16 * 1024 * 1024


@pytest.mark.parametrize("url", ["http://db.example.com", "http://10.0.0.1", "ftp://localhost"])
async def test_a_file_is_never_sent_in_the_clear(
    turso: TursoClient, server: Recorder, path: Path, url: str
) -> None:
    """Plain http is for this machine alone; the new database is deleted again."""
    server.answers = [created(server), {"jwt": "database-token"}, THERE, {"database": "db"}]
    with pytest.raises(ConfigurationError, match="deleted again"):
        await turso.databases.upload("db", path, group="g", url=url)
    assert sent(server)[-1] == ("DELETE", f"{ORG}/db")


async def test_an_upload_ends_after_its_own_time(turso: TursoClient, server: Recorder, path: Path) -> None:
    """The time that is given bounds the sending of the file, and not that of one attempt of the client."""
    server.answers = [created(server), {"jwt": "database-token"}, THERE, {"database": "db"}]
    async with RawServer(then=stall) as silent, asyncio.timeout(20):
        with pytest.raises(RequestTimeoutError, match="deleted again"):
            await turso.databases.upload("db", path, group="g", url=silent.url, timeout=0.1)


def test_an_upload_may_take_longer_than_one_attempt(path: Path) -> None:
    """An hour is its usual time."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Clock)

        async def slow(request: Request) -> None:
            loop.turned += 3000
            await asyncio.sleep(0.01)  # timers that are due run now
            await answer(200)(request)

        async with Recorder() as server, RawServer(then=slow) as raw:
            server.answers = [created(server), {"jwt": "database-token"}, THERE, {"database": "db"}]
            async with TursoClient("token", organization="org", base_url=server.url, retry=None) as turso:
                assert (await turso.databases.upload("db", path, group="g", url=raw.url)).name == "db"
            assert sent(server) == [("POST", ORG), ("POST", f"{ORG}/db/auth/tokens")]

    with asyncio.Runner(loop_factory=Clock) as runner:
        runner.run(main())
