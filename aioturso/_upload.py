"""A database from a SQLite file: check it, create the database, stream the file, undo what failed."""

from __future__ import annotations

import asyncio
import inspect
import math
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from os import PathLike
from typing import TYPE_CHECKING, BinaryIO

from attrs import define

from ._decode import fail, nothing
from ._inputs import HEADER_BYTES, Encryption, Seed, check_database_file
from ._operation import Operation
from ._protocol import database_url
from .errors import InvalidInputError, TursoError
from .models.databases import Database

if TYPE_CHECKING:
    from .client import TursoClient

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
    failed: Exception | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            sent = 0
            await asyncio.to_thread(self.file.seek, 0)
            while sent < self.length:
                chunk = await asyncio.to_thread(self.file.read, min(_CHUNK, self.length - sent))
                if not chunk:
                    raise InvalidInputError("the file became shorter while it was sent")
                yield chunk
                sent += len(chunk)
                if self.progress is not None:
                    self.progress(sent, self.length)
        except Exception as error:
            self.failed = error
            raise


async def upload(
    client: TursoClient,
    name: str,
    path: str | PathLike[str],
    group: str,
    encryption: Encryption | None,
    progress: Progress | None,
    timeout: float,
    url: str | None,
) -> Database:
    """The new database, with the file's content in it."""
    if not timeout > 0:
        raise InvalidInputError("timeout must be more than 0 seconds")
    if inspect.iscoroutinefunction(progress):
        raise InvalidInputError("progress must be a plain function: it is called, not awaited")
    file, length = await asyncio.to_thread(_opened, path, encryption.cipher if encryption else None)
    try:
        database = await client.databases.create(name, group=group, seed=Seed.upload(), encryption=encryption)
        done = False
        try:
            await _send(client, database, FileBody(file, length, progress), encryption, timeout, url)
            done = True
        finally:
            if not done:
                await _undo(client, name, sys.exception())
        return database
    finally:
        file.close()


def _opened(path: str | PathLike[str], cipher: str | None) -> tuple[BinaryIO, int]:
    file = open(path, "rb")  # noqa: SIM115  (closed by `upload`)
    try:
        length = os.fstat(file.fileno()).st_size
        check_database_file(file.read(HEADER_BYTES), length, cipher)
        log = os.fspath(path) + "-wal"
        if os.path.exists(log) and os.path.getsize(log):
            raise InvalidInputError(
                "the file's write-ahead log is not empty: run PRAGMA wal_checkpoint(TRUNCATE)"
            )
    except BaseException:
        file.close()
        raise
    return file, length


async def _send(
    client: TursoClient,
    database: Database,
    body: FileBody,
    encryption: Encryption | None,
    timeout: float,
    url: str | None,
) -> None:
    if url is None:
        host = database.hostname or ""
        if not _HOST.fullmatch(host):
            fail("$.database.hostname", "not a host's name" if host else "required and missing")
        url = database_url(host, client.base_url)
    life = timedelta(minutes=max(60, math.ceil(timeout / 60) + 1))
    token = await client.databases.create_token(database.name, expiration=life)
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(body.length)}
    headers |= encryption.headers() if encryption else {}
    try:
        await client.call_elsewhere(
            UPLOAD, url, token=str(token.jwt), body=body.chunks, headers=headers, timeout=timeout
        )
    except TursoError:
        if body.failed is None:
            raise
    if body.failed is not None:
        raise body.failed


async def _undo(client: TursoClient, name: str, failed: BaseException | None) -> None:
    """Delete the database that this upload has created, and say so in the error."""
    try:
        async with asyncio.timeout(_UNDO):
            await client.databases.delete(name, missing_ok=True)
        said = "the new database was deleted again"
    except (TursoError, TimeoutError) as error:
        kind = type(error).__name__
        said = f"the new database may be left ({kind}): delete it with turso.databases.delete({name!r})"
    if isinstance(failed, TursoError):
        failed.say(said)
    elif failed is not None:
        failed.add_note(said)
