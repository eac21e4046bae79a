"""A stop that comes from another thread, or from the handler of a signal, at any line of a run."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest
from raw import RawServer, Request, answer

from aioturso import OutcomeStatus, RetryPolicy, TeardownPlan, TeardownReport
from aioturso._pulse import Evidence
from aioturso.teardown.stops import Stops
from aioturso.teardown.targets import Candidate

NAMES = [f"x{number}" for number in range(50)]
LISTED = answer(
    200,
    {"databases": [{"Name": n, "DbId": f"id-{n}", "group": "g", "delete_protection": False} for n in NAMES]},
)
Sleep = Callable[[float], Awaitable[None]]


@pytest.fixture
def signalled() -> Iterator[list[Callable[[], None]]]:
    """What the handler of a signal calls."""
    calls: list[Callable[[], None]] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: [call() for call in calls])
    yield calls
    signal.signal(signal.SIGUSR1, before)


async def stopped(
    signalled: list[Callable[[], None]], sleep: Sleep, age: int = 60
) -> tuple[TeardownReport, int]:
    """A run against a server that refuses all deletions, with a signal that stops it; and how many it has received."""
    plans: list[TeardownPlan] = []

    async def step(request: Request) -> None:
        refused = bool(plans)
        await (answer(429, {"error": "slow"}, "Retry-After: 1") if refused else LISTED)(request)

    async with RawServer(then=step) as raw, raw.client(retry=RetryPolicy(sleep=sleep)) as turso:
        plans.append(await turso.teardown.plan_databases(match="x*"))
        signalled.append(plans[0].stop)
        run = plans[0].execute(concurrency=1, max_age=age, return_exceptions=True)
        return await asyncio.wait_for(run, 10), len(raw.requests) - 1


async def forever(_: float) -> None:
    await asyncio.Event().wait()


def come(_: object = None) -> None:
    """The signal, while this line of the event loop's own thread runs."""
    signal.raise_signal(signal.SIGUSR1)


@pytest.mark.parametrize("by_signal", [False, True])
@pytest.mark.parametrize("age", [0, 60])
async def test_a_stop_from_outside_of_the_loop_wakes_it(
    signalled: list[Callable[[], None]], by_signal: bool, age: int
) -> None:
    def stop() -> None:
        time.sleep(0.05)  # the loop has nothing to do but to wait
        if by_signal:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
        else:
            signalled[0]()

    async def sleep(seconds: float) -> None:
        threading.Thread(target=stop).start()
        await forever(seconds)

    report, sent = await stopped(signalled, sleep, age)
    assert sent == 1
    assert {outcome.reason for outcome in report.outcomes} == {"stopped"}


async def test_a_signal_that_comes_as_a_wait_begins_ends_it(signalled: list[Callable[[], None]]) -> None:
    async def sleep(seconds: float) -> None:
        come()
        await forever(seconds)

    report, sent = await stopped(signalled, sleep)
    assert (sent, str(report)) == (1, "1 failed, 49 not attempted")
    assert {outcome.reason for outcome in report.outcomes} == {"stopped"}


async def test_a_call_that_a_signal_finds_as_it_begins_is_not_sent_again(
    signalled: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last look at the reasons not to begin it."""
    is_due = Stops.is_due

    def interrupted(self: Stops, candidate: Candidate) -> bool:
        due = is_due(self, candidate)
        come()
        return due

    monkeypatch.setattr(Stops, "is_due", interrupted)
    report, sent = await stopped(signalled, forever)
    assert sent <= 1 and len(report.outcomes) == 50
    assert {outcome.status for outcome in report.outcomes[1:]} == {OutcomeStatus.NOT_ATTEMPTED}
    assert report.outcomes[0].attempts == sent


async def test_a_call_that_a_signal_finds_right_before_its_send_is_not_sent_again(
    signalled: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_late = Evidence.is_late

    def interrupted(self: Evidence) -> bool:
        come()
        return is_late(self)

    monkeypatch.setattr(Evidence, "is_late", interrupted)
    report, sent = await stopped(signalled, forever)
    assert sent <= 1
    assert report.outcomes[0].attempts == sent
