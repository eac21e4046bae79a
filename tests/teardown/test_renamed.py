"""A group that gets another name is not gone, and neither are its locations."""

from __future__ import annotations

import pytest

from aioturso import TeardownPlan, TursoClient
from aioturso.testing import FakeTurso, Fault

CHANGED = "changed since the plan was made: its group has another name at $"


@pytest.fixture(params=["group", "group location"])
async def plan(request: pytest.FixtureRequest, turso: TursoClient, fake: FakeTurso) -> TeardownPlan:
    fake.add_group("old", organization="org", locations=["iad", "waw"])
    if request.param == "group":
        return await turso.teardown.plan_groups(names=["old"])
    return await turso.teardown.plan_instances(location="waw", groups=True)


def outcome(report: object) -> tuple[str, str, int]:
    (found,) = report.outcomes  # type: ignore[attr-defined]
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
