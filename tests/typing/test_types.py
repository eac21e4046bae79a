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


@pytest.mark.parametrize(
    "line",
    [
        "from aioturso import TursoCleint",
        "from aioturso.testing import Faults",
        "import aioturso; aioturso.Datbase",
    ],
)
def test_a_misspelt_name_is_an_error_for_type_checkers(tmp_path: Path, line: str) -> None:
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(f"{line}\n")
    command = [sys.executable, "-m", "mypy", "--strict", str(program)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "has no attribute" in done.stdout, done.stdout + done.stderr
