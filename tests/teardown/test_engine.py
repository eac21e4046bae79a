"""What a teardown learns of its organization, and whether what it deletes can be brought back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from raw import RawServer, Step, answer
from routes import routes

from aioturso import DecodeError, Target, TursoClient
from aioturso.teardown.recovery import Recovery, checked

A = Target(kind="database", organization="org", database="a", uuid="u")


def organization(**fields: Any) -> Step:
    return answer(200, {"organization": {"slug": "org", **fields}})


def plan(name: str | None) -> Step:
    return answer(200, {"subscription": {"plan": name} if name else {}})


async def recovery(one: Step, subscription: Step = plan("scaler")) -> tuple[Recovery, int]:  # noqa: B008 - a constant
    table: dict[str, Step | list[Step]] = {"GET organizations/org": one, "GET org/subscription": subscription}
    async with RawServer(then=routes(table)) as raw, raw.client(retry=None) as turso:
        return await checked(turso.teardown._engine, [A]), len(raw.requests)


async def test_on_a_paid_plan_what_is_deleted_can_be_brought_back_for_five_days() -> None:
    before = datetime.now(UTC)
    found, requests = await recovery(organization(restore_enabled=True))
    assert (found.possible, found.reason, requests) == (True, "by an admin or owner of the organization", 2)
    assert found.until is not None and before <= found.until - timedelta(days=5) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("one", "subscription", "possible", "reason"),
    [
        (
            organization(restore_enabled=False),
            plan("pro"),
            False,
            "recovery is switched off for the organization (restore_enabled)",
        ),
        (organization(), plan("pro"), None, "the platform does not answer whether recovery is switched on"),
        (
            organization(restore_enabled=True),
            plan("Starter"),
            False,
            "the organization has a free plan (Starter)",
        ),
        (organization(restore_enabled=True), plan("free"), False, "the organization has a free plan (free)"),
    ],
)
async def test_what_stands_against_it_is_the_reason(
    one: Step, subscription: Step, possible: bool | None, reason: str
) -> None:
    found, _ = await recovery(one, subscription)
    assert found == Recovery(possible=possible, reason=reason)


async def test_what_the_platform_does_not_answer_is_not_known() -> None:
    found, _ = await recovery(answer(500, {"error": "down"}))
    assert (found.possible, found.until) == (None, None) and "down" in found.reason
    found, _ = await recovery(organization(restore_enabled=True), answer(403, {"error": "not yours"}))
    assert found.possible is None and "not yours" in found.reason
    found, _ = await recovery(
        organization(restore_enabled=True), answer(200, {"subscription": {"name": "x"}})
    )
    assert found.reason == "the platform does not answer which plan the organization has"


async def test_an_organization_is_looked_up_once_for_its_id() -> None:
    async with (
        RawServer(then=routes({"GET organizations/org": organization(id="o")})) as raw,
        raw.client() as turso,
    ):
        engine = turso.teardown._engine
        assert [await engine.organization_id() for _ in range(2)] == ["o", "o"]
        assert await engine.at_most(5).organization_id() == "o"
        assert engine.at_most(None) is engine and engine.at_most(5).limiter is engine.limiter
    assert len(raw.requests) == 1


async def test_an_organization_without_an_id_is_an_error_that_names_the_place() -> None:
    async with (
        RawServer(then=routes({"GET organizations/org": organization()})) as raw,
        raw.client() as turso,
    ):
        with pytest.raises(DecodeError, match=r"missing at \$\.organization\.id") as caught:
            await turso.teardown._engine.organization_id()
    assert caught.value.where == "$.organization.id"
    assert (caught.value.operation, caught.value.attempts) == ("get organization", 1)


def test_without_an_organization_its_name_is_empty() -> None:
    assert TursoClient("t").teardown._engine.organization == ""
