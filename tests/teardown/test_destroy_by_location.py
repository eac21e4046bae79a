import asyncio
import logging

import pytest

from aioturso import NoMatchError, Outcome, OutcomeStatus
from aioturso.testing import FakeTurso, Fault


async def test_only_the_exact_location_matches(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        for location in ("fr", "FRA", "*"):
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


async def test_a_refusal_that_hits_every_target_stops_the_launch(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        report = await turso.destroy_by_location("grouped", "fra", concurrency=1, return_exceptions=True)
    assert [o.status.name for o in report.outcomes] == ["FAILED", "NOT_ATTEMPTED", "NOT_ATTEMPTED"]
    assert len(fake.requests) == 2


async def test_an_instance_that_vanished_is_already_gone(fake: FakeTurso) -> None:
    gone = b'{"error":"could not find instance fra of database db"}'
    fake.inject(Fault.status(404, body=gone), path="/fra")
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
