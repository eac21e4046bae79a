"""Pure: refuses a file that is no SQLite database, or one that the platform does not take."""

from __future__ import annotations

from .errors import InvalidInputError
from .inputs import RESERVED_BYTES

_MAGIC = b"SQLite format 3\x00"
HEADER_BYTES = 100


def check(header: bytes, length: int, cipher: str | None = None) -> None:
    """Raises InvalidInputError for an unfit file. `header`: its first 100 bytes (https://sqlite.org/fileformat.html)."""
    if len(header) < HEADER_BYTES or not header.startswith(_MAGIC):
        raise InvalidInputError("not a SQLite database file")
    if header[18:20] != b"\x02\x02":
        raise InvalidInputError("the file is not in WAL mode: run PRAGMA journal_mode=WAL")
    # Two bytes cannot hold 65536, for which 1 stands.
    page = int.from_bytes(header[16:18], "big")
    if page != 4096:
        raise InvalidInputError(f"the page size is {65536 if page == 1 else page} and must be 4096 bytes")
    if header[52:56] != bytes(4):
        raise InvalidInputError("auto_vacuum must be off: run PRAGMA auto_vacuum=NONE and VACUUM")
    if header[56:60] != b"\x00\x00\x00\x01":
        raise InvalidInputError("the text encoding must be UTF-8")
    reserved = RESERVED_BYTES.get(cipher, header[20]) if cipher is not None else header[20]
    if header[20] != reserved:
        raise InvalidInputError(
            f"{cipher} needs {reserved} reserved bytes per page; the file has {header[20]}"
        )
    if length % 4096:
        raise InvalidInputError("the file does not end with a whole page: is something still writing to it?")
