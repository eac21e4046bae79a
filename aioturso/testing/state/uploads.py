"""Database files: sent to their database's own host, in one piece or in chunks; and dumps."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from attrs import define, field

from .call import Call, File
from .creation import CIPHERS, check_key
from .minting import opaque_id
from .records import FakeDatabase, FakeOrganization, Upload
from .world import Refusal

CHUNK = 8 * 2**20


@define
class _Chunks:
    """A file that arrives in chunks: those of one number replace one another."""

    database: FakeDatabase
    size: int
    chunks: dict[int, bytes] = field(factory=dict, repr=False)
    cipher: str | None = None
    key: str | None = None

    def file(self) -> File:
        """Returns the file that the chunks make."""
        digest, whole = sha256(), [self.chunks[number] for number in sorted(self.chunks)]
        for chunk in whole:
            digest.update(chunk)
        header = b"".join(whole[:1])[:100]  # none where no chunk has come
        return File(header=header, size=sum(map(len, whole)), sha256=digest.hexdigest())


def upload(call: Call) -> None:
    """Takes the file if the token is for one database that awaits it, and the file is fit."""
    if call.file is None or "content-length" not in call.headers:
        raise Refusal(411, "Content-Length is required")
    database = _target(call)
    cipher = call.headers.get("x-turso-encryption-cipher")
    _take(database, call.file, cipher, call.headers.get("x-turso-encryption-key"))


def start(call: Call) -> Any:
    """Begins an upload in chunks."""
    size = call.body.get("db_size_bytes")
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise Refusal(400, "db_size_bytes must be a positive number")
    database = _target(call)
    _must_await(database)
    upload_id = opaque_id()
    call.state.uploads[upload_id] = _Chunks(database, size)
    return {"chunk_size": CHUNK, "upload_id": upload_id}


def put_chunk(call: Call) -> None:
    """Keeps a chunk; one that is sent again replaces the first."""
    found, number = _started(call), call.path["number"]
    if not number.isascii() or not number.isdigit():
        raise Refusal(400, "invalid chunk number")
    if len(call.content) > CHUNK:
        raise Refusal(413, f"a chunk has at most {CHUNK} bytes")
    found.chunks[int(number)] = call.content
    found.cipher = call.headers.get("x-turso-encryption-cipher")
    found.key = call.headers.get("x-turso-encryption-key")


def finalize(call: Call) -> None:
    """Takes the file if all of it has arrived and it is fit."""
    found = _started(call)
    file = found.file()
    if file.size != found.size or sorted(found.chunks) != list(range(len(found.chunks))):
        raise Refusal(400, f"{file.size} of {found.size} bytes have arrived")
    _take(found.database, file, found.cipher, found.key)
    del call.state.uploads[call.path["upload"]]


def store_dump(call: Call) -> Any:
    """Keeps a dump; its URL is then given as the seed of a database."""
    _ = call.organization  # refuses one that is not there, or not the user's
    if call.file is None or not call.file.size:
        raise Refusal(400, "a file is required")
    url = f"https://dumps.turso.invalid/{opaque_id()}.sql"
    call.state.dumps[url] = call.file.size
    return {"dump_url": url}


def seed(call: Call) -> None:
    """Fills a database from a file that comes as a form."""
    if call.file is None or not call.file.size:
        raise Refusal(400, "a file is required")
    call.database.upload = Upload(size=call.file.size, sha256=call.file.sha256)


def _started(call: Call) -> _Chunks:
    found = call.state.uploads.get(call.path["upload"])
    if not isinstance(found, _Chunks) or found.database not in _accepting(call):
        raise Refusal(404, "upload not found")
    return found


def _take(database: FakeDatabase, file: File, cipher: str | None, key: str | None) -> None:
    _must_await(database)
    if cipher != database.cipher:
        raise Refusal(400, f"the database's encryption cipher is {database.cipher or 'none'}")
    if cipher is not None:
        check_key(cipher, key)
    _check(file, cipher)
    database.awaits_upload, database.upload = False, Upload(size=file.size, sha256=file.sha256)
    for instance in database.instances.values():
        instance.usage.storage_bytes = file.size


def _must_await(database: FakeDatabase) -> None:
    if not database.awaits_upload:
        raise Refusal(400, f"database {database.name} does not await an upload")


def _target(call: Call) -> FakeDatabase:
    """Returns the database that the token is for, as all share the fake's address.

    Of several, the one that a host `{database}-{organization}.` names, or that awaits an upload.
    """
    label = call.headers.get("host", "").partition(".")[0]
    good = _accepting(call)
    if not good:
        raise Refusal(401, "could not parse jwt id")
    named = [database for database in good if f"{database.name}-{database.organization}" == label]
    waiting = named or [database for database in good if database.awaits_upload or len(good) == 1]
    if len(waiting) != 1:
        raise Refusal(400, "the token is good for several databases: mint one for the database")
    return waiting[0]


def _accepting(call: Call) -> list[FakeDatabase]:
    def accepts(organization: FakeOrganization, database: FakeDatabase) -> bool:
        return call.state.accepts(call.bearer, organization, database)

    return [database for owner, database in call.state.every_database() if accepts(owner, database)]


def _check(file: File, cipher: str | None) -> None:
    """Refuses a file by its header: https://www.sqlite.org/fileformat.html#the_database_header"""
    header = file.header
    checks = (
        ("not a SQLite database", header[:16] == b"SQLite format 3\0" and len(header) == 100),
        ("the page size must be 4096", header[16:18] == b"\x10\x00"),
        ("the journal mode must be WAL", header[18:20] == b"\x02\x02"),
        ("auto_vacuum must be 0", header[52:56] == bytes(4)),
        ("the encoding must be UTF-8", header[56:60] == b"\0\0\0\x01"),
        ("the file is cut short", file.size % 4096 == 0),
        ("wrong reserved bytes for the cipher", not cipher or header[20] == CIPHERS[cipher][1]),
    )
    for message, fits in checks:
        if not fits:
            raise Refusal(400, f"unfit database file: {message}")
