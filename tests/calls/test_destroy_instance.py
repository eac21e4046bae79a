"""The one destructive call, against the fake: what it destroys, how it ends, and what it leaves behind."""

import asyncio
from typing import Any

import aiohttp
import pytest
from sleeps import Sleeps
from virtual import virtual_time

from aioturso import (
    BadRequestError,
    ClientClosedError,
    DecodeError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    Timeout,
    TursoClient,
)
from aioturso.testing import FakeTurso, Fault


def names(fake: FakeTurso) -> list[str]:
    return [i.name for i in fake.instances("org", "db")]


async def test_it_destroys_what_it_names_and_nothing_else(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        assert await turso.destroy_instance("db", "fra-2") == "fra-2"
    assert names(fake) == ["iad", "iad-2", "fra", "fra-3"]
    path = "/v1/organizations/org/databases/db/instances/fra-2"
    assert [(r.method, r.path, r.status) for r in fake.requests] == [("DELETE", path, 200)]


async def test_exhausted_retries_raise_the_servers_own_error(fake: FakeTurso, fast: RetryPolicy) -> None:
    fake.inject(Fault.status(503, body=b'{"error":"maintenance"}'), times=9)
    async with fake.client(organization="org", retry=fast) as turso:
        with pytest.raises(ServerError, match="maintenance") as caught:
            await turso.destroy_instance("db", "fra")
    assert caught.value.attempts == 4


async def test_retry_after_is_a_floor_and_above_the_cap_a_failure(
    fake: FakeTurso, fast: RetryPolicy, sleeps: Sleeps
) -> None:
    fake.inject(Fault.status(429, headers={"Retry-After": "60"}))
    async with fake.client(organization="org", retry=fast) as turso:
        await turso.destroy_instance("db", "fra")
        assert len(sleeps) == 1
        assert sleeps[0] > 60
        fake.inject(Fault.status(429, headers={"Retry-After": "61"}))
        with pytest.raises(RateLimitedError) as caught:
            await turso.destroy_instance("db", "fra-2")
    assert (caught.value.retry_after, caught.value.attempts) == (61, 1)


async def test_no_answer_is_a_timeout_of_our_own(fake: FakeTurso) -> None:
    fake.inject(Fault.hang())
    async with fake.client(organization="org", retry=None, timeout=0.1) as turso:
        with pytest.raises(RequestTimeoutError) as caught:
            await turso.destroy_instance("db", "fra")
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.attempts == 1


async def test_no_wait_starts_that_cannot_end_in_time(fake: FakeTurso, sleeps: Sleeps) -> None:
    fake.inject(Fault.status(429, headers={"Retry-After": "50"}))
    settings = {"retry": RetryPolicy(sleep=sleeps), "timeout": Timeout(total=10)}
    async with fake.client(organization="org", **settings) as turso:
        with pytest.raises(RateLimitedError):
            await turso.destroy_instance("db", "fra")
    assert not sleeps


async def test_a_refused_connection_was_never_sent(sleeps: Sleeps) -> None:
    retry = RetryPolicy(sleep=sleeps)
    async with TursoClient("t", organization="org", base_url="http://127.0.0.1:1", retry=retry) as turso:
        with pytest.raises(NotSentError) as caught:
            await turso.destroy_instance("db", "fra")
    assert (caught.value.attempts, caught.value.maybe_applied, len(sleeps)) == (0, False, 3)


@pytest.mark.parametrize(
    "raw",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_an_unreadable_answer_is_never_a_bad_request(fake: FakeTurso, raw: bytes) -> None:
    fake.inject(Fault.raw(raw))
    async with fake.client(organization="org", retry=None) as turso:
        with pytest.raises(ProtocolError) as caught:
            await turso.destroy_instance("db", "fra")
    assert caught.value.maybe_applied


async def test_an_answer_that_names_another_instance_is_not_a_success(fake: FakeTurso) -> None:
    fake.inject(Fault.status(200, body=b'{"instance":"other"}'))
    async with fake.client(organization="org") as turso:
        with pytest.raises(DecodeError) as caught:
            await turso.destroy_instance("db", "fra")
    assert (caught.value.attempts, caught.value.maybe_applied) == (1, True)


async def test_a_create_is_not_repeated_after_a_lost_answer(fake: FakeTurso, fast: RetryPolicy) -> None:
    fake.inject(Fault.drop_after(), method="POST")
    async with fake.client(organization="org", retry=fast) as turso:
        with pytest.raises(OutcomeUnknownError):
            await turso.instances.create("db", "lhr")
    assert len(fake.requests) == 1


async def test_cancellation_leaves_at_once(fake: FakeTurso) -> None:
    fake.inject(Fault.hang(), times=9)
    async with fake.client(organization="org") as turso:
        call = asyncio.create_task(turso.destroy_instance("db", "fra"))
        while not fake.requests:
            await asyncio.sleep(0.001)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert len(fake.requests) == 1


async def test_a_queued_call_does_not_time_out_in_the_queue(fake: FakeTurso) -> None:
    with virtual_time() as clock:

        def slow(_: object) -> None:
            clock.turned += 50

        settings: dict[str, Any] = {"timeout": Timeout(attempt=60, total=60), "on_request": slow}
        async with fake.client(organization="org", max_connections=1, retry=None, **settings) as turso:
            await asyncio.gather(
                *(turso.destroy_instance("db", n) for n in ("iad-2", "fra", "fra-2", "fra-3"))
            )
    assert names(fake) == ["iad"]


async def test_the_pool_works_after_a_cancelled_burst(fake: FakeTurso) -> None:
    fake.inject(Fault.hang(), times=2)
    async with fake.client(organization="org", max_connections=2) as turso:
        calls = [asyncio.create_task(turso.destroy_instance("db", "fra")) for _ in range(50)]
        while len(fake.requests) < 2:
            await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert await turso.destroy_instance("db", "fra") == "fra"
        assert "0/2 in flight" in repr(turso)


async def test_a_grouped_refusal_names_the_way(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        with pytest.raises(BadRequestError, match=r"groups\.remove_location"):
            await turso.destroy_instance("grouped", "fra")


async def test_a_borrowed_session_is_left_open(fake: FakeTurso) -> None:
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        async with fake.client(organization="org", session=session) as turso:
            with pytest.raises(NotFoundError):
                await turso.destroy_instance("db", "nope")
        assert not session.closed


async def test_a_call_after_close_names_the_reason(fake: FakeTurso) -> None:
    turso = fake.client(organization="org")
    await asyncio.gather(turso.close(), turso.close())
    with pytest.raises(ClientClosedError):
        await turso.destroy_instance("db", "fra")


def test_a_client_made_before_any_loop_works_in_two_loops_in_turn() -> None:
    async def one(turso: TursoClient) -> None:
        async with FakeTurso(port=turso.base_url.port or 0) as server:
            server.add_database("db", organization="org", instances={"iad": 1})
            await turso.instances.list("db")

    async def free_port() -> int:
        async with FakeTurso() as server:
            return int(server.base_url.rsplit(":", 1)[1])

    port = asyncio.run(free_port())
    turso = TursoClient("fake-platform-token", organization="org", base_url=f"http://127.0.0.1:{port}")
    asyncio.run(one(turso))
    asyncio.run(one(turso))
    asyncio.run(turso.close())


async def test_a_token_provider_is_called_once_more_after_a_401(fake: FakeTurso) -> None:
    tokens = ["old", fake.token]

    async def provider() -> str:
        return tokens.pop(0)

    async with fake.client(organization="org", token=provider, retry=None) as turso:
        assert await turso.destroy_instance("db", "fra") == "fra"
    assert [r.status for r in fake.requests] == [401, 200]


async def test_the_escape_hatch_and_another_organization_share_the_pool(fake: FakeTurso) -> None:
    async with fake.client() as turso:
        path = ("v1", "organizations", "org", "databases", "db", "instances")
        assert len((await turso.request("GET", *path))["instances"]) == 5
        assert len(await turso.with_organization("org").instances.list("db")) == 5
