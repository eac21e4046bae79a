"""Makes identifiers and secrets that look like the platform's and differ from one another."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID, uuid4

# https://github.com/tursodatabase/turso-cli/blob/main/internal/cmd/db_show.go: byte 5 of a database's UUID
# names its engine.
_ENGINE, _TURSODB = 5, 0x10


def new_uuid(*, tursodb: bool = False) -> str:
    """Returns a random UUID that marks the engine `tursodb` only when it is meant to."""
    data = bytearray(uuid4().bytes)
    if tursodb:
        data[_ENGINE] = _TURSODB
    elif data[_ENGINE] == _TURSODB:
        data[_ENGINE] += 1
    return str(UUID(bytes=bytes(data)))


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


def signed(claims: dict[str, Any]) -> str:
    """Returns a JWT in form; its signature is random bytes."""
    return f"{_part({'alg': 'EdDSA', 'typ': 'JWT'})}.{_part(claims)}.{secrets.token_urlsafe(64)}"


def opaque_id() -> str:
    """Returns an identifier such as an API token has."""
    return secrets.token_urlsafe(16)
