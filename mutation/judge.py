"""Judges the mutants of modules one after the other, in one session of pytest that has collected all tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from multiprocessing.connection import wait
from pathlib import Path

import pytest
from attrs import define, field, frozen

from .memory import Killed
from .mutants import Mutant
from .record import Recorded
from .trials import ROOT, Live, Measured, Trial

FIRST = 12  # tests: most mutants are killed by one of these, without the cost of the others
SLOW, CHEAP = 0.5, 0.012  # seconds
Judged = tuple[Mutant, str]


@frozen
class Work:
    """One module and its mutants; so many more are `equivalent`."""

    module: str
    path: Path
    mutants: Sequence[Mutant]
    equivalent: int


@define(eq=False)
class Judge:
    """The pytest plugin that runs trials in place of the tests. `seconds` bounds the tests for one mutant."""

    works: Sequence[Work]
    parallel: int
    seconds: float
    tell: Callable[[Work, Mutant, str], None]
    summary: Callable[[Work, Sequence[Judged]], None]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judges every module."""
        items = {item.nodeid: item for item in session.items}
        for work in self.works:
            self.summary(work, _Module(work, items, self.seconds, self.tell).verdicts(self.parallel))
        return True


@define(eq=False)
class _Module:
    work: Work
    items: dict[str, pytest.Item]
    seconds: float
    tell: Callable[[Work, Mutant, str], None]
    recorded: Recorded = field(init=False)
    live: Live = field(init=False)
    killed: Killed = field(init=False)
    killers: list[str] = field(factory=list)
    source: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        __import__(self.work.module)
        self.source = self.work.path.read_text()
        self.recorded = Recorded.of(self.work.path)
        self.live = Live(str(self.work.path), self.source)
        self.killed = Killed.of(self.work.module, self.source)

    def verdicts(self, parallel: int) -> list[Judged]:
        """Returns how each mutant ends; one that is known to be killed is not tried again."""
        judged = [(mutant, how) for mutant in self.work.mutants if (how := self.killed.how(mutant))]
        waiting = [mutant for mutant in self.work.mutants if not self.killed.how(mutant)]
        waiting.sort(key=self.killed.has_survived, reverse=True)  # they take the most time: they are last
        if waiting:
            self._check_the_unchanged()
        running: dict[int, tuple[Mutant, Iterator[Trial], Trial]] = {}
        while waiting or running:
            while waiting and len(running) < parallel:
                mutant = waiting.pop()
                trials = self._trials(mutant)
                trial = next(trials)
                running[trial.process.sentinel] = (mutant, trials, trial)
            for ended in wait(list(running)):
                mutant, trials, trial = running.pop(ended)
                how = self._ended(mutant, trial)
                following = next(trials, None) if how == "survived" else None
                if following:
                    running[following.process.sentinel] = (mutant, trials, following)
                else:
                    judged.append((mutant, how))
                    self.tell(self.work, mutant, how)
        return judged

    def _ended(self, mutant: Mutant, trial: Trial) -> str:
        how = trial.result()
        self.killed.add(mutant, how)
        if trial.killer:  # most likely it kills the next ones too
            self.killers = [test for test in self.killers if test != trial.killer.id] + [trial.killer.id]
        return how

    def _check_the_unchanged(self) -> None:
        """Leaves out the tests that fail without any change: they would kill every mutant."""
        for line in (0, *sorted(self.recorded.imported)[:1]):
            while failing := self._failing(Mutant(line=line, was="", now="", source=self.source)):
                print(f"{self.work.module}: left out, as it fails without any change: {failing}", flush=True)
                self.recorded.leave_out(failing)

    def _failing(self, unchanged: Mutant) -> str | None:
        for trial in self._trials(unchanged):
            how = trial.result()
            if trial.killer:
                return trial.killer.id
            if how != "survived":
                raise SystemExit(f"{self.work.module}: the tests end without any change ({how})")
        return None

    def _trials(self, mutant: Mutant) -> Iterator[Trial]:
        """Yields one trial with a few tests, and one with the rest; of what runs at import too, then both anew."""
        chosen = self._ordered(mutant)
        replaced = self.live.replaced(mutant.source)
        if replaced is not None:
            for tests in filter(None, (chosen[:FIRST], chosen[FIRST:])):
                yield Trial.in_place(replaced, tests, self.items)
        if replaced is None or mutant.line in self.recorded.imported:
            for tests in _by_cost(chosen):
                yield Trial.anew(self.work.module, self.work.path, mutant.source, tests)

    def _ordered(self, mutant: Mutant) -> list[Measured]:
        """Returns the tests for a mutant, those first that are most likely to fail."""
        known, by_line = self.recorded.tests, self.recorded.by_line
        lines: Sequence[int] = range(mutant.line, mutant.last + 1)
        # Of a statement of several lines, coverage has but the first among those of the import.
        executed = bool(by_line.get(mutant.line)) or (
            bool(mutant.around) and mutant.line not in self.recorded.imported
        )
        if not executed:  # but by the import
            lines = [line for line in mutant.around if by_line.get(line)] or self._naming(mutant)
        named = self.recorded.executing(lines)
        if not executed:
            naming = self.recorded.of_files(_files_naming(mutant.bound))
            known, named = {**known, **naming}, named | set(naming)
        recent = {test: number for number, test in enumerate(reversed(self.killers))}

        def rank(turn: tuple[int, Measured]) -> tuple[bool, int, int, int, float]:
            number, test = turn
            distance = next(
                (n for n, near in enumerate(self.near) if test.id.startswith(near)), len(self.near)
            )
            return (
                test.id not in named,
                recent.get(test.id, len(recent)),
                distance,
                0 if test.seconds < CHEAP or not distance else 1 + number,
                test.seconds * test.lines,
            )

        chosen, seconds = list[Measured](), 0.0
        for _, test in sorted(_turns(t for t in known.values() if t.id in named or not executed), key=rank):
            if not chosen or seconds + test.seconds <= self.seconds:
                chosen.append(test)
                seconds += test.seconds
        return sorted(chosen, key=lambda test: test.seconds > SLOW)

    @property
    def near(self) -> tuple[tuple[str, ...], ...]:
        """Where the tests are that are most likely to notice a change of this module: its own file, then folders."""
        package, _, name = self.work.module.rpartition(".")
        folder = {"aioturso": "calls"}.get(package, package.rpartition(".")[2])
        return (f"tests/{folder}/test_{name.strip('_')}.py::",), (f"tests/{folder}/", "tests/promises/")

    def _naming(self, mutant: Mutant) -> Sequence[int]:
        """Returns the lines that name what a statement of the module binds, such as a constant or a class."""
        names = "|".join(map(re.escape, mutant.bound)) or "$."
        found = re.compile(rf"\b({names})\b").search
        return [number for number, line in enumerate(self.source.splitlines(), 1) if found(line)]


def _by_cost(tests: Sequence[Measured]) -> Iterator[Sequence[Measured]]:
    """Yields the first test and those near it of the same file, which alone is imported for them; then the others."""
    near = [test for test in tests[:FIRST] if _file(test) == _file(tests[0])]
    others = [test for test in tests if test not in near]
    yield from filter(None, (near, others[:FIRST], others[FIRST:]))


def _file(test: Measured) -> str:
    return test.id.partition("::")[0]


@cache
def _texts() -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}


def _files_naming(names: Sequence[str]) -> set[str]:
    """Returns the files of tests that name one of these: a class may be used without a line of its own."""
    found = re.compile(rf"\b({'|'.join(map(re.escape, names)) or '$.'})\b").search
    return {file for file, text in _texts().items() if found(text)}


def _turns(tests: Iterable[Measured]) -> Iterator[tuple[int, Measured]]:
    """Yields the tests, each with its number among those of one function: the fastest of each has 0."""
    seen: Counter[str] = Counter()
    for test in sorted(tests, key=lambda test: test.seconds):
        function = test.id.partition("[")[0]
        yield seen[function], test
        seen[function] += 1
