"""Audit logs: what was done in an organization, by whom and from where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from . import Model


@frozen(kw_only=True)
class AuditLog(Model):
    """An entry of the audit log: something that was done.

    `code` names it, as in `db-create`; `origin` is `cli`, `web` or `api`, after the User-Agent of the request; `data`
    depends on `code`. Where the request came from: `ip`, `city`, `country_code`, and degrees as text.
    """

    code: str | None = None
    message: str | None = None
    origin: str | None = None
    author: str | None = None
    created_at: datetime | None = None
    city: str | None = None
    country_code: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    ip: str | None = None
    data: Mapping[str, Any] = field(factory=dict, hash=False)
