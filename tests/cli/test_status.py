"""Off a terminal a line comes every ten seconds, also while it lists and verifies."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from aioturso import Progress
from aioturso.cli import _work, main
from aioturso.cli._status import EVERY, RUNNING, Status, beat
from aioturso.events import RequestEvent
from aioturso.pace.limiter import Limiter
from aioturso.testing import FakeTurso, Fault

Captured = pytest.CaptureFixture[str]


class Slow(Limiter):
    pace, pausing, refused = 2.0, 5.2, 12  # type: ignore[assignment]


class Clock:
    """Each call of `sleep` passes its time, until there is none left."""

    def __init__(self, ticks: int) -> None:
        self.now, self.ticks = 0.0, ticks

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if not self.ticks:
            raise asyncio.CancelledError
        self.ticks -= 1
        self.now += seconds


def limiter(cls: type[Limiter] = Limiter) -> Limiter:
    async def never(*_: object) -> bytes:
        raise AssertionError

    return cls(64, never)


CALL = RequestEvent(
    operation="list databases", method="GET", path="/", attempt=1, status=200, elapsed=0.1, error=None
)


async def lines(status: Status, clock: Clock, pace: Limiter) -> list[str]:
    noted: list[str] = []
    with pytest.raises(asyncio.CancelledError):
        await beat(status, pace, noted.append, clock.sleep)
    return noted


async def test_a_line_comes_every_ten_seconds_and_counts_the_calls() -> None:
    clock = Clock(ticks=2)
    status = Status(clock)
    status.answered(CALL)
    assert await lines(status, clock, limiter()) == ["listing: 1 calls in 10 s", "listing: 1 calls in 20 s"]
    assert EVERY == 10


async def test_a_line_has_how_far_a_run_is_and_why_it_is_slow() -> None:
    clock = Clock(ticks=1)
    status = Status(clock)
    status.enter(RUNNING)
    status.moved(Progress(done=100, total=3000, elapsed=50, concurrency=4))
    assert await lines(status, clock, limiter(Slow)) == [
        "running: 100 of 3,000 done, 2.0/s, 1450 s left, 12 refused, the server takes 2.0/s, pausing for 5 s"
    ]


async def test_after_the_last_target_it_verifies() -> None:
    clock = Clock(ticks=1)
    status = Status(clock)
    status.enter(RUNNING)
    status.verifies = True
    status.moved(Progress(done=3, total=3, elapsed=1, concurrency=4))
    assert await lines(status, clock, limiter()) == ["verifying: 0 calls in 10 s"]


Note = Callable[[str], None]


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time that passes a hundred times as fast."""

    def quick(status: Status, pace: Limiter, note: Note) -> Awaitable[None]:
        return beat(status, pace, note, lambda seconds: asyncio.sleep(seconds / 100))

    monkeypatch.setattr(_work, "beat", quick)


@pytest.mark.usefixtures("often")
def test_stderr_has_every_phase_and_stdout_only_the_report(
    world: FakeTurso, env: dict[str, str], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    world.inject(Fault.delay(0.5), times=1000)
    command = ["destroy", "databases", "--match", "preview-*", "--yes", "--json", "--verify"]
    assert main([*command, "--concurrency", "20"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["ok"]
    phases = [line.split()[1] for line in err.splitlines()]
    assert sorted(set(phases), key=phases.index) == ["listing:", "running:", "verifying:"]
    assert main([*command, "--quiet", "--allow-empty"]) == 0
    assert capsys.readouterr().err == "aioturso: nothing to destroy: no match for databases preview-*\n"
