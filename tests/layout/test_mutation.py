"""Mutants are Python, differ in one place and leave alone what no behaviour hangs on; each trial is of one mutant."""

from __future__ import annotations

import importlib
import os
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

from mutation import equivalent, memory, record
from mutation.equivalent import Equivalents
from mutation.judge import Work, _by_cost, _files_naming, _Module, _turns
from mutation.memory import Killed
from mutation.mutants import Mutant, mutants
from mutation.mutants import changed as changed_sources
from mutation.record import Recorded, known_before, recorded_files
from mutation.trials import ROOT, Fresh, Live, Measured

SOURCE = '''
def first(items: list[int], *, least: int = 1) -> int | None:
    """Returns the first that fits."""
    for item in items:
        if item < least or not item:
            continue
        return found(item, "é", strict=True)
    raise LookupError("nothing fits")
'''
EXPECTED = [
    (2, "2"),
    (5, "(item < least and (not item))"),
    (5, "(not item)"),
    (5, "(item < least)"),
    (5, "(item <= least)"),
    (5, "(item)"),
    (6, "break"),
    (7, "return None"),
    (7, "'éX'"),
    (7, "found(item, 'é')"),
    (7, "False"),
    (8, "pass"),
]


def test_each_mutant_has_one_change() -> None:
    found = list(mutants(SOURCE))
    assert sorted((mutant.line, mutant.now) for mutant in found) == sorted(EXPECTED)
    for mutant in found:
        compile(mutant.source, "mutant", "exec")
        assert (
            mutant.source.replace(mutant.now, mutant.was, 1) == SOURCE or mutant.source.count(mutant.now) > 1
        )


def test_a_mutant_has_as_many_lines_as_the_source() -> None:
    source = "x = f(\n    1,\n    a=2,\n)\n\n\ndef g() -> None:\n    return x(\n        1\n    )\n"
    found = list(mutants(source))
    assert {mutant.now for mutant in found} >= {"f(1)", "return None"}
    assert {mutant.source.count("\n") for mutant in found} == {source.count("\n")}


def test_what_no_behaviour_hangs_on_is_left_alone() -> None:
    source = '''
        """Text."""
        from typing import TYPE_CHECKING
        T = TypeVar("T")
        if TYPE_CHECKING:
            a = 1
        @frozen(kw_only=True)
        class C:
            b: "int"
        def f() -> bool:
            logger.info("text %s", 1)
            print(f"text {1}")
            return False
    '''
    found = [mutant.now for mutant in mutants(textwrap.dedent(source))]
    assert found == ["pass", "True"]  # the print, and the constant


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of some functions, imported."""
    path = tmp_path / "mutated_module.py"
    path.write_text(
        "LIMIT = 5\n"
        "def outer(a=1):\n    def inner():\n        return a + 1\n    return inner\n"
        "made = outer()\n"
        "class C:\n    x = 2\n    def method(self):\n        return LIMIT\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, path.stem, raising=False)
    importlib.import_module(path.stem)
    return path


def changed(path: Path, was: str, now: str) -> list[str] | None:
    """Returns the names of the functions that live code replaces; None for what only another import can change."""
    source = path.read_text()
    assert source.count(was) == 1

    replaced = Live(str(path), source).replaced(source.replace(was, now))
    for function, code in replaced or ():
        function.__code__ = code
    return None if replaced is None else [function.__qualname__ for function, _ in replaced]


def test_a_function_is_changed_where_it_is_with_those_that_it_has_made(module: Path) -> None:
    loaded = sys.modules[module.stem]
    assert (loaded.made(), loaded.C().method()) == (2, 5)
    assert changed(module, "a + 1", "a + 2") == ["outer", "outer.<locals>.inner"]
    assert (loaded.made(), loaded.outer()()) == (3, 3)
    assert changed(module, "return LIMIT", "return 7") == ["C.method"]
    assert loaded.C().method() == 7


@pytest.mark.parametrize(
    ("was", "now"), [("LIMIT = 5", "LIMIT = 6"), ("a=1", "a=2"), ("x = 2", "x = 3"), ("a + 1", "1 + 1")]
)
def test_what_is_executed_by_the_import_is_not_changed_in_place(module: Path, was: str, now: str) -> None:
    assert changed(module, was, now) is None


def test_another_source_is_imported_anew_and_nothing_of_it_is_kept(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = module.read_text().replace("LIMIT = 5", "LIMIT = 6")
    monkeypatch.delitem(sys.modules, module.stem)
    monkeypatch.setattr(sys, "meta_path", [Fresh(module.stem, str(module), source), *sys.meta_path])
    before = (
        set(os.listdir(module.parent / "__pycache__")) if (module.parent / "__pycache__").exists() else set()
    )
    assert importlib.import_module(module.stem).LIMIT == 6
    after = (
        set(os.listdir(module.parent / "__pycache__")) if (module.parent / "__pycache__").exists() else set()
    )
    assert before == after


def mutant(line: int = 1, **fields: str) -> Mutant:
    return Mutant(line=line, **{"was": "a  ==\n b", "now": "(a != b)", "source": "x", **fields})


def test_a_killed_mutant_is_known_until_the_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "FOLDER", tmp_path / "new")
    Killed.of("m", "source").add(mutant(), "killed")
    Killed.of("m", "source").add(mutant(source="y"), "hung")
    Killed.of("m", "source").add(mutant(source="z"), "survived")
    known = Killed.of("m", "source")
    assert [known.has_survived(mutant(source=text)) for text in "xz"] == [False, True]
    assert [known.how(mutant(source=text)) for text in "xyz"] == ["killed", "hung", None]
    assert Killed.of("m", "another").how(mutant()) is None
    assert Killed.of("m", "source").how(mutant()) is None


def test_a_mutant_that_changes_nothing_has_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equivalent, "LIST", tmp_path / "list.toml")
    (tmp_path / "list.toml").write_text(
        '[[_m]]\nwas = "a == b"\nnow = "(a != b)"\nreason = "one"\n'
        '[[_m]]\nwas = "c"\nreason = "any"\n'
        '[[_m]]\nwas = "d"\non = "d = 1"\nreason = "there"\n'
    )
    known = Equivalents.of("aioturso._m")
    found = [mutant(), mutant(now="(a is b)"), mutant(was="c"), mutant(was="d"), mutant(was="d", on="d = 1")]
    assert [known.reason(each) for each in found] == ["one", None, "any", None, "there"]
    assert Equivalents.of("aioturso.other").entries == ()


def test_every_mutant_that_is_listed_as_equivalent_exists_in_one_line() -> None:
    for module in tomllib.loads(equivalent.LIST.read_text()):
        path = ROOT / "aioturso" / f"{module.replace('.', '/')}.py"
        changes = list(changed_sources(path.read_text()))
        for entry in Equivalents.of(module).entries:
            lines = {each.line for each in changes if entry.fits(each)}
            assert len(lines) == 1, f"{module}: {entry.was} in the lines {lines}"
            assert entry.reason


def test_the_fastest_test_of_each_function_has_the_first_turn() -> None:
    tests = [
        Measured(name, seconds, 1) for name, seconds in (("t::a[1]", 0.2), ("t::b", 0.3), ("t::a[2]", 0.1))
    ]
    assert [(turn, test.id) for turn, test in _turns(tests)] == [(0, "t::a[2]"), (1, "t::a[1]"), (0, "t::b")]


def test_the_tests_of_a_line_that_none_executes_are_those_of_the_line_before() -> None:
    recorded = Recorded({1: {"a"}, 3: {"b"}, 4: set(), 7: {"c"}}, {1}, {})
    assert recorded.executing([3, 7]) == {"b", "c"}
    assert recorded.executing([4, 5]) == {"b"}
    assert recorded.executing([0]) == recorded.executing([]) == set()


def test_the_file_of_a_module_is_the_nearest_and_a_class_is_used_in_the_files_that_name_it() -> None:
    def of(name: str) -> _Module:
        module = object.__new__(_Module)
        module.work = Work(name, ROOT, [], 0)
        return module

    folders = ("tests/calls/", "tests/promises/")
    assert of("aioturso._pool").near == (("tests/calls/test_pool.py::",), folders)
    assert of("aioturso.teardown.halt").near[0] == ("tests/teardown/test_halt.py::",)
    assert "tests/teardown/test_halt.py" in _files_naming(("Halt",))
    assert _files_naming(()) == set()


def test_a_constant_of_several_lines_is_tested_by_what_executes_the_lines_that_name_it() -> None:
    source = "NAMES = (\n    'a',\n)\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return NAMES\n"
    module = object.__new__(_Module)
    module.work, module.source, module.seconds, module.killers = Work("m", ROOT, [], 0), source, 1.0, []
    tests = {name: Measured(name, 0.1, 1) for name in ("t::f", "t::g")}
    module.recorded = Recorded({7: {"t::f"}, 11: {"t::g"}}, {1, 6, 10}, tests)
    constant = next(each for each in mutants(source) if each.line == 2)
    assert [test.id for test in module._ordered(constant)] == ["t::g", "t::f"]


def test_where_all_is_imported_anew_the_first_tests_are_of_one_file() -> None:
    tests = [Measured(f"{'ab'[number % 2]}::{number}", 0.1, 1) for number in range(40)]
    parts = [[test.id for test in part] for part in _by_cost(tests)]
    assert parts[0] == ["a::0", "a::2", "a::4", "a::6", "a::8", "a::10"]
    assert [len(part) for part in parts] == [6, 12, 22]
    assert sorted(id for part in parts for id in part) == sorted(test.id for test in tests)
    assert list(_by_cost([])) == []


def test_a_test_that_is_left_out_is_not_found_again() -> None:
    one, other = (Measured(f"t/{name}.py::x", 1.0, 1) for name in "ab")
    recorded = Recorded({}, set(), {one.id: one}, {other.id: other})
    assert recorded.of_files({"t/a.py", "t/b.py"}) == {one.id: one, other.id: other}
    recorded.leave_out(other.id)
    assert recorded.of_files({"t/a.py", "t/b.py"}) == {one.id: one}


def test_some_tests_can_be_recorded_in_a_fresh_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "tests.json"
    monkeypatch.setattr(record, "_TESTS", file)
    assert (known_before(file), recorded_files()) == ({}, [])
    file.write_text('{"u::a": 0.5, "t::a": 0.5, "t::b": 0.5}')
    assert known_before(file) == {"u::a": 0.5, "t::a": 0.5, "t::b": 0.5}
    assert recorded_files() == ["t", "u"]
