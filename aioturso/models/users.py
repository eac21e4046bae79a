"""Users, and the end of their sessions."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from . import Model


@frozen(kw_only=True)
class User(Model):
    """A user. None: not in the answer."""

    username: str
    name: str | None = None
    email: str | None = None
    avatar_url: str | None = None
    plan: str | None = None
    mfa: bool | None = None
    has_pending_invites: bool | None = None


@frozen(kw_only=True)
class Invalidation(Model):
    """The time from which on the sessions of a user are valid: earlier ones have ended."""

    valid_from: datetime | None = None
