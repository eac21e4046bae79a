"""API tokens, of the user and of an organization (vendor's reference: [API Tokens](https://docs.turso.tech/api-reference/tokens/list))."""

from __future__ import annotations

from collections.abc import Sequence

from .. import _bodies, _checks
from .._decode import many, one
from .._operation import Operation
from .._protocol import hidden
from .._removals import removed
from ..inputs import Scope
from ..models.api_tokens import APIToken, TokenValidity
from ._paging import whole
from ._resource import Resource

_ALL = "/v1/auth/api-tokens"
_ONE = _ALL + "/{token}"
_ORGANIZATION = "/v1/organizations/{organization}/api-tokens"
_UNSEEN = "been created, unseen: turso.api_tokens.revoke({token!r}) ends it"

LIST = Operation("list API tokens", "GET", _ALL, many(APIToken, "tokens"))
# The answer is the token itself, in which `token` is its value.
CREATE = Operation(
    "create API token", "POST", _ONE, one(APIToken, "token", bare=True, named=("name",)), unknown=_UNSEEN
)
MINT = Operation(
    "mint API token",
    "POST",
    "/v2/auth/api-tokens/{token}",
    one(APIToken, "token", named=("name",)),
    unknown=_UNSEEN,
)
REVOKE = Operation("revoke API token", "DELETE", _ONE, removed("token", compared=False), gone=("token",))
VALIDATE = Operation("validate API token", "GET", "/v1/auth/validate", one(TokenValidity))
LIST_FOR_ORGANIZATION = Operation(
    "list API tokens of organization", "GET", _ORGANIZATION, many(APIToken, "tokens")
)
REVOKE_FOR_ORGANIZATION = Operation(
    "revoke API token of organization",
    "DELETE",
    _ORGANIZATION + "/{id}",
    removed("token", compared=False),
    gone=("token",),
)


class ApiTokens(Resource):
    """`turso.api_tokens`."""

    async def create(
        self,
        name: str,
        *,
        organization: str | None = None,
        group: str | None = None,
        scopes: Sequence[Scope] | None = None,
    ) -> APIToken:
        """Creates an API token; its value is in this answer only. Not retried once it may have taken effect.

        Restricted to `organization`, or to a `group` of it with `scopes` (`read`, `db:create`, ..., or `read-only`,
        `full-access`). Without either it is valid for all that the user may do, which the vendor advises against.
        Raises InvalidInputError, ConflictError, DecodeError (the answer names another), OutcomeUnknownError.
        Vendor page: [Create API Token](https://docs.turso.tech/api-reference/tokens/create).
        """
        body = _bodies.token_limits(organization, group, scopes)
        return await self._calls.call(CREATE, name, json=body)

    async def mint(
        self,
        name: str,
        *,
        organization: str | None = None,
        group: str | None = None,
        scopes: Sequence[Scope] | None = None,
    ) -> APIToken:
        """Creates an API token through `/v2`. The rest is as in `create`.

        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        body = _bodies.token_limits(organization, group, scopes)
        return await self._calls.call(MINT, name, json=body)

    async def revoke(self, name: str, *, missing_ok: bool = False) -> str:
        """Revokes an API token and returns its name; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have taken effect means revoked. Raises NotFoundError, OutcomeUnknownError.
        Vendor page: [Revoke API Token](https://docs.turso.tech/api-reference/tokens/revoke).
        """
        return await self._calls.call(REVOKE, name, missing=_bodies.if_missing(name, missing_ok))

    async def validate(self, token: str | None = None) -> TokenValidity:
        """Returns until when an API token, or the client's own, is valid. Raises UnauthorizedError (it is not).

        Vendor page: [Validate API Token](https://docs.turso.tech/api-reference/tokens/validate).
        """
        token = hidden(token)
        return await self._calls.call(VALIDATE, token=_checks.text_or_none(token, "token"))

    async def list_for_organization(self, organization: str | None = None) -> list[APIToken]:
        """Returns the API tokens that are restricted to an organization, of all users. Raises ForbiddenError.

        Vendor page: [List Organization API Tokens](https://docs.turso.tech/api-reference/tokens/list-organization).
        """
        return await whole(self._calls.of(organization), LIST_FOR_ORGANIZATION)

    async def revoke_for_organization(
        self, id: str, organization: str | None = None, *, missing_ok: bool = False
    ) -> str:
        """Revokes a token of an organization and returns its id; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have taken effect means revoked. Raises NotFoundError, ForbiddenError,
        OutcomeUnknownError.
        Vendor page: [Revoke Organization API Token](https://docs.turso.tech/api-reference/tokens/revoke-organization).
        """
        missing = _bodies.if_missing(id, missing_ok)
        return await self._calls.of(organization).call(REVOKE_FOR_ORGANIZATION, id, missing=missing)

    # Last: in a later annotation of this class `list` would be this method.
    async def list(self) -> list[APIToken]:
        """Returns all API tokens of the user. Vendor page: [List API Tokens](https://docs.turso.tech/api-reference/tokens/list)."""
        return await whole(self._calls, LIST)
