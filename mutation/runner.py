"""Runs the tests of a module against one mutant after the other, in copies of the tree, several at once."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import define, field, frozen

from .mutants import Mutant

_LEFT_OUT = (".*", "dist", "build", "site", "*.egg-info")
_PYTEST = (
    sys.executable,
    "-m",
    "pytest",
    "-x",
    "-q",
    "--no-header",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:randomly",
)


@frozen
class Verdict:
    """`how`: killed, survived, or too slow (which counts as killed: a mutant that hangs is noticed)."""

    mutant: Mutant
    how: str


@define
class Copy:
    """A copy of the tree in which one module is changed."""

    root: Path
    tests: Sequence[str]

    def passes(self, seconds: float | None) -> bool | None:
        """Runs the tests: True when they pass, False when one fails, None when the time is over."""
        process = subprocess.Popen(
            [*_PYTEST, *self.tests],
            cwd=self.root,
            env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(self.root / ".hypothesis")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 9)  # with what the tests have started
                process.wait()

    @contextmanager
    def changed(self, path: Path, source: str) -> Iterator[None]:
        """Holds another source of a module for a while."""
        target = self.root / path
        before = target.read_text()
        try:
            self._write(target, source)
            yield
        finally:
            self._write(target, before)

    def _write(self, target: Path, source: str) -> None:
        for compiled in (target.parent / "__pycache__").glob(f"{target.stem}.*"):
            compiled.unlink()  # two mutants of one length in one second would share it
        target.write_text(source)


@define
class Runner:
    """`parallel` copies take the mutants in turn. The time limit is three times that of the unchanged module."""

    root: Path
    path: Path
    tests: Sequence[str]
    parallel: int
    limit: float = field(default=0.0, init=False)

    def verdicts(self, mutants: Sequence[Mutant], tell: Callable[[Verdict], None]) -> list[Verdict]:
        """Returns what becomes of each mutant, and passes each on as soon as it is known."""
        with TemporaryDirectory(prefix="mutation-") as folder:
            copies: queue.Queue[Copy] = queue.Queue()
            for number in range(self.parallel):
                copies.put(self._copy(Path(folder) / str(number)))
            self._measure(copies)

            def judge(mutant: Mutant) -> Verdict:
                copy = copies.get()
                try:
                    with copy.changed(self.path, mutant.source):
                        passes = copy.passes(self.limit)
                finally:
                    copies.put(copy)
                verdict = Verdict(mutant, {True: "survived", False: "killed", None: "too slow"}[passes])
                tell(verdict)
                return verdict

            with ThreadPoolExecutor(self.parallel) as pool:
                return list(pool.map(judge, mutants))

    def _copy(self, to: Path) -> Copy:
        shutil.copytree(self.root, to, ignore=shutil.ignore_patterns(*_LEFT_OUT, "__pycache__"))
        return Copy(to, self.tests)

    def _measure(self, copies: queue.Queue[Copy]) -> None:
        copy = copies.get()
        started = time.monotonic()
        if not copy.passes(None):
            raise SystemExit(f"the tests of the unchanged module fail: {' '.join(self.tests)}")
        self.limit = 3 * self.parallel * (time.monotonic() - started) + 10
        copies.put(copy)
