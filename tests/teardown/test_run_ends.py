"""Which error of one target ends a run, and which leaves the others alone. Without a network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import pytest
from attrs import evolve
from missing import not_found
from runs import collected, done, plan, refusing, run_of, shown, target

from aioturso import (
    APIError,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ForbiddenError,
    NotSentError,
    Outcome,
    OutcomeStatus,
    OutcomeUnknownError,
    PaymentRequiredError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    Target,
    TeardownError,
    TursoClient,
    TursoError,
    UnauthorizedError,
)
from aioturso._account import Account
from aioturso._pulse import Pulse
from aioturso.teardown.outbox import Outbox
from aioturso.teardown.rest import ListTimes, Rest
from aioturso.teardown.targets import Candidate
from aioturso.teardown.verb import Numbered
from aioturso.teardown.verbs import REMOVE, RESTORE

GROUPED = BadRequestError("no", status=400, message="groups do not support this")


@pytest.fixture
async def turso() -> AsyncIterator[TursoClient]:
    async with TursoClient("t", organization="org", base_url="http://127.0.0.1:1") as client:
        yield client


ALL = [
    UnauthorizedError("x", status=401),
    PaymentRequiredError("x", status=402),
    ForbiddenError("x", status=403),
    ConfigurationError("x"),
    ClientClosedError("x"),
    not_found(None),
    APIError("x", status=405),
    NotSentError("x", final=True),
    RateLimitedError("x", status=429, retry_after=61.0),
]
ONE = [
    APIError("x", status=404 + 2),
    APIError("x", status=400),
    NotSentError("x"),
    OutcomeUnknownError("x"),
    RateLimitedError("x", status=429, retry_after=60.0),
    ServerError("x", status=500),
]


@pytest.mark.parametrize("error", ALL, ids=repr)
async def test_a_refusal_that_would_hit_every_target_ends_the_run(
    turso: TursoClient, error: TursoError
) -> None:
    outcomes = await collected(run_of(turso, refusing(error), 100), plan(100))
    assert outcomes[0].error is error and 0 <= outcomes[0].elapsed < 60
    assert set(shown(outcomes[1:])) == {("not_attempted", f"not attempted after: {error}")}


@pytest.mark.parametrize("error", ONE, ids=repr)
async def test_a_failure_of_one_target_leaves_the_others(turso: TursoClient, error: TursoError) -> None:
    async def send(target: Target, account: Account) -> None:
        if target.database == "d0":
            raise error
        await done(target, account)

    outcomes = await collected(run_of(turso, send, 3), plan(3))
    assert [o.status.value for o in outcomes][1:] == ["destroyed", "destroyed"]


async def test_the_policy_of_the_client_decides_which_wait_is_too_long() -> None:
    error = RateLimitedError("x", status=429, retry_after=5.0)
    for policy, ends in ((RetryPolicy(max_retry_after=4), True), (None, False), (RetryPolicy(), False)):
        async with TursoClient("t", organization="org", base_url="http://127.0.0.1:1", retry=policy) as turso:

            async def send(target: Target, account: Account) -> None:
                if target.database == "d0":
                    raise error
                await done(target, account)

            outcomes = await collected(run_of(turso, send, 2, concurrency=1), plan(2))
        assert (outcomes[1].status is OutcomeStatus.NOT_ATTEMPTED) is ends


async def test_what_is_refused_to_one_restore_alone_leaves_the_others(turso: TursoClient) -> None:
    async def send(target: Target, account: Account) -> None:
        if target.database == "d0":
            account.sent()
            account.on_wire = False
            raise not_found("database")
        await done(target, account)

    outcomes = await collected(run_of(turso, send, 2, RESTORE, concurrency=1), plan(2))
    assert [o.status.value for o in outcomes] == ["failed", "restored"]
    outcomes = await collected(run_of(turso, refusing(not_found("group")), 2, RESTORE), plan(2))
    assert [o.status.value for o in outcomes] == ["failed", "not_attempted"]


async def test_a_grouped_refusal_ends_the_calls_of_its_database_alone(turso: TursoClient) -> None:
    entries = [Candidate(target(kind="instance", instance=f"i{n}", database=f"d{n % 2}")) for n in range(4)]
    others, begun = asyncio.Event(), list[Target]()

    async def send(target: Target, account: Account) -> None:
        begun.append(target)
        if target.instance == "i0":
            while len(begun) < 4:
                await asyncio.sleep(0)
            account.sent()
            account.on_wire = False
            others.set()
            raise GROUPED
        if target.database == "d0":
            await asyncio.Event().wait()
        await others.wait()
        await done(target, account)

    outcomes = await collected(run_of(turso, send, 4), entries)
    after = f"not attempted after: {GROUPED}"
    assert shown(outcomes) == [
        ("failed", None),
        ("destroyed", None),
        ("not_attempted", after),
        ("destroyed", None),
    ]


async def test_what_is_to_be_left_is_left_after_a_grouped_refusal_too(turso: TursoClient) -> None:
    entries = [
        Candidate(target(kind="instance", instance="i0", database="d0")),
        Candidate(target(kind="instance", instance="i1", database="d1"), "primary"),
        Candidate(target(kind="instance", instance="i2", database="d1")),
    ]

    async def send(target: Target, account: Account) -> None:
        if target.instance == "i0":
            raise GROUPED
        await done(target, account)

    outcomes = await collected(run_of(turso, send, 3, concurrency=1), entries)
    assert shown(outcomes) == [("failed", None), ("skipped", "primary"), ("destroyed", None)]


async def test_the_first_refusal_of_a_database_is_the_reason_for_all_of_its_others(
    turso: TursoClient,
) -> None:
    entries = [Candidate(target(kind="instance", instance=f"i{n}", database="d")) for n in range(20)]
    sent, refused = list[Target](), list[str]()

    async def send(target: Target, account: Account) -> None:
        account.sent()
        sent.append(target)
        # On the wire both, when the first answer comes.
        while len(sent) < 2:
            await asyncio.sleep(0)
        account.on_wire = False
        refused.append(target.instance)
        raise BadRequestError(f"{target.instance}: {GROUPED.message}", status=400, message=GROUPED.message)

    outcomes = await collected(run_of(turso, send, 20, concurrency=2), entries)
    first, second, *others = shown(outcomes)
    assert first == second == ("failed", None)
    assert len(sent) == 2
    assert set(others) == {("not_attempted", f"not attempted after: {refused[0]}: {GROUPED.message}")}


def full_at(count: int, work: Callable[..., Any]) -> Callable[..., Any]:
    """The same work, which finds no memory at one of its calls."""
    calls: list[int] = []

    def working(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == count:
            for argument in arguments:
                if asyncio.iscoroutine(argument):
                    argument.close()  # else Python warns that it was never awaited
            raise MemoryError
        return work(*arguments)

    return working


async def test_what_was_sent_and_has_lost_its_outcome_is_unknown(
    turso: TursoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in (1, 2):
        monkeypatch.setattr(Outbox, "put", full_at(count, Outbox.put))
        entries = [*plan(2), Candidate(target(2), "kept"), *plan(4)[3:]]
        with pytest.raises(MemoryError) as caught:
            await collected(run_of(turso, done, 4, concurrency=1), entries)
        monkeypatch.undo()
        assert isinstance(caught.value.__cause__, TeardownError)
        report = shown(caught.value.__cause__.report.outcomes)
        lost, rest = ("unknown", "its outcome was lost"), ("not_attempted", "cancelled")
        first = [lost, rest] if count == 1 else [("destroyed", None), lost]
        assert report == [*first, ("skipped", "kept"), rest]


async def test_what_was_to_be_left_and_has_lost_its_outcome_is_left(
    turso: TursoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Outbox, "put", full_at(1, Outbox.put))
    entries = [Candidate(target(0), "kept"), Candidate(target(1))]
    with pytest.raises(MemoryError) as caught:
        await collected(run_of(turso, done, 2, concurrency=1), entries)
    assert isinstance(caught.value.__cause__, TeardownError)
    report = shown(caught.value.__cause__.report.outcomes)
    assert report == [("skipped", "kept"), ("not_attempted", "cancelled")]


async def test_what_a_later_phase_was_to_send_was_not_sent(
    turso: TursoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Outbox, "put", full_at(1, Outbox.put))
    groups = [Candidate(Target(kind="group", organization="org", group=name)) for name in "ab"]
    with pytest.raises(MemoryError) as caught:
        await collected(run_of(turso, done, 3, RESTORE, concurrency=1), [*groups, *plan(1)])
    assert isinstance(caught.value.__cause__, TeardownError)
    lost, rest = ("unknown", "its outcome was lost"), ("not_attempted", "cancelled")
    assert shown(caught.value.__cause__.report.outcomes) == [lost, rest, rest]


async def test_the_reason_not_to_send_is_the_end_of_the_run_before_that_of_a_database_or_a_group(
    turso: TursoClient,
) -> None:
    group = Target(kind="group", organization="org", group="g", uuid="u")
    entry, run, reasons = Candidate(target(0), after=group), run_of(turso, done, 2, RESTORE), []
    for step in (
        lambda: run._settle(0, Outcome(target=group, status=OutcomeStatus.FAILED)),
        lambda: run._heed(GROUPED, entry.target),
        run.halt.stop,
        lambda: run.stop("ended"),
    ):
        step()
        reasons.append(run.unsent(entry).reason)
    assert reasons == ["its group 'g' is not back", f"not attempted after: {GROUPED}", "stopped", "ended"]


async def test_a_worker_that_is_closed_with_its_loop_sends_nothing_more(turso: TursoClient) -> None:
    sent = list[Target]()

    async def send(target: Target, account: Account) -> None:
        sent.append(target)
        account.sent()
        await asyncio.Event().wait()

    run = run_of(turso, send, 2)
    worker = run._work(Rest(enumerate(plan(2)), 10.0, Pulse(), ListTimes(time.time(), 0.0, 0)))
    worker.send(None)
    worker.close()
    assert (sent, dict(run.counts), run.fatal) == ([target(0)], {OutcomeStatus.UNKNOWN: 1}, None)


async def test_a_run_has_no_more_workers_than_targets(turso: TursoClient) -> None:
    tasks = set[asyncio.Task[Any]]()

    async def send(target: Target, account: Account) -> None:
        tasks.update(asyncio.all_tasks())
        await done(target, account)

    await collected(run_of(turso, send, 2), plan(2))
    assert len(tasks) == 3  # the reader too


async def test_workers_end_when_one_more_cannot_begin(
    turso: TursoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "create_task", full_at(3, asyncio.create_task))
    before, sent = asyncio.all_tasks(), list[Target]()

    async def send(target: Target, account: Account) -> None:
        sent.append(target)
        await asyncio.Event().wait()

    with pytest.raises(MemoryError) as caught:
        await collected(run_of(turso, send, 4, concurrency=4), plan(4))
    assert asyncio.all_tasks() == before and not sent
    assert caught.value.__cause__ is None  # no report of what has not begun


async def test_an_error_before_the_first_target_is_taken_makes_no_outcome_unknown(turso: TursoClient) -> None:
    def phases(entries: Iterable[Numbered]) -> Iterator[Iterable[Numbered]]:
        raise MemoryError
        yield entries

    run = run_of(turso, done, 2, evolve(REMOVE, phases=phases))
    with pytest.raises(MemoryError) as caught:
        await collected(run, plan(2))
    assert caught.value.__cause__ is None
