"""Invites to an organization (vendor's reference: [Invites](https://docs.turso.tech/api-reference/organizations/invites/list-v2))."""

from __future__ import annotations

from .. import _bodies, _checks
from .._decode import many, nothing, one
from .._operation import Operation
from .._removals import removed
from ..inputs import Role
from ..models.invites import Invite
from ._paging import whole
from ._resource import Resource

_ALL = "/v2/organizations/{organization}/invites"
_V1 = "/v1/organizations/{organization}"

LIST = Operation("list invites", "GET", _ALL, many(Invite, "invites"))
CREATE = Operation(
    "create invite",
    "POST",
    _ALL,
    one(Invite, "invited"),
    unknown="been created: look with turso.invites.list()",
)
DELETE = Operation("delete invite", "DELETE", _ALL + "/{email}", removed("invite"), gone=("invite",))
LIST_V1 = Operation("list invites of /v1", "GET", _V1 + "/invites", many(Invite, "invites"))
CREATE_V1 = Operation(
    "create invite of /v1",
    "POST",
    _V1 + "/invite",
    nothing,
    unknown="been created: look with turso.invites.list_v1()",
)
DELETE_V1 = Operation(
    "delete invite of /v1", "DELETE", _V1 + "/invites/{email}", removed("invite"), gone=("invite",)
)


class Invites(Resource):
    """`turso.invites`."""

    async def create(
        self, email: str | None = None, *, username: str | None = None, role: Role | None = None
    ) -> Invite:
        """Invites someone by email or by username. Not retried once it may have taken effect.

        `role`: `admin`, `member` (the default) or `viewer`. Raises InvalidInputError (both or neither),
        NotFoundError, ConflictError, OutcomeUnknownError.
        Vendor page: [Invite Organization Member](https://docs.turso.tech/api-reference/organizations/invites/create-v2).
        """
        invited = _bodies.exactly_one(email=email, username=username)
        return await self._calls.call(CREATE, json=_bodies.fields(**invited, role=role))

    async def delete(self, email: str, *, missing_ok: bool = False) -> str:
        """Deletes an invite and returns its email; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have taken effect means deleted. Raises NotFoundError, OutcomeUnknownError.
        Vendor page: [Delete Invite](https://docs.turso.tech/api-reference/organizations/invites/delete-v2).
        """
        return await self._calls.call(DELETE, email, missing=_bodies.if_missing(email, missing_ok))

    async def list_v1(self) -> list[Invite]:
        """Returns all invites in the earlier form, with `accepted`.

        Vendor page: [List Invites](https://docs.turso.tech/api-reference/organizations/invites/list).
        """
        return await whole(self._calls, LIST_V1)

    async def create_v1(self, email: str, *, role: Role | None = None) -> None:
        """Invites someone by email, in the earlier form. Not retried once it may have taken effect.

        Raises ConflictError, ForbiddenError, OutcomeUnknownError.
        Vendor page: [Create Invite](https://docs.turso.tech/api-reference/organizations/invites/create).
        """
        await self._calls.call(CREATE_V1, json=_bodies.fields(email=_checks.text(email, "email"), role=role))

    async def delete_v1(self, email: str, *, missing_ok: bool = False) -> str:
        """Deletes an invite through `/v1` and returns its email; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have taken effect means deleted. Raises NotFoundError, OutcomeUnknownError.
        Vendor page: [Delete Invite](https://docs.turso.tech/api-reference/organizations/invites/delete).
        """
        return await self._calls.call(DELETE_V1, email, missing=_bodies.if_missing(email, missing_ok))

    # Last: in a later annotation of this class `list` would be this method.
    async def list(self) -> list[Invite]:
        """Returns all invites. Vendor page: [List Invites](https://docs.turso.tech/api-reference/organizations/invites/list-v2)."""
        return await whole(self._calls, LIST)
