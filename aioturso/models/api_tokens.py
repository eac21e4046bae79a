"""API tokens."""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import frozen

from . import Model, Secret


@frozen(kw_only=True)
class TokenOwner(Model):
    """The user who made a token."""

    username: str | None = None
    email: str | None = None


@frozen(kw_only=True)
class APIToken(Model):
    """An API token. Its value, `token`, is told once, to whoever creates it.

    `organization` None: not restricted to one; `group` None: not restricted to one. `owner` is told to admins.
    """

    name: str
    id: str | None = None
    token: Secret | None = None
    organization: str | None = None
    group: str | None = None
    scopes: tuple[str, ...] = ()
    owner: TokenOwner | None = None
    created_at: datetime | None = None


@frozen(kw_only=True)
class TokenValidity(Model):
    """Until when a token is valid: `exp` is in epoch seconds, -1 for a token that does not expire."""

    exp: int | None = None

    @property
    def expires_at(self) -> datetime | None:
        """`exp` as a time; None for a token that does not expire, or not within the calendar."""
        try:
            return None if self.exp is None or self.exp < 0 else datetime.fromtimestamp(self.exp, UTC)
        except (ValueError, OverflowError, OSError):
            return None
