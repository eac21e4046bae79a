"""destroy_by_location: on the fake, and against servers that refuse, lose, page, hang and change their mind."""

import asyncio
import json
import logging

import pytest
from instances import by_name, instance, listed, statuses
from missing import no_instance
from raw import RawServer, Request, answer

from aioturso import (
    DecodeError,
    NoMatchError,
    Outcome,
    OutcomeStatus,
    RetryPolicy,
    ServerError,
    TeardownError,
)
from aioturso.testing import FakeTurso, Fault


async def test_only_the_exact_location_matches(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        for location in ("fr", "FRA", "*"):
            with pytest.raises(NoMatchError):
                await turso.teardown.destroy_by_location("db", location)
            with pytest.raises(NoMatchError) as caught:
                await turso.destroy_by_location("db", location)
            assert caught.value.locations == ("fra", "iad")
        assert not (await turso.destroy_by_location("db", "fr", missing_ok=True)).outcomes
    assert len(fake.instances("org", "db")) == 5


async def test_a_dry_run_deletes_nothing(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        report = await turso.destroy_by_location("db", "fra", dry_run=True)
    assert [(o.status, o.reason) for o in report.outcomes] == [(OutcomeStatus.NOT_ATTEMPTED, "dry run")] * 3
    assert report.ok
    assert {r.method for r in fake.requests} == {"GET"}


async def test_a_dry_run_looks_whether_the_database_is_in_a_group(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        report = await turso.destroy_by_location("grouped", "fra", dry_run=True)
    assert {o.status for o in report.outcomes} == {OutcomeStatus.SKIPPED} and not fake.sent("DELETE")
    assert all((o.reason or "").startswith("grouped: ") for o in report.outcomes)


async def test_a_refusal_that_hits_every_target_stops_the_launch(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        report = await turso.destroy_by_location("grouped", "fra", concurrency=1, return_exceptions=True)
    assert [o.status.name for o in report.outcomes] == ["FAILED", "NOT_ATTEMPTED", "NOT_ATTEMPTED"]
    assert len(fake.requests) == 2


async def test_an_instance_that_vanished_is_already_gone(fake: FakeTurso) -> None:
    fake.inject(Fault.status(404, body=json.dumps(no_instance("fra")).encode()), path="/fra")
    async with fake.client(organization="org") as turso:
        report = await turso.destroy_by_location("db", "fra")
    assert (len(report.already_gone), len(report.destroyed), report.ok) == (1, 2, True)


async def test_a_finished_teardown_is_one_line_in_the_log(
    fake: FakeTurso, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "aioturso")
    async with fake.client(organization="org", retry=None) as turso:
        await turso.destroy_by_location("db", "iad")
        fake.inject(Fault.status(500), path="/fra")
        await turso.destroy_by_location("db", "fra", return_exceptions=True)
    said = [(r.levelname, r.message.split(": ")[1]) for r in caplog.records]
    assert said == [("INFO", "1 destroyed, 1 skipped"), ("WARNING", "2 destroyed, 1 unknown")]


async def test_what_was_not_begun_when_the_client_is_closed_was_not_attempted(fake: FakeTurso) -> None:
    turso = fake.client(organization="org")

    def close(outcome: Outcome) -> None:
        closing.append(asyncio.ensure_future(turso.close()))

    closing: list[asyncio.Future[None]] = []
    report = await turso.destroy_by_location(
        "db", "fra", concurrency=1, on_outcome=close, return_exceptions=True
    )
    await asyncio.gather(*closing)
    assert report.outcomes[0].status is OutcomeStatus.DESTROYED
    assert report.outcomes[-1].status is OutcomeStatus.NOT_ATTEMPTED
    assert not report.ok


async def test_only_the_exact_region_is_touched_and_items_without_one_are_skipped() -> None:
    regions = ["ams", "aws-us-east-1", "aws-us-east-2", "AMS ", None, "aws-us-east-1 ", "us-east-1"]
    items = [instance(f"x{n}", region) for n, region in enumerate(regions)] + [{"name": "aws-us-east-1"}]
    async with RawServer(then=answer(200, {"instances": items})) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "aws-us-east-1", return_exceptions=True)
    assert raw.lines == ["GET ", "DELETE /x1"]
    assert [o.target.instance for o in report.skipped] == ["x4", "aws-us-east-1"]


async def test_five_thousand_targets_are_destroyed_by_a_bounded_number_of_tasks() -> None:
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
async def test_a_refusal_of_the_caller_stops_the_launch_of_the_rest(status: int) -> None:
    steps = (listed(*"abcdef"), answer(200, {}))
    async with RawServer(*steps, then=answer(status, {"error": "no"})) as raw, raw.client() as turso:
        with pytest.raises(TeardownError) as caught:
            await turso.destroy_by_location("db", "fra", concurrency=1)
    report = caught.value.report
    assert statuses(report.outcomes)[:3] == ["a DESTROYED", "b FAILED", "c NOT_ATTEMPTED"]
    assert len(report.not_attempted) == 4
    assert all(o.attempts == 0 and o.reason for o in report.not_attempted)
    assert len(raw.requests) == 3


async def test_a_target_that_failed_is_raised_unless_the_report_is_wanted() -> None:
    refusal = answer(403, {"error": "no"})
    async with RawServer(listed("a"), refusal, listed("a"), then=refusal) as raw, raw.client() as turso:
        with pytest.raises(TeardownError):
            await turso.teardown.destroy_by_location("db", "fra")
        report = await turso.teardown.destroy_by_location("db", "fra", return_exceptions=True)
    assert statuses(report.outcomes) == ["a FAILED"]


async def test_a_grouped_refusal_stops_the_rest_and_names_the_way() -> None:
    refusal = answer(400, {"error": "group databases do not support destroying instances"})
    async with RawServer(listed(*"abc"), then=refusal) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra", concurrency=1, return_exceptions=True)
    assert statuses(report.outcomes) == ["a FAILED", "b NOT_ATTEMPTED", "c NOT_ATTEMPTED"]
    assert "groups.remove_location" in str(report.failed[0].error)
    assert len(raw.requests) == 2


async def test_a_failed_look_up_is_an_error_and_never_nothing_to_do(fast: RetryPolicy) -> None:
    async with RawServer(then=answer(500, {"error": "down"})) as raw, raw.client(retry=fast) as turso:
        with pytest.raises(ServerError) as caught:
            await turso.destroy_by_location("db", "fra", missing_ok=True, return_exceptions=True)
    assert raw.lines == ["GET "] * 4
    assert (caught.value.attempts, caught.value.maybe_applied) == (4, False)


async def test_every_page_is_read_before_the_first_delete() -> None:
    pages = [
        answer(200, {"instances": [instance("a")], "pagination": {"next": "p/2?&="}}),
        answer(200, {"instances": [instance("b")], "pagination": {"next": None}}),
    ]
    async with RawServer(*pages, then=answer(200, {})) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra", concurrency=1)
    assert raw.lines == ["GET ", "GET ?cursor=p/2?%26%3D", "DELETE /a", "DELETE /b"]
    assert statuses(report.outcomes) == ["a DESTROYED", "b DESTROYED"]


async def test_a_looping_cursor_or_an_unreadable_page_deletes_nothing() -> None:
    more = {"instances": [instance("a")], "pagination": {"next": "again"}}
    for second in (answer(200, more), answer(200, {"pagination": {}}), answer(200, [])):
        async with RawServer(answer(200, more), then=second) as raw, raw.client() as turso:
            with pytest.raises(DecodeError):
                await turso.destroy_by_location("db", "fra")
        assert {r.method for r in raw.requests} == {"GET"}
        assert len(raw.requests) <= 3


async def test_what_vanished_is_already_gone_and_a_second_run_is_harmless(fast: RetryPolicy) -> None:
    gone = answer(404, no_instance("b"))
    async with RawServer(listed(*"abc"), then=by_name(b=gone)) as raw, raw.client(retry=fast) as turso:
        report = await turso.destroy_by_location("db", "fra")
        assert statuses(report.outcomes) == ["a DESTROYED", "b ALREADY_GONE", "c DESTROYED"]
        assert report.ok
        every = {n: answer(404, no_instance(n)) for n in "abc"}
        raw.steps, raw.then = [listed(*"abc")], by_name(**every)  # still listed for a while
        report = await turso.destroy_by_location("db", "fra")
    assert [o.status for o in report.outcomes] == [OutcomeStatus.ALREADY_GONE] * 3
    assert len(raw.requests) == 8


async def test_a_name_listed_twice_is_skipped_as_they_cannot_be_distinguished() -> None:
    async with RawServer(listed("a", "b", "a"), then=answer(200, {})) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra")
    assert statuses(report.outcomes) == ["a SKIPPED", "b DESTROYED", "a SKIPPED"]
    assert raw.lines == ["GET ", "DELETE /b"]
