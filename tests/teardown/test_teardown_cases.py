"""destroy_by_location against servers that refuse, lose, page, hang and change their mind."""

import asyncio
from typing import Any

import pytest
from raw import RawServer, Request, Step, answer, close, stall

from aioturso import (
    DecodeError,
    Outcome,
    OutcomeStatus,
    RetryPolicy,
    ServerError,
    TeardownError,
    TursoError,
)


def instance(name: str, region: str | None = "fra", kind: str | None = "replica") -> dict[str, Any]:
    return {"name": name, "type": kind, "region": region}


def listed(*names: str) -> Step:
    return answer(200, {"instances": [instance(name) for name in names]})


def by_name(**steps: Step) -> Step:
    """Each instance's own answer to its DELETE; an empty success for the others."""

    async def step(request: Request) -> None:
        await steps.get(request.target.rsplit("/", 1)[1], answer(200, {}))(request)

    return step


def statuses(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [f"{o.target.instance} {o.status.name}" for o in outcomes]


async def test_c08_the_primary_is_never_raced_with_its_replicas_and_unknown_types_count_as_one() -> None:
    kinds = ["primary", "replica", "replica", "PRIMARY", "Replica", None, "shadow", ""]
    items = [instance(f"x{n}", kind=kind) for n, kind in enumerate(kinds)]
    first = answer(200, {"instances": items})
    async with RawServer(first, then=answer(200, {})) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra")
    assert sorted(raw.lines) == ["DELETE /x1", "DELETE /x2", "GET "]
    assert [o.target.instance for o in report.skipped] == ["x0", "x3", "x4", "x5", "x6", "x7"]
    assert [o.target.instance for o in report.outcomes] == [f"x{n}" for n in range(8)]
    assert report.ok


async def test_c07_only_the_exact_region_is_touched_and_items_without_one_are_skipped() -> None:
    regions = ["ams", "aws-us-east-1", "aws-us-east-2", "AMS ", None, "aws-us-east-1 ", "us-east-1"]
    items = [instance(f"x{n}", region) for n, region in enumerate(regions)] + [{"name": "aws-us-east-1"}]
    async with RawServer(then=answer(200, {"instances": items})) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "aws-us-east-1", return_exceptions=True)
    assert raw.lines == ["GET ", "DELETE /x1"]
    assert [o.target.instance for o in report.skipped] == ["x4", "aws-us-east-1"]


@pytest.mark.parametrize("location", ["", " ", "..", "a/b", "%2e%2e", "fra\n"])
async def test_c07_a_location_that_is_no_name_is_refused_before_any_request(location: str) -> None:
    async with RawServer() as raw, raw.client() as turso:
        with pytest.raises(ValueError, match="location"):
            await turso.destroy_by_location("db", location)
    assert not raw.requests


async def test_c32_five_thousand_targets_are_destroyed_by_a_bounded_number_of_tasks() -> None:
    most = 0

    async def count(request: Request) -> None:
        nonlocal most
        most = max(most, len(asyncio.all_tasks()))
        await answer(200, {})(request)

    names = [f"x{n}" for n in range(5000)]
    async with RawServer(listed(*names), then=count) as raw, raw.client() as turso:
        before = len(asyncio.all_tasks())
        report = await turso.destroy_by_location("db", "fra", concurrency=8)
    assert (len(report.destroyed), report.ok) == (5000, True)
    assert raw.most_busy <= 8
    assert most <= before + 2 * 8  # a worker, and the raw server's own task for its connection
    assert sorted(raw.lines[1:]) == sorted(f"DELETE /{name}" for name in names)


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405])
async def test_c32_c48_a_refusal_of_the_caller_stops_the_launch_of_the_rest(status: int) -> None:
    steps = (listed(*"abcdef"), answer(200, {}))
    async with RawServer(*steps, then=answer(status, {"error": "no"})) as raw, raw.client() as turso:
        with pytest.raises(TeardownError) as caught:
            await turso.destroy_by_location("db", "fra", concurrency=1)
    report = caught.value.report
    assert statuses(report.outcomes)[:3] == ["a DESTROYED", "b FAILED", "c NOT_ATTEMPTED"]
    assert len(report.not_attempted) == 4
    assert all(o.attempts == 0 and o.reason for o in report.not_attempted)
    assert len(raw.requests) == 3


async def test_c45_a_grouped_refusal_stops_the_rest_and_names_the_way() -> None:
    refusal = answer(400, {"error": "group databases do not support destroying instances"})
    async with RawServer(listed(*"abc"), then=refusal) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra", concurrency=1, return_exceptions=True)
    assert statuses(report.outcomes) == ["a FAILED", "b NOT_ATTEMPTED", "c NOT_ATTEMPTED"]
    assert "groups.remove_location" in str(report.failed[0].error)
    assert len(raw.requests) == 2


async def test_c45_a_failed_look_up_is_an_error_and_never_nothing_to_do(fast: RetryPolicy) -> None:
    async with RawServer(then=answer(500, {"error": "down"})) as raw, raw.client(retry=fast) as turso:
        with pytest.raises(ServerError) as caught:
            await turso.destroy_by_location("db", "fra", missing_ok=True, return_exceptions=True)
    assert raw.lines == ["GET "] * 4
    assert (caught.value.attempts, caught.value.maybe_applied) == (4, False)


async def test_c49_every_page_is_read_before_the_first_delete() -> None:
    pages = [
        answer(200, {"instances": [instance("a")], "pagination": {"next": "p/2?&="}}),
        answer(200, {"instances": [instance("b")], "pagination": {"next": None}}),
    ]
    async with RawServer(*pages, then=answer(200, {})) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra", concurrency=1)
    assert raw.lines == ["GET ", "GET ?cursor=p/2?%26%3D", "DELETE /a", "DELETE /b"]
    assert statuses(report.outcomes) == ["a DESTROYED", "b DESTROYED"]


async def test_c49_a_looping_cursor_or_an_unreadable_page_deletes_nothing() -> None:
    more = {"instances": [instance("a")], "pagination": {"next": "again"}}
    for second in (answer(200, more), answer(200, {"pagination": {}}), answer(200, [])):
        async with RawServer(answer(200, more), then=second) as raw, raw.client() as turso:
            with pytest.raises(DecodeError):
                await turso.destroy_by_location("db", "fra")
        assert {r.method for r in raw.requests} == {"GET"}
        assert len(raw.requests) <= 3


async def test_c50_what_vanished_is_already_gone_and_a_second_run_is_harmless(fast: RetryPolicy) -> None:
    gone = answer(404, {"error": "could not find instance b of database db"})
    async with RawServer(listed(*"abc"), then=by_name(b=gone)) as raw, raw.client(retry=fast) as turso:
        report = await turso.destroy_by_location("db", "fra")
        assert statuses(report.outcomes) == ["a DESTROYED", "b ALREADY_GONE", "c DESTROYED"]
        assert report.ok
        raw.steps, raw.then = [listed(*"abc")], gone  # still listed for a while
        report = await turso.destroy_by_location("db", "fra")
    assert [o.status for o in report.outcomes] == [OutcomeStatus.ALREADY_GONE] * 3
    assert len(raw.requests) == 8


async def test_c13_a_database_that_is_gone_takes_its_instances_with_it_and_is_reported_as_such() -> None:
    gone = answer(404, {"error": "could not find database db to delete instance from"})
    async with RawServer(listed(*"ab"), then=gone) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra", concurrency=1)
    assert [(o.status.name, o.reason) for o in report.outcomes] == [
        ("ALREADY_GONE", "database not found")
    ] * 2


async def test_c51_six_of_ten_are_destroyed_and_each_of_four_failures_has_its_cause() -> None:
    bad = {"x1": 500, "x3": 400, "x5": 422, "x7": 503}
    steps = {name: answer(status, {"error": f"own {name}"}) for name, status in bad.items()}
    names = [f"x{n}" for n in range(10)]
    async with RawServer(listed(*names), then=by_name(**steps)) as raw, raw.client(retry=None) as turso:
        with pytest.raises(TeardownError, match="6 destroyed, 2 failed, 2 unknown") as caught:
            await turso.destroy_by_location("db", "fra")
        report = caught.value.report
    assert [o.target.instance for o in report.outcomes] == names
    assert [o.target.instance for o in report.destroyed] == ["x0", "x2", "x4", "x6", "x8", "x9"]
    assert [o.target.instance for o in report.unknown] == ["x1", "x7"]
    for outcome in report.failed + report.unknown:
        assert isinstance(outcome.error, TursoError)
        assert f"own {outcome.target.instance}" in str(outcome.error)
    assert {str(e) for e in caught.value.exceptions} == {str(o.error) for o in report.failed + report.unknown}
    assert not report.ok
    with pytest.raises(TeardownError):
        report.raise_for_failures()


async def test_c52_nothing_reaches_the_server_after_the_call_has_raised() -> None:
    async def slow(request: Request) -> None:
        await asyncio.sleep(0.02)
        await answer(200, {})(request)

    steps = by_name(a=answer(400, {"error": "no"}), b=slow, c=slow, d=slow)
    async with RawServer(listed(*"abcd"), then=steps) as raw, raw.client() as turso:
        with pytest.raises(TeardownError) as caught:
            await turso.destroy_by_location("db", "fra", concurrency=2)
        sent, tasks = len(raw.requests), asyncio.all_tasks()
        await asyncio.sleep(0.05)
        assert len(raw.requests) == sent == 5
        assert not [t for t in tasks if "work" in repr(t.get_coro())]
    assert statuses(caught.value.report.outcomes)[0] == "a FAILED"
    assert len(caught.value.report.destroyed) == 3


async def test_c52_a_callback_that_raises_ends_the_run_with_nothing_left_running() -> None:
    def fail(outcome: Outcome) -> None:
        raise ZeroDivisionError

    async with (
        RawServer(listed(*"abcd"), answer(200, {}), then=stall) as raw,
        raw.client(retry=None, timeout=0.3) as turso,
    ):
        with pytest.raises(ZeroDivisionError):
            await turso.destroy_by_location("db", "fra", on_outcome=fail)
        assert "0/64 in flight" in repr(turso)
        assert len(asyncio.all_tasks()) <= 1 + raw.connections


@pytest.mark.parametrize("late", range(8))
async def test_c53_a_cancellation_at_the_moment_of_an_answer_is_never_swallowed(late: int) -> None:
    seen: list[Outcome] = []
    arrived = asyncio.Event()

    async def tell(request: Request) -> None:
        await answer(200, {})(request)
        arrived.set()

    async with RawServer(listed(*"abc"), then=tell) as raw, raw.client() as turso:
        task = asyncio.create_task(
            turso.destroy_by_location("db", "fra", concurrency=1, on_outcome=seen.append)
        )
        await arrived.wait()
        for _ in range(late):
            await asyncio.sleep(0)
        finished = task.done()
        task.cancel()
        if not finished:
            with pytest.raises(asyncio.CancelledError):
                await task
        sent = len(raw.requests)
        await asyncio.sleep(0.01)
        assert len(raw.requests) == sent
        assert "0/64 in flight" in repr(turso)
    assert {o.status for o in seen} <= {OutcomeStatus.DESTROYED, OutcomeStatus.UNKNOWN}
    assert all(o.error is None for o in seen)


async def test_c53_a_cancelled_run_leaves_no_outcome_that_is_a_cancellation() -> None:
    seen: list[Outcome] = []
    async with RawServer(listed(*"abcd"), answer(200, {}), then=stall) as raw, raw.client() as turso:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await turso.destroy_by_location("db", "fra", concurrency=2, on_outcome=seen.append)
    assert sorted(o.status.name for o in seen) == ["DESTROYED", "UNKNOWN", "UNKNOWN"]
    assert all(o.error is None for o in seen)
    assert len(raw.requests) == 4


async def test_a_refusal_after_a_lost_answer_is_unknown_and_never_failed(fast: RetryPolicy) -> None:
    steps = (listed("a"), close, answer(400, {"error": "no"}))
    async with RawServer(*steps) as raw, raw.client(retry=fast) as turso:
        report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
    assert [(o.status.name, o.attempts) for o in report.outcomes] == [("UNKNOWN", 2)]


async def test_c38_an_answer_that_names_another_instance_is_unknown_in_a_report() -> None:
    for said in ("b", "A", "a "):
        async with RawServer(listed("a"), answer(200, {"instance": said})) as raw, raw.client() as turso:
            report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
        assert statuses(report.outcomes) == ["a UNKNOWN"]
        assert isinstance(report.outcomes[0].error, DecodeError)


async def test_a_name_listed_twice_is_skipped_as_nobody_can_tell_them_apart() -> None:
    async with RawServer(listed("a", "b", "a"), then=answer(200, {})) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra")
    assert statuses(report.outcomes) == ["a SKIPPED", "b DESTROYED", "a SKIPPED"]
    assert raw.lines == ["GET ", "DELETE /b"]
