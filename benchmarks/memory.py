"""`python -m benchmarks memory`: what large plans hold, and the most that making them takes, each in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from . import runs
from .child import forget_peak, peak_memory
from .contenders import TOKEN

if TYPE_CHECKING:
    from aioturso import TursoClient
    from aioturso.teardown.plan import TeardownPlan

MIB = 1024 * 1024
Plan = Callable[["TursoClient", int], Awaitable["TeardownPlan"]]
HEAD = ["plan", "targets", "held", "at most", "held, traced", "at most, traced"]


async def one_list(turso: TursoClient, targets: int) -> TeardownPlan:
    return await turso.teardown.plan_instances(location="fra", database=f"n{targets}")


async def many_lists(turso: TursoClient, targets: int) -> TeardownPlan:
    instances = turso.with_organization(f"m300-n{targets // 300}").teardown
    return await instances.plan_instances(location="fra")


async def databases(turso: TursoClient, targets: int) -> TeardownPlan:
    return await turso.with_organization(f"m{targets}").teardown.plan_databases(everything=True)


PLANS: dict[str, Plan] = {
    "the instances of one database": one_list,
    "the instances of 300 databases": many_lists,
    "databases, in pages of 1,000": databases,
}


def used_memory() -> int:
    """Bytes that this process has now; the most that it has had, where the system does not count that (not Linux)."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return peak_memory()


async def measure(name: str, base: str, targets: int, traced: bool) -> tuple[int, int, int]:
    """The targets of the plan, what it holds, and the most that there was while it was made: above a client that is idle."""
    from aioturso import TursoClient

    async with TursoClient(TOKEN, organization="m1", base_url=base) as turso:
        # All that is done once in a process is done here.
        await PLANS[name](turso, min(targets, 3000))
        gc.collect()
        if traced:
            tracemalloc.start()
            plan = await PLANS[name](turso, targets)
            most = tracemalloc.get_traced_memory()[1]
            gc.collect()
            return len(plan), tracemalloc.get_traced_memory()[0], most
        forget_peak()
        before = used_memory()
        plan = await PLANS[name](turso, targets)
        most = peak_memory() - before
        gc.collect()
        return len(plan), used_memory() - before, most


def _child(name: str, base: str, targets: int, traced: bool) -> list[int]:
    command = [sys.executable, "-m", "benchmarks.memory", name, base, str(targets), str(int(traced))]
    done = subprocess.run(command, cwd=runs.HERE.parent, stdout=subprocess.PIPE, check=True)
    found: list[int] = json.loads(done.stdout)
    return found


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks memory", description=__doc__)
    parser.add_argument("--targets", type=int, default=100_000)
    targets = parser.parse_args(arguments).targets
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    with runs.server() as base:
        for name in PLANS:
            (count, *plain), (_, *traced) = (_child(name, base, targets, kind) for kind in (False, True))
            cells = [name, f"{count:,}", *(f"{found / MIB:.1f} MiB" for found in (*plain, *traced))]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    plan, url, size, kind = sys.argv[1:]
    print(json.dumps(asyncio.run(measure(plan, url, int(size), kind == "1"))))
