"""One run, without a network: what is sent, what ends it, and what each target's outcome is then."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve
from runs import Send, collected, done, just_now, plan, refusing, run_of, shown, target
from turns import Turns

from aioturso import (
    InvalidInputError,
    NotSentError,
    Outcome,
    OutcomeStatus,
    Progress,
    ServerError,
    Target,
    TeardownError,
    TursoClient,
)
from aioturso._account import Account
from aioturso.teardown.targets import Candidate
from aioturso.teardown.verbs import REMOVE, RESTORE


@pytest.fixture
async def turso() -> AsyncIterator[TursoClient]:
    async with TursoClient("t", organization="org", base_url="http://127.0.0.1:1") as client:
        yield client


async def test_every_target_has_an_outcome_in_the_order_of_the_plan(turso: TursoClient) -> None:
    run, entries = run_of(turso, done, 40), plan(40)
    entries[3] = Candidate(target(3), "excluded")
    started = time.monotonic()
    outcomes = await collected(run, entries)
    took = time.monotonic() - started
    assert [o.target for o in outcomes] == [c.target for c in entries]
    assert [o.status.value for o in outcomes].count("destroyed") == 39
    assert outcomes[3] == Outcome(target=target(3), status=OutcomeStatus.SKIPPED, reason="excluded")
    assert all(0 <= o.elapsed <= took for o in outcomes)
    assert (run.done, run.failure, run.fatal) == (40, None, None)
    assert (run._underway.calls, run._underway.dropped, run.halt.listeners) == ({}, set(), [])
    assert run._outbox.size == 2 * turso.limiter.most


async def test_a_run_knows_its_progress_and_shows_it(turso: TursoClient) -> None:
    run = run_of(turso, done, 3, concurrency=2)
    assert repr(run) == "<Run 0 of 3 done>"
    await collected(run, plan(2))
    found, limiter = run.progress, turso.limiter
    assert (found.done, found.total, found.concurrency) == (2, 3, 2)
    assert (found.pace, found.pausing, found.refused) == (limiter.pace, limiter.pausing, limiter.refused)
    assert 0 <= found.elapsed < 60
    run.stop("one")
    run.stop("two")
    assert repr(run) == "<Run 2 of 3 done, one>"
    run = run_of(turso, done, 1)
    assert run.progress.concurrency == limiter.concurrency
    paced: Any = SimpleNamespace(concurrency=3, most=9, pace=7.0, pausing=2.0, refused=4)
    run.engine = SimpleNamespace(limiter=paced)  # type: ignore[assignment]  # all that it looks at
    found = run.progress
    assert (found.concurrency, found.pace, found.pausing, found.refused) == (3, 7.0, 2.0, 4)


@pytest.mark.parametrize(
    ("send", "level", "text"),
    [
        (done, logging.INFO, "1 destroyed"),
        (refusing(ServerError("x", status=500)), logging.WARNING, "1 failed"),
    ],
)
async def test_the_end_of_a_run_is_logged(
    turso: TursoClient, caplog: pytest.LogCaptureFixture, send: Send, level: int, text: str
) -> None:
    caplog.set_level(logging.INFO, "aioturso")
    started = time.monotonic()
    await collected(run_of(turso, send, 1), plan(1))
    (record,) = [r for r in caplog.records if "finished" in r.message]
    assert record.levelno == level
    found = re.fullmatch(rf"teardown finished in (\d+\.\d) s: {text}", record.message)
    assert found is not None and float(found[1]) <= time.monotonic() - started + 0.1


async def test_a_run_of_many_that_need_no_call_lets_others_run(turso: TursoClient) -> None:
    with Turns() as turns:
        await collected(run_of(turso, done, 6400, concurrency=1), plan(6400, "why"))
    assert 400 <= turns.now < 1600


async def test_a_reader_that_does_not_read_holds_the_run_up(turso: TursoClient) -> None:
    run = run_of(turso, done, 2000)
    stream = run.stream(plan(2000), just_now())
    first = len(await anext(stream))
    for _ in range(200):
        await asyncio.sleep(0)
    # Twice a full outbox and one more outcome of each worker: what was taken, and what waits.
    assert first < run.done <= 2 * 3 * turso.limiter.most
    assert first + sum([len(found) async for found in stream]) == 2000


async def test_a_stop_ends_what_waits_and_leaves_what_is_on_the_wire(turso: TursoClient) -> None:
    begun, answered = asyncio.Event(), asyncio.Event()

    async def send(target: Target, account: Account) -> None:
        if target.database == "d0":
            account.sent()
            begun.set()
            await answered.wait()
            account.confirm()
            return
        if target.database == "d1":
            account.attempts = 1
        await asyncio.Event().wait()

    run = run_of(turso, send, 4, concurrency=3)
    running = asyncio.create_task(collected(run, plan(4)))
    await begun.wait()
    await asyncio.sleep(0)
    run.stop("stopped")
    run.stop("again")
    await asyncio.sleep(0)
    assert not running.done()
    answered.set()
    outcomes = await running
    assert shown(outcomes) == [
        ("destroyed", None),
        ("failed", "stopped"),
        ("not_attempted", "stopped"),
        ("not_attempted", "stopped"),
    ]
    assert all(0 <= o.elapsed < 60 for o in outcomes)
    assert (run._underway.calls, run._underway.dropped) == ({}, set())


async def test_a_cancellation_in_the_moment_of_a_stop_is_a_cancellation(turso: TursoClient) -> None:
    begun = asyncio.Event()

    async def send(target: Target, account: Account) -> None:
        begun.set()
        await asyncio.Event().wait()

    run = run_of(turso, send, 1)
    running = asyncio.create_task(collected(run, plan(1)))
    await begun.wait()
    (worker,) = run._underway.calls
    run.stop("stopped")
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (run._underway.calls, run._underway.dropped) == ({}, set())


async def test_a_cancelled_run_has_a_cause_with_every_target(turso: TursoClient) -> None:
    begun = asyncio.Event()

    async def send(target: Target, account: Account) -> None:
        if target.database == "d0":
            return await done(target, account)
        account.sent()
        begun.set()
        await asyncio.Event().wait()

    entries = [*plan(3), Candidate(target(3), "excluded")]
    running = asyncio.create_task(collected(run_of(turso, send, 4, concurrency=1), entries))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await running
    cause = caught.value.__cause__
    assert isinstance(cause, TeardownError)
    assert shown(cause.report.outcomes) == [
        ("destroyed", None),
        ("unknown", "cancelled"),
        ("not_attempted", "cancelled"),
        ("skipped", "excluded"),
    ]
    assert all(0 <= o.elapsed < 60 for o in cause.report.outcomes)


async def test_a_run_that_ends_before_any_outcome_has_no_report(turso: TursoClient) -> None:
    async def recheck(engine: Any, candidates: Any) -> Any:
        raise ServerError("down", status=500)

    run = run_of(turso, done, 1, evolve(REMOVE, recheck=recheck))
    with pytest.raises(ServerError) as caught:
        await collected(run, plan(1), stale=True)
    assert caught.value.__cause__ is None and run.halt.listeners == []


async def test_a_plan_that_is_not_fresh_is_looked_at_again_unless_it_is_stopped(turso: TursoClient) -> None:
    async def recheck(engine: Any, candidates: Any) -> Any:
        return [Candidate(candidates[0].target, "changed"), candidates[1]]

    verb = evolve(REMOVE, recheck=recheck)
    outcomes = await collected(run_of(turso, done, 2, verb), plan(2), stale=True)
    assert shown(outcomes) == [("skipped", "changed"), ("destroyed", None)]
    assert shown(await collected(run_of(turso, done, 2, verb), plan(2)))[0] == ("destroyed", None)
    run = run_of(turso, done, 2, verb)
    run.halt.stop()
    assert shown(await collected(run, plan(2), stale=True)) == [("not_attempted", "stopped")] * 2


@pytest.mark.parametrize("error", [ValueError("odd"), MemoryError("none left")])
async def test_a_mistake_of_this_library_ends_the_run_and_is_its_failure(
    turso: TursoClient, error: Exception
) -> None:
    run = run_of(turso, refusing(error), 3)
    outcomes = await collected(run, plan(3))
    after = ("not_attempted", f"not attempted after a failure ({type(error).__name__})")
    assert shown(outcomes) == [("failed", None), after, after]
    assert (run.failure, outcomes[0].error) == (error, error) and 0 <= outcomes[0].elapsed < 60


async def test_what_is_no_exception_ends_the_run_and_is_raised_with_the_report(turso: TursoClient) -> None:
    class Odd(BaseException):
        """An end that no report may hold."""

    run = run_of(turso, refusing(Odd()), 2)
    with pytest.raises(Odd) as caught:
        await collected(run, plan(2))
    cause = caught.value.__cause__
    assert isinstance(cause, TeardownError)
    assert shown(cause.report.outcomes) == [
        ("failed", "ended by Odd"),
        ("not_attempted", "not attempted after Odd"),
    ]
    assert 0 <= cause.report.outcomes[0].elapsed < 60


async def test_what_comes_with_a_group_follows_it_and_counts(turso: TursoClient) -> None:
    extra = Outcome(target=target(9), status=OutcomeStatus.RESTORED)

    async def send(target: Target, account: Account) -> Any:
        await done(target, account)
        return (extra,) if target.database == "d0" else ()

    seen: list[Progress] = []
    run = run_of(turso, send, 2, RESTORE, on_progress=seen.append)
    outcomes = await collected(run, plan(2))
    assert [o.target.database for o in outcomes] == ["d0", "d9", "d1"]
    assert (run.total, run.done, seen[-1].done, seen[-1].total) == (3, 3, 3, 3)


async def test_a_group_that_is_not_back_holds_only_its_own_databases(turso: TursoClient) -> None:
    groups = [Target(kind="group", organization="org", group=name, uuid=name) for name in ("a", "b")]
    entries = [
        *map(Candidate, groups),
        *(Candidate(target(n), after=group) for n, group in enumerate(groups)),
    ]

    async def send(target: Target, account: Account) -> None:
        if target.group == "a":
            raise ServerError("down", status=500)
        await done(target, account)

    outcomes = await collected(run_of(turso, send, 4, RESTORE), [*entries, Candidate(target(2))])
    expected = ["failed", "restored", "not_attempted", "restored", "restored"]
    assert [outcome.status.value for outcome in outcomes] == expected


@pytest.mark.parametrize("back", [True, False])
async def test_a_database_is_not_restored_before_its_group_is_back(turso: TursoClient, back: bool) -> None:
    group = Target(kind="group", organization="org", group="g", uuid="u")
    entries = [Candidate(target(0), after=group), Candidate(group), Candidate(target(1))]

    async def send(target: Target, account: Account) -> None:
        if target.kind == "group" and not back:
            raise ServerError("down", status=500)
        await done(target, account)

    outcomes = await collected(run_of(turso, send, 3, RESTORE), entries)
    first = ("restored", None) if back else ("not_attempted", "its group 'g' is not back")
    assert shown(outcomes)[0] == first and outcomes[2].status is OutcomeStatus.RESTORED


async def test_the_audit_log_has_a_line_before_the_first_send_and_one_after(
    turso: TursoClient, tmp_path: Path
) -> None:
    log = tmp_path / "log"

    async def send(target: Target, account: Account) -> None:
        assert account.announce is not None
        account.announce()
        await done(target, account)

    run = run_of(turso, send, 1, audit_log=log)
    await collected(run, plan(1))
    assert [json.loads(line)["status"] for line in log.read_text().splitlines()] == [
        "sending",
        "destroyed",
    ]
    run = run_of(turso, send, 2, audit_log="/dev/full", concurrency=1)
    outcomes = await collected(run, plan(2))
    assert isinstance(run.failure, OSError)
    error = outcomes[0].error
    assert isinstance(error, NotSentError) and error.final and "the audit log failed" in str(error)
    assert outcomes[1].reason == "not attempted after a failure (OSError)"


async def test_a_hook_that_fails_or_returns_a_coroutine_ends_the_run(turso: TursoClient) -> None:
    async def work() -> None: ...

    def coroutine(outcome: Outcome) -> object:
        return work()

    def fail(outcome: Outcome) -> None:
        raise KeyError("mine")

    for hook, kind in ((coroutine, InvalidInputError), (fail, KeyError)):
        run = run_of(turso, done, 3, concurrency=1, on_outcome=hook)
        outcomes = await collected(run, plan(3))
        assert isinstance(run.failure, kind)
        assert "mine" in str(run.failure) or "on_outcome and on_progress are called, not awaited" in str(
            run.failure
        )
        assert (
            shown(outcomes)[1:] == [("not_attempted", f"not attempted after a failure ({kind.__name__})")] * 2
        )


async def test_the_first_failure_of_a_hook_stays(turso: TursoClient) -> None:
    failures = [KeyError(number) for number in range(3)]
    left = iter(failures)

    def fail(outcome: Outcome) -> None:
        raise next(left)

    run = run_of(turso, done, 3, on_outcome=fail)
    await collected(run, plan(3))
    assert run.failure is failures[0]
    ends = [SystemExit(number) for number in range(3)]
    left = iter(ends)  # type: ignore[arg-type]  # they are raised too
    run = run_of(turso, done, 3, on_outcome=fail)
    with pytest.raises(SystemExit) as caught:
        await collected(run, plan(3))
    assert caught.value is ends[0]


async def test_a_failure_is_in_the_report_of_a_run_that_is_cancelled(turso: TursoClient) -> None:
    failed = asyncio.Event()

    def fail(outcome: Outcome) -> None:
        failed.set()
        raise KeyError("mine")

    async def send(target: Target, account: Account) -> None:
        account.sent()
        if target.database == "d0":
            return account.confirm()
        await asyncio.Event().wait()

    run = run_of(turso, send, 2, on_outcome=fail)
    running = asyncio.create_task(collected(run, plan(2)))
    await failed.wait()
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await running
    assert isinstance(caught.value.__cause__, TeardownError)
    assert caught.value.__cause__.report.failure is run.failure is not None


async def test_progress_is_shown_at_first_and_at_the_end_and_now_and_then(
    turso: TursoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Progress] = []
    monkeypatch.setattr(time, "monotonic", lambda: 50.0)
    await collected(run_of(turso, done, 20, on_progress=seen.append), plan(20))
    assert [progress.done for progress in seen] == [1, 20]
