"""Type checkers see what is promised."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MISSPELT = (
    "from aioturso import TursoCleint",
    "from aioturso.testing import Faults",
    "import aioturso; aioturso.Datbase",
)


def test_mypy_strict_agrees_with_the_surface_and_finds_each_misspelt_name(tmp_path: Path) -> None:
    """In one run, as most of it is reading the package."""
    pytest.importorskip("mypy")
    programs = [tmp_path / f"misspelt{number}.py" for number in range(len(MISSPELT))]
    for program, line in zip(programs, MISSPELT, strict=True):
        program.write_text(f"{line}\n")
    # A cache of its own: two runs at once, as under xdist, spoil one that they share.
    options = ["--strict", "--cache-dir", ".mypy_cache/surface"]
    command = [sys.executable, "-m", "mypy", *options, str(HERE / "surface.py"), *map(str, programs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    errors = sorted(line for line in done.stdout.splitlines() if ": error: " in line)
    assert len(errors) == len(programs), done.stdout + done.stderr
    for program, error in zip(programs, errors, strict=True):
        assert program.name in error and "has no attribute" in error
