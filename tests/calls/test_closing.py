"""`close` ends every call, wherever it waits, within a few turns of the loop and with an error of this library."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from raw import RawServer, answer, stall

from aioturso import ClientClosedError, NotSentError, Timeout, TursoError

LISTED = answer(200, {"instances": []})


async def test_a_call_of_a_closed_client_does_not_wait_for_a_pause_of_the_limiter() -> None:
    refused = answer(429, {"error": "slow down"}, "Retry-After: 30")
    async with RawServer(then=refused) as raw:
        turso = raw.client(retry=None)
        with pytest.raises(TursoError):
            await turso.teardown.plan_databases(match="x*")
        await turso.close()
        with pytest.raises(ClientClosedError):
            async with asyncio.timeout(1):
                await turso.teardown.plan_databases(match="x*")


async def test_a_file_is_not_read_for_a_closed_client(tmp_path: Any) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    async with RawServer(then=LISTED) as raw:
        turso = raw.client()
        await turso._calls.pool.in_thread(time.monotonic)
        await turso.close()
        with pytest.raises(ClientClosedError):
            await turso.databases.upload("db", file, group="g")


async def test_a_provider_that_hangs_ends_with_the_call_that_waits_for_it() -> None:
    async def provider() -> str:
        await asyncio.Event().wait()
        raise AssertionError

    async with RawServer(then=stall) as raw:
        for timeout in (Timeout(attempt=30, total=0.05), Timeout(attempt=0.05)):
            async with raw.client(token=provider, timeout=timeout) as turso:
                with pytest.raises(NotSentError, match=r"no token within 0\.05 s"):
                    await turso.instances.list("db")
        async with raw.client(token=provider) as turso:
            first = asyncio.create_task(turso.instances.list("db"))
            await asyncio.sleep(0)
            with pytest.raises(NotSentError, match=r"no token within 0\.05 s"):
                await turso.with_options(timeout=0.05).instances.list("db")
            await turso.close()
            with pytest.raises(ClientClosedError):
                await first
    assert not raw.requests
