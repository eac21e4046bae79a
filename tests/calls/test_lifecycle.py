"""Who opens and closes what, and in which event loop."""

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from raw import RawServer, answer, stall
from sleeps import Sleeps
from tenacity import wait_fixed

from aioturso import (
    ClientClosedError,
    ConfigurationError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    RequestTimeoutError,
    RetryPolicy,
    Timeout,
    TursoClient,
    TursoError,
    UnauthorizedError,
)

LISTED = answer(200, {"instances": []})


def in_a_thread(main: Callable[[], Awaitable[object]]) -> list[BaseException]:
    """Run `main` in a thread with an event loop of its own; what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(main())  # type: ignore[arg-type]
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised


class Serving:
    """A raw server in a thread of its own, for clients that change loops."""

    def __enter__(self) -> RawServer:
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._raw = RawServer(then=LISTED)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._ready.wait()
        return self._raw

    def _run(self) -> None:
        async def serve() -> None:
            self._stop = asyncio.Event()
            async with self._raw:
                self._ready.set()
                await self._stop.wait()

        self._loop.run_until_complete(serve())
        self._loop.close()

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()


async def list_twice(turso: TursoClient) -> None:
    await turso.instances.list("db")
    await turso.instances.list("db")


def test_a_client_made_outside_any_loop_works_in_loops_in_turn_and_leaves_nothing_open() -> None:
    with Serving() as raw:
        turso = raw.client()
        for _ in range(3):
            asyncio.run(list_twice(turso))
        asyncio.run(turso.close())
        assert (len(raw.requests), raw.connections) == (6, 3)
    del turso
    gc.collect()  # an unclosed transport or session would be a warning, and so an error


def test_a_client_that_was_not_closed_is_closed_with_its_loop() -> None:
    with Serving() as raw:
        asyncio.run(list_twice(raw.client()))
        gc.collect()


def test_a_loop_closed_without_its_shutdown_does_not_stop_the_next() -> None:
    with Serving() as raw:
        turso = raw.client()
        loop = asyncio.new_event_loop()
        loop.run_until_complete(turso._calls.pool.open())
        loop.close()
        asyncio.run(list_twice(turso))


def test_it_works_under_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")
    with Serving() as raw:
        turso = raw.client()
        for _ in range(2):
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(list_twice(turso))
        gc.collect()


async def test_a_second_loop_while_the_first_is_alive_is_reported_in_plain_words() -> None:
    async with RawServer(then=LISTED) as raw, raw.client() as turso:
        await turso.instances.list("db")
        (error,) = await asyncio.to_thread(in_a_thread, lambda: turso.instances.list("db"))
        assert isinstance(error, ConfigurationError)
        assert "one client per loop" in str(error)
        await turso.instances.list("db")


async def test_a_second_loop_does_not_make_the_limiter_of_the_first_forget() -> None:
    async with RawServer(answer(429, {}), then=LISTED) as raw, raw.client(retry=None) as turso:

        def plan() -> Any:
            return turso.teardown.plan_instances(database="db", everything=True)

        with pytest.raises(RateLimitedError):
            await plan()
        (error,) = await asyncio.to_thread(in_a_thread, plan)
        assert isinstance(error, ConfigurationError)
        assert turso.limiter.refused == 1


async def test_a_session_of_another_loop_is_reported_in_plain_words() -> None:
    async with aiohttp.ClientSession() as session, RawServer(then=LISTED) as raw:
        turso = raw.client(session=session)
        (error,) = await asyncio.to_thread(in_a_thread, lambda: turso.instances.list("db"))
        assert isinstance(error, ConfigurationError)
        assert "another event loop" in str(error)
        assert not raw.requests


async def test_fifty_first_calls_open_one_pool() -> None:
    async with RawServer(then=LISTED) as raw, raw.client(max_connections=3) as turso:
        await asyncio.gather(*(turso.instances.list("db") for _ in range(50)))
    assert (len(raw.requests), raw.connections) == (50, 3)


async def test_calls_in_flight_and_queued_end_with_an_error_of_ours_when_the_client_is_closed(
    fast: RetryPolicy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with RawServer(then=stall) as raw:
        turso = raw.client(max_connections=10, retry=fast)
        calls = [asyncio.create_task(turso.destroy_instance("db", f"x{n}")) for n in range(15)]
        await raw.seen(10)
        await asyncio.gather(turso.close(), turso.close())
        errors = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(e, ClientClosedError) for e in errors)
        accounts = [(e.attempts, e.maybe_applied) for e in errors if isinstance(e, TursoError)]
        assert accounts == [(1, True)] * 10 + [(0, False)] * 5
        await turso.close()
        with pytest.raises(ClientClosedError):
            await turso.instances.list("db")
        assert "pool=closed" in repr(turso)
    assert len(raw.requests) == 10
    assert "never retrieved" not in caplog.text


async def test_a_call_cancelled_during_the_first_use_leaves_a_usable_client() -> None:
    async with RawServer(stall, then=LISTED) as raw, raw.client() as turso:
        for wait in (0, 1, 2, 5):
            call = asyncio.create_task(turso.instances.list("db"))
            for _ in range(wait):
                await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        raw.steps.clear()
        await turso.instances.list("db")
        assert "0/64 in flight" in repr(turso)


async def test_a_borrowed_session_keeps_its_settings_and_none_of_them_gets_in_the_way() -> None:
    set_cookie = "Set-Cookie: tracked=yes; Path=/"
    jar = aiohttp.CookieJar(unsafe=True)
    own = {"Authorization": "Bearer hosts-own", "X-Own": "1"}
    async with (
        RawServer(
            answer(200, {"instances": None}, set_cookie), answer(404, {"error": "instance"}, set_cookie)
        ) as raw,
        aiohttp.ClientSession(
            base_url="http://127.0.0.1:1/elsewhere/", headers=own, raise_for_status=True, cookie_jar=jar
        ) as session,
    ):
        async with raw.client(session=session, token="ours") as turso:
            assert await turso.instances.list("db") == []
            with pytest.raises(NotFoundError):
                await turso.destroy_instance("db", "a")
        assert not session.closed
        assert dict(session.headers) == own
        assert len(jar) == 0
    assert {r.headers["Authorization"] for r in raw.requests} == {"Bearer ours"}
    assert raw.lines == ["GET ", "DELETE /a"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_a_borrowed_sessions_own_credentials_are_not_sent() -> None:
    async with RawServer(then=LISTED) as raw:
        async with aiohttp.ClientSession(auth=aiohttp.BasicAuth("host", "own")) as session:
            async with raw.client(session=session, token="ours") as turso:
                await turso.instances.list("db")
            assert session.auth == aiohttp.BasicAuth("host", "own")
    assert raw.requests[0].headers["Authorization"] == "Bearer ours"


async def test_a_borrowed_session_that_its_owner_closed_was_never_sent_through(fast: RetryPolicy) -> None:
    async with RawServer(then=LISTED) as raw:
        session = aiohttp.ClientSession()
        turso = raw.client(session=session, retry=fast)
        await session.close()
        with pytest.raises(ClientClosedError) as caught:
            await turso.destroy_instance("db", "a")
    assert (caught.value.attempts, caught.value.maybe_applied, raw.requests) == (0, False, [])


@pytest.mark.parametrize("trust_env", [False, True])
async def test_a_netrc_entry_for_the_host_never_replaces_the_token(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, trust_env: bool
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    async with RawServer(then=LISTED) as raw, raw.client(trust_env=trust_env, token="ours") as turso:
        await turso.instances.list("db")
    assert raw.requests[0].headers["Authorization"] == "Bearer ours"


@pytest.mark.parametrize("trust_env", [False, True])
async def test_a_proxy_of_the_environment_is_used_only_where_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch, trust_env: bool
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with RawServer(then=LISTED) as raw, RawServer(then=LISTED) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        async with raw.client(trust_env=trust_env) as turso:
            await turso.instances.list("db")
        assert (len(raw.requests), len(proxy.requests)) == ((0, 1) if trust_env else (1, 0))


async def test_a_proxy_that_refuses_was_not_reached_by_the_request(
    monkeypatch: pytest.MonkeyPatch, fast: RetryPolicy
) -> None:
    async with RawServer(then=answer(407)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        settings: dict[str, Any] = {"base_url": "https://api.turso.invalid", "organization": "org"}
        async with TursoClient("ours-token", trust_env=True, retry=fast, **settings) as turso:
            with pytest.raises(TursoError) as caught:
                await turso.destroy_instance("db", "a")
    assert (caught.value.attempts, caught.value.maybe_applied) == (0, False)
    assert {r.method for r in proxy.requests} == {"CONNECT"}
    assert "ours-token" not in repr([r.headers for r in proxy.requests])


async def test_a_call_that_waits_to_send_its_new_token_ends_in_time_with_the_refusal() -> None:
    async def provider() -> str:
        return "from-provider"

    settings: dict[str, Any] = {"max_connections": 1, "timeout": Timeout(total=0.2), "retry": None}
    async with RawServer(answer(401, {"error": "expired"}), then=stall) as raw:
        async with raw.client(token=provider, **settings) as turso:
            calls = (turso.destroy_instance("db", name) for name in "ab")
            first, second = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(first, UnauthorizedError)
    assert (first.attempts, first.maybe_applied) == (1, False)
    assert isinstance(second, RequestTimeoutError)


async def test_no_attempt_starts_after_the_end_of_the_whole_calls_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead, clock = 0.0, time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: clock() + ahead)

    async def oversleep(seconds: float) -> None:
        nonlocal ahead
        ahead += 51

    retry = RetryPolicy(sleep=oversleep, wait=wait_fixed(1))
    async with RawServer(then=answer(503, {"error": "busy"})) as raw:
        async with raw.client(retry=retry, timeout=Timeout(total=50)) as turso:
            with pytest.raises(TursoError, match="busy") as caught:
                await turso.destroy_instance("db", "a")
    assert (len(raw.requests), caught.value.attempts) == (1, 1)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_time_that_is_no_limit_is_refused(seconds: float) -> None:
    for name in ("attempt", "total", "connect"):
        with pytest.raises(ConfigurationError, match=f"{name} must be"):
            Timeout(**{name: seconds})
    with pytest.raises(ConfigurationError):
        TursoClient("token", timeout=seconds)


@pytest.mark.parametrize("token", [123, b"bytes", ["x"]])
def test_a_token_of_another_type_is_refused_at_once(token: Any) -> None:
    with pytest.raises(ConfigurationError):
        TursoClient(token)


async def test_cancellation_leaves_a_back_off_at_once_and_nothing_more_is_sent() -> None:
    waiting = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async with RawServer(then=answer(429, {}, "Retry-After: 9")) as raw:
        async with raw.client(retry=RetryPolicy(sleep=sleep)) as turso:
            call = asyncio.create_task(turso.destroy_instance("db", "a"))
            await waiting.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert "0/64 in flight" in repr(turso)
    assert len(raw.requests) == 1


async def test_a_call_cancelled_in_the_queue_is_never_sent_and_keeps_no_slot() -> None:
    async with RawServer(stall, then=LISTED) as raw, raw.client(max_connections=1) as turso:
        holder = asyncio.create_task(turso.instances.list("db"))
        await raw.seen(1)
        queued = asyncio.create_task(turso.instances.list("db"))
        await asyncio.sleep(0)
        queued.cancel()
        with pytest.raises(asyncio.CancelledError):
            await queued
        holder.cancel()
        await asyncio.gather(holder, return_exceptions=True)
        await turso.instances.list("db")
    assert len(raw.requests) == 2


async def test_keyboard_interrupt_and_exit_pass_through_a_retry() -> None:
    for kind in (KeyboardInterrupt, SystemExit):

        async def sleep(seconds: float, kind: type[BaseException] = kind) -> None:
            raise kind

        async with RawServer(then=answer(503)) as raw, raw.client(retry=RetryPolicy(sleep=sleep)) as turso:
            with pytest.raises(kind):
                await turso.instances.list("db")
            assert len(raw.requests) == 1


async def test_a_callers_own_timeout_is_left_alone(sleeps: Sleeps) -> None:
    async with RawServer(then=stall) as raw, raw.client(retry=RetryPolicy(sleep=sleeps)) as turso:
        with pytest.raises(TimeoutError) as caught:
            await asyncio.wait_for(turso.instances.list("db"), 0.05)
        assert not isinstance(caught.value, TursoError)
        assert not sleeps
        assert "0/64 in flight" in repr(turso)


async def test_an_operating_systems_timeout_error_is_an_unknown_outcome(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*args: object) -> None:
        raise OSError(110, "Connection timed out")

    monkeypatch.setattr(aiohttp.ClientResponse, "start", fail)
    async with RawServer(then=LISTED) as raw, raw.client(retry=None) as turso:
        with pytest.raises(OutcomeUnknownError) as caught:
            await turso.destroy_instance("db", "a")
    assert (caught.value.attempts, caught.value.maybe_applied) == (1, True)
