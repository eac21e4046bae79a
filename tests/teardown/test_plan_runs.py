"""A plan that runs: what it refuses before anything is sent, its stream, its verification, and its age."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest
from attrs import evolve
from engines import Table
from raw import RawServer, Request, answer
from routes import database, databases, no_such, routes

from aioturso import (
    ClientClosedError,
    ConfigurationError,
    InvalidInputError,
    Outcome,
    OutcomeStatus,
    Target,
    TeardownPlan,
    TursoClient,
    TursoError,
)
from aioturso.teardown import base_plan as module
from aioturso.teardown.base_plan import Life, Since
from aioturso.teardown.report import Report
from aioturso.teardown.targets import Candidate
from aioturso.teardown.verbs import RESTORE
from aioturso.testing import FakeTurso

SERVER = routes(
    {
        "GET databases": databases(database("a"), database("b")),
        "GET databases/a": no_such("database"),
        "DELETE databases/a": answer(200, {"database": "a"}),
        "DELETE databases/b": answer(200, {"database": "b"}),
    }
)
MADE = datetime(2024, 5, 6, tzinfo=UTC)


@pytest.fixture
async def raw() -> AsyncIterator[RawServer]:
    async with RawServer(then=SERVER) as server:
        yield server


@pytest.fixture
async def turso(raw: RawServer) -> AsyncIterator[TursoClient]:
    async with raw.client(retry=None) as client:
        yield client


def lines(raw: RawServer) -> list[str]:
    return [
        f"{request.method} {request.target.rpartition('/')[2].partition('?')[0]}" for request in raw.requests
    ]


def names(raw: RawServer) -> list[str]:
    return sorted(line for line in lines(raw) if line.startswith("DELETE"))


async def planned(turso: TursoClient) -> TeardownPlan:
    return await turso.teardown.plan_databases(names=["a", "b"])


async def test_a_plan_whose_client_is_closed_runs_nothing_also_while_it_is_fresh(
    turso: TursoClient, raw: RawServer
) -> None:
    made = await planned(turso)
    await turso.close()
    for start in (made.execute(return_exceptions=True), anext(made.stream())):
        with pytest.raises(ClientClosedError, match=r"^databases a, b: the client is closed$") as caught:
            await start
        assert caught.value.organization == made.organization
    assert names(raw) == []


async def test_a_plan_of_another_organization_runs_nothing(turso: TursoClient, raw: RawServer) -> None:
    made = await planned(turso)
    stranger = Candidate(evolve(made.targets[0], organization="other"))
    token = Candidate(Target(kind="API token", token="t"))
    for plan, message in (
        (evolve(made, organization="other"), "this plan is for the organization 'other'"),
        (
            evolve(made, entries=(*made.entries, stranger)),
            "a target of this plan belongs to another organization",
        ),
    ):
        with pytest.raises(ConfigurationError, match=message):
            await plan.execute()
        with pytest.raises(ConfigurationError, match=message):
            await anext(plan.stream())
    assert names(raw) == []
    entries = (token,)
    report = await evolve(made, entries=entries, life=Since(0).life(entries)).execute(dry_run=True)
    assert [o.status for o in report.outcomes] == [OutcomeStatus.NOT_ATTEMPTED]


async def test_a_plan_of_too_many_targets_runs_nothing(turso: TursoClient, raw: RawServer) -> None:
    made = await planned(turso)
    with pytest.raises(InvalidInputError, match="the plan has 2 targets, more than max_targets=1"):
        await made.execute(max_targets=1)
    assert names(raw) == []
    assert str(await made.execute(max_targets=2)) == "2 destroyed"


async def test_a_stream_raises_the_failure_of_a_hook_at_its_end(turso: TursoClient) -> None:
    failure = KeyError("mine")

    def fail(outcome: Any) -> None:
        raise failure

    found = []
    with pytest.raises(KeyError) as caught:
        async for outcome in (await planned(turso)).stream(on_outcome=fail):
            found.append(outcome)
    assert caught.value is failure and len(found) == 2


async def test_a_stream_without_a_failure_just_ends(turso: TursoClient, raw: RawServer) -> None:
    found = [outcome async for outcome in (await planned(turso)).stream(exclude="b")]
    assert sorted((o.target.database, o.status.value) for o in found) == [
        ("a", "destroyed"),
        ("b", "skipped"),
    ]
    assert names(raw) == ["DELETE a"]


async def test_a_dry_run_is_not_verified(turso: TursoClient, raw: RawServer) -> None:
    report = await (await planned(turso)).execute(dry_run=True, verify=True)
    assert (str(report), lines(raw)) == ("2 not attempted", ["GET databases"])
    assert report.ok and report.unverified is None


async def test_a_dry_run_that_is_stopped_lacks_no_verification(turso: TursoClient) -> None:
    made = await planned(turso)
    report = await made.execute(dry_run=True, verify=True, on_outcome=lambda _: made.stop())
    assert report.ok and report.unverified is None


async def test_the_failure_of_a_run_stays_where_its_verification_fails_too(turso: TursoClient) -> None:
    failures = [KeyError("of the hook"), ValueError("of the verification")]

    async def verify(*_: object) -> Report:
        raise failures[1]

    def fail(_: Outcome) -> None:
        raise failures[0]

    for hook, failure in ((fail, failures[0]), (None, failures[1])):
        made = await planned(turso)
        made = evolve(made, verb=evolve(made.verb, verify=verify))
        report = await made.execute(verify=True, return_exceptions=True, on_outcome=hook)
        assert report.failure is failure and report.outcomes


async def test_a_run_that_is_stopped_before_its_verification_is_unverified(turso: TursoClient) -> None:
    made = await planned(turso)
    seen: list[Any] = []

    def stop(outcome: Any) -> None:
        seen.append(outcome)
        if len(seen) == 2:
            made.stop()

    report = await made.execute(verify=True, return_exceptions=True, on_outcome=stop)
    assert str(report) == "2 destroyed" and isinstance(report.unverified, TursoError)
    assert str(report.unverified) == "stopped before it was verified"


@pytest.mark.parametrize(
    ("seconds", "age"), [(60, 60.0), (0, 0.0), (-0.9, 0.0), (-1.1, float("inf")), (-1.9, float("inf"))]
)
def test_a_clock_that_was_set_back_makes_a_plan_infinitely_old(
    monkeypatch: pytest.MonkeyPatch, seconds: float, age: float
) -> None:
    class Clock(datetime):
        """A clock that stands."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return MADE + timedelta(seconds=seconds)

    since = Since(0)
    made = TeardownPlan(title="t", organization="org", entries=(), created_at=MADE, life=since.life(()))
    monkeypatch.setattr(module, "datetime", Clock)
    monkeypatch.setattr(module.time, "monotonic", lambda: since.monotonic)
    assert made.age == age


async def test_a_plan_shows_nothing_of_its_engine_and_its_entries(turso: TursoClient) -> None:
    made = await planned(turso)
    assert repr(made) == "<TeardownPlan 'databases a, b' of 'org': 2 targets, 0 skipped>"
    assert made == evolve(made, engine=None) and made != evolve(made, title="other")
    (one, _) = made.entries
    fewer = evolve(made, entries=(one, evolve(one, reason="primary")))
    assert repr(fewer).endswith(": 1 target, 1 skipped>")


async def test_the_recovery_of_an_undo_is_not_looked_up(turso: TursoClient, raw: RawServer) -> None:
    undo = evolve(await planned(turso), verb=RESTORE)
    before = len(raw.requests)
    assert (await undo.check_recovery()).reason == "an undo deletes nothing"
    assert len(raw.requests) == before
    looked = await (await planned(turso)).check_recovery()
    assert looked.possible is None and looked.reason


def test_a_stop_lasts_until_the_last_run_that_it_reached_has_ended() -> None:
    life = Life()
    with life.running():
        with life.running():
            life.stop()
        with life.running() as third:
            assert third.reason == "stopped"
    with life.running() as fourth:
        assert fourth.reason == ""


def test_the_life_of_a_plan_begins_with_no_run() -> None:
    life = Life()
    assert (life.runs, life.ran, life.recovery, life.halt.reason) == (0, False, None, "")
    with pytest.raises(ValueError, match="mine"), life.running():
        assert life.runs == 1
        raise ValueError("mine")
    assert (life.runs, life.ran) == (0, True)


@pytest.mark.parametrize("max_age", [10.0, float("inf")])
async def test_a_plan_that_no_lists_have_made_is_listed_before_it_runs(
    turso: TursoClient, raw: RawServer, max_age: float
) -> None:
    """Put together by hand, with other entries than it was planned with, or loaded: what may not be deleted stays."""
    made = await planned(turso)
    other = evolve(made.targets[0], uuid="other")
    by_hand = TeardownPlan(
        title="t", organization="org", entries=(Candidate(other),), engine=turso.teardown._engine
    )
    for plan in (
        evolve(made, entries=(Candidate(other),)),
        by_hand,
        turso.teardown.load(by_hand.to_dict()),
    ):
        raw.requests.clear()
        report = await plan.execute(max_age=max_age)
        assert (str(report), lines(raw)) == ("1 skipped", ["GET databases"])


async def test_a_plan_is_as_old_as_the_first_of_its_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the second page was awaited, the first one has become old."""
    ahead, clock = [0.0], module.time.monotonic
    pages = [[database("a")], [database("b")]]

    async def listed(request: Request) -> None:
        ahead[0] += 11 * (len(pages) == 1)
        content = {"databases": pages.pop(0), "pagination": {"next": "c" if pages else None}}
        await answer(200, content)(request)

    monkeypatch.setattr(module.time, "monotonic", lambda: clock() + ahead[0])
    lists = [listed, listed, databases(database("a", DbId="other"), database("b"))]
    table: Table = {"GET databases": lists, "DELETE databases/b": answer(200, {"database": "b"})}
    async with RawServer(then=routes(table)) as raw, raw.client(retry=None) as turso:
        report = await (await turso.teardown.plan_databases(names=["a", "b"])).execute()
    assert [o.status.value for o in report.outcomes] == ["skipped", "destroyed"]


async def test_a_plan_during_whose_lists_another_token_came_is_listed_again() -> None:
    """The second token may be one that does not see all that the first one saw, or sees more."""
    tokens = iter(["first", "second"])

    async def provider() -> str:
        return next(tokens)

    groups = answer(200, {"groups": [{"name": "g", "uuid": "u", "delete_protection": False}]})
    lists = [answer(401), databases(), databases(database("kept", delete_protection=True))]
    table: Table = {"GET groups": groups, "GET databases": lists, "DELETE groups/g": answer(200, {})}
    async with RawServer(then=routes(table)) as raw, raw.client(token=provider) as turso:
        report = await (await turso.teardown.plan_groups(names=["g"])).execute()
    assert [o.reason for o in report.skipped] == ["its database 'kept' is delete-protected"]
    assert "DELETE" not in {request.method for request in raw.requests}


@pytest.mark.parametrize(("age", "lists"), [(250.0, 1), (290.0, 2)])
async def test_the_rest_of_a_run_is_listed_again_by_the_age_that_its_plan_had_when_it_began(
    fake: FakeTurso, ahead: list[float], age: float, lists: int
) -> None:
    fake.add_database("x-0", organization="org")
    fake.add_database("x-1", organization="org")

    def pass_time(outcome: Outcome) -> None:
        ahead[0] += 100.0

    async with fake.client(organization="org") as client:
        plan = await client.teardown.plan_databases(prefix="x-")
        older = evolve(plan, created_at=plan.created_at - timedelta(seconds=age))
        report = await older.execute(max_age=300, concurrency=1, on_outcome=pass_time)
    assert (str(report), len(fake.sent("GET", "/databases"))) == ("2 destroyed", lists)
