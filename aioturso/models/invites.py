"""Invites to an organization."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from . import Model, Secret


@frozen(kw_only=True)
class Invite(Model):
    """An invite, named in paths by its `email`; `role` is `admin`, `member` or `viewer`.

    Only calls of `/v1` answer `accepted`.
    """

    email: str
    id: int | None = None
    role: str | None = None
    created_at: datetime | None = None
    organization: str | None = None
    accepted: bool | None = None
    token: Secret | None = None
