"""One rule for exit codes, on the first run and on every repetition."""

import asyncio
import json
from pathlib import Path

import pytest

from aioturso.cli import main
from aioturso.teardown.outbox import Outbox
from aioturso.teardown.plan import TeardownPlan
from aioturso.testing import FakeTurso, Fault

Captured = pytest.CaptureFixture[str]
PREVIEWS = ["destroy", "databases", "--match", "preview-*", "--yes", "--json"]


@pytest.fixture(autouse=True)
def environment(env: dict[str, str], world: FakeTurso, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    world.add_database("db", organization="org", instances={"iad": 1, "fra": 2}, primary="iad")


def codes(capsys: Captured, *arguments: str, times: int = 2) -> list[int]:
    """What the command ends with, run after run; its JSON has the same code."""
    ended = []
    for _ in range(times):
        ended.append(main([*arguments]))
        assert json.loads(capsys.readouterr().out)["exit_code"] == ended[-1]
    return ended


def test_all_gone_is_0_and_a_repetition_has_no_match(world: FakeTurso, capsys: Captured) -> None:
    assert codes(capsys, *PREVIEWS, times=3) == [0, 4, 4]


def test_a_nightly_job_stays_green_with_allow_empty(world: FakeTurso, capsys: Captured) -> None:
    assert codes(capsys, *PREVIEWS, "--allow-empty", times=3) == [0, 0, 0]


def test_what_is_protected_stays_and_is_3_each_time_also_alone(world: FakeTurso, capsys: Captured) -> None:
    world.databases("org")[0].configuration["delete_protection"] = True
    assert codes(capsys, *PREVIEWS, times=3) == [3, 3, 3]
    assert codes(capsys, *PREVIEWS, "--allow-empty") == [3, 3]


def test_what_the_caller_has_excluded_does_not_count_as_staying(world: FakeTurso, capsys: Captured) -> None:
    world.databases("org")[0].configuration["delete_protection"] = True
    assert codes(capsys, *PREVIEWS, "--exclude", "preview-0", "--allow-empty", times=3) == [0, 0, 0]


def test_a_primary_stays_each_time(world: FakeTurso, capsys: Captured) -> None:
    assert codes(capsys, "destroy", "location", "iad", "--db", "db", "--yes", "--json") == [3, 3]
    assert codes(capsys, "destroy", "instance", "db", "iad", "--yes", "--json") == [3, 3]
    assert codes(capsys, "destroy", "location", "fra", "--db", "db", "--yes", "--json") == [0, 4]


def test_one_instance_is_0_and_then_no_match(world: FakeTurso, capsys: Captured) -> None:
    one = ["destroy", "instance", "db", "fra-2", "--yes", "--json"]
    assert codes(capsys, *one) == [0, 4]
    assert codes(capsys, *one, "--allow-empty") == [0, 0]
    assert codes(capsys, "destroy", "instance", "gone", "fra-2", "--yes", "--json") == [4, 4]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["location", "frq"], "did you mean 'fra'? there are: fra, iad"),
        (["instance", "db", "nope"], "there are: fra, iad"),
        (["databases", "--prefix", "p", "--group", "cii"], "did you mean 'ci'?"),
        (["databases", "--prefix", "p", "--parent", "preview-"], "there is no database 'preview-'"),
        (["databases", "--prefix", "nothing-"], "no match for databases nothing-..."),
    ],
)
def test_no_match_is_4_in_words(capsys: Captured, arguments: list[str], said: str) -> None:
    for verb in (["destroy"], ["plan"]):
        assert main([*verb, *arguments, *(["--yes"] if verb == ["destroy"] else [])]) == 4
        assert said in capsys.readouterr().err
    assert main(["destroy", *arguments, "--yes", "--allow-empty"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["destroy", "databases", "--match", "p*"],
        ["destroy", "location", "fra"],
        ["destroy", "groups", "--name", "ci"],
        ["destroy", "api-tokens", "--match", "p*"],
        ["undo", "log"],
        ["destroy", "instance", "db", "fra-2"],
    ],
)
def test_a_404_about_what_was_not_named_is_no_sign_that_nothing_matches(
    world: FakeTurso, capsys: Captured, tmp_path: Path, arguments: list[str]
) -> None:
    """A list names no database, and neither does the organization."""
    one = ["destroy", "databases", "--name", "preview-1", "--audit-log", str(tmp_path / "log")]
    assert codes(capsys, *one, "--yes", "--json", times=1) == [0]
    kind = "instance" if "instance" in arguments else "database"
    body = json.dumps({"error": f"{kind} not found"}).encode()
    head = f"HTTP/1.1 404 Not Found\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    world.inject(Fault.raw(head + body), times=100)
    arguments = [str(tmp_path / "log") if word == "log" else word for word in arguments]
    for more in ([], ["--allow-empty"]):
        assert codes(capsys, *arguments, *more, "--yes", "--json", times=1) == [2]


def test_a_failure_is_1_and_a_refusal_of_the_platform_2(world: FakeTurso, capsys: Captured) -> None:
    world.inject(Fault.status(422), method="DELETE", path="/preview-3", times=2)
    assert codes(capsys, *PREVIEWS, times=3) == [1, 1, 0]
    world.inject(Fault.status(501), times=100)
    assert codes(capsys, *PREVIEWS) == [1, 1]
    world.clear_faults()
    world.inject(Fault.status(403), times=2)
    assert codes(capsys, *PREVIEWS) == [2, 2]


def test_a_plan_and_a_dry_run_end_as_if_all_were_done_or_as_the_real_run_without_targets(
    world: FakeTurso, capsys: Captured, tmp_path: Path
) -> None:
    world.databases("org")[0].configuration["delete_protection"] = True
    dry = ["destroy", "databases", "--json", "--dry-run"]
    for arguments in (dry, ["plan", "databases", "--json", "-o", str(tmp_path / "plan.json")]):
        assert codes(capsys, *arguments, "--match", "preview-*") == [0, 0]
        assert codes(capsys, *arguments, "--name", "preview-0") == [3, 3]
        assert codes(capsys, *arguments, "--name", "nothing") == [4, 4]
        assert codes(capsys, *arguments, "--name", "nothing", "--allow-empty") == [0, 0]


def test_an_applied_plan_is_0_each_time_as_all_it_names_is_gone(
    world: FakeTurso, capsys: Captured, tmp_path: Path
) -> None:
    file = str(tmp_path / "plan.json")
    assert main(["plan", "databases", "--prefix", "preview-", "-o", file, "--quiet"]) == 0
    assert codes(capsys, "apply", file, "--yes", "--json", times=3) == [0, 0, 0]


def test_what_was_sent_and_has_lost_its_outcome_is_unknown_in_the_report(
    world: FakeTurso, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, outcomes = Outbox.put, list[object]()

    def full(self: Outbox[object], item: object) -> None:
        outcomes.append(item)
        if len(outcomes) == 2:
            raise MemoryError
        put(self, item)

    monkeypatch.setattr(Outbox, "put", full)
    assert main([*PREVIEWS, "--concurrency", "1"]) == 1
    report = json.loads(capsys.readouterr().out)
    found = [outcome["status"] for outcome in report["outcomes"]]
    assert found[:2] == ["destroyed", "unknown"] and set(found[2:]) == {"not_attempted"}
    assert len(world.sent("DELETE")) == 2


def test_what_was_ended_before_anything_was_sent_is_not_attempted_in_the_report(
    world: FakeTurso, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.databases("org")[0].configuration["delete_protection"] = True

    async def ended(*_: object, **options: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(TeardownPlan, "execute", ended)
    assert main(PREVIEWS) == 1
    outcomes = json.loads(capsys.readouterr().out)["outcomes"]
    assert {(outcome["status"], outcome["reason"]) for outcome in outcomes} == {
        ("not_attempted", "stopped"),
        ("skipped", "delete-protected"),
    }
