"""Targets of every kind under random faults, stops and cancellations: the report agrees with the fake's state and log."""

import asyncio
from collections import Counter
from contextlib import aclosing
from itertools import count

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from tenacity import wait_none

from aioturso import Outcome, OutcomeStatus, RetryPolicy, Target, TeardownPlan, TeardownReport, TursoClient
from aioturso.teardown.targets import TRAITS, Candidate
from aioturso.testing import FakeTurso, Fault

CLOSED = [Fault.status(code) for code in (400, 401, 403, 409, 422, 429)]
CLOSED.append(Fault.status(429, headers={"Retry-After": "1"}))
OPEN = [Fault.status(code) for code in (408, 500, 502, 503)]
OPEN += [Fault.drop_before(), Fault.drop_after(), Fault.drop_mid_headers(), Fault.truncate()]
OPEN += [Fault.reset(), Fault.reset(acts=True), Fault.raw(b"garbage\r\n\r\n")]
numbers = count()


@frozen
class Run:
    """How it is run, and what ends it before its time, after so many requests."""

    attempts: int
    concurrency: int | None
    streamed: bool
    verify: bool
    end: str
    after: int


RUNS = st.builds(
    Run,
    attempts=st.integers(1, 4),
    concurrency=st.none() | st.integers(1, 5),
    streamed=st.booleans(),
    verify=st.booleans(),
    end=st.sampled_from(["", "", "stop", "cancel", "stop, cancel"]),
    after=st.integers(0, 10),
)
FATES = st.sampled_from([*CLOSED, *OPEN])
SCHEDULES = st.lists(st.lists(FATES, max_size=4), min_size=1, max_size=6)


async def no_sleep(seconds: float) -> None:
    """Waits take no time."""
    await asyncio.sleep(0)


def names_of(fake: FakeTurso, kind: str, organization: str) -> set[str]:
    """What of that kind exists now, apart from what no plan takes."""
    owner = fake.state.organizations[organization]
    match kind:
        case "instance":
            return {f"{d.name}/{i.name}" for d in owner.databases.values() for i in d.instances.values()}
        case "database":
            return set(owner.databases)
        case "group":
            return set(owner.groups)
        case "group location":
            return {f"{group.name}/{place}" for group in owner.groups.values() for place in group.locations}
    return set(fake.state.api_tokens)


async def planned(fake: FakeTurso, turso: TursoClient, kind: str, size: int) -> TeardownPlan:
    organization = turso.organization or ""
    for number in range(size):
        name = f"{organization}-{number}"
        match kind:
            case "instance":
                fake.add_database(
                    name, organization=organization, instances={"iad": 1, "fra": 1}, primary="iad"
                )
            case "database":
                fake.add_database(name, organization=organization)
            case "group" | "group location":
                fake.add_group(name, organization=organization, locations=["iad", "fra"])
            case _:
                await turso.api_tokens.create(name)
    glob = f"{organization}-*"
    match kind:
        case "instance" | "group location":
            return await turso.teardown.plan_instances(location="fra", groups=kind != "instance")
        case "database":
            return await turso.teardown.plan_databases(match=glob)
        case "group":
            return await turso.teardown.plan_groups(match=glob)
    return await turso.teardown.plan_api_tokens(match=glob)


def path_of(target: Target) -> str:
    """The end of its DELETE's path, which no other target's has."""
    between = {"instance": "/instances/", "group location": "/locations/"}.get(target.kind, "")
    return "/" + between.join(target.names)


async def run(plan: TeardownPlan, how: Run, told: list[Outcome]) -> TeardownReport:
    if how.streamed:
        async with aclosing(plan.stream(concurrency=how.concurrency, on_outcome=told.append)) as outcomes:
            return TeardownReport(tuple([outcome async for outcome in outcomes]))
    return await plan.execute(concurrency=how.concurrency, on_outcome=told.append, return_exceptions=True)


async def until_end(fake: FakeTurso, plan: TeardownPlan, how: Run, told: list[Outcome]) -> TeardownReport:
    """The report, or the outcomes until the cancellation."""
    task = asyncio.create_task(run(plan, how, told))
    if how.end:
        await asyncio.sleep(0)  # a stop of a plan that has not begun is for its first run
        while not task.done() and len(fake.sent("DELETE")) < how.after:
            await asyncio.sleep(0)
        if "stop" in how.end:
            plan.stop()
        if "cancel" in how.end:
            task.cancel()
    try:
        return await task
    except asyncio.CancelledError:
        assert "cancel" in how.end
        known = {outcome.target for outcome in told}
        rest = [Outcome(target=t, status=OutcomeStatus.NOT_ATTEMPTED) for t in plan.targets if t not in known]
        return TeardownReport((*told, *rest))


def check(outcome: Outcome, met: list[Fault], sends: int, exists: bool, vanished: bool) -> None:
    status, story = outcome.status, (outcome, met, exists)
    assert outcome.attempts == sends, story
    assert status is not OutcomeStatus.SKIPPED, story
    if status is OutcomeStatus.DESTROYED:
        assert not exists and sends, story
    elif status is OutcomeStatus.ALREADY_GONE:
        assert not exists and vanished, story
    elif status is OutcomeStatus.UNKNOWN:
        assert outcome.reason == "cancelled" or any(fault in OPEN for fault in met[:sends]), story
        assert sends, story
    else:
        assert exists or vanished, story
        assert (status is OutcomeStatus.FAILED) == (sends > 0), story
        assert not any(fault in OPEN for fault in met[:sends]), story


async def scenario(fake: FakeTurso, kind: str, schedule: list[list[Fault]], how: Run, gone: set[int]) -> None:
    organization = f"o{next(numbers)}"
    fake.add_organization(organization)
    policy = RetryPolicy(attempts=how.attempts, sleep=no_sleep, wait=wait_none())
    async with fake.client(organization=organization, retry=policy) as turso:
        plan = await planned(fake, turso, kind, len(schedule))
        assert len(plan) == len(schedule) and not plan.skipped
        vanished = {target for number, target in enumerate(plan.targets) if number in gone}
        await TeardownPlan(
            title="",
            organization=organization,
            entries=tuple(map(Candidate, vanished)),
            engine=turso.teardown._engine,
        ).execute()
        fake.requests.clear()
        for target, faults in zip(plan.targets, schedule, strict=True):
            for fault in faults:
                fake.inject(fault, method="DELETE", path=path_of(target))
        told: list[Outcome] = []
        report = await until_end(fake, plan, how, told)
        assert "0/64" in repr(turso)
        await settled(fake, report)
        here = names_of(fake, kind, organization)
        assert {o.target for o in report.outcomes} == set(plan.targets)
        assert len(report.outcomes) == len(plan)
        assert set(Counter(map(id, told)).values()) <= {1}
        for target, faults in zip(plan.targets, schedule, strict=True):
            outcome = next(o for o in report.outcomes if o.target == target)
            sends = len(fake.sent("DELETE", path_of(target)))
            check(outcome, faults, sends, "/".join(target.names) in here, target in vanished)
        if report.ok:
            assert not {"/".join(target.names) for target in plan.targets} & here
        fake.clear_faults()
        again = await plan.execute(verify=how.verify)
        assert again.ok and len(again.destroyed) + len(again.already_gone) == len(plan)
        assert not {"/".join(target.names) for target in plan.targets} & names_of(fake, kind, organization)


async def settled(fake: FakeTurso, report: TeardownReport) -> None:
    """A request that was cancelled may still be on its way to the fake's log."""
    for _ in range(200):
        if all(o.attempts <= len(fake.sent("DELETE", path_of(o.target))) for o in report.outcomes):
            return
        await asyncio.sleep(0.005)


def test_for_random_schedules_the_report_agrees_with_the_fake_for_every_kind_of_target() -> None:
    with asyncio.Runner() as runner, FakeTurso() as fake:

        @given(st.sampled_from(list(TRAITS)), SCHEDULES, RUNS, st.sets(st.integers(0, 5), max_size=2))
        def property_of(kind: str, schedule: list[list[Fault]], how: Run, gone: set[int]) -> None:
            runner.run(scenario(fake, kind, schedule, how, gone))

        property_of()


async def test_what_is_skipped_is_never_sent() -> None:
    async with FakeTurso() as fake:
        fake.add_database("db", organization="org", instances={"iad": 1, "fra": 2}, primary="iad")
        async with fake.client(organization="org") as turso:
            plan = await turso.teardown.plan_instances(location="fra")
            spared = TeardownPlan(
                title="spared",
                organization="org",
                entries=tuple(Candidate(target, "not today") for target in plan.targets),
                engine=turso.teardown._engine,
            )
            report = await spared.execute(verify=True)
        assert (str(report), report.ok) == ("2 skipped", True)
        assert not fake.sent("DELETE")
