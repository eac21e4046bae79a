"""Uploading a database file."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from missing import no_database
from recorder import Recorder
from uploads import ORG, THERE, created, sent

from aioturso import (
    BadRequestError,
    DecodeError,
    Encryption,
    InvalidInputError,
    OutcomeUnknownError,
    Seed,
    ServerError,
    TursoClient,
    TursoError,
)
from aioturso.testing import FakeTurso


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


async def test_the_key_and_the_cipher_of_an_upload_are_sent_to_the_api_and_to_the_host(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    """Key and cipher are sent to the API and to the database's host; the file must have room for the cipher."""
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


async def test_a_callback_that_is_not_awaited(turso: TursoClient, server: Recorder, path: Path) -> None:
    """A coroutine function is refused before anything is sent."""

    async def progress(sent: int, total: int) -> None: ...

    for each in (progress, partial(progress, 1)):
        with pytest.raises(InvalidInputError, match="not awaited"):
            await turso.databases.upload("db", path, group="g", progress=each)
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
    """The database that the upload has created is deleted again, and that is in the error."""
    server.answers = [
        created(server),
        {"jwt": "database-token"},
        (400, {"error": "unfit"}),
        THERE,
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
    """Nothing is sent to where the answer's hostname is not a host's name; the new database is deleted again."""
    server.answers = [{"database": {"Name": "db", "DbId": "1", "Hostname": name}}, THERE, {"database": "db"}]
    with pytest.raises(DecodeError, match="deleted again") as caught:
        await turso.databases.upload("db", path, group="g")
    assert (caught.value.where, caught.value.operation) == ("$.database.hostname", "upload database file")
    assert sent(server) == [("POST", ORG), ("GET", f"{ORG}/db"), ("DELETE", f"{ORG}/db")]


@pytest.mark.parametrize(
    ("there", "words", "deletes"),
    [
        ("1", "the new database was deleted again", 1),
        ("2", "its name belongs to another one, which was left alone", 0),
        (None, r"may be left \(DecodeError\): .*delete\('db', uuid='1'\)", 0),
    ],
)
async def test_another_database_that_has_the_name_by_then_is_left_alone(
    turso: TursoClient, server: Recorder, path: Path, there: str | None, words: str, deletes: int
) -> None:
    """A transfer takes long: the database is compared by its UUID before it is deleted again."""
    found = {"database": {"Name": "db", "DbId": there}}
    new: Any = created(server)
    new["database"]["DbId"] = "1"
    server.answers = [new, {"jwt": "t"}, (400, {"error": "unfit"}), found, {"database": "db"}]
    with pytest.raises(BadRequestError, match=words):
        await turso.databases.upload("db", path, group="g")
    assert [request.method for request in server.requests].count("DELETE") == deletes


@pytest.mark.parametrize("uuid", [None, "", 5])
async def test_a_database_without_a_uuid_in_the_answer_to_its_create_is_left(
    turso: TursoClient, server: Recorder, path: Path, uuid: object
) -> None:
    """By its name alone, another one that has the name by then would be deleted."""
    new: Any = created(server)
    new["database"]["DbId"] = uuid
    server.answers = [new, {"jwt": "t"}, (400, {"error": "unfit"}), THERE, {"database": "db"}]
    with pytest.raises(
        BadRequestError, match=r"unfit; the new database may be left \(its uuid is not known\)"
    ):
        await turso.databases.upload("db", path, group="g")
    assert [request.method for request in server.requests].count("DELETE") == 0


async def test_a_database_of_another_group_is_no_new_one_and_is_left(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    """As of a server that answers a create with what has the name already."""
    new: Any = created(server)
    new["database"]["group"] = "other"
    server.answers = [new, {"jwt": "t"}, (400, {"error": "unfit"}), THERE, {"database": "db"}]
    with pytest.raises(DecodeError, match=r"another one than the request at \$.database.group"):
        await turso.databases.upload("db", path, group="g")
    assert [request.method for request in server.requests] == ["POST"]


@pytest.mark.parametrize("words", [{"created": False}, {"message": "database already exists"}], ids=str)
async def test_a_database_that_was_there_before_is_no_new_one_and_is_left(
    turso: TursoClient, server: Recorder, path: Path, words: dict[str, Any]
) -> None:
    new = {**created(server), **words}
    server.answers = [new, {"jwt": "t"}, (400, {"error": "unfit"}), THERE, {"database": "db"}]
    with pytest.raises(DecodeError, match="it was there before"):
        await turso.databases.upload("db", path, group="g")
    assert [request.method for request in server.requests] == ["POST"]


async def test_a_lost_upload_is_not_repeated(turso: TursoClient, server: Recorder, path: Path) -> None:
    """After a lost answer nothing is known; the database is deleted again."""
    server.answers = [created(server), {"jwt": "database-token"}, "lost", THERE, {"database": "db"}]
    with pytest.raises(OutcomeUnknownError, match="deleted again"):
        await turso.databases.upload("db", path, group="g")
    assert len(server.requests) == 5


async def test_the_error_of_an_upload_names_what_is_left_and_the_call_that_deletes_it(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    server.answers = [
        created(server),
        {"jwt": "database-token"},
        (400, {"error": "unfit"}),
        THERE,
        (500, {"error": "oops"}),
    ]
    with pytest.raises(BadRequestError, match=r"delete it with turso.databases.delete\('db', uuid='1'\)"):
        await turso.databases.upload("db", path, group="g")


@pytest.mark.parametrize(
    "answer",
    [(500, {"error": "oops"}), (404, no_database("db"))],
    ids=["500", "404"],
)
async def test_a_database_that_may_be_left_after_a_bare_502(
    turso: TursoClient, server: Recorder, path: Path, answer: object
) -> None:
    """Also when the delete finds nothing: the list may still have it."""
    server.answers = [created(server), {"jwt": "database-token"}, (502, None), THERE, answer]
    with pytest.raises(
        ServerError, match=r"may be left \(\w+\): delete it with turso.databases.delete\('db', uuid='1'\)"
    ):
        await turso.databases.upload("db", path, group="g")


async def test_a_success_with_an_error_in_it_is_undone(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    """The platform has answered that it has not taken the file."""
    server.answers = [created(server), {"jwt": "t"}, {"error": "unfit"}, THERE, {"database": "db"}]
    with pytest.raises(DecodeError, match="deleted again"):
        await turso.databases.upload("db", path, group="g")


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


async def test_a_dump_does_not_end_at_a_text_in_it(
    turso: TursoClient, server: Recorder, tmp_path: Path
) -> None:
    """Whoever has written into the database may know what an upload was bounded by before."""
    dump, boundaries = tmp_path / "dump.sql", list[bytes]()
    text, server.answers = b"CREATE TABLE t (x);", [{"dump_url": "u"}] * 2
    for _ in range(2):
        dump.write_bytes(text)
        assert await turso.databases.upload_dump(dump) == "u"
        request = server.requests[-1]
        boundaries.append(request.headers["Content-Type"].partition("; boundary=")[2].encode())
        assert request.body.count(b"--" + boundaries[-1]) == 2 and text in request.body
        text += b"\r\n--" + boundaries[-1] + b"--\r\nmore"
    assert len({*boundaries}) == 2 and len(boundaries[0]) == len(boundaries[1]) >= 32


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
    """The callback's own error comes out, and the new database is deleted again."""

    def progress(sent: int, total: int) -> None:
        raise RuntimeError("stop")

    server.answers = [created(server), {"jwt": "database-token"}, THERE, {"database": "db"}]
    with pytest.raises(RuntimeError, match="stop") as caught:
        await turso.databases.upload("db", path, group="g", progress=progress)
    assert caught.value.__notes__ == ["the new database was deleted again"]
    assert sent(server)[-1] == ("DELETE", f"{ORG}/db")


async def test_a_cancelled_upload_deletes_the_new_database_before_it_ends(
    turso: TursoClient, server: Recorder, path: Path
) -> None:
    """Cancellation comes out as such, after the new database is gone."""
    server.answers = [created(server), {"jwt": "database-token"}, THERE, {"database": "db"}]
    task: asyncio.Task[object] | None = None

    def progress(sent: int, total: int) -> None:
        assert task is not None
        task.cancel()

    task = asyncio.create_task(turso.databases.upload("db", path, group="g", progress=progress))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sent(server)[-1] == ("DELETE", f"{ORG}/db")


async def test_a_pipe_that_nothing_writes_to_is_an_empty_file(turso: TursoClient, tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    with pytest.raises(InvalidInputError):
        await turso.databases.upload("db", pipe, group="g")
    with pytest.raises(InvalidInputError, match="the file is empty"):
        await turso.databases.upload_dump(pipe)
