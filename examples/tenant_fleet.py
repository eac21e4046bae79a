"""A database for each tenant, all or nothing: when some cannot be created, those that were are deleted again.

Run without arguments it works on an embedded fake; on the platform, use TursoClient() instead of the fake's client.
"""

import asyncio

from aioturso import CreationError, CreationReport, TursoClient
from aioturso.testing import FakeTurso, Fault

GROUP = "tenants"


async def provision(turso: TursoClient, tenants: list[str]) -> CreationReport:
    plan = await turso.creation.plan_databases(tenants, group=GROUP, size_limit="256mb")
    print(plan)
    try:
        report = await plan.execute(max_targets=100, verify=True)
    except CreationError as error:
        print("not all of them:", error.report)
        await roll_back(turso, error.report)
        raise
    for outcome in report.outcomes:
        assert outcome.database is not None  # each of them is there
        print(f"  {outcome.target.database}: libsql://{outcome.database.hostname} ({outcome.status.value})")
    return report


async def roll_back(turso: TursoClient, report: CreationReport) -> None:
    undo = await turso.teardown.plan_created(report)  # by UUID, and nothing that was there before
    print(undo)
    print(await undo.execute())


async def main() -> None:
    async with FakeTurso() as fake:
        fake.add_group(GROUP, organization="demo")
        fake.add_database("tenant-old", organization="demo", group=GROUP)
        fake.inject(Fault.drop_after(), method="POST")  # the answer to the first create is lost
        async with fake.client(organization="demo") as turso:
            await provision(turso, ["tenant-old", "tenant-a", "tenant-b", "tenant-c"])
            fake.inject(Fault.status(400), method="POST")
            try:
                await provision(turso, ["tenant-d", "tenant-e", "tenant-f"])
            except CreationError as error:
                print("as it was, after:", error)
            print("there:", ", ".join(database.name for database in await turso.databases.list()))


if __name__ == "__main__":
    asyncio.run(main())
