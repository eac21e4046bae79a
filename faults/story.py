"""One seeded schedule: clients, runs, faults on bytes, ends and jumps of the clock; and the check of what came of it.

The report agrees with the platform's state and log, and what was made anew under a name is never deleted by a resend.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from attrs import define, evolve, field
from kinds import KINDS, ORGANIZATION, Databases
from proxy import FaultProxy
from virtual import FAR, Time

from aioturso import (
    ClientClosedError,
    Outcome,
    OutcomeStatus,
    RetryPolicy,
    Target,
    TeardownError,
    TeardownPlan,
    TeardownReport,
    TursoClient,
    TursoError,
)
from aioturso.testing import FakeTurso

ENDS = ("", "", "", "stop", "close", "cancel", "stop cancel", "stop close", "close cancel", "stop stop")
HOOKS = ("", "", "", "", "stop", "cancel", "close", "raise", "abort")
LATE = 5 * FAR  # seconds, after which a run hangs
S = OutcomeStatus
DONE = {False: (S.DESTROYED, S.ALREADY_GONE), True: (S.RESTORED, S.ALREADY_THERE)}


class Odd(BaseException):
    """No Exception."""


class HookError(Exception):
    """Raised by a callback."""


@define(eq=False)
class Run:
    """One run of a plan by a client, with what was reported on the way and how it was ended."""

    turso: TursoClient
    plan: TeardownPlan
    log: Path | None
    ended: list[str]
    outcomes: list[Outcome] = field(factory=list, repr=False)
    report: TeardownReport | None = None
    streams: bool = False
    stops_at: int = 0
    hook: str = ""
    task: asyncio.Task[Any] | None = field(default=None, repr=False)
    closing: asyncio.Task[None] | None = field(default=None, repr=False)

    def on_outcome(self, outcome: Outcome) -> None:
        """Keeps an outcome, and ends the run at the chosen one."""
        self.outcomes.append(outcome)
        if self.hook and len(self.outcomes) == self.stops_at:
            self.ended.append(f"hook {self.hook}")
            self._end()

    def _end(self) -> None:
        assert self.task is not None
        match self.hook:
            case "stop":
                self.plan.stop()
            case "cancel":
                self.task.cancel()
            case "close":
                self.closing = asyncio.ensure_future(self.turso.close())
            case "raise":
                raise HookError
            case _:
                raise Odd

    def has_ended(self, how: str) -> bool:
        """True if it was ended in that way."""
        return any(how in end for end in self.ended)


@define(eq=False)
class Story:
    """Mutable: one seeded schedule. `made` holds what was made anew while runs were under way."""

    seed: int
    kind: Databases
    folder: Path
    chance: random.Random = field(init=False)
    made: set[str] = field(factory=set)
    runs: list[Run] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.chance = random.Random(f"{self.kind.name} {self.seed}")

    def __repr__(self) -> str:
        return f"<Story {self.kind.name!r} {self.seed}>"


async def make_anew(story: Story, fake: FakeTurso, names: set[str]) -> None:
    """Gives names that are free to something new, as a pipeline does; not every name.

    Two runs that delete by name can each send a first time for what the other has deleted: no client can prevent that.
    """
    share = story.kind.again if len(story.runs) == 1 or story.kind.exact else 0.0
    again = {name for name in sorted(names) if story.chance.random() < share}
    while True:
        for _ in range(story.chance.randrange(1, 300) if story.kind.restores else 1):
            await asyncio.sleep(0)
        for name in sorted(again - set(story.kind.living(fake).values())):
            story.made.add(story.kind.make(fake, name))


async def jump_at_random(story: Story, clock: Time) -> None:
    """Lets a machine sleep for hours, or sets its clock."""
    for _ in range(story.chance.choice([0, 0, 0, 0, 1, 2])):
        for _ in range(story.chance.randrange(400)):
            await asyncio.sleep(0)
        clock.turned += story.chance.choice([0.0, 60.0, 10_000.0])
        clock.wall += story.chance.choice([0.0, 3600.0, -3600.0, -1e6])


@contextmanager
def running(*works: Any) -> Iterator[None]:
    """Runs other work beside a block."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def end(story: Story, run: Run, ends: Sequence[str] = ENDS) -> None:
    """Ends a run at a random moment, once or twice: at any turn of the loop, or right after its last outcome."""
    assert run.task is not None
    for how in story.chance.choice(ends).split():
        if story.chance.random() < 0.2:
            while not run.task.done() and len(run.outcomes) < len(run.plan):
                await asyncio.sleep(0)
        for _ in range(story.chance.randrange(story.chance.choice([2, 60, 600]))):
            if run.task.done():
                return
            await asyncio.sleep(0)
        run.ended.append(how)
        if how == "stop":
            run.plan.stop()
        elif how == "cancel":
            run.task.cancel()
        else:
            await run.turso.close()


@asynccontextmanager
async def platform(story: Story) -> AsyncIterator[tuple[FakeTurso, FaultProxy, list[TursoClient]]]:
    """A fake behind a proxy, and clients of it that share a session or have their own."""
    chance = story.chance
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(FakeTurso())
        for number in range(chance.randrange(1, 7)):
            story.kind.make(fake, f"x-{number}")
        target = int(fake.base_url.rpartition(":")[2])
        proxy = await stack.enter_async_context(FaultProxy(target, chance, rate=0.0))
        shared = chance.random() < 0.5
        session = await stack.enter_async_context(aiohttp.ClientSession()) if shared else None
        clients = []
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            retry = RetryPolicy(attempts=chance.randrange(1, 5), budget=chance.choice([0, 2, 500]))
            settings: dict[str, Any] = {"retry": retry, "max_connections": chance.choice([1, 2, 8])}
            settings["base_url"] = f"http://127.0.0.1:{proxy.port}"
            turso = TursoClient(fake.token, organization=ORGANIZATION, session=session, **settings)
            clients.append(await stack.enter_async_context(turso))
        yield fake, proxy, clients


def runs_of(story: Story, plan: TeardownPlan, clients: list[TursoClient]) -> list[Run]:
    """One or two runs for each client, of one plan or of copies."""
    found, chance = [], story.chance
    plan = evolve(plan, created_at=plan.created_at + timedelta(days=chance.choice([0, 0, 0, 2, -2])))
    for number, turso in enumerate(clients):
        own = plan if number == 0 else turso.teardown.load(plan.to_dict())
        ended: list[str] = []
        for again in range(chance.choice([1, 1, 1, 2])):
            log = story.folder / f"{story.kind.name}-{story.seed}-{number}-{again}.jsonl"
            hook, at = chance.choice(HOOKS), chance.randrange(1, 7)
            found.append(Run(turso, own, chance.choice([None, log]), ended, hook=hook, stops_at=at))
    return found


async def execute(story: Story, run: Run) -> None:
    """Runs it to its end, whatever that is."""
    options: dict[str, Any] = {"on_outcome": run.on_outcome, "audit_log": run.log}
    options["max_age"] = story.chance.choice([0, 60])
    options["concurrency"] = story.chance.choice([None, 1, 3])
    options["rate_limit"] = story.chance.choice([None, None, None, 0.5])
    verify, run.streams = story.chance.random() < 0.3, story.chance.random() < 0.3
    work = streamed(story, run, options) if run.streams else whole(run, options, verify)
    run.task = asyncio.ensure_future(work)
    ending = asyncio.ensure_future(end(story, run))
    try:
        async with asyncio.timeout(LATE):
            await asyncio.wait({run.task})
        await finished(run)
    finally:
        await ending


async def whole(run: Run, options: dict[str, Any], verify: bool) -> None:
    run.report = await run.plan.execute(verify=verify, return_exceptions=True, **options)


async def streamed(story: Story, run: Run, options: dict[str, Any]) -> None:
    most, got = story.chance.choice([1, 3, 100, 100]), list[Outcome]()
    async with aclosing(run.plan.stream(**options)) as outcomes:
        async for outcome in outcomes:
            got.append(outcome)
            await asyncio.sleep(story.chance.choice([0, 0, 30]))
            if len(got) == most:
                break
    assert all(any(outcome is known for known in run.outcomes) for outcome in got), (story, run)


async def finished(run: Run) -> None:
    """Accepts only those errors for which there is a reason."""
    assert run.task is not None
    try:
        await run.task
    except asyncio.CancelledError as error:
        assert run.has_ended("cancel"), run
        keep(run, error)
    except ClientClosedError:
        assert run.has_ended("close"), run
    except HookError:
        assert run.has_ended("raise"), run
    except Odd as error:
        assert run.has_ended("abort"), run
        keep(run, error)
    except TursoError:
        # A list has failed: before the run, or after a gap, and then all of it was reported.
        assert not run.outcomes or (run.streams and len(run.outcomes) == len(run.plan.entries)), run


def keep(run: Run, error: BaseException) -> None:
    """Keeps the report that an error has as its cause, once there is anything to report."""
    assert isinstance(error.__cause__, TeardownError) or run.streams or not run.outcomes, run
    if isinstance(error.__cause__, TeardownError):
        run.report = error.__cause__.report


def check(story: Story, run: Run, outcome: Outcome, fake: FakeTurso, verified: bool) -> None:
    """Compares an outcome with the platform's state; `others`: another run may have changed it."""
    target, status, restores = outcome.target, outcome.status, story.kind.restores
    others = any(target in sent_by(other) for other in story.runs if other is not run)
    done = (target.uuid in story.kind.living(fake)) is restores
    tale = (story, run, outcome, done, others)
    if status in DONE[restores]:
        assert done and (others or status is DONE[restores][0]), tale
        assert outcome.attempts or others or status is DONE[restores][1], tale
    elif status is S.UNKNOWN:
        assert outcome.attempts or verified, tale
    elif status is S.FAILED:
        assert outcome.attempts or outcome.error is not None, tale
        assert not done or others, tale
    elif status is S.NOT_ATTEMPTED:
        assert not outcome.attempts and (not done or others), tale
    else:
        assert status is S.SKIPPED and not outcome.attempts, tale
        assert others or story.made, tale


def sent_by(run: Run) -> set[Target]:
    """Returns the targets that a run has sent a call for."""
    return {outcome.target for outcome in run.outcomes if outcome.attempts}


def check_log(story: Story, run: Run) -> None:
    """Every target that was sent has a line before it, and every outcome one after."""
    if run.log is None or not run.log.exists():
        return
    lines = [json.loads(line) for line in run.log.read_text().splitlines()]
    run.log.unlink()
    sending = [Target.from_dict(target_of(x)) for x in lines if x["status"] in ("sending", "restoring")]
    settled = [x["status"] for x in lines if x["status"] not in ("sending", "restoring")]
    assert len(set(sending)) == len(sending), (story, run)
    assert sent_by(run) <= set(sending), (story, run)
    assert settled == [outcome.status.value for outcome in run.outcomes], (story, run)


def target_of(line: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields of a line that are its target's."""
    return {name: line[name] for name in Target.__slots__ if name in line}


def check_all(story: Story, fake: FakeTurso, targets: tuple[Target, ...]) -> None:
    """Compares what every run has reported with the platform."""
    assert story.made <= set(story.kind.living(fake)), (story, "something new was deleted")
    left = [task for task in asyncio.all_tasks() if "aioturso/teardown" in repr(task)]
    assert not left, (story, left)
    for target in targets:
        sends = sum(o.attempts for run in story.runs for o in run.outcomes if o.target == target)
        assert story.kind.sent(fake, target) <= sends, (story, target)
    for run in story.runs:
        told = run.outcomes
        assert "0/" in repr(run.turso) or "closed" in repr(run.turso), story
        assert len({id(o) for o in told}) == len({o.target for o in told}) == len(told), story
        for outcome in told:
            check(story, run, outcome, fake, False)
        check_log(story, run)
        if run.report is not None:
            assert len(run.report.outcomes) == len(run.plan.entries), (story, run)
            for outcome in run.report.outcomes:
                if outcome.reason != "cancelled" or outcome.attempts:
                    check(story, run, outcome, fake, True)


async def tell(seed: int, kind: str, folder: Path, clock: Time) -> Story:
    """Runs one schedule; raises AssertionError for a violation."""
    story = Story(seed, KINDS[kind], folder)
    async with platform(story) as (fake, proxy, clients):
        plan = await story.kind.plan(fake, clients[0])
        proxy.rate = story.chance.choice([0.1, 0.4, 0.8])
        story.runs = runs_of(story, plan, clients)
        names = {"/".join(target.names[-1:]) for target in plan.targets}
        if story.kind.name == "group location":
            names = {target.group for target in plan.targets}
        others = make_anew(story, fake, names), jump_at_random(story, clock)
        with running(*others, clock.passing(lambda: proxy.moved + len(fake.requests))):
            await asyncio.gather(*(execute(story, run) for run in story.runs))
            await asyncio.sleep(0)
        check_all(story, fake, plan.targets)
    return story
