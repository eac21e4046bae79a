"""A client of the fake whose retries do not wait."""

from collections.abc import AsyncIterator

import pytest

from aioturso import RetryPolicy, TursoClient
from aioturso.testing import FakeTurso


@pytest.fixture
async def turso(fake: FakeTurso, fast: RetryPolicy) -> AsyncIterator[TursoClient]:
    async with fake.client(organization="org", retry=fast) as client:
        yield client
