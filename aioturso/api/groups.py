"""Groups of databases (vendor's reference: [Groups](https://docs.turso.tech/api-reference/groups/list))."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from .. import _bodies, _checks
from .._decode import about, begun, many, nothing, one
from .._look import remove
from .._operation import Operation
from .._protocol import check_segment, present
from .._removals import removed
from ..inputs import UNSET, Authorization, Expiration, Permission, Unset
from ..models.databases import DatabaseToken
from ..models.groups import Group, GroupConfiguration, GroupMigration
from ._existing import ensured, exists, until_gone
from ._paging import whole
from ._withdrawn import withdrawn
from .groups_by_id import GroupsById

_ALL = "/v1/organizations/{organization}/groups"
_ONE = _ALL + "/{group}"
_SETTINGS = _ONE + "/configuration"
_LOCATION = _ONE + "/locations/{location}"
_MIGRATION = _ONE + "/aws/migration"
_LOOK = "happened: look with turso.groups.get({group!r})"
_SEE = "happened: look with turso.groups.migration({group!r})"

LIST = Operation("list groups", "GET", _ALL, many(Group, "groups"))
GET = Operation("get group", "GET", _ONE, one(Group, "group", named=("name",)))
CREATE = Operation(
    "create group",
    "POST",
    _ALL,
    one(Group, "group", made=("group",)),
    unknown="been created: look with turso.groups.get({name!r})",
)
DELETE = Operation("delete group", "DELETE", _ONE, removed("organization", "group"), gone=("group",))
CONFIGURATION = Operation("get group configuration", "GET", _SETTINGS, one(GroupConfiguration))
UPDATE_CONFIGURATION = Operation("update group configuration", "PATCH", _SETTINGS, one(GroupConfiguration))
ADD_LOCATION = Operation("add location to group", "POST", _LOCATION, one(Group, "group"), unknown=_LOOK)
REMOVE_LOCATION = Operation(
    "remove location from group",
    "DELETE",
    _LOCATION,
    removed("organization", "group", "location", by="group"),  # the answer is the group, without the location
    gone=("location", "group"),
)
WAIT_FOR_LOCATION = Operation("wait for location of group", "GET", _LOCATION + "/wait", nothing)
RENAME = Operation(
    "rename group",
    "POST",
    _ONE + "/rename",
    nothing,
    unknown="happened: look with turso.groups.get({name!r})",
)
TRANSFER = Operation(
    "transfer group",
    "POST",
    _ONE + "/transfer",
    one(Group, "group", bare=True, named=("name",)),  # the schema has the group itself here, without a key
    unknown="happened: look with turso.with_organization({organization!r}).groups.get({group!r})",
)
UNARCHIVE = Operation(
    "unarchive group", "POST", _ONE + "/unarchive", one(Group, "group", named=("name",)), unknown=_LOOK
)
UPDATE_DATABASES = Operation("update databases of group", "POST", _ONE + "/update", nothing, unknown=_LOOK)
CREATE_TOKEN = Operation(
    "create group token",
    "POST",
    _ONE + "/auth/tokens",
    one(DatabaseToken),
    unknown="been created, unseen: only turso.groups.rotate_tokens({group!r}) ends it before its time",
)
ROTATE_TOKENS = Operation(
    "rotate group tokens",
    "POST",
    _ONE + "/auth/rotate",
    nothing,
    unknown="happened: see whether an earlier token still works",
)
MIGRATION = Operation("get migration of group", "GET", _MIGRATION + "/info", one(GroupMigration))
START_MIGRATION = Operation(
    "start migration of group", "POST", _MIGRATION + "/start", begun("pending"), unknown=_SEE
)
ABORT_MIGRATION = Operation(
    "abort migration of group", "POST", _MIGRATION + "/abort", begun("aborted"), unknown=_SEE
)


class Groups(GroupsById):
    """`turso.groups`."""

    async def list(self) -> list[Group]:
        """Returns all groups. Vendor page: [List Groups](https://docs.turso.tech/api-reference/groups/list)."""
        return await whole(self._calls, LIST)

    async def get(self, group: str) -> Group:
        """Returns one group. Raises NotFoundError, DecodeError (the answer names another).

        Vendor page: [Retrieve Group](https://docs.turso.tech/api-reference/groups/retrieve).
        """
        return await self._calls.call(GET, group)

    async def exists(self, group: str) -> bool:
        """Returns whether a group exists. Only the API's own 404 about it is False.

        Vendor page: [Retrieve Group](https://docs.turso.tech/api-reference/groups/retrieve).
        """
        return await exists(self._calls, GET, "group", group)

    async def create(
        self, group: str, location: str, *, extensions: str | Sequence[str] | None = None
    ) -> Group:
        """Creates a group in a location. Not retried once it may have taken effect.

        `extensions`: `all` or a list of names. Raises InvalidNameError, InvalidInputError, BadRequestError,
        ConflictError, OutcomeUnknownError.
        Vendor page: [Create Group](https://docs.turso.tech/api-reference/groups/create).
        """
        name, place = check_segment(group, "group"), _checks.text(location, "location")
        body = present(name=name, location=place, extensions=_bodies.extensions(extensions))
        return await self._calls.call(about(CREATE, name), json=body)

    async def ensure(self, group: str, location: str) -> Group:
        """Creates a group, or returns the one that has the name, as it is; also after a lost answer.

        Raises ConflictError when the one that exists is not in that location, and what `create` raises.
        Vendor page: [Create Group](https://docs.turso.tech/api-reference/groups/create).
        """
        new = self.create(group, location)
        return await ensured(new, partial(self.get, group), lambda found: location in found.locations)

    async def delete(self, group: str, *, missing_ok: bool = False, uuid: str | None = None) -> str:
        """Deletes a group with all its databases and returns its name; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have taken effect means deleted. Without `uuid`, a retry after a lost answer
        deletes whatever has the name by then. With `uuid` (`Group.uuid`) the group is looked up before the first
        attempt and before each retry that follows a lost answer: another one of that name is left alone. Raises
        ConflictError (the name belongs to another one, nothing was sent), NotFoundError, BadRequestError (delete
        protection), DecodeError (the answer names another), OutcomeUnknownError.
        Vendor page: [Delete Group](https://docs.turso.tech/api-reference/groups/delete).
        """
        return await remove(self._calls, GET, DELETE, group, missing_ok=missing_ok, uuid=uuid)

    async def wait_until_gone(self, group: str, *, timeout: float = 60.0, every: float = 1.0) -> None:
        """Returns once a group does not exist; looks again after each `every` seconds, at most for `timeout` seconds.

        Raises RequestTimeoutError when it still exists.
        Vendor page: [Retrieve Group](https://docs.turso.tech/api-reference/groups/retrieve).
        """
        await until_gone(self._calls, GET, "group", group, timeout=timeout, every=every)

    async def configuration(self, group: str) -> GroupConfiguration:
        """Returns a group's settings. Raises NotFoundError.

        Vendor page: [Retrieve Group Configuration](https://docs.turso.tech/api-reference/groups/configuration).
        """
        return await self._calls.call(CONFIGURATION, group)

    async def update_configuration(
        self, group: str, *, delete_protection: bool | Unset = UNSET
    ) -> GroupConfiguration:
        """Changes the settings that are given. Raises InvalidInputError (nothing to change), NotFoundError.

        Vendor page:
        [Update Group Configuration](https://docs.turso.tech/api-reference/groups/update-configuration).
        """
        body = _bodies.switched(delete_protection=delete_protection)
        return await self._calls.call(UPDATE_CONFIGURATION, group, json=body)

    async def add_location(self, group: str, location: str) -> Group:
        """Gives every database of a group an instance in a location. Not retried once it may have taken effect.

        The vendor advises against more than one location. Raises NotFoundError, BadRequestError, ConflictError,
        OutcomeUnknownError.
        Vendor page: [Add Location to Group](https://docs.turso.tech/api-reference/groups/add-location).
        """
        return await self._calls.call(about(ADD_LOCATION, group), group, location)

    async def remove_location(self, group: str, location: str, *, missing_ok: bool = False) -> str:
        """Destroys the instances of a group's databases in a location and returns its code.

        With `missing_ok`, also when the group or the location is not there; a 404 after an attempt that may have
        taken effect means removed. Raises NotFoundError, BadRequestError (the primary location), DecodeError
        (the answer names another group), OutcomeUnknownError.
        Vendor page: [Remove Location from Group](https://docs.turso.tech/api-reference/groups/remove-location).
        """
        missing = _bodies.if_missing(location, missing_ok)
        return await self._calls.call(REMOVE_LOCATION, group, location, missing=missing)

    async def wait_for_location(self, group: str, location: str) -> None:
        """Returns once a location of a group can take queries; bounded by the client's `timeout` (seconds).

        Raises NotFoundError, RequestTimeoutError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        await self._calls.call(WAIT_FOR_LOCATION, group, location)

    async def rename(self, group: str, name: str) -> None:
        """Gives a group another name. Not retried once it may have taken effect.

        Raises InvalidNameError, NotFoundError, ConflictError, OutcomeUnknownError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        await self._calls.call(RENAME, group, json={"name": check_segment(name, "group")})

    async def transfer(self, group: str, organization: str) -> Group:
        """Gives a group with its databases to another organization. Not retried once it may have taken effect.

        Raises NotFoundError, OutcomeUnknownError.
        Vendor page: [Transfer Group](https://docs.turso.tech/api-reference/groups/transfer).
        """
        body = {"organization": _checks.text(organization, "organization")}
        return await self._calls.call(TRANSFER, group, json=body)

    async def unarchive(self, group: str) -> Group:
        """Wakes an archived group. Raises NotFoundError, OutcomeUnknownError.

        Vendor page: [Unarchive Group](https://docs.turso.tech/api-reference/groups/unarchive).
        """
        return await self._calls.call(UNARCHIVE, group)

    async def update_databases(self, group: str) -> None:
        """Deprecated: the platform does not update databases any more, and answers with an error.

        Raises NotOfferedError, NotFoundError (the group), OutcomeUnknownError. Vendor page:
        [Update Databases in a Group](https://docs.turso.tech/api-reference/groups/update-database-versions).
        """
        await withdrawn(self._calls, UPDATE_DATABASES, group)

    async def create_token(
        self,
        group: str,
        *,
        expiration: Expiration | None = None,
        authorization: Authorization | None = None,
        read_attach: Sequence[str] | None = None,
        fine_grained_permissions: Sequence[Permission] | None = None,
    ) -> DatabaseToken:
        """Creates a token for all databases of a group. Not retried once it may have taken effect.

        Arguments as in `databases.create_token`. Raises InvalidInputError, NotFoundError, BadRequestError,
        OutcomeUnknownError.
        Vendor page: [Create Group Auth Token](https://docs.turso.tech/api-reference/groups/create-token).
        """
        query = _bodies.token_query(expiration, authorization)
        body = _bodies.permissions(read_attach, fine_grained_permissions)
        return await self._calls.call(CREATE_TOKEN, group, query=query, json=body)

    async def rotate_tokens(self, group: str) -> None:
        """Makes all tokens of a group and its databases invalid. Raises NotFoundError, OutcomeUnknownError.

        Vendor page:
        [Invalidate All Group Auth Tokens](https://docs.turso.tech/api-reference/groups/invalidate-tokens).
        """
        await self._calls.call(ROTATE_TOKENS, group)

    async def migration(self, group: str) -> GroupMigration:
        """Returns how far a group's move to AWS is. Raises NotFoundError.

        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await self._calls.call(MIGRATION, group)

    async def start_migration(self, group: str) -> None:
        """Starts to move a group to AWS, which takes its databases offline. Not retried once it may have taken effect.

        Raises NotFoundError, BadRequestError, OutcomeUnknownError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        await self._calls.call(START_MIGRATION, group)

    async def abort_migration(self, group: str) -> None:
        """Aborts a group's move to AWS. Not retried once it may have taken effect.

        Raises NotFoundError, BadRequestError, OutcomeUnknownError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        await self._calls.call(ABORT_MIGRATION, group)
