"""An answer that names another one than the request is no success, and its call may have taken effect."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cases import CASES
from recorder import Recorder

from aioturso import DecodeError, TursoClient

NAMED = {
    "get database": ("$.database.name", "database", "Name"),
    "create database": ("$.name", "database", "Name"),
    "get database by UUID": ("$.database.id", "database", "DbId"),
    "create database by UUID": ("$.name", "database", "Name"),
    "restore database": ("$.database.id", "database", "DbId"),
    "get instance": ("$.instance.name", "instance", "name"),
    "get group": ("$.group.name", "group", "name"),
    "create group": ("$.name", "group", "name"),
    "add location to group": ("$.name", "group", "name"),
    "unarchive group": ("$.group.name", "group", "name"),
    "transfer group": ("$.name", "name"),
    "get group by UUID": ("$.group.uuid", "group", "uuid"),
    "create group by UUID": ("$.name", "group", "name"),
    "restore group": ("$.group.uuid", "group", "uuid"),
    "create API token": ("$.name", "name"),
    "mint API token": ("$.token.name", "token", "name"),
    "get organization": ("$.organization.slug", "organization", "slug"),
    "update organization": ("$.organization.slug", "organization", "slug"),
    "get member": ("$.member.username", "member", "username"),
    "update member": ("$.member.username", "member", "username"),
}
"""Each operation whose answer names what the request has named: the place in the error, and where it stands."""
BY_UUID = ("get database by UUID", "restore database", "get group by UUID", "restore group")


def naming(operation: str, name: str | None) -> tuple[Any, Any]:
    """The usual answer of an operation with this name in it, and the name that it has as a rule."""
    answer = json.loads(json.dumps(CASES[operation].answer))
    holder, (*path, key) = answer, NAMED[operation][1:]
    for part in path:
        holder = holder[part]
    usual = holder[key]
    holder[key] = name
    return answer, usual


@pytest.mark.parametrize("operation", NAMED)
async def test_an_answer_about_another_one_is_refused_with_its_place(
    operation: str, turso: TursoClient, server: Recorder
) -> None:
    case, place = CASES[operation], NAMED[operation][0]
    server.answers = [naming(operation, "another-one")[0]]
    text = re.escape(f"the answer is about another one than the request at {place}")
    with pytest.raises(DecodeError, match=text) as caught:
        await case.call(turso)
    error = caught.value
    assert (error.where, error.operation) == (place, operation)
    assert (error.attempts, error.maybe_applied) == (1, case.method != "GET")


@pytest.mark.parametrize("operation", NAMED)
async def test_the_same_name_in_another_case_is_no_other_one(
    operation: str, turso: TursoClient, server: Recorder
) -> None:
    """Names of users are kept as they were given, and a platform may answer others in small letters."""
    usual = naming(operation, None)[1]
    server.answers = [naming(operation, f" {usual}".upper())[0]]
    await CASES[operation].call(turso)


@pytest.mark.parametrize("operation", BY_UUID)
@pytest.mark.parametrize("odd", [None, "", " ", 1, "doubled"], ids=repr)
async def test_an_answer_by_uuid_needs_that_uuid_as_one_text(
    operation: str, odd: Any, turso: TursoClient, server: Recorder
) -> None:
    place, holder, key = NAMED[operation]
    answer, usual = naming(operation, odd)
    if odd == "doubled":
        answer[holder] |= {key: usual, key.upper(): "other"}
    server.answers = [answer]
    with pytest.raises(DecodeError) as caught:
        await CASES[operation].call(turso)
    error = caught.value
    assert (error.where, error.maybe_applied) == (place, CASES[operation].method != "GET")


async def test_an_organization_may_be_named_by_its_uuid(turso: TursoClient, server: Recorder) -> None:
    server.answers = [{"organization": {"slug": "other", "id": "FA7"}}]
    assert (await turso.organizations.get("fa7")).slug == "other"
    with pytest.raises(DecodeError):
        await turso.organizations.get("third")


async def test_what_is_there_under_another_name_does_not_exist_by_that(
    turso: TursoClient, server: Recorder
) -> None:
    """The answer proves neither that it exists nor that it does not."""
    server.answers = [naming("get database", "another-one")[0]]
    with pytest.raises(DecodeError):
        await turso.databases.exists("db")
    with pytest.raises(DecodeError):
        await turso.databases.wait_until_gone("db")


async def test_a_file_is_not_uploaded_into_another_database(
    turso: TursoClient, server: Recorder, path: Any
) -> None:
    server.answers = [naming("create database", "another-one")[0]]
    with pytest.raises(DecodeError):
        await turso.databases.upload("db", path, group="g")
    assert [request.method for request in server.requests] == ["POST"]
