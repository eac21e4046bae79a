"""Type checkers see what is promised."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def test_mypy_strict_agrees_with_the_surface() -> None:
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict"]
    done = subprocess.run(
        [*command, str(HERE / "surface.py")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
