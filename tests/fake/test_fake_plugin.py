"""The pytest plugin, in pytest runs of its own: every mode of every plugin that can await a test."""

import tomllib
from pathlib import Path

import pytest

import pytest_aioturso

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
ANYIO = "\n@pytest.fixture\ndef anyio_backend():\n    return {backend!r}\n"


@pytest.fixture(autouse=True)
def no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(pytester: pytest.Pytester, *plugins: str, mode: str = "strict") -> pytest.RunResult:
    """Run the tests there, with these plugins besides the fake's own, and warnings as errors."""
    options = ["-W", "error", *(part for plugin in ("aioturso", *plugins) for part in ("-p", plugin))]
    if ASYNCIO in plugins:
        options += ["-o", f"asyncio_mode={mode}", "-o", "asyncio_default_fixture_loop_scope=function"]
    return pytester.runpytest_subprocess(*options)


def without(pytester: pytest.Pytester, module: str) -> None:
    """Let that module be one that is not installed."""
    pytester.makepyfile(sitecustomize=f"import sys\nsys.modules[{module!r}] = None")


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_it_works_with_pytest_asyncio(pytester: pytest.Pytester, mode: str) -> None:
    pytester.makepyfile(BODY.format(mark="asyncio"))
    run(pytester, ASYNCIO, mode=mode).assert_outcomes(passed=3)


def test_it_works_without_a_mark_in_auto_mode(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(BODY.format(mark="filterwarnings('error')"))
    run(pytester, ASYNCIO, mode="auto").assert_outcomes(passed=3)


def test_in_strict_mode_without_a_mark_it_names_the_mark(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(BODY.format(mark="filterwarnings('error')"))
    result = run(pytester, ASYNCIO, mode="strict")
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(["*needs @pytest.mark.asyncio, or asyncio_mode = auto*"])


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_the_client_is_closed_in_the_loop_of_its_test(pytester: pytest.Pytester, mode: str) -> None:
    scopes = ("function", "module", "package", "session")
    files = {f"test_{scope}": BODY.format(mark=f"asyncio(loop_scope={scope!r})") for scope in scopes}
    pytester.makepyfile(__init__="", **files)
    run(pytester, ASYNCIO, mode=mode).assert_outcomes(passed=3 * len(scopes))


def test_the_client_is_closed_in_the_loop_of_its_class(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio
        import pytest

        @pytest.mark.asyncio(loop_scope="class")
        class TestInAClass:
            loops = set()

            async def test_a_call(self, turso):
                assert await turso.databases.list() == []
                self.loops.add(asyncio.get_running_loop())

            async def test_another_one(self, turso):
                assert await turso.databases.list() == []
                assert asyncio.get_running_loop() in self.loops
        """
    )
    run(pytester, ASYNCIO).assert_outcomes(passed=2)


def test_it_works_with_anyio_beside_pytest_asyncio(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(BODY.format(mark="anyio") + ANYIO.format(backend="asyncio"))
    run(pytester, "anyio", ASYNCIO).assert_outcomes(passed=3)


def test_it_works_with_anyio_where_pytest_asyncio_is_not_installed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(BODY.format(mark="anyio") + ANYIO.format(backend=("asyncio", {"debug": True})))
    without(pytester, "pytest_asyncio")
    run(pytester, "anyio").assert_outcomes(passed=3)


@pytest.mark.parametrize("backend", ["trio", ("trio", {"restrict_keyboard_interrupt_to_checkpoints": True})])
def test_on_trio_it_reports_that_it_needs_asyncio(pytester: pytest.Pytester, backend: object) -> None:
    pytester.makepyfile(BODY.format(mark="anyio") + ANYIO.format(backend=backend))
    result = run(pytester, "anyio")
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(["*the fixture turso needs asyncio:*does not run on trio*"])


def test_under_the_mark_of_pytest_trio_it_reports_that_it_needs_asyncio(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmarkers = trio")
    pytester.makepyfile(BODY.format(mark="trio"))
    result = run(pytester, ASYNCIO)
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(["*the fixture turso needs asyncio:*does not run on trio*"])


def test_where_nothing_awaits_tests_it_names_what_does(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmarkers = asyncio")
    pytester.makepyfile(BODY.format(mark="asyncio"))
    without(pytester, "pytest_asyncio")
    result = run(pytester)
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(
        ["*needs pytest-asyncio (pip install pytest-asyncio) and @pytest.mark.asyncio, or anyio and @*anyio*"]
    )


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
    run(pytester).assert_outcomes(passed=2)


def test_a_fault_that_no_request_has_met_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from aioturso.testing import Fault

        def test_it(fake_turso):
            fake_turso.inject(Fault.status(503), method="delete", path="/mispelt")
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*injected faults that no request has met: status 503 for DELETE .../mispelt"]
    )


def test_loading_it_loads_neither_the_library_nor_aiohttp(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it():
            assert [name for name in sys.modules if name.split(".")[0] in ("aioturso", "aiohttp")] == []
        """
    )
    run(pytester, ASYNCIO, "anyio").assert_outcomes(passed=1)


def test_the_wheel_and_the_source_have_it_and_pytest_finds_it() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    targets = project["tool"]["hatch"]["build"]["targets"]
    assert "pytest_aioturso.py" in targets["wheel"]["only-include"]
    assert "/pytest_aioturso.py" in targets["sdist"]["include"]
    assert project["project"]["entry-points"]["pytest11"] == {"aioturso": pytest_aioturso.__name__}
