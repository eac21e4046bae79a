"""Key sets of an organization's own identity provider, and the template of its tokens."""

from __future__ import annotations

from typing import Any

from .call import Call
from .credentials import permissions
from .world import Refusal


def list_jwks(call: Call) -> Any:
    """Returns all key sets."""
    return {
        "jwks": [
            {"jwks_name": name, "jwks_url": one["jwks_url"]} for name, one in call.organization.jwks.items()
        ]
    }


def save_jwks(call: Call) -> Any:
    """Adds a key set, or replaces the one of that name."""
    name, url = call.path["name"], call.text("jwks_url")
    if not url.startswith("https://"):
        raise Refusal(400, "jwks_url must be an https URL")
    call.organization.jwks[name] = {"jwks_url": url, "region": call.text("region", "")}
    return {"jwks_name": name, "jwks_url": url}


def remove_jwks(call: Call) -> None:
    """Removes a key set."""
    if call.organization.jwks.pop(call.path["name"], None) is None:
        raise Refusal(404, f"could not find jwks {call.path['name']}")


def get_template(call: Call) -> Any:
    """Returns the claims that a token of the identity provider must have, for a database or a group, or for all."""
    organization, claims = call.organization, dict[str, Any]()
    scope = call.one_of("scope", ("full-access", "read-only"), "full-access")
    claims["a"] = "ro" if scope == "read-only" else "rw"
    if database := call.text("database", ""):
        if database not in organization.databases:
            raise Refusal(404, f"could not find database with name [{database}]: record not found")
        claims["id"] = organization.databases[database].uuid
    if group := call.text("group", ""):
        if group not in organization.groups:
            raise Refusal(404, "group not found")
        claims["gid"] = organization.groups[group].uuid
    if fine := permissions(call.body.get("permissions")):
        claims["perm"] = fine
    return {"template": claims}
