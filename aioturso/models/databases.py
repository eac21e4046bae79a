"""Databases, their settings, tokens and usage."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from . import Model, Secret


@frozen(kw_only=True)
class DatabaseParent(Model):
    """The database that another one was branched from."""

    id: str | None = None
    name: str | None = None
    branched_at: datetime | None = None


@frozen(kw_only=True)
class Database(Model):
    """A database. None: not told, as for most fields in the answer to a create.

    `regions` and `primary_region` are location codes; `type` is `logical` or `schema`, `database_type` the engine.
    """

    name: str
    id: str | None = field(default=None, metadata={"also": ("db_id",)})
    hostname: str | None = None
    group: str | None = None
    primary_region: str | None = None
    regions: tuple[str, ...] = ()
    block_reads: bool | None = None
    block_writes: bool | None = None
    delete_protection: bool | None = None
    parent: DatabaseParent | None = None
    sleeping: bool | None = None
    archived: bool | None = None
    allow_attach: bool | None = None
    schema: str | None = None
    is_schema: bool | None = None
    type: str | None = None
    database_type: str | None = None
    version: str | None = None
    encryption_cipher: str | None = None


@frozen(kw_only=True)
class DatabaseConfiguration(Model):
    """A database's settings. `size_limit` is in bytes or with a unit, as given; empty lists do not restrict."""

    size_limit: str | None = None
    allow_attach: bool | None = None
    block_reads: bool | None = None
    block_writes: bool | None = None
    delete_protection: bool | None = None
    allowed_ips: tuple[str, ...] = ()
    allowed_aws_vpc_ids: tuple[str, ...] = ()


@frozen(kw_only=True)
class DatabaseToken(Model):
    """A token for a database, or for all databases of a group; its value is never told again."""

    jwt: Secret


@frozen(kw_only=True)
class Usage(Model):
    """What was used in a period: rows, and bytes stored and synced."""

    rows_read: int = 0
    rows_written: int = 0
    storage_bytes: int = 0
    bytes_synced: int = 0


@frozen(kw_only=True)
class InstanceUsage(Model):
    """The usage of one instance; `uuid` is the instance's."""

    uuid: str | None = None
    usage: Usage = field(factory=Usage)


@frozen(kw_only=True)
class DatabaseUsage(Model):
    """The usage of a database and of each of its instances; `uuid` is the database's."""

    uuid: str | None = None
    instances: tuple[InstanceUsage, ...] = ()
    total: Usage = field(factory=Usage, metadata={"also": ("usage",)})


@frozen(kw_only=True)
class QueryStats(Model):
    """An SQL query and the rows that it has read and written in all."""

    query: str | None = None
    rows_read: int = 0
    rows_written: int = 0


@frozen(kw_only=True)
class DatabaseStats(Model):
    """The queries that read or wrote most."""

    top_queries: tuple[QueryStats, ...] = ()
