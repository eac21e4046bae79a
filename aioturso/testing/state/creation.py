"""Creating a database: empty, as a copy, from a dump, or for a file that is uploaded next."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from .call import Call, moment
from .plans import must_allow
from .records import FakeDatabase, FakeGroup, FakeOrganization
from .world import Refusal, with_nanoseconds

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
_SEEDS = ("database", "database_upload", "dump")


def create_database(call: Call) -> Any:
    """Creates a database, with an instance in each of its group's locations."""
    organization, name = call.organization, check_name(call.text("name"))
    seed = call.part("seed")
    source, branched_at = _source_of(call, organization, seed)
    group = _group_of(call, organization, source)
    if call.token.group not in (None, group.name):
        raise Refusal(403, "the token is restricted to another group")
    if name in organization.databases:
        raise _taken(call, name, seed)
    must_allow(organization, "databases", len(organization.databases))
    schema, is_schema = call.text("schema", ""), call.flag("is_schema")
    if schema and (is_schema or not _is_schema(organization, schema)):
        raise Refusal(400, f"{schema} is not a schema database")
    size_limit, cipher = call.text("size_limit", "10000"), _cipher_of(call, source)
    engine = "tursodb" if call.flag("use_tursodb") else "libsql"
    database = call.state.add_database(name, organization.slug, group.name, engine=engine)
    database.schema, database.is_schema, database.cipher = schema or None, bool(is_schema), cipher
    database.configuration["size_limit"] = size_limit
    database.awaits_upload = seed.get("type") == "database_upload"
    if source is not None:
        database.parent = {"id": source.uuid, "name": source.name, "branched_at": branched_at}
    call.audit(organization, "db-create", database=database.name, group=group.name)
    made = {"DbId": database.uuid, "Hostname": call.state.hostname(database), "Name": database.name}
    return {"database": made, "username": call.token.owner}


def check_name(name: str) -> str:
    """Returns a database's name, or refuses one that breaks the rules for names."""
    if not re.fullmatch(r"[a-z0-9-]{1,64}", name):
        raise Refusal(400, "database name must have lowercase letters, numbers and dashes, at most 64")
    return name


def _taken(call: Call, name: str, seed: dict[str, Any]) -> Refusal:
    refusal = call.state.conflict("database with same name already exists", usual=400)
    if seed.get("type") != "dump":
        return refusal
    # https://github.com/tursodatabase/turso-docs/issues/230: the namespace is the UUID of the one that exists.
    namespace = call.organization.databases[name].uuid
    return Refusal(refusal.status, f"Namespace `{namespace}` already exists", "create_database_generic_error")


def _group_of(call: Call, organization: FakeOrganization, source: FakeDatabase | None) -> FakeGroup:
    number, by_name = call.text("group_id", ""), call.text("group", "")
    if number:
        found = next((g for g in organization.groups.values() if g.uuid == number), None)
    elif not by_name and source is not None and "organization_id" in call.path:
        found = organization.groups.get(source.group or "")
    else:
        found = organization.groups.get(call.text("group"))
    if found is None:
        raise Refusal(400, "group not found")
    return found


def _is_schema(organization: FakeOrganization, name: str) -> bool:
    return name in organization.databases and organization.databases[name].is_schema


def _cipher_of(call: Call, source: FakeDatabase | None) -> str | None:
    encryption = call.part("remote_encryption")
    inherited = source.cipher if source else None
    if not encryption and inherited:
        raise Refusal(400, "the source database is encrypted: remote_encryption is required")
    if not encryption:
        return None
    cipher = encryption.get("encryption_cipher") or inherited
    if not isinstance(cipher, str) or cipher not in CIPHERS:
        raise Refusal(400, "invalid encryption cipher")
    check_key(cipher, encryption.get("encryption_key"))
    return cipher


def check_key(cipher: str, key: object) -> None:
    """Refuses a key that is not base64 of as many bytes as the cipher wants."""
    try:
        fits = isinstance(key, str) and len(b64decode(key, validate=True)) == CIPHERS[cipher][0]
    except ValueError:
        fits = False
    if not fits:
        raise Refusal(400, f"invalid encryption key for {cipher}")


def _source_of(
    call: Call, organization: FakeOrganization, seed: dict[str, Any]
) -> tuple[FakeDatabase | None, str]:
    if not seed:
        return None, ""
    if seed.get("type") not in _SEEDS:
        raise Refusal(400, "invalid seed type")
    now = call.state.clock()
    point = moment(str(seed["timestamp"]), "timestamp") if seed.get("timestamp") else now
    if point > now:
        raise Refusal(400, "the seed's timestamp is in the future")
    if seed["type"] == "dump" and not isinstance(seed.get("url"), str):
        raise Refusal(400, "seed.url is required")
    if seed["type"] != "database":
        return None, ""
    # The vendor's command line has it under `value`.
    name = seed.get("name") or seed.get("value")
    source = organization.databases.get(name) if isinstance(name, str) else None
    if source is None:
        raise Refusal(400, f"could not find database with name [{name}]: record not found")
    if call.token.group not in (None, source.group):
        raise Refusal(403, "the token is restricted to another group")
    return source, with_nanoseconds(point)
