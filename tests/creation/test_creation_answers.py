"""A create without a usable answer: a look comes before it is sent again or reported, and only an answer is proof."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from attrs import evolve
from missing import no_database
from raw import RawServer, Request, Step, answer, http, stall
from routes import databases, no_such, one, routes
from sleeps import Sleeps

from aioturso import (
    ConflictError,
    CreationPlan,
    CreationReport,
    DecodeError,
    ForbiddenError,
    Outcome,
    OutcomeStatus,
    OutcomeUnknownError,
    RetryPolicy,
    ServerError,
    TursoClient,
)
from aioturso._account import Account, Effect
from aioturso.api.databases import CREATE
from aioturso.creation.making import _Look
from aioturso.creation.verify import _found, verified
from aioturso.models.databases import Database
from aioturso.teardown.after_failure import is_there_after_all
from aioturso.teardown.targets import Target
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


async def planned(turso: TursoClient, *names: str) -> CreationPlan:
    return await turso.creation.plan_databases(names or ["a"], group="g")


def told(report: CreationReport) -> list[tuple[str, str, str | None]]:
    return [(o.target.database, o.status.value, o.reason) for o in report.outcomes]


def calls(fake: FakeTurso) -> list[str]:
    return [request.method for request in fake.requests]


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


async def test_a_verification_finds_what_was_unknown_and_leaves_what_failed_alone(
    fake: FakeTurso, turso: TursoClient
) -> None:
    """No look was possible before; what was created has what is there now."""
    fake.add_database("taken", organization="org", group="h")
    plan = await planned(turso, "lost", "unsent", "made", "taken")
    for name, fault in (("lost", Fault.drop_after()), ("unsent", Fault.drop_before())):
        fake.inject(fault, method="POST")
        fake.inject(Fault.status(403), method="GET", path=f"/databases/{name}", times=99)

    def clear(outcome: Any) -> None:
        if outcome.target.database == "unsent":
            fake.clear_faults()

    report = await plan.execute(verify=True, return_exceptions=True, concurrency=1, on_outcome=clear)
    assert told(report) == [
        ("lost", "found", "listed"),
        ("unsent", "unknown", None),
        ("made", "created", None),
        ("taken", "failed", "its name is taken by a database of the group 'h'"),
    ]
    there = {name: await turso.databases.get(name) for name in ("lost", "made")}
    assert [o.database for o in report.outcomes[::2]] == list(there.values())
    assert report.outcomes[0].target.uuid == there["lost"].id
    assert report.outcomes[0].error is None and report.outcomes[1].error is not None
    assert (report.remaining, report.unverified) == ((), None)


async def test_a_verification_that_finds_all_looks_once(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await planned(turso)
    fake.requests.clear()
    await plan.execute(verify=True)
    assert calls(fake) == ["POST", "GET"]


async def test_a_verification_that_fails_is_named_and_changes_no_outcome(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    fake.inject(Fault.status(403), method="GET", times=99)
    report = await plan.execute(verify=True, return_exceptions=True)
    assert told(report) == [("a", "created", None)]
    assert isinstance(report.unverified, ForbiddenError)


@pytest.mark.parametrize(
    ("uuid", "listed", "group", "same"),
    [
        ("u", "U", "g", True),
        ("u", "v", "g", False),
        ("u", "", "g", True),
        (None, "v", "g", True),
        (None, "", None, True),
        ("u", "u", "h", False),
    ],
)
def test_what_is_listed_is_what_was_created_unless_its_uuid_or_its_group_is_another(
    uuid: str | None, listed: str, group: str | None, same: bool
) -> None:
    target = Target(kind="database", database="a", group="g", uuid=uuid)
    database = Database(name="a", id=listed, group=group)
    assert _found([target], {"a": [database]}) == ({target: database} if same else {})
    assert _found([target], {"a": [database, database]}) == {}


def listed_as(name: str, uuid: str | None = None) -> dict[str, Any]:
    return {"Name": name, "DbId": uuid or f"id-{name}", "group": "g"}


@pytest.mark.parametrize(
    ("alone", "reason", "uuid"),
    [
        (one(database=listed_as("x", "new")), "listed", "new"),
        (one(database={**listed_as("x"), "group": "h"}), "before", None),
        (no_such("database"), "before", None),
        (DOWN, "before", None),
    ],
)
async def test_a_list_that_lags_is_no_proof_that_an_unknown_one_is_there(
    alone: Step, reason: str, uuid: str | None
) -> None:
    """Of many the list is read, which still has a database that was deleted before."""
    made = [f"a{number}" for number in range(17)]
    plain = Target(kind="database", organization="org", group="g")
    outcomes = [Outcome(target=evolve(plain, database=name), status=OutcomeStatus.CREATED) for name in made]
    x = Outcome(target=evolve(plain, database="x"), status=OutcomeStatus.UNKNOWN, reason="before")
    listed = databases(*map(listed_as, [*made[1:], "x"]))
    sleeps = Sleeps()
    async with RawServer(then=routes({"GET databases": listed, "GET databases/x": alone})) as raw:
        async with raw.client(retry=RetryPolicy(attempts=1, sleep=sleeps)) as turso:
            report = await verified(turso.teardown._engine, CreationReport((*outcomes, x)))
    first, *_, last = report.outcomes
    assert (last.status, last.reason, last.target.uuid) == (
        OutcomeStatus.FOUND if uuid else OutcomeStatus.UNKNOWN,
        reason,
        uuid,
    )
    assert (first.status, [t.database for t in report.remaining]) == (OutcomeStatus.UNKNOWN, ["a0"])
    assert isinstance(report.unverified, ServerError) == (alone is DOWN)


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
