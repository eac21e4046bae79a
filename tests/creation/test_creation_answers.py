"""A create without a usable answer: a look comes before it is sent again or reported, and only an answer is proof."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from creations import calls, planned, told
from missing import no_database
from raw import RawServer, Request, answer, http, stall

from aioturso import (
    ConflictError,
    CreationPlan,
    DecodeError,
    OutcomeUnknownError,
    RetryPolicy,
    TursoClient,
)
from aioturso._account import Account, Effect
from aioturso.api.databases import CREATE
from aioturso.creation.making import _Look
from aioturso.teardown.after_failure import is_there_after_all
from aioturso.teardown.targets import Target
from aioturso.teardown.traces import UNPROVEN
from aioturso.testing import FakeTurso, Fault

DOWN = answer(500, {"error": "down"})
UNANSWERED = "no usable answer, and there now: created by this run, or by another client at that moment"
LOST = [Fault.drop_after(), Fault.truncate(), Fault.drop_mid_headers(), Fault.reset(acts=True)]


@pytest.fixture
async def fake() -> AsyncIterator[FakeTurso]:
    async with FakeTurso() as server:
        for group in ("g", "h"):
            server.add_group(group, organization="org")
        yield server


def names(fake: FakeTurso) -> list[str]:
    return [database.name for database in fake.databases("org")]


async def test_what_is_found_has_the_uuid_and_the_model_of_what_is_there(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    fake.inject(Fault.drop_after(), method="POST")
    report = await plan.execute()
    (outcome,) = report.found
    assert outcome.target.uuid == fake.databases("org")[0].uuid
    assert outcome.database is not None and outcome.database.hostname
    assert report.ok and not report.created


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


async def test_what_was_there_before_is_found_and_not_deleted_again(fast: RetryPolicy) -> None:
    """Another client was faster, and the server answers a create with what has the name."""
    there = {"database": {"Name": "a", "DbId": "u", "group": "g"}}
    script = [
        ("GET", http(404, no_database("a"))),
        ("GET", http(200, {"groups": [{"name": "g"}]})),
        ("POST", http(200, {**there, "created": False})),
        ("GET", http(200, there)),
    ]

    async def step(request: Request) -> None:
        method, answer = script.pop(0)
        assert request.method == method
        request.writer.write(answer)

    async with RawServer(then=step) as raw, raw.client(retry=fast) as turso:
        report = await (await planned(turso)).execute()
        assert (told(report), script) == ([("a", "found", UNANSWERED)], [])
        listed = {"databases": [{**there["database"], "delete_protection": False}]}
        script += [("GET", http(200, listed)), ("GET", http(200, there))]
        plan = await turso.teardown.plan_created(report)
    assert not plan and plan.skipped[0].reason == UNPROVEN


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
    """The one that was wanted may have been created, deleted, and another one given its name."""
    plan = await planned(turso)
    fake.add_database("a", organization="org", group="h")
    fake.inject(Fault.drop_after(), method="POST")
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [("a", "unknown", None)]
    assert str(report.outcomes[0].error).endswith("; its name is taken by a database of the group 'h'")
    assert len(fake.sent("POST")) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"database":{"Name":"b","DbId":"u"}}', "the answer is about another one than the request"),
        (b'{"database":{"DbId":"u"}}', "required and missing"),
    ],
)
async def test_a_success_about_another_name_or_none_has_that_place(
    fake: FakeTurso, turso: TursoClient, body: bytes, why: str
) -> None:
    plan = await planned(turso)
    fake.inject(Fault.status(200, body=body), method="POST")
    report = await plan.execute(return_exceptions=True)
    error = report.outcomes[0].error
    assert isinstance(error, DecodeError) and error.where == "$.database.name"
    assert f"{why} at $.database.name" in str(error)


async def test_a_success_about_one_of_another_group_is_not_created_and_is_not_deleted_again(
    fake: FakeTurso, turso: TursoClient
) -> None:
    """As of a server that answers a create with what has the name already."""
    plan = await planned(turso)
    there = fake.add_database("a", organization="org", group="h")
    body = json.dumps({"database": {"Name": "a", "DbId": there.uuid, "group": "h"}}).encode()
    fake.inject(Fault.status(200, body=body), method="POST")
    report = await plan.execute(return_exceptions=True)
    error = report.outcomes[0].error
    assert told(report) == [("a", "unknown", None)]
    assert isinstance(error, DecodeError) and error.where == "$.database.group"
    again = await turso.teardown.plan_created(report)
    await again.execute()
    assert names(fake) == ["a"] and not again


@pytest.mark.parametrize("group", ["g", "", None])
async def test_a_success_whose_group_is_the_meant_one_or_left_out_is_created(
    fake: FakeTurso, turso: TursoClient, group: str | None
) -> None:
    plan = await planned(turso)
    body = json.dumps({"database": {"Name": "a", "DbId": "u", "group": group}}).encode()
    fake.inject(Fault.status(200, body=body), method="POST")
    assert told(await plan.execute()) == [("a", "created", None)]


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


async def test_a_create_whose_answers_are_all_lost_is_unknown_while_nothing_has_the_name(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    fake.inject(Fault.drop_before(), method="POST", times=99)
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [("a", "unknown", None)]
    assert (report.outcomes[0].target.uuid, report.outcomes[0].database) == (None, None)


async def test_after_a_stop_no_look_follows_a_lost_answer(fast: RetryPolicy) -> None:
    missing = http(404, no_database("a"))
    plans: list[CreationPlan] = []

    async def step(request: Request) -> None:
        if request.method == "POST":
            plans[0].stop()
            request.writer.close()
        else:
            groups = http(200, {"groups": [{"name": "g"}]})
            request.writer.write(groups if request.target.endswith("/groups") else missing)

    async with RawServer(then=step) as raw, raw.client(retry=fast) as turso:
        plans.append(await planned(turso))
        seen = len(raw.requests)
        report = await plans[0].execute(return_exceptions=True)
        assert [request.method for request in raw.requests[seen:]] == ["POST"]
    assert [o.status.value for o in report.outcomes] == ["unknown"]


async def test_a_look_that_finds_nothing_settles_nothing(turso: TursoClient) -> None:
    account, error = Account(effect=Effect.UNKNOWN), OutcomeUnknownError("no answer")
    look = _Look(turso.creation._engine, Target(kind="database", database="a", group="g"))
    assert not await is_there_after_all(look.again, account, error, CREATE, is_own=False)
    assert (account.effect, account.confirmed) == (Effect.UNKNOWN, None)
