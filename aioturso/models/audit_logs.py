"""Audit logs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from . import Model


@frozen(kw_only=True)
class AuditLog(Model):
    """Something that was done. `code` says what (`db-create`), `origin` is `cli` or `web`, `data` depends on `code`."""

    code: str | None = None
    message: str | None = None
    origin: str | None = None
    author: str | None = None
    created_at: datetime | None = None
    data: Mapping[str, Any] = field(factory=dict, hash=False)
