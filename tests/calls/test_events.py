"""The hooks and the log of a call: one event for each attempt and each retry, and no hook decides anything."""

import asyncio
import logging

import pytest
from raw import RawServer, answer
from sleeps import Sleeps

from aioturso import ClientClosedError, NotFoundError, RequestEvent, RetryEvent, RetryPolicy
from aioturso.testing import FakeTurso, Fault


async def test_each_attempt_and_each_retry_is_an_event(fake: FakeTurso, fast: RetryPolicy) -> None:
    requests: list[RequestEvent] = []
    retries: list[RetryEvent] = []
    fake.inject(Fault.status(503, body=b'{"error":"busy"}'), method="DELETE")
    hooks = {"on_request": requests.append, "on_retry": retries.append}
    async with fake.client(organization="org", retry=fast, **hooks) as turso:
        await turso.destroy_instance("db", "fra")
    assert [(e.operation, e.method, e.attempt, e.status) for e in requests] == [
        ("destroy instance", "DELETE", 1, 503),
        ("destroy instance", "DELETE", 2, 200),
    ]
    assert {"fra", "db", "org"}.isdisjoint(requests[0].path.split("/"))
    assert [(e.attempts, str(e.error)) for e in retries] == [
        (1, "destroy instance db/fra (organization org): 503 busy")
    ]


async def test_an_attempt_that_was_not_sent_is_an_event_without_number_and_status(fast: RetryPolicy) -> None:
    events: list[RequestEvent] = []
    async with FakeTurso() as server:
        turso = server.client(organization="org", retry=None, on_request=events.append)
    async with turso:
        with pytest.raises(ConnectionError):
            await turso.destroy_instance("db", "fra")
    assert [(e.attempt, e.status) for e in events] == [(0, None)]


@pytest.mark.parametrize("error", [RuntimeError("hook"), asyncio.CancelledError()])
async def test_a_hook_that_fails_is_logged_and_decides_nothing(
    fake: FakeTurso, fast: RetryPolicy, caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    def hook(event: object) -> None:
        raise error

    fake.inject(Fault.status(429), method="DELETE")
    async with fake.client(organization="org", retry=fast, on_request=hook, on_retry=hook) as turso:
        assert await turso.destroy_instance("db", "fra") == "fra"
        with pytest.raises(NotFoundError):
            await turso.destroy_instance("db", "fra")
    assert [r.message for r in caplog.records if r.levelno == logging.ERROR] == [
        "the hook for RequestEvent failed",
        "the hook for RetryEvent failed",
        "the hook for RequestEvent failed",
        "the hook for RequestEvent failed",
    ]


async def test_a_retry_is_one_line_in_the_log(
    fake: FakeTurso, sleeps: Sleeps, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "aioturso")
    fake.inject(Fault.status(429, body=b'{"error":"slow down"}', headers={"Retry-After": "2"}))
    async with fake.client(organization="org", retry=RetryPolicy(sleep=sleeps)) as turso:
        await turso.destroy_instance("db", "fra")
    said = f"destroy instance db/fra (organization org): 429 slow down (the server requires a wait of 2 s); attempt 1 failed, retrying in {sleeps[0]:.2f} s"
    assert [(r.name, r.levelname, r.message) for r in caplog.records] == [("aioturso", "INFO", said)]


async def test_a_call_in_its_back_off_ends_when_the_client_is_closed() -> None:
    async with RawServer(answer(429, {}, "Retry-After: 30")) as raw:
        turso = raw.client()
        call = asyncio.create_task(turso.destroy_instance("db", "a"))
        await raw.seen(1)
        while turso._calls.pool.in_flight:
            await asyncio.sleep(0)
        await turso.close()
        with pytest.raises(ClientClosedError) as caught:
            await call
    assert (caught.value.attempts, caught.value.maybe_applied) == (1, False)


async def test_an_attempt_that_is_sent_once_more_with_another_token_is_one_event(fake: FakeTurso) -> None:
    events, tokens = list[RequestEvent](), iter(["old", fake.token])

    async def provider() -> str:
        return next(tokens)

    async with fake.client(organization="org", token=provider, on_request=events.append) as turso:
        await turso.destroy_instance("db", "fra")
    assert [request.status for request in fake.requests] == [401, 200]
    assert [(event.attempt, event.status) for event in events] == [(2, 200)]
