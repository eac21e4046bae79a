"""`python faults`: runs seeded schedules of lost bytes, stops, closes, cancellations and jumps of the clock.

Prints what came of them, and each schedule whose report does not agree with the platform's state and log. With
`--kills N` it kills the command so many times instead, and compares its audit log.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import define, field
from kills import kill_once
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


def schedules(kinds: list[str], seeds: range, parallel: int) -> int:
    """Runs the schedules of these seeds for each kind, and prints what came of them; returns the violations."""
    chunks = [(kind, seeds[at : at + CHUNK]) for at in range(0, len(seeds), CHUNK) for kind in kinds]
    total = Tally()
    with ProcessPoolExecutor(parallel) as pool:
        for done in as_completed(pool.submit(run, *chunk) for chunk in chunks):
            for violation in done.result().violations:
                print(violation, flush=True)
            total.join(done.result())
    for name, counts in (("schedules", total.schedules), ("outcomes", total.outcomes), ("ends", total.ends)):
        print(f"{name}: {counts.total()} ({', '.join(f'{n} {what}' for what, n in sorted(counts.items()))})")
    return len(total.violations)


def kills(seeds: range, parallel: int) -> int:
    """Kills the command once for each seed, and prints what its log shows; returns the violations."""
    violations = 0
    with ThreadPoolExecutor(parallel) as pool:
        for seed, done in {seed: pool.submit(kill_once, seed) for seed in seeds}.items():
            violations += done.exception() is not None
            print(f"kill {seed}: {done.exception() or done.result()}", flush=True)
    return violations


def main() -> int:
    """Runs the command; 1 when something is violated."""
    parser = argparse.ArgumentParser(prog="python faults", description=__doc__)
    parser.add_argument("--schedules", type=int, default=1800, help="so many, shared by the kinds and calls")
    parser.add_argument("--kills", type=int, default=0, help="kills the command so many times instead")
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the others follow it")
    parser.add_argument("--kind", action="append", choices=TALES, help="only this kind, again for more")
    parser.add_argument("--parallel", type=int, default=2, help="at once (default: 2)")
    options = parser.parse_args()
    kinds = options.kind or TALES
    each = options.kills or -(-options.schedules // len(kinds))
    seeds = range(options.seed, options.seed + each)
    if options.kills:
        violations = kills(seeds, options.parallel)
    else:
        violations = schedules(kinds, seeds, options.parallel)
    print(f"seeds {seeds.start} to {seeds.stop - 1}; violations: {violations}")
    return int(violations > 0)


if __name__ == "__main__":
    sys.exit(main())
