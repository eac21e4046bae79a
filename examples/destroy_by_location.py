"""Destroy one instance, then one location; against the embedded fake without a token.

With TURSO_API_TOKEN and TURSO_ORG set: destroy_by_location.py DATABASE LOCATION, after a dry run and a yes.
"""

import asyncio
import os
import sys

from aioturso import TursoClient
from aioturso.testing import FakeTurso


async def demo() -> None:
    async with FakeTurso() as fake:
        fake.add_database("my-db", organization="demo", instances={"iad": 2, "fra": 3}, primary="iad")
        async with fake.client(organization="demo") as turso:
            print("destroyed one instance:", await turso.destroy_instance("my-db", "iad-2"))
            report = await turso.destroy_by_location("my-db", "fra")
            for outcome in report.outcomes:
                print(f"  {outcome.target.instance} in {outcome.target.location}: {outcome.status.value}")
            print("destroyed location fra:", report)
            print("left:", ", ".join(f"{i.name} ({i.type})" for i in await turso.instances.list("my-db")))


async def real(database: str, location: str) -> None:
    async with TursoClient() as turso:
        plan = await turso.destroy_by_location(database, location, dry_run=True)
        for outcome in plan.outcomes:
            print(f"  {outcome.target.instance}: {outcome.reason}")
        if input("Destroy these (not the skipped)? Type yes: ") == "yes":
            print(await turso.destroy_by_location(database, location))


if __name__ == "__main__":
    if not os.environ.get("TURSO_API_TOKEN"):
        asyncio.run(demo())
    elif len(sys.argv) == 3:
        asyncio.run(real(sys.argv[1], sys.argv[2]))
    else:
        sys.exit("usage: destroy_by_location.py DATABASE LOCATION")
