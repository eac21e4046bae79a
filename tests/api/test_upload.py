"""Uploading a database file."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sqlite3
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from clock import Clock
from raw import RawServer, Request, answer, stall
from recorder import Recorder

from aioturso import (
    BadRequestError,
    ConfigurationError,
    DecodeError,
    Encryption,
    InvalidInputError,
    OutcomeUnknownError,
    RequestTimeoutError,
    RetryPolicy,
    Seed,
    ServerError,
    TursoClient,
    TursoError,
    _upload,
)
from aioturso.testing import FakeTurso

ORG = "/v1/organizations/org/databases"


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with Recorder() as recorder:
        yield recorder


@pytest.fixture
async def turso(server: Recorder) -> AsyncIterator[TursoClient]:
    async with TursoClient("platform-token", organization="org", base_url=server.url, retry=None) as client:
        yield client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "local.db"
    connection = sqlite3.connect(made)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("INSERT INTO t VALUES (zeroblob(3000000))")
    connection.commit()
    connection.close()
    return made


def created(server: Recorder) -> dict[str, object]:
    return {"database": {"Name": "db", "Hostname": server.url.removeprefix("http://")}}


def sent(server: Recorder) -> list[tuple[str, str]]:
    return [(request.method, request.path) for request in server.requests]


async def test_a_file_becomes_a_database(turso: TursoClient, server: Recorder, path: Path) -> None:
    """The file arrives whole, with its exact length, with the database's token and not the platform's."""
    server.answers = [created(server), {"jwt": "database-token"}, None]
    told: list[tuple[int, int]] = []
    database = await turso.databases.upload(
        "db", path, group="g", progress=lambda sent, total: told.append((sent, total))
    )
    assert database.name == "db"
    assert sent(server) == [("POST", ORG), ("POST", f"{ORG}/db/auth/tokens"), ("POST", "/v1/upload")]
    create, mint, upload = server.requests
    assert create.body == {"name": "db", "group": "g", "seed": {"type": "database_upload"}}
    assert mint.query == {"expiration": "61m"}
    content = path.read_bytes()
    assert hashlib.sha256(upload.body).digest() == hashlib.sha256(content).digest()
    assert upload.headers["Content-Length"] == str(len(content))
    assert "Transfer-Encoding" not in upload.headers
    assert upload.headers["Authorization"] == "Bearer database-token"
    assert told[-1] == (len(content), len(content)) and told == sorted(told) and len(told) == 3


async def test_an_encrypted_upload(turso: TursoClient, server: Recorder, path: Path) -> None:
    """Key and cipher go to the API and to the database's host; the file must have room for the cipher."""
    encryption = Encryption(key=base64.b64encode(bytes(32)).decode(), cipher="aes256gcm")
    with pytest.raises(InvalidInputError, match="reserved bytes"):
        await turso.databases.upload("db", path, group="g", encryption=encryption)
    assert server.requests == []
    content = bytearray(path.read_bytes())
    content[20] = 28
    path.write_bytes(content)
    server.answers = [created(server), {"jwt": "database-token"}, None]
    await turso.databases.upload("db", path, group="g", encryption=encryption)
    assert server.requests[0].body["remote_encryption"] == encryption.body()
    assert server.requests[2].headers["x-turso-encryption-key"] == encryption.key
    assert server.requests[2].headers["x-turso-encryption-cipher"] == "aes256gcm"


async def test_an_unfit_file_is_never_sent(turso: TursoClient, server: Recorder, tmp_path: Path) -> None:
    """Nothing reaches the platform before the file is known to be fit."""
    unfit = tmp_path / "unfit.db"
    unfit.write_bytes(b"no database")
    with pytest.raises(InvalidInputError):
        await turso.databases.upload("db", unfit, group="g")
    with pytest.raises(FileNotFoundError):
        await turso.databases.upload("db", tmp_path / "none.db", group="g")
    assert server.requests == []


async def test_a_callback_that_nobody_would_await(turso: TursoClient, server: Recorder, path: Path) -> None:
    """A coroutine function is refused before anything is sent."""

    async def progress(sent: int, total: int) -> None: ...

    with pytest.raises(InvalidInputError, match="not awaited"):
        await turso.databases.upload("db", path, group="g", progress=progress)
    assert server.requests == []


async def test_a_write_ahead_log_must_be_in_the_file(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    """What is still in the log beside the file would be lost."""
    Path(f"{path}-wal").write_bytes(b"frames")
    with pytest.raises(InvalidInputError, match="wal_checkpoint"):
        await turso.databases.upload("db", path, group="g")
    assert server.requests == []


async def test_a_refused_upload_deletes_the_new_database(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    """The database that the upload has created goes again, and the error says so."""
    server.answers = [
        created(server),
        {"jwt": "database-token"},
        (400, {"error": "unfit"}),
        {"database": "db"},
    ]
    with pytest.raises(BadRequestError, match="unfit; the new database was deleted again"):
        await turso.databases.upload("db", path, group="g")
    assert sent(server)[-1] == ("DELETE", f"{ORG}/db")


@pytest.mark.parametrize(
    "name", ["[name]-org.turso.io", "a@b.io", "a.io/x", "a.io?x", "a b", ":80", "", None]
)
async def test_a_hostname_that_is_none(
    turso: TursoClient, server: Recorder, path: Path, name: str | None
) -> None:
    """Nothing is sent to where the answer's hostname is not a host's name; the new database goes again."""
    server.answers = [{"database": {"Name": "db", "Hostname": name}}, {"database": "db"}]
    with pytest.raises(DecodeError, match="deleted again") as caught:
        await turso.databases.upload("db", path, group="g")
    assert caught.value.where == "$.database.hostname"
    assert sent(server) == [("POST", ORG), ("DELETE", f"{ORG}/db")]


async def test_a_lost_upload_is_not_repeated(turso: TursoClient, server: Recorder, path: Path) -> None:
    """After a lost answer nothing is known; the database is deleted again."""
    server.answers = [created(server), {"jwt": "database-token"}, "lost", {"database": "db"}]
    with pytest.raises(OutcomeUnknownError, match="deleted again"):
        await turso.databases.upload("db", path, group="g")
    assert len(server.requests) == 4


async def test_a_database_that_cannot_be_deleted_again(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    """The error says what may be left, and how to delete it."""
    server.answers = [
        created(server),
        {"jwt": "database-token"},
        (400, {"error": "unfit"}),
        (500, {"error": "oops"}),
    ]
    with pytest.raises(BadRequestError, match=r"delete it with turso.databases.delete\('db'\)"):
        await turso.databases.upload("db", path, group="g")


@pytest.mark.parametrize(
    "answer",
    [(500, {"error": "oops"}), (404, {"error": "could not find database with name [db]: record not found"})],
    ids=["500", "404"],
)
async def test_a_database_that_may_be_left_after_a_bare_502(
    turso: TursoClient, server: Recorder, path: Path, answer: object
) -> None:
    """Also when the delete finds nothing: the list may still have it."""
    server.answers = [created(server), {"jwt": "database-token"}, (502, None), answer]
    with pytest.raises(
        ServerError, match=r"may be left \(\w+\): delete it with turso.databases.delete\('db'\)"
    ):
        await turso.databases.upload("db", path, group="g")


async def test_a_success_with_an_error_in_it_is_undone(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    """The platform has said that it has not taken the file."""
    server.answers = [created(server), {"jwt": "t"}, {"error": "unfit"}, {"database": "db"}]
    with pytest.raises(DecodeError, match="deleted again"):
        await turso.databases.upload("db", path, group="g")


STARTED = {"chunk_size": 2**21, "upload_id": "u-1"}


async def test_a_file_in_chunks(turso: TursoClient, server: Recorder, path: Path) -> None:
    """Each chunk has its place and its length, and goes to the database's host with the database's token."""
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
    """No chunk is sent, and the new database goes again."""
    server.answers = [created(server), {"jwt": "t"}, started, {"database": "db"}]
    with pytest.raises(DecodeError, match="deleted again") as caught:
        await turso.databases.upload("db", path, group="g", chunked=True)
    assert caught.value.where == where and len(server.requests) == 4


async def test_an_upload_in_chunks_ends_in_time(
    turso: TursoClient, server: Recorder, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of the transfer is for all of it; the error is undone as any other."""
    now = [0.0]
    monkeypatch.setattr(_upload, "time", SimpleNamespace(monotonic=lambda: now[0]))
    server.answers = [created(server), {"jwt": "t"}, STARTED, None, {"database": "db"}]

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


async def test_a_dump_becomes_a_database(fake: FakeTurso, tmp_path: Path) -> None:
    """Its URL is the seed; an empty file is refused before anything is sent."""
    dump = tmp_path / "dump.sql"
    dump.write_bytes(b"")
    async with fake.client(organization="org") as turso:
        with pytest.raises(InvalidInputError, match="empty"):
            await turso.databases.upload_dump(dump)
        dump.write_text("CREATE TABLE t (x);")
        url = await turso.databases.upload_dump(dump)
        await turso.databases.create("new", group="g", seed=Seed.dump(url))
        await turso.databases.seed("new", dump)
    (made,) = [database for database in fake.databases("org") if database.name == "new"]
    assert made.upload is not None and made.upload.size > len(dump.read_bytes())


@pytest.mark.parametrize(
    "given",
    [
        {"timeout": 0},
        {"timeout": "60"},
        {"timeout": float("nan")},
        {"chunked": "no"},
        {"url": ""},
        {"progress": 5},
        {"encryption": "key"},
    ],
    ids=str,
)
async def test_what_an_upload_cannot_use(
    turso: TursoClient, server: Recorder, path: Path, given: dict[str, Any]
) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(InvalidInputError):
        await turso.databases.upload("db", path, group="g", **given)
    assert server.requests == []


async def test_only_a_database_of_its_own_is_deleted(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    """A create that fails, or may have failed, deletes nothing."""
    for failure in ((409, {"error": "database with name [db] already exists"}), "lost"):
        server.answers = [failure]
        with pytest.raises(TursoError):
            await turso.databases.upload("db", path, group="g")
    assert [request.method for request in server.requests] == ["POST", "POST"]


async def test_a_callback_that_fails(turso: TursoClient, server: Recorder, path: Path) -> None:
    """The callback's own error comes out, and the new database goes again."""

    def progress(sent: int, total: int) -> None:
        raise RuntimeError("stop")

    server.answers = [created(server), {"jwt": "database-token"}, {"database": "db"}]
    with pytest.raises(RuntimeError, match="stop") as caught:
        await turso.databases.upload("db", path, group="g", progress=progress)
    assert caught.value.__notes__ == ["the new database was deleted again"]
    assert sent(server)[-1] == ("DELETE", f"{ORG}/db")


async def test_a_cancelled_upload(turso: TursoClient, server: Recorder, path: Path) -> None:
    """Cancellation comes out as such, after the new database is gone."""
    server.answers = [created(server), {"jwt": "database-token"}, {"database": "db"}]
    task: asyncio.Task[object] | None = None

    def progress(sent: int, total: int) -> None:
        assert task is not None
        task.cancel()

    task = asyncio.create_task(turso.databases.upload("db", path, group="g", progress=progress))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sent(server)[-1] == ("DELETE", f"{ORG}/db")


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
    server.answers = [created(server), {"jwt": "database-token"}, {"database": "db"}]
    with pytest.raises(ConfigurationError, match="deleted again"):
        await turso.databases.upload("db", path, group="g", url=url)
    assert sent(server)[-1] == ("DELETE", f"{ORG}/db")


async def test_an_upload_ends_after_its_own_time(turso: TursoClient, server: Recorder, path: Path) -> None:
    """The time that is given bounds the sending of the file, and not that of one attempt of the client."""
    server.answers = [created(server), {"jwt": "database-token"}, {"database": "db"}]
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
            server.answers = [created(server), {"jwt": "database-token"}, {"database": "db"}]
            async with TursoClient("token", organization="org", base_url=server.url, retry=None) as turso:
                assert (await turso.databases.upload("db", path, group="g", url=raw.url)).name == "db"
            assert sent(server) == [("POST", ORG), ("POST", f"{ORG}/db/auth/tokens")]

    with asyncio.Runner(loop_factory=Clock) as runner:
        runner.run(main())


class Discarding:
    """A server that reads a body and keeps nothing of it."""

    async def __aenter__(self) -> str:
        self.server = await asyncio.start_server(self.handle, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self.server.close()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        left = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while left:
            left -= len(await reader.read(65536))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()
