"""Bounds that a call keeps: of an answer's size, of retries, of connections, and of what a token may reach."""

import asyncio
import gzip

import pytest
from sleeps import Sleeps

from aioturso import (
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    UnauthorizedError,
)
from aioturso.testing import FakeTurso, Fault


async def test_a_body_that_unfolds_past_the_cap_is_refused(fake: FakeTurso) -> None:
    body = gzip.compress(b" " * (33 * 1024 * 1024))
    fake.inject(Fault.status(200, headers={"Content-Encoding": "gzip"}, body=body))
    async with fake.client(organization="org", retry=None) as turso:
        with pytest.raises(ProtocolError, match="larger"):
            await turso.instances.list("db")


async def test_a_call_that_finds_the_budget_empty_fails_with_its_own_error(
    fake: FakeTurso, sleeps: Sleeps
) -> None:
    fake.inject(Fault.status(503), times=99)
    async with fake.client(organization="org", retry=RetryPolicy(budget=4, sleep=sleeps)) as turso:
        attempts = []
        for _ in range(3):
            with pytest.raises(ServerError) as caught:
                await turso.destroy_instance("db", "fra")
            attempts.append(caught.value.attempts)
    assert attempts == [4, 2, 1]


async def test_concurrent_calls_keep_their_own_attempts_and_errors(
    fake: FakeTurso, fast: RetryPolicy
) -> None:
    for n in range(50):
        fake.inject(Fault.status(503), path=f"/x{n}", times=2)
        fake.inject(Fault.status(429, body=b'{"error":"own %d"}' % n), path=f"/y{n}", times=4)
    async with fake.client(organization="org", retry=fast) as turso:
        calls = [turso.destroy_instance("db", f"{kind}{n}") for kind in "xy" for n in range(50)]
        errors = await asyncio.gather(*calls, return_exceptions=True)
    # A 503 may have taken effect, so the 404 that follows means destroyed.
    assert errors[:50] == [f"x{n}" for n in range(50)]
    assert all(isinstance(e, RateLimitedError) and e.attempts == 4 for e in errors[50:])
    assert [e.message for e in errors[50:] if isinstance(e, RateLimitedError)] == [
        f"own {n}" for n in range(50)
    ]


async def test_an_error_answer_frees_its_connection(fake: FakeTurso, fast: RetryPolicy) -> None:
    fake.inject(Fault.status(503, body=b"x" * 500_000))
    async with fake.client(organization="org", retry=fast, max_connections=1) as turso:
        assert await turso.destroy_instance("db", "fra") == "fra"
        assert "0/1 in flight" in repr(turso)


async def test_a_bad_token_aborts_a_teardown_at_its_list(fake: FakeTurso) -> None:
    async with fake.client(organization="org", token="not.a.token") as turso:
        with pytest.raises(UnauthorizedError, match="jwt"):
            await turso.destroy_by_location("db", "fra")
    assert [r.method for r in fake.requests] == ["GET"]


async def test_another_organization_is_never_fallen_back_to(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        with pytest.raises(NotFoundError):
            await turso.with_organization("other").destroy_instance("db", "fra")
    assert len(fake.instances("org", "db")) == 5
