"""The limiter: who waits, for how long, and that whatever ends a wait leaves everything as it was."""

import asyncio
import math
from collections.abc import Coroutine
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from scripted import Scripted, cancelled, limited, send
from simulation import REQUEST, VirtualLoop, in_virtual_time, new_account, refusal

from aioturso import RequestTimeoutError, ServerError, TursoClient, TursoError
from aioturso._account import Account
from aioturso._operation import Operation, Request
from aioturso._pulse import Evidence, Pulse
from aioturso.pace.limiter import Limiter
from aioturso.pace.rate import Learned

DELETE_DATABASE: Operation[None] = Operation(
    "delete", "DELETE", "/v1/organizations/{organization}/databases/{name}", lambda body, names: None
)


async def _paused(jitter: float) -> list[float]:
    script = Scripted(None, refusal(429, 2.0))
    limiter = limited(script, jitter)
    await send(limiter, 2)
    heard = asyncio.get_running_loop().time()
    await send(limiter, 5)
    return [at - heard for at in script.sent_at[2:]]


def test_a_retry_after_is_a_pause_for_all_with_jitter_upward_only() -> None:
    assert min(in_virtual_time(_paused(0.0))) == pytest.approx(2.0)
    assert min(in_virtual_time(_paused(1.0))) == pytest.approx(2.1)


def test_a_pause_is_at_most_a_minute_and_is_shown() -> None:
    async def main() -> tuple[float, list[float]]:
        script = Scripted(refusal(429, 3600.0))
        limiter = limited(script)
        pausing = [limiter.pausing]
        await send(limiter)
        pausing.append(limiter.pausing)
        await send(limiter)
        return script.sent_at[1] - script.sent_at[0], [*pausing, limiter.pausing]

    apart, pausing = in_virtual_time(main())
    assert apart == pytest.approx(60.02)
    assert pausing == [0.0, pytest.approx(60.0), 0.0]


def test_a_modest_start_that_doubles_with_each_round_trip() -> None:
    async def main() -> list[int]:
        script = Scripted()
        limiter = limited(script)
        sending = asyncio.create_task(send(limiter, 500))
        most = []
        for _ in range(5):
            await asyncio.sleep(0.0199)
            most.append(script.most)
        await sending
        return most

    assert in_virtual_time(main()) == [8, 16, 32, 64, 64]


def test_a_pool_smaller_than_the_start() -> None:
    async def main() -> int:
        script = Scripted()
        await send(limited(script, most=2), 10)
        return script.most

    assert in_virtual_time(main()) == 2


def test_a_window_that_grows_frees_those_who_wait() -> None:
    async def main() -> int:
        script = Scripted()
        limiter = limited(script)
        sending = asyncio.create_task(send(limiter, 20))
        await asyncio.sleep(0.01)
        limiter.allow(20)
        await asyncio.sleep(0.001)
        most = script.most
        await sending
        return most

    assert in_virtual_time(main()) == 20


def test_allow_uses_so_many_from_the_start_unless_the_server_has_objected() -> None:
    async def main() -> tuple[int, int]:
        script = Scripted()
        limiter = limited(script)
        limiter.allow(32)
        await send(limiter, 32)
        most = script.most
        script.answers = [None, refusal(503)]
        await send(limiter, 2)
        limiter.allow(32)
        return most, limiter.concurrency

    most, after = in_virtual_time(main())
    assert most == 32
    assert after < 32


@pytest.mark.parametrize("error", [refusal(503), RequestTimeoutError("no answer")])
def test_a_503_and_a_timeout_shrink_the_window_and_leave_the_rate_alone(error: TursoError) -> None:
    async def main() -> tuple[int, float, int]:
        script = Scripted(*[None] * 12, error)
        limiter = limited(script)
        limiter.allow(40)
        await send(limiter, 20)
        return limiter.concurrency, limiter.pace, limiter.refused

    assert in_virtual_time(main()) == (12, math.inf, isinstance(error, ServerError))


def test_a_503_to_a_call_that_is_alone_sets_a_pace_and_leaves_the_window_alone() -> None:
    async def main() -> tuple[int, int, float]:
        script = Scripted(*[None] * 8, refusal(503))
        limiter = limited(script)
        await send(limiter, 8)
        before = limiter.concurrency
        await send(limiter)
        return before, limiter.concurrency, limiter.pace

    before, after, pace = in_virtual_time(main())
    assert after == before
    assert pace < math.inf


@pytest.mark.parametrize(
    ("size", "others", "rate"), [(1, 0, True), (2, 1, True), (2, 2, False), (3, 1, False), (9, 0, False)]
)
def test_a_503_to_the_second_of_two_calls_at_once_means_a_rate_where_one_has_met_a_503_before(
    size: int, others: int, rate: bool
) -> None:
    limiter = limited(Scripted())
    lane = limiter._lane
    lane.window.size = size
    first = lane.rate.sent(1.0)
    lane.rate.sent(1.0)
    assert not lane.is_rate(first, others) and not lane.refutes_window(first, others)
    lane.window.limited = True
    limiter._failed(lane, refusal(503), first, others, Account())
    assert lane.window.released is lane.is_rate(first, others) is rate


def test_a_503_in_a_silence_or_to_what_was_out_when_the_last_one_was_heard_means_no_rate() -> None:
    lane = limited(Scripted())._lane
    lane.window.size, lane.window.limited = 2, True
    out = [lane.rate.sent(1.0), lane.rate.sent(1.0)]
    lane.rate.objected(out[1], 1.1, 0.0, limited=False)
    assert not lane.refutes_window(out[0], 1)
    lane.rate.objected(lane.rate.sent(2.0), 2.1, 0.0, limited=False)
    assert lane.rate.silence.on
    out = [lane.rate.sent(3.0), lane.rate.sent(3.0)]
    assert not lane.refutes_window(out[0], 1)
    lane.rate.accepted(out[1], 3.1)
    assert lane.refutes_window(out[0], 1)


def test_a_429_sets_a_pace_and_leaves_the_window_alone() -> None:
    async def main() -> tuple[int, float, float]:
        script = Scripted(*[None] * 19, refusal(429))
        limiter = limited(script)
        limiter.allow(40)
        before = limiter.pace
        await send(limiter, 20)
        return limiter.concurrency, before, limiter.pace

    size, before, after = in_virtual_time(main())
    assert size >= 40
    assert before == math.inf
    assert after < 1000


def test_the_repr_shows_what_is_believed_of_the_server() -> None:
    async def main() -> list[str]:
        script = Scripted()
        limiter = limited(script)
        seen = [repr(limiter)]
        sending = asyncio.create_task(send(limiter, 8))
        await asyncio.sleep(0.01)
        seen.append(repr(limiter))
        await sending
        script.answers = [refusal(429, 1.0)]
        await send(limiter)
        return [*seen, repr(limiter)]

    idle, busy, paused = in_virtual_time(main())
    assert idle == "<Limiter 0 in flight of 8 of 64, no limit known, 0 refused>"
    assert busy == "<Limiter 8 in flight of 8 of 64, no limit known, 0 refused>"
    assert paused == "<Limiter 0 in flight of 16 of 64, limit about 10.0/s, 1 refused, pausing for 1.0 s>"


def test_a_call_that_waits_is_sent_at_once_when_a_refusal_shows_that_it_is_due() -> None:
    class Late(Learned):
        def wait(self, now: float, attempts: int) -> float:
            return 0.0 if self.required > 0 else 60.0

    async def main() -> float:
        script = Scripted(refusal(429, 0.001))
        limiter = limited(script)
        refused = asyncio.create_task(send(limiter))
        await asyncio.sleep(0.01)
        lane = limiter._lane
        lane.rate, lane.refused = Late(), 1
        lane.rate.sent(lane.gate.now())
        lane.gate.rate = lane.rate
        await asyncio.gather(refused, send(limiter))
        return script.sent_at[1] - script.sent_at[0]

    assert in_virtual_time(main()) < 1


# Whose turn is first


def test_a_call_that_was_sent_before_comes_before_those_that_were_not_and_the_one_sent_least_first() -> None:
    async def main() -> list[tuple[int, bool]]:
        script = Scripted(refusal(429, 1.0))
        limiter = limited(script)
        await send(limiter)
        accounts = [new_account(attempts=attempts) for attempts in (0, 3, 1, 0, 2)]
        accounts.insert(1, new_account(evidence=Evidence(Pulse(), "u", 0, math.inf)))  # as if sent once
        waiting = []
        for account in accounts:
            waiting.append(asyncio.create_task(limiter.send(REQUEST, account)))
            await asyncio.sleep(0.1)
        await asyncio.gather(*waiting)
        return [(account.attempts, account.is_looked_at) for account in script.order[1:]]

    assert in_virtual_time(main()) == [(0, True), *((sends, False) for sends in (1, 2, 3, 0, 0))]


def test_a_call_that_was_sent_before_takes_the_next_free_slot() -> None:
    async def main() -> list[int]:
        script = Scripted()
        limiter = limited(script, most=1)
        waiting = [asyncio.create_task(limiter.send(REQUEST, new_account(attempts=n))) for n in (0, 0, 2, 1)]
        await asyncio.gather(*waiting)
        return [account.attempts for account in script.order]

    assert in_virtual_time(main()) == [0, 1, 2, 0]


# A wait that ends


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.1])
def test_cancelled_waits_leave_all_slots_and_the_gate_free(seconds: float) -> None:
    async def main() -> tuple[int, float]:
        script = Scripted(*[refusal(429, 1.0)] * 4)
        limiter = limited(script)
        await send(limiter, 4)
        waiting = [asyncio.create_task(limiter.send(REQUEST, new_account())) for _ in range(30)]
        await asyncio.sleep(seconds)
        await cancelled(*waiting)
        assert script.out == limiter._lane.slots.taken == 0
        await asyncio.sleep(2 - seconds)
        started = asyncio.get_running_loop().time()
        limiter.allow(limiter.most)
        await send(limiter, 30)
        return script.out, asyncio.get_running_loop().time() - started

    out, took = in_virtual_time(main())
    assert out == 0
    assert took < 5


def test_a_pause_that_ends_with_an_error_of_its_own_ends_that_call_alone() -> None:
    async def main() -> tuple[list[bytes | BaseException], int]:
        async def sleep(seconds: float) -> None:
            if not closed:
                closed.append(True)
                raise TimeoutError("closed")
            await asyncio.sleep(seconds)

        closed: list[bool] = []
        script = Scripted(refusal(429, 1.0))
        limiter = Limiter(64, script.attempt, sleep)
        await send(limiter)
        done = await asyncio.gather(
            *(limiter.send(REQUEST, new_account()) for _ in range(3)), return_exceptions=True
        )
        return done, script.out

    done, out = in_virtual_time(main())
    assert [type(result) for result in done] == [TimeoutError, bytes, bytes]
    assert out == 0


async def test_a_sleep_that_returns_at_once_while_the_clock_stands_still() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def attempt(request: Request, account: Account) -> bytes:
        account.attempts += 1
        if account.attempts == 1:
            raise refusal(429, 30.0)
        return b""

    limiter = Limiter(64, attempt, sleep)
    accounts = [new_account() for _ in range(50)]
    async with asyncio.timeout(10):
        for _ in range(2):
            await asyncio.gather(
                *(limiter.send(REQUEST, account) for account in accounts), return_exceptions=True
            )
    assert [account.attempts for account in accounts] == [2] * 50
    assert len(slept) <= 150
    assert min(slept) > 0


# Loops


def test_a_second_loop_after_the_first_is_closed() -> None:
    script = Scripted(refusal(429, 30.0))
    limiter = limited(script)

    async def interrupted() -> None:
        await send(limiter, 2)
        waiting = asyncio.gather(*(limiter.send(REQUEST, new_account()) for _ in range(20)))
        await asyncio.wait([waiting], timeout=0.01)
        raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(interrupted())
    before = len(script.sent_at)
    asyncio.run(asyncio.wait_for(send(limiter, 20), 20))
    assert len(script.sent_at) == before + 20
    assert script.out == 0 < script.most < 20  # they know of each other


def test_a_second_loop_while_the_first_still_runs_hangs_neither() -> None:
    script = Scripted(*[refusal(429)] * 4)
    limiter = limited(script)
    first, second = VirtualLoop(), VirtualLoop()

    def run(loop: VirtualLoop, main: Coroutine[Any, Any, None]) -> None:
        loop.run_until_complete(asyncio.wait_for(main, 60))

    async def waiting() -> None:
        tasks.append(asyncio.create_task(send(limiter, 40)))
        await asyncio.sleep(0.05)

    async def done() -> None:
        await tasks[0]

    tasks: list[asyncio.Task[None]] = []
    run(first, waiting())
    assert len(script.sent_at) < 40
    run(second, send(limiter, 40))
    run(first, done())
    run(first, send(limiter, 40))
    assert len(script.sent_at) == 120
    first.close()
    second.close()


# Against a real server


async def test_a_real_server_with_a_token_bucket_loses_no_call_and_each_refusal_is_counted() -> None:
    tokens, last, statuses = 20.0, 0.0, list[int]()

    async def answer(request: web.Request) -> web.Response:
        nonlocal tokens, last
        now = asyncio.get_running_loop().time()
        tokens, last = min(20.0, tokens + (now - last) * 100), now
        statuses.append(200 if tokens >= 1 else 429)
        if tokens < 1:
            return web.json_response({"error": "slow down"}, status=429)
        tokens -= 1
        return web.json_response({})

    app = web.Application()
    app.router.add_route("DELETE", "/v1/organizations/org/databases/{name}", answer)
    names = iter(range(300))
    async with TestServer(app) as server:
        async with TursoClient("token", organization="org", base_url=str(server.make_url("/"))) as turso:

            async def work() -> None:
                for name in names:
                    await turso._calls.through(turso.limiter.send).call(DELETE_DATABASE, f"d{name}")

            async with asyncio.timeout(30):
                await asyncio.gather(*(work() for _ in range(64)))
    assert statuses.count(200) == 300
    # how many, depends on the machine: in virtual time few are
    assert turso.limiter.refused == statuses.count(429)
