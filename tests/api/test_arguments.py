"""Arguments of a wrong type are refused in words, before anything is sent."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, get_args, get_type_hints

import pytest
from recorder import Recorder

from aioturso import Encryption, InvalidInputError, Permission, Scope, Seed, TursoClient
from aioturso.api._resource import Resource
from aioturso.testing.state.api_tokens import SCOPES

Call = Callable[[TursoClient, Any], Awaitable[Any]]


def accepting(parameter: str) -> list[str]:
    """The methods that have a parameter."""
    client = TursoClient("t", organization="org")
    return [
        f"{name}.{method}"
        for name, resource in vars(client).items()
        if isinstance(resource, Resource)
        for method in dir(resource)
        if not method.startswith("_") and parameter in inspect.signature(getattr(resource, method)).parameters
    ]


def call(turso: TursoClient, name: str, **given: Any) -> Any:
    """Calls a method with a text for each argument that it needs."""
    resource, _, method = name.partition(".")
    function = getattr(getattr(turso, resource), method)
    needed = [n for n, p in inspect.signature(function).parameters.items() if p.default is p.empty]
    if name == "databases.create_by_id":
        given = {"group_id": "1"} | given
    if name == "invites.create":
        given = {"email": "a@b.c"} | given
    return function(**(dict.fromkeys(needed, "x") | given))


async def refused(server: Recorder, what: str, made: Callable[[], Any]) -> None:
    with pytest.raises(InvalidInputError, match=what):
        found = made()
        await found if inspect.isawaitable(found) else [item async for item in found]
    assert server.requests == []


@pytest.mark.parametrize("wrong", ["false", "", 0, 1, None])
@pytest.mark.parametrize("name", accepting("missing_ok"))
async def test_missing_ok_is_a_switch(turso: TursoClient, server: Recorder, name: str, wrong: Any) -> None:
    """The text "false" would count as true."""
    await refused(server, "missing_ok must be True or False", lambda: call(turso, name, missing_ok=wrong))


FLAGS = ["block_reads", "block_writes", "allow_attach", "delete_protection", "overages", "require_mfa"]
FLAGS += ["restore_enabled", "dry_run", "is_schema", "use_tursodb"]


@pytest.mark.parametrize("wrong", ["false", 0, 1])
@pytest.mark.parametrize(("flag", "name"), [(flag, name) for flag in FLAGS for name in accepting(flag)])
async def test_a_switch_is_true_or_false(
    turso: TursoClient, server: Recorder, flag: str, name: str, wrong: Any
) -> None:
    await refused(server, f"{flag} must be True or False", lambda: call(turso, name, **{flag: wrong}))


TEXTS = [
    "group",
    "schema",
    "parent",
    "type",
    "search",
    "group_id",
    "parent_id",
    "scope",
    "region",
    "stripe_id",
]
TEXTS += ["role", "timeline", "authorization", "expiration", "image", "plan", "location", "email", "url"]
TEXTS += ["uuid", "organization_id"]
# Where a parameter of this name is a segment of the path, in methods that begin so: a new resource's are named here.
PATHS = {"email": "invites.delete", "group": "groups.", "url": "locations.", "location": "groups."}


def in_a_body(text: str) -> list[str]:
    """The methods that send a text otherwise than as a segment of a path, where any text is checked."""
    segments = {"organizations.delete_invite", "locations.get"}
    return [
        name for name in accepting(text) if not name.startswith(PATHS.get(text, "-")) and name not in segments
    ]


@pytest.mark.parametrize("wrong", ["", 5, True, b"x", ["x"]], ids=repr)
@pytest.mark.parametrize(("text", "name"), [(text, name) for text in TEXTS for name in in_a_body(text)])
async def test_a_text_is_not_empty(
    turso: TursoClient, server: Recorder, text: str, name: str, wrong: Any
) -> None:
    """An unset variable never means "any" or "the default"."""
    needs = {"organization": "o", "scopes": ["read"]} if name.startswith("api_tokens") else {}
    await refused(server, f"^{text} must be a? ?text", lambda: call(turso, name, **needs, **{text: wrong}))


LISTS = ["read_attach", "scopes", "allowed_ips", "allowed_aws_vpc_ids"]


@pytest.mark.parametrize("wrong", ["read", 5, [5], [""], {"a": 1}], ids=repr)
@pytest.mark.parametrize(("parameter", "name"), [(p, name) for p in LISTS for name in accepting(p)])
async def test_a_list_is_of_texts(
    turso: TursoClient, server: Recorder, parameter: str, name: str, wrong: Any
) -> None:
    """One text is a sequence too, of its letters."""
    needs = {"organization": "o", "group": "g"} if parameter == "scopes" else {}
    await refused(server, parameter, lambda: call(turso, name, **needs, **{parameter: wrong}))


CLASSES: dict[str, Any] = {"seed": {"type": "upload"}, "encryption": "key"}
CLASSES |= {"fine_grained_permissions": "all", "permissions": "all"}


@pytest.mark.parametrize("number", [False, True], ids=["other", "number"])
@pytest.mark.parametrize(("parameter", "name"), [(p, name) for p in CLASSES for name in accepting(p)])
async def test_an_object_has_its_class(
    turso: TursoClient, server: Recorder, parameter: str, name: str, number: bool
) -> None:
    wrong = 5 if number else CLASSES[parameter]
    await refused(server, f"^{parameter} must be", lambda: call(turso, name, **{parameter: wrong}))


@pytest.mark.parametrize("wrong", [0, -1, True, "2", 1.5])
@pytest.mark.parametrize("name", accepting("page_size"))
async def test_a_page_size_is_a_number(turso: TursoClient, server: Recorder, name: str, wrong: Any) -> None:
    await refused(server, "page", lambda: call(turso, name, page_size=wrong))


@pytest.mark.parametrize("wrong", [5, True, [1]])
@pytest.mark.parametrize("name", accepting("from_"))
async def test_a_time_is_a_time(turso: TursoClient, server: Recorder, name: str, wrong: Any) -> None:
    await refused(server, "time", lambda: call(turso, name, from_=wrong))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: Seed.dump(""), "URL"),
        (lambda: Seed(type="dump"), "a dump needs a URL"),
        (lambda: Seed(type="database", name="db", url="https://d"), "nothing else has one"),
        (lambda: Seed.copy_of(5), "text"),  # type: ignore[arg-type]
        (lambda: Seed.copy_of("db", at=5), "time"),  # type: ignore[arg-type]
        (lambda: Encryption(key="QUFB", cipher=5), "cipher"),  # type: ignore[arg-type]
        (lambda: Permission(actions=[]), "at least one action"),
        (lambda: Permission(actions="data_read"), "actions"),
        (lambda: Permission(actions=["data_read"], tables=[]), "for all"),
    ],
)
def test_what_is_given_as_an_object_is_checked_when_it_is_made(made: Callable[[], Any], reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        made()


async def test_what_does_not_fit_together(turso: TursoClient, server: Recorder) -> None:
    """Recovery is switched apart; only a copy needs no group; a customer's parts are mappings of texts."""
    o, d = turso.organizations, turso.databases
    await refused(server, "apart", lambda: o.update(restore_enabled=True, overages=True))
    await refused(server, "nothing to change", lambda: o.update())
    await refused(server, "only a copy", lambda: d.create_by_id("x"))
    await refused(server, "only a copy", lambda: d.create_by_id("x", seed=Seed.upload()))
    await refused(server, "tax_id", lambda: o.update_customer("a", "b", tax_id="FI1"))  # type: ignore[arg-type]
    await refused(server, "tax_id.value", lambda: o.update_customer("a", "b", tax_id={"value": 5}))  # type: ignore[dict-item]
    await refused(server, "token", lambda: turso.api_tokens.validate(""))


def test_the_scopes_are_those_of_the_fake() -> None:
    assert set(get_args(Scope)) == {*SCOPES, "read-only", "full-access"}


def test_every_annotation_can_be_read_at_run_time() -> None:
    """As containers, agents' tools and documentation do."""
    client = TursoClient("t", organization="org")
    for resource in vars(client).values():
        if isinstance(resource, Resource):
            for method in dir(resource):
                if not method.startswith("_"):
                    assert "return" in get_type_hints(getattr(resource, method))
