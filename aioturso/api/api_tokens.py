"""API tokens, of the user and of an organization (vendor's reference: API Tokens)."""

from __future__ import annotations

from collections.abc import Sequence

from .. import _bodies
from .._decode import many, one, removed
from .._operation import Operation
from ..models.api_tokens import APIToken, TokenValidity
from ._resource import Resource

_ALL = "/v1/auth/api-tokens"
_ONE = _ALL + "/{token}"
_ORGANIZATION = "/v1/organizations/{organization}/api-tokens"

LIST = Operation("list API tokens", "GET", _ALL, many(APIToken, "tokens"))
CREATE = Operation(
    "create API token",
    "POST",
    _ONE,
    one(APIToken, "token", bare=True),
    unknown="been created, unseen: turso.api_tokens.revoke({token!r}) ends it",
)
REVOKE = Operation("revoke API token", "DELETE", _ONE, removed("token", compared=False), gone=("token",))
VALIDATE = Operation("validate API token", "GET", "/v1/auth/validate", one(TokenValidity))
LIST_FOR_ORGANIZATION = Operation(
    "list API tokens of organization", "GET", _ORGANIZATION, many(APIToken, "tokens")
)
REVOKE_FOR_ORGANIZATION = Operation(
    "revoke API token of organization", "DELETE", _ORGANIZATION + "/{id}", removed("token", compared=False), gone=("token",)
)


class ApiTokens(Resource):
    """`turso.api_tokens`."""

    async def create(
        self,
        name: str,
        *,
        organization: str | None = None,
        group: str | None = None,
        scopes: Sequence[str] | None = None,
    ) -> APIToken:
        """Make an API token, whose value is told only now; never sent again once it may have happened.

        Restricted to `organization`, or to a `group` of it with `scopes` (`read`, `db:create`, ..., or `read-only`,
        `full-access`); without either it is good for all that the user may do. Raises InvalidInputError,
        ConflictError, OutcomeUnknownError. Vendor page: Create API Token.
        """
        body = _bodies.token_limits(organization, group, scopes)
        return await self._calls.call(CREATE, name, json=body)

    async def revoke(self, name: str, *, missing_ok: bool = False) -> str:
        """Revoke an API token and return its name; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have been applied means revoked. Raises NotFoundError, OutcomeUnknownError.
        Vendor page: Revoke API Token.
        """
        return await self._calls.call(REVOKE, name, missing=name if missing_ok else None)

    async def validate(self, token: str | None = None) -> TokenValidity:
        """Until when an API token, or the client's own, is valid. Raises UnauthorizedError (it is not).

        Vendor page: Validate API Token.
        """
        return await self._calls.call(VALIDATE, token=token)

    async def list_for_organization(self, organization: str | None = None) -> list[APIToken]:
        """The API tokens restricted to an organization, whoever made them. Raises ForbiddenError.

        Vendor page: List Organization API Tokens.
        """
        return await self._calls.of(organization).call(LIST_FOR_ORGANIZATION)

    async def revoke_for_organization(
        self, id: str, organization: str | None = None, *, missing_ok: bool = False
    ) -> str:
        """Revoke a token restricted to an organization and return its id; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have been applied means revoked. Raises NotFoundError, ForbiddenError,
        OutcomeUnknownError. Vendor page: Revoke Organization API Token.
        """
        missing = id if missing_ok else None
        return await self._calls.of(organization).call(REVOKE_FOR_ORGANIZATION, id, missing=missing)

    async def list(self) -> list[APIToken]:
        """All API tokens of the user. Vendor page: List API Tokens."""
        return await self._calls.call(LIST)
