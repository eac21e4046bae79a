"""The benchmarks run; what they measure is not asserted."""

import subprocess
import sys
from pathlib import Path


def test_the_benchmarks_print_their_tables_and_write_their_plot(tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    few = ["--calls", "50", "--late-calls", "50", "--rounds", "1", "--sizes", "50"]
    command = [sys.executable, "-m", "benchmarks", *few, "--only", "streamed plan", "--plot", str(plot)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| aioturso, streamed plan |") == 3
    assert "failed:" not in done.stdout
    assert "Processor time per call" in plot.read_text()
