"""Members of an organization (vendor's reference: [Members](https://docs.turso.tech/api-reference/organizations/members/list))."""

from __future__ import annotations

from .. import _bodies, _checks
from .._decode import many, one
from .._operation import Operation
from .._removals import removed
from ..inputs import Role
from ..models.members import Member
from ._paging import whole
from ._resource import Resource

_ALL = "/v1/organizations/{organization}/members"
_ONE = _ALL + "/{username}"

LIST = Operation("list members", "GET", _ALL, many(Member, "members"))
GET = Operation("get member", "GET", _ONE, one(Member, "member", named=("username",)))
ADD = Operation(
    "add member",
    "POST",
    _ALL,
    one(Member, "member", bare=True),
    unknown="happened: look with turso.members.get({username!r})",
)
UPDATE = Operation("update member", "PATCH", _ONE, one(Member, "member", named=("username",)))
REMOVE = Operation("remove member", "DELETE", _ONE, removed("member"), gone=("member", "user"))


class Members(Resource):
    """`turso.members`."""

    async def list(self) -> list[Member]:
        """Returns all members.

        Vendor page: [List Members](https://docs.turso.tech/api-reference/organizations/members/list).
        """
        return await whole(self._calls, LIST)

    async def get(self, username: str) -> Member:
        """Returns one member. Raises NotFoundError, DecodeError (the answer names another).

        Vendor page: [Retrieve Member](https://docs.turso.tech/api-reference/organizations/members/retrieve).
        """
        return await self._calls.call(GET, username)

    async def add(self, username: str, role: Role | None = None) -> Member:
        """Adds a user. Not retried once it may have taken effect. `role`: `admin`, `member` (the default), `viewer`.

        Raises NotFoundError, ConflictError, OutcomeUnknownError.
        Vendor page: [Add Member](https://docs.turso.tech/api-reference/organizations/members/add).
        """
        return await self._calls.call(
            ADD, json=_bodies.fields(username=_checks.text(username, "username"), role=role)
        )

    async def update(self, username: str, role: Role) -> Member:
        """Gives a member another role. Raises NotFoundError, BadRequestError.

        Vendor page: [Update Member Role](https://docs.turso.tech/api-reference/organizations/members/update).
        """
        return await self._calls.call(UPDATE, username, json={"role": _checks.text(role, "role")})

    async def remove(self, username: str, *, missing_ok: bool = False) -> str:
        """Removes a member and returns the username; with `missing_ok`, also when it is no member.

        A 404 after an attempt that may have taken effect means removed. Raises NotFoundError, DecodeError
        (the answer names another), OutcomeUnknownError.
        Vendor page: [Remove Member](https://docs.turso.tech/api-reference/organizations/members/remove).
        """
        return await self._calls.call(REMOVE, username, missing=_bodies.if_missing(username, missing_ok))
