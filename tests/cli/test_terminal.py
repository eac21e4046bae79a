"""The command line in a real pseudo-terminal."""

import json
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="a pseudo-terminal needs a Unix")

from command import wait_for
from terminal import CTRL_C, CTRL_D, Terminal

from aioturso.testing import FakeTurso, Fault

DESTROY = ("destroy", "databases", "--match", "preview-*")


@pytest.mark.parametrize(("keys", "code"), [("\n", 2), (CTRL_D, 2), (CTRL_C, 130)])
def test_only_a_yes_destroys(world: FakeTurso, env: dict[str, str], keys: str, code: int) -> None:
    with Terminal(*DESTROY, env=env, columns=24) as terminal:
        terminal.read_until("[y/N]")
        assert " database preview-0," in terminal.output
        terminal.press(keys)
        assert terminal.code() == code
        assert "\naioturso: " in terminal.output and "nothing was destroyed" in terminal.output
    assert not world.sent("DELETE")


def test_only_a_yes_restores(world: FakeTurso, env: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    line = {"kind": "database", "organization": "org", "database": "preview-1", "status": "destroyed"}
    log.write_text(json.dumps({**line, "uuid": world.databases("org")[1].uuid}))
    world.remove_database("preview-1", organization="org")
    with Terminal("undo", str(log), env=env) as terminal:
        terminal.read_until("Restore 1 database in the organization org? [y/N]")
        terminal.press("\n")
        assert terminal.code() == 2
        assert "not confirmed; nothing was restored" in terminal.output


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


def test_the_second_ctrl_c_stops_at_once_and_reports_what_is_known(
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


def test_an_exclusion_that_matches_nothing_is_shown_and_must_be_confirmed(
    world: FakeTurso, env: dict[str, str], tmp_path: Path
) -> None:
    plan = str(tmp_path / "plan.json")
    with Terminal("plan", *DESTROY[1:], "--exclude", "prevew-1", "-o", plan, env=env) as terminal:
        assert terminal.code() == 0
        assert "matched nothing: exclusion 'prevew-1'" in terminal.output
    with Terminal("apply", plan, env=env) as terminal:
        terminal.read_until("[y/N]")
        assert "matched nothing: exclusion 'prevew-1'" in terminal.output
        terminal.press("y\n")
        assert terminal.code() == 0
    assert not world.databases("org")


def test_sigterm_while_it_waits_for_an_answer_ends_it(world: FakeTurso, env: dict[str, str]) -> None:
    with Terminal(*DESTROY, env=env) as terminal:
        terminal.read_until("[y/N]")
        terminal.process.terminate()
        assert terminal.code() == 143
        assert "interrupted; nothing was destroyed" in terminal.output
        assert "Fatal" not in terminal.output
    assert not world.sent("DELETE")


def test_the_question_about_json_is_on_stderr(world: FakeTurso, env: dict[str, str]) -> None:
    with Terminal(*DESTROY, "--json", env=env) as terminal:
        terminal.read_until("[y/N]")
        assert "preview-0" in terminal.output
        terminal.press("no\n")
        assert terminal.code() == 2
    assert not world.sent("DELETE")
