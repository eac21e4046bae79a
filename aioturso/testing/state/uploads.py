"""A database file sent to its database's own host."""

from __future__ import annotations

from .call import Call, File
from .databases import CIPHERS, check_key
from .world import FakeDatabase, FakeOrganization, Refusal, Upload


def upload(call: Call) -> None:
    """Take the file if the token is for one database that awaits it, and the file is fit."""
    file = call.file
    if file is None or "content-length" not in call.headers:
        raise Refusal(411, "Content-Length is required")
    database = _target(call)
    if not database.awaits_upload:
        raise Refusal(400, f"database {database.name} does not await an upload")
    cipher = call.headers.get("x-turso-encryption-cipher")
    if cipher != database.cipher:
        raise Refusal(400, f"the database's encryption cipher is {database.cipher or 'none'}")
    if cipher is not None:
        check_key(cipher, call.headers.get("x-turso-encryption-key"))
    _check(file, cipher)
    database.awaits_upload, database.upload = False, Upload(size=file.size, sha256=file.sha256)
    for instance in database.instances.values():
        instance.usage.storage_bytes = file.size


def _target(call: Call) -> FakeDatabase:
    """Databases share the fake's address, so the token tells which; or a `{database}-{organization}.` host."""
    label = call.headers.get("host", "").partition(".")[0]
    good = [
        (organization, database)
        for organization, database in call.state.every_database()
        if call.state.accepts(call.bearer, organization, database)
    ]
    if not good:
        raise Refusal(401, "could not parse jwt id")
    named = [database for organization, database in good if _label(organization, database) == label]
    waiting = named or [database for _, database in good if database.awaits_upload or len(good) == 1]
    if len(waiting) != 1:
        raise Refusal(400, "the token is good for several databases: mint one for the database")
    return waiting[0]


def _label(organization: FakeOrganization, database: FakeDatabase) -> str:
    return f"{database.name}-{organization.slug}"


def _check(file: File, cipher: str | None) -> None:
    """Byte offsets: https://www.sqlite.org/fileformat.html#the_database_header"""
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
