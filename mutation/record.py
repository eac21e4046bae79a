"""Which test executes which lines, and how long it takes: found once, by coverage, and kept in `.mutation/`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import coverage
import pytest
from attrs import define, field, frozen

from .trials import OPTIONS, ROOT, Measured

FOLDER = ROOT / ".mutation"
_DATA, _IMPORTS, _TESTS = FOLDER / "coverage", FOLDER / "imports", FOLDER / "tests.json"
_NO_TEST = ""  # the context of coverage outside of every test


@define(eq=False)
class Recorder:
    """The pytest plugin that separates what the tests execute, and measures those that pass."""

    coverage: coverage.Coverage
    seconds: dict[str, float] = field(factory=dict)
    failed: set[str] = field(factory=set)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Names the test to coverage."""
        self.coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.coverage.switch_context(_NO_TEST)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Adds the time of one part of a test."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if not report.passed:
            self.failed.add(report.nodeid)


def record(paths: list[str]) -> None:
    """Runs tests and keeps what they execute, beside what is known of others; without paths all, and from anew."""
    FOLDER.mkdir(exist_ok=True)
    _record_imports()
    measured = _coverage(_DATA)
    known = known_before(_TESTS) if paths else {}
    if known:
        measured.load()
    else:
        measured.erase()
    measured.start()
    plugin = Recorder(measured)
    pytest.main([*OPTIONS, *paths], plugins=[plugin])
    measured.stop()
    measured.save()
    passed = {test: seconds for test, seconds in plugin.seconds.items() if test not in plugin.failed}
    _TESTS.write_text(json.dumps(known | passed))


def known_before(file: Path) -> dict[str, float]:
    """Returns the seconds of each test that was recorded; of none in a fresh clone."""
    seconds: dict[str, float] = json.loads(file.read_text()) if file.exists() else {}
    return seconds


def recorded_files() -> list[str]:
    """Returns the files of the tests that were recorded: no other one need be collected."""
    return sorted({test.partition("::")[0] for test in known_before(_TESTS)})


def _coverage(file: Path) -> coverage.Coverage:
    return coverage.Coverage(file, source=[str(ROOT / "aioturso")], config_file=False)


def _record_imports() -> None:
    """Imports every module, and keeps which lines that executes."""
    measured = _coverage(_IMPORTS)
    measured.erase()
    measured.start()
    for found in walk_packages([str(ROOT / "aioturso")], "aioturso."):
        if not found.name.endswith("__main__"):
            import_module(found.name)
    measured.stop()
    measured.save()


@frozen
class Recorded:
    """The tests of one module: `by_line` holds their ids, `tests` those that execute any function of it, `others` the rest."""

    by_line: dict[int, set[str]]
    imported: set[int]
    tests: dict[str, Measured]
    others: dict[str, Measured] = field(factory=dict)

    @classmethod
    def of(cls, path: Path) -> Recorded:
        """Reads the record of one module."""
        data, imports = coverage.CoverageData(str(_DATA)), coverage.CoverageData(str(_IMPORTS))
        data.read()
        imports.read()
        seconds = json.loads(_TESTS.read_text())
        breadth: dict[str, int] = {}
        for file in data.measured_files():
            for contexts in data.contexts_by_lineno(file).values():
                for test in contexts:
                    breadth[test] = breadth.get(test, 0) + 1
        lines = {line: set(tests) for line, tests in data.contexts_by_lineno(str(path)).items()}
        touching = set().union(*lines.values()) & set(seconds) or set(seconds)
        measured = {test: Measured(test, taken, breadth.get(test, 1)) for test, taken in seconds.items()}
        return cls(
            by_line={line: tests & touching for line, tests in lines.items()},
            imported=set(imports.lines(str(path)) or ()),
            tests={test: measured[test] for test in touching},
            others={test: found for test, found in measured.items() if test not in touching},
        )

    def of_files(self, files: set[str]) -> dict[str, Measured]:
        """Returns the tests that are in one of these files."""
        found = {**self.tests, **self.others}
        return {test: found[test] for test in found if test.partition("::")[0] in files}

    def leave_out(self, test: str) -> None:
        """Forgets a test."""
        for known in (self.tests, self.others):
            known.pop(test, None)

    def executing(self, lines: Sequence[int]) -> set[str]:
        """Returns the tests that execute one of these lines; if there is none, of the nearest line before."""
        found = set().union(*(self.by_line.get(line, set()) for line in lines))
        first = min(lines, default=0)
        before = max((line for line, tests in self.by_line.items() if line < first and tests), default=0)
        return found or self.by_line.get(before, set())
