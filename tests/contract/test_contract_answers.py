"""Answers bent in every way: each becomes a model, or a DecodeError with the place."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from contract_world import ORG
from exchange import exchanges
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vendor_schema import OPERATIONS, Declared, Schema, nameless

import aioturso.api
from aioturso import DecodeError, Model, _upload
from aioturso._decode import Page, nothing
from aioturso._operation import Operation

MODULES = [
    importlib.import_module(f"aioturso.api.{m.name}") for m in pkgutil.iter_modules(aioturso.api.__path__)
] + [_upload]
CLIENT: dict[str, Operation[Any]] = {
    nameless(found.method, found.path): found
    for module in MODULES
    for found in vars(module).values()
    if isinstance(found, Operation)
}
NAMES = {
    "organization": ORG,
    "database": "my-db",
    "instance": "aws-us-east-1",
    "group": "default",
    "location": "aws-us-east-1",
    "username": "iku",
}
# The examples of these operations name other things than the document's other examples do.
OTHER_NAMES = {
    "get organization": {"organization": "iku"},
    "update organization": {"organization": "iku"},
    "update member": {"username": "text"},
    "create API token": {"token": "my-token"},
    "restore database": {"database_id": "text"},
    "restore group": {"group_id": "0a28102d-6906-11ee-8553-eaa7715aeaf2"},
}
# Without which an answer means nothing: the way to an identity, or to the object or list itself.
REQUIRED = {
    "listDatabases": "$.databases[0].Name",
    "createDatabase": "$.database.Name",
    "getDatabase": "$.database.Name",
    "deleteDatabase": "",
    "getDatabaseConfiguration": "",
    "updateDatabaseConfiguration": "",
    "listDatabaseInstances": "$.instances[0].name",
    "getDatabaseInstance": "$.instance.name",
    "createDatabaseToken": "$.jwt",
    "getDatabaseUsage": "$.database",
    "getDatabaseStats": "",
    "listGroups": "$.groups[0].name",
    "createGroup": "$.group.name",
    "getGroup": "$.group.name",
    "deleteGroup": "",
    "getGroupConfiguration": "",
    "updateGroupConfiguration": "",
    "transferGroup": "$.name",
    "unarchiveGroup": "$.group.name",
    "addLocationToGroup": "$.group.name",
    "removeLocationFromGroup": "",
    "createGroupToken": "$.jwt",
    "listLocations": "$.locations",
    "listOrganizations": "$[0].slug",
    "getOrganization": "$.organization.slug",
    "updateOrganization": "$.organization.slug",
    "listOrganizationPlans": "$.plans[0].name",
    "listOrganizationInvoices": "$.invoices",
    "getOrganizationSubscription": "$.subscription",
    "getOrganizationUsage": "$.organization",
    "listOrganizationMembers": "$.members[0].username",
    "addOrganizationMember": "$.member",
    "getOrganizationMember": "$.member.username",
    "updateMemberRole": "$.member.username",
    "removeOrganizationMember": "",
    "validateAPIToken": "",
    "listAPITokens": "$.tokens[0].name",
    "createAPIToken": "$.name",
    "revokeAPIToken": "",
    "listOrganizationAPITokens": "$.tokens[0].name",
    "revokeOrganizationAPIToken": "",
    "listOrganizationAuditLogs": "$.audit_logs",
    "listOrganizationInvitesV2": "$.invites[0].email",
    "inviteOrganizationMemberV2": "$.invited.email",
    "getCurrentUser": "$.user.username",
    "listDeletedDatabases": "$.databases[0].Name",
    "restoreDatabase": "$.database.Name",
    "listDeletedGroups": "$.groups[0].name",
    "restoreGroup": "$.group.name",
}
# Of what may be missing as a whole, the identity of one; and the UUID that was requested.
NAMED = {
    "restoreDatabase": ("$.database.DbId",),
    "restoreGroup": ("$.databases[0].Name", "$.group.uuid"),
}
# The places in errors that have other names than the document's.
PLACES = {"$.member": {"$.member", "$.username"}, "$.database.DbId": {"$.database.id"}}
ANSWERING = [one for one in OPERATIONS.values() if one.key in CLIENT and one.answers[200][0] is not None]
DATA = {("locations",), ("audit_logs", 0, "data")}  # objects whose keys are data, not names of fields

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

Json = Any
Place = tuple[str | int, ...]


def read(operation: Operation[Any], value: Json, names: tuple[str, ...] | None = None) -> Any:
    """What the client makes of an answer."""
    if names is None:
        known = {**NAMES, **OTHER_NAMES.get(operation.name, {})}
        names = tuple(known.get(label, "x") for label in operation.labels)
    found = operation.result(json.dumps(value).encode(), names)
    return found.items if isinstance(found, Page) else found


def is_model(found: Any) -> bool:
    """A model, several, or one of the values that answer a question: a name, yes or no, a template."""
    return all(
        isinstance(item, Model | str | bool | dict)
        for item in (found if isinstance(found, list) else [found])
    )


def places(value: Json, at: Place = ()) -> Iterator[Place]:
    """Of all objects' keys, at every level."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield (*at, key)
            yield from places(child, (*at, key))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from places(child, (*at, number))


def path(place: Place) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)


def bent(value: Json, place: Place, change: Callable[[Any, Any], object]) -> Json:
    """A copy with a change of what is at a place."""
    copy = json.loads(json.dumps(value))
    holder = copy
    for part in place[:-1]:
        holder = holder[part]
    change(holder, place[-1])
    return copy


def drop(holder: dict[str, Json], key: str) -> None:
    del holder[key]


def empty(holder: dict[str, Json], key: str) -> None:
    holder[key] = None


def put(new: Json, holder: dict[str, Json], key: str) -> None:
    holder[key] = new


def plain(place: str) -> str:
    return place.replace("_", "").lower()


def named(key: str) -> list[str]:
    """The ways in which sides of the API spell a key."""
    if not re.search("[a-z]", key):
        return [key] * 5
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower().split("_")
    pascal = "".join(word.title() for word in words)
    return [key, "_".join(words), pascal, pascal[0].lower() + pascal[1:], "_".join(words).upper()]


def respelled(value: Json, spelled: Callable[[str], str], at: Place = ()) -> Json:
    if isinstance(value, list):
        return [respelled(item, spelled, (*at, 0)) for item in value]
    if isinstance(value, dict):
        if at in DATA:
            return value
        return {spelled(key): respelled(item, spelled, (*at, key)) for key, item in value.items()}
    return value


def test_the_table_is_complete() -> None:
    """Every operation with an answer is in it."""
    assert list(REQUIRED) == [one.id for one in ANSWERING]


@pytest.mark.parametrize("operation", ANSWERING, ids=lambda one: one.id)
def test_what_is_missing_or_null(operation: Declared) -> None:
    """Without its identity an answer is refused, at its place; without anything else it is read."""
    client, example = CLIENT[operation.key], operation.answers[200][1]
    assert is_model(read(client, example))
    required = REQUIRED[operation.id]
    for place in places(example):
        needed = path(place) in (required, *NAMED.get(operation.id, ()))
        needed = needed or required.startswith((path(place) + ".", path(place) + "["))
        value = example
        for part in place:
            value = value[part]
        is_list = isinstance(value, list) or place == ("locations",)
        for change, refused in ((drop, needed), (empty, needed and not is_list)):
            try:
                assert is_model(read(client, bent(example, place, change))) and not refused, path(place)
            except DecodeError as error:
                where = PLACES.get(path(place), {path(place)})
                assert refused and plain(error.where) in map(plain, where), error


@pytest.mark.parametrize("operation", ANSWERING, ids=lambda one: one.id)
def test_what_is_added_or_spelled_otherwise(operation: Declared) -> None:
    """Unknown keys change nothing, nor does the spelling of the known ones."""
    client, example = CLIENT[operation.key], operation.answers[200][1]
    found = read(client, example)
    for place in places(example):
        if place[:-1] not in DATA:
            for extra in (None, 5, "x", [], [1], {}, {"name": None}):
                added = bent(
                    example, place, lambda holder, _, extra=extra: holder.update({"added by them": extra})
                )
                assert read(client, added) == found
    for number in range(5):
        assert read(client, respelled(example, lambda key, n=number: named(key)[n])) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def outcome(client: Operation[Any], value: Json, names: tuple[str, ...] | None = None) -> None:
    """A model or a DecodeError with its place, and nothing else."""
    try:
        assert is_model(read(client, value, names))
    except DecodeError as error:
        assert re.fullmatch(r"\$([.\[].*)?", error.where, re.DOTALL), error.where
        assert str(error)


@unhurried
@given(data=st.data())
def test_what_is_bent_at_random(data: st.DataObject) -> None:
    """Whatever is anywhere in an answer, the outcome is a model or a DecodeError."""
    operation = data.draw(st.sampled_from(ANSWERING))
    value = operation.answers[200][1]
    for _ in range(data.draw(st.integers(1, 3))):
        where = list(places(value))
        if where:
            value = bent(value, data.draw(st.sampled_from(where)), partial(put, data.draw(JSON)))
    spelling = data.draw(st.integers(0, 4))
    outcome(CLIENT[operation.key], respelled(value, lambda key: named(key)[spelling]))


@unhurried
@given(value=JSON, operation=st.sampled_from(sorted(CLIENT)))
def test_an_answer_with_nothing_of_what_is_promised_is_at_most_a_decode_error(
    value: Json, operation: str
) -> None:
    """Also for an answer that has nothing of what is promised."""
    try:
        read(CLIENT[operation], value)
    except DecodeError as error:
        assert error.where.startswith("$")


def answers(schema: Schema) -> st.SearchStrategy[Json]:
    """All that a strict schema allows."""
    kinds = schema.get("type")
    kind, null = (kinds[0], st.none()) if isinstance(kinds, list) else (kinds, st.nothing())
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | null
    if kind == "array":
        return st.lists(answers(schema["items"]), max_size=2) | null
    if kind == "object" and "properties" in schema:
        return (
            st.fixed_dictionaries({}, optional={k: answers(v) for k, v in schema["properties"].items()})
            | null
        )
    if kind == "object":
        return (
            st.dictionaries(st.text(max_size=5), JSON if schema["title"] == "AuditLog.data" else st.text())
            | null
        )
    return {"string": st.text(), "integer": st.integers(), "boolean": st.booleans()}[kind] | null


@unhurried
@given(data=st.data())
def test_any_answer_that_fits_the_document_is_a_model_or_a_decode_error(data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(ANSWERING))
    schema, _ = operation.answers[200]
    assert schema is not None
    outcome(CLIENT[operation.key], data.draw(answers(schema)))


@unhurried
@given(data=st.data())
def test_the_answers_of_the_fake_with_a_bend_are_a_model_or_a_decode_error(data: st.DataObject) -> None:
    """The fake's answers, too, may lack keys, or have nulls, other keys and other spellings."""
    exchange = data.draw(
        st.sampled_from([e for e in exchanges() if e.answer.status == 200 and e.answer.body])
    )
    method, parts = exchange.asked.method, exchange.asked.path.split("/")
    clients = (c for c in CLIENT.values() if c.method == method and fits(c.path.split("/"), parts))
    client = next(clients)
    if client.result is nothing:  # whatever it is, apart from an error
        return
    names = tuple(part for part, want in zip(parts, client.path.split("/"), strict=True) if want[:1] == "{")
    value = json.loads(exchange.answer.body)
    assert client.result(exchange.answer.body, names) is not None
    for _ in range(data.draw(st.integers(1, 3))):
        if where := list(places(value)):
            change = data.draw(st.sampled_from([drop, empty, partial(put, [])]))
            value = bent(value, data.draw(st.sampled_from(where)), change)
    spelling = data.draw(st.integers(0, 4))
    outcome(client, respelled(value, lambda key: named(key)[spelling]), names)


def fits(wanted: list[str], parts: list[str]) -> bool:
    """Does a path's template take these parts?"""
    return len(wanted) == len(parts) and all(
        want[:1] == "{" or want == part for want, part in zip(wanted, parts, strict=True)
    )
