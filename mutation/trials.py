"""One trial of a mutant: a process of its own runs the tests in their order until one fails."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from attrs import define, field, frozen

ROOT = Path(__file__).parents[1]
# The output is dropped, so nothing is captured: processes of one origin would share the files of the capture.
OPTIONS = ("-q", "-s", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist")
_PRELOADED = (
    "pytest",
    "_pytest.assertion.rewrite",
    "aiohttp.web",
    "attrs",
    "cattrs",
    "hypothesis",
    "tenacity",
    "pytest_asyncio.plugin",
    "anyio",
)
_FAILED, _FUNCTION = 1, 3  # the flags of a function's code: with locals of its own
Place = tuple[str, int, bytes]
Replaced = list[tuple[FunctionType, CodeType]]


@frozen
class Measured:
    """`seconds` is what it took on the unchanged module, `lines` how many of the package's it executes."""

    id: str
    seconds: float
    lines: int


@define(eq=False)
class Watch:
    """The pytest plugin of a trial: ends the process at the first failure, and a test that hangs."""

    tests: dict[str, Measured]
    number: Any

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Gives a test ten times its time."""
        signal.setitimer(signal.ITIMER_REAL, 3 + 10 * self.tests[item.nodeid].seconds)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Ends the trial."""
        if report.failed:
            self.number.value = 1 + list(self.tests).index(report.nodeid)
            os._exit(_FAILED)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keeps the tests of the trial, in its order."""
        found = {item.nodeid: item for item in items}
        items[:] = [found[test] for test in self.tests if test in found]


@define(eq=False)
class Fresh(MetaPathFinder, SourceLoader):
    """Imports one module from another source."""

    module: str
    path: str
    source: str

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        """Returns where the module is."""
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.module else None

    def get_filename(self, fullname: str) -> str:
        """Returns the file that tracebacks name."""
        return self.path

    def get_data(self, path: str) -> bytes:
        """Returns the changed source; of no other file, so that nothing is compiled and kept."""
        if path != self.path:
            raise OSError(path)
        return self.source.encode()


@define(eq=False)
class Live:
    """Changes the functions of a module where they are: ten times as fast as another import."""

    path: str
    source: str
    functions: dict[Place, list[FunctionType]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.functions = {}
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and thing.__code__.co_filename == self.path:
                self.functions.setdefault(_place(thing.__code__), []).append(thing)

    def replaced(self, source: str) -> Replaced | None:
        """Returns each function that another source changes, and its code; None if it changes something else."""
        before, after = (
            compile(text, self.path, "exec", dont_inherit=True) for text in (self.source, source)
        )
        found = list(_differences(before, after))
        if not all(_place(old) in self.functions or _is_inner(old) for old, _ in found):
            return None
        if any(old.co_freevars != new.co_freevars for old, new in found):
            return None
        return [(function, new) for old, new in found for function in self.functions.get(_place(old), ())]


def _place(code: CodeType) -> Place:
    """Returns what distinguishes a function: not its code, which changes as it runs (in its inline caches)."""
    return code.co_qualname, code.co_firstlineno, code.co_linetable


def _is_inner(code: CodeType) -> bool:
    """True for a function within another one, of which none, one or many may be alive."""
    return "<locals>" in code.co_qualname


def _differences(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Yields the pairs of functions that differ, those around a change before those within."""
    if before == after:
        return
    inner = [[c for c in code.co_consts if isinstance(c, CodeType)] for code in (before, after)]
    outer = [
        code.replace(
            co_consts=tuple(c for c in code.co_consts if not isinstance(c, CodeType)),
            co_linetable=b"",  # the place where the last function ends is in it
        )
        for code in (before, after)
    ]
    pairs = len(inner[0]) == len(inner[1])
    if before.co_flags & _FUNCTION == _FUNCTION or outer[0] != outer[1] or not pairs:
        yield before, after
    if pairs:
        for old, new in zip(*inner, strict=True):
            yield from _differences(old, new)


@frozen
class Trial:
    """A process that runs tests on one mutant. It ends with 0 if all pass."""

    process: BaseProcess
    tests: Sequence[Measured]
    failed: Any  # the number of the test that has failed, from 1

    @classmethod
    def in_place(cls, replaced: Replaced, tests: Sequence[Measured], items: dict[str, pytest.Item]) -> Trial:
        """Starts one in which the functions that are there have other code."""
        return cls._start("fork", tests, _run_items, replaced, items)

    @classmethod
    def anew(cls, module: str, path: Path, source: str, tests: Sequence[Measured]) -> Trial:
        """Starts one that imports everything, and the module from another source."""
        return cls._start("forkserver", tests, _run_files, module, path, source)

    @classmethod
    def _start(cls, method: str, tests: Sequence[Measured], run: Any, *arguments: Any) -> Trial:
        context: Any = multiprocessing.get_context(method)
        if method == "forkserver":
            context.set_forkserver_preload(list(_PRELOADED))
        failed = context.Value("i", 0)
        process = context.Process(
            target=run, args=(Watch({test.id: test for test in tests}, failed), *arguments)
        )
        process.start()
        return cls(process, tests, failed)

    @property
    def killer(self) -> Measured | None:
        """Returns the test that has failed, if it was one."""
        return self.tests[self.failed.value - 1] if self.failed.value else None

    def result(self) -> str:
        """Returns how an ended trial has ended: killed, survived, or too slow."""
        self.process.join()
        code = self.process.exitcode
        self._end_its_children()
        return {0: "survived", -signal.SIGALRM: "hung"}.get(code, "killed")  # type: ignore[arg-type]

    def _end_its_children(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)


def _alone() -> None:
    """Makes a process the first of its group, and quiet."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _run_items(watch: Watch, replaced: Replaced, items: dict[str, pytest.Item]) -> None:
    _alone()
    for function, code in replaced:
        function.__code__ = code
    chosen = [items[test] for test in watch.tests if test in items]
    chosen[0].config.pluginmanager.register(watch)
    for item, following in zip(chosen, [*chosen[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    os._exit(0)


def _run_files(watch: Watch, module: str, path: Path, source: str) -> None:
    _alone()
    os.chdir(ROOT)
    sys.meta_path.insert(0, Fresh(module, str(path), source))
    files = list(dict.fromkeys(test.partition("::")[0] for test in watch.tests))
    allowed = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # of what is imported already
    code = pytest.main([*OPTIONS, *allowed, *files], plugins=[watch])
    os._exit(int(code))
