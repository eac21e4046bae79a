"""A database from a SQLite file: checks it, creates the database, streams the file, and undoes a failure."""

from __future__ import annotations

import asyncio
import math
import os
import re
import sys
import time
from collections.abc import Coroutine, Mapping
from datetime import timedelta
from functools import partial
from os import PathLike
from typing import Any, BinaryIO, NoReturn, Protocol, TypeVar

from attrs import frozen
from yarl import URL

from . import _bodies, _checks, _sqlite
from ._calls import Calls
from ._decode import begun, one
from ._files import FileBody, OnSent, opened
from ._operation import Operation, Stream
from ._protocol import dump_json, is_loopback
from .errors import ConflictError, DecodeError, InvalidInputError, RequestTimeoutError, TursoError
from .inputs import Encryption, Seed
from .models import Model
from .models.databases import Database, DatabaseToken

T = TypeVar("T")

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?", re.ASCII)
_UNDO = 30.0  # seconds to delete the new database again, also when the upload was cancelled
# The vendor's page on uploads sends a file whole, its CLI each in pieces: of a large one no more is lost than a piece.
_WHOLE = 100 * 1024 * 1024  # bytes
_CHUNKS = 100_000  # a server that wants smaller pieces is refused


@frozen(kw_only=True)
class _Started(Model):
    """An upload in chunks: how large they are to be, and its name."""

    chunk_size: int
    upload_id: str | None = None


UPLOAD = Operation("upload database file", "POST", "/v1/upload", begun())
START = Operation("start upload of database file", "PUT", "/v2/upload/start", one(_Started))
CHUNK = Operation("upload chunk of database file", "PUT", "/v2/upload/{upload}/chunk/{number}", begun())
FINALIZE = Operation("finish upload of database file", "PUT", "/v2/upload/{upload}/finalize", begun())


class Making(Protocol):
    """The calls around a transfer: they make the new database, mint its token, and delete it again."""

    async def create(
        self, database: str, *, group: str, seed: Seed | None, encryption: Encryption | None
    ) -> Database: ...

    async def create_token(self, database: str, *, expiration: timedelta) -> DatabaseToken: ...

    async def delete(self, database: str, *, uuid: str) -> str: ...


@frozen
class Transfer:
    """Options of an upload. `timeout`: seconds; `url`: the database's, if not at the hostname that the API returns."""

    encryption: Encryption | None
    progress: OnSent | None
    timeout: float
    url: str | None
    chunked: bool | None

    def check(self) -> None:
        """Raises InvalidInputError for what cannot be used."""
        _checks.positive(self.timeout, "timeout")
        _checks.text_or_none(self.url, "url")
        _checks.instance_of(self.encryption, Encryption, "encryption")
        _checks.hook(self.progress, "progress")
        _checks.switch_or_none(self.chunked, "chunked")


async def upload(
    calls: Calls, making: Making, name: str, path: str | PathLike[str], group: str, transfer: Transfer
) -> Database:
    """Returns the new database, with the file's content in it."""
    transfer.check()
    # A wrong name or group is refused before any I/O.
    _bodies.database_body(name, group)
    cipher = transfer.encryption.cipher if transfer.encryption else None
    file, length = await calls.pool.in_thread(opened, path, partial(_check, path, cipher))
    try:
        # Outside of what is undone: after a create that failed, nothing there is surely this upload's.
        database = await making.create(name, group=group, seed=Seed.upload(), encryption=transfer.encryption)
        done = False
        try:
            await _send(calls, database, file, length, making, transfer)
            done = True
        finally:  # also after a cancellation
            if not done:
                await _undo(making, name, database.id, sys.exception())
        return database
    finally:
        file.close()


def _check(path: str | PathLike[str], cipher: str | None, file: BinaryIO, length: int) -> None:
    _sqlite.check(file.read(_sqlite.HEADER_BYTES), length, cipher)
    log = os.fspath(path) + "-wal"
    if os.path.exists(log) and os.path.getsize(log):
        raise InvalidInputError(
            "the file's write-ahead log is not empty: run PRAGMA wal_checkpoint(TRUNCATE)"
        )


async def _send(
    calls: Calls, database: Database, file: BinaryIO, length: int, making: Making, transfer: Transfer
) -> None:
    url = transfer.url
    if url is None:
        host = database.hostname or ""
        # The database's token is sent there: an odd name could lead it, and the file, elsewhere.
        if not _HOST.fullmatch(host):
            _refuse("$.database.hostname", "not a host's name" if host else "required and missing")
        url = _url(host, calls.base)
    # It must outlive the transfer, in whole minutes.
    life = timedelta(minutes=max(60, math.ceil(transfer.timeout / 60) + 1))
    token = await making.create_token(database.name, expiration=life)
    chunked = length > _WHOLE if transfer.chunked is None else transfer.chunked
    # From here: the calls before have the client's own limits.
    ends = time.monotonic() + transfer.timeout
    sender = _Sender(calls, url, token.jwt, file, length, transfer, ends)
    await (sender.chunks() if chunked else sender.part(UPLOAD, 0, length))


def _url(hostname: str, api: URL) -> str:
    """Returns where a database is: at https, and only for a fake platform on loopback at http."""
    plain = api.scheme == "http" and is_loopback(URL(f"http://{hostname}").host or "")
    return f"{'http' if plain else 'https'}://{hostname}"


@frozen
class _Sender:
    """Sends a file to its database's host, with the database's token."""

    calls: Calls
    url: str
    token: str
    file: BinaryIO
    length: int
    transfer: Transfer
    ends: float  # of time.monotonic

    async def part(self, operation: Operation[None], start: int, length: int, *names: str) -> None:
        """Sends a part of the file."""
        # Without a length aiohttp sends chunks, which the database's host refuses (411).
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(length)}
        if self.transfer.encryption is not None:
            headers |= self.transfer.encryption.headers()
        body = FileBody(
            self.file, start, length, self.length, self.transfer.progress, self.calls.pool.in_thread
        )
        await body.sent_by(self._call(operation, *names, body=body.pieces, headers=headers))

    async def chunks(self) -> None:
        """Sends the whole file in chunks, one after another."""
        started = await self._call(START, body=dump_json({"db_size_bytes": self.length}))
        size, upload_id = started.chunk_size, started.upload_id
        if not upload_id:
            _refuse("$.upload_id", "required and missing")
        if size < 1 or self.length / size > _CHUNKS:
            _refuse("$.chunk_size", "not a size for chunks of this file")
        for number, start in enumerate(range(0, self.length, size)):
            await self.part(CHUNK, start, min(size, self.length - start), upload_id, str(number))
        await self._call(FINALIZE, upload_id)

    def _call(
        self,
        operation: Operation[T],
        *names: str,
        body: bytes | Stream | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Coroutine[Any, Any, T]:
        left = self.ends - time.monotonic()
        if left <= 0:
            limit = f"{self.transfer.timeout:g} s"
            raise RequestTimeoutError(
                f"{UPLOAD.name}: not finished within {limit}", operation=UPLOAD.name, host=URL(self.url).host
            )
        calls = self.calls.within(left)
        return calls.elsewhere(operation, self.url, *names, token=self.token, body=body, headers=headers)


def _refuse(where: str, why: str) -> NoReturn:
    """Raises the error for an answer that ends an upload."""
    raise DecodeError(f"{UPLOAD.name}: {why} at {where}", where=where, operation=UPLOAD.name)


async def _undo(making: Making, name: str, uuid: str | None, failed: BaseException | None) -> None:
    """Deletes the database that this upload has created, and adds that to the error."""
    done = await _undone(making, name, uuid)
    if isinstance(failed, TursoError):
        failed._add(done)
    elif failed is not None:
        failed.add_note(done)  # not this library's error: its text stays as it is


async def _undone(making: Making, name: str, uuid: str | None) -> str:
    """Returns whether the database is deleted again, in words for the error."""
    # A transfer takes up to hours, in which its name can be given to another one.
    if not uuid:
        return (
            "the new database may be left (its uuid is not known): look before turso.databases.delete"
            f"({name!r}), as its name may be another one's by now"
        )
    try:
        async with asyncio.timeout(_UNDO):
            await making.delete(name, uuid=uuid)
    except (TursoError, TimeoutError) as error:
        if isinstance(error, ConflictError) and not error.status:  # nothing was sent
            return "the new database is gone, and its name belongs to another one, which was left alone"
        call = f"turso.databases.delete({name!r}, uuid={uuid!r})"
        return f"the new database may be left ({type(error).__name__}): delete it with {call}"
    return "the new database was deleted again"
