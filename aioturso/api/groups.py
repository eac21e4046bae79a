"""Groups of databases (vendor's reference: Groups)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from .. import _bodies
from .._decode import many, nothing, one, removed
from .._operation import Operation
from .._protocol import check_segment, present
from ..inputs import UNSET, Unset
from ..models.databases import DatabaseToken
from ..models.groups import Group, GroupConfiguration
from ._resource import Resource

_ALL = "/v1/organizations/{organization}/groups"
_ONE = _ALL + "/{group}"
_SETTINGS = _ONE + "/configuration"
_LOCATION = _ONE + "/locations/{location}"
_LOOK = "happened: look with turso.groups.get({group!r})"

LIST = Operation("list groups", "GET", _ALL, many(Group, "groups"))
GET = Operation("get group", "GET", _ONE, one(Group, "group"))
CREATE = Operation(
    "create group",
    "POST",
    _ALL,
    one(Group, "group"),
    unknown="been created: look with turso.groups.get({name!r})",
)
DELETE = Operation("delete group", "DELETE", _ONE, removed("group"), gone=("group",))
CONFIGURATION = Operation("get group configuration", "GET", _SETTINGS, one(GroupConfiguration))
UPDATE_CONFIGURATION = Operation("update group configuration", "PATCH", _SETTINGS, one(GroupConfiguration))
ADD_LOCATION = Operation("add location to group", "POST", _LOCATION, one(Group, "group"), unknown=_LOOK)
REMOVE_LOCATION = Operation(
    "remove location from group", "DELETE", _LOCATION, removed("group", "location", by="group"), gone=("location", "group")
)
WAIT_FOR_LOCATION = Operation("wait for location of group", "GET", _LOCATION + "/wait", nothing)
TRANSFER = Operation(
    "transfer group",
    "POST",
    _ONE + "/transfer",
    one(Group, "group", bare=True),
    unknown="happened: look with turso.with_organization({organization!r}).groups.get({group!r})",
)
UNARCHIVE = Operation("unarchive group", "POST", _ONE + "/unarchive", one(Group, "group"), unknown=_LOOK)
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


class Groups(Resource):
    """`turso.groups`."""

    async def list(self) -> list[Group]:
        """All groups. Vendor page: List Groups."""
        return await self._calls.call(LIST)

    async def get(self, group: str) -> Group:
        """One group. Raises NotFoundError. Vendor page: Retrieve Group."""
        return await self._calls.call(GET, group)

    async def create(
        self, group: str, location: str, *, extensions: str | Sequence[str] | None = None
    ) -> Group:
        """Create a group in a location; never sent again once it may have happened.

        `extensions`: `all` or a list of names. Raises InvalidNameError, InvalidInputError, BadRequestError,
        ConflictError, OutcomeUnknownError. Vendor page: Create Group.
        """
        name = check_segment(group, "group")
        body = present(name=name, location=location, extensions=_bodies.extensions(extensions))
        return await self._calls.call(CREATE, json=body)

    async def delete(self, group: str, *, missing_ok: bool = False) -> str:
        """Delete a group with all its databases and return its name; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have been applied means deleted. Raises NotFoundError, BadRequestError
        (delete protection), DecodeError (the answer names another), OutcomeUnknownError. Vendor page: Delete Group.
        """
        return await self._calls.call(DELETE, group, missing=group if missing_ok else None)

    async def configuration(self, group: str) -> GroupConfiguration:
        """A group's settings. Raises NotFoundError. Vendor page: Retrieve Group Configuration."""
        return await self._calls.call(CONFIGURATION, group)

    async def update_configuration(
        self, group: str, *, delete_protection: bool | Unset = UNSET
    ) -> GroupConfiguration:
        """Change the settings that are given.

        Raises InvalidInputError (nothing to change), NotFoundError. Vendor page: Update Group Configuration.
        """
        body = _bodies.changed(delete_protection=delete_protection)
        return await self._calls.call(UPDATE_CONFIGURATION, group, json=body)

    async def add_location(self, group: str, location: str) -> Group:
        """Give every database of a group an instance in a location; never sent again once it may have happened.

        Raises NotFoundError, BadRequestError, ConflictError, OutcomeUnknownError. Vendor page: Add Location to Group.
        """
        return await self._calls.call(ADD_LOCATION, group, location)

    async def remove_location(self, group: str, location: str, *, missing_ok: bool = False) -> str:
        """Destroy the instances of a group's databases in a location; returns its code.

        With `missing_ok`, also when the group or the location is not there; a 404 after an attempt that may have
        been applied means removed. Raises NotFoundError, BadRequestError (the primary location), DecodeError
        (the answer names another group), OutcomeUnknownError. Vendor page: Remove Location from Group.
        """
        missing = location if missing_ok else None
        return await self._calls.call(REMOVE_LOCATION, group, location, missing=missing)

    async def wait_for_location(self, group: str, location: str) -> None:
        """Return once a location of a group can take queries; bounded by the client's `timeout` (seconds).

        Raises NotFoundError, RequestTimeoutError. Vendor page: none; it is in the CLI.
        """
        await self._calls.call(WAIT_FOR_LOCATION, group, location)

    async def transfer(self, group: str, organization: str) -> Group:
        """Give a group with its databases to another organization; never sent again once it may have happened.

        Raises NotFoundError, OutcomeUnknownError. Vendor page: Transfer Group.
        """
        return await self._calls.call(TRANSFER, group, json={"organization": organization})

    async def unarchive(self, group: str) -> Group:
        """Wake an archived group. Raises NotFoundError, OutcomeUnknownError. Vendor page: Unarchive Group."""
        return await self._calls.call(UNARCHIVE, group)

    async def update_databases(self, group: str) -> None:
        """Update all databases of a group to the newest server version.

        Raises NotFoundError, OutcomeUnknownError. Vendor page: Update Databases in a Group.
        """
        await self._calls.call(UPDATE_DATABASES, group)

    async def create_token(
        self,
        group: str,
        *,
        expiration: str | timedelta | None = None,
        authorization: str | None = None,
        read_attach: Sequence[str] | None = None,
    ) -> DatabaseToken:
        """Make a token for all databases of a group; never sent again once it may have happened.

        Arguments as in `databases.create_token`. Raises InvalidInputError, NotFoundError, BadRequestError,
        OutcomeUnknownError. Vendor page: Create Group Auth Token.
        """
        query = _bodies.token_query(expiration, authorization)
        return await self._calls.call(CREATE_TOKEN, group, query=query, json=_bodies.permissions(read_attach))

    async def rotate_tokens(self, group: str) -> None:
        """Make all tokens of a group and its databases invalid. Raises NotFoundError, OutcomeUnknownError.

        Vendor page: Invalidate All Group Auth Tokens.
        """
        await self._calls.call(ROTATE_TOKENS, group)
