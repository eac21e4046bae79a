"""Standard streams that are closed, broken, full or slow: they change neither what is destroyed nor the exit code."""

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import COMMAND, Start, wait_for

from aioturso.testing import FakeTurso, Fault

COMMAND_LINE = shlex.join([*COMMAND, "destroy", "databases", "--match", "preview-*"])


def shell(env: dict[str, str], line: str) -> subprocess.CompletedProcess[bytes]:
    command = ["bash", "-c", f"set -o pipefail; {line}"]
    return subprocess.run(command, env={**os.environ, **env}, capture_output=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("options", "code", "gone"),
    [
        ("--yes --json >&-", 0, 40),
        ("--yes >&-", 0, 40),
        ("--yes 2>&-", 0, 40),
        ("--yes --stream >&- 2>&- <&-", 0, 40),
        ("--yes <&-", 0, 40),
        ("--dry-run <&-", 0, 0),
        ("<&-", 2, 0),
        (">&- 2>&- <&-", 2, 0),
        ("--yes --max-targets 1 2>&-", 2, 0),
        ("--yes --json >/dev/full", 0, 40),
        ("--yes --json 2>/dev/full", 0, 40),
        ("--yes --json | true", 0, 40),
        ("--yes | true", 0, 40),
        ("--yes --stream | head -n 1", 0, 40),
    ],
)
def test_a_stream_that_cannot_be_used_changes_neither_the_work_nor_the_code(
    world: FakeTurso, env: dict[str, str], options: str, code: int, gone: int
) -> None:
    done = shell(env, f"{COMMAND_LINE} {options}")
    assert (done.returncode, 40 - len(world.databases("org"))) == (code, gone)
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr


def test_a_full_disk_under_stdout_is_no_matter_where_python_buffers_nothing_either(
    world: FakeTurso, env: dict[str, str]
) -> None:
    done = shell({**env, "PYTHONUNBUFFERED": "1"}, f"{COMMAND_LINE} --yes >/dev/full")
    assert (done.returncode, world.databases("org")) == (0, [])


def test_a_report_that_is_lost_is_no_secret(world: FakeTurso, env: dict[str, str]) -> None:
    done = shell(env, f"{COMMAND_LINE} --yes --json >/dev/full")
    assert (
        done.stderr
        == b"aioturso: stdout could not be written, the exit code holds: No space left on device\n"
    )


def test_the_audit_log_does_not_take_the_number_of_a_closed_stream(
    world: FakeTurso, env: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    done = shell(env, f"{COMMAND_LINE} --yes --verbose --audit-log {log} >&- 2>&-")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert done.returncode == 0 and len(lines) == 80


def test_a_reader_of_a_list_may_leave(world: FakeTurso, env: dict[str, str]) -> None:
    done = shell(env, f"{shlex.join(COMMAND)} databases list --json | true")
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_slow_reader_of_the_lines_does_not_hold_the_run_up(world: FakeTurso, start: Start) -> None:
    for number in range(600):  # more lines than a pipe holds
        world.add_database(f"preview-more-{number}", organization="org", group="ci")
    process = start("destroy", "databases", "--match", "preview-*", "--yes", "--stream")
    wait_for(lambda: not world.databases("org"))
    out, _ = process.communicate(timeout=60)
    *outcomes, last = map(json.loads, out.splitlines())
    assert (process.returncode, len(outcomes), last["exit_code"]) == (0, 640, 0)


def test_lines_come_while_the_run_is_under_way(world: FakeTurso, start: Start) -> None:
    world.inject(Fault.hang(), method="DELETE", path="/preview-39")
    process = start("destroy", "databases", "--match", "preview-*", "--yes", "--stream", "--concurrency", "4")
    assert process.stdout is not None
    names = {json.loads(process.stdout.readline())["database"] for _ in range(39)}
    assert len(names) == 39 and process.poll() is None


def test_a_pipe_that_does_not_block_gets_all_of_the_json(world: FakeTurso, env: dict[str, str]) -> None:
    for number in range(600):
        world.add_database(f"preview-more-{number}", organization="org", group="ci")
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    own = {**os.environ, **env}
    command = [*COMMAND, "destroy", "databases", "--match", "preview-*", "--yes", "--json"]
    process = subprocess.Popen(command, stdout=writer, env=own, stdin=subprocess.DEVNULL)
    os.close(writer)
    wait_for(lambda: not world.databases("org"))
    time.sleep(0.3)  # the pipe is full by now
    with open(reader) as pipe:
        report = json.load(pipe)
    assert (process.wait(timeout=60), len(report["outcomes"])) == (0, 640)


def test_without_streams_from_the_start_as_in_a_windowed_python_it_works(
    world: FakeTurso, env: dict[str, str]
) -> None:
    program = (
        "import sys; sys.stdin = sys.stdout = sys.stderr = None; from aioturso.cli import main;"
        "sys.exit(main(['destroy', 'databases', '--match', 'preview-*', '--yes']))"
    )
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, **env}, timeout=60, check=False)
    assert (done.returncode, world.databases("org")) == (0, [])


def test_uvloop_is_not_imported(world: FakeTurso, env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "uvloop.py").write_text("raise SystemExit(99)")
    done = shell({**env, "PYTHONPATH": str(tmp_path)}, f"{COMMAND_LINE} --yes --json")
    assert done.returncode == 0
