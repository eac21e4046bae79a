"""A rate that the user has chosen, for the calls of one run."""

import asyncio
from itertools import pairwise

import pytest
from attrs import define
from scripted import Scripted, cancelled, limited, send
from simulation import REQUEST, in_virtual_time, new_account, refusal

from aioturso.pace.gate import Gate
from aioturso.pace.stretch import Send


def test_a_fixed_rate_spaces_the_sends_of_a_run_and_of_no_other() -> None:
    async def main() -> tuple[list[float], int]:
        script = Scripted()
        limiter = limited(script)
        slow = limiter.at_most(10)
        fast = asyncio.create_task(send(limiter, 20))
        started = asyncio.get_running_loop().time()
        await asyncio.gather(*(slow(REQUEST, new_account(attempts=1)) for _ in range(5)))
        await fast
        return [a.attempts * (at - started) for a, at in zip(script.order, script.sent_at, strict=True)], 0

    times = [at for at in in_virtual_time(main())[0] if at]
    assert times[1:] == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=1e-3)


def test_a_fixed_rate_holds_also_after_a_pause_that_the_server_has_required() -> None:
    async def main() -> list[float]:
        script = Scripted(refusal(429, 5.0))
        limiter = limited(script)
        at_most = limiter.at_most(4)
        await asyncio.gather(*(at_most(REQUEST, new_account()) for _ in range(20)), return_exceptions=True)
        return script.sent_at

    times = in_virtual_time(main())
    assert min(later - sooner for sooner, later in pairwise(times[1:])) >= 0.249
    assert times[2] - times[0] > 5


def test_a_call_cancelled_at_a_fixed_rate_lets_the_next_one_through() -> None:
    async def main() -> int:
        script = Scripted()
        at_most = limited(script).at_most(1)
        waiting = [asyncio.ensure_future(at_most(REQUEST, new_account())) for _ in range(4)]
        await asyncio.sleep(0.5)
        await cancelled(*waiting[1:3])
        await waiting[3]
        return len(script.sent_at)

    assert in_virtual_time(main()) == 2


@define
class Even:
    """A send each ten milliseconds after the one before it."""

    next: float = 0.0

    def wait(self, now: float, attempts: int) -> float:
        return max(0.0, self.next - now)

    def sent(self, now: float) -> Send:
        self.next = now + 0.01
        return Send(0, now)


@pytest.mark.parametrize(("late", "still_late"), [(0.0006, 0.0), (0.004, 0.003)])
def test_sleeps_that_end_late_are_made_shorter_by_as_much_but_by_a_millisecond_at_most(
    late: float, still_late: float
) -> None:
    now, sent = 0.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds + late if seconds else 2e-5

    async def main() -> None:
        gate = Gate(Even(), sleep, lambda: now)
        for _ in range(60):
            await gate.enter(0)
            gate.rate.sent(gate.now())
            sent.append(now)
            gate.leave()

    asyncio.run(main())
    assert sent[-1] - sent[-2] == pytest.approx(0.01 + still_late, abs=5e-5)
