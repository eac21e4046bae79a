"""Members of an organization."""

from __future__ import annotations

from attrs import field, frozen

from . import Model


@frozen(kw_only=True)
class Member(Model):
    """A member; `role` is `owner`, `admin`, `member` or `viewer`."""

    username: str = field(metadata={"also": ("member",)})
    role: str | None = None
    email: str | None = None
