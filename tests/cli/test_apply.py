"""Plan now, apply later: what was reviewed is deleted, and nothing else."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from aioturso.cli import main
from aioturso.testing import FakeTurso

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def environment(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def file(world: FakeTurso, tmp_path: Path, capsys: Captured) -> Path:
    path = tmp_path / "plan.json"
    assert main(["plan", "databases", "--prefix", "preview-1", "-o", str(path), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert not world.sent("DELETE")
    return path


def test_a_saved_plan_is_listed_again_and_only_what_it_names_is_deleted(
    world: FakeTurso, capsys: Captured, file: Path
) -> None:
    world.add_database("preview-100", organization="org", group="ci")
    changed = world.state.organizations["org"].databases
    del changed["preview-11"]
    world.add_database("preview-11", organization="org", group="ci")
    del changed["preview-12"]
    assert main(["apply", str(file), "--yes", "--json"]) == 3
    by_name = {o["database"]: o for o in json.loads(capsys.readouterr().out)["outcomes"]}
    assert by_name["preview-11"]["reason"] == "changed since the plan was made: another one has this name"
    assert by_name["preview-12"]["status"] == "already_gone"
    left = {database.name for database in world.databases("org")}
    assert {"preview-100", "preview-11", "preview-2"} <= left and "preview-10" not in left


def test_a_line_on_stderr_names_where_a_plan_is_kept_and_what_executes_it(
    world: FakeTurso, capsys: Captured, tmp_path: Path
) -> None:
    path = tmp_path / "a plan.json"
    assert main(["plan", "databases", "--prefix", "preview-1", "--json", "-o", str(path)]) == 0
    captured = capsys.readouterr()
    assert captured.err == f"aioturso: kept in {path}: `aioturso apply '{path}'` executes it\n"
    assert json.loads(captured.out)["digest"] == json.loads(path.read_text())["digest"]


def test_the_json_of_a_plan_can_be_applied_too(
    world: FakeTurso, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["plan", "databases", "--name", "preview-5", "--json"]) == 0
    text = capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode()), isatty=lambda: False))
    assert main(["apply", "-", "--yes"]) == 0
    assert len(world.databases("org")) == 39


def edited(old: str, new: str) -> object:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edited('"preview-10"', '"preview-30"'), "was changed after the plan was made"),
        (edited('"digest": "', '"digest": "0'), "was changed after the plan was made"),
        (edited('"digest"', '"digests"'), "is not a plan"),
        # A person's line, and the plan's own under the same key after it.
        (
            edited('  "title"', '  "exclude": ["preview-1*"],\n  "title"'),
            "was changed after the plan was made: a key comes twice",
        ),
        (lambda text: text[:-10], "it is not JSON"),
        (lambda text: "[" * 100_000, "it is not JSON"),
        (lambda text: "[]", "is not a plan"),
        (lambda text: "", "it is not JSON"),
    ],
)
def test_a_plan_that_was_changed_is_refused(
    world: FakeTurso, capsys: Captured, file: Path, change: object, said: str
) -> None:
    assert callable(change)
    file.write_text(change(file.read_text()))
    before = len(world.requests)
    assert main(["apply", str(file), "--yes"]) == 2
    assert said in capsys.readouterr().err
    assert len(world.requests) == before


def test_a_plan_that_is_spaced_or_ordered_in_another_way_is_the_same(
    world: FakeTurso, capsys: Captured, file: Path
) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()), sort_keys=True))
    assert main(["apply", str(file), "--yes"]) == 0


def test_a_plan_of_another_organization_or_a_file_that_is_missing_is_refused(
    world: FakeTurso, capsys: Captured, file: Path
) -> None:
    world.add_organization("other")
    assert main(["apply", str(file), "--yes", "--org", "other"]) == 2
    assert "organization 'org'" in capsys.readouterr().err
    assert main(["apply", str(file) + "x", "--yes"]) == 2
    assert "No such file" in capsys.readouterr().err


def test_a_plan_that_cannot_be_written_leaves_the_file_before_it(
    world: FakeTurso, capsys: Captured, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_text()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert main(["plan", "databases", "--prefix", "preview-2", "-o", str(file)]) == 2
    assert "No space left" in capsys.readouterr().err
    assert file.read_text() == before
    assert list(file.parent.iterdir()) == [file]


def test_the_age_of_what_is_deleted_is_in_the_plan(
    world: FakeTurso, capsys: Captured, tmp_path: Path
) -> None:
    world.state.organizations["org"].audit_logs.clear()
    entry = {"code": "db-create", "data": {"database": "preview-3"}, "created_at": "2024-01-01T00:00:00Z"}
    world.state.organizations["org"].audit_logs.append(entry)
    path = tmp_path / "plan.json"
    assert (
        main(["plan", "databases", "--match", "preview-[34]", "--older-than", "1w2d", "-o", str(path)]) == 0
    )
    out = capsys.readouterr().out
    assert "days old by the audit log)" in out and "its age is not known" in out
    assert main(["apply", str(path), "--dry-run"]) == 0
    assert "days old by the audit log)" in capsys.readouterr().out
    assert main(["apply", str(path), "--yes", "--quiet"]) == 3
    assert "preview-3" not in {database.name for database in world.databases("org")}
