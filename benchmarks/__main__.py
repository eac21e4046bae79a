"""`python -m benchmarks`: every contender, interleaved, as a table of medians with ratios and spread, and a plot.

`python -m benchmarks pace` is another one: servers with a hidden limit. `python -m benchmarks instructions` counts.
`python -m benchmarks memory` makes large plans.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from . import instructions, memory, pace, runs
from .contenders import WORKERS, baseline
from .plot import bars
from .runs import Figures, Runner

DELAY = 0.02  # seconds
MIB = 1024 * 1024


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # each table when it is ready
    if sys.argv[1:2] == ["pace"]:
        return pace.main(sys.argv[2:])
    if sys.argv[1:2] == ["instructions"]:
        return instructions.main(sys.argv[2:])
    if sys.argv[1:2] == ["memory"]:
        return memory.main(sys.argv[2:])
    options = _options()
    contenders = runs.runners(options.only, options.node)
    if not contenders:
        raise SystemExit("no contender has such a name")
    print(_machine())
    with runs.server() as base:
        figures, ceiling = runs.interleaved(contenders, base, options.calls, options.rounds)
    print(f"\n## {options.calls:,} calls, {WORKERS} at a time, {options.rounds} rounds\n")
    print(_speed(figures))
    print(f"\nThe server could have answered {ceiling:,.0f} calls per second.")
    rows = [
        (name, f.median("processor"), f"{f.median('processor') * 1e6:,.0f} µs") for name, f in figures.items()
    ]
    options.plot.write_text(bars("Processor time per call", rows))
    print(f"\nplot: {options.plot}")
    with runs.server(DELAY) as base:
        late, _ = runs.interleaved(contenders, base, options.late_calls, options.rounds)
    print(f"\n## {options.late_calls:,} calls, {DELAY * 1000:.0f} ms of latency\n")
    print(_wall(late, options.late_calls))
    print("\n## Growth\n")
    print(_growth(contenders, options.sizes))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--late-calls", type=int, default=5_000, help="calls with latency")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 100_000], help="for the growth")
    parser.add_argument(
        "--only", nargs="*", default=[], metavar="WORD", help="contenders with this in their name"
    )
    parser.add_argument("--quick", action="store_true", help="1,000 calls, one round")
    parser.add_argument(
        "--node",
        metavar="FOLDER",
        default=os.environ.get("BENCHMARKS_NODE"),
        help="where `npm i @tursodatabase/api` was run (else $BENCHMARKS_NODE)",
    )
    parser.add_argument("--plot", type=Path, default=runs.HERE / "processor-time.svg")
    options = parser.parse_args()
    if options.quick:
        options.calls, options.late_calls, options.rounds, options.sizes = 1_000, 1_000, 1, [1_000]
    return options


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("aioturso", "aiohttp", "tenacity"))
    return (
        f"Python {platform.python_version()}, {libraries}; {platform.machine()}, {os.cpu_count()} processors,"
        f" {platform.system()} {platform.release()}"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ratio(figures: Mapping[str, Figures], name: str, figure: str) -> str:
    hand = figures.get(baseline(name))
    return f"{figures[name].ratio(hand, figure):.2f}" if hand else "-"


def _speed(figures: Mapping[str, Figures]) -> str:
    rows = [
        [
            name,
            f"{1 / found.median('wall'):,.0f}",
            f"{found.median('processor') * 1e6:,.1f}",
            _ratio(figures, name, "processor"),
            f"±{found.spread('processor'):.0%}",
            f"{found.median('memory') / MIB:,.1f}",
        ]
        for name, found in figures.items()
    ]
    head = ["contender", "calls/s", "processor µs/call", "ratio", "spread", "memory, MiB above one call"]
    return _table(head, rows)


def _wall(figures: Mapping[str, Figures], calls: int) -> str:
    rows = []
    for name, found in figures.items():
        wall = found.median("wall")
        spread = f"±{found.spread('wall'):.0%}"
        ideal = f"{wall / DELAY * WORKERS:.2f}"
        rows.append([name, f"{wall * calls:.2f}", ideal, _ratio(figures, name, "wall"), spread])
    return _table(["contender", "wall, s", "of the ideal", "ratio", "spread"], rows)


def _growth(contenders: Sequence[Runner], sizes: Sequence[int]) -> str:
    """One run of each size: what matters is whether the columns stay the same. The slow ones are left out."""
    contenders = [runner for runner in contenders if not runner.slow]
    measured = {}
    with runs.server() as base:
        for size in sizes:
            measured[size], _ = runs.interleaved(contenders, base, size, 1)
    head = ["contender"]
    head += [f"{size:,}: {figure}" for size in sizes for figure in ("µs/call", "MiB")]
    rows = []
    for runner in contenders:
        row = [runner.name]
        for size in sizes:
            found = measured[size].get(runner.name)
            row += (
                [f"{found.median('processor') * 1e6:,.1f}", f"{found.median('memory') / MIB:,.1f}"]
                if found
                else ["-", "-"]
            )
        rows.append(row)
    return _table(head, rows)


if __name__ == "__main__":
    main()
