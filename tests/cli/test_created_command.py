"""`aioturso destroy created FILE` deletes what a creation has created, as its audit log has it."""

import asyncio
import json
from pathlib import Path

import pytest

from aioturso.cli import main
from aioturso.testing import FakeTurso

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def log(world: FakeTurso, env: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "created.jsonl"

    async def create() -> None:
        async with world.client(organization="org") as turso:
            plan = await turso.creation.plan_databases(["new-1", "new-2", "preview-1"], group="ci")
            await plan.execute(audit_log=path, concurrency=1)

    asyncio.run(create())
    return str(path)


def names(world: FakeTurso) -> set[str]:
    return {database.name for database in world.databases("org")}


def test_what_was_created_is_deleted_and_a_repetition_has_nothing_left_to_do(
    world: FakeTurso, log: str, capsys: Captured
) -> None:
    assert main(["destroy", "created", log, "--yes", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    found = {outcome["database"]: outcome["status"] for outcome in report["outcomes"]}
    assert found == {"new-1": "destroyed", "new-2": "destroyed"}
    assert "preview-1" in names(world) and not names(world) & set(found)
    assert main(["destroy", "created", log, "--yes"]) == 0
    assert "nothing to destroy: all of it is done" in capsys.readouterr().err


def test_a_plan_of_it_can_be_kept_and_applied(world: FakeTurso, log: str, tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.json")
    assert main(["plan", "created", log, "-o", plan]) == 0
    assert main(["apply", plan, "--yes"]) == 0
    assert not names(world) & {"new-1", "new-2"}


def test_what_may_be_anothers_stays(world: FakeTurso, log: str, capsys: Captured) -> None:
    lines = Path(log).read_text().splitlines()
    Path(log).write_text("\n".join(lines[:3]) + "\n")  # as a kill leaves it: the second is being created
    assert main(["destroy", "created", log, "--yes"]) == 3
    assert "stays: database new-2" in capsys.readouterr().out
    assert names(world) & {"new-1", "new-2"} == {"new-2"}


def test_a_teardowns_plan_is_refused(world: FakeTurso, log: str, tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.json")
    assert main(["plan", "databases", "--prefix", "preview-", "-o", plan]) == 0
    assert main(["destroy", "created", plan, "--yes"]) == 2
    assert len(names(world)) == 42
