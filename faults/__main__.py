"""`python faults --schedules N`: runs seeded schedules of lost bytes, stops, closes, cancellations and jumps of the clock.

Prints what came of them, and each schedule whose report does not agree with the platform's state and log.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import define, field
from kinds import KINDS
from single import WAYS, tell_call
from story import Story, tell
from virtual import virtual_time

CHUNK = 100
TALES = [*KINDS, *WAYS]


@define
class Tally:
    """Mutable: how many schedules were run, what their outcomes and ends were, and which were violated."""

    schedules: Counter[str] = field(factory=Counter)
    outcomes: Counter[str] = field(factory=Counter)
    ends: Counter[str] = field(factory=Counter)
    violations: list[str] = field(factory=list)

    def add(self, kind: str, story: Story) -> None:
        """Counts one schedule."""
        self.schedules[kind] += 1
        for run in story.runs:
            self.outcomes.update(outcome.status.value for outcome in run.outcomes)
            self.ends.update(run.ended)

    def join(self, other: Tally) -> None:
        """Adds another tally."""
        self.schedules += other.schedules
        self.outcomes += other.outcomes
        self.ends += other.ends
        self.violations += other.violations


def run(kind: str, seeds: Iterable[int]) -> Tally:
    """Runs the schedules of these seeds for one kind of target, or one call."""
    tally, teller = Tally(), tell if kind in KINDS else tell_call
    with (
        TemporaryDirectory() as folder,
        virtual_time() as clock,
        asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner,
    ):
        for seed in seeds:
            try:
                tally.add(kind, runner.run(teller(seed, kind, Path(folder), clock)))
            except Exception as error:
                tally.violations.append(f"{kind} {seed}: {type(error).__name__}: {error}")
    return tally


def main() -> int:
    """Runs the command; 1 when a schedule is violated."""
    parser = argparse.ArgumentParser(prog="python faults", description=__doc__)
    parser.add_argument("--schedules", type=int, default=1800, help="so many, shared by the kinds and calls")
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the others follow it")
    parser.add_argument("--kind", action="append", choices=TALES, help="only this kind, again for more")
    parser.add_argument("--parallel", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args()
    kinds = options.kind or TALES
    each = -(-options.schedules // len(kinds))
    seeds = range(options.seed, options.seed + each)
    chunks = [(kind, seeds[at : at + CHUNK]) for at in range(0, each, CHUNK) for kind in kinds]
    total = Tally()
    with ProcessPoolExecutor(options.parallel) as pool:
        for done in as_completed(pool.submit(run, *chunk) for chunk in chunks):
            for violation in done.result().violations:
                print(violation, flush=True)
            total.join(done.result())
    for name, counts in (("schedules", total.schedules), ("outcomes", total.outcomes), ("ends", total.ends)):
        print(f"{name}: {counts.total()} ({', '.join(f'{n} {what}' for what, n in sorted(counts.items()))})")
    print(f"seeds {seeds.start} to {seeds.stop - 1} of each kind; violations: {len(total.violations)}")
    return int(bool(total.violations))


if __name__ == "__main__":
    sys.exit(main())
