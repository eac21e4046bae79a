"""The pytest plugin: `fake_turso`, a running FakeTurso, and `turso`, a client for it.

They work in tests of pytest-asyncio (auto and strict), of anyio on asyncio, and in plain synchronous ones.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .server import FakeTurso, TursoClient

__all__: list[str] = []  # fixtures are found by pytest, not imported


def pytest_configure(config: pytest.Config) -> None:
    """Where pytest-asyncio is at work, add the fixture that it has to run; nothing here may need it."""
    asyncio_plugin = sys.modules.get("pytest_asyncio.plugin")
    if asyncio_plugin is not None and config.pluginmanager.is_registered(asyncio_plugin):
        from . import _pytest_asyncio

        config.pluginmanager.register(_pytest_asyncio)


@pytest.fixture
def fake_turso() -> Iterator[FakeTurso]:
    """A fake platform with organization `demo` and in it the group `default`; in a thread, so in no test's way."""
    from .server import FakeTurso

    with FakeTurso() as fake:
        fake.add_group("default", organization="demo")
        yield fake


@pytest.fixture
def turso_settings() -> dict[str, Any]:
    """Arguments for the client of `turso`; override it to set your own."""
    return {}


@pytest.fixture
def turso(request: pytest.FixtureRequest) -> TursoClient:
    """A TursoClient for `fake_turso`, organization `demo`; closed in the event loop of the test."""
    if not inspect.iscoroutinefunction(request.function):
        name = "_turso_without_loop"
    elif "anyio_backend" in request.fixturenames:
        name = "_turso_in_anyio"
    else:
        name = f"_turso_in_{_loop_scope(request)}_loop"
    client: TursoClient = request.getfixturevalue(name)
    return client


def _loop_scope(request: pytest.FixtureRequest) -> str:
    """Whose event loop pytest-asyncio runs this test in: a function's, a class's, a module's..."""
    mark = request.node.get_closest_marker("asyncio")
    named = mark.kwargs.get("loop_scope") if mark else None
    return str(named or request.config.getini("asyncio_default_test_loop_scope"))


@pytest.fixture
def _turso_client(fake_turso: FakeTurso, turso_settings: dict[str, Any]) -> TursoClient:
    return fake_turso.client(**{"organization": "demo", **turso_settings})


@pytest.fixture
def _turso_without_loop(_turso_client: TursoClient) -> Iterator[TursoClient]:
    yield _turso_client
    asyncio.run(_turso_client.close())


@pytest.fixture
async def _turso_in_anyio(_turso_client: TursoClient) -> AsyncIterator[TursoClient]:
    async with _turso_client as client:
        yield client
