"""The command line in a real pseudo-terminal."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="a pseudo-terminal needs a Unix")

from terminal import CTRL_C, CTRL_D, Terminal

from aioturso.testing import FakeTurso, Fault

DESTROY = ("destroy", "databases", "--match", "preview-*")


@pytest.fixture
def world() -> Iterator[FakeTurso]:
    with FakeTurso() as fake:
        for number in range(40):
            fake.add_database(f"preview-{number}", organization="org", group="ci")
        yield fake


@pytest.fixture
def env(world: FakeTurso, request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    if getattr(request, "param", "") == "uvloop":
        pytest.importorskip("uvloop")
    else:
        (tmp_path / "uvloop.py").write_text("raise ImportError")
    return {
        "PYTHONPATH": str(tmp_path),
        "TURSO_BASE_URL": world.base_url,
        "TURSO_API_TOKEN": world.token,
        "TURSO_ORG": "org",
    }


def wait_for(true: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


both_loops = pytest.mark.parametrize("env", ["asyncio", "uvloop"], indirect=True)


@pytest.mark.parametrize(("keys", "code"), [("\n", 2), (CTRL_D, 2), (CTRL_C, 130)])
def test_only_a_yes_destroys(world: FakeTurso, env: dict[str, str], keys: str, code: int) -> None:
    with Terminal(*DESTROY, env=env, columns=24) as terminal:
        terminal.read_until("[y/N]")
        assert " database preview-0," in terminal.output
        terminal.press(keys)
        assert terminal.code() == code
        assert "nothing was destroyed" in terminal.output
    assert not world.sent("DELETE")


def test_a_yes_destroys_and_the_bar_moves(world: FakeTurso, env: dict[str, str]) -> None:
    with Terminal(*DESTROY, env=env) as terminal:
        terminal.read_until("Destroy 40 databases in the organization org? [y/N]")
        terminal.press("y\n")
        assert terminal.code() == 0
        assert "40/40" in terminal.output and "40 destroyed" in terminal.output
    assert not world.databases("org")


def test_the_first_ctrl_c_drains(world: FakeTurso, env: dict[str, str]) -> None:
    world.inject(Fault.delay(0.5), method="DELETE", times=1000)
    with Terminal(*DESTROY, "--yes", "--concurrency", "4", env=env) as terminal:
        wait_for(lambda: len(world.sent("DELETE")) == 4)
        terminal.press(CTRL_C)
        assert terminal.code() == 130
        assert "stopping" in terminal.output and "4 destroyed, 36 not attempted" in terminal.output
    assert len(world.databases("org")) == 36


@both_loops
def test_the_second_ctrl_c_stops_at_once_and_tells_what_is_known(
    world: FakeTurso, env: dict[str, str]
) -> None:
    world.inject(Fault.hang(), method="DELETE", times=1000)
    with Terminal(*DESTROY, "--yes", "--concurrency", "4", env=env) as terminal:
        wait_for(lambda: len(world.sent("DELETE")) == 4)
        terminal.press(CTRL_C)
        terminal.read_until("stopping")
        terminal.press(CTRL_C)
        assert terminal.code() == 130
        assert "4 unknown, 36 not attempted" in terminal.output
        assert "Traceback" not in terminal.output
    assert len(world.sent("DELETE")) == 4


def test_ctrl_c_while_it_lists_ends_it(world: FakeTurso, env: dict[str, str]) -> None:
    world.inject(Fault.hang(), method="GET", times=10)
    with Terminal(*DESTROY, env=env) as terminal:
        wait_for(lambda: world.requests)
        terminal.press(CTRL_C)
        assert terminal.code() == 130
        assert "interrupted; nothing was destroyed" in terminal.output


def test_what_is_piped_is_json_also_when_interrupted_and_a_reader_may_leave(
    world: FakeTurso, env: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "aioturso"]
    world.inject(Fault.delay(0.5), method="DELETE", times=1000)
    run = subprocess.Popen(
        [*command, *DESTROY, "--yes", "--json", "--concurrency", "2"],
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for(lambda: len(world.sent("DELETE")) == 2)
    run.send_signal(2)
    out, err = run.communicate(timeout=20)
    assert run.returncode == 130
    assert err.startswith(b"aioturso: stopping") and err.count(b"\n") == 1
    statuses = [outcome["status"] for outcome in json.loads(out)["outcomes"]]
    assert (statuses.count("destroyed"), statuses.count("not_attempted")) == (2, 38)
    left = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m aioturso databases list --json | true"],
        env={**os.environ, **env},
        capture_output=True,
        timeout=20,
    )
    assert left.stderr == b""
