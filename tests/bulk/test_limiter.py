"""The limiter, one rule at a time: in virtual time, against scripted answers."""

import asyncio
import math

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from virtual import Bucket, in_virtual_time, refusal, run

from aioturso import RequestTimeoutError, TursoClient, TursoError
from aioturso._account import Account
from aioturso._operation import Operation, Request
from aioturso.teardown.limits import Limiter

OPERATION: Operation[None] = Operation("destroy", "DELETE", "/x", lambda body, names: None)
DELETE_DATABASE: Operation[None] = Operation(
    "delete", "DELETE", "/v1/organizations/{organization}/databases/{name}", lambda body, names: None
)


def request() -> Request:
    return Request(OPERATION, (), None, None)  # type: ignore[arg-type]  # nothing looks at its URL


class Scripted:
    """Answers each attempt with the next of these; then with successes."""

    def __init__(self, *answers: TursoError | None) -> None:
        self.answers = list(answers)
        self.sent_at: list[float] = []
        self.most = self.out = 0

    async def attempt(self, request: Request, state: Account) -> bytes:
        loop = asyncio.get_running_loop()
        self.sent_at.append(loop.time())
        answer = self.answers.pop(0) if self.answers else None
        self.out += 1
        self.most = max(self.most, self.out)
        try:
            await asyncio.sleep(0.02)
        finally:
            self.out -= 1
        if answer is not None:
            raise answer
        return b""


async def send(limiter: Limiter, times: int = 1) -> None:
    await asyncio.gather(*(limiter.send(request(), Account()) for _ in range(times)), return_exceptions=True)


async def _paused(jitter: float) -> list[float]:
    script = Scripted(None, refusal(429, 2.0))
    limiter = Limiter(64, script.attempt, jitter=lambda low, high: low + jitter * (high - low))
    await send(limiter, 2)
    heard = asyncio.get_running_loop().time()
    await send(limiter, 5)
    return [at - heard for at in script.sent_at[2:]]


def test_a_retry_after_is_a_pause_for_all_with_jitter_upward_only() -> None:
    assert min(in_virtual_time(_paused(0.0))) == pytest.approx(2.0)
    assert min(in_virtual_time(_paused(1.0))) == pytest.approx(2.2)


def test_a_pause_is_at_most_a_minute() -> None:
    async def main() -> float:
        script = Scripted(refusal(429, 3600.0))
        limiter = Limiter(64, script.attempt, jitter=lambda low, high: low)
        await send(limiter)
        await send(limiter)
        return script.sent_at[1] - script.sent_at[0]

    assert in_virtual_time(main()) == pytest.approx(60.02)


def test_objections_to_what_was_already_out_are_one_objection() -> None:
    async def main() -> tuple[int, int]:
        script = Scripted(*[refusal(503)] * 4)
        limiter = Limiter(64, script.attempt)
        limiter.allow(40)
        await send(limiter, 40)
        together = limiter.concurrency
        await asyncio.sleep(1)
        script.answers = [RequestTimeoutError("no answer")]
        await send(limiter)
        return together, limiter.concurrency

    together, after = in_virtual_time(main())
    assert 20 <= together <= 30  # halved once, then grown by the 36 successes
    assert after == 4  # half of the start: a single send says nothing of how many are too many


def test_a_429_slows_down_at_once_and_each_new_one_further() -> None:
    async def main() -> list[float]:
        script = Scripted()
        limiter = Limiter(64, script.attempt)
        await send(limiter, 100)
        paces = [limiter.pace]
        for _ in range(4):
            script.answers = [refusal(429)]
            await send(limiter)
            paces.append(limiter.pace)
        return paces

    paces = in_virtual_time(main())
    assert paces[0] == math.inf
    assert paces == sorted(paces, reverse=True)
    assert paces[-1] < paces[1] / 2


def test_allow_uses_so_many_from_the_start_unless_the_server_has_objected() -> None:
    async def main() -> tuple[int, int]:
        script = Scripted()
        limiter = Limiter(64, script.attempt)
        limiter.allow(32)
        await send(limiter, 32)
        most = script.most
        script.answers = [refusal(503)]
        await send(limiter)
        limiter.allow(32)
        return most, limiter.concurrency

    most, after = in_virtual_time(main())
    assert most == 32
    assert after < 32


def test_a_modest_start_and_a_repr() -> None:
    async def main() -> tuple[int, str, str]:
        script = Scripted()
        limiter = Limiter(64, script.attempt)
        sending = asyncio.create_task(send(limiter, 20))
        await asyncio.sleep(0.01)
        first, before = script.most, repr(limiter)
        await sending
        script.answers = [refusal(429)]
        await send(limiter)
        return first, before, repr(limiter)

    first, before, after = in_virtual_time(main())
    assert first == 8
    assert before == "<Limiter 8 in flight of 8 of 64, pace no limit>"
    assert after.startswith("<Limiter 0 in flight of 1") and after.endswith("/s>")


def test_a_pool_smaller_than_the_start() -> None:
    async def main() -> int:
        script = Scripted()
        await send(Limiter(2, script.attempt), 10)
        return script.most

    assert in_virtual_time(main()) == 2


def test_cancelled_waiters_give_their_places_back() -> None:
    async def main() -> float:
        script = Scripted(*[refusal(429, 1.0)] * 4)
        limiter = Limiter(64, script.attempt)
        await send(limiter, 4)
        waiting = [asyncio.create_task(limiter.send(request(), Account())) for _ in range(30)]
        await asyncio.sleep(0.5)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert len(script.sent_at) == 4
        started = asyncio.get_running_loop().time()
        await send(limiter, limiter.concurrency + 1)
        assert script.out == 0
        return asyncio.get_running_loop().time() - started

    assert in_virtual_time(main()) < 10


def test_a_call_that_comes_back_goes_before_those_that_have_not_been_sent() -> None:
    async def main() -> list[str]:
        order: list[str] = []

        async def attempt(request: Request, state: Account) -> bytes:
            order.append("again" if state.attempts else "new")
            await asyncio.sleep(0.02)
            if len(order) == 1:
                raise refusal(429, 1.0)
            return b""

        limiter = Limiter(64, attempt)
        await send(limiter)
        waiting = [asyncio.create_task(limiter.send(request(), Account())) for _ in range(20)]
        await asyncio.sleep(0.1)
        waiting.append(asyncio.create_task(limiter.send(request(), Account(attempts=1))))
        await asyncio.gather(*waiting)
        return order

    assert in_virtual_time(main()).index("again") <= 9  # only those that held a place were before it


async def test_a_sleep_that_returns_at_once_while_the_clock_stands_still() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def attempt(request: Request, state: Account) -> bytes:
        state.attempts += 1
        if state.attempts == 1:
            raise refusal(429, 1.0)
        return b""

    limiter = Limiter(64, attempt, sleep)
    states = [Account() for _ in range(50)]
    async with asyncio.timeout(10):
        for _ in range(2):
            await asyncio.gather(
                *(limiter.send(request(), state) for state in states), return_exceptions=True
            )
    assert [state.attempts for state in states] == [2] * 50
    assert len(slept) <= 150
    assert min(slept) > 0


def test_a_second_loop_after_the_first_is_closed() -> None:
    script = Scripted(refusal(429, 30.0))
    limiter = Limiter(64, script.attempt)

    async def interrupted() -> None:
        await send(limiter, 2)
        waiting = asyncio.gather(*(limiter.send(request(), Account()) for _ in range(20)))
        await asyncio.wait([waiting], timeout=0.01)
        raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(interrupted())
    before = len(script.sent_at)
    asyncio.run(asyncio.wait_for(send(limiter, 20), 20))
    assert len(script.sent_at) == before + 20
    assert script.out == 0


def test_it_recovers_from_a_long_outage() -> None:
    async def main() -> float:
        script = Scripted()
        limiter = Limiter(64, script.attempt)
        await send(limiter, 300)
        script.answers = [refusal(429)] * 300
        for _ in range(30):
            await send(limiter)
        assert limiter.pace <= 1
        script.answers = []
        started = asyncio.get_running_loop().time()
        await send(limiter, 300)
        return asyncio.get_running_loop().time() - started

    assert in_virtual_time(main()) < 90


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_tiny_pause_does_not_look_like_a_server_that_accepts_nothing(seed: int) -> None:
    server = Bucket(0.002, rate=300, burst=300, retry_after="exact")
    assert run(server, 3000, seed).took <= 1.2 * 10


def test_a_late_answer_does_not_make_the_server_look_slow() -> None:
    async def main() -> tuple[float, float]:
        slow = asyncio.Event()
        script = Scripted()
        limiter = Limiter(64, script.attempt)

        async def attempt(request: Request, state: Account) -> bytes:
            if state.attempts:
                await slow.wait()
                raise refusal(429)
            return await script.attempt(request, state)

        limiter.attempt = attempt
        late = asyncio.create_task(limiter.send(request(), Account(attempts=1)))
        await send(limiter, 300)
        script.answers = [refusal(429, 30.0)]
        await send(limiter)
        before = limiter.pace
        await asyncio.sleep(20)
        slow.set()
        await asyncio.gather(late, return_exceptions=True)
        return before, limiter.pace

    before, after = in_virtual_time(main())
    assert after > before / 20


# Against a real server


async def test_a_real_server_with_a_token_bucket_refuses_few_and_loses_none() -> None:
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
    assert statuses.count(429) <= 45
