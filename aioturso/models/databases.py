"""Databases, their settings, tokens and usage."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from . import DECIDES, IDENTIFIES, Model, Secret

_ID = {"also": ("db_id",), **IDENTIFIES}


@frozen(kw_only=True)
class DatabaseParent(Model):
    """The database that another one was branched from."""

    id: str | None = None
    name: str | None = None
    branched_at: datetime | None = None


@frozen(kw_only=True)
class AllowRules(Model):
    """The addresses from which a database can be reached; empty lists do not restrict."""

    allowed_ips: tuple[str, ...] = ()
    allowed_aws_vpc_ids: tuple[str, ...] = ()


@frozen(kw_only=True)
class Database(Model):
    """A database. None: not in the answer, as for most fields in the answer to a create.

    `id` is its UUID; empty where the answer holds two, or one that is no text. `regions` and `primary_region` are
    location codes; `type` is `logical` or `schema`, `database_type` the engine. Only calls by UUID answer `group_id`,
    `organization_id` and `allow_rules`.
    """

    name: str
    id: str | None = field(default=None, metadata=_ID)
    hostname: str | None = None
    group: str | None = field(default=None, metadata=DECIDES)
    group_id: str | None = None
    organization_id: str | None = None
    primary_region: str | None = None
    regions: tuple[str, ...] = ()
    block_reads: bool | None = None
    block_writes: bool | None = None
    delete_protection: bool | None = field(default=None, metadata=DECIDES)
    parent: DatabaseParent | None = None
    sleeping: bool | None = None
    archived: bool | None = None
    allow_attach: bool | None = None
    schema: str | None = None
    is_schema: bool | None = None
    type: str | None = field(default=None, metadata=DECIDES)
    database_type: str | None = None
    version: str | None = None
    encryption_cipher: str | None = None
    allow_rules: AllowRules | None = field(default=None, metadata={"also": ("allow_rules_config",)})


@frozen(kw_only=True)
class DeletedDatabase(Model):
    """A database that was deleted and can be restored by its `id`, a UUID, within five days.

    `group_deleted_at` is set when its group was deleted with it: to restore the database restores the group too.
    """

    name: str
    id: str | None = field(default=None, metadata=_ID)
    hostname: str | None = None
    group: str | None = None
    group_id: str | None = None
    organization_id: str | None = None
    primary_region: str | None = None
    regions: tuple[str, ...] = ()
    delete_protection: bool | None = None
    deleted_at: datetime | None = None
    group_deleted_at: datetime | None = None


@frozen(kw_only=True)
class DatabaseConfiguration(Model):
    """A database's settings. `size_limit` is in bytes or with a unit, as given; empty lists do not restrict."""

    size_limit: str | None = None
    allow_attach: bool | None = None
    block_reads: bool | None = None
    block_writes: bool | None = None
    delete_protection: bool | None = field(default=None, metadata=DECIDES)
    allowed_ips: tuple[str, ...] = ()
    allowed_aws_vpc_ids: tuple[str, ...] = ()


@frozen(kw_only=True)
class DatabaseToken(Model):
    """A token for a database, or for all databases of a group; its value is in no later answer."""

    jwt: Secret


@frozen(kw_only=True)
class Usage(Model):
    """The usage of a period: rows, and bytes stored and synced. A count that cannot be read is an error, never 0."""

    rows_read: int = field(default=0, metadata=DECIDES)
    rows_written: int = field(default=0, metadata=DECIDES)
    storage_bytes: int = field(default=0, metadata=DECIDES)
    bytes_synced: int = field(default=0, metadata=DECIDES)


@frozen(kw_only=True)
class InstanceUsage(Model):
    """The usage of one instance; `uuid` is the instance's."""

    uuid: str | None = None
    usage: Usage = field(factory=Usage, metadata=DECIDES)


@frozen(kw_only=True)
class DatabaseUsage(Model):
    """The usage of a database and of each of its instances; `uuid` is the database's."""

    uuid: str | None = None
    instances: tuple[InstanceUsage, ...] = ()
    total: Usage = field(factory=Usage, metadata={"also": ("usage",), **DECIDES})


@frozen(kw_only=True)
class QueryStats(Model):
    """An SQL query and the rows that it has read and written in all."""

    query: str | None = None
    rows_read: int = field(default=0, metadata=DECIDES)
    rows_written: int = field(default=0, metadata=DECIDES)


@frozen(kw_only=True)
class DatabaseStats(Model):
    """The queries that read or wrote most."""

    top_queries: tuple[QueryStats, ...] = ()
