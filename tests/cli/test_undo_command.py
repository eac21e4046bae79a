"""`aioturso undo FILE` brings back what a teardown has deleted."""

import json
from pathlib import Path

import pytest

from aioturso.cli import main
from aioturso.testing import FakeTurso

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def log(
    world: FakeTurso, env: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> str:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    path = str(tmp_path / "deleted.jsonl")
    destroy = ["destroy", "databases", "--prefix", "preview-1", "--yes", "--quiet", "--audit-log", path]
    assert main(destroy) == 0
    assert len(world.databases("org")) == 29
    return path


def test_an_audit_log_is_undone_and_a_repetition_has_nothing_left_to_do(
    world: FakeTurso, log: str, capsys: Captured
) -> None:
    assert main(["undo", log, "--yes", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {outcome["status"] for outcome in report["outcomes"]} == {"restored"}
    assert len(world.databases("org")) == 40
    assert main(["undo", log, "--yes"]) == 0
    assert "nothing to restore: all of it is done" in capsys.readouterr().err


def test_an_undo_is_shown_first_and_needs_a_yes(world: FakeTurso, log: str, capsys: Captured) -> None:
    assert main(["undo", log]) == 2
    err = capsys.readouterr().err
    assert "--yes" in err and "destroyed" not in err
    assert main(["undo", log, "--dry-run"]) == 0
    assert "11 to restore, 0 skipped" in capsys.readouterr().out
    assert len(world.databases("org")) == 29


def test_a_name_that_is_taken_stays_with_its_new_owner(world: FakeTurso, log: str, capsys: Captured) -> None:
    world.add_database("preview-1", organization="org", group="ci")
    assert main(["undo", log, "--yes"]) == 3
    assert "stays: database preview-1" in capsys.readouterr().out
    assert len(world.databases("org")) == 40


def test_a_file_that_is_no_source_is_refused(world: FakeTurso, log: str, capsys: Captured) -> None:
    before = len(world.requests)
    assert main(["undo", log + "x", "--yes"]) == 2
    Path(log).write_text("[]")
    assert main(["undo", log, "--yes"]) == 2
    assert len(world.requests) == before


def test_the_plan_of_an_undo_has_nothing_to_bring_back(log: str, capsys: Captured) -> None:
    assert main(["undo", log, "--dry-run"]) == 0
    assert "brought back" not in capsys.readouterr().out


def test_what_the_teardown_left_alone_is_no_task_of_its_undo(
    world: FakeTurso, log: str, capsys: Captured
) -> None:
    more = ["destroy", "databases", "--prefix", "preview-2", "--exclude", "preview-2", "--yes", "--quiet"]
    assert main([*more, "--audit-log", log]) == 0
    assert main(["undo", log, "--yes"]) == 0
    assert "stays" not in capsys.readouterr().out
    assert main(["undo", log, "--yes"]) == 0
    assert "nothing to restore: all of it is done" in capsys.readouterr().err
    assert len(world.databases("org")) == 40


def test_a_teardown_that_deleted_nothing_has_nothing_to_undo(
    world: FakeTurso, tmp_path: Path, log: str
) -> None:
    other = str(tmp_path / "other.jsonl")
    kept = ["destroy", "databases", "--name", "preview-3", "--name", "preview-4", "--yes", "--quiet"]
    assert main([*kept, "--exclude", "preview-3", "--audit-log", other]) == 0
    lines = Path(other).read_text().splitlines()
    Path(other).write_text("\n".join(line for line in lines if "preview-3" in line) + "\n")
    assert main(["undo", other, "--yes"]) == 4
    assert main(["undo", other, "--yes", "--allow-empty"]) == 0


def test_a_teardown_without_targets_leaves_a_log_that_has_nothing_to_undo(
    world: FakeTurso, tmp_path: Path, log: str, capsys: Captured
) -> None:
    other = tmp_path / "other.jsonl"
    nothing = ["destroy", "databases", "--yes", "--audit-log", str(other)]
    assert main([*nothing, "--prefix", "none-", "--dry-run"]) == 4
    assert not other.exists()
    assert main([*nothing, "--prefix", "none-"]) == 4
    assert other.read_text() == ""
    capsys.readouterr()
    assert main(["undo", str(other), "--yes"]) == 4
    assert "nothing to restore: no match for undo of audit log other.jsonl" in capsys.readouterr().err
    assert main([*nothing, "--name", "preview-3", "--exclude", "preview-3"]) == 4
    (line,) = map(json.loads, other.read_text().splitlines())
    assert (line["database"], line["status"]) == ("preview-3", "skipped")
