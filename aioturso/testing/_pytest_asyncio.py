"""The one fixture that pytest-asyncio has to run, as strict mode wants it marked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest_asyncio

if TYPE_CHECKING:
    from ..client import TursoClient


@pytest_asyncio.fixture
async def _turso_in_pytest_asyncio(_turso_client: TursoClient) -> AsyncIterator[TursoClient]:
    async with _turso_client as client:
        yield client
