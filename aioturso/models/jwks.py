"""Key sets of an identity provider."""

from __future__ import annotations

from attrs import field, frozen

from . import Model


@frozen(kw_only=True)
class KeySet(Model):
    """A JSON Web Key Set whose tokens an organization's databases take: its name, and where it is."""

    name: str = field(metadata={"also": ("jwks_name",)})
    url: str | None = field(default=None, metadata={"also": ("jwks_url",)})
