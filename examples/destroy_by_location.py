"""Destroy one instance, then a location of a database.

Without a token it runs against an embedded fake platform, which loses one answer on the way.
With TURSO_API_TOKEN and TURSO_ORG set: destroy_by_location.py DATABASE LOCATION shows a plan and waits for a yes.
"""

import asyncio
import os
import sys

from aioturso import Outcome, TursoClient
from aioturso.testing import FakeTurso, Fault


def show(outcome: Outcome) -> None:
    print(f"  {outcome} [sends: {outcome.attempts}]")


async def show_instances(turso: TursoClient, title: str) -> None:
    instances = await turso.instances.list("my-db")
    print(f"{title}:", ", ".join(f"{instance.name} ({instance.type})" for instance in instances))


async def demo() -> None:
    async with FakeTurso() as fake:
        fake.add_database("my-db", organization="demo", instances={"iad": 2, "fra": 3}, primary="iad")
        async with fake.client(organization="demo") as turso:
            await show_instances(turso, "my-db has")

            print("\nOne instance:")
            print("  destroyed", await turso.destroy_instance("my-db", "iad-2"))

            print("\nA plan, which destroys nothing:")
            print(await turso.teardown.plan_instances(database="my-db", location="fra"))

            print("\nThe teardown. The server destroys fra-2, and its answer is lost:")
            fake.inject(Fault.drop_after(), method="DELETE", path="/fra-2")
            report = await turso.destroy_by_location("my-db", "fra", on_outcome=show)
            print(f"\nReport: {report}")
            await show_instances(turso, "my-db has")


async def real(database: str, location: str) -> None:
    async with TursoClient() as turso:
        plan = await turso.teardown.plan_instances(database=database, location=location)
        print(plan)
        if plan and input("Type yes to destroy these: ") == "yes":
            print("Report:", await plan.execute(on_outcome=show))


if __name__ == "__main__":
    if not os.environ.get("TURSO_API_TOKEN"):
        asyncio.run(demo())
    elif len(sys.argv) == 3:
        asyncio.run(real(sys.argv[1], sys.argv[2]))
    else:
        sys.exit("usage: destroy_by_location.py DATABASE LOCATION")
