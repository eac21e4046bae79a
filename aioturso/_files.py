"""Files as bodies of requests: read in threads, piece by piece, and from the start again for each attempt."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from os import PathLike
from typing import Any, BinaryIO, TypeVar
from uuid import uuid4

from attrs import define, field, frozen

from ._calls import Calls
from ._operation import Operation
from .errors import InvalidInputError, TursoError

T = TypeVar("T")
OnSent = Callable[[int, int], object]
"""A plain function that gets the bytes sent so far, and the bytes of the whole file."""
_PIECE = 1024 * 1024  # bytes


@define
class FileBody:
    """Mutable: a file's bytes from `start`, `length` of them, as a request's body.

    `failed`: the error on this side, which aiohttp would report as a lost connection.
    """

    file: BinaryIO
    start: int
    length: int
    total: int
    progress: OnSent | None
    in_thread: Callable[..., Awaitable[Any]]
    failed: Exception | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yields the bytes, and reports after each piece how many of the whole file are sent."""
        try:
            sent = 0
            # An attempt before this one has left the file elsewhere.
            await self.in_thread(self.file.seek, self.start)
            while sent < self.length:
                piece = await self.in_thread(self.file.read, min(_PIECE, self.length - sent))
                # Else the server would wait for the bytes that its length promises.
                if not piece:
                    raise InvalidInputError("the file became shorter while it was sent")
                yield piece
                sent += len(piece)
                if self.progress is not None:
                    self.progress(self.start + sent, self.total)
        except Exception as error:
            self.failed = error
            raise

    async def sent_by(self, call: Awaitable[T]) -> T:
        """Awaits the call that sends this body; an error on this side is raised in place of its effect."""
        try:
            result = await call
        except TursoError:
            if self.failed is None:
                raise
        else:
            return result
        # Outside the handler: aiohttp's view of it, a lost connection, is not its context.
        raise self.failed


@frozen
class _Form:
    """A file as the field `file` of a form. `boundary`: of one upload, else a text in the file could end it."""

    file: FileBody
    boundary: str = field(factory=lambda: f"aioturso-{uuid4().hex}", init=False)

    @property
    def head(self) -> bytes:
        """The bytes before the file."""
        return (
            f"--{self.boundary}\r\n"
            'Content-Disposition: form-data; name="file"; filename="dump.sql"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()

    @property
    def tail(self) -> bytes:
        """The bytes after the file."""
        return f"\r\n--{self.boundary}--\r\n".encode()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yields the whole form."""
        yield self.head
        async for piece in self.file.pieces():
            yield piece
        yield self.tail


async def send_form(
    calls: Calls, operation: Operation[T], *names: str, path: str | PathLike[str], timeout: float
) -> T:
    """Sends a file as a form to the API, and returns what comes."""
    file, length = await calls.pool.in_thread(opened, path, _check_length)
    try:
        body = FileBody(file, 0, length, length, None, calls.pool.in_thread)
        form = _Form(body)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={form.boundary}",
            "Content-Length": str(len(form.head) + length + len(form.tail)),
        }
        call = calls.within(timeout).send_stream(operation, *names, stream=form.pieces, headers=headers)
        return await body.sent_by(call)
    finally:
        file.close()


def opened(path: str | PathLike[str], check: Callable[[BinaryIO, int], object]) -> tuple[BinaryIO, int]:
    """Returns an open file and its length, unless the check of both refuses it."""
    file = open(path, "rb", opener=_at_once)  # noqa: SIM115  (closed by the caller)
    try:
        length = os.fstat(file.fileno()).st_size
        check(file, length)
    except BaseException:
        file.close()
        raise
    return file, length


def _at_once(path: str, flags: int) -> int:
    # A pipe that nothing writes to would hold a thread for ever; as a file it is empty.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _check_length(_: BinaryIO, length: int) -> None:
    if not length:
        raise InvalidInputError("the file is empty")
