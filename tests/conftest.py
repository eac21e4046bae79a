from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from aioturso import RetryPolicy
from aioturso.testing import FakeTurso

RawServer = Callable[[list[bytes | None]], Awaitable[tuple[str, list[str]]]]


class Sleeps(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
def fast(sleeps: Sleeps) -> RetryPolicy:
    return RetryPolicy(sleep=sleeps)


@pytest.fixture
async def fake() -> AsyncIterator[FakeTurso]:
    async with FakeTurso() as server:
        server.add_database("db", organization="org", instances={"iad": 2, "fra": 3}, primary="iad")
        server.add_database("grouped", organization="org", group="g", instances={"iad": 1, "fra": 3})
        yield server
