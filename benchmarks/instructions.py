"""`python -m benchmarks instructions`: instructions per call, which do not depend on the machine's load. Needs valgrind."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from shutil import which

from . import runs
from .contenders import BY_LOCATION, HAND, LISTED_BY_HAND, baseline

CONTENDERS = (HAND, LISTED_BY_HAND, "aioturso", "aioturso, streamed plan", BY_LOCATION)
SIZES = (500, 1_500)  # calls: the difference leaves out what happens once
_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks instructions", description=__doc__)
    parser.add_argument("--only", nargs="*", metavar="WORD", help="contenders with this in their name")
    parser.add_argument("--sizes", type=int, nargs=2, default=SIZES, help="numbers of calls")
    options = parser.parse_args(arguments)
    if which("valgrind") is None:
        raise SystemExit("valgrind is not installed")
    wanted = [name for name in CONTENDERS if not options.only or any(word in name for word in options.only)]
    names = [name for name in CONTENDERS if name in {HAND, *wanted, *map(baseline, wanted)}]
    low, high = options.sizes
    with runs.server() as base, ThreadPoolExecutor(os.cpu_count()) as pool:
        counted = [
            [pool.submit(_counted, name, base, size, last) for size in (low, high) for last in ("", "open")]
            for name in names
        ]
        found = [[future.result() for future in futures] for futures in counted]
    each = {
        name: (many - opened_many - few + opened_few) / (high - low)
        for name, (few, opened_few, many, opened_many) in zip(names, found, strict=True)
    }
    print("| | instructions per call | the same by hand |\n|---|--:|--:|")
    for name, count in each.items():
        print(f"| {name} | {count:,.0f} | {count / each[baseline(name)]:.3f} |")


def _counted(name: str, base: str, calls: int, step: str) -> int:
    """Returns the instructions of a contender's process, which ends before its calls if `step` is `open`."""
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"]
    child = [sys.executable, "-m", "benchmarks.child", name, base, str(calls), "asyncio"]
    done = subprocess.run(
        [*valgrind, *child, *([step] if step else [])],
        cwd=runs.HERE.parent,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},  # the order of a set costs some, too
    )
    count = _COUNT.search(done.stderr)
    if count is None:
        raise SystemExit(f"valgrind printed no count:\n{done.stderr[-500:]}")
    return int(count[1].replace(",", ""))
