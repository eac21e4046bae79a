"""`python -m mutation MODULE ...`: prints the mutants that survive, and the share that is killed."""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from .equivalent import Equivalents
from .judge import Judge, Judged, Work
from .memory import Killed
from .mutants import Mutant, mutants
from .record import record, recorded_files
from .trials import OPTIONS, ROOT


def files_of(module: str) -> list[Path]:
    """Returns the file of a module that is named `aioturso._protocol`, `_protocol`; of a package all its modules."""
    path = ROOT / "aioturso" / module.removeprefix("aioturso.").replace(".", "/")
    found = sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    if not all(file.is_file() for file in found):
        raise SystemExit(f"no module {module}")
    return found


def work(path: Path, most: int, seed: int) -> Work:
    """Returns the mutants of one module that may change its behaviour, all or so many of them."""
    module = str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__")
    every, equivalents = list(mutants(path.read_text())), Equivalents.of(module)
    found = [mutant for mutant in every if equivalents.reason(mutant) is None]
    equivalent = len(every) - len(found)
    if most:
        found = random.Random(seed).sample(found, min(most, len(found)))
    return Work(module, path, sorted(found, key=lambda mutant: mutant.line), equivalent)


def show(work: Work, mutant: Mutant, how: str) -> None:
    """Prints a mutant that survives."""
    if how == "survived":
        print(f"  {work.path.relative_to(ROOT)}:{mutant.line}: {mutant.change}", flush=True)


def summarize(work: Work, judged: Sequence[Judged]) -> None:
    """Prints what became of the mutants of one module."""
    survivors = sum(how == "survived" for _, how in judged)
    slow = sum(how == "hung" for _, how in judged)
    killed = len(judged) - survivors
    counts = f"{killed} of {len(judged)} killed ({slow} hung), {work.equivalent} equivalent"
    print(f"{work.module}: {counts}", flush=True)


def show_known(work: Work) -> None:
    """Prints what earlier runs have found, without a trial."""
    known = Killed.of(work.module, work.path.read_text())
    killed = [known.how(mutant) for mutant in work.mutants if known.how(mutant)]
    survived = sum(known.has_survived(mutant) for mutant in work.mutants)
    tried = len(killed) + survived
    share = f"{100 * len(killed) / tried:.1f} %" if tried else "-"
    print(
        f"| `{work.module.removeprefix('aioturso.')}` | {len(work.mutants) + work.equivalent} | {work.equivalent} |"
        f" {tried} | {len(killed)} | {survived} | {share} |"
    )


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument(
        "--record", nargs="*", metavar="TESTS", help="find out which test executes which lines (default: all)"
    )
    parser.add_argument(
        "--most", type=int, default=0, help="try so many mutants of each module, chosen at random"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed chooses others")
    parser.add_argument("--parallel", type=int, default=2, help="trials at once (default: 2)")
    parser.add_argument("--known", action="store_true", help="only show what earlier runs have found")
    parser.add_argument("--seconds", type=float, default=8.0, help="of tests for one mutant (default: 8)")
    options = parser.parse_args()
    os.chdir(ROOT)
    if options.record is not None:
        record(options.record)
    works = [work(path, options.most, options.seed) for name in options.modules for path in files_of(name)]
    if options.known:
        for each in works:
            show_known(each)
    elif works:
        judge = Judge(works, options.parallel, options.seconds, show, summarize)
        pytest.main([*OPTIONS, *recorded_files()], plugins=[judge])


if __name__ == "__main__":
    main()
