"""What a denial means for an operation that only begins something, in a report, and beside data."""

from __future__ import annotations

import json
from typing import Any

import pytest
from raw import RawServer, answer

from aioturso import DecodeError, OutcomeStatus
from aioturso._decode import begun, nothing, one
from aioturso._operation import Operation
from aioturso.api.databases import CREATE
from aioturso.api.databases_by_id import CREATE_BY_ID, RESTORE
from aioturso.api.groups import CREATE as CREATE_GROUP
from aioturso.api.groups_by_id import CREATE_BY_ID as CREATE_GROUP_BY_ID
from aioturso.api.groups_by_id import RESTORE as RESTORE_GROUP
from aioturso.models.groups import Group

NAMES = ("org", "db", "fra")


def test_an_operation_that_only_begins_something_may_be_under_way() -> None:
    reads = begun("aborted")
    for data in ({"status": "aborted"}, {"status": "pending"}, {"message": "in progress"}, {"code": 202}, {}):
        reads(json.dumps(data).encode(), ("org", "g"))
    reads(b"", ("org", "g"))
    for data in (
        {"status": "failed"},
        {"message": "nothing was done"},
        {"message": "it is not being deleted"},
        {"success": False},
        {"error": "no"},
    ):
        with pytest.raises(DecodeError):
            reads(json.dumps(data).encode(), ("org", "g"))
    with pytest.raises(DecodeError):
        begun("pending")(b'{"status": "aborted"}', ("org", "g"))


@pytest.mark.parametrize("name", ["error-db", "locked-1", "retry2", "maintenance_x", "Invalid-1"])
def test_a_name_with_such_a_word_in_it_denies_nothing_in_a_sentence(name: str) -> None:
    reads = begun()
    reads(json.dumps({"message": f"Database {name} deleted."}).encode(), ("org", name))
    for denial in (f"Database {name} was not deleted", f"{name} is locked", f"{name}-2: an error"):
        with pytest.raises(DecodeError):
            reads(json.dumps({"message": denial}).encode(), ("org", name))


@pytest.mark.parametrize(
    ("key", "name", "text"),
    [
        ("message", "failed", "failed"),
        ("message", "0", "0 databases"),
        ("status", "not-found", "not-found"),
        ("message", "log-in", "please log-in"),
        *(("message", word, word) for word in ("dry-run", "no-op", "in-progress", "read-only")),
        *(("message", word, word) for word in ("time-out", "timed-out", "Time-Out")),
    ],
)
def test_a_name_that_is_such_a_word_itself_leaves_it_one(key: str, name: str, text: str) -> None:
    with pytest.raises(DecodeError):
        nothing(json.dumps({key: text}).encode(), ("org", name))


@pytest.mark.parametrize("status", [200, 202])
@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"instance": "a", "dry_run": True}, "a success status, and nothing was done, at $"),
        ({"instance": "a", "status": "pending"}, "accepted, and not yet done, at $"),
    ],
)
async def test_what_an_answer_leaves_open_is_reported_as_unknown(
    status: int, data: object, text: str
) -> None:
    listed = {"instances": [{"name": "a", "type": "replica", "region": "fra"}]}
    async with RawServer(answer(200, listed), answer(status, data)) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
    (outcome,) = report.outcomes
    assert outcome.status is OutcomeStatus.UNKNOWN and outcome.attempts == 1
    assert str(outcome.error).endswith(text)


@pytest.mark.parametrize("kind", ["database", "group"])
def test_words_beside_what_was_made_deny_it_as_those_beside_what_was_read_do_where_it_failed(
    kind: str,
) -> None:
    record = {"name": "a", "status": "pending", "deleted": False}
    made, read = one(Group, kind, made=(kind,), beside=("password",)), one(Group, kind, beside=("password",))
    for data in ({}, {"message": "it is there"}, {"password": "pending"}):
        body = json.dumps({kind: record, **data}).encode()
        assert made(body, NAMES) == read(body, NAMES)
    for data, is_failure in (
        ({"success": False}, True),
        ({"dry_run": True}, False),
        ({"status": "pending"}, False),
    ):
        body = json.dumps({kind: record, **data}).encode()
        with pytest.raises(DecodeError):
            made(body, NAMES)
        if is_failure:
            with pytest.raises(DecodeError):
                read(body, NAMES)
        else:
            assert read(body, NAMES).name == "a"


@pytest.mark.parametrize(
    "operation", [CREATE, CREATE_BY_ID, RESTORE, CREATE_GROUP, CREATE_GROUP_BY_ID, RESTORE_GROUP]
)
def test_what_creates_and_restores_has_not_done_so_by_a_dry_run(operation: Operation[Any]) -> None:
    record = {"name": "a", "Name": "a", "uuid": "u", "DbId": "u"}
    answer = {"database" if "database" in operation.name else "group": record, "failures": {"x": "error"}}
    if operation is not RESTORE_GROUP:
        del answer["failures"]
    assert operation.result(json.dumps(answer).encode(), ("o", "u"))
    with pytest.raises(DecodeError, match="nothing was done"):
        operation.result(json.dumps({**answer, "dry_run": True}).encode(), ("o", "u"))
