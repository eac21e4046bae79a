"""Ctrl-C and SIGTERM at every phase: nothing more is sent, and the exit code and the last line are true."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from command import COMMAND, Start, wait_for

from aioturso.cli import main
from aioturso.cli._options import Planning
from aioturso.testing import FakeTurso, Fault

DESTROY = ("destroy", "databases", "--match", "preview-*", "--yes", "--json")
SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
each_signal = pytest.mark.parametrize(("number", "code"), SIGNALS, ids=["INT", "TERM", "HUP"])


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """Lets the commands heed what a parent of the tests may have ignored, as `nohup` does."""
    before = {number: signal.getsignal(number) for number, _ in SIGNALS}
    for number in before:
        signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out.decode(), err.decode()


def waiting_in(pipe: IO[bytes] | None) -> int:
    """The number of bytes in a pipe that its reader has not taken."""
    assert pipe is not None
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def statuses(out: str) -> list[str]:
    return [outcome["status"] for outcome in json.loads(out)["outcomes"]]


@each_signal
def test_while_it_lists_it_ends_and_nothing_was_destroyed(
    world: FakeTurso, start: Start, number: signal.Signals, code: int
) -> None:
    world.inject(Fault.hang(), method="GET", times=10)
    process = start(*DESTROY)
    wait_for(lambda: world.requests)
    process.send_signal(number)
    returned, out, err = ended(process)
    assert (returned, err) == (code, "aioturso: interrupted; nothing was destroyed\n")
    assert json.loads(out)["exit_code"] == code
    assert not world.sent("DELETE")


@each_signal
def test_while_modules_are_imported_it_ends_and_nothing_was_destroyed(
    world: FakeTurso, start: Start, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    (tmp_path / "typer.py").write_text(f"import signal\nsignal.raise_signal({int(number)})\n")
    process = start(*DESTROY, env={"PYTHONPATH": str(tmp_path)})
    assert ended(process) == (code, "", "aioturso: interrupted; nothing was destroyed\n")
    assert not world.requests


@each_signal
def test_while_options_are_read_it_ends_and_nothing_was_destroyed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    monkeypatch.setattr(Planning, "__attrs_post_init__", lambda _: signal.raise_signal(number))
    assert main(DESTROY) == code
    assert capsys.readouterr() == ("", "aioturso: interrupted; nothing was destroyed\n")


@each_signal
def test_the_first_lets_calls_on_the_wire_end_and_reports_all(
    world: FakeTurso, start: Start, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    world.inject(Fault.delay(0.5), method="DELETE", times=1000)
    log = tmp_path / "log"
    process = start(*DESTROY, "--concurrency", "2", "--audit-log", str(log))
    wait_for(lambda: len(world.sent("DELETE")) == 2)
    process.send_signal(number)
    returned, out, err = ended(process)
    assert returned == code == json.loads(out)["exit_code"]
    assert err.startswith("aioturso: stopping") and err.count("\n") == 1
    assert sorted(set(statuses(out))) == ["destroyed", "not_attempted"]
    assert statuses(out).count("destroyed") == len(world.sent("DELETE")) == 40 - len(world.databases("org"))
    written = [json.loads(line)["status"] for line in log.read_text().splitlines()]
    assert written.count("sending") == written.count("destroyed") == statuses(out).count("destroyed")


@pytest.mark.parametrize("fault", [429, 503])
def test_the_first_ends_every_wait_and_nothing_is_sent_after_it(
    world: FakeTurso, start: Start, fault: int
) -> None:
    refusal = Fault.status(fault, headers={"Retry-After": "30"})
    world.inject(refusal, method="DELETE", times=100_000)
    process = start(*DESTROY, "--concurrency", "4")
    wait_for(lambda: world.sent("DELETE"))
    time.sleep(0.3)  # the refusals are read
    process.send_signal(signal.SIGINT)
    returned, out, _ = ended(process)
    assert returned == 130
    sent = len(world.sent("DELETE"))
    assert set(statuses(out)) <= {"failed" if fault == 429 else "unknown", "not_attempted"}
    attempts = [outcome["attempts"] for outcome in json.loads(out)["outcomes"]]
    assert sum(attempts) == sent
    assert max(attempts) == 1  # a wait that ran to its end would send a second


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_the_second_stops_at_once_with_what_is_known(
    world: FakeTurso, start: Start, second: signal.Signals
) -> None:
    world.inject(Fault.hang(), method="DELETE", times=1000)
    process = start(*DESTROY, "--concurrency", "4")
    wait_for(lambda: len(world.sent("DELETE")) == 4)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert process.stderr.readline().startswith(b"aioturso: stopping")
    process.send_signal(second)
    returned, out, _ = ended(process)
    assert returned == 130
    assert (statuses(out).count("unknown"), statuses(out).count("not_attempted")) == (4, 36)
    assert len(world.sent("DELETE")) == 4


def test_while_it_verifies_it_ends_and_reports_that_it_did_not(world: FakeTurso, start: Start) -> None:
    process = start(*DESTROY, "--verify", "--concurrency", "40")
    wait_for(lambda: world.sent("DELETE"))
    world.inject(Fault.hang(), method="GET", times=10)
    wait_for(lambda: len(world.sent("GET")) == 2)
    process.send_signal(signal.SIGTERM)
    returned, out, _ = ended(process)
    report = json.loads(out)
    assert returned == 143 and set(statuses(out)) == {"destroyed"}
    assert (report["ok"], report["unverified"]) == (False, "stopped before it was verified")


@pytest.mark.parametrize("times", [1, 5])
def test_while_the_report_is_written_it_is_neither_cut_nor_denied(
    world: FakeTurso, start: Start, times: int
) -> None:
    for number in range(400):  # a report that is larger than the pipe
        world.add_database(f"preview-more-{number}", organization="org", group="ci")
    process = start(*DESTROY)
    wait_for(lambda: not world.databases("org"))
    assert process.stdout is not None
    first = os.read(process.stdout.fileno(), 1000)  # the report has begun, and the pipe is full
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    returned, rest, err = ended(process)
    report = json.loads(first.decode() + rest)
    assert (returned, err, report["exit_code"], len(report["outcomes"])) == (0, "", 0, 440)


def test_what_a_parent_has_ignored_stays_ignored(world: FakeTurso, start: Start) -> None:
    world.inject(Fault.delay(0.3), method="DELETE", times=1000)
    ignoring = "import os, signal, sys; signal.signal(2, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    process = start(*DESTROY, command=[sys.executable, "-c", ignoring, *COMMAND])
    wait_for(lambda: world.sent("DELETE"))
    process.send_signal(signal.SIGINT)
    returned, out, err = ended(process)
    assert (returned, err, set(statuses(out))) == (0, "", {"destroyed"})


def test_where_a_loop_cannot_handle_signals_the_first_drains_too(
    world: FakeTurso, start: Start, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import asyncio\n"
        "def missing(*arguments): raise NotImplementedError\n"
        "asyncio.AbstractEventLoop.add_signal_handler = missing\n"
        "asyncio.SelectorEventLoop.add_signal_handler = missing\n"
    )
    world.inject(Fault.delay(0.5), method="DELETE", times=1000)
    process = start(*DESTROY, "--concurrency", "2", env={"PYTHONPATH": str(tmp_path)})
    wait_for(lambda: len(world.sent("DELETE")) == 2)
    process.send_signal(signal.SIGINT)
    returned, out, _ = ended(process)
    assert (returned, statuses(out).count("destroyed")) == (130, len(world.sent("DELETE")))


def test_reading_names_from_a_pipe_that_never_ends_can_be_interrupted(world: FakeTurso, start: Start) -> None:
    process = start("destroy", "databases", "--names-from", "-", "--yes", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"preview-1")
    process.stdin.flush()
    wait_for(lambda: waiting_in(process.stdin) == 0)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    assert process.returncode == 143
    assert not world.requests


@pytest.mark.parametrize("command", [("undo",), ("destroy", "created")])
def test_a_record_that_is_a_pipe_without_an_end_can_be_interrupted(
    world: FakeTurso, start: Start, tmp_path: Path, command: tuple[str, ...]
) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    process = start(*command, str(pipe), "--yes")

    def is_read() -> bool:
        try:
            writers.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # nothing has opened it to read
            return False
        return True

    writers: list[int] = []
    wait_for(is_read)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (130, "", "aioturso: interrupted; nothing was destroyed\n")
    os.close(writers[0])
    assert not world.requests


def test_at_any_moment_the_code_and_the_report_agree_with_the_server(world: FakeTurso, start: Start) -> None:
    for round_ in range(6):
        for name in range(40):
            if not any(d.name == f"preview-{name}" for d in world.databases("org")):
                world.add_database(f"preview-{name}", organization="org", group="ci")
        world.clear_faults()
        world.inject(Fault.delay(0.02), method="DELETE", times=1000)
        before, heard = len(world.sent("DELETE")), len(world.requests)
        process = start(*DESTROY, "--concurrency", "4")
        wait_for(lambda heard=heard: len(world.requests) > heard)
        time.sleep(0.05 * round_)
        process.send_signal(signal.SIGINT)
        returned, out, err = ended(process)
        report, gone = json.loads(out), 40 - len(world.databases("org"))
        assert returned == report["exit_code"] and returned in (0, 130)
        if "nothing was destroyed" in err:
            assert gone == 0 and len(world.sent("DELETE")) == before
        else:
            assert statuses(out).count("destroyed") == gone and (returned == 130 or gone == 40)
