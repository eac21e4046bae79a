"""The world of the contract, whose names are those of the vendor's examples, and how it is called."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from aioturso import Encryption, Permission, Seed, TursoClient
from aioturso.testing import FakeTurso

T = TypeVar("T")
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
FINE = [Permission(actions=["data_read"]), Permission(tables=["t"], actions=["data_insert"])]


async def without_warning(call: Awaitable[T]) -> T:
    with pytest.deprecated_call():
        return await call


async def all_of(items: AsyncIterator[T]) -> list[T]:
    return [item async for item in items]


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
    fake.add_group("default", organization=ORG, locations=["iad", "fra"])
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
