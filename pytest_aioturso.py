"""The pytest plugin of aioturso: `fake_turso`, a running FakeTurso, and `turso`, a client for it.

They work in tests of pytest-asyncio (auto and strict), of anyio on asyncio, and in synchronous ones. pytest imports
this file whenever it starts, so nothing of aioturso or aiohttp is imported before a fixture is used.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aioturso import TursoClient
    from aioturso.testing import FakeTurso

__all__ = ["fake_turso", "turso", "turso_settings"]
_SCOPES = ("function", "class", "module", "package", "session")
_NEEDS_ASYNCIO = "the fixture turso needs asyncio: aioturso is built on aiohttp, which does not run on trio"
_NEEDS_PLUGIN = (
    "in an async test the fixture turso needs pytest-asyncio (pip install pytest-asyncio) and @pytest.mark.asyncio, "
    "or anyio and @pytest.mark.anyio"
)
_NEEDS_MARK = "in an async test the fixture turso needs @pytest.mark.asyncio, or asyncio_mode = auto in the settings of pytest"


def pytest_configure(config: pytest.Config) -> None:
    """Adds, where pytest-asyncio is at work, the fixtures that it has to run; nothing else here needs it."""
    if _pytest_asyncio(config):
        config.pluginmanager.register(_closed_by_pytest_asyncio(), "aioturso-in-pytest-asyncio")


def _pytest_asyncio(config: pytest.Config) -> bool:
    plugin = sys.modules.get("pytest_asyncio.plugin")
    return plugin is not None and config.pluginmanager.is_registered(plugin)


@pytest.fixture
def fake_turso() -> Iterator[FakeTurso]:
    """A fake platform with organization `demo` and in it the group `default`; in a thread of its own.

    A test that injects a fault which no request meets fails, as it does not test what it seems to.
    """
    from aioturso.testing import FakeTurso

    with FakeTurso() as fake:
        fake.add_group("default", organization="demo")
        yield fake
    if unused := fake.unused_faults:
        faults = "; ".join(map(str, unused))
        pytest.fail(f"injected faults that no request has met: {faults}", pytrace=False)


@pytest.fixture
def turso_settings() -> dict[str, Any]:
    """Arguments for the client of `turso`; override it to set your own."""
    return {}


@pytest.fixture
def turso(request: pytest.FixtureRequest) -> TursoClient:
    """A TursoClient for `fake_turso`, organization `demo`; closed in the event loop of the test."""
    client: TursoClient = request.getfixturevalue(_fixture_for(request))
    return client


def _fixture_for(request: pytest.FixtureRequest) -> str:
    """Returns the name of the fixture that closes the client where the test runs."""
    if not inspect.iscoroutinefunction(request.function):
        return "_turso_without_loop"
    if "anyio_backend" in request.fixturenames:
        backend = request.getfixturevalue("anyio_backend")
        if "trio" in (backend, backend[0]):
            pytest.fail(_NEEDS_ASYNCIO, pytrace=False)
        return "_turso_in_anyio"
    if request.node.get_closest_marker("trio"):
        pytest.fail(_NEEDS_ASYNCIO, pytrace=False)
    if not _pytest_asyncio(request.config):
        pytest.fail(_NEEDS_PLUGIN, pytrace=False)
    if request.node.get_closest_marker("asyncio") is None:  # which the auto mode adds itself
        pytest.fail(_NEEDS_MARK, pytrace=False)
    return f"_turso_in_{_loop_scope(request)}_loop"


def _loop_scope(request: pytest.FixtureRequest) -> str:
    """Returns whose event loop pytest-asyncio runs this test in: a function's, a class's, a module's..."""
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


def _closed_by_pytest_asyncio() -> ModuleType:
    """Returns one fixture for each loop that a test can be in, marked as the strict mode wants."""
    import pytest_asyncio

    def closed_in(scope: Any) -> Any:
        @pytest_asyncio.fixture(name=f"_turso_in_{scope}_loop", loop_scope=scope)
        async def fixture(_turso_client: TursoClient) -> AsyncIterator[TursoClient]:
            async with _turso_client as client:
                yield client

        return fixture

    # pytest looks for fixtures in modules and classes only.
    found = ModuleType("pytest_aioturso_loops")
    vars(found).update({scope: closed_in(scope) for scope in _SCOPES})
    return found
