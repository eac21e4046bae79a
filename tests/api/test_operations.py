"""What each method sends, and what it makes of the answer."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cases import CASES
from recorder import Recorder

import aioturso.api
from aioturso import (
    ConflictError,
    DecodeError,
    NotFoundError,
    RetryPolicy,
    ServerError,
    TursoClient,
    TursoError,
    UnauthorizedError,
)
from aioturso._operation import RESOURCES, Operation
from aioturso.api._resource import Resource


def operations() -> dict[str, Operation[Any]]:
    modules = [m.name for m in pkgutil.iter_modules(aioturso.api.__path__)]
    found = [vars(importlib.import_module(f"aioturso.api.{name}")) for name in modules]
    return {v.name: v for members in found for v in members.values() if isinstance(v, Operation)}


@pytest.fixture
async def turso(server: Recorder, fast: RetryPolicy) -> AsyncIterator[TursoClient]:
    async with TursoClient("platform-token", organization="org", base_url=server.url, retry=fast) as client:
        yield client


def test_every_operation_has_a_case() -> None:
    """Each operation has a test: it is in `cases` or the modules beside it."""
    assert set(operations()) == set(CASES)


def test_every_delete_has_the_404_of_a_thing_that_is_gone() -> None:
    """Each DELETE has the text of its 404 in `GONE`; its kind is one that answers name, and only then counts."""
    deletes = {name: op for name, op in operations().items() if op.method == "DELETE"}
    assert set(deletes) == set(GONE)
    assert {kind for op in deletes.values() for kind in op.gone} <= {*RESOURCES, "jwks"}


def test_every_post_names_how_to_find_out() -> None:
    """After a lost answer to a POST, the error has advice."""
    assert [name for name, op in operations().items() if (op.method == "POST") != bool(op.unknown)] == []


@pytest.mark.parametrize("name", CASES)
async def test_a_method_sends_its_operation(name: str, turso: TursoClient, server: Recorder) -> None:
    """Each method sends exactly its request, once, and reads the answer."""
    case = CASES[name]
    server.answers = [case.answer]
    assert case.value(await case.call(turso))
    (request,) = server.requests
    assert (request.method, request.path, request.query) == (case.method, case.path, case.query)
    _, of_form, boundary = request.headers.get("Content-Type", "").partition("; boundary=")
    sent = request.body.replace(boundary.encode(), b"BOUNDARY") if of_form else request.body
    assert sent == case.body
    assert (case.body is None) == (request.headers.get("Content-Length", "0") == "0")  # `null` is a body
    if case.body is not None:
        kind = "multipart/form-data" if isinstance(case.body, bytes) else "application/json"
        assert request.headers["Content-Type"].startswith(kind)
    token = request.headers.get("Authorization")
    assert token == (None if name == "find closest location" else "Bearer platform-token")


@pytest.mark.parametrize("name", [name for name, op in operations().items() if op.method == "POST"])
async def test_a_lost_answer_to_a_post_has_advice(name: str, turso: TursoClient, server: Recorder) -> None:
    """A POST that may have taken effect is sent once, and its error has the call that shows whether it has."""
    server.answers = ["lost"]
    with pytest.raises(
        TursoError, match=r"; it may have (been created|been restored|happened|arrived)"
    ) as caught:
        await CASES[name].call(turso)
    assert caught.value.maybe_applied and caught.value.attempts == len(server.requests) == 1


async def test_the_advice_names_the_database(turso: TursoClient, server: Recorder) -> None:
    """After a lost answer to a create, the error names the method and the name to look for."""
    server.answers = [(500, {"error": "oops"})]
    with pytest.raises(ServerError) as caught:
        await turso.databases.create("new-db", group="g")
    assert str(caught.value) == (
        "create database new-db (organization org): 500 oops; it may have been created: look with turso.databases.get('new-db')"
    )


async def test_no_advice_when_nothing_was_applied(turso: TursoClient, server: Recorder) -> None:
    """A refusal is a refusal."""
    server.answers = [(400, {"error": "group not found"})]
    with pytest.raises(TursoError) as caught:
        await turso.databases.create("new-db", group="g")
    assert str(caught.value) == "create database new-db (organization org): 400 group not found"


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (409, "database with name [db] already exists"),
        (400, "database with name [db] already exists"),
        (409, "user [iku] is already a member of organization [org]"),
        (400, "user [iku] is already a member of organization [org]"),
        (400, "Group already exists"),
    ],
)
async def test_already_exists_is_a_conflict(
    status: int, text: str, turso: TursoClient, server: Recorder
) -> None:
    """Both forms of "already exists" are one error."""
    server.answers = [(status, {"error": text})]
    with pytest.raises(ConflictError):
        await turso.databases.create("db", group="g")


GONE = {
    "delete database": ("could not find database with name [db]: record not found", {}),
    "delete group": ("group not found", {}),
    "remove location from group": ("group not found", {}),
    "delete organization": ("organization not found", {}),
    "remove member": ("user [iku] is not a member of org [org]", {}),
    "delete invite": ("invite not found", {}),
    "revoke API token": ("token not found", {}),
    "revoke API token of organization": ("token not found", {}),
    "destroy instance": ("could not find instance fra of database db", {}),
    "delete database by UUID": ("could not find database with name [1]: record not found", {}),
    "delete group by UUID": ("group not found", {}),
    "delete invite of /v1": ("invite not found", {}),
    "remove key set": ("could not find jwks clerk", {}),
}


@pytest.mark.parametrize("name", GONE)
async def test_a_404_after_a_lost_answer_means_deleted(
    name: str, turso: TursoClient, server: Recorder
) -> None:
    """A delete whose answer was lost, and then finds nothing, has worked; a clean 404 has not."""
    server.answers = ["lost", (404, {"error": GONE[name][0]})]
    assert CASES[name].value(await CASES[name].call(turso))
    with pytest.raises(NotFoundError):
        await CASES[name].call(turso)


async def test_every_delete_returns_the_name_of_what_is_missing_if_that_is_allowed(
    turso: TursoClient, server: Recorder
) -> None:
    server.answers = [(404, {"error": "group not found"})]
    assert await turso.groups.delete("g", missing_ok=True) == "g"
    assert await turso.groups.remove_location("g", "fra", missing_ok=True) == "fra"
    server.answers = [(404, {"error": "organization not found"})]
    assert await turso.organizations.delete("old", missing_ok=True) == "old"
    server.answers = [(404, {"error": "could not find database with name [db]: record not found"})]
    assert await turso.databases.delete("db", missing_ok=True) == "db"
    server.answers = [(404, {"error": "user [iku] is not a member of org [org]"})]
    assert await turso.members.remove("iku", missing_ok=True) == "iku"
    server.answers = [(404, {"error": "invite not found"})]
    assert await turso.invites.delete("a@b.c", missing_ok=True) == "a@b.c"
    server.answers = [(404, {"error": "token not found"})]
    assert await turso.api_tokens.revoke("ci", missing_ok=True) == "ci"
    assert await turso.api_tokens.revoke_for_organization("1", missing_ok=True) == "1"
    server.answers = [(404, {"error": "could not find jwks clerk"})]
    assert await turso.jwks.remove("clerk", missing_ok=True) == "clerk"
    server.answers = [(404, {"error": "invite not found"})]
    assert await turso.invites.delete_v1("a@b.c", missing_ok=True) == "a@b.c"
    server.answers = [(404, {"error": "group not found"})]
    assert await turso.groups.delete_by_id("0a2", missing_ok=True, organization_id="fa7") == "0a2"
    server.answers = [(404, {"error": "could not find database with name [1]: record not found"})]
    assert await turso.databases.delete_by_id("1", missing_ok=True, organization_id="fa7") == "1"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("delete database", {"database": "other"}),
        ("delete group", {"group": {"name": "other"}}),
        ("remove location from group", {"group": {"name": "other"}}),
        ("remove member", {"member": {"username": "other"}}),
    ],
)
async def test_an_answer_about_another_resource_is_refused(
    name: str, answer: Any, turso: TursoClient, server: Recorder
) -> None:
    """The name of something else is not taken for a confirmation."""
    server.answers = [answer]
    with pytest.raises(DecodeError, match="names another"):
        await CASES[name].call(turso)


async def test_a_group_answer_whose_name_is_missing_has_the_place(
    turso: TursoClient, server: Recorder
) -> None:
    """The place of a missing name is in the error."""
    server.answers = [{"groups": [{"locations": []}]}]
    with pytest.raises(DecodeError) as caught:
        await turso.groups.list()
    assert caught.value.where == "$.groups[0].name"


async def test_the_platform_token_stays_at_home(server: Recorder) -> None:
    """Another host gets no token, also when a provider gives it."""

    async def provider() -> str:
        raise AssertionError("the platform token was fetched")

    server.answers = [(401, {"error": "no"})]
    async with TursoClient(provider, base_url=server.url, retry=None) as client:
        with pytest.raises(TursoError):
            await client.locations.closest(url=server.url)
    assert "Authorization" not in server.requests[0].headers and len(server.requests) == 1


async def test_another_token_can_be_validated(turso: TursoClient, server: Recorder) -> None:
    """The token to validate is the one that is sent; when it is refused, the client's own is not at fault."""
    server.answers = [{"exp": 60}, (401, {"error": "invalid token another-token"})]
    assert (await turso.api_tokens.validate("another-token")).exp == 60
    assert server.requests[0].headers["Authorization"] == "Bearer another-token"
    with pytest.raises(UnauthorizedError) as caught:
        await turso.api_tokens.validate("another-token")
    assert "another-token" not in str(caught.value) and len(server.requests) == 2


def test_each_operation_is_that_of_one_method() -> None:
    """Every constant is used once, in a method of its own module's resource; `GET` is also a look at what is there."""
    for module in pkgutil.iter_modules(aioturso.api.__path__):
        found = importlib.import_module(f"aioturso.api.{module.name}")
        constants = {name for name, value in vars(found).items() if isinstance(value, Operation)}
        classes = [
            node for node in ast.parse(inspect.getsource(found)).body if isinstance(node, ast.ClassDef)
        ]
        names = [n.id for node in classes for n in ast.walk(node) if isinstance(n, ast.Name)]
        used = {name: names.count(name) for name in constants}
        assert {name: 1 if name == "GET" else count for name, count in used.items()} == dict.fromkeys(used, 1)


def test_a_method_is_short() -> None:
    """At most four lines after the docstring; if one needs more, the mechanism is to be improved."""
    for module in pkgutil.iter_modules(aioturso.api.__path__):
        tree = ast.parse(inspect.getsource(importlib.import_module(f"aioturso.api.{module.name}")))
        for method in (node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)):
            if not module.name.startswith("_"):
                first, last = method.body[1].lineno, method.end_lineno or 0
                assert last - first < 4, method.name


def methods() -> dict[str, str]:
    """Every public method of every resource, with its docstring."""
    client = TursoClient("t", organization="org")
    resources = {name: getattr(client, name) for name in dir(client) if not name.startswith("_")}
    return {
        f"{name}.{method}": inspect.getdoc(found) or ""
        for name, resource in resources.items()
        if isinstance(resource, Resource)
        for method in dir(resource)
        if not method.startswith("_") and callable(found := getattr(resource, method))
    }


def test_every_method_names_the_vendor_page() -> None:
    """A docstring has in its first line what the method does, and the vendor's page."""
    for name, text in methods().items():
        assert re.search(r"Vendor page:\s+(none; )?\[[^\]]+\]\(https://[^)]+\)", text), name
        assert text.partition("\n")[0].endswith("."), name


def vendor_page(name: str) -> str:
    """The last sentence of a method's docstring, as a link."""
    return " ".join(methods()[name].rpartition("Vendor page:")[2].split()).removesuffix(".")


def test_the_reference_lists_every_method() -> None:
    """The table of all operations is complete, lists nothing else, and has each method's parameters and page."""
    text = (Path(__file__).parents[2] / "docs/reference/operations.md").read_text()
    rows = [f"| `{signature(name)}` | {vendor_page(name)} |" for name in methods()]
    assert Counter(line for line in text.splitlines() if line.startswith("| `")) == Counter(rows)


def signature(name: str) -> str:
    """A method's, as the README shows it: `=` after what need not be given."""
    resource, _, method = name.partition(".")
    function = getattr(getattr(TursoClient("t", organization="org"), resource), method)
    parameters = inspect.signature(function).parameters.values()
    shown = [p.name + ("" if p.default is p.empty else "=") for p in parameters]
    named = [p.kind is p.KEYWORD_ONLY for p in parameters]
    if any(named):
        shown.insert(named.index(True), "*")
    return f"{name}({', '.join(shown)})"
