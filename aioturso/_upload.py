"""A database from a SQLite file: checks it, creates the database, streams the file, and undoes a failure."""

from __future__ import annotations

import asyncio
import inspect
import math
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from os import PathLike
from typing import Any, BinaryIO, Protocol

from attrs import define, frozen

from . import _sqlite
from ._calls import Calls
from ._decode import nothing
from ._operation import Operation
from ._protocol import database_url
from ._structure import fail
from .errors import InvalidInputError, TursoError
from .inputs import Encryption, Seed
from .models.databases import Database, DatabaseToken

Progress = Callable[[int, int], object]
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?", re.ASCII)
_CHUNK = 1024 * 1024  # bytes
_UNDO = 30.0  # seconds to delete the new database again, also when the upload was cancelled
UPLOAD = Operation("upload database file", "POST", "/v1/upload", nothing)


@define
class FileBody:
    """Mutable: a file as a request's body, read in threads, chunk by chunk; each attempt starts it again.

    `failed`: what went wrong on this side, which aiohttp would report as a lost connection.
    """

    file: BinaryIO
    length: int
    progress: Progress | None
    in_thread: Callable[..., Awaitable[Any]]
    failed: Exception | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            sent = 0
            await self.in_thread(self.file.seek, 0)
            while sent < self.length:
                chunk = await self.in_thread(self.file.read, min(_CHUNK, self.length - sent))
                if not chunk:
                    raise InvalidInputError("the file became shorter while it was sent")
                yield chunk
                sent += len(chunk)
                if self.progress is not None:
                    self.progress(sent, self.length)
        except Exception as error:
            self.failed = error
            raise


class Making(Protocol):
    """The calls around a transfer: they make the new database, mint its token, and delete it again."""

    async def create(
        self, database: str, *, group: str, seed: Seed | None, encryption: Encryption | None
    ) -> Database: ...

    async def create_token(self, database: str, *, expiration: timedelta) -> DatabaseToken: ...

    async def delete(self, database: str, *, missing_ok: bool) -> str: ...


@frozen
class Transfer:
    """How a file is sent. `timeout`: seconds; `url`: the database's, if not at the hostname that the API returns."""

    encryption: Encryption | None
    progress: Progress | None
    timeout: float
    url: str | None


async def upload(
    calls: Calls, making: Making, name: str, path: str | PathLike[str], group: str, transfer: Transfer
) -> Database:
    """Returns the new database, with the file's content in it."""
    if not transfer.timeout > 0:
        raise InvalidInputError("timeout must be more than 0 seconds")
    if inspect.iscoroutinefunction(transfer.progress):
        raise InvalidInputError("progress must be a plain function: it is called, not awaited")
    cipher = transfer.encryption.cipher if transfer.encryption else None
    file, length = await calls.pool.in_thread(_opened, path, cipher)
    try:
        database = await making.create(name, group=group, seed=Seed.upload(), encryption=transfer.encryption)
        done = False
        try:
            body = FileBody(file, length, transfer.progress, calls.pool.in_thread)
            await _send(calls, database, body, making, transfer)
            done = True
        finally:
            if not done:
                await _undo(making, name, sys.exception())
        return database
    finally:
        file.close()


def _opened(path: str | PathLike[str], cipher: str | None) -> tuple[BinaryIO, int]:
    file = open(path, "rb")  # noqa: SIM115  (closed by `upload`)
    try:
        length = os.fstat(file.fileno()).st_size
        _sqlite.check(file.read(_sqlite.HEADER_BYTES), length, cipher)
        log = os.fspath(path) + "-wal"
        if os.path.exists(log) and os.path.getsize(log):
            raise InvalidInputError(
                "the file's write-ahead log is not empty: run PRAGMA wal_checkpoint(TRUNCATE)"
            )
    except BaseException:
        file.close()
        raise
    return file, length


async def _send(calls: Calls, database: Database, body: FileBody, making: Making, transfer: Transfer) -> None:
    url, encryption = transfer.url, transfer.encryption
    if url is None:
        host = database.hostname or ""
        if not _HOST.fullmatch(host):
            fail("$.database.hostname", "not a host's name" if host else "required and missing")
        url = database_url(host, calls.base)
    life = timedelta(minutes=max(60, math.ceil(transfer.timeout / 60) + 1))
    token = await making.create_token(database.name, expiration=life)
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(body.length)}
    headers |= encryption.headers() if encryption else {}
    try:
        await calls.elsewhere(
            UPLOAD, url, token=token.jwt, body=body.chunks, headers=headers, timeout=transfer.timeout
        )
    except TursoError:
        if body.failed is None:
            raise
    if body.failed is not None:
        raise body.failed


async def _undo(making: Making, name: str, failed: BaseException | None) -> None:
    """Deletes the database that this upload has created, and adds that to the error."""
    try:
        async with asyncio.timeout(_UNDO):
            await making.delete(name, missing_ok=True)
        done = "the new database was deleted again"
    except (TursoError, TimeoutError) as error:
        kind = type(error).__name__
        done = f"the new database may be left ({kind}): delete it with turso.databases.delete({name!r})"
    if isinstance(failed, TursoError):
        failed._add(done)
    elif failed is not None:
        failed.add_note(done)
