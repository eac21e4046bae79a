"""What every test has: a clean environment, a loop of choice, a bound for random examples, the fake and its world."""

import asyncio
import os
import signal
import warnings
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings
from sleeps import Sleeps

from aioturso import RetryPolicy
from aioturso.testing import FakeTurso

EXAMPLES = int(os.environ.get("AIOTURSO_EXAMPLES", "0"))
settings.register_profile(
    "suite",
    max_examples=EXAMPLES or 150,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("suite")

# What programs need to start. All else is the caller's: proxies, colours, widths, credentials, options of Python.
KEPT = {"PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "PATHEXT", "COMSPEC", "VIRTUAL_ENV"}
KEPT |= {"TURSO_OPENAPI", "TURSO_TYPESCRIPT", "AIOTURSO_EXAMPLES", "AIOTURSO_LOOP"}
KEPT_PREFIXES = ("LD_", "DYLD_", "COV_", "COVERAGE_", "PYTEST_XDIST_", "PYTEST_CURRENT_")


def pytest_configure(config: pytest.Config) -> None:
    """Cleans what tests and their subprocesses would inherit, before anything reads it."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    for name in set(os.environ) - KEPT:
        if not name.startswith(KEPT_PREFIXES):
            patch.delenv(name)
    for name in (
        "COLUMNS",
        "LINES",
    ):  # readline, which pytest loads, sets them without the knowledge of `os.environ`
        os.unsetenv(name)
    # All servers are on this machine: to load the certificates of the system takes a command a tenth of its start.
    patch.setenv("SSL_CERT_FILE", os.devnull)
    patch.setenv("SSL_CERT_DIR", os.devnull)
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # a program in the background starts with an ignored Ctrl-C
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    if os.environ.get("AIOTURSO_LOOP") == "uvloop":
        use_uvloop()


def use_uvloop() -> None:
    import uvloop

    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # there is no other way to reach `asyncio.run` too
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


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
