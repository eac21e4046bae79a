"""Invites to an organization (vendor's reference: Invites)."""

from __future__ import annotations

from .. import _bodies
from .._decode import many, one, removed
from .._operation import Operation
from .._protocol import present
from ..models.invites import Invite
from ._resource import Resource

_ALL = "/v2/organizations/{organization}/invites"

LIST = Operation("list invites", "GET", _ALL, many(Invite, "invites"))
CREATE = Operation(
    "create invite",
    "POST",
    _ALL,
    one(Invite, "invited"),
    unknown="been created: look with turso.invites.list()",
)
DELETE = Operation("delete invite", "DELETE", _ALL + "/{email}", removed("invite"), gone=("invite",))


class Invites(Resource):
    """`turso.invites`."""

    async def list(self) -> list[Invite]:
        """All invites. Vendor page: List Invites."""
        return await self._calls.call(LIST)

    async def create(
        self, email: str | None = None, *, username: str | None = None, role: str | None = None
    ) -> Invite:
        """Invite someone by email or by username; never sent again once it may have happened.

        `role`: `admin`, `member` (the default) or `viewer`. Raises InvalidInputError (both or neither),
        NotFoundError, ConflictError, OutcomeUnknownError. Vendor page: Invite Organization Member.
        """
        invited = _bodies.exactly_one(email=email, username=username)
        return await self._calls.call(CREATE, json=present(**invited, role=role))

    async def delete(self, email: str, *, missing_ok: bool = False) -> str:
        """Delete an invite and return its email; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have been applied means deleted. Raises NotFoundError, OutcomeUnknownError.
        Vendor page: Delete Invite.
        """
        return await self._calls.call(DELETE, email, missing=email if missing_ok else None)
