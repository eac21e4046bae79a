"""The rest of a run, which is listed again after a long gap."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest
from attrs import evolve
from missing import no_instance
from raw import RawServer, Request, answer
from runs import collected, done, plan, run_of, target

from aioturso import (
    Outcome,
    OutcomeStatus,
    Target,
    TursoClient,
)
from aioturso._account import Account
from aioturso._pulse import Pulse
from aioturso.teardown.halt import Halt
from aioturso.teardown.listing import DATABASES
from aioturso.teardown.rest import ListTimes, Rest
from aioturso.teardown.targets import Candidate
from aioturso.teardown.verbs import RESTORE
from aioturso.testing import FakeTurso


@pytest.mark.parametrize(("seconds", "lists"), [(72.9, 0), (73.5, 1), (-73.5, 1)])
async def test_the_rest_is_listed_again_after_a_gap_once_for_all_workers(seconds: float, lists: int) -> None:
    gone = Outcome(target=target(1), status=OutcomeStatus.ALREADY_GONE)
    rest = Rest(
        iter(enumerate([Candidate(target(0)), gone, Candidate(target(2))])),
        10,
        Pulse(),
        ListTimes(time.time(), 0.0, 0),
    )
    assert rest.is_known(rest.taken)
    rest.taken -= seconds
    listed: list[list[Candidate]] = []

    async def recheck(candidates: list[Candidate]) -> list[Candidate]:
        listed.append(candidates)
        await asyncio.sleep(0)
        return [Candidate(candidate.target, "changed") for candidate in candidates]

    assert await asyncio.gather(*(rest.refresh(recheck, Halt()) for _ in range(3))) == [None] * 3
    assert listed == [[Candidate(target(0)), Candidate(target(2))]] * lists
    reason = "changed" if lists else None
    assert list(rest.entries) == [
        (0, Candidate(target(0), reason)),
        (1, gone),
        (2, Candidate(target(2), reason)),
    ]


async def test_the_rest_is_listed_again_with_another_token_which_may_come_in_the_meantime() -> None:
    pulse = Pulse()
    rest, lists = (
        Rest(iter([(0, Candidate(target(0)))]), 10, pulse, ListTimes(time.time(), 0.0, 0)),
        list[int](),
    )

    async def recheck(candidates: list[Candidate]) -> list[Candidate]:
        lists.append(pulse.tokens)
        if len(lists) == 1:
            pulse.rotated()
        return candidates

    for known in (True, False, True):
        assert rest.is_known(rest.taken) is known
        assert await rest.refresh(recheck, Halt()) is None
        if len(lists) < 2:
            pulse.rotated()
    assert lists == [1, 2]


async def test_another_token_in_one_phase_of_a_run_lists_the_next_one_again(turso: TursoClient) -> None:
    listed = list[list[Candidate]]()

    async def send(target: Target, account: Account) -> None:
        if target == group.target:
            turso._calls.pool.pulse.rotated()
        await done(target, account)

    async def recheck(engine: object, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        listed.append(list(candidates))
        return candidates

    group, others = Candidate(target(kind="group", database="", group="g")), plan(2)
    run = run_of(turso, send, 3, evolve(RESTORE, recheck=recheck))
    await collected(run, [group, *others])
    assert [found for found in listed if found] == [others]


async def test_a_wait_for_an_answer_is_no_gap_of_the_run(
    turso: TursoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aioturso._pulse._TICK", 0.001)
    pulse = turso._calls.pool.pulse

    async def send(target: Target, account: Account) -> None:
        async with asyncio.timeout(10):
            for _ in range(3):
                before = pulse.at
                while pulse.at == before:
                    await asyncio.sleep(0.001)
        await done(target, account)

    (outcome,) = await collected(run_of(turso, send, 1), plan(1))
    assert outcome.status is OutcomeStatus.DESTROYED


class Odd(BaseException):
    """No Exception."""


@pytest.mark.parametrize("error", [MemoryError(), SystemExit(), KeyboardInterrupt(), Odd()])
async def test_what_could_not_be_listed_again_stays_out_of_date(error: BaseException) -> None:
    """Another worker must not send what this one could not list."""
    rest, failed = (
        Rest(iter([(0, Candidate(target(0)))]), 10, Pulse(), ListTimes(time.time(), 0.0, 0)),
        list[object](),
    )
    rest.taken -= 100

    async def recheck(candidates: list[Candidate]) -> list[Candidate]:
        raise error

    try:
        failed.append(await rest.refresh(recheck, Halt()))
    except Odd as odd:
        failed.append(odd)
    assert failed == [error] and not rest.is_known(time.time())
    assert list(rest.entries) == [(0, Candidate(target(0)))]


@pytest.mark.parametrize(("took", "due"), [(0.0, 73.0), (14.0, 73.0), (100.0, 500.0)])
def test_what_was_listed_is_out_of_date_after_a_minute_or_five_times_as_long_as_it_took(
    took: float, due: float
) -> None:
    rest = Rest(iter(()), 10, Pulse(), ListTimes(1e9, took, 0))
    for seconds, known in ((due - 1, True), (due + 1, False)):
        rest.taken = 1e9 + seconds
        assert rest.is_known(rest.taken) is known


async def test_a_list_of_the_rest_begins_a_new_time_from_its_own_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1e9]
    monkeypatch.setattr(time, "time", lambda: now[0])
    rest = Rest(iter([(0, Candidate(target(0)))]), 10, Pulse(), ListTimes(now[0] - 100, 0.0, 0))

    async def recheck(candidates: list[Candidate]) -> list[Candidate]:
        now[0] += 20.0
        return candidates

    assert await rest.refresh(recheck, Halt()) is None
    assert (rest.listed, rest.taken) == (ListTimes(1e9, 20.0, 0), 1e9 + 20)
    assert rest.is_known(1e9 + 93) and rest.due == 1e9 + 100


async def test_a_long_run_is_listed_again_and_leaves_alone_what_has_come_to_one_of_its_names(
    fake: FakeTurso, ahead: list[float]
) -> None:
    for number in range(4):
        fake.add_database(f"x-{number}", organization="org")

    def pass_time(outcome: Outcome) -> None:
        ahead[0] += 40.0
        if outcome.target.database == "x-1":
            fake.remove_database("x-2", organization="org")
            fake.add_database("x-2", organization="org")

    async with fake.client(organization="org") as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        report = await plan.execute(on_outcome=pass_time, concurrency=1)
    assert [(o.target.database, o.status.value) for o in report.outcomes] == [
        ("x-0", "destroyed"),
        ("x-1", "destroyed"),
        ("x-2", "skipped"),
        ("x-3", "destroyed"),
    ]
    assert [d.name for d in fake.databases("org") if d.name.startswith("x-")] == ["x-2"]
    assert len(fake.sent("GET", "/databases")) == 2


async def test_a_run_whose_list_took_long_is_not_listed_again_while_it_takes_its_targets(
    turso: TursoClient, ahead: list[float]
) -> None:
    lists = list[int]()
    pulse = turso._calls.pool.pulse

    def pass_time(seconds: float) -> None:
        for _ in range(2):  # the machine is awake
            ahead[0] += seconds / 2
            pulse.beat()

    async def send(target: Target, account: Account) -> None:
        pass_time(60.0)
        await done(target, account)

    async def recheck(engine: object, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        lists.append(len(candidates))
        pass_time(100.0)
        return candidates

    run = run_of(turso, send, 1, evolve(RESTORE, recheck=recheck))
    outcomes = await collected(run, plan(6))
    assert [outcome.status for outcome in outcomes] == [OutcomeStatus.RESTORED] * 6
    assert lists == [4]


async def test_a_list_that_fails_in_an_odd_way_after_a_gap_lets_no_worker_run_on(
    fake: FakeTurso, ahead: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        fake.add_database(f"x-{number}", organization="org")

    def sleep(outcome: Outcome) -> None:
        ahead[0] = 8 * 3600.0

    async def judged(*_: object) -> None:
        raise MemoryError

    async with fake.client(organization="org", max_connections=2) as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        monkeypatch.setattr(type(DATABASES), "judged", judged)
        report = await plan.execute(on_outcome=sleep, return_exceptions=True)
    assert len(report.destroyed) == len(fake.sent("DELETE")) <= 2
    assert len(report.not_attempted) >= 4 and isinstance(report.failure, MemoryError)


async def test_an_instance_without_a_uuid_is_looked_at_where_its_delete_has_waited_while_a_machine_slept(
    ahead: list[float],
) -> None:
    """One that has become the primary in the meantime, and one that is gone, are not deleted."""
    kinds = dict.fromkeys(("a", "b", "c", "d"), "replica")

    async def step(request: Request) -> None:
        name = request.target.rpartition("/")[2]
        found = [{"name": each, "type": kind, "region": "fra"} for each, kind in kinds.items()]
        body: dict[str, object] = {"instance": {"name": name, "type": kinds.get(name), "region": "fra"}}
        if name == "instances":
            body = {"instances": found}
        elif request.method == "DELETE":
            body, ahead[0] = {"instance": name}, 8 * 3600.0
            kinds.update(b="primary")
            kinds.pop("c", None)
        missing = request.method == "GET" and name == "c" and "c" not in kinds
        await answer(404 if missing else 200, no_instance("c") if missing else body)(request)

    async with RawServer(then=step) as raw, raw.client(max_connections=1) as turso:
        report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
    assert [(o.target.instance, o.status.value, o.attempts) for o in report.outcomes] == [
        ("a", "destroyed", 1),
        ("b", "failed", 0),
        ("c", "already_gone", 0),
        ("d", "destroyed", 1),
    ]
    assert "primary" in str(report.outcomes[1].error)


@pytest.mark.parametrize("number", [1, 2])
async def test_what_was_listed_again_while_the_machine_slept_is_listed_once_more(
    ahead: list[float], number: int
) -> None:
    """Before an older plan runs, and after a gap within a run: a name of that list may be another one's by now."""
    lists = 0
    uuids, deleted = {"x-0": "a0", "x-1": "a1"}, list[str]()

    async def step(request: Request) -> None:
        nonlocal lists
        name = request.target.partition("?")[0].rpartition("/")[2]
        if request.method == "DELETE":
            deleted.append(uuids.pop(name))
            ahead[0] += 8 * 3600.0  # the rest is listed again
            return await answer(200, {"database": name})(request)
        found = [{"Name": each, "DbId": uuid, "delete_protection": False} for each, uuid in uuids.items()]
        if name == "databases":
            await answer(200, {"databases": found})(request)
            lists += 1
            if lists == number + 1:
                uuids.update({each: f"another-{each}" for each in uuids})
                ahead[0] += 8 * 3600.0
            return None
        await answer(404, {"error": "database not found"})(request)

    async with RawServer(then=step) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_databases(prefix="x-")
        loaded = turso.teardown.load(plan.to_dict())
        report = await loaded.execute(concurrency=1)
    assert deleted == ["a0"][: number - 1]
    assert [(o.status.value, o.reason) for o in report.skipped] == [
        ("skipped", "changed since the plan was made: another one has this name")
    ] * (3 - number)
    assert lists == number + 2
