"""Docstrings, comments, messages and pages are written in plain words."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import aioturso
import pytest_aioturso

ROOT = Path(__file__).parents[2]
PACKAGE = Path(
    aioturso.__file__
).parent  # a release tests the wheel, where the source is not beside the tests
FOLDERS = (PACKAGE, ROOT / "examples", ROOT / "benchmarks")
SOURCES = sorted(path for folder in FOLDERS for path in folder.rglob("*.py"))
SOURCES.append(Path(pytest_aioturso.__file__))
TESTS = sorted(
    path
    for folder in ("tests", "faults", "mutation")
    for path in (ROOT / folder).rglob("*.py")
    if path != Path(__file__)
)
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks" / "README.md"])
VAGUE = re.compile(
    r"\b(tells?|told|telling|says?|said|saying|asks?|asked|asking|go|goes|went|whoever|nobody|somebody|meanwhile)\b"
    r"|may have been applied"
)
ALLOWED = re.compile(r"`[^`\n]*`|https?://\S+|\w+\.go\b")  # names of code, addresses, files
QUESTION = re.compile(r"(What|How|Where|Which|Who|Whose|When|Why|Is|Are|Does)\b")


def name(path: Path) -> str:
    root = PACKAGE.parent if path.is_relative_to(PACKAGE.parent) else ROOT
    return str(path.relative_to(root))


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The comments of a module, its strings of more than one word, docstrings among them, and the names of its tests."""
    source = path.read_text()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.lineno, node.name.replace("_", " ")


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text


def vague(texts: Iterator[tuple[int, str]]) -> list[str]:
    found = []
    for line, text in texts:
        plain = ALLOWED.sub("", text)
        found += [
            f"{line + plain[: match.start()].count(chr(10))}: {match[0]}" for match in VAGUE.finditer(plain)
        ]
    return found


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name)
def test_a_module_has_no_vague_verbs(path: Path) -> None:
    assert not vague(texts(path))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_docstring_is_a_sentence_and_no_question(path: Path) -> None:
    assert not [f"{line}: {text[:60]}" for line, text in docstrings(path) if QUESTION.match(text)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_has_no_vague_verbs(path: Path) -> None:
    assert not vague(iter([(1, path.read_text())]))
