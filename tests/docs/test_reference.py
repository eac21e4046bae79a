"""Every public name is in the reference, and the reference reads well when it is built."""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import attrs
import pytest

import aioturso
import aioturso.testing
from aioturso.pace.limiter import Limiter
from aioturso.teardown.options import CreationOptions, TeardownOptions

ROOT = Path(__file__).parents[2]
PAGES = {page.stem: page.read_text() for page in (ROOT / "docs" / "reference").glob("*.md")}
PUBLIC_MODULES = [
    importlib.import_module(f"aioturso.{name}") for name in ("events", "inputs", "retries", "settings")
]
ENTRY = re.compile(r"^::: ([\w.]+)\n((?: +.*\n?)*)", re.M)
SHOWN = re.compile(r"\bmembers: \[(.*?)\]")
HIDDEN = re.compile(r'"!(.*?)"')


def found(dotted: str) -> object:
    module, _, name = dotted.rpartition(".")
    try:
        return importlib.import_module(dotted)
    except ModuleNotFoundError:
        return getattr(importlib.import_module(module), name)


def own_names(thing: object) -> list[str]:
    """The names that the reference shows below a module or a class, before its filters."""
    names = getattr(thing, "__all__", None) or list(vars(thing)) if inspect.ismodule(thing) else dir(thing)
    return [name for name in names if not name.startswith("_")]


def documented() -> Iterator[tuple[object, set[str]]]:
    """Each thing that the reference shows, with the names that it shows of it."""
    for text in PAGES.values():
        for dotted, options in ENTRY.findall(text):
            thing, chosen = found(dotted), SHOWN.search(options)
            names = chosen[1].split(", ") if chosen else own_names(thing)
            shown = {
                name for name in names if not any(re.match(bad, name) for bad in HIDDEN.findall(options))
            }
            yield thing, shown
            if isinstance(thing, ModuleType):
                for name in shown:
                    yield getattr(thing, name), set(own_names(getattr(thing, name)))


DOCUMENTED = list(documented())
TEXT = "\n".join(PAGES.values())


def is_documented(thing: object) -> bool:
    return any(shown is thing for shown, _ in DOCUMENTED)


@pytest.mark.parametrize("module", [aioturso, aioturso.testing, *PUBLIC_MODULES], ids=lambda m: m.__name__)
def test_every_name_of_a_public_module_is_in_the_reference(module: ModuleType) -> None:
    missing = [name for name in own_names(module) if not is_documented(getattr(module, name))]
    if module is aioturso:
        submodules = [name for name in vars(aioturso) if inspect.ismodule(getattr(aioturso, name))]
        missing = [name for name in missing if name not in submodules]
    assert not missing
    assert module is not aioturso or "`aioturso.__version__`" in TEXT


@pytest.mark.parametrize(
    "cls",
    [aioturso.TursoClient, aioturso.TeardownPlan, aioturso.CreationPlan, aioturso.RetryPolicy, Limiter],
)
def test_every_public_method_is_in_the_reference(cls: type) -> None:
    (shown,) = [names for thing, names in DOCUMENTED if thing is cls]
    resources = set(cls.__annotations__) if cls is aioturso.TursoClient else set()
    assert {name for name in own_names(cls) if callable(getattr(cls, name))} <= shown
    assert not {name for name in resources - shown if f"`{name}`" not in PAGES["client"]} - {"teardown"}


def test_each_key_of_the_options_of_a_run_has_a_docstring() -> None:
    source = inspect.getsource(CreationOptions) + inspect.getsource(aioturso.RunOptions)
    assert all(f"{key}: " in source for key in aioturso.RunOptions.__annotations__)
    assert source.count('"""') == 2 * (2 + len(aioturso.RunOptions.__annotations__))


def test_the_options_of_a_run_are_those_that_are_checked_and_execute_names_each() -> None:
    keys = aioturso.RunOptions.__annotations__.keys()
    assert keys == {field.name for field in attrs.fields(TeardownOptions)}
    named = set(re.findall(r"`(\w+)`", aioturso.TeardownPlan.execute.__doc__ or ""))
    assert keys - named == set()


PACKAGE = Path(aioturso.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_docstring_begins_a_line_with_a_number_that_would_become_a_list(path: Path) -> None:
    lines = re.findall(r'(?m)^ *(?:""")?\d+\. .*$', path.read_text())
    assert not lines


LINK = re.compile(r"!?\[[^\]]*\]\(([^)]+)\)")


def test_each_link_of_the_readme_is_absolute_and_what_it_names_here_exists() -> None:
    """The package index shows the README, without the files beside it."""
    site = "https://aioturso.github.io/aioturso/"
    tree = re.compile(
        r"https://(?:github|raw\.githubusercontent)\.com/aioturso/aioturso/(?:blob/|tree/)?main/(.+)"
    )
    links = LINK.findall((ROOT / "README.md").read_text())
    assert len(links) > 10 and all(link.startswith("https://") for link in links)
    for link in links:
        if link.startswith(site):
            assert (ROOT / "docs" / (link.removeprefix(site).strip("/") + ".md")).is_file(), link
        if file := tree.fullmatch(link):
            assert (ROOT / file[1]).exists(), link
