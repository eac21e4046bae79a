"""Interrupts, exits and a memory that is full, raised by anything that a caller hands in: the outcomes reach the caller."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from raw import RawServer, answer, stall

from aioturso import OutcomeStatus, RetryPolicy, TeardownError, TeardownReport
from aioturso.testing import FakeTurso, Fault

SIZE = 20
PLACES = ["on_outcome", "on_progress", "on_request", "on_retry", "sleep", "provider"]
EXITS = [KeyboardInterrupt, SystemExit]


@pytest.fixture
def world() -> Any:
    with FakeTurso() as fake:
        for number in range(SIZE):
            fake.add_database(f"x{number}", organization="org", group="ci")
        yield fake


class Thrower:
    """Raises once, when it is called for the n-th time after it was armed."""

    def __init__(self, kind: type[BaseException], nth: int) -> None:
        self.kind, self.left, self.armed = kind, nth, False

    def __call__(self, *_: object) -> None:
        if self.armed:
            self.left -= 1
            if self.left == 0:
                raise self.kind

    async def wait(self, _: float) -> None:
        self()

    async def token(self) -> str:
        self()
        return "fake-platform-token"


def settings_of(place: str, thrower: Thrower) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings of a client and the options of a run in which something is raised."""
    match place:
        case "on_outcome" | "on_progress":
            return {}, {place: thrower}
        case "sleep":
            return {"retry": RetryPolicy(sleep=thrower.wait)}, {}
        case "provider":
            return {"token": thrower.token}, {}
    return {place: thrower}, {}


def check(report: TeardownReport, world: FakeTurso) -> None:
    left = {database.name for database in world.databases("org")}
    assert len(report.outcomes) == SIZE
    for outcome in report.outcomes:
        if outcome.status is OutcomeStatus.DESTROYED:
            assert outcome.target.database not in left, outcome
        elif outcome.status is not OutcomeStatus.UNKNOWN:
            assert outcome.target.database in left, outcome
    assert len(report.not_attempted) >= SIZE - len(world.sent("DELETE"))


def report_of(kind: type[BaseException], run: Callable[[], Awaitable[None]]) -> TeardownReport:
    """The report that is the cause of the error with which this ends."""
    caught: list[BaseException] = []

    async def main() -> None:
        try:
            await run()
        except BaseException as error:
            caught.append(error)
            raise

    with pytest.raises(kind):
        asyncio.run(main())
    assert type(caught[0]) is kind
    cause = caught[0].__cause__
    assert isinstance(cause, TeardownError)
    return cause.report


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", EXITS)
def test_an_interrupt_or_an_exit_out_of_a_run_has_the_report_as_its_cause(
    world: FakeTurso, place: str, kind: type[BaseException]
) -> None:
    thrower = Thrower(kind, 3 if place.startswith("on_o") else 1)
    client, options = settings_of(place, thrower)
    world.inject(Fault.status(401 if place == "provider" else 503), method="DELETE", path="/x1")

    async def run() -> None:
        async with world.client(organization="org", **client) as turso:
            plan = await turso.teardown.plan_databases(match="x*")
            thrower.armed = True
            await plan.execute(concurrency=1, **options)

    check(report_of(kind, run), world)


@pytest.mark.parametrize("place", PLACES)
async def test_a_memory_that_is_full_leaves_a_report_that_agrees_with_the_platform(
    world: FakeTurso, place: str
) -> None:
    thrower = Thrower(MemoryError, 3 if place == "on_outcome" else 1)
    client, options = settings_of(place, thrower)
    world.inject(Fault.status(401 if place == "provider" else 503), method="DELETE", path="/x1")
    async with world.client(organization="org", **client) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        thrower.armed = True
        report = await plan.execute(concurrency=1, return_exceptions=True, **options)
    check(report, world)
    assert report.ok is (place in ("on_request", "on_retry"))  # hooks of a client are logged


@pytest.mark.parametrize("kind", [MemoryError, *EXITS])
def test_a_predicate_that_raises_ends_the_plan_before_anything_is_sent(
    world: FakeTurso, kind: type[BaseException]
) -> None:
    def where(_: object) -> bool:
        raise kind

    async def main() -> None:
        async with world.client(organization="org") as turso:
            await turso.teardown.plan_databases(match="x*", where=where)

    with pytest.raises(kind):
        asyncio.run(main())
    assert not world.sent("DELETE")


def listed_once(then: Any) -> Any:
    database = {"Name": "x", "DbId": "id", "group": "g", "delete_protection": False}
    return answer(200, {"databases": [database]}), answer(200, {"database": "x"}), then


async def test_a_cancellation_while_it_verifies_has_the_report_as_its_cause() -> None:
    async with RawServer(*listed_once(stall)) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        task = asyncio.create_task(plan.execute(verify=True, return_exceptions=True))
        await raw.seen(3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    cause = caught.value.__cause__
    assert isinstance(cause, TeardownError)
    assert str(cause.report) == "1 destroyed"
    assert "before it was verified" in str(cause.report.unverified)


@pytest.mark.parametrize("kind", EXITS)
@pytest.mark.parametrize("what", ["databases", "instances"])
def test_an_interrupt_while_it_verifies_has_the_report_as_its_cause(
    kind: type[BaseException], what: str
) -> None:
    with FakeTurso() as fake:
        fake.add_database("x", organization="org", instances={"iad": 1, "fra": 1}, primary="iad")
        thrower = Thrower(kind, 2)

        async def run() -> None:
            async with fake.client(organization="org", on_request=thrower) as turso:
                if what == "databases":
                    plan = await turso.teardown.plan_databases(match="x*")
                else:
                    plan = await turso.teardown.plan_instances(location="fra", database="x")
                thrower.armed = True  # the first request is the DELETE, the second one the list
                await plan.execute(verify=True)

        assert str(report_of(kind, run)) == "1 destroyed"


async def test_a_memory_that_is_full_while_it_verifies_leaves_the_report(
    world: FakeTurso, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    async with world.client(organization="org") as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        monkeypatch.setattr("aioturso.teardown.verify.listed_now", full)
        report = await plan.execute(verify=True, return_exceptions=True)
    assert str(report) == f"{SIZE} destroyed" and not report.ok
    assert isinstance(report.failure, MemoryError)


async def test_a_stop_is_no_cancellation_also_in_a_task_that_was_cancelled_before() -> None:
    """Work that a service does while it shuts down is done in such a task."""
    async with RawServer(*listed_once(stall)) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_databases(match="x*")

        async def shutting_down() -> TeardownReport:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return await plan.execute(verify=True, return_exceptions=True)
            raise AssertionError

        task = asyncio.create_task(shutting_down())
        await asyncio.sleep(0)
        task.cancel()
        await raw.seen(3)
        plan.stop()
        report = await task
    assert str(report) == "1 destroyed"
    assert str(report.unverified) == "stopped before it was verified"
