"""A token provider that fails: the call fails without a send, with an error of this library."""

import asyncio
import traceback

import pytest
from raw import RawServer, answer
from sleeps import Sleeps

from aioturso import ConfigurationError, NotSentError, RetryPolicy

SECRET = "sekrit-of-the-vault"


async def test_a_provider_that_fails_is_not_called_again_and_its_text_is_not_shown(sleeps: Sleeps) -> None:
    calls = 0

    async def provider() -> str:
        nonlocal calls
        calls += 1
        raise LookupError(SECRET)

    async with RawServer(then=answer(200, {})) as raw:
        async with raw.client(token=provider, retry=RetryPolicy(sleep=sleeps)) as turso:
            with pytest.raises(NotSentError, match=r"token provider failed \(LookupError\)") as caught:
                await turso.destroy_instance("db", "a")
    assert (calls, raw.requests, list(sleeps)) == (1, [], [])
    assert (caught.value.attempts, caught.value.maybe_applied) == (0, False)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_one_run_of_a_provider_serves_all_calls_that_wait_for_it() -> None:
    calls = 0
    waiting = asyncio.Event()

    async def provider() -> str:
        nonlocal calls
        calls += 1
        await waiting.wait()
        return "from-provider"

    async with RawServer(then=answer(200, {})) as raw, raw.client(token=provider) as turso:
        several = [asyncio.create_task(turso.destroy_instance("db", f"x{n}")) for n in range(20)]
        await asyncio.sleep(0)
        several[0].cancel()  # the others still wait for it
        await asyncio.sleep(0)
        waiting.set()
        await asyncio.gather(*several, return_exceptions=True)
    assert (calls, len(raw.requests)) == (1, 19)
    assert {request.headers["Authorization"] for request in raw.requests} == {"Bearer from-provider"}


async def test_a_provider_that_hangs_is_within_the_time_of_an_attempt() -> None:
    async def provider() -> str:
        await asyncio.Event().wait()
        raise AssertionError

    async with RawServer() as raw, raw.client(token=provider, timeout=0.05, retry=None) as turso:
        async with asyncio.timeout(20):
            with pytest.raises(NotSentError, match="no token within"):
                await turso.destroy_instance("db", "a")
    assert raw.requests == []


@pytest.mark.parametrize("token", ["", "two words", None, 7])
async def test_a_provider_that_returns_no_token_is_a_mistake_of_the_configuration(token: object) -> None:
    async def provider() -> object:
        return token

    async with RawServer() as raw, raw.client(token=provider) as turso:
        with pytest.raises(ConfigurationError, match="token provider"):
            await turso.destroy_instance("db", "a")
    assert raw.requests == []
