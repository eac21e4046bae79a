"""The rest of a run, which is listed again after a long break."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from runs import target

from aioturso import Outcome, OutcomeStatus, RetryPolicy, TeardownReport
from aioturso._breaks import Overtaken
from aioturso.teardown.halt import Halt
from aioturso.teardown.listing import DATABASES
from aioturso.teardown.options import Options
from aioturso.teardown.rest import Rest, breaks_of
from aioturso.teardown.targets import Candidate
from aioturso.testing import FakeTurso, Fault

HOURS = 8 * 3600.0
ANOTHER = "changed since the plan was made: another one has this name"


class Odd(BaseException):
    """No Exception."""


@pytest.mark.parametrize(
    ("options", "seconds", "count"),
    [
        ({}, 72.9, 0),
        ({}, 73.5, 1),
        ({}, -73.5, 1),
        ({"max_age": 0}, 63.5, 1),
        ({"max_age": 20}, 82.9, 0),
        ({"rate_limit": 0.1}, 82.9, 0),
        ({"rate_limit": 0.1}, 83.5, 1),
    ],
)
def test_a_break_is_longer_than_a_plan_is_fresh_and_a_server_or_the_rate_may_require(
    options: dict[str, Any], seconds: float, count: int
) -> None:
    breaks = breaks_of(Options(**options))
    breaks.last -= seconds
    with pytest.raises(Overtaken) if count else contextlib.nullcontext():
        breaks.begin(0)
    breaks.begin(count)
    assert breaks.count == count


def rest_of(*entries: Candidate | Outcome) -> Rest:
    """A rest that a break has come upon."""
    rest = Rest(iter(enumerate(entries)), breaks_of(Options()))
    rest.breaks.count += 1
    return rest


async def test_the_rest_and_what_was_put_back_are_listed_again_once_for_all_workers() -> None:
    gone = Outcome(target=target(1), status=OutcomeStatus.ALREADY_GONE)
    rest = rest_of(Candidate(target(0)), gone, Candidate(target(2)))
    listed: list[list[Candidate]] = []

    async def recheck(candidates: list[Candidate]) -> list[Candidate]:
        listed.append(candidates)
        rest.breaks.last -= 100  # as a list takes time
        await asyncio.sleep(0)
        return [Candidate(candidate.target, "changed") for candidate in candidates]

    async def worker(number: int) -> Exception | None:
        rest.put_back(number, Candidate(target(number)))
        return await rest.refresh(recheck, Halt())

    assert await asyncio.gather(*map(worker, (3, 4, 5))) == [None] * 3
    assert [[c.target.database for c in found] for found in listed] == [["d3", "d4", "d5", "d0", "d2"]]
    found = dict(rest.entries)
    assert found.pop(1) == gone and not rest.back
    assert found == {number: Candidate(target(number), "changed") for number in (0, 2, 3, 4, 5)}
    rest.breaks.begin(1)


@pytest.mark.parametrize("error", [MemoryError(), Odd()])
async def test_what_could_not_be_listed_again_stays_out_of_date(error: BaseException) -> None:
    rest, failed = rest_of(Candidate(target(0))), list[object]()

    async def recheck(candidates: list[Candidate]) -> list[Candidate]:
        raise error

    try:
        failed.append(await rest.refresh(recheck, Halt()))
    except Odd as odd:
        failed.append(odd)
    assert failed == [error]
    assert list(rest.entries) == [(0, Candidate(target(0)))] and rest.listed < rest.breaks.count


Sleep = Callable[[float], Awaitable[None]]


def sleeping(clock: list[float], fake: FakeTurso, *, after: int) -> Sleep:
    """A sleep in which the machine sleeps too, once so many deletes have come, while others make anew what they find."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == after:
            while len(fake.sent("DELETE")) < after:
                await asyncio.sleep(0.001)
            clock[0] += HOURS
            anew(fake)
        await asyncio.sleep(0)

    return sleep


def anew(fake: FakeTurso) -> None:
    for name in list(fake.add_organization("org").databases):
        del fake.add_organization("org").databases[name]
        fake.add_database(name, organization="org")


def filled(fake: FakeTurso) -> None:
    for number in range(6):
        fake.add_database(f"x-{number}", organization="org")


def told(report: TeardownReport) -> list[tuple[str, int, str | None]]:
    return [(o.status.value, o.attempts, o.reason) for o in report.outcomes]


async def test_calls_that_wait_for_their_turn_while_a_machine_sleeps_are_listed_again_before_they_are_sent(
    fake: FakeTurso, clock: list[float], tmp_path: Path
) -> None:
    """One list serves all of them, and each has one line in the audit log before it."""
    filled(fake)
    log = tmp_path / "log"
    policy = RetryPolicy(sleep=sleeping(clock, fake, after=2))
    async with fake.client(organization="org", retry=policy) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        fake.requests.clear()
        report = await plan.execute(rate_limit=5, audit_log=log, return_exceptions=True)
    assert told(report) == [("destroyed", 1, None)] * 2 + [("skipped", 0, ANOTHER)] * 4
    assert len(fake.sent("GET", "/databases")) == 1
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert sorted(line["database"] for line in lines if line["status"] == "sending") == [
        f"x-{number}" for number in range(6)
    ]


async def test_calls_that_wait_for_the_pool_while_a_machine_sleeps_are_listed_again(
    fake: FakeTurso, clock: list[float]
) -> None:
    filled(fake)

    def sleep(event: object) -> None:
        if len(fake.sent("DELETE")) == 1:
            clock[0] += HOURS
            anew(fake)

    async with fake.client(organization="org", max_connections=1, on_request=sleep) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        report = await plan.execute(return_exceptions=True)
    assert told(report) == [("destroyed", 1, None), *[("skipped", 0, ANOTHER)] * 5]


async def test_a_stop_that_comes_with_a_break_sends_and_lists_nothing(
    fake: FakeTurso, clock: list[float]
) -> None:
    filled(fake)

    def sleep(event: object) -> None:
        if fake.sent("DELETE"):
            clock[0] += HOURS
            plan.stop()

    async with fake.client(organization="org", max_connections=1, on_request=sleep) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        fake.requests.clear()
        report = await plan.execute(return_exceptions=True)
    assert told(report) == [("destroyed", 1, None), *[("not_attempted", 0, "stopped")] * 5]
    assert len(fake.requests) == 1


async def test_a_short_wait_in_which_a_machine_sleeps_is_a_long_one(
    fake: FakeTurso, clock: list[float]
) -> None:
    """A look comes before the call is sent again."""
    fake.add_database("x-0", organization="org")
    fake.inject(Fault.status(429), method="DELETE", times=1)
    policy = RetryPolicy(sleep=sleeping(clock, fake, after=1))
    async with fake.client(organization="org", retry=policy) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        report = await plan.execute(return_exceptions=True)
    reason = "the name now belongs to another one, which was left alone"
    assert told(report) == [("already_gone", 1, reason)]


async def test_a_list_that_fails_in_an_odd_way_after_a_break_lets_no_worker_go_on(
    fake: FakeTurso, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(fake)

    def sleep(outcome: Outcome) -> None:
        clock[0] = HOURS

    async def judged(*_: object) -> None:
        raise MemoryError

    async with fake.client(organization="org", max_connections=2) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        monkeypatch.setattr(type(DATABASES), "judged", judged)
        report = await plan.execute(on_outcome=sleep, return_exceptions=True)
    assert len(report.destroyed) == len(fake.sent("DELETE")) <= 2
    assert len(report.not_attempted) >= 4 and isinstance(report.failure, MemoryError)
