"""Pure: what callers give, checked before any I/O; every refusal is an InvalidInputError with its reason."""

from __future__ import annotations

import base64
import binascii
import enum
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeVar

from attrs import field, frozen

from .errors import InvalidInputError, InvalidNameError
from .models._model import Secret

T = TypeVar("T")

_DATABASE = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
_KEY_BYTES = {"aes128gcm": 16, "aegis128l": 16, "aegis128x2": 16, "aegis128x4": 16}
_RESERVED_BYTES = {
    **dict.fromkeys(("aes256gcm", "aes128gcm", "chacha20poly1305"), 28),
    **dict.fromkeys(("aegis128l", "aegis128x2", "aegis128x4"), 32),
    **dict.fromkeys(("aegis256", "aegis256x2", "aegis256x4"), 48),
}
_MAGIC = b"SQLite format 3\x00"
HEADER_BYTES = 100


class Unset(enum.Enum):
    """The type of `UNSET`."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
"""Leave it as it is; None means clear it."""


def changed(**fields: object) -> dict[str, object]:
    """A PATCH's body: only what the caller set, and at least one thing. None has no meaning here."""
    found = {name: value for name, value in fields.items() if value is not UNSET}
    if not found:
        raise InvalidInputError(f"nothing to change: give one of {', '.join(fields)}")
    for name, value in found.items():
        if value is None:
            raise InvalidInputError(f"{name} cannot be cleared: leave it out to leave it as it is")
    return found


def database_changes(
    size_limit: str | int | Unset,
    flags: Mapping[str, bool | Unset],
    allowed_ips: Sequence[str] | Unset | None,
    allowed_aws_vpc_ids: Sequence[str] | Unset | None,
) -> dict[str, object]:
    """The body that changes a database's settings."""
    return changed(
        size_limit=size(size_limit),
        **flags,
        allowed_ips=listed(allowed_ips, "allowed_ips"),
        allowed_aws_vpc_ids=listed(allowed_aws_vpc_ids, "allowed_aws_vpc_ids"),
    )


def listed(values: Sequence[str] | Unset | None, what: str) -> list[str] | Unset:
    """A list to set; None clears, and what clears is the empty list."""
    if isinstance(values, str):
        raise InvalidInputError(f"{what} must be a list of texts, not one text")
    return values if isinstance(values, Unset) else list(values or ())


def size(value: str | int | Unset | None) -> str | Unset | None:
    """A size is text (`256mb`); a number is in bytes."""
    if isinstance(value, bool) or (isinstance(value, int) and value < 0):
        raise InvalidInputError("a size must be text such as '256mb', or a number of bytes")
    return str(value) if isinstance(value, int) else value


def database_name(name: str) -> str:
    """The vendor's rule for new databases: lowercase letters, digits and dashes, at most 64."""
    if not isinstance(name, str) or not _DATABASE.fullmatch(name):
        raise InvalidNameError("a database's name must be 1 to 64 lowercase letters, digits or dashes")
    return name


def extensions(value: str | Sequence[str] | None) -> str | list[str] | None:
    """`all`, or a list of names."""
    if isinstance(value, str) and value != "all":
        raise InvalidInputError("extensions must be 'all' or a list of names")
    return value if value is None or isinstance(value, str) else list(value)


def exactly_one(**fields: T | None) -> dict[str, T]:
    """The one field that is given."""
    found = {name: value for name, value in fields.items() if value is not None}
    if len(found) != 1:
        raise InvalidInputError(f"give exactly one of {' or '.join(fields)}")
    return found


def token_limits(
    organization: str | None, group: str | None, scopes: Sequence[str] | None
) -> dict[str, object]:
    """What an API token is restricted to: nothing, an organization, or a group with scopes."""
    if isinstance(scopes, str):
        raise InvalidInputError("scopes must be a list of texts, not one text")
    if group is not None and organization is None:
        raise InvalidInputError("a token for a group needs the group's organization")
    if group is not None and not scopes:
        raise InvalidInputError("a token for a group needs at least one scope")
    if scopes and group is None:
        raise InvalidInputError("scopes need a group")
    limits = {"organization": organization, "group": group, "scopes": list(scopes) if scopes else None}
    return {name: value for name, value in limits.items() if value is not None}


def token_query(expiration: str | timedelta | None, authorization: str | None) -> dict[str, str | None]:
    """A database token's life and rights; a life in whole minutes."""
    if isinstance(expiration, timedelta):
        minutes, rest = divmod(expiration, timedelta(minutes=1))
        if rest or minutes <= 0:
            raise InvalidInputError("a token's life must be one or more whole minutes")
        expiration = f"{minutes}m"
    return {"expiration": expiration, "authorization": authorization}


def permissions(read_attach: Sequence[str] | None) -> dict[str, object]:
    """A database token's body: the databases that it may attach for reading."""
    if isinstance(read_attach, str):
        raise InvalidInputError("read_attach must be a list of databases, not one text")
    return {} if read_attach is None else {"permissions": {"read_attach": {"databases": list(read_attach)}}}


def period(from_: datetime | str | None, to: datetime | str | None) -> dict[str, datetime | str | None]:
    """A period's two ends, the earlier first."""
    for end in (from_, to):
        _aware(end)
    if isinstance(from_, datetime) and isinstance(to, datetime) and from_ > to:
        raise InvalidInputError("the period ends before it begins")
    return {"from": from_, "to": to}


def page_size(value: int | None) -> int | None:
    """Items per page."""
    if value is not None and (isinstance(value, bool) or value < 1):
        raise InvalidInputError("a page has at least one item")
    return value


def _aware(time: datetime | str | None) -> None:
    if isinstance(time, datetime) and time.tzinfo is None:
        raise InvalidInputError("a time must have a time zone")


@frozen(kw_only=True)
class Seed:
    """What a new database starts from: `Seed.copy_of("other", at=...)` or `Seed.upload()`."""

    type: str
    name: str | None = None
    timestamp: datetime | str | None = None

    def __attrs_post_init__(self) -> None:
        _aware(self.timestamp)
        if self.type == "database" and not self.name:
            raise InvalidInputError("a copy needs the name of the database to copy")
        if self.type == "database_upload" and (self.name or self.timestamp):
            raise InvalidInputError("an upload has neither a name nor a time")

    @classmethod
    def copy_of(cls, database: str, *, at: datetime | str | None = None) -> Seed:
        """A copy of a database as it is now, or as it was `at` a time within the plan's recovery window."""
        return cls(type="database", name=database, timestamp=at)

    @classmethod
    def upload(cls) -> Seed:
        """Empty until a file is uploaded; `databases.upload` does all of it."""
        return cls(type="database_upload")

    def body(self) -> dict[str, object]:
        """As the API takes it."""
        fields = {"type": self.type, "name": self.name, "timestamp": self.timestamp}
        return {name: value for name, value in fields.items() if value is not None}


def _secret(key: str) -> str:
    return Secret(key) if isinstance(key, str) else key


@frozen(kw_only=True)
class Encryption:
    """A database's key (base64, 16 bytes for the 128-bit ciphers, else 32) and cipher."""

    key: str = field(repr=False, converter=_secret)
    cipher: str

    def __attrs_post_init__(self) -> None:
        try:
            length = len(base64.b64decode(self.key, validate=True))
        except (binascii.Error, ValueError, TypeError):
            length = -1
        if length < 0:  # outside the handler: its error could hold the key
            raise InvalidInputError("the encryption key must be base64")
        if self.cipher in _RESERVED_BYTES and length != _KEY_BYTES.get(self.cipher, 32):
            raise InvalidInputError(f"a key for {self.cipher} has {_KEY_BYTES.get(self.cipher, 32)} bytes")

    def body(self) -> dict[str, object]:
        """As the API takes it."""
        return {"encryption_key": str(self.key), "encryption_cipher": self.cipher}

    def headers(self) -> dict[str, str]:
        """As a database's own host takes it."""
        return {"x-turso-encryption-key": str(self.key), "x-turso-encryption-cipher": self.cipher}


def database_body(
    name: str,
    group: str,
    seed: Seed | None,
    size_limit: str | int | None,
    encryption: Encryption | None,
) -> dict[str, object]:
    """A new database."""
    fields: Mapping[str, Any] = {
        "name": database_name(name),
        "group": group,
        "seed": seed and seed.body(),
        "size_limit": size(size_limit),
        "remote_encryption": encryption and encryption.body(),
    }
    return {key: value for key, value in fields.items() if value is not None}


def check_database_file(header: bytes, length: int, cipher: str | None = None) -> None:
    """Is this a file that the platform takes? `header`: its first 100 bytes (https://sqlite.org/fileformat.html)."""
    if len(header) < HEADER_BYTES or not header.startswith(_MAGIC):
        raise InvalidInputError("not a SQLite database file")
    if header[18:20] != b"\x02\x02":
        raise InvalidInputError("the file is not in WAL mode: run PRAGMA journal_mode=WAL")
    page = int.from_bytes(header[16:18], "big")
    if page != 4096:
        raise InvalidInputError(f"the page size is {65536 if page == 1 else page} and must be 4096 bytes")
    if header[52:56] != bytes(4):
        raise InvalidInputError("auto_vacuum must be off: run PRAGMA auto_vacuum=NONE and VACUUM")
    if header[56:60] != b"\x00\x00\x00\x01":
        raise InvalidInputError("the text encoding must be UTF-8")
    reserved = _RESERVED_BYTES.get(cipher, header[20]) if cipher is not None else header[20]
    if header[20] != reserved:
        raise InvalidInputError(
            f"{cipher} needs {reserved} reserved bytes per page; the file has {header[20]}"
        )
    if length % 4096:
        raise InvalidInputError("the file does not end with a whole page: is something still writing to it?")
