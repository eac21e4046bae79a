"""API tokens, their owners, and the end of their life."""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import field, frozen

from . import DECIDES, IDENTIFIES, Model, Secret


@frozen(kw_only=True)
class TokenOwner(Model):
    """The user who made a token."""

    username: str | None = None
    email: str | None = None


@frozen(kw_only=True)
class APIToken(Model):
    """An API token. Its value, `token`, is in the answer that creates it, and in no other.

    `organization` None: not restricted to one; `group` None: not restricted to one. Only admins see the `owner`.
    """

    name: str
    id: str | None = field(default=None, metadata=IDENTIFIES)
    token: Secret | None = field(default=None, metadata={"also": ("value",)})
    organization: str | None = field(default=None, metadata=DECIDES)
    group: str | None = field(default=None, metadata=DECIDES)
    scopes: tuple[str, ...] = ()
    owner: TokenOwner | None = None
    created_at: datetime | None = None


@frozen(kw_only=True)
class TokenValidity(Model):
    """The end of a token's life: `exp` is in epoch seconds, -1 for a token that does not expire."""

    exp: int | None = field(default=None, metadata=DECIDES)

    @property
    def expires_at(self) -> datetime | None:
        """`exp` as a time; None for a token that does not expire, or not within the calendar."""
        try:
            return None if self.exp is None or self.exp < 0 else datetime.fromtimestamp(self.exp, UTC)
        except (ValueError, OverflowError, OSError):
            return None
