"""The answer to a removal is a success if it is about nothing else than what was to be removed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from aioturso import DecodeError
from aioturso._removals import removed

Read = Callable[[bytes, tuple[str, ...]], Any]


def refused(read: Read, body: bytes, *names: str) -> tuple[str, str]:
    """Returns the place and the text of the error."""
    with pytest.raises(DecodeError) as caught:
        read(body, names)
    return caught.value.where, str(caught.value)


INSTANCE = removed("organization", "database", "instance")
NAMES = ("org", "db", "i")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"null",
        b"{}",
        b'{"instance":"i"}',
        b'{"instance": "i"}',
        b'{"Instance": {"Name": "i"}}',
        b'{"instance": {"slug": "i", "name": "other"}}',
        b'{"instance": {"slug": "", "username": null, "email": "i"}}',
        b'{"instance": {"size": 5}}',
        b'{"instance": null, "database": ""}',
        b'{"database": "db", "instance": "i"}',
        b'{"instance": "i", "organization": " Org"}',
        b'{"instance": "i", "organization": "0eb771dd-6906-11ee-8553-eaa7715aeaf2"}',
        b'{"instance_name": ""}',
        b'{"instance_name": 5}',
        b'{"instanceUuid": "1"}',
        b'{"name": " "}',
        b'{"name": 5}',
    ],
)
def test_a_removal_is_a_success_if_its_answer_is_about_nothing_else(body: bytes) -> None:
    assert INSTANCE(body, NAMES) == "i"


@pytest.mark.parametrize(
    ("body", "where", "why"),
    [
        (b'{"instance":"other"}', "$.instance", "the answer names another one than the request"),
        (b'{"Instance": {"name": "other"}}', "$.Instance", "the answer names another one than the request"),
        (
            b'{"instance": "i", "database": "i"}',
            "$.database",
            "the answer names another one than the request",
        ),
        (b'{"count": 1, "instance": "other"}', "$.instance", "the answer names another one than the request"),
        (
            b'{"database": "", "instance": "other"}',
            "$.instance",
            "the answer names another one than the request",
        ),
        (
            b'{"instance": "i", "organization": "other"}',
            "$.organization",
            "the answer names another one than the request",
        ),
        (
            b'{"instance": "i", "organization": {"slug": "other"}}',
            "$.organization",
            "the answer names another one than the request",
        ),
        (b'{"database": "db"}', "$.database", "the answer is about something else"),
        (b'{"groups": ["g"]}', "$.groups", "the answer is about something else"),
        (b'{"members": "m"}', "$.members", "the answer is about something else"),
        (b'{"token": "t", "instance": ""}', "$.token", "the answer is about something else"),
        (b'{"instance": "i", "error": "no"}', "$", "a success status with an error in the answer"),
        (b'{"name": "other"}', "$.name", "the answer names another one than the request"),
        (
            b'{"instance": {"slug": "", "name": "other"}}',
            "$.instance",
            "the answer names another one than the request",
        ),
        (b'{"instance": {"email": "other"}}', "$.instance", "the answer names another one than the request"),
        (b'{"instance": {"name": "i", "Name": "j"}}', "$.name", "given twice, with different values,"),
        (b'{"instance": "i", "success": false}', "$", "a success status with a failure in the answer"),
        (b"[]", "$", "expected an object, not list,"),
        (b'"i"', "$", "expected an object, not str,"),
        (b"0", "$", "expected an object, not int,"),
    ],
)
def test_a_removal_whose_answer_is_about_something_else_is_none(body: bytes, where: str, why: str) -> None:
    found, text = refused(INSTANCE, body, *NAMES)
    assert (found, text) == (where, f"{why} at {where}")


@pytest.mark.parametrize(
    "kind", ["instance", "database", "group", "organization", "member", "invite", "token", "location", "user"]
)
def test_each_kind_that_an_answer_names_is_something_else(kind: str) -> None:
    read = removed("jwks", by="other")
    assert refused(read, b'{"%b": "x"}' % kind.encode(), "x") == (
        f"$.{kind}",
        f"the answer is about something else at $.{kind}",
    )


@pytest.mark.parametrize("around", ["data", "result", "response", "deleted", "destroyed", "removed"])
def test_a_removal_is_looked_for_within_an_object_around_it_three_deep(around: str) -> None:
    inner = '{"instance": "other"}'
    for deep in range(4):
        assert refused(INSTANCE, inner.encode(), *NAMES)[0] == "$.instance", deep
        inner = f'{{"{around}": {inner}}}'
    assert INSTANCE(inner.encode(), NAMES) == "i"


@pytest.mark.parametrize("kind", ["instance", "database", "group"])
def test_a_bare_name_in_the_answer_to_a_removal_is_the_one_of_the_path(kind: str) -> None:
    read = removed(kind)
    assert read(b'{"name": "x"}', ("x",)) == "x"
    assert refused(read, b'{"name": "other"}', "x")[0] == "$.name"
    # The path has no name to compare with.
    assert removed(kind, compared=False)(b'{"name": "other"}', ("x",)) == "x"
    assert removed(kind, also=("other",))(b'{"name": "other"}', ("x",)) == "x"


def test_the_name_of_a_member_is_one_for_people() -> None:
    assert removed("member")(b'{"name": "Jo"}', ("jo",)) == "jo"


def test_a_removal_may_be_named_by_another_key_or_not_at_all() -> None:
    by = removed("user", by="member")
    assert by(b'{"member": "anything", "organization": "o"}', ("org", "u")) == "u"
    assert refused(by, b'{"user": "u"}', "org", "u")[0] == "$.user"
    uncompared = removed("database", compared=False)
    assert uncompared(b'{"database": "a name"}', ("a-uuid",)) == "a-uuid"
    assert refused(uncompared, b'{"group": "a name"}', "a-uuid")[0] == "$.group"


ANOTHER = "the answer names another one than the request"


@pytest.mark.parametrize("key", ["deleted", "Destroyed", "removed", "revoked", "terminated"])
def test_a_text_under_what_was_done_is_the_name_of_what_it_was_done_to(key: str) -> None:
    for text in ("other", "none", "I", "other-1", "i2", "pending", "2others", "v1.2"):
        for data in ({key: text}, {"data": {key: text}}, {key: text, "count": 5}):
            place, why = refused(INSTANCE, json.dumps(data).encode(), *NAMES)
            assert (place, why) == ("$.name", f"{ANOTHER} at $.name")
    for text in ("i", "db", "org"):
        assert INSTANCE(json.dumps({key: text}).encode(), NAMES) == "i"
    # These have a name for people besides.
    assert removed("member")(json.dumps({key: "other"}).encode(), ("org", "u")) == "u"


@pytest.mark.parametrize(
    "text",
    [
        *("true", "YES", "ok", "Done", "success", "successfully", "completed", "permanently", "soft", "now"),
        *("instance", "Database", "deleted", "1", "-1", "12.5", "0 of 0", "1 row", "", " ", "all of it"),
        *("2026-11-27", "2026-11-27T01:02:03.5Z", "20261127", "0eb771dd-6906-11ee-8553-eaa7715aeaf2"),
        *("/v1/x", "https://x", "org/db/i"),
    ],
)
def test_a_text_that_is_no_name_names_no_other_one(text: str) -> None:
    assert INSTANCE(json.dumps({"deleted": text}).encode(), NAMES) == "i"


@pytest.mark.parametrize(
    ("key", "place"),
    [
        *((key, "instance") for key in ("deleted_instance", "deletedInstance", "destroyed_instance_name")),
        *((key, "name") for key in ("deleted_name", "removedName", "deleted_names")),
        *((key, "database") for key in ("removed_database", "DeletedDatabases")),
    ],
)
def test_a_key_may_have_both_what_was_done_and_to_what(key: str, place: str) -> None:
    own = {"instance": "i", "database": "db", "name": "i"}[place]
    for other in ("other", ["other"], [own, {"name": "other"}], {"name": "other"}):
        body = json.dumps({"instance": "i", key: other}).encode()
        assert refused(INSTANCE, body, *NAMES)[0] == f"$.{place}"
    for same in (own, [own], {"name": own}, True, 1, None, "", [], {}):
        assert INSTANCE(json.dumps({"instance": "i", key: same}).encode(), NAMES) == "i"


THERE = "a success status, and it is still there, at $"
PRESENT: list[dict[str, Any]] = [
    *({"status": word} for word in ("active", "Available", "online", "alive", "healthy", "enabled", "ready")),
    *({"state": word} for word in ("archived", "suspended", "paused", "disabled", "stopped", "retained")),
    *({"result": word} for word in ("created", "restored", "recovered", "preserved", "unknown")),
    *({key: True} for key in ("active", "is_active", "alive", "available", "online", "enabled", "isRunning")),
    *({key: False} for key in ("gone", "is_gone", "absent")),
    *({key: None} for key in ("deleted_at", "DeletedAt", "destroyedAt", "removed_on", "deletion_time")),
    *({"deleted_at": value} for value in ("", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0, "false")),
]


@pytest.mark.parametrize("data", PRESENT, ids=str)
def test_a_removal_is_none_where_its_answer_has_the_thing_as_there(data: dict[str, object]) -> None:
    for answer in (data, {"instance": "i", **data}, {"instance": {"name": "i", **data}}, {"data": data}):
        assert refused(INSTANCE, json.dumps(answer).encode(), *NAMES)[1].startswith(THERE)
    group = removed("organization", "group")
    assert refused(group, json.dumps({"group": {"name": "g"}, **data}).encode(), "org", "g")[1] == THERE
    # The platform answers with the group as it was.
    assert group(json.dumps({"group": {"name": "g", **data}}).encode(), ("org", "g")) == "g"


@pytest.mark.parametrize(
    "data",
    [
        {"status": "deleted", "state": "up", "phase": "done", "active": False, "gone": True, "online": "no"},
        {"deleted_at": "2026-11-27T00:00:00Z", "absent": 1, "created": True, "archived": True},
        {"status": {"locations": [{"name": "iad", "status": "active"}]}},
        {"deleted_at": 1795000000, "label": "active", "kind": "available"},
    ],
    ids=str,
)
def test_other_states_leave_a_removal_one(data: dict[str, object]) -> None:
    for answer in (data, {"instance": {"name": "i", **data}}, {"result": data}):
        assert INSTANCE(json.dumps(answer).encode(), NAMES) == "i"


def test_a_thing_is_there_within_three_objects_around_the_answer() -> None:
    inner = '{"status": "active"}'
    for deep in range(4):
        assert refused(INSTANCE, inner.encode(), *NAMES)[1] == THERE, deep
        inner = f'{{"data": {inner}}}'
    assert INSTANCE(inner.encode(), NAMES) == "i"


def test_what_holds_a_thing_that_is_removed_stays_there() -> None:
    """The answer to the removal of a location is its group; and people have other states."""
    for data in PRESENT:
        body = json.dumps({"group": {"name": "g", **data}}).encode()
        assert removed("group", "location", by="group")(body, ("g", "fra")) == "fra"
        assert removed("member")(json.dumps({"member": "u", **data}).encode(), ("org", "u")) == "u"


LATER = "accepted, and not yet done, at $"
JOBS = [
    *({key: "7"} for key in ("job", "job_id", "jobId", "task", "task_uuid", "operation_id", "workflowId")),
    *({key: "https://x/7"} for key in ("job_url", "operationLink", "status_url", "statusUri", "poll_url")),
    *({key: {"id": 7}} for key in ("job", "Task", "operation", "deletion_job", "workflow")),
    {"jobs": [{"id": 7}]},
    {"operation": "op-7", "success": True, "status": "ok"},
    {"job": 7, "label": "done", "x": ["deleted"]},
    {"job": {"id": 7, "progress": 100, "deleted": None, "status": "new"}},
]


@pytest.mark.parametrize("data", JOBS, ids=str)
def test_a_job_alone_is_accepted_and_not_yet_done(data: dict[str, object]) -> None:
    for answer in (data, {"data": data}, {"result": {"response": data}}):
        assert refused(INSTANCE, json.dumps(answer).encode(), *NAMES)[1] == LATER
    for done in ({"instance": "i"}, {"status": "done"}, {"deleted": True}, {"state": "Deleted"}, {"done": 1}):
        assert INSTANCE(json.dumps({**data, **done}).encode(), NAMES) == "i"
    for status in ("completed", "SUCCEEDED", "success", "successful", "finished", "complete"):
        assert INSTANCE(json.dumps({**data, "x": [{"status": status}]}).encode(), NAMES) == "i"


@pytest.mark.parametrize(
    "data",
    [
        *({"operation": verb} for verb in ("delete", "DELETE", "destroy_instance", "removal", "revoke")),
        *({"task": value} for value in (None, "", 0, False)),
        {"task": []},
        {"task": {}},
        {"jobless": "7", "a_job_id": "7", "request_id": "7"},
    ],
    ids=str,
)
def test_what_is_no_job_leaves_a_removal_one(data: dict[str, object]) -> None:
    assert INSTANCE(json.dumps(data).encode(), NAMES) == "i"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Instance 'other' deleted",
            'the instance "other" was destroyed',
            "instance [other]",
            "instance `o`",
        ),
        *("deleted instance other-1", "instance o2 is gone", "Instance named 'other' of database 'db'"),
        *("database 'other': instance 'i' deleted", "INSTANCE other_1: done", "instance i of database db-2"),
    ],
)
def test_a_sentence_that_names_another_one_is_about_that(text: str) -> None:
    for data in ({"message": text}, {"instance": "i", "result": {"detail": text}}):
        assert refused(INSTANCE, json.dumps(data).encode(), *NAMES) == ("$", f"{ANOTHER} at $")


@pytest.mark.parametrize(
    "text",
    [
        *("Instance 'i' deleted", "instance i of database db was destroyed", "the instance is gone"),
        *(
            "database [db]: instance `i`",
            "instance deleted",
            "instance soft-deleted",
            "group 'g' has i no more",
        ),
        *("instance deleted after 2s", "instance 2026", "instances: 3 left", "instance was auto_removed"),
        *("database DB", "instance 'I '", 'deleted "i"', "token 'x', member m-1"),
    ],
)
def test_a_sentence_that_names_this_one_or_none_leaves_a_removal_one(text: str) -> None:
    assert INSTANCE(json.dumps({"message": text}).encode(), NAMES) == "i"


def test_a_sentence_is_compared_where_there_is_a_name_to_compare() -> None:
    text = json.dumps({"message": "database 'x-1' deleted"}).encode()
    assert removed("database", compared=False)(text, ("o", "uuid")) == "uuid"
    assert removed("database", also=("x-1",))(text, ("uuid",)) == "uuid"
    assert removed("member")(json.dumps({"message": "member 'Jo Doe' left"}).encode(), ("org", "jo")) == "jo"
    for data in ({"message": 5}, {"message": ["instance 'other'"]}, {"label": "instance 'other'"}):
        assert INSTANCE(json.dumps(data).encode(), NAMES) == "i"
    told = "instance 'other'"
    assert refused(INSTANCE, json.dumps({"message": told.rjust(2000)}).encode(), *NAMES)[0] == "$"
    assert INSTANCE(json.dumps({"message": told.rjust(2001)}).encode(), NAMES) == "i"
