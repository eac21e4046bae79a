"""A create whose answer is that the thing was there before has created nothing, and a restore nothing restored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aioturso import DecodeError
from aioturso._operation import Operation
from aioturso.api.databases import CREATE
from aioturso.api.databases_by_id import CREATE_BY_ID, RESTORE
from aioturso.api.groups import CREATE as CREATE_GROUP
from aioturso.api.groups_by_id import CREATE_BY_ID as CREATE_GROUP_BY_ID
from aioturso.api.groups_by_id import RESTORE as RESTORE_GROUP

CREATES = [CREATE, CREATE_BY_ID, CREATE_GROUP, CREATE_GROUP_BY_ID]
RESTORES = [RESTORE, RESTORE_GROUP]
BOTH = [
    *(
        {key: True}
        for key in ("already_exists", "alreadyExisted", "pre_existing", "previously_existed", "already_there")
    ),
    *({key: True} for key in ("already_present", "already_created", "existed", "existing", "is_existing")),
    *({key: "yes"} for key in ("returned_existing", "reused", "was_reused", "duplicate", "isDuplicate")),
    {"existing": {"name": "a"}},
    *(
        {"status": word}
        for word in ("already_exists", "Already there", "already-created", "existing", "existed")
    ),
    *({"state": word} for word in ("already exist", "already_existed", "existed already")),
    *({"result": word} for word in ("exists already", "reused", "duplicate", "DATABASE_ALREADY_EXISTS")),
    *({"code": word} for word in ("already_exists", "ALREADY_PRESENT", "name-already-exists")),
    *(
        {"message": f"It {words}."}
        for words in (
            "already exists",
            "does already exist",
            "was already present",
            "was already there",
            "is already created",
            "existed",
            "exists already",
        )
    ),
    *(
        {"warning": words}
        for words in ("an existing database is returned", "Same name", "name already in use")
    ),
    *({"info": words} for words in ("the name is already taken", "reused", "reusing it")),
]
NOT_CREATED = [
    *(
        {key: False}
        for key in ("created", "is_new", "isNew", "new", "was_created", "newly_created", "inserted")
    ),
    *({"created": value} for value in (0, "no", "false")),
    {"status": "not_created"},
    {"message": "It was not created"},
]
NOT_RESTORED = [
    *({key: False} for key in ("restored", "wasRestored", "recovered", "undeleted")),
    {"result": "not restored"},
    {"note": "not restored"},
]
NEITHER = [
    {"created": True, "is_new": 1, "status": "created", "message": "created", "existing": False},
    {"created": "2026-11-27T00:00:00Z", "new": None, "reused": 0, "duplicate": "no", "existing": []},
    {"restored": True, "status": "active", "state": "ready", "code": 201, "exists_on": "iad"},
]


def answers(operation: Operation[Any], words: dict[str, Any]) -> list[bytes]:
    """The words beside what was made, and in its record."""
    record = {"name": "a", "Name": "a", "uuid": "u", "DbId": "u"}
    kind = "database" if "database" in operation.name else "group"
    return [json.dumps(data).encode() for data in ({kind: record, **words}, {kind: {**record, **words}})]


def refuses(operation: Operation[Any], words: dict[str, Any]) -> None:
    for body in answers(operation, words):
        with pytest.raises(DecodeError, match="a success status, and it was there before, at "):
            operation.result(body, ("o", "u"))


@pytest.mark.parametrize("words", BOTH, ids=str)
@pytest.mark.parametrize("operation", [*CREATES, *RESTORES], ids=lambda operation: operation.name)
def test_what_was_there_before_was_neither_created_nor_restored(
    operation: Operation[Any], words: dict[str, Any]
) -> None:
    refuses(operation, words)


@pytest.mark.parametrize("words", NOT_CREATED, ids=str)
@pytest.mark.parametrize("operation", CREATES, ids=lambda operation: operation.name)
def test_what_is_not_new_was_not_created(operation: Operation[Any], words: dict[str, Any]) -> None:
    refuses(operation, words)


@pytest.mark.parametrize("words", NOT_RESTORED, ids=str)
@pytest.mark.parametrize("operation", RESTORES, ids=lambda operation: operation.name)
def test_what_was_not_brought_back_was_not_restored(operation: Operation[Any], words: dict[str, Any]) -> None:
    refuses(operation, words)


@pytest.mark.parametrize("words", NEITHER, ids=str)
@pytest.mark.parametrize("operation", [*CREATES, *RESTORES], ids=lambda operation: operation.name)
def test_other_words_leave_what_was_made_as_it_is(operation: Operation[Any], words: dict[str, Any]) -> None:
    assert all(operation.result(body, ("o", "u")) for body in answers(operation, words))


def test_what_is_restored_need_not_be_new_and_what_is_created_need_not_be_restored() -> None:
    for operation, words in ((RESTORE, {"created": False, "is_new": False}), (CREATE, {"restored": False})):
        assert all(operation.result(body, ("o", "u")) for body in answers(operation, words))


def test_a_database_that_did_not_come_back_with_its_group_denies_nothing_of_the_group() -> None:
    record = {"name": "g", "uuid": "u"}
    failures = {"d": "its name already exists", "already_exists": "yes"}
    body = json.dumps({"group": record, "failures": failures}).encode()
    assert RESTORE_GROUP.result(body, ("o", "u")).failures == failures
