"""`python -m benchmarks pace`: this library and a plain loop, against servers whose limit neither of them knows."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import aiohttp
from attrs import frozen

from . import runs
from .contenders import ORGANIZATION, TOKEN, by_workers, url
from .limits import KINDS, Kind
from .plot import timeline

ASSETS = runs.HERE.parent / "docs" / "assets"
HEAD = ["the hidden limit", "calls", "ideal, s", "client", "time", "goal", "refused", "lost"]
Play = Callable[[str, int], Coroutine[Any, Any, int]]
ENOUGH = 10  # times the ideal: then a client is stopped


async def aioturso(base: str, calls: int) -> int:
    """A streamed plan with defaults; returns how many targets were lost."""
    from aioturso import TursoClient

    async with TursoClient(TOKEN, organization=ORGANIZATION, base_url=base) as turso:
        plan = await turso.teardown.plan_instances(location="fra", database=f"n{calls}")
        stream = plan.stream(max_targets=calls, max_age=3600)
        return calls - len([outcome async for outcome in stream if outcome.status.value == "destroyed"])


async def plain_loop(base: str, calls: int) -> int:
    """64 workers, each of which backs off for the Retry-After or for a random, doubling time."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    connector = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def call(number: int) -> None:
            for attempt in range(1000):
                async with session.delete(url(base, number)) as response:
                    await response.read()
                    if response.status == 200:
                        return
                    wait = float(response.headers.get("Retry-After", 0))
                await asyncio.sleep(wait or random.uniform(0.05, min(20, 0.5 * 2**attempt)))

        await by_workers(call, calls)
    return 0


CLIENTS: dict[str, Play] = {"aioturso": aioturso, "plain loop": plain_loop}


@frozen
class Played:
    """One client against one server."""

    client: str
    seconds: float
    lost: int
    log: list[tuple[float, int]]

    @property
    def refused(self) -> float:
        """The share of the calls that the server refused."""
        return sum(status != 200 for _, status in self.log) / max(1, len(self.log))


def play(kind: Kind, client: str, calls: int, ideal: float) -> Played:
    """Run a client against a server process of its own; its time is from the first call to the last, as the server saw it."""
    with runs.server(kind.name, module="benchmarks.limits") as base:
        started = time.perf_counter()
        lost = asyncio.run(_in_time(CLIENTS[client](base, calls), max(20, ENOUGH * ideal)))
        seconds = time.perf_counter() - started
        with build_opener(ProxyHandler({})).open(f"{base}/log") as answer:
            log = [(at, status) for at, status in json.load(answer)]
    if lost is None:
        lost = calls - sum(status == 200 for _, status in log)
    elif log:
        seconds = min(seconds, log[-1][0] + kind.latency)
    return Played(client, seconds, lost, log)


async def _in_time(run: Coroutine[Any, Any, int], seconds: float) -> int | None:
    """Returns the result of the run; None when it takes longer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await run
    return None


def main(arguments: list[str]) -> None:
    """Play the kinds, print a table and draw one picture for each."""
    options = _options(arguments)
    kinds = [kind for kind in KINDS if not options.only or kind.name in options.only]
    print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
    for kind in kinds:
        calls = max(40, kind.calls // (20 if options.quick else 1))
        ideal = kind.make().ideal(calls, kind.latency)
        random.seed(options.seed)
        played = [play(kind, client, calls, ideal) for client in CLIENTS]
        for one in played:
            goal = f"{kind.goal:.2f}" if one.client == "aioturso" else ""
            row = [kind.title, f"{calls:,}", f"{ideal:.1f}", one.client, f"{one.seconds / ideal:.2f}", goal]
            print(f"| {' | '.join([*row, f'{one.refused:.1%}', str(one.lost)])} |", flush=True)
        options.plots.mkdir(parents=True, exist_ok=True)
        drawn = [(one.client, one.log) for one in played]
        (options.plots / f"pace-{kind.name}.svg").write_text(timeline(kind.title, ideal, drawn))


def _options(arguments: list[str]) -> argparse.Namespace:
    names = [kind.name for kind in KINDS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks pace", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=names, default=[], metavar="KIND", help=", ".join(names))
    parser.add_argument(
        "--quick", action="store_true", help="a twentieth of the calls: the figures mean little"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the jitter")
    parser.add_argument("--plots", type=Path, default=ASSETS, metavar="FOLDER", help="folder of the pictures")
    return parser.parse_args(arguments)
