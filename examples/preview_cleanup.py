"""Nightly: delete the preview databases that were made more than a week ago, except those in use.

Run without arguments it cleans up an embedded fake; a nightly job uses TursoClient() in place of the fake's client.
"""

import asyncio
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aioturso import TeardownReport, TursoClient
from aioturso.testing import FakeTurso

WEEK = timedelta(days=7)


async def clean_up(turso: TursoClient, in_use: list[str], audit_log: Path) -> TeardownReport:
    plan = await turso.teardown.plan_databases(prefix="preview-", older_than=WEEK, exclude=in_use)
    print(plan)
    # More than 100 in one night is unusual: nothing is deleted, and the job fails.
    return await plan.execute(max_targets=100, audit_log=audit_log, return_exceptions=True)


def add_world(fake: FakeTurso) -> None:
    now = datetime.now(UTC)
    fake.add_database("main", organization="demo", group="ci", created_at=now - timedelta(days=90))
    for days in range(1, 13):
        made = now - timedelta(days=days, hours=1)
        fake.add_database(f"preview-{days}", organization="demo", group="ci", created_at=made, parent="main")


async def demo(audit_log: Path) -> None:
    async with FakeTurso() as fake:
        add_world(fake)
        async with fake.client(organization="demo") as turso:
            report = await clean_up(turso, ["preview-9"], audit_log)
            print(f"\n{report}")
            print("left:", ", ".join(database.name for database in await turso.databases.list()))
    print("last line of the audit log:")
    print(" ", json.loads(audit_log.read_text().splitlines()[-1]))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(demo(Path(folder) / "teardowns.jsonl"))
