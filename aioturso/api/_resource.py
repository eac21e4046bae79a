"""What all resources have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from ..client import TursoClient


@define(eq=False)
class Resource:
    """Methods of one resource, bound to a client."""

    _client: TursoClient

    def _of(self, organization: str | None) -> TursoClient:
        """The client for an organization; None: the client's own."""
        return self._client if organization is None else self._client.with_organization(organization)
