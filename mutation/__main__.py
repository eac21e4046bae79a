"""`python -m mutation MODULE ...`: prints the mutants that survive, and the share that is killed."""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from .mutants import Mutant, mutants
from .relevant import tests_of
from .runner import Runner, Verdict

ROOT = Path(__file__).parents[1]


def file_of(module: str) -> Path:
    """Returns the file of a module that is named `aioturso._protocol`, `_protocol` or by its path."""
    given = Path(
        module.removesuffix(".py").removeprefix("aioturso/").replace(".", "/").removeprefix("aioturso/")
    )
    for path in (Path("aioturso") / given.with_suffix(".py"), Path("aioturso") / given / "__init__.py"):
        if (ROOT / path).is_file():
            return path
    raise SystemExit(f"no module {module}")


def report(module: str, path: Path, chosen: list[Mutant], parallel: int) -> int:
    """Prints the survivors of one module as they come; returns how many there are."""
    tests = tests_of(module, ROOT)
    print(f"{module}: {len(chosen)} mutants, by {' '.join(tests)}", flush=True)

    def tell(verdict: Verdict) -> None:
        if verdict.how == "survived":
            print(f"  {path}:{verdict.mutant}", flush=True)

    verdicts = Runner(ROOT, path, tests, parallel).verdicts(chosen, tell)
    survivors = sum(verdict.how == "survived" for verdict in verdicts)
    slow = sum(verdict.how == "too slow" for verdict in verdicts)
    killed = len(verdicts) - survivors
    print(
        f"{module}: {killed} of {len(verdicts)} killed, {100 * killed / (len(verdicts) or 1):.0f} % ({slow} by time)"
    )
    return survivors


def main() -> int:
    """Runs the command; 1 when a mutant survives."""
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    parser.add_argument("modules", nargs="+", metavar="MODULE")
    parser.add_argument(
        "--most", type=int, default=0, help="try so many mutants of each module, chosen at random"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed chooses others")
    parser.add_argument("--parallel", type=int, default=2, help="runs at once (default: 2)")
    options = parser.parse_args()
    survivors = 0
    for name in options.modules:
        path = file_of(name)
        found = list(mutants((ROOT / path).read_text()))
        if options.most:
            found = random.Random(options.seed).sample(found, min(options.most, len(found)))
        module = str(path.with_suffix("")).replace("/", ".").removesuffix(".__init__")
        survivors += report(module, path, sorted(found, key=lambda mutant: mutant.line), options.parallel)
    return int(survivors > 0)


if __name__ == "__main__":
    raise SystemExit(main())
