"""An audit log on a disk that fills up: the report arrives, the code and the last line are true, no lines are glued."""

import json
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from command import Start

from aioturso.testing import FakeTurso

resource = pytest.importorskip("resource", reason="the limit on the size of files is POSIX's")
DESTROY = ("destroy", "databases", "--match", "preview-*", "--yes", "--concurrency", "4")


def full_after(size: int) -> dict[str, Any]:
    """Lets no file of a process grow beyond this size, as a disk that is full there.

    Python would leave its own compiled modules cut short.
    """
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))
    return {"preexec_fn": limit, "env": {"PYTHONDONTWRITEBYTECODE": "1"}}


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("size", [0, 300, 3001])
def test_the_report_of_a_run_whose_disk_is_full_agrees_with_the_platform(
    world: FakeTurso, start: Start, tmp_path: Path, size: int
) -> None:
    log = tmp_path / "log"
    process = start(*DESTROY, "--json", "--audit-log", str(log), **full_after(size))
    code, out, err = ended(process)
    report = json.loads(out)
    left = {database.name for database in world.databases("org")}
    statuses = {outcome["database"]: outcome["status"] for outcome in report["outcomes"]}
    assert (code, report["exit_code"], report["ok"]) == (1, 1, False)
    assert "File too large" in report["failure"]
    assert {name for name, status in statuses.items() if status == "destroyed"} == statuses.keys() - left
    assert set(statuses.values()) <= {"destroyed", "failed", "not_attempted"}
    assert len(statuses) == 40 and "Traceback" not in err
    sent = {request.path.rpartition("/")[2] for request in world.sent("DELETE")}
    assert sent <= {line["database"] for line in whole_lines(log) if line["status"] == "sending"}
    assert log.stat().st_size <= size


def whole_lines(log: Path) -> list[Any]:
    """The lines of a log of which the last one may be cut."""
    *lines, last = log.read_bytes().split(b"\n")
    found = [json.loads(line) for line in lines if line]
    assert not last or last.startswith(b"{")
    return found


def test_the_last_line_for_people_is_true(world: FakeTurso, start: Start, tmp_path: Path) -> None:
    process = start(*DESTROY, "--audit-log", str(tmp_path / "log"), **full_after(3001))
    code, out, err = ended(process)
    gone = 40 - len(world.databases("org"))
    assert code == 1 and 0 < gone < 40
    assert f"{gone} destroyed" in out.splitlines()[-1] + err.splitlines()[-1]


def test_a_log_that_was_cut_by_a_full_disk_continues_at_the_start_of_a_line(
    world: FakeTurso, start: Start, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    ended(start(*DESTROY, "--json", "--audit-log", str(log), **full_after(3001)))
    cut = log.read_bytes()
    assert len(cut) == 3001 and not cut.endswith(b"\n")
    code, *_ = ended(start(*DESTROY, "--json", "--audit-log", str(log)))
    assert (code, world.databases("org")) == (0, [])
    odd = [line for line in log.read_bytes().splitlines() if not is_json(line)]
    assert odd == [cut.rpartition(b"\n")[2]]


def is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
