"""A look at one target by itself: what it proves, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest
from raw import RawServer, Request, Step, answer, close

from aioturso import OutcomeStatus, RetryPolicy, TeardownReport

GROUP = {
    "name": "eu",
    "uuid": "u",
    "locations": ["iad", "fra"],
    "primary": "iad",
    "delete_protection": False,
}


def database(name: str, **fields: Any) -> dict[str, Any]:
    return {"Name": name, "DbId": f"id-{name}", "group": "g", "delete_protection": False, **fields}


def platform(*lists: list[Any], one: Step, delete: Step = close, configuration: Any = None) -> Step:
    """Lists these databases, one list after the other and the last one for ever; groups hold one group."""
    left = list(lists)

    async def step(request: Request) -> None:
        end = request.target.partition("?")[0].rsplit("/", 1)[1]
        if request.method == "DELETE":
            await delete(request)
        elif end == "databases":
            await answer(200, {"databases": left.pop(0) if len(left) > 1 else left[0]})(request)
        elif end == "groups":
            await answer(200, {"groups": [GROUP]})(request)
        elif end == "configuration":
            await (configuration or answer(404, b"404 page not found"))(request)
        else:
            await one(request)

    return step


def named(request: Request) -> str:
    return request.target.rsplit("/", 1)[1]


async def exists(request: Request) -> None:
    await answer(200, {"database": database(named(request))})(request)


def statuses(report: TeardownReport) -> list[tuple[OutcomeStatus, int]]:
    return [(outcome.status, outcome.attempts) for outcome in report.outcomes]


async def test_a_look_that_shows_another_database_proves_nothing(fast: RetryPolicy) -> None:
    server = platform([database("x1")], one=answer(200, {"database": database("other")}))
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(return_exceptions=True)
    assert statuses(report) == [(OutcomeStatus.UNKNOWN, 1)]


@pytest.mark.parametrize("cut", [{}, {"locations": None}, {"locations": []}])
async def test_a_group_listed_without_locations_has_not_lost_one(
    fast: RetryPolicy, cut: dict[str, Any]
) -> None:
    group = {**{key: value for key, value in GROUP.items() if key != "locations"}, **cut}
    server = platform([], one=answer(200, {"group": group}))
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_instances(location="fra", groups=True)
        report = await plan.execute(return_exceptions=True)
    assert statuses(report) == [(OutcomeStatus.UNKNOWN, 1)]


async def test_a_list_that_lost_a_few_that_exist_makes_none_of_them_gone() -> None:
    whole = [database(f"x{number}") for number in range(10)]
    server = platform(whole, whole[:6], one=exists, delete=answer(200, {}))
    async with RawServer(then=server) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(max_age=0, return_exceptions=True)
    assert str(report) == "6 destroyed, 4 not attempted"


@pytest.mark.parametrize(
    "one", [answer(404, b"404 page not found"), answer(500, {"error": "down"}), answer(200, b"<p>")]
)
async def test_what_a_look_cannot_decide_is_not_gone(one: Step) -> None:
    whole = [database(f"x{number}") for number in range(3)]
    server = platform(whole, whole[:2], one=one, delete=answer(200, {}))
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(max_age=0, return_exceptions=True)
    assert str(report) == "2 destroyed, 1 not attempted"


@pytest.mark.parametrize(("protected", "targets"), [(True, 0), (False, 1)])
async def test_the_protection_of_an_only_database_that_is_not_listed_is_looked_up(
    protected: bool, targets: int
) -> None:
    bare = database("x1")
    del bare["delete_protection"]
    server = platform([bare], one=exists, configuration=answer(200, {"delete_protection": protected}))
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        assert len(await turso.teardown.plan_databases(match="x*")) == targets


async def test_a_protection_that_came_after_the_plan_and_is_not_listed_is_seen() -> None:
    bare = database("x1")
    del bare["delete_protection"]
    protected = answer(200, {"delete_protection": True})
    server = platform([database("x1")], [bare], one=exists, configuration=protected)
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(max_age=0)
    assert statuses(report) == [(OutcomeStatus.SKIPPED, 0)]


async def test_a_group_whose_only_database_lists_no_protection_is_looked_at_more_closely() -> None:
    bare = database("x1", group="eu")
    del bare["delete_protection"]
    protected = answer(200, {"delete_protection": True})
    server = platform([bare], one=exists, configuration=protected)
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_groups(match="eu")
    assert [outcome.reason for outcome in plan.skipped] == ["its database 'x1' is delete-protected"]


async def test_a_server_without_protection_lets_its_databases_go() -> None:
    bare = [{"Name": name, "DbId": f"id-{name}"} for name in ("x1", "x2")]
    async with RawServer(then=platform(bare, one=exists)) as raw, raw.client(retry=None) as turso:
        assert len(await turso.teardown.plan_databases(match="x*")) == 2
        assert sum(request.target.endswith("/configuration") for request in raw.requests) == 1


async def test_names_that_differ_by_case_alone_are_not_two_targets() -> None:
    twins = [database("x1"), database("X1")]
    async with RawServer(then=platform(twins, one=exists)) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_databases(match="*1")
    assert {outcome.reason for outcome in plan.skipped} == {"its name is listed more than once"}
    assert not plan
