"""Secrets that look like the platform's: opaque to everyone, unlike one another."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


def signed(claims: dict[str, Any]) -> str:
    """A JWT in form; its signature is random bytes."""
    return f"{_part({'alg': 'EdDSA', 'typ': 'JWT'})}.{_part(claims)}.{secrets.token_urlsafe(64)}"


def opaque_id() -> str:
    """An identifier such as an API token has."""
    return secrets.token_urlsafe(16)
