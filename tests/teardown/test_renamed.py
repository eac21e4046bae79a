"""A group that gets another name is not gone, and neither are its locations."""

from __future__ import annotations

import pytest
from missing import not_found

from aioturso import (
    DecodeError,
    NotFoundError,
    OutcomeStatus,
    ServerError,
    TeardownPlan,
    TeardownReport,
    TursoClient,
    TursoError,
)
from aioturso._account import Account
from aioturso.teardown.verbs import REMOVE, _unless_renamed
from aioturso.testing import FakeTurso, Fault

CHANGED = "changed since the plan was made: its group has another name"


@pytest.fixture(params=["group", "group location"])
async def plan(request: pytest.FixtureRequest, turso: TursoClient, fake: FakeTurso) -> TeardownPlan:
    fake.add_group("old", organization="org", locations=["iad", "waw"])
    if request.param == "group":
        return await turso.teardown.plan_groups(names=["old"])
    return await turso.teardown.plan_instances(location="waw", groups=True)


def outcome(report: TeardownReport) -> tuple[str, str, int]:
    (found,) = report.outcomes
    return found.status.value, str(found.error or found.reason), found.attempts


async def test_a_name_that_is_gone_as_its_group_has_another_one_is_no_group_that_is_gone(
    plan: TeardownPlan, turso: TursoClient, fake: FakeTurso
) -> None:
    await turso.groups.rename("old", "new")
    report = await plan.execute(return_exceptions=True)
    status, why, attempts = outcome(report)
    assert (status, attempts) == ("failed", 1) and CHANGED in why
    assert (await turso.groups.get("new")).locations == ("iad", "waw")


async def test_what_was_lost_before_its_group_got_another_name_is_unknown(
    plan: TeardownPlan, turso: TursoClient, fake: FakeTurso
) -> None:
    await turso.groups.rename("old", "new")
    fake.inject(Fault.drop_before(), method="DELETE")
    status, why, _ = outcome(await plan.execute(return_exceptions=True))
    assert status == "unknown" and CHANGED in why


async def test_an_old_plan_leaves_it_open_where_its_group_has_another_name(
    plan: TeardownPlan, turso: TursoClient, fake: FakeTurso
) -> None:
    await turso.groups.rename("old", "new")
    status, why, attempts = outcome(await plan.execute(max_age=0, return_exceptions=True))
    assert (status, why, attempts) == (
        "not_attempted",
        "not listed, and not known to be gone: the list may be incomplete",
        0,
    )


async def test_a_group_that_is_gone_is_gone(plan: TeardownPlan, turso: TursoClient, fake: FakeTurso) -> None:
    await turso.groups.delete("old")
    fake.add_group("new", organization="org", locations=["iad", "waw"])
    assert outcome(await plan.execute())[::2] == ("already_gone", 1)


async def test_where_the_groups_cannot_be_listed_the_answer_decides(
    plan: TeardownPlan, turso: TursoClient, fake: FakeTurso
) -> None:
    await turso.groups.rename("old", "new")
    fake.inject(Fault.status(500), method="GET", path="/groups", times=100)
    assert outcome(await plan.execute())[::2] == ("already_gone", 1)


async def test_a_location_that_is_gone_from_a_group_with_another_name_is_gone(
    turso: TursoClient, fake: FakeTurso
) -> None:
    fake.add_group("old", organization="org", locations=["iad", "waw"])
    plan = await turso.teardown.plan_instances(location="waw", groups=True)
    await turso.groups.rename("old", "new")
    await turso.groups.remove_location("new", "waw")
    assert outcome(await plan.execute())[::2] == ("already_gone", 1)


async def ended(error: TursoError) -> str:
    """A call that has ended with this error."""
    raise error


async def test_a_group_that_a_list_still_has_under_its_name_is_gone_by_its_404(
    plan: TeardownPlan, turso: TursoClient
) -> None:
    call = ended(not_found("group"))
    with pytest.raises(NotFoundError):
        await _unless_renamed(call, turso.teardown._engine, plan.targets[0], Account(attempts=1))


async def test_the_groups_are_listed_after_the_absence_of_the_name_alone(
    plan: TeardownPlan, turso: TursoClient, fake: FakeTurso
) -> None:
    async def worked() -> str:
        return "old"

    await turso.groups.rename("old", "new")
    before, (target,) = len(fake.sent("GET")), plan.targets
    engine = turso.teardown._engine
    assert await _unless_renamed(worked(), engine, target, Account(attempts=1)) == "old"
    for error in (ServerError("down", status=503), not_found("organization")):
        with pytest.raises(type(error)):
            await _unless_renamed(ended(error), engine, target, Account(attempts=1))
    assert len(fake.sent("GET")) == before


async def test_after_a_stop_the_groups_are_not_listed(
    plan: TeardownPlan, turso: TursoClient, fake: FakeTurso
) -> None:
    await turso.groups.rename("old", "new")
    before, call = len(fake.sent("GET")), ended(not_found("group"))
    with pytest.raises(NotFoundError):
        await _unless_renamed(call, turso.teardown._engine, plan.targets[0], Account(attempts=1, ended=True))
    assert len(fake.sent("GET")) == before


async def test_a_look_that_has_not_found_the_old_name_is_no_proof_either(
    plan: TeardownPlan, turso: TursoClient
) -> None:
    await turso.groups.rename("old", "new")
    account = Account(attempts=1)
    account.conclude("no longer there")
    call = ended(ServerError("down", status=503))
    with pytest.raises(DecodeError, match=CHANGED) as caught:
        await _unless_renamed(call, turso.teardown._engine, plan.targets[0], account)
    assert REMOVE.judge(plan.targets[0], account, caught.value).status is OutcomeStatus.FAILED


async def test_a_location_in_another_spelling_is_there_under_the_other_name(
    turso: TursoClient, fake: FakeTurso
) -> None:
    fake.add_group("old", organization="org", locations=["iad", "waw"])
    plan = await turso.teardown.plan_instances(location="waw", groups=True)
    await turso.groups.rename("old", "new")
    fake.state.organizations["org"].groups["new"].locations[:] = ["iad", "WAW"]
    status, why, _ = outcome(await plan.execute(return_exceptions=True))
    assert status == "failed" and CHANGED in why
