"""A create without a usable answer: a look comes before it is sent again or reported, and only an answer is proof."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from missing import no_database
from raw import RawServer, Request, http, stall

from aioturso import (
    ConflictError,
    CreationPlan,
    CreationReport,
    DecodeError,
    RequestEvent,
    RetryPolicy,
    TursoClient,
)
from aioturso.testing import FakeTurso, Fault

UNANSWERED = "no usable answer, and there now: created by this run, or by another client at that moment"
LOST = [Fault.drop_after(), Fault.truncate(), Fault.drop_mid_headers(), Fault.reset(acts=True)]
UNSENT = [
    Fault.drop_before(),
    Fault.reset(),
    Fault.status(500),
    Fault.status(503),
    Fault.raw(b"garbage\r\n\r\n"),
]
ODD = [b"", b"{}", b'{"error":"no"}', b'{"database":{"Name":"b","DbId":"u"}}', b'{"database":{"DbId":"u"}}']


@pytest.fixture
async def fake() -> AsyncIterator[FakeTurso]:
    async with FakeTurso() as server:
        for group in ("g", "h"):
            server.add_group(group, organization="org")
        yield server


async def planned(turso: TursoClient, *names: str) -> CreationPlan:
    return await turso.creation.plan_databases(names or ["a"], group="g")


def told(report: CreationReport) -> list[tuple[str, str, str | None]]:
    return [(o.target.database, o.status.value, o.reason) for o in report.outcomes]


def calls(fake: FakeTurso) -> list[str]:
    return [request.method for request in fake.requests]


def names(fake: FakeTurso) -> list[str]:
    return [database.name for database in fake.databases("org")]


@pytest.mark.parametrize("fault", LOST, ids=str)
async def test_what_is_there_after_a_lost_answer_is_found_and_not_sent_again(
    fake: FakeTurso, turso: TursoClient, fault: Fault
) -> None:
    plan = await planned(turso)
    fake.inject(fault, method="POST")
    fake.requests.clear()
    report = await plan.execute()
    assert told(report) == [("a", "found", UNANSWERED)]
    assert (calls(fake), report.outcomes[0].attempts) == (["POST", "GET"], 1)
    (outcome,) = report.found
    assert outcome.target.uuid == fake.databases("org")[0].uuid
    assert outcome.database is not None and outcome.database.hostname
    assert report.ok and not report.created


@pytest.mark.parametrize("fault", UNSENT, ids=str)
async def test_what_is_not_there_after_a_lost_answer_is_created_by_the_next_attempt(
    fake: FakeTurso, turso: TursoClient, fault: Fault
) -> None:
    plan = await planned(turso)
    fake.inject(fault, method="POST")
    fake.requests.clear()
    report = await plan.execute()
    assert told(report) == [("a", "created", None)]
    assert (calls(fake), report.outcomes[0].attempts) == (["POST", "GET", "POST"], 2)


async def test_a_conflict_after_an_attempt_that_was_refused_for_its_pace_is_a_clean_one(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    fake.add_database("a", organization="org", group="g")
    fake.inject(Fault.status(429), method="POST")
    assert told(await plan.execute()) == [("a", "already_there", "already there")]
    assert fake.sent("POST")[-1].status in (400, 409)


async def test_what_another_client_created_since_the_plan_is_already_there(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    fake.add_database("a", organization="org", group="g")
    report = await plan.execute()
    assert told(report) == [("a", "already_there", "already there")]
    (outcome,) = report.already_there
    assert (outcome.target.uuid, outcome.attempts) == (fake.databases("org")[0].uuid, 1)


@pytest.mark.parametrize("fault", LOST, ids=str)
async def test_a_lost_conflict_is_never_reported_as_created(
    fake: FakeTurso, turso: TursoClient, fault: Fault
) -> None:
    """The server has refused it, as another client was faster, and that answer is lost."""
    plan = await planned(turso)
    fake.add_database("a", organization="org", group="g")
    fake.inject(fault, method="POST")
    report = await plan.execute()
    assert told(report) == [("a", "found", UNANSWERED)]
    assert not report.created


async def test_a_conflict_after_a_lost_answer_is_no_proof_of_who_created_it(fast: RetryPolicy) -> None:
    """The look comes too early: the first attempt takes effect after it."""
    there = {"database": {"Name": "a", "DbId": "u", "group": "g"}}
    missing = http(404, no_database("a"))
    script = [
        ("GET", missing),
        ("GET", http(200, {"groups": [{"name": "g"}]})),
        ("POST", b""),
        ("GET", missing),
        ("POST", http(409, {"error": "database with same name already exists"})),
        ("GET", http(200, there)),
    ]

    async def step(request: Request) -> None:
        method, answer = script.pop(0)
        assert request.method == method
        request.writer.write(answer)
        if not answer:
            request.writer.close()

    async with RawServer(then=step) as raw, raw.client(retry=fast) as turso:
        report = await (await planned(turso)).execute()
    assert (told(report), script) == ([("a", "found", UNANSWERED)], [])
    assert (report.outcomes[0].attempts, report.outcomes[0].target.uuid) == (2, "u")


async def test_a_name_that_another_group_got_since_the_plan_fails(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    fake.add_database("a", organization="org", group="h")
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [("a", "failed", None)]
    error = report.outcomes[0].error
    assert isinstance(error, ConflictError)
    assert str(error).endswith("; its name is taken by a database of the group 'h'")


async def test_a_name_that_another_group_has_after_a_lost_answer_is_unknown(
    fake: FakeTurso, turso: TursoClient
) -> None:
    """The one that was asked for may have been created, deleted, and another one given its name."""
    plan = await planned(turso)
    fake.add_database("a", organization="org", group="h")
    fake.inject(Fault.drop_after(), method="POST")
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [("a", "unknown", None)]
    assert str(report.outcomes[0].error).endswith("; its name is taken by a database of the group 'h'")
    assert len(fake.sent("POST")) == 1


@pytest.mark.parametrize("body", ODD, ids=bytes.decode)
async def test_a_success_that_does_not_prove_it_is_looked_at(
    fake: FakeTurso, turso: TursoClient, body: bytes
) -> None:
    plan = await planned(turso)
    fake.inject(Fault.status(200, body=body), method="POST")
    fake.requests.clear()
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [("a", "unknown", None)]
    error = report.outcomes[0].error
    assert isinstance(error, DecodeError) and error.where.startswith("$")
    assert (error.where == "$.database.name") == (b"DbId" in body)
    assert calls(fake) == ["POST", "GET"]


@pytest.mark.parametrize("fault", [Fault.drop_after(), Fault.drop_before()], ids=["after", "before"])
async def test_without_retries_the_look_decides(fake: FakeTurso, fault: Fault) -> None:
    async with fake.client(organization="org", retry=None) as turso:
        plan = await planned(turso)
        fake.inject(fault, method="POST")
        report = await plan.execute(return_exceptions=True)
    assert told(report) == [("a", "found", UNANSWERED) if fault.acts else ("a", "unknown", None)]
    assert len(fake.sent("POST")) == 1


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_without_a_look_nothing_is_sent_again_and_it_is_unknown(
    fake: FakeTurso, turso: TursoClient, status: int
) -> None:
    """A 404 that is not about the database is no look."""
    plan = await planned(turso)
    fake.inject(Fault.drop_after(), method="POST")
    fake.inject(Fault.status(status), method="GET", path="/databases/a", times=99)
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [("a", "unknown", None)]
    assert len(fake.sent("POST")) == 1


async def test_a_conflict_that_cannot_be_looked_at_fails(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await planned(turso)
    fake.add_database("a", organization="org", group="g")
    fake.inject(Fault.status(403), method="GET", path="/databases/a", times=99)
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [("a", "failed", None)]
    assert isinstance(report.outcomes[0].error, ConflictError)


async def test_a_conflict_about_a_name_that_nothing_has_fails(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await planned(turso)
    fake.inject(Fault.status(409, body=b'{"error":"the group is busy"}'), method="POST")
    report = await plan.execute(return_exceptions=True)
    assert (told(report), names(fake)) == ([("a", "failed", None)], [])


async def test_one_that_is_refused_leaves_the_others_alone(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await planned(turso, "a", "b", "c")
    fake.inject(Fault.status(400), method="POST")
    fake.requests.clear()
    report = await plan.execute(return_exceptions=True, concurrency=1)
    assert calls(fake) == ["POST"] * 3  # a refusal needs no look
    assert [o.status.value for o in report.outcomes] == ["failed", "created", "created"]


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405])
async def test_a_refusal_that_hits_all_of_them_ends_the_run(
    fake: FakeTurso, turso: TursoClient, status: int
) -> None:
    plan = await planned(turso, "a", "b", "c")
    fake.inject(Fault.status(status), method="POST", times=9)
    report = await plan.execute(return_exceptions=True, concurrency=1)
    assert [o.status.value for o in report.outcomes] == ["failed", "not_attempted", "not_attempted"]
    assert "not attempted after: create database a" in str(report.outcomes[1].reason)


async def test_after_a_stop_not_even_a_look_is_sent(fake: FakeTurso) -> None:
    plans: list[CreationPlan] = []

    def stop(event: RequestEvent) -> None:
        if event.operation == "create database":
            plans[0].stop()

    async with fake.client(organization="org", retry=None, on_request=stop) as turso:
        plans.append(await planned(turso))
        fake.inject(Fault.drop_after(), method="POST")
        fake.requests.clear()
        report = await plans[0].execute(return_exceptions=True)
    assert (told(report), calls(fake)) == ([("a", "unknown", None)], ["POST"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [(http(200, {}), "unknown"), (http(409, {"error": "already exists"}), "failed")],
    ids=["an odd success", "a conflict"],
)
async def test_a_stop_ends_the_look(fast: RetryPolicy, body: bytes, expected: str) -> None:
    """It is no longer on the wire, and what waits for its turn is not sent."""
    missing = http(404, no_database("a"))
    looking: list[Callable[[Request], Awaitable[None]]] = []

    async def step(request: Request) -> None:
        if request.method == "POST":
            request.writer.write(body)
            looking.append(stall)
        elif looking:
            await stall(request)
        else:
            groups = http(200, {"groups": [{"name": "g"}]})
            request.writer.write(groups if request.target.endswith("/groups") else missing)

    async with RawServer(then=step) as raw, raw.client(retry=fast) as turso:
        plan = await planned(turso)
        seen = len(raw.requests)
        outcomes: list[Any] = []
        task = asyncio.create_task(plan.execute(return_exceptions=True, on_outcome=outcomes.append))
        await raw.seen(seen + 2)
        plan.stop()
        report = await task
    assert told(report) == [("a", expected, "stopped")]


async def test_a_verification_decides_what_was_unknown(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await planned(turso)
    fake.inject(Fault.drop_after(), method="POST")
    fake.inject(Fault.status(403), method="GET", path="/databases/a", times=2)
    report = await plan.execute(verify=True)
    assert told(report) == [("a", "found", "listed")]
    assert report.outcomes[0].error is None
    assert report.outcomes[0].target.uuid == fake.databases("org")[0].uuid


@pytest.mark.parametrize("lag", [2, 9])
async def test_a_verification_waits_until_what_was_created_is_listed(
    fake: FakeTurso, turso: TursoClient, sleeps: list[float], lag: int
) -> None:
    plan = await planned(turso)
    fake.inject(
        Fault.status(404, body=json.dumps(no_database("a")).encode()),
        method="GET",
        path="/databases/a",
        times=lag,
    )
    report = await plan.execute(verify=True, return_exceptions=True)
    fake.clear_faults()
    if lag == 2:
        assert (told(report), sleeps) == ([("a", "created", None)], [0.5, 1.0])
    else:
        assert told(report) == [("a", "unknown", "created, and not listed")]
        assert ([t.database for t in report.remaining], sum(sleeps)) == (["a"], 15.5)


async def test_a_verification_finds_that_the_name_belongs_to_another_one(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso, "a", "b")

    def replace(outcome: Any) -> None:
        if outcome.target.database == "a":
            fake.remove_database("a", organization="org")
            fake.add_database("a", organization="org", group="g")

    report = await plan.execute(verify=True, return_exceptions=True, on_outcome=replace)
    assert told(report) == [("a", "unknown", "created, and not listed"), ("b", "created", None)]


async def test_a_verification_that_fails_keeps_the_report(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await planned(turso)
    fake.inject(Fault.status(403), method="GET", path="/databases/a", times=9)
    report = await plan.execute(verify=True, return_exceptions=True)
    fake.clear_faults()
    assert (str(report), report.ok) == ("1 created", False)
    assert report.unverified is not None
