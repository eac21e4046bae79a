"""Tear down a location in many organizations on a Dask cluster: one plan for each, the reports merged.

When a worker dies, Dask gives its plan to another one, which finds the first one's work already gone.
DASK_SCHEDULER names a cluster, whose workers have TURSO_API_TOKEN set: dask_fleet.py LOCATION ORGANIZATION...
Without it, two local workers tear down a fake, and one of them dies. It needs `pip install distributed`.
"""

import asyncio
import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster

from aioturso import Outcome, TeardownReport, TursoClient
from aioturso.testing import FakeTurso

Plan = dict[str, Any]  # plain data: a client, which holds a token, does not travel


async def plans(location: str, organizations: list[str]) -> list[Plan]:
    async with TursoClient() as turso:
        teardowns = [turso.with_organization(organization).teardown for organization in organizations]
        made = [teardown.plan_instances(location=location, missing_ok=True) for teardown in teardowns]
        return [plan.to_dict() for plan in await asyncio.gather(*made)]


async def execute(plan: Plan, victim: Path | None) -> TeardownReport:
    def die(outcome: Outcome) -> None:
        if victim is not None and not victim.exists():
            victim.touch()
            os._exit(1)

    async with TursoClient(organization=plan["organization"]) as turso:
        return await turso.teardown.load(plan).execute(return_exceptions=True, on_outcome=die)


def on_worker(plan: Plan, victim: Path | None = None) -> TeardownReport:
    return asyncio.run(execute(plan, victim))


def fleet(client: Client, location: str, names: list[str], victim: Path | None = None) -> TeardownReport:
    futures = client.map(partial(on_worker, victim=victim), asyncio.run(plans(location, names)), pure=False)
    return TeardownReport.merge(*client.gather(futures))


if __name__ == "__main__":
    if scheduler := os.environ.get("DASK_SCHEDULER"):
        with Client(scheduler) as client:
            sys.exit(0 if fleet(client, sys.argv[1], sys.argv[2:]).ok else 1)
    with FakeTurso() as fake, tempfile.TemporaryDirectory() as folder:
        for name in ("north", "south", "west"):
            fake.add_database("my-db", organization=name, instances={"iad": 1, "fra": 4})
        os.environ.update(TURSO_BASE_URL=fake.base_url, TURSO_API_TOKEN=fake.token)
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            print(fleet(Client(cluster), "fra", ["north", "south", "west"], Path(folder, "died")))
