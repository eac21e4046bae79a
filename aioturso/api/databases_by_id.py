"""Databases by UUID, and those that were deleted (vendor's reference: [/v3](https://docs.turso.tech/api-reference)).

Each path has the organization's UUID (`Organization.id`). A method looks it up once, unless `organization_id` gives it.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import _bodies, _checks
from .._decode import about, one, page
from .._operation import Operation
from .._protocol import present
from .._removals import removed
from ..inputs import Authorization, Encryption, Expiration, Permission, Seed
from ..models.databases import Database, DatabaseToken, DeletedDatabase
from ._by_id import ResourceById

_ALL = "/v3/organizations/{organization_id}/databases"
_ONE = _ALL + "/{database_id}"

LIST_BY_ID = Operation("list databases by UUID", "GET", _ALL, page(Database, "databases"))
LIST_DELETED = Operation("list deleted databases", "GET", _ALL, page(DeletedDatabase, "databases"))
GET_BY_ID = Operation("get database by UUID", "GET", _ONE, one(Database, "database", named=("id",)))
CREATE_BY_ID = Operation(
    "create database by UUID",
    "POST",
    _ALL,
    one(Database, "database", made=("database",)),
    unknown="been created: look with turso.databases.get({name!r})",
)
# Not compared: the answer has the name, and the path the UUID.
DELETE_BY_ID = Operation(
    "delete database by UUID",
    "DELETE",
    _ONE,
    removed("database", compared=False, by_uuid=True),
    gone=("database",),
)
CREATE_TOKEN_BY_ID = Operation(
    "create database token by UUID",
    "POST",
    _ONE + "/auth/tokens",
    one(DatabaseToken),
    unknown="been created, unseen: only turso.databases.rotate_tokens(...) ends it before its time",
)
RESTORE = Operation(
    "restore database",
    "POST",
    _ONE + "/restore",
    one(Database, "database", named=("id",), restored=("database",)),
    unknown="been restored: look with turso.databases.get_by_id({database_id!r})",
)


class DatabasesById(ResourceById):
    """The part of `turso.databases` that addresses databases by UUID."""

    async def list_by_id(
        self,
        *,
        group_id: str | None = None,
        parent_id: str | None = None,
        organization_id: str | None = None,
    ) -> list[Database]:
        """Returns all databases, or those of a group, or branched from a parent, which their UUIDs name.

        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        # The API's own name for it must not stand in a refusal of the argument.
        query = {"parent_db_id": _checks.text_or_none(parent_id, "parent_id")}
        return await self._all(LIST_BY_ID, organization_id, **_bodies.filters(group_id=group_id), **query)

    async def get_by_id(self, id: str, *, organization_id: str | None = None) -> Database:
        """Returns the database of a UUID, with its `allow_rules`.

        Raises NotFoundError, DecodeError (the answer has not this UUID).
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await self._calls.call(GET_BY_ID, await self._owner(organization_id), id)

    async def create_by_id(
        self,
        database: str,
        *,
        group_id: str | None = None,
        seed: Seed | None = None,
        encryption: Encryption | None = None,
        use_tursodb: bool | None = None,
        organization_id: str | None = None,
    ) -> Database:
        """Creates a database in the group of a UUID. Not retried once it may have taken effect.

        `seed`: as in `create`; a copy needs no `group_id`, as it is created in the group of the original. Raises
        InvalidNameError, InvalidInputError, BadRequestError, ConflictError, OutcomeUnknownError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        body = _bodies.database_body_by_id(database, group_id, seed, encryption, use_tursodb)
        operation, owner = about(CREATE_BY_ID, database), await self._owner(organization_id)
        return await self._calls.call(operation, owner, json=body)

    async def delete_by_id(
        self, id: str, *, missing_ok: bool = False, organization_id: str | None = None
    ) -> str:
        """Deletes the database of a UUID and returns the UUID; with `missing_ok`, also when it does not exist.

        No other database of the same name can be hit, whatever happens in between. The vendor's schema does not have
        this operation, and a platform may lack it (404 without a resource). A 404 about the database, after an attempt
        that may have taken effect, means deleted. Raises NotFoundError, BadRequestError (delete protection),
        OutcomeUnknownError. Vendor page: none; [behind a flag of the CLI](https://github.com/tursodatabase/turso-cli).
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
        """Creates a token for the database of a UUID. Not retried once it may have taken effect.

        Arguments as in `create_token`. Raises InvalidInputError, NotFoundError, BadRequestError, OutcomeUnknownError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        query = _bodies.token_query(expiration, authorization)
        body, owner = _bodies.permissions(None, fine_grained_permissions), await self._owner(organization_id)
        return await self._calls.call(CREATE_TOKEN_BY_ID, owner, id, query=query, json=body)

    async def list_deleted(
        self, *, search: str | None = None, organization_id: str | None = None
    ) -> list[DeletedDatabase]:
        """Returns the databases that were deleted and can be restored, or those with a text in their name.

        That is for five days, on paid plans. Raises ForbiddenError (a free plan).
        Vendor page: [List Deleted Databases](https://docs.turso.tech/api-reference/databases/list-deleted).
        """
        query = _bodies.filters(search=search)
        return await self._all(LIST_DELETED, organization_id, deleted=True, **query)

    async def restore(
        self, id: str, *, name: str | None = None, organization_id: str | None = None
    ) -> Database:
        """Restores a deleted database, by the UUID that it had, as it was; not retried once it may have taken effect.

        `name`: another name than before. If its group was deleted with it, the group is restored too. Raises
        NotFoundError (no such deleted database, or its time has passed), BadRequestError (recovery is switched off),
        ConflictError (the name is taken), ForbiddenError (a free plan, or no right), OutcomeUnknownError.
        Vendor page: [Restore Database](https://docs.turso.tech/api-reference/databases/restore).
        """
        body = present(name=name if name is None else _bodies.database_name(name)) or None
        return await self._calls.call(RESTORE, await self._owner(organization_id), id, json=body)
