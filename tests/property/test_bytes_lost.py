"""Bytes that are cut, reset, held, delayed or doubled on the way, under stops, closes and cancellations, over virtual time.

The report agrees with the platform, and what was made anew under a name is never deleted by a resend.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from proxy import FaultProxy

from aioturso import (
    ClientClosedError,
    Outcome,
    OutcomeStatus,
    RetryPolicy,
    TeardownError,
    TeardownPlan,
    TeardownReport,
    TursoClient,
    TursoError,
)
from aioturso.testing import FakeTurso

GLOB = "x-*"
QUIET = 12  # turns of the loop in which nothing moves: then only time can end what waits
ENDS = ("", "", "", "stop", "close", "cancel", "stop cancel", "stop close", "close cancel", "stop stop")


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time jumps to the next timer when nothing else happens."""

    turned = 0.0

    def time(self) -> float:
        return super().time() + self.turned

    def jump(self) -> None:
        timers = [handle.when() for handle in self._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
        if timers:
            self.turned += max(0.0, min(timers) - self.time()) + 0.001


@define
class Story:
    """One seeded schedule and what came of it."""

    seed: int
    chance: random.Random = field(init=False)
    told: list[Outcome] = field(factory=list)
    made: set[str] = field(factory=set)
    ended: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def on_outcome(self, outcome: Outcome) -> None:
        self.told.append(outcome)


def uuids(fake: FakeTurso) -> set[str]:
    return {database.uuid for database in fake.databases("org")}


async def make_anew(story: Story, fake: FakeTurso, names: set[str]) -> None:
    """What is deleted is made again at once under its name, as a pipeline does; not every name."""
    again = {name for name in sorted(names) if story.chance.random() < 0.6}
    while True:
        await asyncio.sleep(0)
        for name in again - {database.name for database in fake.databases("org")}:
            story.made.add(fake.add_database(name, organization="org", group="ci").uuid)


async def pass_time(fake: FakeTurso, proxy: FaultProxy) -> None:
    loop, before, quiet = asyncio.get_running_loop(), -1, 0
    assert isinstance(loop, Clock)
    while True:
        await asyncio.sleep(0)
        now = proxy.moved + len(fake.requests)
        quiet = quiet + 1 if now == before else 0
        before = now
        if quiet > QUIET:
            loop.jump()
            quiet = 0


@contextmanager
def running(*works: Any) -> Iterator[None]:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def end(story: Story, plan: TeardownPlan, turso: TursoClient, task: asyncio.Task[Any]) -> None:
    for how in story.chance.choice(ENDS).split():
        for _ in range(story.chance.randrange(story.chance.choice([2, 60, 600]))):
            if task.done():
                return
            await asyncio.sleep(0)
        story.ended.append(how)
        if how == "stop":
            plan.stop()
        elif how == "cancel":
            task.cancel()
        else:
            await turso.close()


@asynccontextmanager
async def platform(story: Story) -> Any:
    chance = story.chance
    async with FakeTurso() as fake:
        for number in range(chance.randrange(1, 7)):
            fake.add_database(f"x-{number}", organization="org", group="ci")
        async with FaultProxy(int(fake.base_url.rpartition(":")[2]), chance, rate=0.0) as proxy:
            retry = RetryPolicy(attempts=chance.randrange(1, 5), budget=chance.choice([0, 2, 500]))
            settings: dict[str, Any] = {"retry": retry, "max_connections": chance.choice([1, 2, 8])}
            turso = TursoClient(
                fake.token, organization="org", base_url=f"http://127.0.0.1:{proxy.port}", **settings
            )
            async with turso:
                yield fake, proxy, turso


async def report_of(story: Story, plan: TeardownPlan, turso: TursoClient) -> TeardownReport | None:
    """The report of one run, however it ended; None when it ended before it began."""
    options: dict[str, Any] = {"on_outcome": story.on_outcome, "return_exceptions": True}
    options["verify"] = story.chance.random() < 0.2
    options["max_age"] = story.chance.choice([0, 60])
    options["concurrency"] = story.chance.choice([None, 1, 3])
    task = asyncio.ensure_future(plan.execute(**options))
    ending = asyncio.ensure_future(end(story, plan, turso, task))
    try:
        async with asyncio.timeout(100_000):
            report: TeardownReport = await asyncio.shield(task)
            return report
    except asyncio.CancelledError as error:
        assert "cancel" in story.ended, story
        assert error.__cause__ is None or isinstance(error.__cause__, TeardownError)
        return error.__cause__.report if isinstance(error.__cause__, TeardownError) else None
    except ClientClosedError:
        assert "close" in story.ended, story
        return None
    except TursoError:
        return None  # the list before the run failed
    finally:
        await ending


def check(story: Story, outcome: Outcome, fake: FakeTurso, verified: bool) -> None:
    target, status = outcome.target, outcome.status
    reached = len(fake.sent("DELETE", f"/{target.database}"))
    alive = target.uuid in uuids(fake)
    tale = (story, outcome, reached, alive)
    assert reached <= outcome.attempts, tale
    if status is OutcomeStatus.DESTROYED:
        assert not alive and reached, tale
    elif status is OutcomeStatus.UNKNOWN:
        assert outcome.attempts or verified, tale
    elif status is OutcomeStatus.NOT_ATTEMPTED:
        assert alive and not outcome.attempts, tale
    else:
        assert status is OutcomeStatus.FAILED and alive, tale


async def run(seed: int) -> Story:
    story = Story(seed)
    async with platform(story) as (fake, proxy, turso):
        plan = await turso.teardown.plan_databases(match=GLOB)
        proxy.rate = story.chance.choice([0.1, 0.4, 0.8])
        names = {target.database for target in plan.targets}
        with running(make_anew(story, fake, names), pass_time(fake, proxy)):
            report = await report_of(story, plan, turso)
            await asyncio.sleep(0)
        assert story.made <= uuids(fake), (story, "something new was deleted")
        assert "0/" in repr(turso) or "closed" in repr(turso), story
        left = [task for task in asyncio.all_tasks() if "aioturso/teardown" in repr(task)]
        assert not left, (story, left)
        assert len({id(o) for o in story.told}) == len({o.target for o in story.told}) == len(story.told)
        for outcome in story.told:
            check(story, outcome, fake, False)
        if report is None:
            return story
        assert len(report.outcomes) == len(plan), story
        for outcome in report.outcomes:
            check(story, outcome, fake, True)
    return story


def test_under_lost_bytes_and_early_ends_the_report_agrees_and_nothing_new_is_deleted() -> None:
    with asyncio.Runner(loop_factory=Clock) as runner:

        @given(st.integers(0, 2**32))
        def property_of(seed: int) -> None:
            runner.run(run(seed))

        property_of()
