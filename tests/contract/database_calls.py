"""Every method of databases with as little and with as much as it takes, in the world of the contract."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from contract_world import (
    DATABASE_ID,
    DEFAULT_ID,
    ENCRYPTION,
    FINE,
    GONE_ID,
    NOON,
    ORG_ID,
    Call,
    all_of,
    without_warning,
)

from aioturso import Seed


def database_calls(file: Path) -> dict[str, tuple[Call, ...]]:
    """By method; `file` is a database file to upload."""
    return {
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
        "databases.get_instance": (lambda t: t.databases.get_instance("my-db", "iad"),),
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
    }
