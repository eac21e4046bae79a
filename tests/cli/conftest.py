"""A world for the command, the environment that points at it, and the command as a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aioturso.testing import FakeTurso

COMMAND = [sys.executable, "-m", "aioturso"]
Start = Callable[..., subprocess.Popen[bytes]]


def wait_for(true: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def world() -> Iterator[FakeTurso]:
    with FakeTurso(token="very-secret-token") as fake:
        for number in range(40):
            fake.add_database(f"preview-{number}", organization="org", group="ci")
        yield fake


@pytest.fixture
def env(world: FakeTurso) -> dict[str, str]:
    return {"TURSO_BASE_URL": world.base_url, "TURSO_API_TOKEN": world.token, "TURSO_ORG": "org"}


@pytest.fixture
def start(env: dict[str, str]) -> Iterator[Start]:
    """Starts the command with pipes; what still runs at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str, command: list[str] = COMMAND, **more: Any) -> subprocess.Popen[bytes]:
        pipes: dict[str, Any] = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
        own = {"stdin": subprocess.DEVNULL, **pipes, **more}
        own["env"] = {**os.environ, **env, **more.get("env", {})}
        started.append(subprocess.Popen([*command, *arguments], **own))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()
