"""Every method with as little and with as much as it takes, in the world of the contract."""

from __future__ import annotations

from pathlib import Path

from contract_world import (
    DEFAULT_ID,
    FINE,
    FREE_ID,
    GONE_GROUP_ID,
    GONE_ID,
    INSTANCE_ID,
    NOBODY,
    OFF_ID,
    ORG,
    ORG_ID,
    TOKEN,
    TOKEN_ID,
    Call,
    all_of,
    without_warning,
)
from database_calls import database_calls


def calls(file: Path) -> dict[str, tuple[Call, ...]]:
    """By method; `file` is a database file to upload."""
    return database_calls(file) | {
        "api_tokens.list": (lambda t: t.api_tokens.list(),),
        "api_tokens.create": (
            lambda t: t.api_tokens.create("new"),
            lambda t: t.api_tokens.create("new", organization=ORG),
            lambda t: t.api_tokens.create(
                "new", organization=ORG, group="default", scopes=["read", "db:create"]
            ),
        ),
        "api_tokens.revoke": (
            lambda t: t.api_tokens.revoke("my-token"),
            lambda t: t.api_tokens.revoke("my-token", missing_ok=True),
        ),
        "api_tokens.validate": (
            lambda t: t.api_tokens.validate(),
            lambda t: t.api_tokens.validate(TOKEN),
        ),
        "api_tokens.list_for_organization": (
            lambda t: t.api_tokens.list_for_organization(),
            lambda t: t.api_tokens.list_for_organization(ORG),
        ),
        "api_tokens.revoke_for_organization": (
            lambda t: t.api_tokens.revoke_for_organization(TOKEN_ID),
            lambda t: t.api_tokens.revoke_for_organization(TOKEN_ID, ORG, missing_ok=True),
        ),
        "api_tokens.mint": (
            lambda t: t.api_tokens.mint("new"),
            lambda t: t.api_tokens.mint("new", organization=ORG, group="default", scopes=["read"]),
        ),
        "audit_logs.list": (lambda t: t.audit_logs.list(),),
        "audit_logs.iterate": (
            lambda t: all_of(t.audit_logs.iterate()),
            lambda t: all_of(t.audit_logs.iterate(page_size=2)),
        ),
        "groups.list": (lambda t: t.groups.list(),),
        "groups.exists": (lambda t: t.groups.exists("default"),),
        "groups.ensure": (lambda t: t.groups.ensure("new", "aws-us-east-1"),),
        "groups.wait_until_gone": (
            lambda t: t.groups.wait_until_gone("nope"),
            lambda t: t.groups.wait_until_gone("nope", timeout=9, every=3),
        ),
        "groups.list_by_id": (
            lambda t: t.groups.list_by_id(),
            lambda t: t.groups.list_by_id(organization_id=ORG_ID),
        ),
        "groups.get_by_id": (
            lambda t: t.groups.get_by_id(DEFAULT_ID),
            lambda t: t.groups.get_by_id(DEFAULT_ID, organization_id=ORG_ID),
        ),
        "groups.create_by_id": (
            lambda t: t.groups.create_by_id("new", "aws-us-east-1"),
            lambda t: t.groups.create_by_id("new", "aws-us-east-1", organization_id=ORG_ID),
        ),
        "groups.delete_by_id": (
            lambda t: t.groups.delete_by_id(DEFAULT_ID),
            lambda t: t.groups.delete_by_id(DEFAULT_ID, missing_ok=True, organization_id=ORG_ID),
        ),
        "groups.create_token_by_id": (
            lambda t: t.groups.create_token_by_id(DEFAULT_ID),
            lambda t: t.groups.create_token_by_id(
                DEFAULT_ID,
                expiration="2w",
                authorization="read-only",
                fine_grained_permissions=FINE,
                organization_id=ORG_ID,
            ),
        ),
        "groups.list_deleted": (
            lambda t: t.groups.list_deleted(),
            lambda t: t.groups.list_deleted(organization_id=ORG_ID),
        ),
        "groups.restore": (
            lambda t: t.groups.restore(GONE_GROUP_ID),
            lambda t: t.groups.restore(GONE_GROUP_ID, organization_id=ORG_ID),
        ),
        "groups.rename": (lambda t: t.groups.rename("default", "new"),),
        "groups.migration": (lambda t: t.groups.migration("old-group"),),
        "groups.start_migration": (lambda t: t.groups.start_migration("old-group"),),
        "groups.abort_migration": (lambda t: t.groups.abort_migration("moving-group"),),
        "groups.get": (lambda t: t.groups.get("default"),),
        "groups.create": (
            lambda t: t.groups.create("new", "aws-us-east-1"),
            lambda t: t.groups.create("new", "aws-us-east-1", extensions="all"),
            lambda t: t.groups.create("new", "aws-us-east-1", extensions=["vector", "math"]),
        ),
        "groups.delete": (
            lambda t: t.groups.delete("default"),
            lambda t: t.groups.delete("default", missing_ok=True),
            lambda t: t.groups.delete("default", uuid=DEFAULT_ID),
        ),
        "groups.configuration": (lambda t: t.groups.configuration("default"),),
        "groups.update_configuration": (
            lambda t: t.groups.update_configuration("default", delete_protection=True),
        ),
        "groups.add_location": (lambda t: t.groups.add_location("default", "lhr"),),
        "groups.remove_location": (
            lambda t: t.groups.remove_location("default", "fra"),
            lambda t: t.groups.remove_location("default", "fra", missing_ok=True),
        ),
        "groups.wait_for_location": (lambda t: t.groups.wait_for_location("default", "iad"),),
        "groups.transfer": (lambda t: t.groups.transfer("default", "other-org"),),
        "groups.unarchive": (lambda t: t.groups.unarchive("default"),),
        "groups.update_databases": (lambda t: without_warning(t.groups.update_databases("default")),),
        "groups.create_token": (
            lambda t: t.groups.create_token("default"),
            lambda t: t.groups.create_token(
                "default", expiration="never", authorization="read-only", read_attach=["my-db"]
            ),
            lambda t: t.groups.create_token("default", fine_grained_permissions=FINE),
        ),
        "groups.rotate_tokens": (lambda t: t.groups.rotate_tokens("default"),),
        "instances.list": (lambda t: t.instances.list("my-db"),),
        "instances.get": (lambda t: t.instances.get("my-db", "iad"),),
        "instances.create": (
            lambda t: t.instances.create("old-db", "lhr"),
            lambda t: t.instances.create("old-db", "lhr", image="latest"),
        ),
        "instances.wait_until_ready": (lambda t: t.instances.wait_until_ready("old-db", "fra"),),
        "instances.wait_until_gone": (
            lambda t: t.instances.wait_until_gone("old-db", "nope"),
            lambda t: t.instances.wait_until_gone("old-db", "nope", timeout=9, every=3),
        ),
        "instances.destroy": (
            lambda t: t.instances.destroy("old-db", "fra"),
            lambda t: t.instances.destroy("old-db", "fra", missing_ok=True),
            lambda t: t.instances.destroy("old-db", "fra", uuid=INSTANCE_ID),
        ),
        "invites.list": (lambda t: t.invites.list(),),
        "invites.create": (
            lambda t: t.invites.create("iku@turso.tech"),
            lambda t: t.invites.create("iku@turso.tech", role="viewer"),
            lambda t: t.invites.create(username="iku", role="admin"),
        ),
        "invites.delete": (
            lambda t: t.invites.delete("iku@turso.tech"),
            lambda t: t.invites.delete("iku@turso.tech", missing_ok=True),
        ),
        "invites.list_v1": (lambda t: t.invites.list_v1(),),
        "invites.create_v1": (
            lambda t: t.invites.create_v1("new@turso.tech"),
            lambda t: t.invites.create_v1("new@turso.tech", role="viewer"),
        ),
        "invites.delete_v1": (
            lambda t: t.invites.delete_v1("iku@turso.tech"),
            lambda t: t.invites.delete_v1("iku@turso.tech", missing_ok=True),
        ),
        "jwks.list": (lambda t: t.jwks.list(),),
        "jwks.save": (
            lambda t: t.jwks.save("new", "https://jwks.example.com"),
            lambda t: t.jwks.save("new", "https://jwks.example.com", region="fra"),
        ),
        "jwks.remove": (
            lambda t: t.jwks.remove("clerk"),
            lambda t: t.jwks.remove("clerk", region="fra", missing_ok=True),
        ),
        "jwks.template": (
            lambda t: t.jwks.template(),
            lambda t: t.jwks.template(database="my-db", group="default", scope="read-only", permissions=FINE),
        ),
        "locations.list_by_platform": (lambda t: t.locations.list_by_platform(),),
        "locations.get": (lambda t: t.locations.get("fra"),),
        "locations.list": (lambda t: t.locations.list(),),
        "locations.closest": (lambda t: t.locations.closest(url=str(t.base_url)),),
        "members.list": (lambda t: t.members.list(),),
        "members.get": (lambda t: t.members.get("iku"),),
        "members.add": (lambda t: t.members.add("new"), lambda t: t.members.add("new", "admin")),
        "members.update": (lambda t: t.members.update("iku", "viewer"),),
        "members.remove": (
            lambda t: t.members.remove("iku"),
            lambda t: t.members.remove("iku", missing_ok=True),
        ),
        "organizations.list": (lambda t: t.organizations.list(),),
        "organizations.get": (lambda t: t.organizations.get(), lambda t: t.organizations.get(ORG)),
        "organizations.update": (
            lambda t: t.organizations.update(overages=True),
            lambda t: t.organizations.update(ORG, overages=False, require_mfa=False),
            lambda t: t.organizations.update(restore_enabled=False),
        ),
        "organizations.delete": (
            lambda t: t.organizations.delete(ORG),
            lambda t: t.organizations.delete(ORG, missing_ok=True),
        ),
        "organizations.personal": (lambda t: t.organizations.personal(),),
        "organizations.create": (
            lambda t: t.organizations.create("New"),
            lambda t: t.organizations.create("New", stripe_id="cus_1", dry_run=True),
        ),
        "organizations.public_plans": (lambda t: t.organizations.public_plans(),),
        "organizations.update_subscription": (
            lambda t: t.organizations.update_subscription("pro"),
            lambda t: t.organizations.update_subscription(
                "pro", timeline="yearly", overages=True, organization=ORG
            ),
        ),
        "organizations.customer": (
            lambda t: t.organizations.customer(),
            lambda t: t.organizations.customer(ORG),
        ),
        "organizations.update_customer": (
            lambda t: t.organizations.update_customer("Iku", "iku@turso.tech"),
            lambda t: t.organizations.update_customer(
                "Iku",
                "iku@turso.tech",
                tax_id={"value": "FI1", "country": "FI"},
                billing_address={"city": "Helsinki"},
                organization=ORG,
            ),
        ),
        "organizations.has_payment_method": (
            lambda t: t.organizations.has_payment_method(),
            lambda t: t.organizations.has_payment_method(ORG, stripe_id="cus_1"),
        ),
        "organizations.billing_portal": (
            lambda t: t.organizations.billing_portal(),
            lambda t: t.organizations.billing_portal(ORG, stripe_id="cus_1"),
        ),
        "organizations.create_customer": (lambda t: t.organizations.create_customer("New"),),
        "organizations.members": (
            lambda t: t.organizations.members(),
            lambda t: t.organizations.members(ORG),
        ),
        "organizations.add_member": (
            lambda t: t.organizations.add_member("new"),
            lambda t: t.organizations.add_member("new", "admin", ORG),
        ),
        "organizations.remove_member": (
            lambda t: t.organizations.remove_member("iku"),
            lambda t: t.organizations.remove_member("iku", ORG, missing_ok=True),
        ),
        "organizations.list_invites": (
            lambda t: t.organizations.list_invites(),
            lambda t: t.organizations.list_invites(ORG),
        ),
        "organizations.invite_user": (
            lambda t: t.organizations.invite_user("iku@turso.tech"),
            lambda t: t.organizations.invite_user("iku@turso.tech", "viewer", ORG),
        ),
        "organizations.delete_invite": (
            lambda t: t.organizations.delete_invite("iku@turso.tech"),
            lambda t: t.organizations.delete_invite("iku@turso.tech", ORG, missing_ok=True),
        ),
        "organizations.plans": (lambda t: t.organizations.plans(), lambda t: t.organizations.plans(ORG)),
        "organizations.invoices": (
            lambda t: t.organizations.invoices(),
            lambda t: t.organizations.invoices(ORG, type="issued"),
        ),
        "organizations.subscription": (
            lambda t: t.organizations.subscription(),
            lambda t: t.organizations.subscription(ORG),
        ),
        "organizations.usage": (lambda t: t.organizations.usage(), lambda t: t.organizations.usage(ORG)),
        "users.current": (lambda t: t.users.current(),),
        "users.whoami": (lambda t: t.users.whoami(),),
        "users.invalidate_sessions": (lambda t: t.users.invalidate_sessions(),),
    }


# By the schema's name of an operation and the status of a refusal that it declares.
REFUSED: dict[tuple[str, int], Call] = {
    ("createDatabase", 400): lambda t: t.databases.create("new", group="nope"),
    ("createDatabase", 409): lambda t: t.databases.create("my-db", group="default"),
    ("getDatabase", 404): lambda t: t.databases.get("nope"),
    ("deleteDatabase", 404): lambda t: t.databases.delete("nope"),
    ("createDatabaseToken", 400): lambda t: t.databases.create_token("my-db", expiration="soon"),
    ("createDatabaseToken", 404): lambda t: t.databases.create_token("nope"),
    ("getDatabaseUsage", 400): lambda t: t.databases.usage("my-db", from_="2023-12-12T00:00:00"),
    ("getDatabaseUsage", 404): lambda t: t.databases.usage("nope"),
    ("getDatabaseStats", 404): lambda t: t.databases.stats("nope"),
    ("invalidateDatabaseTokens", 404): lambda t: t.databases.rotate_tokens("nope"),
    ("createGroup", 409): lambda t: t.groups.create("default", "aws-us-east-1"),
    ("getGroup", 404): lambda t: t.groups.get("nope"),
    ("deleteGroup", 404): lambda t: t.groups.delete("nope"),
    ("transferGroup", 404): lambda t: t.groups.transfer("nope", "other-org"),
    ("unarchiveGroup", 404): lambda t: t.groups.unarchive("nope"),
    ("addLocationToGroup", 400): lambda t: t.groups.add_location("default", "amss"),
    ("addLocationToGroup", 404): lambda t: t.groups.add_location("nope", "fra"),
    ("removeLocationFromGroup", 400): lambda t: t.groups.remove_location("default", "amss"),
    ("removeLocationFromGroup", 404): lambda t: t.groups.remove_location("nope", "fra"),
    ("listDeletedDatabases", 403): lambda t: t.databases.list_deleted(organization_id=FREE_ID),
    ("listDeletedGroups", 403): lambda t: t.groups.list_deleted(organization_id=FREE_ID),
    ("restoreDatabase", 400): lambda t: t.databases.restore(GONE_ID, organization_id=OFF_ID),
    ("restoreDatabase", 403): lambda t: t.databases.restore(GONE_ID, organization_id=FREE_ID),
    ("restoreDatabase", 404): lambda t: t.databases.restore(NOBODY, organization_id=ORG_ID),
    ("restoreGroup", 400): lambda t: t.groups.restore(GONE_GROUP_ID, organization_id=OFF_ID),
    ("restoreGroup", 403): lambda t: t.groups.restore(GONE_GROUP_ID, organization_id=FREE_ID),
    ("restoreGroup", 404): lambda t: t.groups.restore(NOBODY, organization_id=ORG_ID),
    ("updateGroupDatabases", 404): lambda t: without_warning(t.groups.update_databases("nope")),
    ("createGroupToken", 400): lambda t: t.groups.create_token("default", expiration="soon"),
    ("createGroupToken", 404): lambda t: t.groups.create_token("nope"),
    ("invalidateGroupTokens", 404): lambda t: t.groups.rotate_tokens("nope"),
    ("getOrganization", 404): lambda t: t.organizations.get("nope"),
    ("addOrganizationMember", 404): lambda t: t.members.add("stranger"),
    ("addOrganizationMember", 409): lambda t: t.members.add("iku"),
    ("getOrganizationMember", 404): lambda t: t.members.get("nope"),
    ("updateMemberRole", 400): lambda t: t.members.update("iku", "god"),
    ("updateMemberRole", 403): lambda t: t.members.update("alice", "viewer"),
    ("updateMemberRole", 404): lambda t: t.members.update("nope", "viewer"),
    ("removeOrganizationMember", 404): lambda t: t.members.remove("nope"),
    ("deleteOrganizationInviteByEmailV2", 404): lambda t: t.invites.delete("nope@turso.tech"),
}
