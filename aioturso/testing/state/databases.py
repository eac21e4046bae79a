"""Databases: their life, configuration, tokens and usage."""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from attrs import asdict

from .call import Call, lifetime, moment, strings
from .minting import signed
from .world import Credential, FakeDatabase, FakeGroup, FakeOrganization, Refusal, State, Usage

# Bytes of the key and bytes that the file reserves at the end of each page.
CIPHERS = {
    "aes256gcm": (32, 28),
    "aes128gcm": (16, 28),
    "chacha20poly1305": (32, 28),
    "aegis128l": (16, 32),
    "aegis128x2": (16, 32),
    "aegis128x4": (16, 32),
    "aegis256": (32, 48),
    "aegis256x2": (32, 48),
    "aegis256x4": (32, 48),
}
_FLAGS = ("allow_attach", "block_reads", "block_writes", "delete_protection")


def list_databases(call: Call) -> Any:
    """The databases after the cursor that pass the filters; a group's token sees those of its group."""
    query, after = call.query, call.query.get("cursor") or "0"
    if not after.isascii() or not after.isdigit():
        raise Refusal(400, "invalid cursor")
    organization, limit = call.organization, call.count("limit", 999_999_999)
    wanted = (
        database
        for database in organization.databases.values()
        if database.serial > int(after)
        and query.get("group") in (None, "", database.group)
        and call.token.group in (None, database.group)
        and query.get("schema") in (None, "", database.schema)
        and query.get("parent") in (None, "", (database.parent or {}).get("id"))
        and (query.get("type") != "schema" or database.is_schema)
    )
    page = list(islice(wanted, limit + 1))
    more = len(page) > limit
    return {
        "databases": [shown(call.state, organization, database) for database in page[:limit]],
        "pagination": {"next": str(page[limit - 1].serial) if more else None},
    }


def get_database(call: Call) -> Any:
    """One database."""
    database = call.database
    return {"database": shown(call.state, call.organization, database)}


def create_database(call: Call) -> Any:
    """Create a database, with an instance in each of its group's locations."""
    organization, name = call.organization, call.text("name")
    if not re.fullmatch(r"[a-z0-9-]{1,64}", name):
        raise Refusal(400, "database name must have lowercase letters, numbers and dashes, at most 64")
    group = _group_of(call, organization)
    if call.token.group not in (None, group.name):
        raise Refusal(403, "the token is restricted to another group")
    if name in organization.databases:
        raise call.state.conflict(f"database with name [{name}] already exists")
    schema, is_schema = call.text("schema", ""), call.flag("is_schema")
    if schema and (is_schema or not _is_schema(organization, schema)):
        raise Refusal(400, f"{schema} is not a schema database")
    size_limit, cipher = call.text("size_limit", "10000"), _cipher_of(call)
    source, branched_at = _source_of(call, organization, cipher)
    database = call.state.add_database(name, organization.slug, group.name)
    database.schema, database.is_schema, database.cipher = schema or None, bool(is_schema), cipher
    database.configuration["size_limit"] = size_limit
    database.awaits_upload = (call.body.get("seed") or {}).get("type") == "database_upload"
    if source is not None:
        database.parent = {"id": source.uuid, "name": source.name, "branched_at": branched_at}
    call.audit(organization, "db-create", database=name, group=group.name)
    return {
        "database": {"DbId": database.uuid, "Hostname": call.state.hostname(database), "Name": database.name}
    }


def _group_of(call: Call, organization: FakeOrganization) -> FakeGroup:
    if "group_id" in call.body:
        number = call.text("group_id")
        found = next((g for g in organization.groups.values() if g.uuid == number), None)
    else:
        found = organization.groups.get(call.text("group"))
    if found is None:
        raise Refusal(400, "group not found")
    return found


def _is_schema(organization: FakeOrganization, name: str) -> bool:
    return name in organization.databases and organization.databases[name].is_schema


def _cipher_of(call: Call) -> str | None:
    encryption = call.body.get("remote_encryption")
    if encryption is None:
        return None
    if not isinstance(encryption, dict) or encryption.get("encryption_cipher") not in CIPHERS:
        raise Refusal(400, "invalid encryption cipher")
    cipher = str(encryption["encryption_cipher"])
    check_key(cipher, encryption.get("encryption_key"))
    return cipher


def check_key(cipher: str, key: object) -> None:
    """Refuse a key that is not base64 of as many bytes as the cipher wants."""
    try:
        fits = isinstance(key, str) and len(b64decode(key, validate=True)) == CIPHERS[cipher][0]
    except ValueError:
        fits = False
    if not fits:
        raise Refusal(400, f"invalid encryption key for {cipher}")


def _source_of(
    call: Call, organization: FakeOrganization, cipher: str | None
) -> tuple[FakeDatabase | None, str]:
    seed, now = call.body.get("seed"), call.state.clock()
    if seed is None:
        return None, ""
    if not isinstance(seed, dict) or seed.get("type") not in ("database", "database_upload", "dump"):
        raise Refusal(400, "invalid seed type")
    point = moment(str(seed["timestamp"]), "timestamp") if seed.get("timestamp") else now
    if point > now:
        raise Refusal(400, "the seed's timestamp is in the future")
    if seed["type"] != "database":
        return None, ""
    name = seed.get("name")
    source = organization.databases.get(name) if isinstance(name, str) else None
    if source is None:
        raise Refusal(400, f"could not find database with name [{name}]: record not found")
    if call.token.group not in (None, source.group):
        raise Refusal(403, "the token is restricted to another group")
    if source.cipher and not cipher:
        raise Refusal(400, "the source database is encrypted: remote_encryption is required")
    return source, _with_nanoseconds(point)


def _with_nanoseconds(point: datetime) -> str:
    return f"{point.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}117Z"


def delete_database(call: Call) -> Any:
    """Delete a database, unless it is protected."""
    database = call.database
    if database.protected:
        raise Refusal(400, f"database {database.name} is protected against deletion")
    del call.organization.databases[database.name]
    call.audit(call.organization, "db-delete", database=database.name)
    return {"database": database.name}


def get_configuration(call: Call) -> Any:
    """A database's configuration."""
    return call.database.configuration.copy()


def update_configuration(call: Call) -> Any:
    """What is left out stays; a null clears a list."""
    configuration, changes = call.database.configuration, dict[str, Any]()
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


def create_token(call: Call) -> Any:
    """Mint a token for a database."""
    database = call.database
    group = call.organization.groups.get(database.group or "")
    jwt = mint(call, group, database)
    call.audit(call.organization, "db-token-create", database=database.name)
    return {"jwt": jwt}


def mint(call: Call, group: FakeGroup | None, database: FakeDatabase | None) -> str:
    """A token for one database, or for all of a group."""
    seconds = lifetime(call.query.get("expiration", "never"))
    authorization = call.query.get("authorization") or "full-access"
    if authorization not in ("full-access", "read-only"):
        raise Refusal(400, "Invalid authorization")
    attach = call.body.get("permissions") or {}
    if not isinstance(attach, dict) or not isinstance(attach.get("read_attach") or {}, dict):
        raise Refusal(400, "permissions.read_attach must be an object")
    strings((attach.get("read_attach") or {}).get("databases"), "permissions.read_attach.databases")
    now = int(call.state.clock().timestamp())
    expires = {} if seconds is None else {"exp": now + seconds}
    subject = database or group
    jwt = signed({"a": "ro" if authorization == "read-only" else "rw", "iat": now, **expires} | _id(subject))
    call.state.credentials[jwt] = Credential(
        database=database.uuid if database else None,
        group=group.uuid if group else None,
        database_keys=database.keys if database else 0,
        group_keys=group.keys if group else 0,
        authorization=authorization,
        exp=expires.get("exp"),
    )
    return jwt


def _id(subject: FakeDatabase | FakeGroup | None) -> dict[str, str]:
    return {} if subject is None else {"id": subject.uuid}


def rotate_tokens(call: Call) -> None:
    """Make the tokens of a database invalid."""
    call.database.keys += 1


def update_version(call: Call) -> None:
    """The fake's databases are up to date."""
    _ = call.database


def wake_up(call: Call) -> None:
    """Wake a sleeping database."""
    database = call.database
    if database.sleeping:
        database.sleeping = False
        call.audit(call.organization, "db-aunrchive", database=database.name)  # spelled so in the schema


def transfer(call: Call) -> None:
    """To another organization, which it reaches without its group."""
    database, origin = call.database, call.organization
    target = call.other_organization(call.text("org" if "org" in call.body else "organization"))
    if database.name in target.databases:
        raise call.state.conflict(f"database with name [{database.name}] already exists")
    del origin.databases[database.name]
    database.organization, database.group, database.serial = target.slug, None, call.state.number()
    target.databases[database.name] = database
    call.audit(origin, "db-delete", "transferred", database=database.name, organization=target.slug)
    call.audit(target, "db-create", "transferred", database=database.name, organization=origin.slug)


def get_usage(call: Call) -> Any:
    """What a database has used; a period is checked, and changes nothing."""
    database = call.database
    for bound in ("from", "to"):
        if call.query.get(bound):
            moment(call.query[bound], bound)
    return {"database": usage_of(database)}


def usage_of(database: FakeDatabase) -> dict[str, Any]:
    """Per instance and in total: as `total` in the schema, as `usage` in the field."""
    instances = [{"uuid": i.uuid, "usage": asdict(i.usage)} for i in database.instances.values()]
    total = added([i.usage for i in database.instances.values()])
    return {"uuid": database.uuid, "instances": instances, "total": total, "usage": total}


def added(usages: list[Usage]) -> dict[str, int]:
    """The sum of usages; what is stored is counted once per database, at its largest copy."""
    return {
        "rows_read": sum(u.rows_read for u in usages),
        "rows_written": sum(u.rows_written for u in usages),
        "storage_bytes": max((u.storage_bytes for u in usages), default=0),
        "bytes_synced": sum(u.bytes_synced for u in usages),
    }


def get_stats(call: Call) -> Any:
    """The queries that read or wrote most."""
    return {"top_queries": call.database.top_queries}


def shown(state: State, organization: FakeOrganization, database: FakeDatabase) -> dict[str, Any]:
    """A database as the platform shows it."""
    group, primary = organization.groups.get(database.group or ""), database.primary
    configuration = database.configuration
    optional = {"group": database.group, "schema": database.schema, "encryption_cipher": database.cipher}
    return {
        "Name": database.name,
        "DbId": database.uuid,
        "Hostname": state.hostname(database),
        "block_reads": configuration["block_reads"],
        "block_writes": configuration["block_writes"],
        "allow_attach": configuration["allow_attach"],
        "delete_protection": database.protected,
        "regions": list(dict.fromkeys(i.region for i in database.instances.values())),
        "primaryRegion": primary.region if primary else "",
        "type": "logical",
        "database_type": "libsql",
        "version": database.version,
        "sleeping": database.sleeping,
        "archived": group.archived if group else False,
        "is_schema": database.is_schema,
        "parent": database.parent,
    } | {key: value for key, value in optional.items() if value is not None}
