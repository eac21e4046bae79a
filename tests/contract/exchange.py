"""The requests and answers of calls and the fake over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from attrs import frozen
from calls import calls
from contract_world import ORG, Call, database_file, furnish
from differences import TWICE
from vendor_schema import Declared, find

from aioturso import APIError
from aioturso.testing import FakeTurso, server
from aioturso.testing.routes import Answer, Asked
from aioturso.testing.state import State


@frozen
class Exchange:
    """A request that came over a socket, and what the fake answered."""

    asked: Asked
    answer: Answer

    @property
    def operation(self) -> Declared | None:
        found = find(self.asked.method, self.asked.path)
        other = found is not None and found.key in TWICE and "deleted=true" not in self.asked.query
        return None if other else found


@contextmanager
def recorded() -> Iterator[list[Exchange]]:
    """Each request that reaches any fake in the meantime, with its answer."""
    seen: list[Exchange] = []
    answer = server.answer

    def recording(state: State, asked: Asked) -> Answer:
        seen.append(Exchange(asked, answer(state, asked)))
        return seen[-1].answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "answer", recording)
        yield seen


async def called(call: Call) -> list[Exchange]:
    """What a call exchanges in a world of its own."""
    async with FakeTurso() as fake:
        await furnish(fake)
        async with fake.client(organization=ORG, retry=None) as turso:
            with recorded() as exchanges:
                with suppress(APIError):  # a test that expects none looks at the statuses
                    await call(turso)
    return exchanges


@cache
def exchanges() -> list[Exchange]:
    """What all calls exchange."""

    async def everything(directory: str) -> list[Exchange]:
        each = [call for several in calls(database_file(Path(directory))).values() for call in several]
        return [exchange for call in each for exchange in await called(call)]

    with TemporaryDirectory() as directory:
        return asyncio.run(everything(directory))
