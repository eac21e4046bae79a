"""The benchmarks run; what they measure is not asserted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> str:
    """Returns the output of `python -m benchmarks`."""
    command = [sys.executable, "-m", "benchmarks", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_benchmarks_print_their_tables_and_write_their_plot(tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    few = ["--calls", "50", "--late-calls", "50", "--rounds", "1", "--sizes", "50"]
    shown = run(*few, "--only", "default pace", "--plot", str(plot))
    assert shown.count("| aioturso, streamed plan, default pace |") == 3
    assert "failed:" not in shown
    assert "Processor time per call" in plot.read_text()


VALGRIND = """#!{python}
import subprocess, sys
command = sys.argv[4:]
subprocess.run(command, check=True)
count = 7 if command[-1] == "open" else 7 + 250 * int(command[5])
print(f"==1== I   refs:      {{count:,}}", file=sys.stderr)
"""


@pytest.mark.parametrize("installed", [True, False])
def test_instructions_are_counted_by_the_difference_of_two_runs(tmp_path: Path, installed: bool) -> None:
    valgrind = tmp_path / "valgrind"
    if installed:
        valgrind.write_text(VALGRIND.format(python=sys.executable))
        valgrind.chmod(0o755)
    command = [sys.executable, "-m", "benchmarks", "instructions", "--only", "streamed", "--sizes", "5", "9"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PATH": str(tmp_path)},
    )
    rows = ["| aiohttp by hand | 250 | 1.000 |", "| aioturso, streamed plan | 250 | 1.000 |"]
    assert done.stdout.splitlines()[2:] == (rows if installed else []), done.stderr
    assert done.returncode == (0 if installed else 1)
    assert ("valgrind is not installed" in done.stderr) is not installed


def test_the_memory_of_plans_is_printed() -> None:
    _, _, *rows = run("memory", "--targets", "300").splitlines()
    assert [row.split("|")[2].strip() for row in rows] == ["300", "300", "300"]
