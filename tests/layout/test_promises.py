"""The tests of the promises and the README's list of guarantees are one list."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "promises").glob("test_*.py"))


def guarantees() -> list[str]:
    section = (ROOT / "README.md").read_text().partition("\n## Guarantees\n")[2].partition("\n## ")[0]
    return re.findall(r"(?m)^- (.+)$", section)


def docstring(path: Path) -> str:
    return " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split())


def test_each_guarantee_of_the_readme_is_the_docstring_of_a_file_and_there_are_no_others() -> None:
    assert len(guarantees()) >= 8
    assert sorted(guarantees()) == sorted({docstring(path) for path in FILES})


def test_the_files_of_one_guarantee_begin_with_one_name_and_no_other_guarantee_has_it() -> None:
    for guarantee in guarantees():
        own = [path.stem for path in FILES if docstring(path) == guarantee]
        first = min(own, key=len)
        named = [path.stem for path in FILES if path.stem == first or path.stem.startswith(f"{first}_")]
        assert own == named


def test_each_file_of_a_guarantee_tests_it() -> None:
    for path in FILES:
        names = [getattr(node, "name", "") for node in ast.parse(path.read_text()).body]
        assert [name for name in names if name.startswith("test_")], path.name
