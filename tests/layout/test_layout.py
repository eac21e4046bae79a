"""The layout's rules, read from the source."""

import ast
import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import aioturso
from aioturso import errors
from aioturso.teardown.report import TeardownError, TeardownReport

ROOT = Path(aioturso.__file__).parent
FILES = {str(path.relative_to(ROOT)): path for path in sorted(ROOT.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in FILES.items()}
PURE = (
    "errors.py",
    "_protocol.py",
    "_decode.py",
    "_denials.py",
    "_wording.py",
    "_whole.py",
    "_missing.py",
    "_removals.py",
    "_remains.py",
    "_refusals.py",
    "_slices.py",
    "_whole.py",
    "_operation.py",
    "_account.py",
    "_bodies.py",
    "_checks.py",
    "_sqlite.py",
    "inputs.py",
    "settings.py",
    "models/",
)
CONTROL = (ast.If, ast.For, ast.While, ast.Try, ast.AsyncFor, ast.Match, ast.With, ast.AsyncWith)
ERRORS = {name: value for name, value in vars(errors).items() if inspect.isclass(value)}
ERRORS = {name: cls for name, cls in ERRORS.items() if issubclass(cls, errors.TursoError)}
PUBLIC = {name: getattr(aioturso, name) for name in aioturso.__all__ if name.endswith("Error")}
TESTS = sorted(Path(__file__).parents[1].rglob("*.py"))


def imports(tree: ast.AST, package: str = "aioturso") -> Iterator[tuple[str, bool]]:
    """Each imported module as (dotted name, only for type checking?)."""
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in typing_only) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield name, id(node) in typing_only
            yield from ((f"{name}.{alias.name}", id(node) in typing_only) for alias in node.names)


def package_of(name: str) -> str:
    return ".".join(["aioturso", *Path(name).parent.parts])


def importing(library: str) -> set[str]:
    return {
        name
        for name, tree in TREES.items()
        for module, typing_only in imports(tree, package_of(name))
        if module.split(".")[0] == library and not typing_only
    }


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def client_files() -> Iterator[str]:
    return (name for name in FILES if not name.startswith("testing/"))


def test_only_the_transport_and_its_two_neighbours_talk_to_aiohttp_and_the_client_names_its_session() -> None:
    assert {n for n in importing("aiohttp") if not n.startswith("testing/")} == {
        "_middleware.py",
        "_pool.py",
        "_transport.py",
        "client.py",
    }


def test_only_the_account_writes_its_fields() -> None:
    """Apart from these, which every call has: a method for each would cost a call of a function."""
    written = {
        (name, target.attr)
        for name in client_files()
        if name != "_account.py"
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
        for part in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for target in ast.walk(part)
        if isinstance(target, ast.Attribute) and ast.unparse(target.value).endswith("account")
    }
    calls = {("_calls.py", "task"), ("_calls.py", "evidence")}
    assert written == calls | {("_transport.py", "status"), ("_transport.py", "headers")}


def test_only_the_transport_sends() -> None:
    calls = {
        (name, ast.unparse(node.func))
        for name in client_files()
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.Call)
    }
    assert {name for name, call in calls if call.endswith("session.request")} == {"_transport.py"}
    assert {name for name, call in calls if "ClientSession" in call} == {"_pool.py"}


def test_the_client_uses_aiohttp_for_a_type_only() -> None:
    uses = [n for n in ast.walk(TREES["client.py"]) if isinstance(n, ast.Attribute)]
    assert {ast.unparse(n) for n in uses if ast.unparse(n.value) == "aiohttp"} <= {
        "aiohttp.ClientSession",
        "aiohttp.__version__",
    }


def test_only_the_retry_module_imports_tenacity() -> None:
    assert importing("tenacity") == {"retries.py"}


@pytest.mark.parametrize("name", [n for n in FILES if n.startswith(PURE)])
def test_errors_models_protocol_and_decoding_import_neither_aiohttp_nor_tenacity_nor_asyncio(
    name: str,
) -> None:
    modules = {module.split(".")[0] for module, _ in imports(TREES[name], package_of(name))}
    assert not modules & {"aiohttp", "tenacity", "asyncio"}


@pytest.mark.parametrize("name", [n for n in FILES if n.startswith("api/") and not n.startswith("api/_")])
def test_an_operation_holds_no_control_flow(name: str) -> None:
    for function in functions(TREES[name]):
        held = [type(n).__name__ for n in ast.walk(function) if isinstance(n, CONTROL)]
        assert not held, f"{function.name} holds {held}"


@pytest.mark.parametrize("name", [n for n in FILES if n.startswith("testing/")])
def test_the_fake_imports_nothing_of_the_clients_protocol_code(name: str) -> None:
    allowed = ("aioturso.testing", "aioturso.client")
    for module, typing_only in imports(TREES[name], package_of(name)):
        ours = module.split(".")[0] == "aioturso" and module != "aioturso" and not typing_only
        fine = module.startswith(allowed) or module == "aioturso.TursoClient"
        assert not ours or fine, f"{name} imports {module}"
        assert module != "aioturso.client" or name == "testing/server.py"


@pytest.mark.parametrize("name", FILES)
def test_a_function_has_at_most_40_lines(name: str) -> None:
    for function in functions(TREES[name]):
        assert function.end_lineno is not None
        # With its signature and its docstring: what a reader has to read.
        length = function.end_lineno - function.lineno + 1
        assert length <= 40, f"{function.name} has {length} lines"


def test_a_file_has_at_most_400_lines() -> None:
    lines = {path: len(path.read_text().splitlines()) for path in [*FILES.values(), *TESTS]}
    # Which second thing in it is a module of its own?
    assert not {path: count for path, count in lines.items() if count > 400}


@pytest.mark.parametrize("name", FILES)
def test_every_module_has_a_docstring(name: str) -> None:
    assert ast.get_docstring(TREES[name]) or not FILES[name].read_text().strip()


@pytest.mark.parametrize("package", ["creation", "pace", "teardown"])
def test_the_docstring_of_a_package_names_each_of_its_modules(package: str) -> None:
    docstring = ast.get_docstring(TREES[f"{package}/__init__.py"]) or ""
    modules = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__"}
    assert {module for module in modules if f"`{module}`" not in docstring} == set()


def test_every_file_of_tests_has_a_docstring() -> None:
    assert not [path.name for path in TESTS if not path.read_text().startswith(('"""', 'r"""'))]


def is_setter(node: ast.AST) -> bool:
    return any(ast.unparse(d).endswith(".setter") for d in getattr(node, "decorator_list", []))


@pytest.mark.parametrize("name", [n for n in FILES if not Path(n).name.startswith("_")])
def test_every_public_class_function_and_method_has_a_docstring(name: str) -> None:
    tree = TREES[name]
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
    for node in [*tree.body, *(inner for cls in classes for inner in cls.body)]:
        named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if named and not node.name.startswith("_") and not is_setter(node):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_all_is_sorted_and_complete() -> None:
    assert aioturso.__all__ == sorted(set(aioturso.__all__))
    assert set(ERRORS) <= set(aioturso.__all__)
    assert all(getattr(aioturso, name) is not None for name in aioturso.__all__)


def test_the_package_imports_its_names_and_does_nothing_else() -> None:
    body = TREES["__init__.py"].body
    kinds = [type(node) for node in body if not isinstance(node, ast.Expr)]
    assert set(kinds) == {ast.ImportFrom, ast.Assign} and kinds.count(ast.Assign) == 1


def test_no_object_is_made_past_its_constructor() -> None:
    """Except errors, which Python copies, pickles and splits."""
    used = {
        name
        for name in client_files()
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.Attribute) and node.attr in ("__new__", "__dict__")
    }
    assert used == {"errors.py", "teardown/report.py"}


def test_every_module_can_be_imported() -> None:
    for module in pkgutil.walk_packages([str(ROOT)], "aioturso."):
        if "__main__" not in module.name:
            importlib.import_module(module.name)


def made(cls: type[errors.TursoError]) -> errors.TursoError:
    """An error with every attribute that its class and its bases declare."""
    error = cls("said", [ValueError("x")]) if issubclass(cls, ExceptionGroup) else cls("said")
    values: dict[str, object] = {"report": TeardownReport(), "locations": ("fra",), "attempts": 3}
    values |= {"maybe_applied": True, "status": 503, "retry_after": 1.5, "where": "$.a", "resource": "group"}
    for base in cls.__mro__:
        for name in getattr(base, "__annotations__", {}).keys() - {"args"}:
            setattr(error, name, values.get(name, f"own {name}"))
    return error


@pytest.mark.parametrize("cls", PUBLIC.values(), ids=PUBLIC.keys())
def test_every_error_survives_pickling_and_copying_with_its_attributes(cls: type[errors.TursoError]) -> None:
    error = made(cls)
    error.add_note("a note")
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        same = pickle.loads(pickle.dumps(error, protocol))
        assert (type(same), str(same), vars(same)) == (cls, str(error), vars(error))
    for other in (copy.copy(error), copy.deepcopy(error)):
        assert (type(other), str(other), vars(other)) == (cls, str(error), vars(error))


@pytest.mark.parametrize("cls", PUBLIC.values(), ids=PUBLIC.keys())
def test_every_public_error_has_the_root_and_a_docstring(cls: type[errors.TursoError]) -> None:
    assert issubclass(cls, errors.TursoError) and getattr(aioturso, cls.__name__) is cls
    assert cls.__doc__
    assert cls.__name__.endswith("Error")


def test_a_split_teardown_error_keeps_its_report_and_its_account() -> None:
    error = TeardownError("said", [ValueError("a"), TypeError("b")])
    error.report, error.attempts, error.maybe_applied = TeardownReport(), 7, True
    for part in error.split(ValueError):
        assert isinstance(part, TeardownError)
        assert (part.report, part.attempts, part.maybe_applied) == (error.report, 7, True)
