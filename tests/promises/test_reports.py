"""A report has exactly one outcome for each target. `DESTROYED` is never reported for something that still exists, nor `FAILED` for something that this teardown deleted."""

import asyncio
import random

import pytest
from instances import by_name, listed, statuses
from raw import RawServer, answer, close, stall

from aioturso import DecodeError, Outcome, OutcomeStatus, RetryPolicy, TeardownError, TursoError
from aioturso.testing import FakeTurso, Fault


async def test_six_of_ten_are_destroyed_and_each_of_four_failures_has_its_cause() -> None:
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


async def test_failures_do_not_stop_the_others(fake: FakeTurso) -> None:
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


async def test_a_refusal_after_a_lost_answer_is_unknown_and_never_failed(fast: RetryPolicy) -> None:
    steps = (listed("a"), close, answer(400, {"error": "no"}))
    async with RawServer(*steps) as raw, raw.client(retry=fast) as turso:
        report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
    assert [(o.status.name, o.attempts) for o in report.outcomes] == [("UNKNOWN", 2)]


async def test_an_answer_that_names_another_instance_is_unknown_in_a_report() -> None:
    for said in ("b", "A", "a "):
        async with RawServer(listed("a"), answer(200, {"instance": said})) as raw, raw.client() as turso:
            report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
        assert statuses(report.outcomes) == ["a UNKNOWN"]
        assert isinstance(report.outcomes[0].error, DecodeError)


async def test_what_a_verification_finds_is_not_destroyed_though_the_answer_was_so(
    fake: FakeTurso, fast: RetryPolicy
) -> None:
    fake.inject(Fault.status(200, body=b'{"instance":"fra-2"}'), method="DELETE", path="/fra-2")
    async with fake.client(organization="org", retry=fast) as turso:
        plan = await turso.teardown.plan_instances(database="db", location="fra")
        report = await plan.execute(verify=True, return_exceptions=True)
    assert statuses(report.outcomes) == ["fra DESTROYED", "fra-2 UNKNOWN", "fra-3 DESTROYED"]
    assert [target.instance for target in report.remaining] == ["fra-2"]


async def test_a_teardown_whose_client_is_closed_reports_every_target(fast: RetryPolicy) -> None:
    listed = [{"name": f"x{n}", "type": "replica", "region": "fra"} for n in range(20)]
    async with RawServer(answer(200, {"instances": listed}), then=stall) as raw:
        turso = raw.client(retry=fast)
        task = asyncio.create_task(
            turso.destroy_by_location("db", "fra", concurrency=10, return_exceptions=True)
        )
        await raw.seen(11)
        await turso.close()
        report = await task
    statuses = [o.status.name for o in report.outcomes]
    assert statuses[:10] == ["UNKNOWN"] * 10
    assert set(statuses[10:]) <= {"FAILED", "NOT_ATTEMPTED"}
    assert len(raw.requests) == 11


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


async def test_a_call_cancelled_in_its_backoff_after_a_clean_refusal_has_failed() -> None:
    seen: list[Outcome] = []
    waiting = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    refusal = answer(429, {"error": "slow down"}, "Retry-After: 9")
    async with RawServer(listed("a"), then=refusal) as raw:
        async with raw.client(retry=RetryPolicy(sleep=sleep)) as turso:
            task = asyncio.create_task(turso.destroy_by_location("db", "fra", on_outcome=seen.append))
            await waiting.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    assert [(o.status.name, o.attempts) for o in seen] == [("FAILED", 1)]
