"""Runs contenders against servers, interleaved, and gathers their figures."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from urllib.request import ProxyHandler, build_opener

from attrs import define, field, frozen

from .contenders import CONTENDERS

HERE = Path(__file__).parent
VENDOR = "vendor's client, Node"
_SLOW = {"httpx": "httpx", "niquests": "niquests"}
SHARE = 10  # what the slow ones do of the calls, so that a run ends today


@frozen
class Runner:
    """A contender: a name, and the start of a command that URL and number of calls complete."""

    name: str
    command: tuple[str, ...]
    options: tuple[str, ...] = ()

    @property
    def slow(self) -> bool:
        return any(word in self.name for word in _SLOW)

    def share(self, calls: int) -> int:
        """Returns the number of calls that it makes."""
        return max(1, calls // SHARE) if self.slow else calls

    def run(self, base: str, calls: int) -> dict[str, float]:
        command = [*self.command, base, str(calls), *self.options]
        done = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, check=True)
        figures: dict[str, float] = json.loads(done.stdout)
        return figures


@define
class Figures:
    """Mutable: what a contender's runs of one kind gave, by their rounds, and per call where that makes sense."""

    calls: int
    rounds: dict[int, dict[str, float]] = field(factory=dict)

    def add(self, number: int, run: dict[str, float]) -> None:
        self.rounds[number] = {
            "processor": run["processor"] / self.calls,
            "wall": run["wall"] / self.calls,
            "memory": run["memory"],
        }

    def _values(self, figure: str) -> list[float]:
        return [found[figure] for found in self.rounds.values()]

    def median(self, figure: str) -> float:
        return statistics.median(self._values(figure))

    def ratio(self, other: Figures, figure: str) -> float:
        """Returns the median of each round's ratio: a machine that is slow for a while is slow for both."""
        both = self.rounds.keys() & other.rounds.keys()
        ratios = [self.rounds[number][figure] / other.rounds[number][figure] for number in both]
        return statistics.median(ratios) if ratios else math.nan

    def spread(self, figure: str) -> float:
        """Half of the range, as a share of the median."""
        values = self._values(figure)
        return (max(values) - min(values)) / 2 / (self.median(figure) or 1)


def runners(only: Sequence[str], node_modules: str | None) -> list[Runner]:
    """Every contender that can run here; a line for each that cannot."""
    found = []
    for name in CONTENDERS:
        missing = [module for word, module in _SLOW.items() if word in name and find_spec(module) is None]
        if missing:
            print(f"skipped: {name} ({missing[0]} is not installed)")
            continue
        command = (sys.executable, "-m", "benchmarks.child", name)
        found.append(Runner(name, command))
        if find_spec("uvloop") is not None:
            found.append(Runner(f"{name}, uvloop", command, ("uvloop",)))
    if find_spec("uvloop") is None:
        print("skipped: everything under uvloop (not installed)")
    folder = Path(node_modules) if node_modules else HERE
    if which("node") is None or not (folder / "node_modules/@tursodatabase/api").is_dir():
        print(f"skipped: {VENDOR} (needs node, and `npm i @tursodatabase/api` in the folder --node names)")
    else:
        found.append(Runner(VENDOR, ("node", str(HERE / "vendor.mjs"), str(folder.resolve()))))
    return [runner for runner in found if not only or any(word in runner.name for word in only)]


@contextmanager
def server(argument: float | str = 0.0, module: str = "benchmarks.server") -> Iterator[str]:
    """A server in its own process. Its URL has a name, as the platform's: to look one up, each contender has threads."""
    command = [sys.executable, "-m", module, str(argument)]
    with subprocess.Popen(
        command, cwd=HERE.parent, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://localhost:{int(process.stdout.readline())}"
        finally:
            process.kill()


def server_time(base: str) -> float:
    """Seconds of processor time that the server has had."""
    with build_opener(ProxyHandler({})).open(f"{base}/time") as answer:
        return float(answer.read())


def interleaved(
    contenders: Sequence[Runner], base: str, calls: int, rounds: int
) -> tuple[dict[str, Figures], float]:
    """All contenders in turn, several times, each second time backwards: the machine may get slower or faster.

    The second figure: the most calls per second that the server could have answered.
    """
    figures = {runner.name: Figures(runner.share(calls)) for runner in contenders}
    costs: list[float] = []
    failed: list[str] = []
    for number in range(rounds):
        for runner in contenders if number % 2 == 0 else contenders[::-1]:
            print(f"\rround {number + 1} of {rounds}: {runner.name:<50}", end="", file=sys.stderr, flush=True)
            before, share = server_time(base), runner.share(calls)
            try:
                figures[runner.name].add(number, runner.run(base, share))
            except subprocess.CalledProcessError as error:
                failed.append(f"failed: {runner.name} ({error.returncode})")
                continue
            costs.append((server_time(base) - before) / share)
    print(file=sys.stderr)
    print(*failed, sep="\n", end="\n" if failed else "")
    return {name: found for name, found in figures.items() if found.rounds}, 1 / statistics.median(costs)
