"""A client of the fake whose retries do not wait, and groups with databases in them."""

from collections.abc import AsyncIterator

import pytest

from aioturso import RetryPolicy, TursoClient
from aioturso.testing import FakeTurso


@pytest.fixture
async def fake() -> AsyncIterator[FakeTurso]:
    async with FakeTurso() as server:
        for group in ("g", "h"):
            server.add_group(group, organization="org")
        server.add_database("old", organization="org", group="g")
        server.add_database("other", organization="org", group="h")
        yield server


@pytest.fixture
async def turso(fake: FakeTurso, fast: RetryPolicy) -> AsyncIterator[TursoClient]:
    async with fake.client(organization="org", retry=fast) as client:
        yield client
