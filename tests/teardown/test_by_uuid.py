"""Databases are deleted by UUID where the platform can; where it cannot, in the open, by name and after a look."""

import json
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from aioturso import (
    DecodeError,
    InvalidInputError,
    NotFoundError,
    RequestEvent,
    TeardownPlan,
    TeardownReport,
    TursoClient,
    _transport,
)
from aioturso.testing import FakeTurso, Fault

NO_ROUTE = Fault.status(404, body=b'{"code":"route_not_found","error":"no such route"}')
NO_PAGE = Fault.status(404, body=b"404 page not found")
NO_METHOD = Fault.status(405, body=b"")
BY_NAME = "by name: the platform has no delete by uuid"
ANOTHER = "the name now belongs to another one, which was left alone"


@pytest.fixture
async def fake() -> AsyncIterator[FakeTurso]:
    async with FakeTurso() as server:
        for number in range(3):
            server.add_database(f"x{number}", organization="org")
        yield server


async def planned(turso: TursoClient) -> TeardownPlan:
    return await turso.teardown.plan_databases(prefix="x", by_uuid=True)


def told(report: TeardownReport) -> list[tuple[str, str | None]]:
    return [(o.status.value, o.reason) for o in report.outcomes]


def made_anew(fake: FakeTurso, name: str) -> str:
    fake.remove_database(name, organization="org")
    return fake.add_database(name, organization="org").uuid


async def test_each_database_is_deleted_by_its_uuid(fake: FakeTurso, turso: TursoClient) -> None:
    uuids = [database.uuid for database in fake.databases("org")]
    report = await (await planned(turso)).execute()
    assert told(report) == [("destroyed", "by uuid")] * 3
    assert [r.path.split("/")[-1] for r in fake.sent("DELETE")] == uuids
    assert len([r for r in fake.sent("GET") if r.path.endswith("/organizations/org")]) == 1


async def test_another_one_of_its_name_cannot_be_hit(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await planned(turso)
    new = made_anew(fake, "x1")
    report = await plan.execute()
    assert told(report)[1] == ("already_gone", "database not found; by uuid")
    assert [database.uuid for database in fake.databases("org")] == [new]


async def test_an_answer_that_names_another_one_is_no_proof(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await planned(turso)
    uuid = plan.targets[1].uuid
    for name in ("x0", uuid, "prod"):  # of the first, of the second, of none
        body = json.dumps({"database": name}).encode()
        fake.inject(Fault.status(200, body=body), method="DELETE", times=1)
    report = await plan.execute(concurrency=1, return_exceptions=True)
    assert told(report) == [("destroyed", "by uuid"), ("destroyed", "by uuid"), ("unknown", "by uuid")]
    assert isinstance(report.unknown[0].error, DecodeError)


@pytest.mark.parametrize("fault", [NO_ROUTE, NO_METHOD], ids=["route", "method"])
async def test_where_the_platform_lacks_it_they_are_deleted_by_name_after_a_look(
    fake: FakeTurso, turso: TursoClient, fault: Fault
) -> None:
    plan = await planned(turso)
    fake.inject(fault, method="DELETE")
    new = made_anew(fake, "x1")
    fake.remove_database("x2", organization="org")
    report = await plan.execute(concurrency=1)
    assert told(report) == [
        ("destroyed", BY_NAME),
        ("already_gone", f"{ANOTHER}; {BY_NAME}"),
        ("already_gone", f"no longer there; {BY_NAME}"),
    ]
    assert [o.attempts for o in report.outcomes] == [2, 0, 0]
    assert [database.uuid for database in fake.databases("org")] == [new]


@pytest.mark.parametrize(
    "body", [b"<h1>Not Found</h1>", b"404 page not found", b"", b'{"error": "not found"}']
)
async def test_a_404_on_the_way_is_no_proof_that_the_platform_lacks_it(fake: FakeTurso, body: bytes) -> None:
    """The delete by name would hit what has got the name since the look."""

    def on_request(event: RequestEvent) -> None:
        if event.operation == "get database":
            made_anew(fake, "x0")

    async with fake.client(organization="org", on_request=on_request) as turso:
        plan = await planned(turso)
        fake.inject(Fault.status(404, body=body), method="DELETE")
        report = await plan.execute(concurrency=1, return_exceptions=True)
    assert told(report)[0] == ("failed", "by uuid")
    assert str(report) == "1 failed, 2 not attempted"
    assert len(fake.sent("DELETE")) == 1 and len(fake.databases("org")) == 3


@pytest.mark.parametrize(
    ("look", "way"),
    [
        (Fault.status(404, body=b"404 page not found"), ("destroyed", BY_NAME)),
        (NO_METHOD, ("destroyed", BY_NAME)),
        (Fault.status(500), ("failed", "by uuid")),
        (Fault.status(404, body=b'{"error": "database not found"}'), ("failed", "by uuid")),
        (Fault.status(200, body=b"<p>"), ("failed", "by uuid")),
        (Fault.drop_before(), ("failed", "by uuid")),
    ],
)
async def test_the_platform_lacks_it_where_it_answers_nothing_by_uuid(
    fake: FakeTurso, turso: TursoClient, look: Fault, way: tuple[str, str]
) -> None:
    plan = await planned(turso)
    path = f"/databases/{plan.targets[0].uuid}"
    fake.inject(Fault.status(404, body=b"404 page not found"), method="DELETE")
    fake.inject(look, method="GET", path=path, times=10)
    report = await plan.execute(concurrency=1, return_exceptions=True)
    assert told(report)[0] == way
    assert all(isinstance(outcome.error, NotFoundError) for outcome in report.failed)
    # Looked at once, and remembered.
    assert len({r.path for r in fake.sent("GET") if "/v3/" in r.path}) == 1


async def test_the_delete_by_name_has_a_time_of_its_own(
    fake: FakeTurso, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = 0.0

    def on_request(event: RequestEvent) -> None:
        nonlocal late
        late += 1000 * bool(event.method == "GET" and fake.sent("DELETE"))

    async with fake.client(organization="org", on_request=on_request) as turso:
        plan = await planned(turso)
        fake.inject(NO_ROUTE, method="DELETE")
        clock = SimpleNamespace(time=time.time, monotonic=lambda: time.monotonic() + late)
        monkeypatch.setattr(_transport, "time", clock)
        report = await plan.execute(concurrency=1)
    assert told(report) == [("destroyed", BY_NAME)] * 3


@pytest.mark.parametrize(
    ("ends", "looks", "fault"),
    [
        ("DELETE", (0, 0), NO_ROUTE),
        ("GET", (0, 1), NO_ROUTE),
        ("DELETE", (0, 0), NO_PAGE),
        ("GET", (1, 0), NO_PAGE),
    ],
)
async def test_nothing_is_deleted_by_name_after_a_stop_that_came_on_the_way_there(
    fake: FakeTurso, ends: str, looks: tuple[int, int], fault: Fault
) -> None:
    def on_request(event: RequestEvent) -> None:
        if event.method == ends and fake.sent("DELETE"):
            plan.stop()

    async with fake.client(organization="org", on_request=on_request) as turso:
        plan = await planned(turso)
        fake.inject(fault, method="DELETE")
        fake.inject(NO_PAGE, method="GET", path=f"/databases/{plan.targets[0].uuid}")
        report = await plan.execute(concurrency=1, return_exceptions=True)
    assert told(report) == [("failed", "stopped"), ("not_attempted", "stopped"), ("not_attempted", "stopped")]
    assert len(fake.sent("DELETE")) == 1 and len(fake.databases("org")) == 3
    paths = [r.path for r in fake.sent("GET")]
    names = (plan.targets[0].uuid, "x0")
    assert tuple(sum(path.endswith(f"/databases/{name}") for path in paths) for name in names) == looks


async def test_what_may_have_gone_by_uuid_and_is_not_there_is_destroyed(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    fake.inject(Fault.drop_after(), method="DELETE")
    fake.inject(NO_ROUTE, method="DELETE")
    report = await plan.execute(concurrency=1)
    assert told(report)[0] == ("destroyed", f"no longer there; {BY_NAME}")


async def test_a_lost_answer_is_confirmed_by_the_404_of_that_uuid(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    fake.inject(Fault.drop_after(), method="DELETE", times=3)
    report = await plan.execute(concurrency=1, verify=True)
    assert told(report)[0] == ("destroyed", "confirmed by 404 (database not found); by uuid")
    assert report.ok


async def test_a_refusal_is_no_missing_route(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await planned(turso)
    fake.protect("x1", organization="org")
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [("destroyed", "by uuid"), ("failed", "by uuid"), ("destroyed", "by uuid")]


async def test_a_look_that_cannot_compare_deletes_nothing(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await planned(turso)
    fake.inject(NO_ROUTE, method="DELETE")
    body = json.dumps({"database": {"Name": "x0"}}).encode()
    fake.inject(Fault.status(200, body=body), method="GET", path="/x0")
    report = await plan.execute(return_exceptions=True, concurrency=1)
    assert told(report)[0] == ("failed", BY_NAME)
    assert [database.name for database in fake.databases("org")] == ["x0"]


async def test_the_plan_keeps_the_way_and_is_looked_up_again_when_loaded(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await planned(turso)
    data: dict[str, Any] = json.loads(json.dumps(plan.to_dict()))
    assert data["by_uuid"] is True
    with pytest.raises(InvalidInputError, match="by_uuid"):
        turso.teardown.load(data | {"by_uuid": "yes"})
    async with fake.client(organization="org") as other:
        loaded = other.teardown.load(data)
        assert loaded.verb == plan.verb
        assert told(await loaded.execute()) == [("destroyed", "by uuid")] * 3


async def test_a_database_whose_uuid_is_not_listed_is_skipped(fake: FakeTurso, turso: TursoClient) -> None:
    body = json.dumps({"databases": [{"Name": "x0"}]}).encode()
    fake.inject(Fault.status(200, body=body), method="GET", path="/databases")
    plan = await planned(turso)
    assert [outcome.reason for outcome in plan.skipped] == ["its uuid is not known"]


async def test_an_organization_that_cannot_be_looked_up_is_an_error_before_anything_is_deleted(
    fake: FakeTurso, turso: TursoClient
) -> None:
    fake.inject(Fault.status(404), method="GET", path="/organizations/org")
    with pytest.raises(NotFoundError):
        await planned(turso)
    with pytest.raises(InvalidInputError, match="by_uuid must be True or False"):
        await turso.teardown.plan_databases(prefix="x", by_uuid=1)  # type: ignore[arg-type]
