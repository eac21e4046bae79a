"""Arguments besides names: `Seed`, `Encryption`, `Permission`, `UNSET` for settings that stay as they are."""

from __future__ import annotations

import base64
import binascii
import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from attrs import field, frozen

from ._checks import aware, text, texts
from ._protocol import hidden, present
from .errors import InvalidInputError

__all__ = [
    "UNSET",
    "Authorization",
    "Encryption",
    "Expiration",
    "Permission",
    "Role",
    "Scope",
    "Seed",
    "Unset",
]

_KEY_BYTES = {"aes128gcm": 16, "aegis128l": 16, "aegis128x2": 16, "aegis128x4": 16}
RESERVED_BYTES = {
    **dict.fromkeys(("aes256gcm", "aes128gcm", "chacha20poly1305"), 28),
    **dict.fromkeys(("aegis128l", "aegis128x2", "aegis128x4"), 32),
    **dict.fromkeys(("aegis256", "aegis256x2", "aegis256x4"), 48),
}


Authorization = Literal["full-access", "read-only"]
"""The rights of a database token."""
Expiration = Literal["never", "none", "default"] | str | timedelta
"""The life of a database token: `never`, a time from now such as `2w1d30m`, or whole minutes as a timedelta."""
Role = Literal["admin", "member", "viewer"]
"""The roles that a member can be given; `owner` cannot be given."""
Scope = Literal[
    "read",
    "db:create",
    "db:delete",
    "db:configure",
    "db:mint-token",
    "db:rotate-creds",
    "group:configure",
    "group:mint-token",
    "group:rotate-creds",
    "read-only",
    "full-access",
]
"""The rights of an API token for a group; the last two are presets, which the platform expands."""


class Unset(enum.Enum):
    """The type of `UNSET`."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final[Literal[Unset.UNSET]] = Unset.UNSET
"""Leaves a setting as it is; None clears it."""


@frozen(kw_only=True)
class Seed:
    """The content that a new database starts with.

    Made by `Seed.copy_of("other", at=...)`, `Seed.dump(url)` or `Seed.upload()`.
    """

    type: str
    name: str | None = None
    timestamp: datetime | str | None = None
    url: str | None = None

    def __attrs_post_init__(self) -> None:
        aware(self.timestamp)
        if self.type == "database" and not self.name:
            raise InvalidInputError("a copy needs the name of the database to copy")
        if self.type == "database_upload" and (self.name or self.timestamp):
            raise InvalidInputError("an upload has neither a name nor a time")
        if (self.type == "dump") != (self.url is not None):
            raise InvalidInputError("a dump needs a URL, and nothing else has one")
        for value, what in ((self.name, "the name of the database to copy"), (self.url, "a dump's URL")):
            if value is not None:
                text(value, what)

    @classmethod
    def copy_of(cls, database: str, *, at: datetime | str | None = None) -> Seed:
        """Returns a copy of a database as it is now, or as it was `at` a time within the plan's recovery window.

        `database` is its name; where databases are addressed by UUID, its UUID.
        """
        return cls(type="database", name=database, timestamp=at)

    @classmethod
    def dump(cls, url: str) -> Seed:
        """Returns a dump of SQL by its URL, as `databases.upload_dump` returns it."""
        return cls(type="dump", url=url)

    @classmethod
    def upload(cls) -> Seed:
        """Returns an empty start until a file is uploaded; `databases.upload` does all of it."""
        return cls(type="database_upload")

    def body(self, *, by: str = "name") -> dict[str, object]:
        """Returns it as the API takes it; `by`: the key of the database to copy, which newer paths call `value`."""
        return present(**{"type": self.type, by: self.name, "timestamp": self.timestamp, "url": self.url})


@frozen(kw_only=True)
class Permission:
    """The rights of a database token on some tables; without `tables`, on all.

    `actions` are the platform's words, such as `data_read` and `data_insert`.
    """

    actions: Sequence[str]
    tables: Sequence[str] | None = None

    def __attrs_post_init__(self) -> None:
        if not texts(self.actions, "actions"):
            raise InvalidInputError("a permission needs at least one action")
        if self.tables is not None and not texts(self.tables, "tables"):
            raise InvalidInputError("a permission without tables would be for all: leave tables out for that")

    def body(self) -> dict[str, object]:
        """Returns it as the API takes it."""
        return {"t": None if self.tables is None else list(self.tables), "a": list(self.actions)}


@frozen(kw_only=True, init=False)
class Encryption:
    """A database's key (base64, 16 bytes for the 128-bit ciphers, else 32) and cipher."""

    key: str = field(repr=False)
    cipher: str

    def __init__(self, *, key: str, cipher: str) -> None:
        key = hidden(key)  # here, as no frame of a traceback may show it
        self.__attrs_init__(key=key, cipher=cipher)

    def __attrs_post_init__(self) -> None:
        try:
            length = len(base64.b64decode(self.key, validate=True))
        except (binascii.Error, ValueError, TypeError):
            length = -1
        if length < 0:  # outside the handler: its error could hold the key
            raise InvalidInputError("the encryption key must be base64")
        text(self.cipher, "the cipher")
        # A cipher that is not known here is left to the server: it may be a new one.
        if self.cipher in RESERVED_BYTES and length != _KEY_BYTES.get(self.cipher, 32):
            raise InvalidInputError(f"a key for {self.cipher} has {_KEY_BYTES.get(self.cipher, 32)} bytes")

    def body(self) -> dict[str, object]:
        """Returns it as the API takes it."""
        return {"encryption_key": self.key, "encryption_cipher": self.cipher}

    def headers(self) -> dict[str, str]:
        """Returns it as a database's own host takes it."""
        return {"x-turso-encryption-key": self.key, "x-turso-encryption-cipher": self.cipher}
