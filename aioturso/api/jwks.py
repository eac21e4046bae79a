"""Key sets of an identity provider, whose tokens the organization's databases take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _bodies, _checks
from .._decode import many, nothing, value
from .._operation import Operation
from .._removals import removed
from ..inputs import Authorization, Permission
from ..models.jwks import KeySet
from ._paging import whole
from ._resource import Resource

_ALL = "/v2/organizations/{organization}/jwks"
_ONE = _ALL + "/{name}"

LIST = Operation("list key sets", "GET", _ALL, many(KeySet, "jwks"))
SAVE = Operation("save key set", "PUT", _ONE, nothing)
REMOVE = Operation("remove key set", "DELETE", _ONE, removed("jwks", compared=False), gone=("jwks",))
TEMPLATE: Operation[Any] = Operation(
    "get template of token claims",
    "GET",
    "/v2/organizations/{organization}/jwks-template",
    value("template", Any, depth=1),
)


class Jwks(Resource):
    """`turso.jwks`."""

    async def list(self) -> list[KeySet]:
        """Returns all key sets. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli)."""
        return await whole(self._calls, LIST)

    async def save(self, name: str, url: str, *, region: str | None = None) -> None:
        """Adds a key set by its URL, or replaces the one of that name. Raises BadRequestError.

        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        body = _bodies.fields(jwks_url=_checks.text(url, "url"), region=region)
        await self._calls.call(SAVE, name, json=body)

    async def remove(self, name: str, *, region: str | None = None, missing_ok: bool = False) -> str:
        """Removes a key set and returns its name; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have taken effect means removed. Raises NotFoundError, OutcomeUnknownError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        missing = _bodies.if_missing(name, missing_ok)
        return await self._calls.call(REMOVE, name, json=_bodies.fields(region=region), missing=missing)

    async def template(
        self,
        *,
        database: str | None = None,
        group: str | None = None,
        scope: Authorization | None = None,
        permissions: Sequence[Permission] | None = None,
    ) -> Any:
        """Returns the claims, as JSON, that a token of the identity provider must have for a database or a group.

        Raises NotFoundError. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await self._calls.call(TEMPLATE, json=_bodies.template(database, group, scope, permissions))
