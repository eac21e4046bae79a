"""For random schedules of faults, a report agrees with the server's state and log, target by target."""

import asyncio
import re
from collections import Counter, defaultdict
from typing import Any

from attrs import define, field, frozen
from clock import Clock
from hypothesis import given
from hypothesis import strategies as st
from missing import no_instance
from raw import CUT, RawServer, Request, close, http, last, reset, send, stall
from tenacity import wait_none

from aioturso import (
    Outcome,
    OutcomeStatus,
    RetryPolicy,
    TeardownError,
    Timeout,
    TursoClient,
)


@frozen
class Fate:
    """What meets one DELETE. `acts`: it takes effect first. `open`: its answer leaves that open."""

    kind: str
    acts: bool = False
    open: bool = False
    status: int = 0
    retry_after: str = ""


REFUSALS = [400, 401, 402, 403, 405, 409, 410, 422, 429]
LOSSES = [
    "close",
    "reset",
    "cut body",
    "cut head",
    "garbage",
    "reset body",
    "not json",
    "another name",
    "denied",
    "one key twice",
    "chunk",
]
FINE = st.just(Fate("fine", acts=True))
WAITS = st.sampled_from(["", "", "0", "1", "30", "61", "junk", "Wed, 21 Oct 2099 07:28:00 GMT"])
FATES = st.one_of(
    FINE,
    st.builds(lambda s, w: Fate("status", status=s, retry_after=w), st.sampled_from(REFUSALS), WAITS),
    st.builds(
        lambda s, w, a: Fate("status", acts=a, open=True, status=s, retry_after=w),
        st.sampled_from([408, 425, 500, 501, 502, 503, 504, 520, 599]),
        WAITS,
        st.booleans(),
    ),
    st.builds(lambda k, a: Fate(k, acts=a, open=True), st.sampled_from(LOSSES), st.booleans()),
    st.builds(lambda a: Fate("hang", acts=a, open=True), st.booleans()),
    st.builds(lambda s: Fate("redirect", open=True, status=s), st.sampled_from([301, 302, 303, 307, 308])),
    st.just(Fate("no route")),
    st.just(Fate("another is missing")),
    st.just(Fate("delay", acts=True)),
    st.just(Fate("empty", acts=True)),
)


@define
class World:
    """A database's instances, what is to meet each request for them, and what did."""

    fates: dict[str, list[Fate]]
    vanished: set[str]
    cancelled: bool = False
    hanging: int = 0
    alive: set[str] = field(factory=set)
    log: dict[str, list[tuple[Fate, bool]]] = field(factory=lambda: defaultdict(list))

    async def meet(self, request: Request) -> None:
        if request.method == "GET":
            kinds = {"p": "primary", **dict.fromkeys(self.fates, "replica")}
            items = [{"name": n, "type": k, "region": "fra"} for n, k in kinds.items()]
            self.alive = set(kinds) - self.vanished
            return await send(http(200, {"instances": items}))(request)
        name = request.target.rsplit("/", 1)[1]
        fate = self.fates[name].pop(0) if self.fates[name] else Fate("fine", acts=True)
        applied = fate.acts and name in self.alive
        self.log[name].append((fate, applied))
        missing = name not in self.alive
        if applied:
            self.alive.discard(name)
        await self.answer(fate, name, missing, request)

    async def answer(self, fate: Fate, name: str, missing: bool, request: Request) -> None:
        waits = [f"Retry-After: {fate.retry_after}"] if fate.retry_after else []
        gone = http(404, no_instance(name))
        if fate.kind == "delay":
            await asyncio.sleep(0.005)
        self.hanging += fate.kind == "hang"
        steps = {
            "status": send(http(fate.status, {"error": "refused"}, *waits)),
            "close": close,
            "reset": reset(),
            "cut body": last(CUT + b'{"inst'),
            "cut head": last(b"HTTP/1.1 200 OK\r\nConte"),
            "garbage": last(b"garbage\r\n\r\n"),
            "reset body": reset(CUT),
            "chunk": last(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
            "not json": send(http(200, b"<p>")),
            "another name": send(http(200, {"instance": "p"})),
            "denied": send(http(200, {"instance": name, "data": {"deleted": 0}})),
            "one key twice": send(http(200, b'{"error":"no","error":null}')),
            "another is missing": send(http(404, {"error": "instance not found", "instance": "p"})),
            "hang": stall,
            "redirect": send(http(fate.status, b"", "Location: /v1/organizations/org/databases/db")),
            "no route": send(http(404, b"404 page not found")),
        }
        usual = send(gone if missing else http(200, {} if fate.kind == "empty" else {"instance": name}))
        await steps.get(fate.kind, usual)(request)

    def check(self, outcome: Outcome) -> None:
        name, status = outcome.target.instance, outcome.status
        met = self.log[name]
        told = (name, status, met, outcome)
        assert outcome.attempts == len(met), told
        if status is OutcomeStatus.DESTROYED:
            assert name not in self.alive, told
        elif status is OutcomeStatus.UNKNOWN:
            left = self.cancelled and outcome.reason == "cancelled"
            assert met and (left or any(fate.open for fate, _ in met)), told
        else:
            assert not any(applied for _, applied in met), told
        if status is OutcomeStatus.ALREADY_GONE:
            assert name in self.vanished, told
        if status is OutcomeStatus.FAILED:
            assert not any(fate.open for fate, _ in met), told
        if status is OutcomeStatus.NOT_ATTEMPTED:
            assert not met, told
        assert (status is OutcomeStatus.SKIPPED) == (name == "p"), told


@frozen
class Run:
    """How a teardown is run."""

    attempts: int
    budget: int
    concurrency: int
    connections: int
    cap: float
    cancel_after: int | None


RUNS = st.builds(
    Run,
    attempts=st.integers(1, 5),
    budget=st.sampled_from([0, 1, 3, 500]),
    concurrency=st.integers(1, 6),
    connections=st.integers(1, 4),
    cap=st.sampled_from([0.5, 60.0]),
    cancel_after=st.none() | st.none() | st.integers(1, 12),
)
ATTEMPT = 30.0
SCHEDULES = st.lists(st.lists(FATES, max_size=5), min_size=1, max_size=6)


async def no_sleep(seconds: float) -> None:
    """Waits take no time."""


async def turn(world: World, turso: TursoClient) -> None:
    """Lets the time of hanging calls pass when no other call is in flight: no answer is late by the machine's load."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Clock)
    while True:
        await asyncio.sleep(0)
        in_flight = re.search(r"pool=(\d+)/", repr(turso))
        if world.hanging and in_flight and int(in_flight[1]) == world.hanging:
            world.hanging = 0
            loop.turned += ATTEMPT + 1


async def check(schedule: list[list[Fate]], run: Run, vanished: set[int]) -> None:
    fates = {f"x{n}": list(one) for n, one in enumerate(schedule)}
    world = World(fates, {f"x{n}" for n in vanished})
    policy = RetryPolicy(
        attempts=run.attempts, budget=run.budget, max_retry_after=run.cap, sleep=no_sleep, wait=wait_none()
    )
    told: list[Outcome] = []
    outcomes: tuple[Outcome, ...]
    async with RawServer(then=world.meet) as raw:
        client: dict[str, Any] = {"retry": policy, "max_connections": run.connections}
        client["timeout"] = Timeout(attempt=ATTEMPT)
        async with raw.client(**client) as turso:
            turning = asyncio.create_task(turn(world, turso))
            task = asyncio.create_task(
                turso.destroy_by_location("db", "fra", concurrency=run.concurrency, on_outcome=told.append)
            )
            if run.cancel_after is not None:
                while not task.done() and len(raw.requests) < run.cancel_after:
                    await asyncio.sleep(0)
                world.cancelled = task.cancel()
            try:
                outcomes = (await task).outcomes
            except TeardownError as error:
                outcomes = error.report.outcomes
                assert len(error.exceptions) == sum(o.error is not None for o in outcomes)
            except asyncio.CancelledError:
                assert world.cancelled
                outcomes = tuple(told)
            else:
                assert not any(o.error for o in outcomes)
            finally:
                turning.cancel()
            assert "in flight" in repr(turso)
            assert f" pool=0/{run.connections}" in repr(turso)
        for _ in range(100):  # a request that timed out may still be on its way to the server's log
            if all(o.attempts <= len(world.log[o.target.instance]) for o in outcomes):
                break
            await asyncio.sleep(0.005)
    assert Counter(map(id, told)) == Counter(map(id, outcomes))
    assert run.cancel_after is not None or [o.target.instance for o in outcomes] == ["p", *fates]
    assert "p" in world.alive or not raw.requests
    for outcome in outcomes:
        world.check(outcome)


def test_for_random_schedules_the_report_agrees_with_the_server_for_every_target() -> None:
    with asyncio.Runner(loop_factory=Clock) as runner:

        @given(SCHEDULES, RUNS, st.sets(st.integers(0, 5), max_size=2))
        def property_of(schedule: list[list[Fate]], run: Run, vanished: set[int]) -> None:
            runner.run(check(schedule, run, vanished & set(range(len(schedule)))))

        property_of()
