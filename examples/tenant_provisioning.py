"""A database for each tenant: create, mint a token, hand over, rotate, delete. Each step can be repeated."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from attrs import frozen

from aioturso import ConflictError, OutcomeUnknownError, Secret, TursoClient
from aioturso.testing import FakeTurso

GROUP = "default"


@frozen
class Handover:
    """The URL and the token with which a tenant connects. Its repr does not show the token."""

    url: str
    token: Secret


async def provision(turso: TursoClient, tenant: str) -> Handover:
    with suppress(ConflictError, OutcomeUnknownError):  # it exists, or may exist: `get` shows it
        await turso.databases.create(tenant, group=GROUP, size_limit="256mb")
    database = await turso.databases.get(tenant)
    return Handover(f"libsql://{database.hostname}", await mint(turso, tenant))


async def mint(turso: TursoClient, tenant: str) -> Secret:
    return (await turso.databases.create_token(tenant, expiration=timedelta(days=30))).jwt


async def rotate(turso: TursoClient, tenant: str) -> Secret:
    """End every token of the tenant, and mint a new one."""
    await turso.databases.rotate_tokens(tenant)
    return await mint(turso, tenant)


async def destroy(turso: TursoClient, tenant: str) -> None:
    await turso.databases.delete(tenant, missing_ok=True)


async def life(turso: TursoClient) -> None:
    print("hand over:", await provision(turso, "tenant-acme"))
    print("rotated:", repr(await rotate(turso, "tenant-acme")))
    await destroy(turso, "tenant-acme")
    print("left:", [database.name for database in await turso.databases.list(group=GROUP)])


async def main() -> None:
    async with FakeTurso() as fake:  # on the platform: async with TursoClient() as turso
        fake.add_group(GROUP, organization="demo")
        async with fake.client(organization="demo") as turso:
            await life(turso)


if __name__ == "__main__":
    asyncio.run(main())
