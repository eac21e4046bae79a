"""Every method with as little and with as much as it takes, in a world whose names are those of the vendor's examples."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from aioturso import Encryption, Permission, Seed, TursoClient
from aioturso.testing import FakeTurso

T = TypeVar("T")
FINE = [Permission(actions=["data_read"]), Permission(tables=["t"], actions=["data_insert"])]
Call = Callable[[TursoClient], Awaitable[Any]]

ORG = "my-org"
TOKEN = "fake-platform-token"
TOKEN_ID = "clGFZ4STEe6fljpFzIum8A"
ORG_ID, FREE_ID, OFF_ID = (f"0a28102d-6906-11ee-8553-eaa7715aea{end}" for end in ("f0", "f1", "f2"))
GONE_ID, GONE_GROUP_ID = (f"1b28102d-6906-11ee-8553-eaa7715aea{end}" for end in ("f0", "f1"))
# The first two are those of the document's examples.
DATABASE_ID, DEFAULT_ID = (f"{start}-6906-11ee-8553-eaa7715aeaf2" for start in ("0eb771dd", "0a28102d"))
INSTANCE_ID = "3d28102d-6906-11ee-8553-eaa7715aeaf2"
NOBODY = "2c28102d-6906-11ee-8553-eaa7715aeaf0"
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="  # 32 bytes
ENCRYPTION = Encryption(key=KEY, cipher="aes256gcm")


async def without_warning(call: Awaitable[T]) -> T:
    with pytest.deprecated_call():
        return await call


async def all_of(items: AsyncIterator[T]) -> list[T]:
    return [item async for item in items]


def calls(file: Path) -> dict[str, tuple[Call, ...]]:
    """By method; `file` is a database file to upload."""
    return {
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
        "databases.list": (
            lambda t: t.databases.list(),
            lambda t: t.databases.list(group="default", schema="text", parent="text", type="schema"),
        ),
        "databases.iterate": (
            lambda t: all_of(t.databases.iterate()),
            lambda t: all_of(
                t.databases.iterate(group="default", schema="text", parent="text", type="schema")
            ),
            lambda t: all_of(t.databases.iterate(page_size=2)),
        ),
        "databases.exists": (lambda t: t.databases.exists("my-db"),),
        "databases.ensure": (
            lambda t: t.databases.ensure("new", group="default"),
            lambda t: t.databases.ensure(
                "new", group="default", seed=Seed.copy_of("my-db"), size_limit="256mb", encryption=ENCRYPTION
            ),
        ),
        "databases.wait_until_gone": (
            lambda t: t.databases.wait_until_gone("nope"),
            lambda t: t.databases.wait_until_gone("nope", timeout=9, every=3),
        ),
        "databases.list_by_id": (
            lambda t: t.databases.list_by_id(),
            lambda t: t.databases.list_by_id(
                group_id=DEFAULT_ID, parent_id=DATABASE_ID, organization_id=ORG_ID
            ),
        ),
        "databases.get_by_id": (
            lambda t: t.databases.get_by_id(DATABASE_ID),
            lambda t: t.databases.get_by_id(DATABASE_ID, organization_id=ORG_ID),
        ),
        "databases.create_by_id": (
            lambda t: t.databases.create_by_id("new", group_id=DEFAULT_ID),
            lambda t: t.databases.create_by_id(
                "new",
                group_id=DEFAULT_ID,
                seed=Seed.upload(),
                encryption=ENCRYPTION,
                use_tursodb=True,
                organization_id=ORG_ID,
            ),
        ),
        "databases.delete_by_id": (
            lambda t: t.databases.delete_by_id(DATABASE_ID),
            lambda t: t.databases.delete_by_id(DATABASE_ID, missing_ok=True, organization_id=ORG_ID),
        ),
        "databases.create_token_by_id": (
            lambda t: t.databases.create_token_by_id(DATABASE_ID),
            lambda t: t.databases.create_token_by_id(
                DATABASE_ID,
                expiration="2w",
                authorization="read-only",
                fine_grained_permissions=FINE,
                organization_id=ORG_ID,
            ),
        ),
        "databases.list_deleted": (
            lambda t: t.databases.list_deleted(),
            lambda t: t.databases.list_deleted(search="gone", organization_id=ORG_ID),
        ),
        "databases.restore": (
            lambda t: t.databases.restore(GONE_ID),
            lambda t: t.databases.restore(GONE_ID, name="back", organization_id=ORG_ID),
        ),
        "databases.upload_dump": (
            lambda t: t.databases.upload_dump(file),
            lambda t: t.databases.upload_dump(file, timeout=9.0),
        ),
        "databases.seed": (
            lambda t: t.databases.seed("my-db", file),
            lambda t: t.databases.seed("my-db", file, timeout=9.0),
        ),
        "databases.query_usage": (
            lambda t: t.databases.query_usage("my-db"),
            lambda t: t.databases.query_usage("my-db", from_=NOON),
        ),
        "databases.get": (lambda t: t.databases.get("my-db"), lambda t: t.databases.get("branch")),
        "databases.create": (
            lambda t: t.databases.create("new", group="default"),
            lambda t: t.databases.create("new", group="default", seed=Seed.upload(), size_limit=2**30),
            lambda t: t.databases.create(
                "new", group="default", seed=Seed.copy_of("my-db", at="2024-02-29T12:00:00Z")
            ),
            lambda t: t.databases.create(
                "new",
                group="default",
                seed=Seed.copy_of("my-db", at=NOON),
                size_limit="256mb",
                encryption=ENCRYPTION,
            ),
            lambda t: t.databases.create("new", group="default", schema="shape"),
            lambda t: t.databases.create("new", group="default", is_schema=True, use_tursodb=True),
        ),
        "databases.upload": (
            lambda t: t.databases.upload("new", file, group="default"),
            lambda t: t.databases.upload(
                "new",
                file.with_name("encrypted.db"),
                group="default",
                encryption=ENCRYPTION,
                progress=lambda sent, total: None,
                timeout=9.0,
                url=str(t.base_url),
                chunked=False,
            ),
            lambda t: t.databases.upload("new", file, group="default", chunked=True),
        ),
        "databases.delete": (
            lambda t: t.databases.delete("my-db"),
            lambda t: t.databases.delete("my-db", missing_ok=True),
            lambda t: t.databases.delete("my-db", uuid=DATABASE_ID),
        ),
        "databases.configuration": (lambda t: t.databases.configuration("my-db"),),
        "databases.update_configuration": (
            lambda t: t.databases.update_configuration("my-db", block_reads=True),
            lambda t: t.databases.update_configuration("my-db", allowed_ips=None, allowed_aws_vpc_ids=()),
            lambda t: t.databases.update_configuration(
                "my-db",
                size_limit=2**30,
                allow_attach=True,
                block_reads=False,
                block_writes=True,
                delete_protection=True,
                allowed_ips=["203.0.113.7", "10.0.0.0/8"],
                allowed_aws_vpc_ids=["vpce-0fe6c8807461bba49"],
            ),
        ),
        "databases.list_instances": (lambda t: t.databases.list_instances("my-db"),),
        "databases.get_instance": (lambda t: t.databases.get_instance("my-db", "aws-us-east-1"),),
        "databases.create_token": (
            lambda t: t.databases.create_token("my-db"),
            lambda t: t.databases.create_token(
                "my-db", expiration=timedelta(hours=2), authorization="full-access"
            ),
            lambda t: t.databases.create_token(
                "my-db", expiration="2w1d30m", authorization="read-only", read_attach=["branch"]
            ),
            lambda t: t.databases.create_token("my-db", fine_grained_permissions=FINE),
        ),
        "databases.rotate_tokens": (lambda t: t.databases.rotate_tokens("my-db"),),
        "databases.usage": (
            lambda t: t.databases.usage("my-db"),
            lambda t: t.databases.usage("my-db", from_=NOON, to="2024-03-01T00:00:00Z"),
        ),
        "databases.stats": (lambda t: t.databases.stats("my-db"), lambda t: t.databases.stats("branch")),
        "databases.update_version": (lambda t: without_warning(t.databases.update_version("my-db")),),
        "databases.transfer": (lambda t: t.databases.transfer("my-db", "other-org"),),
        "databases.wakeup": (lambda t: t.databases.wakeup("my-db"),),
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
        "groups.add_location": (lambda t: t.groups.add_location("default", "aws-eu-west-1"),),
        "groups.remove_location": (
            lambda t: t.groups.remove_location("default", "aws-us-west-2"),
            lambda t: t.groups.remove_location("default", "aws-us-west-2", missing_ok=True),
        ),
        "groups.wait_for_location": (lambda t: t.groups.wait_for_location("default", "aws-us-east-1"),),
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
        "instances.get": (lambda t: t.instances.get("my-db", "aws-us-east-1"),),
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


def database_file(directory: Path) -> Path:
    """A file that the platform takes, and beside it `encrypted.db`, which it takes for an encrypted database."""
    path = directory / "file.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    content = bytearray(path.read_bytes())
    content[20] = 28  # bytes that each page reserves
    path.with_name("encrypted.db").write_bytes(content)
    return path


async def furnish(fake: FakeTurso) -> None:
    """What the calls need, and all that an answer can have in it."""
    fake.add_organization("other-org")
    fake.add_group("default", organization=ORG, locations=["aws-us-east-1", "aws-us-west-2"])
    fake.add_database("my-db", organization=ORG, group="default")
    fake.add_database("old-db", organization=ORG, instances={"iad": 1, "fra": 1})
    async with fake.client(organization=ORG) as turso:
        await turso.members.add("iku")
        await turso.invites.create("iku@turso.tech")
        await turso.api_tokens.create("my-token", organization=ORG, group="default", scopes=["read"])
        await turso.databases.create(
            "branch", group="default", seed=Seed.copy_of("my-db"), encryption=ENCRYPTION
        )
        await turso.databases.create("shape", group="default", is_schema=True)
        await turso.databases.create("shaped", group="default", schema="shape")
        for group in ("gone-group", "gone-too"):
            fake.add_group(group, organization=ORG, locations=["aws-us-east-1"])
        for name, group in (("gone", "default"), ("gone-with-group", "gone-group")):
            fake.add_database(name, organization=ORG, group=group)
        everything = fake.state.organizations
        everything[ORG].uuid = ORG_ID
        everything[ORG].databases["gone"].uuid = GONE_ID
        everything[ORG].groups["gone-group"].uuid = GONE_GROUP_ID
        everything[ORG].databases["my-db"].uuid = DATABASE_ID
        everything[ORG].databases["branch"].parent["id"] = DATABASE_ID
        everything[ORG].databases["old-db"].instances["fra"].uuid = INSTANCE_ID
        everything[ORG].groups["default"].uuid = DEFAULT_ID
        for group in ("old-group", "moving-group"):
            fake.add_group(group, organization=ORG, locations=["fra"])
        await turso.groups.start_migration("moving-group")
        await turso.jwks.save("clerk", "https://clerk.example.com/jwks.json")
        await turso.databases.delete("gone")
        for group in ("gone-group", "gone-too"):
            await turso.groups.delete(group)
    fake.add_organization("free-org", plan="starter").uuid = FREE_ID
    fake.add_organization("off-org", restore_enabled=False).uuid = OFF_ID
    fake.state.customers["cus_1"] = "Iku"
    fake.state.api_tokens["my-token"].id = TOKEN_ID
    fake.databases(ORG)[2].top_queries = []
