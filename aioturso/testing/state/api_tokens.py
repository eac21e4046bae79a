"""API tokens: of a user, and those restricted to an organization."""

from __future__ import annotations

from typing import Any

from .call import Call, strings
from .minting import opaque_id, signed
from .records import ApiToken
from .world import Refusal

SCOPES = (
    "read",
    "db:create",
    "db:delete",
    "db:configure",
    "db:mint-token",
    "db:rotate-creds",
    "group:configure",
    "group:mint-token",
    "group:rotate-creds",
)
_PRESETS = {"read-only": ("read",), "full-access": SCOPES}


def validate(call: Call) -> Any:
    """Returns when the token expires, in epoch seconds; -1 for one that does not."""
    return {"exp": call.token.exp}


def list_tokens(call: Call) -> Any:
    """Returns all API tokens of the user."""
    mine = (token for token in call.state.api_tokens.values() if token.owner == call.token.owner)
    return {"tokens": [shown(token) for token in mine]}


def invalidate_sessions(call: Call) -> Any:
    """Ends the sessions of the user that began before now; API tokens, as the fake's own, stay good."""
    call.state.valid_from = int(call.state.clock().timestamp())
    return {"validFrom": call.state.valid_from}


def create_token(call: Call) -> Any:
    """Mints an API token with the restrictions of the body."""
    token = _minted(call)
    return {"name": token.name, "id": token.id, "token": token.value}


def create_token_v2(call: Call) -> Any:
    """Mints an API token, and returns it in the form of `/v2`."""
    token = _minted(call)
    return {"token": {"name": token.name, "id": token.id, "value": token.value}}


def _minted(call: Call) -> ApiToken:
    state, name = call.state, call.path["token"]
    organization, group = call.text("organization", ""), call.text("group", "")
    scopes = _expanded(strings(call.body.get("scopes"), "scopes"))
    if (group or scopes) and not (organization and group and scopes):
        raise Refusal(400, "a group needs an organization and scopes, and scopes need a group")
    owner = call.other_organization(organization) if organization else None
    if owner is not None and group not in ("", *owner.groups):
        raise Refusal(404, "group not found")
    if owner is not None and group and not call.manages(owner):
        raise Refusal(403, "only an admin or owner can restrict a token to a group")
    if name in state.api_tokens:
        raise state.conflict(f"token {name} already exists")
    token_id = opaque_id()
    token = ApiToken(
        name=name,
        id=token_id,
        # As the platform's: by its id a client recognizes its own token in a list.
        value=signed({"id": token_id, "iat": int(state.clock().timestamp())}),
        owner=call.token.owner,
        created_at=f"{state.clock():%Y-%m-%d}",
        organization=organization or None,
        group=group or None,
        scopes=scopes,
    )
    state.add_token(token)
    if organization:
        call.audit(state.organizations[organization], "user-token-create", name=name)
    return token


def _expanded(scopes: list[str]) -> tuple[str, ...]:
    wanted = {part for scope in scopes for part in _PRESETS.get(scope, (scope,))}
    if not wanted.issubset(SCOPES):
        raise Refusal(400, "invalid scopes")
    return tuple(scope for scope in SCOPES if scope in wanted)


def revoke_token(call: Call) -> Any:
    """Revokes the API token of that name."""
    name = call.path["token"]
    if name not in call.state.api_tokens or call.state.api_tokens[name].owner != call.token.owner:
        raise Refusal(404, f"could not find token {name}")
    call.state.revoke(lambda token: token.name == name)
    return {"token": name}


def list_organization_tokens(call: Call) -> Any:
    """Returns the API tokens restricted to an organization: all of them to an admin or owner, else the user's own."""
    return {
        "tokens": [
            shown(token) | {"owner": {"username": token.owner, "email": f"{token.owner}@example.com"}}
            for token in _of_organization(call)
        ]
    }


def revoke_organization_token(call: Call) -> Any:
    """Revokes the API token with that id, if the user sees it."""
    token_id = call.path["token"]
    if not any(token.id == token_id for token in _of_organization(call)):
        raise Refusal(404, f"could not find token {token_id}")
    call.state.revoke(lambda token: token.id == token_id)
    return {"token": token_id}


def _of_organization(call: Call) -> list[ApiToken]:
    organization, user = call.organization, call.token.owner
    restricted = (t for t in call.state.api_tokens.values() if t.organization == organization.slug)
    return [token for token in restricted if call.manages(organization) or token.owner == user]


def shown(token: ApiToken) -> dict[str, Any]:
    """Returns a token as the platform lists it: without its value and the restrictions that it does not have."""
    everything = {
        "name": token.name,
        "id": token.id,
        "organization": token.organization,
        "group": token.group,
        "scopes": list(token.scopes),
        "created_at": token.created_at,
    }
    return {key: value for key, value in everything.items() if value}
