"""The session of a loop: what it is made with, what a lent one keeps, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from raw import RawServer, answer
from yarl import URL

from aioturso import ClientClosedError, ConfigurationError
from aioturso._credentials import Credentials
from aioturso._pool import Open, Pool

FINE = answer(200, b"{}")


def pool(borrowed: Any = None, *, size: int = 5, base: str = "https://h", trust: bool = False) -> Pool:
    return Pool(size, 30.0, URL(base), trust, borrowed, Credentials(token="t"), "agent/1")


READ, WRITE = (True, True), (False, True)  # without a body


async def opened(made: Pool) -> Open:
    found = await made.open()
    await made.close()
    return found


async def test_a_loop_has_one_session_with_a_connection_for_each_place() -> None:
    made = pool()
    found = await made.open()
    assert await made.open() is found
    session = found.session
    assert session.connector is not None and session.connector.limit == 5
    assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
    assert (session.headers["User-Agent"], session.headers["Accept"]) == ("agent/1", "application/json")
    assert (found.slots.size, found.headers[WRITE], found.deadlines.usual) == (5, None, 30.0)
    for content in (found.headers[False, False], found.headers[True, False]):
        assert content is not None and content["Content-Type"] == "application/json"
        assert content["User-Agent"] == "agent/1"
    await made.close()
    assert session.closed and made.opened is None and made.in_flight == 0


async def test_a_closed_pool_opens_nothing_and_runs_nothing_in_a_thread() -> None:
    made = pool()
    await made.close()
    with pytest.raises(ClientClosedError, match="the client is closed"):
        await made.open()
    with pytest.raises(ClientClosedError, match="the client is closed"):
        await made.in_thread(int)


def lent(
    limit: int | None, headers: dict[str, str] | None = None, loop: Any = None, per_host: int = 0
) -> Any:
    connector = None if limit is None else SimpleNamespace(limit=limit, limit_per_host=per_host)
    return SimpleNamespace(connector=connector, headers=headers or {}, _loop=loop)


@pytest.mark.parametrize(
    ("limit", "per_host", "size"),
    [(None, 0, 5), (0, 0, 5), (1, 0, 1), (2, 0, 2), (9, 0, 5), (9, 3, 3), (0, 2, 2), (2, 3, 2), (9, 9, 5)],
)
async def test_a_lent_session_has_no_more_places_than_its_own_connections(
    limit: int | None, per_host: int, size: int
) -> None:
    found = await opened(pool(lent(limit, per_host=per_host)))
    assert found.slots.size == size and found.until_end is None


async def test_a_lent_session_keeps_a_name_of_its_own() -> None:
    plain = await opened(pool(lent(1)))
    own = {"Accept": "application/json"}
    assert plain.headers[WRITE] == {**own, "User-Agent": "agent/1"}
    assert plain.headers[READ] == {**own, "User-Agent": "agent/1", "Cache-Control": "no-cache"}
    named = await opened(pool(lent(1, {"User-Agent": "mine"})))
    assert named.headers[WRITE] == own
    assert named.headers[False, False] == {**own, "Content-Type": "application/json"}


async def test_the_name_of_the_client_arrives_unless_the_session_has_one() -> None:
    async with RawServer(then=FINE) as raw:
        async with raw.client(application="my-bot/1") as turso:
            await turso.request("GET", "v1")
            await turso.request("PUT", "v1", json={})
        for headers in ({}, {"User-Agent": "mine"}):
            async with aiohttp.ClientSession(headers=headers) as session:
                async with raw.client(session=session, application="my-bot/1") as turso:
                    await turso.request("GET", "v1")
                    await turso.request("PUT", "v1", json={})
    agents = [request.headers["User-Agent"].split()[0] for request in raw.requests]
    assert agents == ["my-bot/1"] * 4 + ["mine"] * 2


def test_a_lent_session_whose_loop_cannot_be_seen_is_used_in_loops_in_turn() -> None:
    made = pool(lent(1))
    found = [asyncio.run(made.open()) for _ in range(2)]
    assert found[0] is not found[1]


@pytest.fixture(params=[None, "http://10.1.2.3:8080", "http://127.0.0.1:8080", "http://localhost:1"])
def proxy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str | None]:
    if request.param is not None:
        monkeypatch.setenv("http_proxy", request.param)
        monkeypatch.setenv("https_proxy", request.param)
    yield request.param


async def test_a_proxy_of_the_environment_gets_no_token_in_clear_off_this_machine(proxy: str | None) -> None:
    far = proxy is not None and "10." in proxy
    for base in ("https://h", "http://192.0.2.1"):
        assert (await opened(pool(base=base))).session.trust_env is False
        trusted = (await opened(pool(base=base, trust=True))).session.trust_env
        assert trusted is not (far and base.startswith("http:"))


@pytest.mark.parametrize("url", ["ftp://h:1", "socks5://h:1", "http://", "http:///x", "http://["])
async def test_a_proxy_of_the_environment_that_is_no_http_url_is_refused_before_any_call(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("https_proxy", url)
    with pytest.raises(ConfigurationError, match="proxy must be an http URL with a host"):
        await pool(trust=True).open()
    await opened(pool())


async def test_work_in_a_thread_is_done_in_few_threads_of_this_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = pool()
    names = {await made.in_thread(lambda: threading.current_thread().name) for _ in range(5)}
    assert names <= {"aioturso_0", "aioturso_1"}
    threads = made._threads
    assert await made.in_thread(divmod, 7, 2) == (3, 1)
    assert made._threads is threads
    await made.close()
    assert threads is not None and threads._shutdown and threads._max_workers == 2


FORKED = """
import asyncio, os, signal
from aioturso import TursoClient

pool = TursoClient("token")._calls.pool
asyncio.run(pool.in_thread(int))
child = os.fork()
if not child:
    signal.alarm(10)
    os._exit(asyncio.run(pool.in_thread(int, 7)))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_work_in_a_thread_is_done_in_the_child_of_a_fork_too() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True)
    assert done.stdout == "7\n", done.stderr


CLOSED_IN_A_CHILD = """
import asyncio, os, signal, sys
from aioturso import TursoClient

turso = TursoClient("token", base_url=sys.argv[1], timeout=10, retry=None)
loop = asyncio.new_event_loop()
loop.run_until_complete(turso.request("GET", "v1"))
child = os.fork()
if not child:
    signal.alarm(10)
    asyncio.run(turso.close())
    asyncio.run(turso.close())
    os._exit(turso._calls.pool.closed)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
loop.run_until_complete(turso.request("GET", "v1"))
loop.run_until_complete(turso.close())
loop.close()
"""


async def test_closing_in_the_child_of_a_fork_leaves_the_connections_of_its_parent() -> None:
    async with RawServer(then=FINE) as raw:
        command = [sys.executable, "-W", "error", "-c", CLOSED_IN_A_CHILD, raw.url]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert (len(raw.requests), raw.connections) == (2, 1)


async def test_closing_does_not_wait_for_a_thread() -> None:
    made, hold, begun = pool(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        hold.wait()

    running = asyncio.create_task(made.in_thread(work))
    await asyncio.to_thread(begun.wait)
    await made.close()
    assert not hold.is_set()
    hold.set()
    await running


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_closing_that_is_cancelled_closes_all_the_same(turns: int) -> None:
    made, ended = pool(), asyncio.Event()
    session = (await made.open()).session

    async def stubborn() -> None:
        task = asyncio.current_task()
        assert task is not None
        made.running.tasks[task] = 0
        with contextlib.suppress(asyncio.CancelledError):
            await ended.wait()
        await ended.wait()

    call = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    closing = asyncio.create_task(made.close())
    for _ in range(turns + 1):
        await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert session.closed and made.closed
    ended.set()
    await call


async def test_closing_ends_a_provider_that_is_running() -> None:
    begun = asyncio.Event()

    async def provider() -> str:
        begun.set()
        await asyncio.Event().wait()
        return ""

    async with RawServer() as raw, raw.client(token=provider) as turso:
        task = asyncio.create_task(turso.request("GET", "v1"))
        await begun.wait()
        running = turso._calls.pool.credentials._running
        await turso.close()
        with pytest.raises(ClientClosedError):
            await task
        assert running is not None
        with pytest.raises(asyncio.CancelledError):
            await running
        assert turso._calls.pool.credentials._running is None
