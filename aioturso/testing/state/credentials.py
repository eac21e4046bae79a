"""Database tokens: minted for one database or for a group, and rotated."""

from __future__ import annotations

from typing import Any

from .call import Call, lifetime, strings
from .minting import signed
from .records import Credential, FakeDatabase, FakeGroup
from .world import Refusal


def create_database_token(call: Call) -> Any:
    """Mints a token for a database."""
    database = call.database
    group = call.organization.groups.get(database.group or "")
    jwt = _mint(call, group, database)
    call.audit(call.organization, "db-token-create", database=database.name)
    return {"jwt": jwt}


def create_group_token(call: Call) -> Any:
    """Mints a token for all databases of a group."""
    jwt = _mint(call, call.group, None)
    call.audit(call.organization, "group-token-create", group=call.group.name)
    return {"jwt": jwt}


def rotate_database_tokens(call: Call) -> None:
    """Makes the tokens of a database invalid."""
    call.database.keys += 1


def rotate_group_tokens(call: Call) -> None:
    """Makes the tokens of a group and of its databases invalid: they share its key."""
    call.group.keys += 1


def permissions(value: object) -> list[dict[str, list[str]]]:
    """Returns fine-grained permissions: for each set of tables (none: all) what is allowed there."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Refusal(400, "fine_grained_permissions must be a list of objects")
    return [{"t": strings(item.get("t"), "t"), "a": strings(item.get("a"), "a")} for item in value]


def _mint(call: Call, group: FakeGroup | None, database: FakeDatabase | None) -> str:
    seconds = lifetime(call.query.get("expiration", "never"))
    authorization = call.query.get("authorization") or "full-access"
    if authorization not in ("full-access", "read-only"):
        raise Refusal(400, "Invalid authorization")
    attach = call.part("permissions").get("read_attach") or {}
    if not isinstance(attach, dict):
        raise Refusal(400, "permissions.read_attach must be an object")
    # Checked only: the fake's databases hold nothing that could be attached.
    strings(attach.get("databases"), "permissions.read_attach.databases")
    fine = permissions(call.body.get("fine_grained_permissions"))
    now = int(call.state.clock().timestamp())
    expires = {} if seconds is None else {"exp": now + seconds}
    claims: dict[str, Any] = {"a": "ro" if authorization == "read-only" else "rw", "iat": now, **expires}
    subject = database or group
    jwt = signed(claims | ({"id": subject.uuid} if subject else {}) | ({"perm": fine} if fine else {}))
    call.state.credentials[jwt] = Credential(
        database=database.uuid if database else None,
        group=group.uuid if group else None,
        database_keys=database.keys if database else 0,
        group_keys=group.keys if group else 0,
        authorization=authorization,
        exp=expires.get("exp"),
    )
    return jwt
