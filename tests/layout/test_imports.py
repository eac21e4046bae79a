"""Imports run one way: no circle, nothing below the client names it, and every annotation can be read at run time."""

import ast
import importlib
import inspect
import typing
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import aioturso
import aioturso.testing

ROOT = Path(aioturso.__file__).parent
FILES = {".".join(path.relative_to(ROOT.parent).with_suffix("").parts): path for path in ROOT.rglob("*.py")}
MODULES = {name.removesuffix(".__init__"): path for name, path in FILES.items()}
ABOVE = {"aioturso.client", "aioturso", "aioturso.__main__"}
"""The client, and what is built on it: the package's list of names. So are the command line and the fake."""
BESIDE = ("aioturso.cli", "aioturso.testing")


def imported(name: str) -> Iterator[str]:
    """The modules of this package that a module imports, also inside of functions and for type checking only."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in MODULES else base


GRAPH = {name: {found for found in imported(name) if found in MODULES and found != name} for name in MODULES}


def test_no_circle_of_imports_also_for_type_checking_only() -> None:
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def room(name: str) -> str:
    """The file or the folder of the package's own that a module is, or is in."""
    return ".".join(name.split(".")[:2])


def test_no_circle_of_folders_so_that_no_import_runs_back_up() -> None:
    rooms: dict[str, set[str]] = {room(name): set() for name in MODULES}
    for name, found in GRAPH.items():
        rooms[room(name)] |= {room(other) for other in found} - {room(name)}
    try:
        TopologicalSorter(rooms).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("name", sorted(n for n in MODULES if n not in ABOVE and not n.startswith(BESIDE)))
def test_nothing_below_the_client_names_it(name: str) -> None:
    assert not [found for found in GRAPH[name] if found in ABOVE or found.startswith(BESIDE)]


def test_no_import_stands_inside_a_function() -> None:
    """Except where the command line explains a missing extra, or needs the fake's server, and in the pytest fixtures."""
    late = ("aioturso.cli", "aioturso.cli._work")
    for name, path in MODULES.items():
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and name not in late:
                inner = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
                assert not inner, f"{name}.{function.name}"


def public() -> Iterator[tuple[str, object]]:
    """Everything public that can have annotations."""
    for module in (aioturso, aioturso.testing):
        for name in module.__all__:
            found = getattr(module, name)
            if inspect.isclass(found):
                yield name, found
                for inner, method in inspect.getmembers(found, inspect.isfunction):
                    if inner == "__init__" or not inner.startswith("_"):
                        yield f"{name}.{inner}", method
    client = aioturso.TursoClient("token", organization="org")
    for resource in vars(client):
        if not resource.startswith("_"):
            found = getattr(client, resource)
            for inner, method in inspect.getmembers(type(found), inspect.isfunction):
                if not inner.startswith("_"):
                    yield f"{resource}.{inner}", method


@pytest.mark.parametrize("found", [pytest.param(found, id=name) for name, found in public()])
def test_the_annotations_of_everything_public_can_be_read_at_run_time(found: object) -> None:
    assert isinstance(typing.get_type_hints(found), dict)


def test_the_annotations_of_public_modules_can_be_read_at_run_time() -> None:
    for name in sorted(MODULES):
        if not name.startswith("aioturso.cli") and "._" not in name:
            assert isinstance(typing.get_type_hints(importlib.import_module(name)), dict)


def test_a_public_name_comes_from_a_module_without_an_underscore() -> None:
    for name in aioturso.__all__:
        module = getattr(getattr(aioturso, name), "__module__", "")
        if module.startswith("aioturso"):
            assert not any(part.startswith("_") for part in module.split(".")), f"{name} is from {module}"
