"""Users."""

from __future__ import annotations

from attrs import frozen

from . import Model


@frozen(kw_only=True)
class User(Model):
    """A user. None: not told."""

    username: str
    name: str | None = None
    email: str | None = None
    avatar_url: str | None = None
    plan: str | None = None
    mfa: bool | None = None
    has_pending_invites: bool | None = None
