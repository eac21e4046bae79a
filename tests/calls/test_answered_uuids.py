"""A deletion whose answer has the uuid of another one than was meant has not deleted what was meant, as far as is known."""

from __future__ import annotations

import json
from typing import Any

import pytest
from raw import RawServer, Step, answer

from aioturso import DecodeError, OutcomeStatus, TursoClient
from aioturso._operation import Operation
from aioturso._removals import of_uuid
from aioturso.api.api_tokens import REVOKE
from aioturso.api.databases import DELETE
from aioturso.api.databases_by_id import DELETE_BY_ID
from aioturso.api.groups import DELETE as DELETE_GROUP
from aioturso.api.groups import REMOVE_LOCATION
from aioturso.api.groups_by_id import DELETE_BY_ID as DELETE_GROUP_BY_ID
from aioturso.api.instances import DESTROY

UUID, OTHER = "0eb771dd-6906-11ee-8553-eaa7715aeaf2", "f1dec998-8f7f-11ee-907d-a2a821fd08b9"
NAMES = {DESTROY: ("org", "db", "x"), REMOVE_LOCATION: ("org", "x", "fra"), REVOKE: ("x",)}
ANOTHER = "the answer names another one than the request"


def named(value: object) -> str:
    return value.name if isinstance(value, Operation) else json.dumps(value)


def answered(operation: Operation[str], uuid: str, body: bytes, names: tuple[str, ...]) -> str:
    return of_uuid(operation, uuid, body)(body, names)


def read(operation: Operation[str], data: Any, uuid: str = UUID) -> str:
    """What a deletion of the thing of a UUID makes of an answer."""
    return answered(operation, uuid, json.dumps(data).encode(), NAMES.get(operation, ("org", "x")))


@pytest.mark.parametrize(
    ("operation", "data", "where"),
    [
        (DESTROY, {"instance": {"name": "x", "uuid": OTHER}}, "uuid"),
        (DESTROY, {"Instance": {"UUID": OTHER}}, "UUID"),
        (DESTROY, {"instance": "x", "uuid": OTHER}, "uuid"),
        (DESTROY, {"instance_id": OTHER}, "instance_id"),
        (DESTROY, {"data": {"deleted": {"instanceUuid": OTHER}}}, "instanceUuid"),
        (DELETE, {"database": {"Name": "x", "DbId": OTHER}}, "DbId"),
        (DELETE, {"database": {"name": "x", "id": UUID, "db_id": OTHER}}, "db_id"),
        (DELETE, {"database": {"name": "x", "id": OTHER}}, "id"),
        (DELETE, {"database": {"uuid": OTHER}}, "uuid"),
        (DELETE, {"database": "x", "dbId": OTHER}, "dbId"),
        (DELETE, {"result": {"databaseId": OTHER}}, "databaseId"),
        (DELETE, {"deleted": OTHER}, "deleted"),
        (DELETE, {"data": {"data": {"data": {"uuid": OTHER}}}}, "uuid"),
        (DELETE_GROUP, {"group": {"name": "x", "uuid": OTHER}}, "uuid"),
        (REMOVE_LOCATION, {"group": {"name": "x", "uuid": OTHER, "locations": ["iad"]}}, "uuid"),
        (REVOKE, {"token": {"name": "x", "id": OTHER}}, "id"),
        (REVOKE, {"token": "x", "token_id": OTHER}, "token_id"),
    ],
    ids=named,
)
def test_the_uuid_of_another_one_is_no_success(operation: Operation[str], data: Any, where: str) -> None:
    with pytest.raises(DecodeError, match=ANOTHER) as caught:
        read(operation, data)
    assert caught.value.where == f"$.{where}"
    assert operation.result(json.dumps(data).encode(), NAMES.get(operation, ("org", "x")))


@pytest.mark.parametrize(
    ("operation", "data"),
    [
        *((DESTROY, data) for data in ({"instance": "x"}, {}, None, {"instance": {"name": "x"}})),
        (DESTROY, {"instance": {"name": "x", "uuid": f" {UUID.upper()} "}, "instance_id": UUID}),
        (DESTROY, {"instance": {"name": "x", "id": OTHER}, "id": OTHER, "request_id": OTHER}),
        (DESTROY, {"instance": "x", "database": {"name": "db", "uuid": OTHER, "DbId": OTHER}}),
        (DESTROY, {"instance": "x", "dbId": OTHER, "instance_id": "x", "uuid": None}),
        (DESTROY, {"instance": {"name": "x", "uuid": ""}, "uuid": 5}),
        (DESTROY, {"instance": {"name": "x", "uuid": "00000000-0000-0000-0000-000000000000"}}),
        (DELETE, {"database": {"Name": "x", "DbId": UUID, "id": UUID, "group_id": OTHER}}),
        *((DELETE, {"deleted": value, "ids": []}) for value in (UUID, "done", 5, [5])),
        (DELETE, {"data": {"data": {"data": {"data": {"uuid": OTHER}}}}}),
        (DELETE_GROUP, {"group": {"name": "x", "uuid": UUID, "id": OTHER}}),
        (REMOVE_LOCATION, {"group": {"name": "x", "uuid": UUID}}),
        (REVOKE, {"token": {"name": "x", "id": UUID, "uuid": OTHER}}),
        (REVOKE, {"token": UUID, "id": OTHER}),
    ],
    ids=named,
)
def test_its_own_uuid_and_those_of_other_things_leave_a_success_one(
    operation: Operation[str], data: Any
) -> None:
    assert read(operation, data) == NAMES.get(operation, ("org", "x"))[-1]


def test_the_shortest_answer_that_has_a_uuid_alone_is_read() -> None:
    with pytest.raises(DecodeError, match=ANOTHER):
        answered(DELETE, UUID, json.dumps({"data": OTHER}, separators=(",", ":")).encode(), ("org", "x"))


def test_an_answer_is_read_once_it_may_have_a_uuid_however_that_is_written() -> None:
    for body in (b"", b" ", b" " * 99, b'{"instance":"x"}', b"null", b"{}"):
        assert answered(DESTROY, UUID, body, NAMES[DESTROY]) == "x"
    for body in (rb'{"instance":"x","uu\u0069d":"other"}', b'{"instance":"x","UUID":"other"}'):
        with pytest.raises(DecodeError, match=ANOTHER):
            answered(DESTROY, UUID, body, NAMES[DESTROY])


@pytest.mark.parametrize("operation", [DELETE_BY_ID, DELETE_GROUP_BY_ID], ids=lambda o: o.name)
def test_a_delete_by_uuid_compares_the_uuid_of_its_path(operation: Operation[str]) -> None:
    kind, key = ("database", "DbId") if operation is DELETE_BY_ID else ("group", "uuid")
    for data in ({kind: "x"}, {kind: {"name": "x", key: UUID}}, {kind: UUID.upper()}, {}, {"name": OTHER}):
        assert operation.result(json.dumps(data).encode(), ("o", UUID)) == UUID
    # A name may have the form of a UUID.
    assert operation.result(json.dumps({kind: OTHER}).encode(), ("o", UUID)) == UUID
    for data in ({kind: {"name": "x", key: OTHER}}, {f"{kind}_id": OTHER}, {"uuid": OTHER}):
        with pytest.raises(DecodeError, match=ANOTHER):
            operation.result(json.dumps(data).encode(), ("o", UUID))


def listed(**more: Any) -> Step:
    return answer(200, {"instances": [{"name": "x", "type": "replica", "region": "fra", **more}]})


async def test_a_report_has_nothing_as_destroyed_whose_name_had_another_one() -> None:
    """It got the name after the list, and was deleted."""
    done = answer(200, {"instance": {"name": "x", "uuid": OTHER}})
    async with RawServer(listed(uuid=UUID), done) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
    (outcome,) = report.outcomes
    assert outcome.status is OutcomeStatus.UNKNOWN and outcome.attempts == 1
    assert isinstance(outcome.error, DecodeError) and outcome.error.maybe_applied
    async with RawServer(listed(), done) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra")
    assert report.destroyed  # nothing to compare


async def test_a_delete_with_a_uuid_raises_for_an_answer_with_another_one() -> None:
    there = answer(200, {"instance": {"name": "x", "uuid": UUID}})

    async def destroyed(turso: TursoClient) -> str:
        return await turso.destroy_instance("db", "x", uuid=UUID.upper())

    for uuid in (UUID, OTHER):
        done = answer(200, {"instance": {"name": "x", "uuid": uuid}})
        async with RawServer(there, done) as raw, raw.client() as turso:
            if uuid == UUID:
                assert await destroyed(turso) == "x"
                continue
            with pytest.raises(DecodeError, match=ANOTHER) as caught:
                await destroyed(turso)
            assert caught.value.maybe_applied and raw.lines == ["GET /x", "DELETE /x"]


async def test_a_plan_by_uuid_compares_it_in_the_answer_too() -> None:
    database = {"Name": "x", "DbId": UUID, "group": "g", "delete_protection": False}
    steps = [
        answer(200, {"databases": [database]}),
        answer(200, {"organization": {"slug": "org", "id": "o"}}),
    ]
    for uuid, status in ((UUID, OutcomeStatus.DESTROYED), (OTHER, OutcomeStatus.UNKNOWN)):
        done = answer(200, {"database": {**database, "DbId": uuid}})
        async with RawServer(*steps, done) as raw, raw.client() as turso:
            plan = await turso.teardown.plan_databases(names=["x"], by_uuid=True)
            report = await plan.execute(return_exceptions=True)
            assert raw.requests[-1].target.endswith(UUID)
        assert [outcome.status for outcome in report.outcomes] == [status]
