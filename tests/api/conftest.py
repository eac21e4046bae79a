"""A server that records what it is sent, a client for it, and a database file to upload."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from recorder import Recorder

from aioturso import TursoClient


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with Recorder() as recorder:
        yield recorder


@pytest.fixture
async def turso(server: Recorder) -> AsyncIterator[TursoClient]:
    async with TursoClient("platform-token", organization="org", base_url=server.url, retry=None) as client:
        yield client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "local.db"
    connection = sqlite3.connect(made)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("INSERT INTO t VALUES (zeroblob(3000000))")
    connection.commit()
    connection.close()
    return made
