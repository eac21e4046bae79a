"""A UUID that is listed, and cannot be believed, is not the same as none: its thing is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from raw import RawServer, answer, close

from aioturso import DecodeError, OutcomeStatus

NIL = "00000000-0000-0000-0000-000000000000"
DOUBTS: list[dict[str, Any]] = [
    {"DbId": "1", "dbId": "2"},
    {"DbId": "1", "id": "2"},
    {"id": "1", "db_id": 7},
    {"DbId": 7},
    {"DbId": ["1"]},
    {"DbId": ""},
    {"DbId": NIL},
    {"dbId": "f" * 8 + "-ffff-ffff-ffff-" + "f" * 12},
    {"id": NIL, "db_id": "1"},
    {"id": "1", "db_id": "0" * 32},
]
MISSING = "its uuid is missing"


def listed(**fields: Any) -> bytes:
    database = {"Name": "a", "group": "g", "delete_protection": False, **fields}
    return answer(200, {"databases": [database]})


@pytest.mark.parametrize("fields", DOUBTS, ids=str)
async def test_a_database_whose_only_uuid_is_in_doubt_is_skipped(fields: dict[str, Any]) -> None:
    async with RawServer(then=listed(**fields)) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_databases(everything=True)
    assert [(o.target.uuid, o.reason) for o in plan.skipped] == [("", MISSING)]
    assert not plan


@pytest.mark.parametrize(
    ("fields", "uuid"), [({}, None), ({"DbId": None}, None), ({"DbId": "1", "id": "1"}, "1")]
)
async def test_a_database_without_a_uuid_on_a_platform_without_any_is_a_target(
    fields: dict[str, Any], uuid: str | None
) -> None:
    async with RawServer(then=listed(**fields)) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_databases(everything=True)
    assert [target.uuid for target in plan.targets] == [uuid]


@pytest.mark.parametrize("uuid", [7, [], {}, True, NIL])
async def test_a_group_an_instance_and_a_token_with_an_odd_uuid_are_skipped(uuid: object) -> None:
    group = {
        "name": "g",
        "uuid": uuid,
        "delete_protection": False,
        "primary": "fra",
        "locations": ["fra", "iad"],
    }
    token = {"name": "t", "id": uuid}
    instance = {"name": "i", "uuid": uuid, "type": "replica", "region": "fra"}
    async with (
        RawServer(
            answer(200, {"groups": [group]}), answer(200, {"databases": []}), answer(200, {"tokens": [token]})
        ) as raw,
        raw.client() as turso,
    ):
        groups = await turso.teardown.plan_groups(everything=True)
        tokens = await turso.teardown.plan_api_tokens(everything=True)
    assert [o.reason for o in (*groups.skipped, *tokens.skipped)] == [MISSING, MISSING]
    database = answer(200, {"database": {"Name": "db", "group": ""}})
    async with RawServer(database, answer(200, {"instances": [instance]})) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_instances(database="db", location="fra")
    assert [o.reason for o in plan.skipped] == [MISSING]


def one(uuid: str) -> dict[str, Any]:
    return {"name": "i", "uuid": uuid, "type": "replica", "region": "fra"}


async def test_a_uuid_that_is_not_set_is_no_proof_that_the_name_belongs_to_another_one() -> None:
    """Go writes a UUID that is not set as zeros (RFC 9562, 5.9)."""
    listed, look = answer(200, {"instances": [one("1")]}), answer(200, {"instance": one(NIL)})
    async with RawServer(listed, close, look) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
    (outcome,) = report.outcomes
    assert outcome.status is OutcomeStatus.UNKNOWN and "its uuid is missing" in str(outcome.error)
    assert raw.lines == ["GET ", "DELETE /i", "GET /i"]


async def test_a_delete_with_a_uuid_that_is_not_set_compares_nothing_and_sends_nothing() -> None:
    async with RawServer(answer(200, {"instance": one(NIL)})) as raw, raw.client() as turso:
        with pytest.raises(DecodeError, match="no UUID to compare"):
            await turso.destroy_instance("db", "i", uuid=NIL)
    assert raw.lines == ["GET /i"]
