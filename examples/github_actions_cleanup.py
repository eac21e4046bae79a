"""The script of github_actions_cleanup.yml: deletes the databases of one pull request, or of all that are closed.

PULL_REQUEST is the number of the one that was closed; without it, OPEN is a JSON list of the numbers that are still
open, and LATEST, which is read before OPEN, the highest number at all: what is newer is left alone, as it was opened
after OPEN was read. A pull request's databases are `pr-NUMBER` and `pr-NUMBER-*`. Without TURSO_API_TOKEN, a fake is used.
"""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

from aioturso import Database, TeardownPlan, TursoClient
from aioturso.testing import FakeTurso

NUMBERED = re.compile(r"pr-([1-9][0-9]{0,8})(-.+)?", re.ASCII)


async def plan_for(turso: TursoClient, pull_request: str | None) -> TeardownPlan:
    if pull_request:
        name = f"pr-{int(pull_request)}"
        return await turso.teardown.plan_databases(names=[name], prefix=f"{name}-")
    still_open = json.loads(os.environ["OPEN"])
    latest = int(os.environ.get("LATEST") or max(still_open, default=0))

    def is_closed(database: Database) -> bool:
        found = NUMBERED.fullmatch(database.name)
        return found is not None and int(found[1]) <= latest and int(found[1]) not in still_open

    return await turso.teardown.plan_databases(prefix="pr-", where=is_closed)


async def clean_up(turso: TursoClient) -> bool:
    plan = await plan_for(turso, os.environ.get("PULL_REQUEST"))
    report = await plan.execute(max_targets=50, verify=True, return_exceptions=True)
    lines = [f"- `{outcome.target.database}`: {outcome.status.value}" for outcome in report.outcomes]
    summary = "\n".join([f"{plan.title}: {report}", *lines])
    print(summary)
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a") as file:
            file.write(summary + "\n")
    return report.ok


async def main() -> bool:
    if os.environ.get("TURSO_API_TOKEN"):
        async with TursoClient(trust_env=True) as turso:
            return await clean_up(turso)
    os.environ |= {"OPEN": "[7]", "LATEST": "80"}
    async with FakeTurso() as fake:
        for name in ("main", "pr-7", "pr-8", "pr-8-seed", "pr-80", "pr-81", "preview"):
            fake.add_database(name, organization="demo")
        async with fake.client(organization="demo") as turso:
            return await clean_up(turso)


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
