"""A client of the fake whose retries do not wait, and the clock of a machine that sleeps."""

import time
from collections.abc import AsyncIterator

import pytest

from aioturso import RetryPolicy, TursoClient
from aioturso.testing import FakeTurso


@pytest.fixture
async def turso(fake: FakeTurso, fast: RetryPolicy) -> AsyncIterator[TursoClient]:
    async with fake.client(organization="org", retry=fast) as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """By how many seconds the clock of the system is ahead, while the monotonic one has stood still."""
    ahead, system = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: system() + ahead[0])
    return ahead
