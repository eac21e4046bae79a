"""Groups by UUID, and those that were deleted (vendor's reference: [/v3](https://docs.turso.tech/api-reference)).

Each path has the organization's UUID (`Organization.id`). A method looks it up once, unless `organization_id` gives it.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import _bodies, _checks
from .._decode import about, many, one, page
from .._operation import Operation
from .._protocol import check_segment
from .._removals import removed
from ..inputs import Authorization, Expiration, Permission
from ..models.databases import DatabaseToken
from ..models.groups import DeletedGroup, Group, RestoredGroup
from ._by_id import ResourceById
from ._paging import whole

_ORGANIZATION = "/v3/organizations/{organization_id}"
_ALL = _ORGANIZATION + "/groups"
_ONE = _ALL + "/{group_id}"

LIST_BY_ID = Operation("list groups by UUID", "GET", _ALL, many(Group, "groups"))
GET_BY_ID = Operation("get group by UUID", "GET", _ONE, one(Group, "group", named=("uuid",)))
CREATE_BY_ID = Operation(
    "create group by UUID",
    "POST",
    _ALL,
    one(Group, "group", made=("group",)),
    unknown="been created: look with turso.groups.get({name!r})",
)
# Not compared: the answer has the name, and the path the UUID.
DELETE_BY_ID = Operation(
    "delete group by UUID", "DELETE", _ONE, removed("group", compared=False, by_uuid=True), gone=("group",)
)
CREATE_TOKEN_BY_ID = Operation(
    "create group token by UUID",
    "POST",
    _ONE + "/auth/tokens",
    one(DatabaseToken),
    unknown="been created, unseen: only turso.groups.rotate_tokens(...) ends it before its time",
)
LIST_DELETED = Operation(
    "list deleted groups", "GET", _ORGANIZATION + "/deleted-groups", page(DeletedGroup, "groups")
)
RESTORE = Operation(
    "restore group",
    "POST",
    _ONE + "/restore",
    one(RestoredGroup, named=("group.uuid",), restored=("group", "failures")),
    unknown="been restored: look with turso.groups.get_by_id({group_id!r})",
)


class GroupsById(ResourceById):
    """The part of `turso.groups` that addresses groups by UUID."""

    async def list_by_id(self, *, organization_id: str | None = None) -> list[Group]:
        """Returns all groups. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli)."""
        return await whole(self._calls, LIST_BY_ID, await self._owner(organization_id))

    async def get_by_id(self, id: str, *, organization_id: str | None = None) -> Group:
        """Returns the group of a UUID. Raises NotFoundError, DecodeError (the answer has not this UUID).

        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await self._calls.call(GET_BY_ID, await self._owner(organization_id), id)

    async def create_by_id(self, group: str, location: str, *, organization_id: str | None = None) -> Group:
        """Creates a group in a location, for the organization of a UUID. Not retried once it may have taken effect.

        Raises InvalidNameError, BadRequestError, ConflictError, OutcomeUnknownError.
        Vendor page: none; [in the TypeScript client](https://github.com/tursodatabase/turso-api-client-ts).
        """
        body = {"name": check_segment(group, "group"), "location": _checks.text(location, "location")}
        operation, owner = about(CREATE_BY_ID, group), await self._owner(organization_id)
        return await self._calls.call(operation, owner, json=body)

    async def delete_by_id(
        self, id: str, *, missing_ok: bool = False, organization_id: str | None = None
    ) -> str:
        """Deletes the group of a UUID with its databases and returns the UUID; with `missing_ok`, also without a group.

        The vendor's schema does not have this operation, and a platform may lack it (404 without a resource). A 404
        about the group, after an attempt that may have taken effect, means deleted. Raises NotFoundError,
        BadRequestError (delete protection), OutcomeUnknownError.
        Vendor page: none; [in the TypeScript client](https://github.com/tursodatabase/turso-api-client-ts).
        """
        missing = _bodies.if_missing(id, missing_ok)
        return await self._calls.call(DELETE_BY_ID, await self._owner(organization_id), id, missing=missing)

    async def create_token_by_id(
        self,
        id: str,
        *,
        expiration: Expiration | None = None,
        authorization: Authorization | None = None,
        fine_grained_permissions: Sequence[Permission] | None = None,
        organization_id: str | None = None,
    ) -> DatabaseToken:
        """Creates a token for all databases of the group of a UUID. Not retried once it may have taken effect.

        Arguments as in `databases.create_token`. Raises InvalidInputError, NotFoundError, BadRequestError,
        OutcomeUnknownError. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        query = _bodies.token_query(expiration, authorization)
        body, owner = _bodies.permissions(None, fine_grained_permissions), await self._owner(organization_id)
        return await self._calls.call(CREATE_TOKEN_BY_ID, owner, id, query=query, json=body)

    async def list_deleted(self, *, organization_id: str | None = None) -> list[DeletedGroup]:
        """Returns the groups that were deleted and can be restored, for five days, on paid plans.

        Raises ForbiddenError (a free plan, or a token for a group).
        Vendor page: [List Deleted Groups](https://docs.turso.tech/api-reference/groups/list-deleted).
        """
        return await self._all(LIST_DELETED, organization_id)

    async def restore(self, id: str, *, organization_id: str | None = None) -> RestoredGroup:
        """Restores a deleted group, by the UUID that it had, with the databases that were deleted with it.

        Some of them may not come back: `failures` of the answer has each one's UUID and why; `databases.restore` tries
        one again. Not retried once it may have taken effect. Raises NotFoundError (no such deleted group, or its time
        has passed), BadRequestError (recovery is switched off), ConflictError (the name is taken), ForbiddenError (a
        free plan, or no right), OutcomeUnknownError.
        Vendor page: [Restore Group](https://docs.turso.tech/api-reference/groups/restore).
        """
        return await self._calls.call(RESTORE, await self._owner(organization_id), id)
