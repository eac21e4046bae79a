"""Members of an organization (vendor's reference: Members)."""

from __future__ import annotations

from .._decode import many, one, removed
from .._operation import Operation
from .._protocol import present
from ..models.members import Member
from ._resource import Resource

_ALL = "/v1/organizations/{organization}/members"
_ONE = _ALL + "/{username}"

LIST = Operation("list members", "GET", _ALL, many(Member, "members"))
GET = Operation("get member", "GET", _ONE, one(Member, "member"))
ADD = Operation(
    "add member",
    "POST",
    _ALL,
    one(Member, "member", bare=True),
    unknown="happened: look with turso.members.get({username!r})",
)
UPDATE = Operation("update member", "PATCH", _ONE, one(Member, "member"))
REMOVE = Operation("remove member", "DELETE", _ONE, removed("member"), gone=("member", "user"))


class Members(Resource):
    """`turso.members`."""

    async def list(self) -> list[Member]:
        """All members. Vendor page: List Members."""
        return await self._calls.call(LIST)

    async def get(self, username: str) -> Member:
        """One member. Raises NotFoundError. Vendor page: Retrieve Member."""
        return await self._calls.call(GET, username)

    async def add(self, username: str, role: str | None = None) -> Member:
        """Add a user; never sent again once it may have happened. `role`: `admin`, `member` (the default), `viewer`.

        Raises NotFoundError, ConflictError, OutcomeUnknownError. Vendor page: Add Member.
        """
        return await self._calls.call(ADD, json=present(username=username, role=role))

    async def update(self, username: str, role: str) -> Member:
        """Give a member another role. Raises NotFoundError, BadRequestError. Vendor page: Update Member Role."""
        return await self._calls.call(UPDATE, username, json={"role": role})

    async def remove(self, username: str, *, missing_ok: bool = False) -> str:
        """Remove a member and return the username; with `missing_ok`, also when it is no member.

        A 404 after an attempt that may have been applied means removed. Raises NotFoundError, DecodeError
        (the answer names another), OutcomeUnknownError. Vendor page: Remove Member.
        """
        return await self._calls.call(REMOVE, username, missing=username if missing_ok else None)
