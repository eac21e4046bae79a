"""The answer to a restore: what it leaves out, what it is about, and what a group brings back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from raw import RawServer, Request, http, stall
from undos import told

from aioturso import RetryPolicy, TeardownPlan, TursoClient
from aioturso.testing import FakeTurso, Fault

AGAIN = "no usable answer, and there again"


@pytest.fixture
async def fake() -> AsyncIterator[FakeTurso]:
    async with FakeTurso() as server:
        server.add_database("x", organization="org")
        server.add_group("g", organization="org")
        server.add_database("in-g", organization="org", group="g")
        yield server


async def undo_of(turso: TursoClient, kind: str = "database") -> TeardownPlan:
    if kind == "database":
        plan = await turso.teardown.plan_databases(names=["x"])
    else:
        plan = await turso.teardown.plan_groups(names=["g"])
    return await turso.teardown.plan_undo(await plan.execute())


async def test_a_stop_ends_the_look_after_an_odd_success(fast: RetryPolicy) -> None:
    """The restore is no longer on the wire, and what waits for its turn is not sent."""
    platform = Platform()
    data = DATA | {"targets": [{"kind": "database", "organization": "org", "database": "a", "uuid": "A1"}]}

    async def step(request: Request) -> None:
        if request.method == "GET" and request.target.endswith("/databases/a"):
            return await stall(request)
        platform.restored = {}
        await platform(request)

    async with RawServer(then=step) as raw, raw.client(retry=fast) as turso:
        undo = await turso.teardown.plan_undo(data)
        seen = len(raw.requests)
        task = asyncio.create_task(undo.execute(max_age=60, return_exceptions=True))
        await raw.seen(seen + 2)
        undo.stop()
        report = await task
    assert told(report) == [("database a", "unknown", "stopped")]


async def test_another_one_of_its_name_is_not_the_one_that_was_to_come_back(
    fake: FakeTurso, turso: TursoClient
) -> None:
    undo = await undo_of(turso)
    fake.add_database("x", organization="org")
    fake.inject(Fault.status(500), method="POST", times=9)
    report = await undo.execute(return_exceptions=True)
    assert [o.status.value for o in report.outcomes] == ["unknown"]


async def test_the_lost_answer_about_a_group_is_found_for_each_of_its_databases(
    fake: FakeTurso, turso: TursoClient
) -> None:
    fake.add_database("late", organization="org", group="g")
    undo = await undo_of(turso, "group")
    fake.add_database("late", organization="org")
    fake.inject(Fault.drop_after(), method="POST")
    report = await undo.execute(return_exceptions=True)
    late = "no usable answer: its group is there again, and it is not so far"
    assert told(report) == [
        ("group g", "restored", AGAIN),
        ("database in-g", "restored", AGAIN),
        ("database late", "unknown", late),
    ]


async def test_databases_that_cannot_be_listed_then_are_unknown(fake: FakeTurso, turso: TursoClient) -> None:
    undo = await undo_of(turso, "group")
    fake.inject(Fault.drop_after(), method="POST")
    fake.inject(Fault.status(403), method="GET", path="/databases", times=9)
    report = await undo.execute(return_exceptions=True)
    assert told(report)[1] == ("database in-g", "unknown", "its group is there again")
    assert report.outcomes[1].error is not None


class Platform:
    """A platform with one deleted group, whose answers a test replaces."""

    def __init__(self) -> None:
        self.deleted = [
            {
                "Name": "a",
                "DbId": "A1",
                "group": "g",
                "group_id": "G1",
                "group_deleted_at": "2026-01-02T03:04:05Z",
            },
            {
                "Name": "b",
                "DbId": "B1",
                "group": "g",
                "group_id": "G1",
                "group_deleted_at": "2026-01-02T03:04:05Z",
            },
        ]
        self.groups = [{"name": "g", "uuid": "G1"}]
        self.there: list[list[dict[str, Any]]] = [[]]
        self.restored: dict[str, Any] = {"group": {"name": "g", "uuid": "G1"}, "databases": []}

    async def __call__(self, request: Request) -> None:
        path, _, query = request.target.partition("?")
        match (request.method, path.rsplit("/", 1)[-1]):
            case ("POST", _):
                body: Any = self.restored
            case (_, "org"):
                body = {"organization": {"slug": "org", "id": "O1", "restore_enabled": True}}
            case (_, "deleted-groups"):
                body = {"groups": self.groups}
            case (_, "databases") if "deleted=true" in query:
                body = {"databases": self.deleted}
            case (_, "databases"):
                body = {"databases": self.there.pop(0) if len(self.there) > 1 else self.there[0]}
            case _:
                body = {"groups": []}
        request.writer.write(http(200, body))


DATA = {
    "title": "t",
    "organization": "org",
    "created_at": "2026-01-02",
    "targets": [{"kind": "group", "organization": "org", "group": "g", "uuid": "g1"}],
    "skipped": [],
}


async def test_each_database_that_the_answer_names_or_leaves_out_has_one_outcome(fast: RetryPolicy) -> None:
    platform = Platform()
    platform.restored |= {"databases": [{"Name": "a", "DbId": "a1"}], "failures": {"c1": "too big"}}
    async with RawServer(then=platform) as raw, raw.client(retry=fast) as turso:
        report = await (await turso.teardown.plan_undo(DATA)).execute(return_exceptions=True)
    assert told(report) == [
        ("group g", "restored", None),
        ("database a", "restored", "with its group 'g'"),
        ("database b", "unknown", "its group is restored, and the answer does not name it"),
        ("database c1", "failed", "its group is restored, and it is not: too big"),
    ]


async def test_a_uuid_that_is_listed_under_two_names_is_not_restored(fast: RetryPolicy) -> None:
    platform = Platform()
    platform.groups.append({"name": "h", "uuid": "G1"})
    async with RawServer(then=platform) as raw, raw.client(retry=fast) as turso:
        undo = await turso.teardown.plan_undo(DATA)
    assert [o.reason for o in undo.skipped] == ["its uuid is listed more than once"]


@pytest.mark.parametrize("lag", [2, 9])
async def test_a_verification_waits_until_what_came_back_is_listed(
    fast: RetryPolicy, sleeps: list[float], lag: int
) -> None:
    platform = Platform()
    data = DATA | {"targets": [{"kind": "database", "organization": "org", "database": "a", "uuid": "A1"}]}
    platform.restored = {"database": {"Name": "a", "DbId": "A1"}}
    platform.there = [[] for _ in range(lag)] + [[{"Name": "a", "DbId": "A1"}]]
    async with RawServer(then=platform) as raw, raw.client(retry=fast) as turso:
        report = await (await turso.teardown.plan_undo(data)).execute(verify=True, return_exceptions=True)
    if lag == 2:
        assert (told(report), sleeps[-1:]) == ([("database a", "restored", None)], [0.5])
    else:
        assert told(report) == [("database a", "unknown", "restored, and not listed")]
        assert ([t.database for t in report.remaining], sum(sleeps[-5:])) == (["a"], 15.5)
