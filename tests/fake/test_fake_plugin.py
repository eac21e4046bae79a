"""The pytest plugin, in pytest runs of its own: every mode of every plugin that can await a test."""

import pytest

pytest_plugins = ["pytester"]

BODY = """
import pytest
from aioturso import RetryPolicy
from aioturso.testing import Fault

MARK = pytest.mark.{mark}

@MARK
async def test_the_client_talks_to_the_fake(fake_turso, turso):
    fake_turso.add_database("my-db", organization="demo", instances={{"iad": 1, "fra": 2}})
    await turso.destroy_by_location("my-db", "fra")
    assert [i.name for i in fake_turso.instances("demo", "my-db")] == ["iad"]

@MARK
async def test_each_test_has_its_own_world(fake_turso, turso):
    assert fake_turso.databases("demo") == []
    assert fake_turso.requests == []

@MARK
class TestInAClass:
    @pytest.fixture
    def turso_settings(self):
        return {{"retry": None}}

    async def test_settings_can_be_overridden(self, fake_turso, turso):
        fake_turso.inject(Fault.status(503), times=9)
        with pytest.raises(Exception):
            await turso.instances.list("my-db")
        assert len(fake_turso.sent("GET")) == 1
"""
ASYNCIO = "pytest_asyncio.plugin"
ANYIO = '\n@pytest.fixture\ndef anyio_backend():\n    return "asyncio"\n'


@pytest.fixture(autouse=True)
def no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(pytester: pytest.Pytester, passed: int, *plugins: str, mode: str = "strict") -> None:
    """Run the tests there, with these plugins besides the fake's own, and warnings as errors."""
    options = ["-W", "error", *(part for plugin in ("aioturso", *plugins) for part in ("-p", plugin))]
    if ASYNCIO in plugins:
        options += ["-o", f"asyncio_mode={mode}", "-o", "asyncio_default_fixture_loop_scope=function"]
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=passed)


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_it_works_with_pytest_asyncio(pytester: pytest.Pytester, mode: str) -> None:
    pytester.makepyfile(BODY.format(mark="asyncio"))
    run(pytester, 3, ASYNCIO, mode=mode)


def test_it_works_without_a_mark_in_auto_mode(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(BODY.format(mark="filterwarnings('error')"))
    run(pytester, 3, ASYNCIO, mode="auto")


@pytest.mark.parametrize("loop_scope", ["module", "session"])
def test_the_client_is_closed_in_the_loop_of_its_test(pytester: pytest.Pytester, loop_scope: str) -> None:
    pytester.makepyfile(BODY.format(mark=f"asyncio(loop_scope={loop_scope!r})"))
    run(pytester, 3, ASYNCIO, mode="auto")


def test_it_works_with_anyio_beside_pytest_asyncio(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(BODY.format(mark="anyio") + ANYIO)
    run(pytester, 3, "anyio", ASYNCIO)


def test_it_works_with_anyio_where_pytest_asyncio_is_not_installed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(BODY.format(mark="anyio") + ANYIO)
    pytester.makepyfile(sitecustomize="import sys\nsys.modules['pytest_asyncio'] = None")
    run(pytester, 3, "anyio")


def test_it_works_in_a_synchronous_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio
        import json
        import urllib.request

        def test_a_client_per_run(fake_turso, turso):
            fake_turso.add_database("my-db", organization="demo")
            assert [i.name for i in asyncio.run(turso.instances.list("my-db"))] == ["iad"]

        def test_any_client(fake_turso):
            with urllib.request.urlopen(fake_turso.base_url + "/") as answer:
                assert json.load(answer) == {"server": "iad", "client": "iad"}
        """
    )
    run(pytester, 2)


def test_loading_it_loads_no_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import sys\ndef test_it():\n    assert 'aioturso.testing.server' not in sys.modules")
    run(pytester, 1)
