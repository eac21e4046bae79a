"""Arguments besides names: `Seed`, `Encryption`, and `UNSET` for settings that stay as they are."""

from __future__ import annotations

import base64
import binascii
import enum
from datetime import datetime
from typing import Final, Literal

from attrs import field, frozen

from .errors import InvalidInputError
from .models import Secret

__all__ = ["UNSET", "Encryption", "Seed", "Unset"]

_KEY_BYTES = {"aes128gcm": 16, "aegis128l": 16, "aegis128x2": 16, "aegis128x4": 16}
RESERVED_BYTES = {
    **dict.fromkeys(("aes256gcm", "aes128gcm", "chacha20poly1305"), 28),
    **dict.fromkeys(("aegis128l", "aegis128x2", "aegis128x4"), 32),
    **dict.fromkeys(("aegis256", "aegis256x2", "aegis256x4"), 48),
}


class Unset(enum.Enum):
    """The type of `UNSET`."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
"""Leaves a setting as it is; None clears it."""


def aware(time: datetime | str | None) -> None:
    """Raise InvalidInputError for a time without a zone."""
    if isinstance(time, datetime) and time.tzinfo is None:
        raise InvalidInputError("a time must have a time zone")


@frozen(kw_only=True)
class Seed:
    """The content that a new database starts with: `Seed.copy_of("other", at=...)` or `Seed.upload()`."""

    type: str
    name: str | None = None
    timestamp: datetime | str | None = None

    def __attrs_post_init__(self) -> None:
        aware(self.timestamp)
        if self.type == "database" and not self.name:
            raise InvalidInputError("a copy needs the name of the database to copy")
        if self.type == "database_upload" and (self.name or self.timestamp):
            raise InvalidInputError("an upload has neither a name nor a time")

    @classmethod
    def copy_of(cls, database: str, *, at: datetime | str | None = None) -> Seed:
        """Returns a copy of a database as it is now, or as it was `at` a time within the plan's recovery window."""
        return cls(type="database", name=database, timestamp=at)

    @classmethod
    def upload(cls) -> Seed:
        """Returns the seed of a database that stays empty until a file is uploaded; `databases.upload` does all of it."""
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
        if self.cipher in RESERVED_BYTES and length != _KEY_BYTES.get(self.cipher, 32):
            raise InvalidInputError(f"a key for {self.cipher} has {_KEY_BYTES.get(self.cipher, 32)} bytes")

    def body(self) -> dict[str, object]:
        """As the API takes it."""
        return {"encryption_key": str(self.key), "encryption_cipher": self.cipher}

    def headers(self) -> dict[str, str]:
        """As a database's own host takes it."""
        return {"x-turso-encryption-key": str(self.key), "x-turso-encryption-cipher": self.cipher}
