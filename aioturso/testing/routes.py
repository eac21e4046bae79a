"""HTTP to state: the table of routes, and from a request's plain parts to its answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from attrs import define, field, frozen

from .state import (
    Call,
    File,
    Refusal,
    State,
    account,
    api_tokens,
    databases,
    groups,
    instances,
    members,
    organizations,
    uploads,
)


@frozen
class Route:
    """One operation. `needs` says whose token may: `any`, an `account`'s (unrestricted), an `organization`'s,
    or a group's with that scope; each includes those before. `none`: no platform token belongs here."""

    method: str
    path: str
    operation: Callable[[Call], Any]
    needs: str
    body: bool = False


_ORG = "/v1/organizations/{organization}"
_DB = _ORG + "/databases/{database}"
_GROUP = _ORG + "/groups/{group}"
_INVITES = "/v2/organizations/{organization}/invites"

# In the vendor's published schema: one route for each of its operations.
PUBLISHED = (
    Route("GET", _ORG + "/databases", databases.list_databases, "read"),
    Route("POST", _ORG + "/databases", databases.create_database, "db:create", body=True),
    Route("GET", _DB, databases.get_database, "read"),
    Route("DELETE", _DB, databases.delete_database, "db:delete"),
    Route("GET", _DB + "/configuration", databases.get_configuration, "read"),
    Route("PATCH", _DB + "/configuration", databases.update_configuration, "db:configure", body=True),
    Route("GET", _DB + "/instances", instances.list_instances, "read"),
    Route("GET", _DB + "/instances/{instance}", instances.get_instance, "read"),
    Route("POST", _DB + "/auth/tokens", databases.create_token, "db:mint-token"),
    Route("POST", _DB + "/auth/rotate", databases.rotate_tokens, "db:rotate-creds"),
    Route("GET", _DB + "/usage", databases.get_usage, "read"),
    Route("GET", _DB + "/stats", databases.get_stats, "read"),
    Route("GET", _ORG + "/groups", groups.list_groups, "read"),
    Route("POST", _ORG + "/groups", groups.create_group, "organization", body=True),
    Route("GET", _GROUP, groups.get_group, "read"),
    Route("DELETE", _GROUP, groups.delete_group, "organization"),
    Route("GET", _GROUP + "/configuration", groups.get_configuration, "read"),
    Route("PATCH", _GROUP + "/configuration", groups.update_configuration, "group:configure", body=True),
    Route("POST", _GROUP + "/transfer", groups.transfer, "organization", body=True),
    Route("POST", _GROUP + "/unarchive", groups.unarchive, "group:configure"),
    Route("POST", _GROUP + "/locations/{location}", groups.add_location, "group:configure"),
    Route("DELETE", _GROUP + "/locations/{location}", groups.remove_location, "group:configure"),
    Route("POST", _GROUP + "/update", groups.update_databases, "group:configure"),
    Route("POST", _GROUP + "/auth/tokens", groups.create_token, "group:mint-token"),
    Route("POST", _GROUP + "/auth/rotate", groups.rotate_tokens, "group:rotate-creds"),
    Route("GET", "/v1/locations", account.list_locations, "any"),
    Route("GET", "/v1/organizations", organizations.list_organizations, "any"),
    Route("GET", _ORG, organizations.get_organization, "organization"),
    Route("PATCH", _ORG, organizations.update_organization, "organization", body=True),
    Route("GET", _ORG + "/plans", organizations.list_plans, "organization"),
    Route("GET", _ORG + "/invoices", organizations.list_invoices, "organization"),
    Route("GET", _ORG + "/subscription", organizations.get_subscription, "organization"),
    Route("GET", _ORG + "/usage", organizations.get_usage, "organization"),
    Route("GET", _ORG + "/audit-logs", organizations.list_audit_logs, "organization"),
    Route("GET", _ORG + "/members", members.list_members, "organization"),
    Route("POST", _ORG + "/members", members.add_member, "organization", body=True),
    Route("GET", _ORG + "/members/{username}", members.get_member, "organization"),
    Route("PATCH", _ORG + "/members/{username}", members.update_role, "organization", body=True),
    Route("DELETE", _ORG + "/members/{username}", members.remove_member, "organization"),
    Route("GET", _INVITES, members.list_invites, "organization"),
    Route("POST", _INVITES, members.invite, "organization", body=True),
    Route("DELETE", _INVITES + "/{email}", members.delete_invite, "organization"),
    Route("GET", _ORG + "/api-tokens", api_tokens.list_organization_tokens, "organization"),
    Route("DELETE", _ORG + "/api-tokens/{token}", api_tokens.revoke_organization_token, "organization"),
    Route("GET", "/v1/auth/validate", api_tokens.validate, "any"),
    Route("GET", "/v1/auth/api-tokens", api_tokens.list_tokens, "account"),
    Route("POST", "/v1/auth/api-tokens/{token}", api_tokens.create_token, "account"),
    Route("DELETE", "/v1/auth/api-tokens/{token}", api_tokens.revoke_token, "account"),
    Route("GET", "/v1/user", account.get_user, "any"),
)
# From the vendor's earlier reference, command line and TypeScript client; the schema does not have them.
FURTHER = (
    Route("POST", _DB + "/instances", instances.create_instance, "db:configure", body=True),
    Route("DELETE", _DB + "/instances/{instance}", instances.destroy_instance, "db:configure"),
    Route("GET", _DB + "/instances/{instance}/wait", instances.wait, "read"),
    Route("POST", _DB + "/update", databases.update_version, "db:configure"),
    Route("POST", _DB + "/wakeup", databases.wake_up, "db:configure"),
    Route("POST", _DB + "/transfer", databases.transfer, "organization", body=True),
    Route("GET", _GROUP + "/locations/{location}/wait", groups.wait_location, "read"),
    Route("DELETE", _ORG, organizations.delete_organization, "organization"),
    Route("GET", "/v2/organizations", organizations.list_wrapped, "any"),
    Route("POST", _ORG + "/members/{username}", members.add_member, "organization"),
    Route("GET", "/v1/auth/api-tokens/validate", api_tokens.validate, "any"),
    Route("GET", "/", account.closest, "none"),
    Route("POST", "/v1/upload", uploads.upload, "none"),  # the operation of a database's own host
)
ROUTES = PUBLISHED + FURTHER


@define
class _Node:
    """One segment of a path; what follows a literal segment goes before what follows a placeholder."""

    literal: dict[str, _Node] = field(factory=dict)
    placeholder: _Node | None = None
    routes: dict[str, Route] = field(factory=dict)

    def ends(self, segments: list[str], at: int = 0) -> Iterator[_Node]:
        """Where the segments from there on lead."""
        if at == len(segments):
            yield self
            return
        segment = segments[at]
        if segment in self.literal:
            yield from self.literal[segment].ends(segments, at + 1)
        if self.placeholder is not None and segment:
            yield from self.placeholder.ends(segments, at + 1)


def _tree() -> _Node:
    root = _Node()
    for route in ROUTES:
        node = root
        for segment in route.path.split("/")[1:]:
            if segment.startswith("{"):
                node.placeholder = node.placeholder or _Node()
                node = node.placeholder
            else:
                node = node.literal.setdefault(segment, _Node())
        node.routes[route.method] = route
    return root


_TREE = _tree()
_NAMES = {
    route: [(at, segment[1:-1]) for at, segment in enumerate(route.path.split("/")[1:]) if segment[:1] == "{"]
    for route in ROUTES
}


@frozen(kw_only=True)
class Asked:
    """A request, in plain parts: `path` and `query` as they came, header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes | File = b""


@frozen(kw_only=True)
class Answer:
    """A status, a body and its media type."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: Mapping[str, str] = field(factory=dict)


def _json(status: int, value: object) -> Answer:
    return Answer(status=status, body=json.dumps(value).encode(), content_type="application/json")


def answer(state: State, asked: Asked) -> Answer:
    """What the platform answers to a request, having acted on it."""
    segments = [unquote(segment) for segment in asked.path.split("/")[1:]]
    ends = list(_TREE.ends(segments))
    route = next((end.routes[asked.method] for end in ends if asked.method in end.routes), None)
    if route is None:
        return _no_route(sorted({method for end in ends for method in end.routes}))
    try:
        value = _run(state, asked, route, {name: segments[at] for at, name in _NAMES[route]})
    except Refusal as refusal:
        return _json(refusal.status, {"error": refusal.message})
    if value is None:
        # The vendor's TypeScript client parses every answer as JSON and fails on the empty ones; it alone gets {}.
        vendor = asked.headers.get("user-agent", "").startswith("@tursodatabase/api")
        return _json(200, {}) if vendor else Answer(status=200)
    return _json(200, value)


def _no_route(allowed: list[str]) -> Answer:
    status, text = (405, "405 method not allowed") if allowed else (404, "404 page not found")
    headers = {"Allow": ", ".join(allowed)} if allowed else {}
    return Answer(status=status, body=text.encode(), content_type="text/plain", headers=headers)


def _run(state: State, asked: Asked, route: Route, path: dict[str, str]) -> Any:
    scheme, _, bearer = asked.headers.get("authorization", "").partition(" ")
    bearer = bearer if scheme.lower() == "bearer" else ""
    query = dict(parse_qsl(asked.query, keep_blank_values=True))
    token = state.root if route.needs == "none" else state.bearer(bearer)
    call = Call(state=state, token=token, bearer=bearer, path=path, query=query, headers=asked.headers)
    _permit(call, route)
    if isinstance(asked.body, File):
        call.file = asked.body
    elif asked.method in ("POST", "PATCH"):
        call.body = _object(asked.body, route.body)
    return route.operation(call)


def _permit(call: Call, route: Route) -> None:
    """Hold a restricted token to its organization, and to its group and scopes."""
    token, path = call.token, call.path
    if token.organization is None or route.needs in ("any", "none"):
        return
    if route.needs == "account":
        raise Refusal(403, "the token is restricted to an organization")
    if path["organization"] != token.organization:
        raise Refusal(403, f"the token is restricted to organization {token.organization}")
    if token.group is None:
        return
    if route.needs not in token.scopes:
        raise Refusal(403, f"the token is restricted to group {token.group} and lacks the scope for this")
    group = call.database.group if "database" in path else path.get("group", token.group)
    if group != token.group:
        raise Refusal(403, f"the token is restricted to group {token.group}")


def _object(body: bytes, required: bool) -> dict[str, Any]:
    if not body.strip() and not required:
        return {}
    try:
        value = json.loads(body)
    except ValueError:
        raise Refusal(400, "could not parse the request body") from None
    if value is None and not required:
        return {}
    if not isinstance(value, dict):
        raise Refusal(400, "the request body must be a JSON object")
    return value
