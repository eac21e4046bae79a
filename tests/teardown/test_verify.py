"""Verification: list again, wait out a listing that lags, and correct the report."""

from typing import Any

import pytest
from missing import no_database
from raw import RawServer, Request, Step, answer, http

from aioturso import (
    RetryPolicy,
    ServerError,
    Target,
    TeardownError,
    TeardownPlan,
    TeardownReport,
    TursoClient,
)
from aioturso.teardown.report import Outcome, OutcomeStatus
from aioturso.testing import FakeTurso, Fault

GONE = answer(404, no_database("x1"))
FINE = answer(200, {})


def listed(*names: str) -> bytes:
    return http(200, {"databases": [{"Name": name, "DbId": f"id-{name}"} for name in names]})


class Lagging:
    """Lists these, one after the other and the last one for ever; answers deletes by `delete`."""

    def __init__(self, *lists: bytes, delete: Any = FINE, one: Any = GONE) -> None:
        self.lists, self.delete, self.one = list(lists), delete, one

    async def __call__(self, request: Request) -> None:
        if request.method == "DELETE":
            return await self.delete(request)
        if not request.target.partition("?")[0].endswith("/databases"):
            return await self.one(request)
        request.writer.write(self.lists.pop(0) if len(self.lists) > 1 else self.lists[0])


def sequence(*steps: Step) -> Step:
    """These answers, one after the other."""
    left = list(steps)

    async def step(request: Request) -> None:
        await left.pop(0)(request)

    return step


async def planned(turso: TursoClient) -> TeardownPlan:
    return await turso.teardown.plan_databases(match="x*")


async def test_a_listing_that_lags_is_waited_out(fast: RetryPolicy, sleeps: list[float]) -> None:
    server = Lagging(listed("x1", "x2"), listed("x1", "x2"), listed("x2"), listed())
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        report = await (await planned(turso)).execute(verify=True)
    assert (str(report), report.ok, report.remaining) == ("2 destroyed", True, ())
    assert sleeps[-2:] == [0.5, 1.0]
    lists = [r for r in raw.requests if r.target.partition("?")[0].endswith("/databases")]
    assert len(lists) == 4  # one for the plan, and three looks


async def test_what_is_still_listed_at_the_end_is_unknown(fast: RetryPolicy, sleeps: list[float]) -> None:
    server = Lagging(listed("x1", "x2"), listed("x2"))
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        with pytest.raises(TeardownError) as caught:
            await (await planned(turso)).execute(verify=True)
    report = caught.value.report
    assert [o.status.name for o in report.outcomes] == ["DESTROYED", "UNKNOWN"]
    assert report.outcomes[1].reason == "destroyed, and still listed"
    assert [target.database for target in report.remaining] == ["x2"]
    assert report.to_dict()["remaining"][0]["database"] == "x2"
    assert sum(sleeps[-5:]) == 15.5


async def test_what_was_already_gone_and_is_still_listed_is_unknown(fast: RetryPolicy) -> None:
    async with RawServer(then=Lagging(listed("x1"), delete=GONE)) as raw, raw.client(retry=fast) as turso:
        report = await (await planned(turso)).execute(verify=True, return_exceptions=True)
    (outcome,) = report.outcomes
    assert (outcome.status.name, outcome.reason) == ("UNKNOWN", "already gone, and still listed")


@pytest.mark.parametrize("left", [{"Name": "x1"}, {"Name": "x1", "DbId": ""}, {"Name": "y", "DbId": "ID-X1"}])
async def test_what_cannot_be_compared_or_has_another_name_by_now_is_still_listed(
    fast: RetryPolicy, left: dict[str, str]
) -> None:
    server = Lagging(listed("x1"), http(200, {"databases": [left]}))
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        report = await (await planned(turso)).execute(verify=True, return_exceptions=True)
    assert [(o.status.name, o.reason) for o in report.outcomes] == [
        ("UNKNOWN", "destroyed, and still listed")
    ]
    assert [target.database for target in report.remaining] == ["x1"]


async def test_another_one_of_the_same_name_is_not_the_one_that_was_deleted(fast: RetryPolicy) -> None:
    other = http(200, {"databases": [{"Name": "x1", "DbId": "another"}]})
    async with RawServer(then=Lagging(listed("x1"), other)) as raw, raw.client(retry=fast) as turso:
        assert (await (await planned(turso)).execute(verify=True)).ok


@pytest.mark.parametrize(("after", "status"), [(listed(), "DESTROYED"), (listed("x1"), "UNKNOWN")])
async def test_what_was_unknown_is_settled_by_the_list(fast: RetryPolicy, after: bytes, status: str) -> None:
    there = {"database": {"Name": "x1", "DbId": "id-x1", "delete_protection": False}}
    one = sequence(*[answer(200, there)] * 5, answer(404, {"error": "database not found"}))
    server = Lagging(listed("x1"), after, delete=answer(500, {"error": "down"}), one=one)
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        report = await (await planned(turso)).execute(verify=True, return_exceptions=True)
    assert [o.status.name for o in report.outcomes] == [status]
    assert (report.ok, report.outcomes[0].error is None) == (status == "DESTROYED",) * 2
    assert len(report.remaining) == (status == "UNKNOWN")
    destroyed = "no longer listed, and not found"
    assert report.outcomes[0].reason == (destroyed if status == "DESTROYED" else None)
    # What is unknown may stay for good: it is not waited for.
    assert [r.target.partition("?")[0].endswith("/databases") for r in raw.requests].count(True) == 2


async def test_what_was_unknown_and_is_not_listed_is_gone_only_if_it_is_not_found(fast: RetryPolicy) -> None:
    there = answer(200, {"database": {"Name": "x1", "DbId": "id-x1"}})
    server = Lagging(listed("x1"), listed(), delete=answer(500, {"error": "down"}), one=there)
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        report = await (await planned(turso)).execute(verify=True, return_exceptions=True)
    assert [o.status.name for o in report.outcomes] == ["UNKNOWN"] and not report.remaining


async def test_a_verification_that_fails_is_reported_and_keeps_the_report(fast: RetryPolicy) -> None:
    server = Lagging(listed("x1"), http(500, {"error": "down"}))
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        plan = await planned(turso)
        report = await plan.execute(verify=True, return_exceptions=True)
        assert (str(report), report.ok) == ("1 destroyed", False)
        assert isinstance(report.unverified, ServerError)
        assert "down" in report.to_dict()["unverified"]
        with pytest.raises(TeardownError) as caught:
            report.raise_for_failures()
        assert caught.value.exceptions == (report.unverified,)


async def test_what_is_still_listed_is_unknown_also_if_the_look_at_another_one_fails(
    fast: RetryPolicy, sleeps: list[float]
) -> None:
    deletes = {"x1": FINE, "x2": answer(500, {"error": "down"}), "x3": FINE}

    async def delete(request: Request) -> None:
        await deletes[request.target.rsplit("/", 1)[1]](request)

    async def one(request: Request) -> None:
        is_look = request.target.endswith("/x2")
        await (answer(500, {"error": "down"}) if is_look else answer(404, b"404 page not found"))(request)

    server = Lagging(listed("x1", "x2", "x3"), listed("x1"), delete=delete, one=one)
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        report = await (await planned(turso)).execute(verify=True, return_exceptions=True)
    found = [(o.status.name, o.reason) for o in report.outcomes]
    assert found == [("UNKNOWN", "destroyed, and still listed"), ("UNKNOWN", None), ("DESTROYED", None)]
    assert [target.database for target in report.remaining] == ["x1"]
    assert isinstance(report.unverified, ServerError) and not report.ok


async def test_every_kind_can_be_verified(fast: RetryPolicy) -> None:
    async with FakeTurso() as fake:
        fake.add_database("a", organization="org", instances={"iad": 1, "fra": 2}, primary="iad")
        fake.add_group("eu", organization="org", locations=["iad", "fra"])
        fake.add_group("old", organization="org", locations=["iad"])
        async with fake.client(organization="org", retry=fast) as turso:
            await turso.api_tokens.create("t")
            for plan in (
                await turso.teardown.plan_instances(location="fra", groups=True),
                await turso.teardown.plan_databases(match="a"),
                await turso.teardown.plan_groups(match="old"),
                await turso.teardown.plan_api_tokens(match="t"),
            ):
                fake.inject(Fault.drop_after(), method="DELETE")
                report = await plan.execute(verify=True)
                assert report.ok and len(report.destroyed) == len(plan) > 0
                assert (await plan.execute(verify=True)).ok
            assert [group.name for group in await turso.groups.list()] == ["eu"]


def test_reports_merge_in_the_order_given() -> None:
    targets = [Target(database="a", instance=f"i{number}") for number in range(3)]
    one, two, three = (
        TeardownReport((Outcome(target=target, status=status),), remaining=(target,))
        for target, status in zip(targets, list(OutcomeStatus), strict=False)
    )
    whole = TeardownReport.merge(one, two, three)
    assert [o.target for o in whole.outcomes] == list(whole.remaining) == targets
    assert str(whole) == "1 destroyed, 1 already gone, 1 skipped"
    assert TeardownReport.merge() == TeardownReport()
    failed = TeardownReport(unverified=ServerError("down"))
    both = TeardownReport.merge(one, failed)
    assert not both.ok and both.unverified is failed.unverified
