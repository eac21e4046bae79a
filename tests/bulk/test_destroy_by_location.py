import asyncio
import logging
import random

import pytest

from aioturso import NoMatchError, Outcome, OutcomeStatus, RetryPolicy, TeardownError
from aioturso.testing import FakeTurso, Fault


async def test_it_destroys_one_location_and_skips_the_primary(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        report = await turso.destroy_by_location("db", "iad")
    assert [(o.target.instance, o.status.name) for o in report.outcomes] == [
        ("iad", "SKIPPED"),
        ("iad-2", "DESTROYED"),
    ]
    assert (report.ok, str(report)) == (True, "1 destroyed, 1 skipped")
    assert [i.region for i in fake.instances("org", "db")] == ["iad", "fra", "fra", "fra"]


async def test_c07_c56_only_the_exact_location_matches(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        for location in ("fr", "FRA", "*"):
            with pytest.raises(NoMatchError) as caught:
                await turso.destroy_by_location("db", location)
            assert caught.value.locations == ("fra", "iad")
        assert not (await turso.destroy_by_location("db", "fr", missing_ok=True)).outcomes
    assert len(fake.instances("org", "db")) == 5


async def test_c09_a_dry_run_deletes_nothing(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        report = await turso.destroy_by_location("db", "fra", dry_run=True)
    assert [(o.status, o.reason) for o in report.outcomes] == [(OutcomeStatus.NOT_ATTEMPTED, "dry run")] * 3
    assert report.ok
    assert {r.method for r in fake.requests} == {"GET"}


async def test_c51_c52_failures_do_not_stop_the_others(fake: FakeTurso) -> None:
    fake.inject(Fault.status(422), path="/fra-2")
    fake.inject(Fault.status(500), path="/fra-3")
    async with fake.client(organization="org", retry=None) as turso:
        with pytest.raises(TeardownError) as caught:
            await turso.destroy_by_location("db", "fra")
    report = caught.value.report
    assert [o.status.name for o in report.outcomes] == ["DESTROYED", "FAILED", "UNKNOWN"]
    assert [o.attempts for o in report.outcomes] == [1, 1, 1]
    assert len(caught.value.exceptions) == 2
    assert [d["status"] for d in report.to_dict()["outcomes"]] == ["destroyed", "failed", "unknown"]


async def test_c32_c45_a_refusal_that_hits_every_target_stops_the_launch(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        report = await turso.destroy_by_location("grouped", "fra", concurrency=1, return_exceptions=True)
    assert [o.status.name for o in report.outcomes] == ["FAILED", "NOT_ATTEMPTED", "NOT_ATTEMPTED"]
    assert len(fake.requests) == 2


async def test_c50_an_instance_that_vanished_is_already_gone(fake: FakeTurso) -> None:
    gone = b'{"error":"could not find instance fra of database db"}'
    fake.inject(Fault.status(404, body=gone), path="/fra")
    async with fake.client(organization="org") as turso:
        report = await turso.destroy_by_location("db", "fra")
    assert (len(report.already_gone), len(report.destroyed), report.ok) == (1, 2, True)


async def test_c53_cancellation_propagates_and_nothing_goes_on(fake: FakeTurso) -> None:
    seen: list[Outcome] = []
    fake.inject(Fault.hang(), path="/fra-2")
    async with fake.client(organization="org") as turso:
        task = asyncio.create_task(
            turso.destroy_by_location("db", "fra", concurrency=1, on_outcome=seen.append)
        )
        while len(fake.requests) < 3:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert "0/64 in flight" in repr(turso)
    assert [(o.target.instance, o.status.name) for o in seen] == [("fra", "DESTROYED"), ("fra-2", "UNKNOWN")]
    assert len(fake.requests) == 3


async def test_for_random_fault_schedules_the_report_agrees_with_the_server(fast: RetryPolicy) -> None:
    kinds = [Fault.drop_before(), Fault.drop_after(), Fault.truncate(), Fault.raw(b"x\r\n\r\n")]
    kinds += [Fault.status(code) for code in (400, 408, 429, 500, 503)]
    chance = random.Random(7)
    async with FakeTurso() as fake, fake.client(organization="org", retry=fast) as turso:
        for _ in range(40):
            fake.add_database("db", organization="org", instances={"iad": 1, "fra": 8}, primary="iad")
            fake.requests.clear()
            for instance in fake.instances("org", "db"):
                for _ in range(chance.randrange(5)):
                    fake.inject(chance.choice(kinds), method="DELETE", path="/" + instance.name)
            report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
            left = {i.name for i in fake.instances("org", "db")}
            assert len(report.outcomes) == 8
            for outcome in report.outcomes:
                name = outcome.target.instance
                sends = sum(r.path.endswith("/" + name) and r.method == "DELETE" for r in fake.requests)
                assert outcome.attempts == sends
                assert not (outcome.status is OutcomeStatus.DESTROYED and name in left)
                assert outcome.status is not OutcomeStatus.FAILED or name in left
            fake.clear_faults()
            fake.remove_database("db", organization="org")


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
