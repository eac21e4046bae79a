"""Invites to an organization."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen, validators

from ._model import Model, Secret


@frozen(kw_only=True)
class Invite(Model):
    """An invite, named in paths by its `email`; `role` is `admin`, `member` or `viewer`."""

    email: str = field(validator=validators.min_len(1))
    id: int | None = None
    role: str | None = None
    created_at: datetime | None = None
    organization: str | None = None
    token: Secret | None = None
