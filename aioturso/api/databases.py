"""Databases (vendor's reference: Databases)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from os import PathLike

from .. import _bodies
from .._decode import nothing, one, page, removed
from .._operation import Operation
from .._upload import Progress, Transfer, upload
from ..inputs import UNSET, Encryption, Seed, Unset
from ..models.databases import Database, DatabaseConfiguration, DatabaseStats, DatabaseToken, DatabaseUsage
from ..models.instances import Instance
from ._paging import by_cursor
from ._resource import Resource
from .instances import Instances

_ALL = "/v1/organizations/{organization}/databases"
_ONE = _ALL + "/{database}"
_SETTINGS = _ONE + "/configuration"

LIST = Operation("list databases", "GET", _ALL, page(Database, "databases"))
GET = Operation("get database", "GET", _ONE, one(Database, "database"))
CREATE = Operation(
    "create database",
    "POST",
    _ALL,
    one(Database, "database"),
    unknown="been created: look with turso.databases.get({name!r})",
)
DELETE = Operation("delete database", "DELETE", _ONE, removed("database"), gone=("database",))
CONFIGURATION = Operation("get database configuration", "GET", _SETTINGS, one(DatabaseConfiguration))
UPDATE_CONFIGURATION = Operation(
    "update database configuration", "PATCH", _SETTINGS, one(DatabaseConfiguration)
)
CREATE_TOKEN = Operation(
    "create database token",
    "POST",
    _ONE + "/auth/tokens",
    one(DatabaseToken),
    unknown="been created, unseen: only turso.databases.rotate_tokens({database!r}) ends it before its time",
)
ROTATE_TOKENS = Operation(
    "rotate database tokens",
    "POST",
    _ONE + "/auth/rotate",
    nothing,
    unknown="happened: see whether an earlier token still works",
)
USAGE = Operation("get database usage", "GET", _ONE + "/usage", one(DatabaseUsage, "database"))
STATS = Operation("get database stats", "GET", _ONE + "/stats", one(DatabaseStats))
UPDATE_VERSION = Operation(
    "update database version",
    "POST",
    _ONE + "/update",
    nothing,
    unknown="happened: look at turso.databases.get({database!r}).version",
)
TRANSFER = Operation(
    "transfer database",
    "POST",
    _ONE + "/transfer",
    nothing,
    unknown="happened: look with turso.with_organization({org!r}).databases.get({database!r})",
)
WAKEUP = Operation(
    "wake up database",
    "POST",
    _ONE + "/wakeup",
    nothing,
    unknown="happened: look at turso.databases.get({database!r}).sleeping",
)


class Databases(Resource):
    """`turso.databases`."""

    def iterate(
        self,
        *,
        group: str | None = None,
        schema: str | None = None,
        parent: str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[Database]:
        """Databases, read page by page as they are asked for; `page_size`: the server's default when None.

        Raises DecodeError when the pages go round in a circle. Vendor page: List Databases.
        """
        limit = _bodies.page_size(page_size)
        query = {"group": group, "schema": schema, "parent": parent, "limit": limit}
        return by_cursor(self._calls, LIST, query=query)

    async def get(self, database: str) -> Database:
        """One database. Raises NotFoundError. Vendor page: Retrieve Database."""
        return await self._calls.call(GET, database)

    async def create(
        self,
        database: str,
        *,
        group: str,
        seed: Seed | None = None,
        size_limit: str | int | None = None,
        encryption: Encryption | None = None,
    ) -> Database:
        """Create a database in a group; never sent again once it may have happened.

        `seed`: what to copy; `size_limit`: bytes, or text with a unit (`256mb`). The answer holds little more than
        name, id and hostname. Raises InvalidNameError, InvalidInputError, BadRequestError, ConflictError,
        OutcomeUnknownError. Vendor page: Create Database.
        """
        body = _bodies.database_body(database, group, seed, size_limit, encryption)
        return await self._calls.call(CREATE, json=body)

    async def upload(
        self,
        database: str,
        path: str | PathLike[str],
        *,
        group: str,
        encryption: Encryption | None = None,
        progress: Progress | None = None,
        timeout: float = 3600.0,
        url: str | None = None,
    ) -> Database:
        """Create a database from a SQLite file, which is streamed; when that fails, delete the new database again.

        `progress` gets the bytes sent and the bytes in all. `timeout`: seconds for the transfer. `url`: where the
        database is, if not at the hostname that the API tells. Raises InvalidInputError (unfit file), OSError
        and what `create` raises. Vendor page: Upload Database.
        """
        transfer = Transfer(encryption, progress, timeout, url)
        return await upload(self._calls, self, database, path, group, transfer)

    async def delete(self, database: str, *, missing_ok: bool = False) -> str:
        """Delete a database and return its name; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have been applied means deleted. Raises NotFoundError, BadRequestError
        (delete protection), DecodeError (the answer names another), OutcomeUnknownError. Vendor page: Delete Database.
        """
        return await self._calls.call(DELETE, database, missing=database if missing_ok else None)

    async def configuration(self, database: str) -> DatabaseConfiguration:
        """A database's settings. Raises NotFoundError. Vendor page: Retrieve Database Configuration."""
        return await self._calls.call(CONFIGURATION, database)

    async def update_configuration(
        self,
        database: str,
        *,
        size_limit: str | int | Unset = UNSET,
        allow_attach: bool | Unset = UNSET,
        block_reads: bool | Unset = UNSET,
        block_writes: bool | Unset = UNSET,
        delete_protection: bool | Unset = UNSET,
        allowed_ips: Sequence[str] | Unset | None = UNSET,
        allowed_aws_vpc_ids: Sequence[str] | Unset | None = UNSET,
    ) -> DatabaseConfiguration:
        """Change the settings that are given; None clears a list. `size_limit`: bytes, or text with a unit.

        Raises InvalidInputError (nothing to change), NotFoundError, BadRequestError.
        Vendor page: Update Database Configuration.
        """
        flags = {"allow_attach": allow_attach, "block_reads": block_reads, "block_writes": block_writes}
        flags["delete_protection"] = delete_protection
        body = _bodies.database_changes(size_limit, flags, allowed_ips, allowed_aws_vpc_ids)
        return await self._calls.call(UPDATE_CONFIGURATION, database, json=body)

    async def list_instances(self, database: str) -> list[Instance]:
        """`instances.list`: all instances of a database. Vendor page: List Database Instances."""
        return await Instances(self._calls).list(database)

    async def get_instance(self, database: str, instance: str) -> Instance:
        """`instances.get`: one instance. Vendor page: Retrieve Database Instance."""
        return await Instances(self._calls).get(database, instance)

    async def create_token(
        self,
        database: str,
        *,
        expiration: str | timedelta | None = None,
        authorization: str | None = None,
        read_attach: Sequence[str] | None = None,
    ) -> DatabaseToken:
        """Make a token for a database; never sent again once it may have happened.

        `expiration`: a time from now (`2w1d30m`, whole minutes) or `never`, the default; `authorization`: `full-access`,
        the default, or `read-only`; `read_attach`: databases that it may attach. Raises InvalidInputError,
        NotFoundError, BadRequestError, OutcomeUnknownError. Vendor page: Generate Database Auth Token.
        """
        query = _bodies.token_query(expiration, authorization)
        return await self._calls.call(
            CREATE_TOKEN, database, query=query, json=_bodies.permissions(read_attach)
        )

    async def rotate_tokens(self, database: str) -> None:
        """Make all tokens of a database invalid. Raises NotFoundError, OutcomeUnknownError.

        Vendor page: Invalidate All Database Auth Tokens.
        """
        await self._calls.call(ROTATE_TOKENS, database)

    async def usage(
        self, database: str, *, from_: datetime | str | None = None, to: datetime | str | None = None
    ) -> DatabaseUsage:
        """What a database used in a period; the current month when no time is given.

        Raises InvalidInputError (the period, a time without a zone), NotFoundError, BadRequestError.
        Vendor page: Retrieve Database Usage.
        """
        return await self._calls.call(USAGE, database, query=_bodies.period(from_, to))

    async def stats(self, database: str) -> DatabaseStats:
        """The queries that read or wrote most. Raises NotFoundError. Vendor page: Retrieve Database Stats."""
        return await self._calls.call(STATS, database)

    async def update_version(self, database: str) -> None:
        """Update a database to the newest server version. Raises NotFoundError, OutcomeUnknownError.

        Vendor page: none; it is in the TypeScript client.
        """
        await self._calls.call(UPDATE_VERSION, database)

    async def transfer(self, database: str, organization: str) -> None:
        """Give a database to another organization. Raises NotFoundError, OutcomeUnknownError.

        Vendor page: none; it is in the CLI.
        """
        await self._calls.call(TRANSFER, database, json={"org": organization})

    async def wakeup(self, database: str) -> None:
        """Wake a sleeping database. Raises NotFoundError, OutcomeUnknownError.

        Vendor page: none; it is in the CLI.
        """
        await self._calls.call(WAKEUP, database)

    async def list(
        self, *, group: str | None = None, schema: str | None = None, parent: str | None = None
    ) -> list[Database]:
        """All databases, or those of a group, of a schema, or branched from a parent. Vendor page: List Databases."""
        return [found async for found in self.iterate(group=group, schema=schema, parent=parent)]
