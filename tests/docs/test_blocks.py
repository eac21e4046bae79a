"""Every Python block of README.md and docs/ runs, each by itself, and prints what the page shows.

A block is a complete program. It runs against a fresh fake platform, which the environment names, so that a page
can have `TursoClient()`, or `TursoClient("platform-token", organization="my-org")`, as its reader would. A block
titled `test_*.py` is run by pytest. A block that shows a file of examples/ is run with the examples.
"""

import ast
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from aioturso.testing import FakeTurso

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$", re.M | re.S)
SHOWN = re.compile(r'--8<-- "examples/(\w+\.py)"\n')
PYTEST = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
PYTEST += ["-o", "asyncio_default_fixture_loop_scope=function"]  # warned about when it is not set
LANGUAGES = {"python", "bash", "text", "toml", "yaml", "json"}


@frozen
class Block:
    """`printed`: the output on the page; None: it shows none."""

    page: Path
    line: int
    title: str
    code: str
    printed: str | None

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def fences(page: Path) -> Iterator[tuple[int, str, str]]:
    text = page.read_text()
    for fence in FENCE.finditer(text):
        body = re.sub(rf"^{fence['indent']}", "", fence["body"], flags=re.M)
        yield text.count("\n", 0, fence.start()) + 1, fence["info"], body


def blocks(page: Path) -> Iterator[Block]:
    found = list(fences(page))
    for (line, info, code), (_, after, output) in zip(found, [*found[1:], (0, "", "")], strict=False):
        if info.split(" ")[0] == "python" and not SHOWN.fullmatch(code):
            title = re.search(r'title="([^"]+)"', info)
            printed = output if after == 'text title="output"' else None
            yield Block(page, line, title[1] if title else "block.py", code, printed)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The world that the pages speak of, and the settings that point at it."""
    with FakeTurso(token="platform-token") as fake:
        fake.add_database("my-db", organization="my-org", instances={"iad": 1, "fra": 3}, primary="iad")
        fake.add_group("default", organization="my-org", locations=["iad", "fra"])
        fake.add_group("ci", organization="my-org")
        for name in ("preview-main", "preview-1", "preview-2"):
            fake.add_database(name, organization="my-org", group="ci")
        fake.add_organization("other-org")
        for name in [name for name in os.environ if name.startswith("TURSO_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("TURSO_API_TOKEN", fake.token)
        monkeypatch.setenv("TURSO_ORG", "my-org")
        monkeypatch.setenv("TURSO_BASE_URL", fake.base_url)
        monkeypatch.chdir(tmp_path)
        yield


PROGRAMS = [block for page in PAGES for block in blocks(page) if not block.title.startswith("test_")]
TESTED = [page for page in PAGES if any(block.title.startswith("test_") for block in blocks(page))]


@pytest.mark.usefixtures("platform")
@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.name)
def test_a_program_runs_and_prints_what_the_page_shows(
    block: Block, capsys: pytest.CaptureFixture[str]
) -> None:
    file = save(block)
    try:
        runpy.run_path(file, run_name="__main__")
    except SystemExit as end:
        assert not end.code
    assert block.printed in (None, capsys.readouterr().out)


@pytest.mark.usefixtures("platform")
@pytest.mark.parametrize("page", TESTED, ids=lambda page: page.name)
def test_the_tests_of_a_page_pass(page: Path) -> None:
    files = [save(block) for block in blocks(page) if block.title.startswith("test_")]
    done = subprocess.run([*PYTEST, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(set(files)) == len(files)


# Two runs of mypy at once, as under xdist, spoil a cache that they share.
CHECKS = {
    "mypy": ["--strict", "--cache-dir", ".mypy_cache/pages"],
    "ruff": ["check", "--isolated", "--select", "F"],
}


@pytest.mark.parametrize("tool", CHECKS)
def test_a_strict_checker_accepts_every_program_of_the_pages(tool: str, tmp_path: Path) -> None:
    """In one run, as most of it is reading the package."""
    pytest.importorskip(tool)
    # The types of aiohttp have changed: the pages fit those of the newest, with which the other run of this suite checks them.
    pytest.importorskip("aiohttp", minversion="3.14")
    files = []
    for block in (block for page in PAGES for block in blocks(page)):
        files.append(tmp_path / f"{block.page.stem.replace('-', '_')}_{block.line}.py")
        files[-1].write_text("\n" * block.line + block.code)
    command = [sys.executable, "-m", tool, *CHECKS[tool], *map(str, files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def save(block: Block) -> str:
    file = Path(block.title).name
    Path(file).write_text("\n" * block.line + block.code)  # a traceback's line is the page's
    return file


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_block_hides_behind_another_language_and_no_shown_example_is_missing(page: Path) -> None:
    assert len(list(fences(page))) * 2 == len(re.findall(r"^ *```", page.read_text(), re.M))
    for _, info, body in fences(page):
        assert info.split(" ")[0] in LANGUAGES
        for example in SHOWN.findall(body):
            assert (ROOT / "examples" / example).is_file()


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name)
def test_an_example_has_at_most_60_lines(example: Path) -> None:
    assert len(example.read_text().splitlines()) <= 60


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name)
def test_an_example_names_what_it_needs_besides_aioturso(example: Path) -> None:
    tree = ast.parse(example.read_text())
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name for node in nodes}
    more = {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"aioturso", "aiohttp", "attrs"}
    assert ("pip install" in (ast.get_docstring(tree) or "")) is bool(more)
