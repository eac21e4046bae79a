"""Databases (vendor's reference: [Databases](https://docs.turso.tech/api-reference/databases/list))."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import partial
from os import PathLike

from .. import _bodies, _checks
from .._calls import Calls
from .._decode import about, in_group, many, nothing, one, page, page_of, value
from .._files import OnSent, send_form
from .._look import remove
from .._operation import Operation
from .._removals import removed
from .._upload import Transfer, upload
from ..inputs import UNSET, Authorization, Encryption, Expiration, Permission, Seed, Unset
from ..models.databases import (
    Database,
    DatabaseConfiguration,
    DatabaseStats,
    DatabaseToken,
    DatabaseUsage,
    QueryStats,
)
from ..models.instances import Instance
from ._existing import ensured, exists, until_gone
from ._paging import SIZE, T, by_cursor, whole
from ._withdrawn import withdrawn
from .databases_by_id import DatabasesById
from .instances import Instances

_ALL = "/v1/organizations/{organization}/databases"
_ONE = _ALL + "/{database}"
_SETTINGS = _ONE + "/configuration"

LIST = Operation("list databases", "GET", _ALL, page(Database, "databases"))
GET = Operation("get database", "GET", _ONE, one(Database, "database", named=("name",)))
CREATE = Operation(
    "create database",
    "POST",
    _ALL,
    one(Database, "database", made=("database",)),
    unknown="been created: look with turso.databases.get({name!r})",
)
DELETE = Operation("delete database", "DELETE", _ONE, removed("organization", "database"), gone=("database",))
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
QUERIES = Operation("get usage of queries", "GET", _ONE + "/usage/queries", many(QueryStats, None))
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
UPLOAD_DUMP = Operation(
    "upload dump",
    "POST",
    _ALL + "/dumps",
    value("dump_url", str),
    unknown="arrived, to no effect: upload it again",
)
SEED = Operation(
    "seed database",
    "POST",
    _ONE + "/seed",
    nothing,
    unknown="happened: look into the database",
)


def iterate(
    calls: Calls, read: Callable[[Database], T], *, group: str | None = None, parent: str | None = None
) -> AsyncIterator[T]:
    """Yields what `read` makes of each database, as `instances.iterate` does for a server that has no pages."""
    query = {**_bodies.filters(group=group, parent=parent), "limit": SIZE}
    return by_cursor(calls, LIST.read_by(page_of(Database, "databases", read)), query=query)


class Databases(DatabasesById):
    """`turso.databases`."""

    def iterate(
        self,
        *,
        group: str | None = None,
        schema: str | None = None,
        parent: str | None = None,
        type: str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[Database]:
        """Yields databases, and reads each page only when it is reached; `page_size`: 1000 when None.

        Filters as in `list`. Raises DecodeError when the pages have no end: a cursor that was followed before, ten
        pages without a new item, or more than 10,000 pages.
        Vendor page: [List Databases](https://docs.turso.tech/api-reference/databases/list).
        """
        query = _bodies.filters(group=group, schema=schema, parent=parent, type=type)
        limit = _bodies.page_size(page_size, SIZE)
        return by_cursor(self._calls, LIST, query={**query, "limit": limit})

    async def get(self, database: str) -> Database:
        """Returns one database. Raises NotFoundError, DecodeError (the answer names another).

        Vendor page: [Retrieve Database](https://docs.turso.tech/api-reference/databases/retrieve).
        """
        return await self._calls.call(GET, database)

    async def exists(self, database: str) -> bool:
        """Returns whether a database exists. Only the API's own 404 about it is False.

        Vendor page: [Retrieve Database](https://docs.turso.tech/api-reference/databases/retrieve).
        """
        return await exists(self._calls, GET, "database", database)

    async def create(
        self,
        database: str,
        *,
        group: str,
        seed: Seed | None = None,
        size_limit: str | int | None = None,
        encryption: Encryption | None = None,
        schema: str | None = None,
        is_schema: bool | None = None,
        use_tursodb: bool | None = None,
    ) -> Database:
        """Creates a database in a group. Not retried once it may have taken effect.

        `seed`: what to copy; `size_limit`: bytes, or text with a unit (`256mb`); `schema`: the database whose schema it
        has; `use_tursodb`: with the engine `tursodb`. The answer holds little more than name, id and hostname. Raises
        InvalidNameError, InvalidInputError, BadRequestError, ConflictError, OutcomeUnknownError.
        Vendor page: [Create Database](https://docs.turso.tech/api-reference/databases/create).
        """
        more = {"schema": schema, "is_schema": is_schema, "use_tursodb": use_tursodb}
        body = _bodies.database_body(database, group, seed, size_limit, encryption, **more)  # type: ignore[arg-type]  # checked there
        return await self._calls.call(in_group(about(CREATE, database), group), json=body)

    async def ensure(
        self,
        database: str,
        *,
        group: str,
        seed: Seed | None = None,
        size_limit: str | int | None = None,
        encryption: Encryption | None = None,
    ) -> Database:
        """Creates a database, or returns the one that has the name, as it is; also after a lost answer.

        Arguments apply to a new database only. Raises ConflictError when the one that exists is in another group, and
        what `create` raises. Vendor page: [Create Database](https://docs.turso.tech/api-reference/databases/create).
        """
        new = self.create(database, group=group, seed=seed, size_limit=size_limit, encryption=encryption)
        return await ensured(new, partial(self.get, database), lambda found: found.group in (group, None))

    async def upload(
        self,
        database: str,
        path: str | PathLike[str],
        *,
        group: str,
        encryption: Encryption | None = None,
        progress: OnSent | None = None,
        timeout: float = 3600.0,
        url: str | None = None,
        chunked: bool | None = None,
    ) -> Database:
        """Creates a database from a SQLite file, which is streamed; deletes the new database again when that fails.

        `progress` gets the bytes sent and the bytes in all. `timeout`: seconds for the transfer. `url`: where the
        database is, if not at the hostname in the API's answer. `chunked`: sends the file in pieces, as databases on
        AWS take it, and retries each alone; None: for files above 100 MiB. When the new database may be left, the
        error has the call that deletes it. Raises InvalidInputError (unfit file), OSError and what `create` raises.
        Vendor page: [Upload Database](https://docs.turso.tech/api-reference/databases/upload).
        """
        transfer = Transfer(encryption, progress, timeout, url, chunked)
        return await upload(self._calls, self, database, path, group, transfer)

    async def upload_dump(self, path: str | PathLike[str], *, timeout: float = 3600.0) -> str:
        """Uploads a dump of SQL, which is streamed, and returns its URL for `Seed.dump`. `timeout`: seconds.

        Raises OSError, BadRequestError, OutcomeUnknownError.
        Vendor page: [Upload Dump](https://docs.turso.tech/api-reference/databases/upload-dump).
        """
        return await send_form(
            self._calls, UPLOAD_DUMP, path=path, timeout=_checks.positive(timeout, "timeout")
        )

    async def seed(self, database: str, path: str | PathLike[str], *, timeout: float = 3600.0) -> None:
        """Fills a database from a file of SQL, which is streamed. `timeout`: seconds.

        Not retried once it may have taken effect. Raises OSError, NotFoundError, BadRequestError, OutcomeUnknownError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        await send_form(self._calls, SEED, database, path=path, timeout=_checks.positive(timeout, "timeout"))

    async def delete(self, database: str, *, missing_ok: bool = False, uuid: str | None = None) -> str:
        """Deletes a database and returns its name; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have taken effect means deleted. Without `uuid`, a retry after a lost answer
        deletes whatever has the name by then, also a database created in between. With `uuid` (`Database.id`) the
        database is looked up before the first attempt and before each retry that follows a lost answer: another one
        of that name is left alone. Raises ConflictError (the name belongs to another one, nothing was sent),
        NotFoundError, BadRequestError (delete protection), DecodeError (the answer names another), OutcomeUnknownError.
        Vendor page: [Delete Database](https://docs.turso.tech/api-reference/databases/delete).
        """
        return await remove(self._calls, GET, DELETE, database, missing_ok=missing_ok, uuid=uuid)

    async def wait_until_gone(self, database: str, *, timeout: float = 60.0, every: float = 1.0) -> None:
        """Returns once a database does not exist; looks again after each `every` seconds, at most for `timeout` seconds.

        Raises RequestTimeoutError when it still exists.
        Vendor page: [Retrieve Database](https://docs.turso.tech/api-reference/databases/retrieve).
        """
        await until_gone(self._calls, GET, "database", database, timeout=timeout, every=every)

    async def configuration(self, database: str) -> DatabaseConfiguration:
        """Returns a database's settings. Raises NotFoundError.

        Vendor page: [Retrieve Database Configuration](https://docs.turso.tech/api-reference/databases/configuration).
        """
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
        """Changes the settings that are given; None clears a list. `size_limit`: bytes, or text with a unit.

        Raises InvalidInputError (nothing to change), NotFoundError, BadRequestError. Vendor page:
        [Update Database Configuration](https://docs.turso.tech/api-reference/databases/update-configuration).
        """
        flags = {"allow_attach": allow_attach, "block_reads": block_reads, "block_writes": block_writes}
        flags["delete_protection"] = delete_protection
        body = _bodies.database_changes(size_limit, flags, allowed_ips, allowed_aws_vpc_ids)
        return await self._calls.call(UPDATE_CONFIGURATION, database, json=body)

    async def list_instances(self, database: str) -> list[Instance]:
        """The same as `instances.list`.

        Vendor page: [List Database Instances](https://docs.turso.tech/api-reference/databases/list-instances).
        """
        return await Instances(self._calls).list(database)

    async def get_instance(self, database: str, instance: str) -> Instance:
        """The same as `instances.get`.

        Vendor page: [Retrieve Database Instance](https://docs.turso.tech/api-reference/databases/retrieve-instance).
        """
        return await Instances(self._calls).get(database, instance)

    async def create_token(
        self,
        database: str,
        *,
        expiration: Expiration | None = None,
        authorization: Authorization | None = None,
        read_attach: Sequence[str] | None = None,
        fine_grained_permissions: Sequence[Permission] | None = None,
    ) -> DatabaseToken:
        """Creates a token for a database. Not retried once it may have taken effect.

        `expiration`: a time from now (`2w1d30m`, whole minutes) or `never`, the default. `authorization`:
        `full-access`, the default, or `read-only`. `read_attach`: databases that it may attach.
        `fine_grained_permissions`: its rights on some tables. Raises InvalidInputError, NotFoundError,
        BadRequestError, OutcomeUnknownError.
        Vendor page: [Generate Database Auth Token](https://docs.turso.tech/api-reference/databases/create-token).
        """
        query = _bodies.token_query(expiration, authorization)
        body = _bodies.permissions(read_attach, fine_grained_permissions)
        return await self._calls.call(CREATE_TOKEN, database, query=query, json=body)

    async def rotate_tokens(self, database: str) -> None:
        """Makes all tokens of a database invalid. Raises NotFoundError, OutcomeUnknownError.

        Vendor page:
        [Invalidate All Database Auth Tokens](https://docs.turso.tech/api-reference/databases/invalidate-tokens).
        """
        await self._calls.call(ROTATE_TOKENS, database)

    async def usage(
        self, database: str, *, from_: datetime | str | None = None, to: datetime | str | None = None
    ) -> DatabaseUsage:
        """Returns what a database used in a period; in the current month when no time is given.

        Raises InvalidInputError (the period, a time without a zone), NotFoundError, BadRequestError.
        Vendor page: [Retrieve Database Usage](https://docs.turso.tech/api-reference/databases/usage).
        """
        return await self._calls.call(USAGE, database, query=_bodies.period(from_, to))

    async def query_usage(self, database: str, *, from_: datetime | str | None = None) -> list[QueryStats]:
        """Returns the rows that each query has read and written since a time.

        Raises InvalidInputError (a time without a zone), NotFoundError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await whole(self._calls, QUERIES, database, query=_bodies.period(from_, None))

    async def stats(self, database: str) -> DatabaseStats:
        """Returns the queries that read or wrote most. Raises NotFoundError.

        Vendor page: [Retrieve Database Stats](https://docs.turso.tech/api-reference/databases/stats).
        """
        return await self._calls.call(STATS, database)

    async def update_version(self, database: str) -> None:
        """Deprecated: the platform does not update databases any more, and answers with an error.

        Raises NotOfferedError, NotFoundError (the database), OutcomeUnknownError.
        Vendor page: none; [withdrawn](https://github.com/tursodatabase/turso-cli/pull/1031).
        """
        await withdrawn(self._calls, UPDATE_VERSION, database)

    async def transfer(self, database: str, organization: str) -> None:
        """Gives a database to another organization. Not retried once it may have taken effect.

        Raises NotFoundError, OutcomeUnknownError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        await self._calls.call(TRANSFER, database, json={"org": _checks.text(organization, "organization")})

    async def wakeup(self, database: str) -> None:
        """Wakes a sleeping database. Raises NotFoundError, OutcomeUnknownError.

        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        await self._calls.call(WAKEUP, database)

    # Last: in a later annotation of this class `list` would be this method.
    async def list(
        self,
        *,
        group: str | None = None,
        schema: str | None = None,
        parent: str | None = None,
        type: str | None = None,
    ) -> list[Database]:
        """Returns all databases, or those of a group, of a schema, of a parent; `type="schema"`: only schema databases.

        Vendor page: [List Databases](https://docs.turso.tech/api-reference/databases/list).
        """
        return [found async for found in self.iterate(group=group, schema=schema, parent=parent, type=type)]
