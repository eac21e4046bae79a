"""What the operations send that only the vendor's own tools use, and those by UUID."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

import pytest
from database_cases import DB, GROUP, ORG, Case

from aioturso import Permission, Seed

T = TypeVar("T")

V3 = "/v3/organizations/fa7"
V2 = "/v2/organizations/org"
FILE = Path(__file__)
FINE = [Permission(actions=["data_read"]), Permission(tables=["t"], actions=["data_insert"])]
FINE_SENT = [{"t": None, "a": ["data_read"]}, {"t": ["t"], "a": ["data_insert"]}]
FORM = (
    b"--BOUNDARY\r\n"
    b'Content-Disposition: form-data; name="file"; filename="dump.sql"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n" + FILE.read_bytes() + b"\r\n--BOUNDARY--\r\n"
)


async def deprecated(call: Awaitable[T]) -> T:
    with pytest.deprecated_call(match="does not offer"):
        return await call


BY_ID_CASES = {
    "list databases by UUID": Case(
        lambda t: t.databases.list_by_id(group_id="0a2", parent_id="0eb", organization_id="fa7"),
        "GET",
        f"{V3}/databases",
        {"databases": [{**DB, "group_id": "0a2"}], "pagination": {}},
        lambda found: [(d.id, d.group_id) for d in found] == [("1", "0a2")],
        {"group_id": "0a2", "parent_db_id": "0eb", "limit": "1000"},
    ),
    "get database by UUID": Case(
        lambda t: t.databases.get_by_id("1", organization_id="fa7"),
        "GET",
        f"{V3}/databases/1",
        {"database": {**DB, "allow_rules_config": {"allowed_ips": ["10.0.0.1"]}}},
        lambda d: d.allow_rules.allowed_ips == ("10.0.0.1",),
    ),
    "create database by UUID": Case(
        lambda t: t.databases.create_by_id(
            "db", seed=Seed.copy_of("0eb"), use_tursodb=True, organization_id="fa7"
        ),
        "POST",
        f"{V3}/databases",
        {"database": DB},
        lambda d: d.id == "1",
        body={"name": "db", "seed": {"type": "database", "value": "0eb"}, "use_tursodb": True},
    ),
    "delete database by UUID": Case(
        lambda t: t.databases.delete_by_id("1", organization_id="fa7"),
        "DELETE",
        f"{V3}/databases/1",
        {"database": "db"},
        lambda id: id == "1",
    ),
    "create database token by UUID": Case(
        lambda t: t.databases.create_token_by_id(
            "1",
            expiration="2w",
            authorization="read-only",
            fine_grained_permissions=FINE,
            organization_id="fa7",
        ),
        "POST",
        f"{V3}/databases/1/auth/tokens",
        {"jwt": "hush"},
        lambda token: token.jwt == "hush",
        {"expiration": "2w", "authorization": "read-only"},
        {"fine_grained_permissions": FINE_SENT},
    ),
    "list deleted databases": Case(
        lambda t: t.databases.list_deleted(search="d", organization_id="fa7"),
        "GET",
        f"{V3}/databases",
        {"databases": [{**DB, "deleted_at": "2026-07-01T12:00:00Z"}]},
        lambda found: [(d.id, d.deleted_at.year) for d in found] == [("1", 2026)],
        {"deleted": "true", "search": "d", "limit": "1000"},
    ),
    "restore database": Case(
        lambda t: t.databases.restore("1", name="new", organization_id="fa7"),
        "POST",
        f"{V3}/databases/1/restore",
        {"database": DB},
        lambda d: d.name == "db",
        body={"name": "new"},
    ),
    "list groups by UUID": Case(
        lambda t: t.groups.list_by_id(organization_id="fa7"),
        "GET",
        f"{V3}/groups",
        {"groups": [GROUP]},
        lambda found: [g.name for g in found] == ["g"],
    ),
    "get group by UUID": Case(
        lambda t: t.groups.get_by_id("0a2", organization_id="fa7"),
        "GET",
        f"{V3}/groups/0a2",
        {"group": {**GROUP, "uuid": "0a2", "status": {"locations": [{"name": "fra", "status": "down"}]}}},
        lambda g: g.status.locations[0].status == "down",
    ),
    "create group by UUID": Case(
        lambda t: t.groups.create_by_id("g", "fra", organization_id="fa7"),
        "POST",
        f"{V3}/groups",
        {"group": GROUP},
        lambda g: g.name == "g",
        body={"name": "g", "location": "fra"},
    ),
    "delete group by UUID": Case(
        lambda t: t.groups.delete_by_id("0a2", organization_id="fa7"),
        "DELETE",
        f"{V3}/groups/0a2",
        {"group": GROUP},
        lambda id: id == "0a2",
    ),
    "create group token by UUID": Case(
        lambda t: t.groups.create_token_by_id(
            "0a2", expiration="2w", authorization="read-only", organization_id="fa7"
        ),
        "POST",
        f"{V3}/groups/0a2/auth/tokens",
        {"jwt": "hush"},
        lambda token: token.jwt == "hush",
        {"expiration": "2w", "authorization": "read-only"},
        {},
    ),
    "list deleted groups": Case(
        lambda t: t.groups.list_deleted(organization_id="fa7"),
        "GET",
        f"{V3}/deleted-groups",
        {"groups": [{"uuid": "0a2", "name": "g", "cascade_databases": 3}]},
        lambda found: [(g.uuid, g.cascade_databases) for g in found] == [("0a2", 3)],
        {"limit": "1000"},
    ),
    "restore group": Case(
        lambda t: t.groups.restore("0a2", organization_id="fa7"),
        "POST",
        f"{V3}/groups/0a2/restore",
        {"group": {**GROUP, "uuid": "0a2"}, "databases": [DB], "failures": {"2": "name taken"}},
        lambda r: (r.group.name, r.databases[0].id, r.failures) == ("g", "1", {"2": "name taken"}),
    ),
}
FURTHER_CASES: dict[str, Case] = {
    "update database version": Case(
        lambda t: deprecated(t.databases.update_version("db")), "POST", f"{ORG}/databases/db/update"
    ),
    "update databases of group": Case(
        lambda t: deprecated(t.groups.update_databases("g")), "POST", f"{ORG}/groups/g/update"
    ),
    "get usage of queries": Case(
        lambda t: t.databases.query_usage("db", from_="2026-02-01T00:00:00Z"),
        "GET",
        f"{ORG}/databases/db/usage/queries",
        [{"query": "SELECT 1", "rows_read": 1, "rows_written": 0}],
        lambda found: [(q.query, q.rows_read) for q in found] == [("SELECT 1", 1)],
        {"from": "2026-02-01T00:00:00Z"},
    ),
    "upload dump": Case(
        lambda t: t.databases.upload_dump(FILE),
        "POST",
        f"{ORG}/databases/dumps",
        {"dump_url": "https://dumps/1.sql"},
        lambda url: url == "https://dumps/1.sql",
        body=FORM,
    ),
    "seed database": Case(
        lambda t: t.databases.seed("db", FILE), "POST", f"{ORG}/databases/db/seed", body=FORM
    ),
    "rename group": Case(
        lambda t: t.groups.rename("g", "h"), "POST", f"{ORG}/groups/g/rename", body={"name": "h"}
    ),
    "get migration of group": Case(
        lambda t: t.groups.migration("g"),
        "GET",
        f"{ORG}/groups/g/aws/migration/info",
        {"status": "pending", "comment": "copying"},
        lambda m: m.status == "pending",
    ),
    "start migration of group": Case(
        lambda t: t.groups.start_migration("g"), "POST", f"{ORG}/groups/g/aws/migration/start"
    ),
    "abort migration of group": Case(
        lambda t: t.groups.abort_migration("g"), "POST", f"{ORG}/groups/g/aws/migration/abort"
    ),
    "list locations by platform": Case(
        lambda t: t.locations.list_by_platform(),
        "GET",
        f"{V2}/locations",
        {"locations": {"fly": {"fra": "Frankfurt"}, "aws": {"aws-eu-west-1": "Ireland"}}},
        lambda found: [(x.platform, x.code) for x in found] == [("fly", "fra"), ("aws", "aws-eu-west-1")],
    ),
    "get location": Case(
        lambda t: t.locations.get("fra"),
        "GET",
        "/v1/locations/fra",
        {"location": {"code": "fra", "description": "Frankfurt", "closest": [{"code": "ams"}]}},
        lambda x: x.closest[0].code == "ams",
    ),
    "list key sets": Case(
        lambda t: t.jwks.list(),
        "GET",
        f"{V2}/jwks",
        {"jwks": [{"jwks_name": "clerk", "jwks_url": "https://c"}]},
        lambda found: [(k.name, k.url) for k in found] == [("clerk", "https://c")],
    ),
    "save key set": Case(
        lambda t: t.jwks.save("clerk", "https://c", region="fra"),
        "PUT",
        f"{V2}/jwks/clerk",
        body={"jwks_url": "https://c", "region": "fra"},
    ),
    "remove key set": Case(
        lambda t: t.jwks.remove("clerk", region="fra"),
        "DELETE",
        f"{V2}/jwks/clerk",
        None,
        lambda name: name == "clerk",
        body={"region": "fra"},
    ),
    "get template of token claims": Case(
        lambda t: t.jwks.template(database="db", scope="read-only", permissions=FINE),
        "GET",
        f"{V2}/jwks-template",
        {"template": {"p": {"error": ["data, not an error"]}}},
        lambda found: found == {"p": {"error": ["data, not an error"]}},
        body={"database": "db", "scope": "read-only", "permissions": FINE_SENT},
    ),
    "list invites of /v1": Case(
        lambda t: t.invites.list_v1(),
        "GET",
        f"{ORG}/invites",
        {"invites": [{"ID": 1, "Email": "a@b.c", "Role": "member", "Organization": {}, "Accepted": True}]},
        lambda found: [(i.email, i.accepted, i.organization) for i in found] == [("a@b.c", True, None)],
    ),
    "create invite of /v1": Case(
        lambda t: t.invites.create_v1("a@b.c", role="viewer"),
        "POST",
        f"{ORG}/invite",
        body={"email": "a@b.c", "role": "viewer"},
    ),
    "delete invite of /v1": Case(
        lambda t: t.invites.delete_v1("a@b.c"),
        "DELETE",
        f"{ORG}/invites/a%40b.c",
        None,
        lambda email: email == "a@b.c",
    ),
    "list organizations of /v2": Case(
        lambda t: t.organizations.personal(),
        "GET",
        "/v2/organizations",
        {"organizations": [{"slug": "team", "type": "team"}, {"slug": "iku", "type": "personal", "id": "1"}]},
        lambda o: (o.slug, o.id) == ("iku", "1"),
    ),
    "create organization": Case(
        lambda t: t.organizations.create("New", stripe_id="cus_1", dry_run=True),
        "POST",
        "/v1/organizations",
        {"org": {"slug": "new"}},
        lambda o: o.slug == "new",
        {"dry_run": "true"},
        {"name": "New", "stripe_id": "cus_1"},
    ),
    "list public plans": Case(
        lambda t: t.organizations.public_plans(),
        "GET",
        "/v1/plans",
        {"plans": [{"name": "free"}]},
        lambda found: [p.name for p in found] == ["free"],
    ),
    "update subscription": Case(
        lambda t: t.organizations.update_subscription("scaler", timeline="yearly", overages=False),
        "POST",
        f"{ORG}/subscription",
        None,
        lambda s: s.plan is None,
        body={"plan": "scaler", "timeline": "yearly", "overages": False},
    ),
    "get customer": Case(
        lambda t: t.organizations.customer(),
        "GET",
        f"{ORG}/billing/customer",
        {"name": "Iku", "tax_id": {"value": "FI1"}, "billing_address": {"city": "Helsinki"}},
        lambda c: (c.name, c.tax_id.value, c.billing_address.city) == ("Iku", "FI1", "Helsinki"),
    ),
    "update customer": Case(
        lambda t: t.organizations.update_customer("Iku", "a@b.c", tax_id={"value": "FI1", "country": "FI"}),
        "PUT",
        f"{ORG}/billing/customer",
        {"name": "Iku"},
        lambda c: c.name == "Iku",
        body={"name": "Iku", "email": "a@b.c", "tax_id": {"value": "FI1", "country": "FI"}},
    ),
    "look for payment method": Case(
        lambda t: t.organizations.has_payment_method(stripe_id="cus_1"),
        "GET",
        f"{ORG}/billing/payment-methods",
        {"exists": False},
        lambda found: found is False,
        {"stripe_id": "cus_1"},
    ),
    "open billing portal": Case(
        lambda t: t.organizations.billing_portal(stripe_id="cus_1"),
        "POST",
        f"{ORG}/billing/portal",
        {"portal": {"url": "https://p"}},
        lambda url: url == "https://p",
        body={"stripe_id": "cus_1"},
    ),
    "create customer": Case(
        lambda t: t.organizations.create_customer("New"),
        "POST",
        "/v1/organizations/stripe-customer",
        {"stripeCustomerId": "cus_1"},
        lambda id: id == "cus_1",
        body={"Name": "New"},
    ),
    "mint API token": Case(
        lambda t: t.api_tokens.mint("ci", organization="org"),
        "POST",
        "/v2/auth/api-tokens/ci",
        {"token": {"name": "ci", "id": "1", "value": "hush"}},
        lambda token: token.token == "hush" and "hush" not in repr(token) + repr(token.raw),
        body={"organization": "org"},
    ),
    "get current user and plan": Case(
        lambda t: t.users.whoami(),
        "GET",
        "/v1/current-user",
        {"user": {"username": "iku", "plan": "scaler"}},
        lambda u: u.plan == "scaler",
    ),
    "invalidate sessions": Case(
        lambda t: t.users.invalidate_sessions(),
        "POST",
        "/v1/auth/invalidate",
        {"validFrom": 60},
        lambda i: i.valid_from.minute == 1,
    ),
}
