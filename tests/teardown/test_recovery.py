"""Each plan shows whether what it deletes can be brought back, and until when; a plan never fails because of that."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from raw import RawServer, answer

from aioturso import ConfigurationError, RetryPolicy, TeardownPlan, TursoClient
from aioturso.testing import FakeTurso, Fault


@pytest.fixture
async def fake() -> AsyncIterator[FakeTurso]:
    async with FakeTurso() as server:
        server.add_database("db", organization="org", instances={"iad": 1, "fra": 1}, primary="iad")
        server.add_group("g", organization="org", locations=["iad", "fra"])
        yield server


async def planned(turso: TursoClient) -> TeardownPlan:
    return await turso.teardown.plan_databases(names=["db"])


async def test_on_a_paid_plan_it_is_possible_for_five_days(fake: FakeTurso, turso: TursoClient) -> None:
    before = datetime.now(UTC) + timedelta(days=5)
    for plan in (await planned(turso), await turso.teardown.plan_groups(names=["g"])):
        fake.requests.clear()
        recovery = await plan.check_recovery()
        assert len(fake.requests) == 2
        assert (recovery.possible, recovery.reason) == (True, "by an admin or owner of the organization")
        assert recovery.until is not None and before <= recovery.until <= datetime.now(UTC) + timedelta(
            days=5
        )
        assert plan.recovery == recovery
        shown = f"  can be brought back until {recovery.until:%Y-%m-%d %H:%M} UTC: {recovery.reason}"
        assert str(plan).splitlines()[-1] == shown
        assert plan.to_dict()["recovery"] == {
            "possible": True,
            "until": recovery.until.isoformat(),
            "reason": recovery.reason,
        }


async def test_without_a_check_it_is_not_known_and_nothing_is_sent(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    fake.requests.clear()
    assert plan.recovery.possible is None
    assert "not known" in str(plan.recovery) and "check_recovery" in str(plan.recovery)
    assert str(plan).splitlines()[1:] == ["  destroy database db"]
    await plan.execute()
    assert [request.method for request in fake.requests] == ["DELETE"]


async def test_a_free_plan_and_recovery_switched_off_are_reasons_why_not(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    fake.add_organization("org", plan="starter")
    found = await plan.check_recovery()
    assert (found.possible, found.until) == (False, None)
    assert found.reason == "the organization has a free plan (starter)"
    fake.add_organization("org", plan="pro", restore_enabled=False)
    found = await plan.check_recovery()
    assert (found.possible, found.reason) == (
        False,
        "recovery is switched off for the organization (restore_enabled)",
    )
    assert str(plan).splitlines()[-1].startswith("  cannot be brought back: recovery is switched off")


async def test_what_the_platform_never_restores_needs_no_request(fake: FakeTurso, turso: TursoClient) -> None:
    await turso.api_tokens.create("ci")
    plans = [
        await turso.teardown.plan_instances(location="fra", groups=True),
        await turso.teardown.plan_api_tokens(names=["ci"]),
        await turso.teardown.plan_databases(prefix="none"),
    ]
    fake.requests.clear()
    assert [(await plan.check_recovery()).to_dict() for plan in plans] == [
        {"possible": False, "until": None, "reason": "the platform restores no group locations or instances"},
        {"possible": False, "until": None, "reason": "the platform restores no API tokens"},
        {"possible": None, "until": None, "reason": "nothing is to be deleted"},
    ]
    assert fake.requests == []
    assert str(plans[1]).splitlines()[-1] == "  cannot be brought back: the platform restores no API tokens"


@pytest.mark.parametrize("path", ["/v1/organizations/org", "/subscription"])
@pytest.mark.parametrize("code", [403, 404, 500])
async def test_a_refusal_means_that_it_is_not_known(
    fake: FakeTurso, turso: TursoClient, path: str, code: int
) -> None:
    plan = await planned(turso)
    fake.inject(Fault.status(code), method="GET", path=path, times=9)
    recovery = await plan.check_recovery()
    assert (recovery.possible, recovery.until) == (None, None)
    assert str(code) in recovery.reason
    assert (await plan.execute()).ok


@pytest.mark.parametrize(
    ("organization", "subscription"),
    [
        ({}, {"plan": "scaler"}),
        ({"restore_enabled": True}, {}),
        ({"restore_enabled": "yes"}, {"plan": "scaler"}),
    ],
)
async def test_an_answer_without_the_setting_or_the_plan_is_no_permission_to_promise(
    fast: RetryPolicy, organization: dict[str, Any], subscription: dict[str, Any]
) -> None:
    listed = answer(200, {"databases": [{"Name": "db", "DbId": "u", "delete_protection": False}]})
    setting = answer(200, {"organization": {"slug": "org", "id": "o", **organization}})
    steps = [listed, setting, answer(200, {"subscription": subscription})]
    async with RawServer(*steps) as raw, raw.client(retry=fast) as turso:
        assert (await (await planned(turso)).check_recovery()).possible is None
    assert raw.requests[1].target.endswith("/organizations/org")


async def test_a_target_without_a_uuid_cannot_be_brought_back(fast: RetryPolicy) -> None:
    async with (
        RawServer(answer(200, {"databases": [{"Name": "db"}]}), then=answer(404, b"no such route")) as raw,
        raw.client(retry=fast) as turso,
    ):
        recovery = await (await planned(turso)).check_recovery()
    assert recovery.possible is False
    assert recovery.reason.startswith("the uuid of 1 of 1 is not known")


async def test_the_plan_of_an_undo_deletes_nothing(fake: FakeTurso, turso: TursoClient) -> None:
    undo = await turso.teardown.plan_undo(await (await planned(turso)).execute())
    fake.requests.clear()
    recovery = await undo.check_recovery()
    assert (recovery.possible, recovery.reason, fake.requests) == (None, "an undo deletes nothing", [])
    assert str(undo).splitlines()[1:] == ["  restore database db"]
    assert "recovery" not in undo.to_dict()


async def test_a_plan_without_a_client_cannot_look(turso: TursoClient) -> None:
    plan = TeardownPlan.from_dict((await planned(turso)).to_dict())
    with pytest.raises(ConfigurationError, match="load"):
        await plan.check_recovery()
