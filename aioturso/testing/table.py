"""The table of routes: which operation answers to which method and path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve, field, frozen

from .state import (
    Call,
    account,
    api_tokens,
    billing,
    creation,
    credentials,
    databases,
    groups,
    instances,
    jwks,
    members,
    migration,
    organizations,
    recovery,
    uploads,
)


@frozen
class Route:
    """One operation. `needs` is the token that may call it: `any`, an `account`'s (unrestricted), an
    `organization`'s, or a group's with that scope; each includes those before. `none`: no platform token belongs
    here. `body`: whether a JSON object is `required` or `optional`; or the body is a `file`, `bytes` or not read.
    `segments` are those of the path, and `names` has where placeholders are among them.
    """

    method: str
    path: str
    operation: Callable[[Call], Any]
    needs: str
    body: str = field()
    segments: tuple[str, ...] = field(init=False)
    names: tuple[tuple[int, str], ...] = field(init=False)

    @body.default
    def _usual(self) -> str:
        return "optional" if self.method in ("POST", "PUT", "PATCH") else "not read"

    @segments.default
    def _split(self) -> tuple[str, ...]:
        return tuple(self.path.split("/")[1:])

    @names.default
    def _placeholders(self) -> tuple[tuple[int, str], ...]:
        return tuple((at, part[1:-1]) for at, part in enumerate(self.segments) if part[:1] == "{")


_ORG = "/v1/organizations/{organization}"
_DB = _ORG + "/databases/{database}"
_GROUP = _ORG + "/groups/{group}"
_V2 = "/v2/organizations/{organization}"
_V3 = "/v3/organizations/{organization_id}"
_REQUIRED, _OPTIONAL, _FILE, _BYTES = "required", "optional", "file", "bytes"

# In the vendor's published schema: one route for each of its operations that the platform offers.
PUBLISHED = (
    Route("GET", _ORG + "/databases", databases.list_databases, "read"),
    Route("POST", _ORG + "/databases", creation.create_database, "db:create", _REQUIRED),
    Route("GET", _DB, databases.get_database, "read"),
    Route("DELETE", _DB, databases.delete_database, "db:delete"),
    Route("GET", _DB + "/configuration", databases.get_configuration, "read"),
    Route("PATCH", _DB + "/configuration", databases.update_configuration, "db:configure", _REQUIRED),
    Route("GET", _DB + "/instances", instances.list_instances, "read"),
    Route("GET", _DB + "/instances/{instance}", instances.get_instance, "read"),
    Route("POST", _DB + "/auth/tokens", credentials.create_database_token, "db:mint-token"),
    Route("POST", _DB + "/auth/rotate", credentials.rotate_database_tokens, "db:rotate-creds"),
    Route("GET", _DB + "/usage", databases.get_usage, "read"),
    Route("GET", _DB + "/stats", databases.get_stats, "read"),
    Route("GET", _ORG + "/groups", groups.list_groups, "read"),
    Route("POST", _ORG + "/groups", groups.create_group, "organization", _REQUIRED),
    Route("GET", _GROUP, groups.get_group, "read"),
    Route("DELETE", _GROUP, groups.delete_group, "organization"),
    Route("GET", _GROUP + "/configuration", groups.get_configuration, "read"),
    Route("PATCH", _GROUP + "/configuration", groups.update_configuration, "group:configure", _REQUIRED),
    Route("POST", _GROUP + "/transfer", groups.transfer, "organization", _REQUIRED),
    Route("POST", _GROUP + "/unarchive", groups.unarchive, "group:configure"),
    Route("POST", _GROUP + "/locations/{location}", groups.add_location, "group:configure"),
    Route("DELETE", _GROUP + "/locations/{location}", groups.remove_location, "group:configure"),
    Route("POST", _GROUP + "/auth/tokens", credentials.create_group_token, "group:mint-token"),
    Route("POST", _GROUP + "/auth/rotate", credentials.rotate_group_tokens, "group:rotate-creds"),
    Route("GET", "/v1/locations", account.list_locations, "any"),
    Route("GET", "/v1/organizations", organizations.list_organizations, "any"),
    Route("GET", _ORG, organizations.get_organization, "organization"),
    Route("PATCH", _ORG, organizations.update_organization, "organization", _REQUIRED),
    Route("GET", _ORG + "/plans", billing.list_organization_plans, "organization"),
    Route("GET", _ORG + "/invoices", billing.list_invoices, "organization"),
    Route("GET", _ORG + "/subscription", billing.get_subscription, "organization"),
    Route("GET", _ORG + "/usage", organizations.get_usage, "organization"),
    Route("GET", _ORG + "/audit-logs", organizations.list_audit_logs, "organization"),
    Route("GET", _ORG + "/members", members.list_members, "organization"),
    Route("POST", _ORG + "/members", members.add_member, "organization", _REQUIRED),
    Route("GET", _ORG + "/members/{username}", members.get_member, "organization"),
    Route("PATCH", _ORG + "/members/{username}", members.update_role, "organization", _REQUIRED),
    Route("DELETE", _ORG + "/members/{username}", members.remove_member, "organization"),
    Route("GET", _V2 + "/invites", members.list_invites, "organization"),
    Route("POST", _V2 + "/invites", members.invite, "organization", _REQUIRED),
    Route("DELETE", _V2 + "/invites/{email}", members.delete_invite, "organization"),
    Route("GET", _ORG + "/api-tokens", api_tokens.list_organization_tokens, "organization"),
    Route("DELETE", _ORG + "/api-tokens/{token}", api_tokens.revoke_organization_token, "organization"),
    Route("GET", "/v1/auth/validate", api_tokens.validate, "any"),
    Route("GET", "/v1/auth/api-tokens", api_tokens.list_tokens, "account"),
    Route("POST", "/v1/auth/api-tokens/{token}", api_tokens.create_token, "account"),
    Route("DELETE", "/v1/auth/api-tokens/{token}", api_tokens.revoke_token, "account"),
    Route("GET", "/v1/user", account.get_user, "any"),
    Route("GET", _V3 + "/databases", recovery.list_databases, "read"),
    Route("POST", _V3 + "/databases/{database_id}/restore", recovery.restore_database, "organization"),
    Route("GET", _V3 + "/deleted-groups", recovery.list_deleted_groups, "organization"),
    Route("POST", _V3 + "/groups/{group_id}/restore", recovery.restore_group, "organization"),
)
# From the vendor's earlier reference, command line and TypeScript client; the schema does not have them.
FURTHER = (
    Route("POST", _DB + "/instances", instances.create_instance, "db:configure", _REQUIRED),
    Route("DELETE", _DB + "/instances/{instance}", instances.destroy_instance, "db:configure"),
    Route("GET", _DB + "/instances/{instance}/wait", instances.wait, "read"),
    Route("POST", _DB + "/wakeup", databases.wake_up, "db:configure"),
    Route("POST", _DB + "/transfer", databases.transfer, "organization", _REQUIRED),
    Route("GET", _DB + "/usage/queries", databases.get_queries, "read"),
    Route("POST", _ORG + "/databases/dumps", uploads.store_dump, "db:create", _FILE),
    Route("POST", _DB + "/seed", uploads.seed, "db:configure", _FILE),
    Route("GET", _GROUP + "/locations/{location}/wait", groups.wait_location, "read"),
    Route("POST", _GROUP + "/rename", groups.rename, "organization", _REQUIRED),
    Route("GET", _GROUP + "/aws/migration/info", migration.info, "read"),
    Route("POST", _GROUP + "/aws/migration/start", migration.start, "organization"),
    Route("POST", _GROUP + "/aws/migration/abort", migration.abort, "organization"),
    Route("POST", "/v1/organizations", organizations.create_organization, "account", _REQUIRED),
    Route("DELETE", _ORG, organizations.delete_organization, "organization"),
    Route("GET", "/v2/organizations", organizations.list_wrapped, "any"),
    Route("POST", _ORG + "/members/{username}", members.add_member, "organization"),
    Route("POST", _ORG + "/invite", members.invite, "organization", _REQUIRED),
    Route("GET", _ORG + "/invites", members.list_invites_v1, "organization"),
    Route("DELETE", _ORG + "/invites/{email}", members.delete_invite, "organization"),
    Route("POST", _ORG + "/subscription", billing.update_subscription, "organization", _REQUIRED),
    Route("GET", _ORG + "/billing/customer", billing.get_customer, "organization"),
    Route("PUT", _ORG + "/billing/customer", billing.put_customer, "organization", _REQUIRED),
    Route("GET", _ORG + "/billing/payment-methods", billing.has_payment_method, "organization"),
    Route("POST", _ORG + "/billing/portal", billing.open_portal, "organization"),
    Route("POST", "/v1/organizations/stripe-customer", billing.create_customer, "account", _REQUIRED),
    Route("GET", "/v1/plans", billing.list_plans, "any"),
    Route("GET", _V2 + "/locations", account.list_platform_locations, "read"),
    Route("GET", _V2 + "/jwks", jwks.list_jwks, "organization"),
    Route("PUT", _V2 + "/jwks/{name}", jwks.save_jwks, "organization", _REQUIRED),
    Route("DELETE", _V2 + "/jwks/{name}", jwks.remove_jwks, "organization", _OPTIONAL),
    Route("GET", _V2 + "/jwks-template", jwks.get_template, "organization", _OPTIONAL),
    Route("GET", "/v1/locations/{location}", account.get_location, "any"),
    Route("GET", "/v1/current-user", account.get_user, "any"),
    Route("POST", "/v1/auth/invalidate", api_tokens.invalidate_sessions, "account"),
    Route("GET", "/v1/auth/api-tokens/validate", api_tokens.validate, "any"),
    Route("POST", "/v2/auth/api-tokens/{token}", api_tokens.create_token_v2, "account"),
    Route("GET", "/releases/latest", account.latest_release, "none"),
    Route("GET", "/", account.closest, "none"),  # of the region service, on a host of its own
    # Of a database's own host:
    Route("POST", "/v1/upload", uploads.upload, "none", _FILE),
    Route("PUT", "/v2/upload/start", uploads.start, "none", _REQUIRED),
    Route("PUT", "/v2/upload/{upload}/chunk/{number}", uploads.put_chunk, "none", _BYTES),
    Route("PUT", "/v2/upload/{upload}/finalize", uploads.finalize, "none"),
)
# https://github.com/tursodatabase/turso-cli/blob/main/internal/turso/databases.go: without an organization in
# the path, the personal one is meant.
_PERSONAL = ("/databases", "/groups", "/usage", "/subscription", "/invoices", "/billing")
# https://github.com/tursodatabase/turso-api-client-ts: the same paths under /v3, with UUIDs in place of names.
_BY_UUID = ("/databases", "/groups", "/members", "/invoices")
_NOT_BY_UUID = ("/configuration", "/databases/dumps")


def _personal() -> Iterator[Route]:
    for route in PUBLISHED + FURTHER:
        rest = route.path.removeprefix(_ORG)
        if rest != route.path and rest.startswith(_PERSONAL):
            yield evolve(route, path=f"/v1{rest}")
        if route.path == _V2 + "/locations":
            yield evolve(route, path="/v2/locations")


def _by_uuid() -> Iterator[Route]:
    known = {(route.method, route.path) for route in PUBLISHED}
    other: dict[Callable[[Call], Any], Callable[[Call], Any]] = {
        databases.get_database: recovery.get_database
    }
    for route in PUBLISHED + FURTHER:
        rest = route.path.removeprefix(_ORG)
        if rest == route.path or not (rest == "" or rest.startswith(_BY_UUID)) or rest.endswith(_NOT_BY_UUID):
            continue
        path = _V3 + rest.replace("{database}", "{database_id}").replace("{group}", "{group_id}")
        if (route.method, path) not in known:
            yield evolve(route, path=path, operation=other.get(route.operation, route.operation))


PERSONAL = tuple(_personal())
BY_UUID = tuple(_by_uuid())
ROUTES = PUBLISHED + FURTHER + PERSONAL + BY_UUID


def _table() -> dict[tuple[str, int], list[Route]]:
    """Returns the routes by method and number of segments; a literal segment comes before a placeholder."""
    table: dict[tuple[str, int], list[Route]] = defaultdict(list)
    for route in sorted(ROUTES, key=lambda route: [part.startswith("{") for part in route.segments]):
        table[route.method, len(route.segments)].append(route)
    return dict(table)


_TABLE = _table()


def find(method: str, segments: list[str]) -> Route | None:
    """Returns the route of a request."""
    for route in _TABLE.get((method, len(segments)), ()):
        if all(
            want == got or (want[:1] == "{" and got)
            for want, got in zip(route.segments, segments, strict=True)
        ):
            return route
    return None
