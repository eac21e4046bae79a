"""Databases: listing, configuration, usage, transfer and deletion."""

from __future__ import annotations

from itertools import islice
from typing import Any

from attrs import asdict

from .call import Call, moment, strings
from .places import on_aws
from .records import FakeDatabase, FakeOrganization, Usage
from .world import Refusal, State

_FLAGS = ("allow_attach", "block_reads", "block_writes", "delete_protection")


def list_databases(call: Call) -> Any:
    """Returns the databases after the cursor that pass the filters; a group's token sees those of its group."""
    organization, limit = call.organization, call.count("limit", 999_999_999)
    page, last = page_of(call, limit)
    return {
        "databases": [shown(call.state, organization, database) for database in page],
        "pagination": {"next": last},
    }


def page_of(call: Call, limit: int) -> tuple[list[FakeDatabase], str | None]:
    """Returns a page of databases, and the cursor of the next one."""
    query, after, organization = call.query, call.after(), call.organization
    group_id = query.get("group_id")
    groups = {group.name for group in organization.groups.values() if group.uuid == group_id}
    parent = query.get("parent") or query.get("parent_db_id")
    wanted = (
        database
        for database in organization.databases.values()
        if database.serial > after
        and query.get("group") in (None, "", database.group)
        and (not group_id or database.group in groups)
        and call.token.group in (None, database.group)
        and query.get("schema") in (None, "", database.schema)
        and parent in (None, "", (database.parent or {}).get("id"))
        and (query.get("type") != "schema" or database.is_schema)
    )
    # One more than wanted shows whether there is a next page.
    page = list(islice(wanted, limit + 1))
    more = len(page) > limit
    return page[:limit], str(page[limit - 1].serial) if more else None


def get_database(call: Call) -> Any:
    """Returns one database."""
    database = call.database
    return {"database": shown(call.state, call.organization, database)}


def delete_database(call: Call) -> Any:
    """Deletes a database, unless it is protected."""
    database = call.database
    must_be_unprotected(database)
    call.state.delete_database(call.organization, database)
    call.audit(call.organization, "db-delete", database=database.name)
    return {"database": database.name}


def must_be_unprotected(database: FakeDatabase) -> None:
    """Refuses to delete a database that is protected against it."""
    if database.protected:
        raise Refusal(400, f"database {database.name} is protected against deletion")


def get_configuration(call: Call) -> Any:
    """Returns a database's configuration."""
    return call.database.configuration.copy()


def update_configuration(call: Call) -> Any:
    """Changes what is given; a null clears a list."""
    configuration, changes = call.database.configuration, dict[str, Any]()
    _must_offer(call)
    for key in _FLAGS:
        if (value := call.flag(key)) is not None:
            changes[key] = value
    for key in ("allowed_ips", "allowed_aws_vpc_ids"):
        if key in call.body:
            changes[key] = strings(call.body[key], key)
    if call.body.get("size_limit") is not None:
        changes["size_limit"] = call.text("size_limit")
    if changes.get("delete_protection", configuration["delete_protection"]) != call.database.protected:
        code = "db-protect" if changes["delete_protection"] else "db-unprotect"
        call.audit(call.organization, code, database=call.database.name)
    configuration.update(changes)
    return configuration.copy()


def _must_offer(call: Call) -> None:
    """Refuses the settings that the platform does not have for databases on AWS."""
    primary = call.database.primary
    if primary is None or not on_aws(primary.region):
        return
    if call.body.get("size_limit") is not None:
        raise Refusal(400, "size_limit is not supported for db-api controlled databases")
    if call.body.get("allow_attach") is not None:
        raise Refusal(400, "allow_attach is not supported on AWS")


def wake_up(call: Call) -> None:
    """Wakes a sleeping database."""
    database = call.database
    if database.sleeping:
        database.sleeping = False
        call.audit(call.organization, "db-aunrchive", database=database.name)  # spelled so in the schema


def transfer(call: Call) -> None:
    """Moves a database to another organization, which it reaches without its group."""
    database, origin = call.database, call.organization
    target = call.other_organization(call.text("org" if "org" in call.body else "organization"))
    if database.name in target.databases:
        raise call.state.conflict("database with same name already exists", usual=400)
    del origin.databases[database.name]
    database.organization, database.group, database.serial = target.slug, None, call.state.number()
    target.databases[database.name] = database
    call.audit(origin, "db-delete", "transferred", database=database.name, organization=target.slug)
    call.audit(target, "db-create", "transferred", database=database.name, organization=origin.slug)


def get_usage(call: Call) -> Any:
    """Returns the usage of a database; checks a period, which changes nothing."""
    database = call.database
    _check_period(call)
    return {"database": usage_of(database)}


def _check_period(call: Call) -> None:
    for bound in ("from", "to"):
        if call.query.get(bound):
            moment(call.query[bound], bound)


def usage_of(database: FakeDatabase) -> dict[str, Any]:
    """Returns usage per instance and in total: as `total` in the schema, as `usage` in the field."""
    instances = [{"uuid": i.uuid, "usage": asdict(i.usage)} for i in database.instances.values()]
    total = added([i.usage for i in database.instances.values()])
    return {"uuid": database.uuid, "instances": instances, "total": total, "usage": total}


def added(usages: list[Usage]) -> dict[str, int]:
    """Returns the sum of usages; what is stored is counted once per database, at its largest copy."""
    return {
        "rows_read": sum(u.rows_read for u in usages),
        "rows_written": sum(u.rows_written for u in usages),
        "storage_bytes": max((u.storage_bytes for u in usages), default=0),
        "bytes_synced": sum(u.bytes_synced for u in usages),
    }


def get_stats(call: Call) -> Any:
    """Returns the queries that read or wrote most."""
    return {"top_queries": call.database.top_queries}


def get_queries(call: Call) -> Any:
    """Returns the queries that read or wrote most, as a bare array."""
    database = call.database
    _check_period(call)
    return database.top_queries


def shown(state: State, organization: FakeOrganization, database: FakeDatabase) -> dict[str, Any]:
    """Returns a database as the platform shows it."""
    group, primary = organization.groups.get(database.group or ""), database.primary
    configuration, hostname = database.configuration, state.hostname(database)
    optional = {"group": database.group, "encryption_cipher": database.cipher}
    return {
        "Name": database.name,
        "DbId": database.uuid,
        "Hostname": hostname,
        "hostname": hostname,  # the field has it twice
        "block_reads": configuration["block_reads"],
        "block_writes": configuration["block_writes"],
        "allow_attach": configuration["allow_attach"],
        "delete_protection": database.protected,
        "regions": list(dict.fromkeys(i.region for i in database.instances.values())),
        "primaryRegion": primary.region if primary else "",
        "type": "logical",
        "database_type": database.engine,
        "version": database.version,
        "sleeping": database.sleeping,
        "archived": group.archived if group else False,
        "is_schema": database.is_schema,
        "schema": database.schema,
        "parent": database.parent,
    } | {key: value for key, value in optional.items() if value is not None}
