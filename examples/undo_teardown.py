"""Destroy what matches a prefix, see that it was the wrong one, and undo it from the audit log.

Run without arguments it works on an embedded fake; on the platform, use TursoClient() instead of the fake's client.
"""

import asyncio
import tempfile
from pathlib import Path

from aioturso import TeardownReport, TursoClient
from aioturso.testing import FakeTurso


async def clean_up(turso: TursoClient, prefix: str, audit_log: Path) -> None:
    plan = await turso.teardown.plan_databases(prefix=prefix)
    await plan.check_recovery()  # the plan then shows whether it can be undone, and until when
    print(plan)
    print(await plan.execute(audit_log=audit_log), end="\n\n")


async def undo(turso: TursoClient, audit_log: Path) -> TeardownReport:
    plan = await turso.teardown.plan_undo(audit_log)
    print(plan)
    return await plan.execute(verify=True, return_exceptions=True)


async def demo(audit_log: Path) -> None:
    async with FakeTurso() as fake:
        for name in ("preview-1", "preview-2", "prod-eu", "prod-us"):
            fake.add_database(name, organization="demo")
        async with fake.client(organization="demo") as turso:
            await clean_up(turso, "pr", audit_log)
            fake.add_database("preview-2", organization="demo")  # another one of that name is made
            report = await undo(turso, audit_log)
            for outcome in report.outcomes:
                print(" ", outcome)
            print("there:", ", ".join(database.name for database in await turso.databases.list()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(demo(Path(folder) / "teardowns.jsonl"))
