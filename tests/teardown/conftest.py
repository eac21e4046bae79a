"""A client of the fake whose retries do not wait, and a clock of the system that is set."""

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
def ahead(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """By how many seconds the clock of the system is ahead, while the monotonic one has stood still."""
    seconds, system = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: system() + seconds[0])
    return seconds
