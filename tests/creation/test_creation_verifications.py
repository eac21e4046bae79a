"""`verify=True`: a report of creations is compared with what is there, and a list that lags is no proof."""

import json
from typing import Any

import pytest
from attrs import evolve
from creations import calls, planned, told
from missing import no_database
from raw import RawServer, Step, answer
from routes import databases, no_such, one, routes
from sleeps import Sleeps

from aioturso import (
    CreationReport,
    ForbiddenError,
    Outcome,
    OutcomeStatus,
    RetryPolicy,
    ServerError,
    TursoClient,
)
from aioturso.creation.verify import _found, verified
from aioturso.models.databases import Database
from aioturso.teardown.targets import Target
from aioturso.testing import FakeTurso, Fault

DOWN = answer(500, {"error": "down"})


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
