"""A machine that sleeps while something is looked up or waits for its turn is noticed; a slow server is no sleep."""

from __future__ import annotations

import asyncio
import time

import pytest
from attrs import define
from clock import Clock
from raw import RawServer, Request, answer, close

from aioturso import ConflictError, NotSentError, RateLimitedError, RetryPolicy
from aioturso._pulse import GAP, Evidence, Pulse
from aioturso.pace.limiter import MAX_PAUSE, SPREAD


@define
class System:
    """The clock of the system, which a test sets ahead as a sleep does."""

    ahead: float = 0.0

    def sleep(self) -> None:
        self.ahead += 8 * 3600.0


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    clock, now = System(), time.time
    monkeypatch.setattr(time, "time", lambda: now() + clock.ahead)
    return clock


@pytest.mark.parametrize(("seconds", "gaps"), [(69.9, 0), (70.1, 1), (-69.9, 0), (-70.1, 1)])
def test_a_gap_is_longer_than_the_minute_that_a_server_may_require(
    monkeypatch: pytest.MonkeyPatch, seconds: float, gaps: int
) -> None:
    assert GAP > MAX_PAUSE * (1 + SPREAD)
    now = [1e9]
    monkeypatch.setattr(time, "time", lambda: now[0])
    pulse = Pulse()
    assert [pulse.beat(), pulse.beat()] == [1, 1]
    now[0] += seconds
    assert [pulse.beat(), pulse.beat()] == [1 + gaps] * 2


def test_evidence_is_late_after_a_gap_or_a_long_wait_until_it_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1e9]
    monkeypatch.setattr(time, "time", lambda: now[0])
    pulse = Pulse()
    evidence = Evidence(pulse, "u", pulse.beat(), pulse.at)
    late = []
    for wait in (0.0, 35.0, 35.0, 0.1):  # of which none is a gap
        now[0] += wait
        late.append(evidence.is_late())
    assert late == [False, False, False, True]
    evidence.looked()
    now[0] += 70.0
    assert not evidence.is_late()
    evidence.failed()
    now[0] += 40.0
    evidence.failed()  # the first one counts
    assert not evidence.is_late()
    now[0] += 30.1
    assert evidence.is_late()
    evidence.looked()
    pulse.rotated()
    assert evidence.is_late()


async def test_what_was_looked_up_while_the_machine_slept_is_looked_up_again(system: System) -> None:
    pulse, looks = Pulse(), list[float]()

    async def look() -> int:
        looks.append(system.ahead)
        if len(looks) < 4:
            system.sleep()
        return len(looks)

    assert await pulse.fresh(look) == len(looks) == 4
    assert await pulse.fresh(look) == 5


@pytest.mark.parametrize("disturb", ["sleep", "token"])
async def test_what_is_never_looked_up_without_a_gap_is_no_evidence(system: System, disturb: str) -> None:
    pulse, looks = Pulse(), list[int]()

    async def look() -> None:
        looks.append(pulse.tokens)
        pulse.rotated() if disturb == "token" else system.sleep()

    with pytest.raises(NotSentError, match="in each of 5 looks") as caught:
        await pulse.fresh(look)
    assert caught.value.final and len(looks) == 5


def test_a_slow_server_is_no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a slow rate: it is looked up once, however long that takes."""
    clock, pulse, looks = Clock(), Pulse(), list[int]()
    monkeypatch.setattr(time, "time", clock.time)

    async def look() -> None:
        looks.append(pulse.beat())
        for _ in range(60):
            clock.turned += 10
            await asyncio.sleep(0.001)

    try:
        clock.run_until_complete(pulse.fresh(look))
        assert len(looks) == 1
        handles = [handle for handle in clock._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
        assert not handles, "nothing is left running"
    finally:
        clock.close()


class Platform:
    """A platform with one database, whose name `reused` gives to another one while the machine sleeps."""

    def __init__(self, system: System) -> None:
        self.system, self.uuid, self.looks = system, "a", 0
        self.deleted: list[str] = []

    def reused(self) -> None:
        self.uuid = "b"
        self.system.sleep()

    async def __call__(self, request: Request) -> None:
        if request.method == "DELETE":
            self.deleted.append(self.uuid)
            return await answer(200, {"database": "db"})(request)
        self.looks += 1
        await answer(200, {"database": {"Name": "db", "DbId": self.uuid}})(request)


async def test_what_was_looked_up_by_a_machine_that_is_awake_is_deleted_after_one_look(
    system: System,
) -> None:
    platform = Platform(system)
    async with RawServer(then=platform) as raw, raw.client() as turso:
        assert await turso.databases.delete("db", uuid="a") == "db"
    assert (platform.deleted, platform.looks) == (["a"], 1)


async def test_a_name_that_was_reused_while_the_machine_slept_in_the_look_is_left_alone(
    system: System,
) -> None:
    platform = Platform(system)

    async def slept(request: Request) -> None:
        await platform(request)
        platform.reused()

    async with RawServer(slept, then=platform) as raw, raw.client() as turso:
        with pytest.raises(ConflictError):
            await turso.databases.delete("db", uuid="a")
    assert (platform.deleted, platform.looks) == ([], 2)


async def test_what_was_looked_at_after_a_machine_slept_in_a_backoff_is_not_looked_at_twice(
    system: System,
) -> None:
    platform = Platform(system)

    async def backoff(seconds: float) -> None:
        system.sleep()

    async with RawServer(platform, close, then=platform) as raw:
        async with raw.client(retry=RetryPolicy(sleep=backoff)) as turso:
            assert await turso.databases.delete("db", uuid="a") == "db"
    assert (platform.deleted, platform.looks) == (["a"], 2)


async def test_a_machine_that_sleeps_again_after_a_look_looks_again(system: System) -> None:
    """As one that wakes for some seconds in each hour: first in a backoff, then in the wait for a place."""
    platform, others = Platform(system), list[asyncio.Task[object]]()

    async def backoff(seconds: float) -> None:
        system.sleep()

    async def looked_at(request: Request) -> None:
        others.append(asyncio.create_task(turso.groups.list()))
        await asyncio.sleep(0.01)  # until it waits for the only place
        await platform(request)

    async def other(request: Request) -> None:
        platform.reused()
        await answer(200, {"groups": []})(request)

    async with RawServer(platform, answer(429), looked_at, other, then=platform) as raw:
        async with raw.client(max_connections=1, retry=RetryPolicy(sleep=backoff)) as turso:
            with pytest.raises(RateLimitedError, match="the name now belongs to another one"):
                await turso.databases.delete("db", uuid="a")
    assert others[0].done()
    assert (platform.deleted, platform.looks) == ([], 3)


@pytest.mark.parametrize(("waits", "looks"), [(1, 1), (2, 2), (9, 2)])
async def test_a_delete_that_has_waited_long_for_its_turn_is_looked_at_once_more_and_then_comes_first(
    system: System, waits: int, looks: int
) -> None:
    """The machine does not sleep: many others are before it."""
    platform, others, order = Platform(system), list[asyncio.Task[object]](), list[str]()

    async def step(request: Request) -> None:
        order.append(f"{request.method} {request.target.rpartition('/')[2]}")
        if order[-1] == "GET groups":
            system.ahead += 40.0
            turso._calls.pool.pulse.beat()
            return await answer(200, {"groups": []})(request)
        if order[-1] == "GET db":
            count = 2 if others else waits
            others.extend(asyncio.create_task(turso.groups.list()) for _ in range(count))
            await asyncio.sleep(0.01)  # until they wait for the only place
        await platform(request)

    async with RawServer(then=step) as raw, raw.client(max_connections=1) as turso:
        assert await turso.databases.delete("db", uuid="a") == "db"
        await asyncio.gather(*others)
    # The look gives its place to one that waits, and the delete comes before the next one.
    rest = ["GET db", "GET groups", "DELETE db", "GET groups"] if looks > 1 else ["DELETE db"]
    assert order == ["GET db", *["GET groups"] * waits, *rest]


async def test_a_name_that_was_reused_while_a_delete_waited_long_for_its_turn_is_left_alone(
    system: System,
) -> None:
    platform, others = Platform(system), list[asyncio.Task[object]]()

    async def step(request: Request) -> None:
        if request.target.endswith("/groups"):
            system.ahead += 40.0
            turso._calls.pool.pulse.beat()
            platform.uuid = "b"
            return await answer(200, {"groups": []})(request)
        if not others:
            others.extend(asyncio.create_task(turso.groups.list()) for _ in range(2))
            await asyncio.sleep(0.01)  # until they wait for the only place
        await platform(request)

    async with RawServer(then=step) as raw, raw.client(max_connections=1) as turso:
        with pytest.raises(NotSentError, match="another one"):
            await turso.databases.delete("db", uuid="a")
        await asyncio.gather(*others)
    assert (platform.deleted, platform.looks) == ([], 2)
