"""The command line in this process; `main` returns the exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from aioturso.cli import MISSING, main
from aioturso.teardown.engine import Engine
from aioturso.testing import FakeTurso, Fault

DESTROY = ["destroy", "databases", "--match", "preview-*"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTurso]:
    with FakeTurso(token="very-secret-token") as fake:
        fake.add_database("db", organization="org", instances={"iad": 1, "fra": 2}, primary="iad")
        for number in range(30):
            fake.add_database(f"preview-{number}", organization="org", group="ci")
        protected = fake.add_database("preview-main", organization="org", group="ci")
        protected.configuration["delete_protection"] = True
        for name in ("TURSO_PLATFORM_TOKEN", "TURSO_TOKEN", "TURSO_API_BASEURL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("TURSO_BASE_URL", fake.base_url)
        monkeypatch.setenv("TURSO_API_TOKEN", fake.token)
        monkeypatch.setenv("TURSO_ORG", "org")
        yield fake


Captured = pytest.CaptureFixture[str]


def refused(capsys: Captured) -> str:
    """The one line on stderr."""
    out, err = capsys.readouterr()
    assert err.startswith("aioturso: ") and err.count("\n") == 1, err
    assert "Traceback" not in err and "very-secret-token" not in out + err
    return err


def test_the_plan_comes_first_then_the_report(world: FakeTurso, capsys: Captured) -> None:
    assert main([*DESTROY, "--yes"]) == 3
    out, err = capsys.readouterr()
    lines = [line.rstrip() for line in out.splitlines()]
    assert lines[0] == "databases preview-*: 30 to destroy, 1 skipped"
    assert lines[2].split() == ["preview-0", "ci", "destroy"]
    assert lines[-4] == "and 10 more to destroy"
    assert lines[-3].split() == ["preview-main", "ci", "skip:", "delete-protected"]
    assert lines[-2] == "  stays: database preview-main (delete-protected)"
    assert (lines[-1], err) == ("30 destroyed, 1 skipped", "")
    assert {d.name for d in world.databases("org")} == {"db", "preview-main"}


def test_off_a_terminal_nothing_is_sent_without_yes(world: FakeTurso, capsys: Captured) -> None:
    assert main(DESTROY) == 2
    assert "--yes" in refused(capsys)
    assert not world.requests


def test_a_dry_run_shows_the_plan_and_destroys_nothing(world: FakeTurso, capsys: Captured) -> None:
    assert main([*DESTROY, "--dry-run", "--exclude", "preview-1*"]) == 0
    assert "skip: excluded" in capsys.readouterr().out
    assert main([*DESTROY, "--dry-run", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert (len(plan["targets"]), plan["organization"], plan["skipped"][0]["database"]) == (
        30,
        "org",
        "preview-main",
    )
    assert not world.sent("DELETE")


def test_json_is_all_there_is_on_stdout(world: FakeTurso, capsys: Captured, tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    world.inject(Fault.status(422), path="/preview-3")
    assert main([*DESTROY, "--yes", "--json", "--audit-log", str(log), "--concurrency", "3"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["exit_code"], len(report["outcomes"])) == (False, 1, 31)
    failed = [o for o in report["outcomes"] if o["status"] == "failed"]
    assert [o["database"] for o in failed] == ["preview-3"]
    known = {"error_class": "APIError", "http_status": 422, "retry_after": None, "maybe_applied": False}
    assert known.items() <= failed[0].items()
    written = [json.loads(line)["status"] for line in log.read_text().splitlines()]
    assert (len(written), written.count("sending")) == (61, 30)


def test_what_failed_is_named(world: FakeTurso, capsys: Captured) -> None:
    world.inject(Fault.status(422, body=b'{"error":"not \x1b[31m today"}'), path="/preview-3")
    assert main([*DESTROY, "--yes"]) == 1
    out, err = capsys.readouterr()
    assert "failed: database preview-3: " in out and "\x1b" not in out
    assert err == ""
    assert out.splitlines()[-1] == "29 destroyed, 1 skipped, 1 failed"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["destroy", "databases", "--match", "*", "--yes"], "--everything"),
        (["destroy", "databases", "--yes"], "--everything"),
        (["destroy", "instances", "--db", "db", "--yes"], "--everything"),
        (["destroy", "databases", "--match", "^preview", "--yes"], "not a glob"),
        (["destroy", "databases", "--prefix", "", "--yes"], "prefix"),
        (["destroy", "databases", "--prefix", "p", "--older-than", "week", "--yes"], "7d"),
        (["destroy", "databases", "--prefix", "p", "--older-than", "0d", "--yes"], "no time at all"),
        (["destroy", "databases", "--names-from", "/no/such/file", "--yes"], "/no/such/file: No such file"),
        (["destroy", "created", "/no/such/file", "--yes"], "aioturso: /no/such/file: No such file"),
        (["undo", "/", "--yes"], "aioturso: /: Is a directory"),
        (["plan", *DESTROY[1:], "-o", "/no/such/file"], "aioturso: /no/such/file: No such file"),
        (["plan", *DESTROY[1:], "-o", "-"], "--json prints the plan"),
        ([*DESTROY, "--yes", "--audit-log", "-"], "--stream prints a line for each outcome"),
        ([*DESTROY, "--yes", "--max-targets", "29"], "30 databases, more than"),
        ([*DESTROY, "--yes", "--rate-limit", "0"], "--rate-limit"),
        ([*DESTROY, "--yes", "--rate-limit", "nan"], "--rate-limit"),
        ([*DESTROY, "--yes", "--org", ""], "organization must be"),
        ([*DESTROY, "--yes", "--concurrency", "0"], "--concurrency"),
        ([*DESTROY, "--yes", "--audit-log", "/no/such/place"], "aioturso: /no/such/place: No such file"),
        ([*DESTROY, "--yes", "--org", "another"], "organization not found"),
        (["destroy", "instance", "../db", "fra", "--yes"], "segment"),
        (["destroy", "location", "fra", "--db", "preview-1", "--groups", "--yes"], "give only the location"),
        (["destroy", "nonsense"], "No such command"),
        (["destroy"], "Missing command"),
        (["destroy", "instance", "db"], "NAME"),
        ([*DESTROY, "--frobnicate"], "--frobnicate"),
    ],
)
def test_what_is_refused_is_one_line_and_the_code_2(
    world: FakeTurso, capsys: Captured, arguments: list[str], said: str
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr().err
    assert said in captured and captured.count("\n") == 1
    assert captured.startswith("aioturso: ") and "very-secret-token" not in captured
    assert "=True" not in captured and "pass one" not in captured
    assert not world.sent("DELETE")


def test_without_a_token_or_an_organization_nothing_is_sent(
    world: FakeTurso, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TURSO_ORG")
    assert main(["databases", "list"]) == 2
    assert "TURSO_ORG" in refused(capsys)
    monkeypatch.delenv("TURSO_API_TOKEN")
    assert main([*DESTROY, "--yes"]) == 2
    assert "TURSO_API_TOKEN" in refused(capsys)
    assert not world.requests


def test_a_wrong_token_is_refused_without_being_shown(
    world: FakeTurso, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TURSO_API_TOKEN", "wrong-very-secret-token")
    assert main([*DESTROY, "--yes"]) == 2
    assert "401" in refused(capsys)


def test_one_instance_by_name_and_one_location(world: FakeTurso, capsys: Captured) -> None:
    assert main(["destroy", "instance", "db", "fra-2", "--yes", "--verify"]) == 0
    assert [i.name for i in world.instances("org", "db")] == ["iad", "fra"]
    assert main(["destroy", "location", "fra", "--yes"]) == 0
    assert [i.name for i in world.instances("org", "db")] == ["iad"]


def test_a_location_is_taken_from_groups_where_that_is_wanted(world: FakeTurso, capsys: Captured) -> None:
    world.add_group("eu", organization="org", locations=["iad", "fra"])
    assert main(["destroy", "location", "fra", "--groups", "--yes", "--json"]) == 0
    kinds = [o["kind"] for o in json.loads(capsys.readouterr().out)["outcomes"]]
    assert sorted(kinds) == ["group location", "instance", "instance"]


def test_lists_are_tables_or_json(world: FakeTurso, capsys: Captured) -> None:
    assert main(["instances", "list", "db"]) == 0
    assert [line.split()[:3] for line in capsys.readouterr().out.splitlines()][:2] == [
        ["name", "type", "region"],
        ["iad", "primary", "iad"],
    ]
    assert main(["databases", "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 32


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_odd_names_are_shown_on_one_line_and_obeyed_nowhere(
    world: FakeTurso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    world.add_database("preview-[bold]\x1b[31m\n\ud800é", organization="org", group="ci")
    with (tmp_path / "out").open("w", encoding=encoding) as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["databases", "list"]) == 0
        assert main(["destroy", "databases", "--match", "preview-[[]*", "--dry-run"]) == 3
    text = (tmp_path / "out").read_text(encoding=encoding)
    shown = "preview-[bold]\\x1b[31m\\n\\ud800" + ("é" if encoding == "utf-8" else "\\xe9")
    assert text.count(shown) == 2


def test_the_demo_needs_no_credentials(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TURSO_API_TOKEN", raising=False)
    assert main(["destroy", "location", "lhr", "--demo", "--dry-run", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["targets"]) > 100
    assert main(["destroy", "instance", "legacy-db", "fra", "--demo", "--yes"]) == 0


def test_a_failing_audit_log_ends_with_the_partial_report(
    world: FakeTurso, capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(log: object, outcome: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("aioturso.teardown.audit.AuditFile.settled", full)
    assert main([*DESTROY, "--yes", "--concurrency", "1", "--audit-log", str(tmp_path / "log")]) == 1
    out, err = capsys.readouterr()
    assert "1 destroyed" in out
    assert err == "aioturso: the disk is full\n"


def test_an_unexpected_error_is_one_line(
    world: FakeTurso, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("a\nmistake")

    monkeypatch.setattr("aioturso.cli._show.records", broken)
    assert main(["databases", "list"]) == 1
    assert refused(capsys) == "aioturso: unexpected RuntimeError: a mistake\n"


def test_without_the_extra_it_names_what_to_install(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "aioturso.cli._app", raising=False)
    monkeypatch.setitem(sys.modules, "typer", None)
    assert main(["databases", "list"]) == 2
    assert capsys.readouterr().err == MISSING + "\n"
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"aioturso {version('aioturso')}\n"


def test_it_starts_without_the_server_of_the_fake() -> None:
    look = "import sys, aioturso.cli._app; sys.exit('aiohttp.web' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0


def test_help_is_for_each_command(capsys: Captured) -> None:
    assert main(["destroy", "databases", "--help"]) == 0
    assert "--max-targets" in capsys.readouterr().out


def test_alone_it_prints_help(capsys: Captured) -> None:
    assert main([]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Usage: aioturso") and err == ""


def test_all_five_kinds_are_planned_and_destroyed(world: FakeTurso, capsys: Captured, tmp_path: Path) -> None:
    world.add_group("eu", organization="org", locations=["iad", "fra"])
    for arguments in (
        ["databases", "--name", "preview-1", "--name", "preview-2"],
        ["databases", "--prefix", "preview-2", "--exclude", "preview-29"],
        ["groups", "--name", "eu"],
        ["instances", "--db", "db", "--everything", "--exclude", "iad"],
    ):
        assert main(["destroy", *arguments, "--yes", "--quiet"]) == 0
        assert capsys.readouterr() == ("", "")
    left = {database.name for database in world.databases("org")}
    assert "preview-29" in left and not {"preview-1", "preview-2", "preview-20"} & left
    assert [i.name for i in world.instances("org", "db")] == ["iad"]


def test_names_in_a_file_are_data_and_none_is_never_every_one(
    world: FakeTurso, capsys: Captured, tmp_path: Path
) -> None:
    names = tmp_path / "names"
    names.write_text("preview-1\r\n\n*\n  preview-2\n")
    assert main(["destroy", "databases", "--names-from", str(names), "--yes", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [o["database"] for o in json.loads(out)["outcomes"]] == ["preview-1", "preview-2"]
    assert err == "aioturso: matched nothing: name '*'\n"
    names.write_text("\n")
    assert main(["destroy", "databases", "--names-from", str(names), "--yes"]) == 4
    assert len(world.databases("org")) == 30


def test_what_an_exclusion_was_to_keep_is_not_destroyed_unseen(
    world: FakeTurso, capsys: Captured, tmp_path: Path
) -> None:
    typo = [*DESTROY, "--exclude", "prevew-1", "--yes"]
    assert main(typo) == 2
    assert "exclusion 'prevew-1' matched nothing" in capsys.readouterr().err
    assert main([*typo, "--dry-run"]) == 2
    plan = ["plan", *DESTROY[1:], "--exclude", "prevew-1", "-o", str(tmp_path / "plan.json")]
    assert main(plan) == 2
    assert not (tmp_path / "plan.json").exists()
    assert not world.sent("DELETE")
    assert main([*plan, "--allow-unmatched"]) == 0
    assert main(["apply", str(tmp_path / "plan.json"), "--yes"]) == 2
    assert main([*typo, "--allow-unmatched"]) == 3
    assert len(world.sent("DELETE")) == 30


def test_the_rate_is_kept_by_the_lists_too(
    world: FakeTurso, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[float | None] = []
    at_most = Engine.at_most

    def noting(engine: Engine, rate: float | None) -> Engine:
        rates.append(rate)
        return at_most(engine, rate)

    monkeypatch.setattr(Engine, "at_most", noting)
    assert main(["plan", *DESTROY[1:], "--rate-limit", "1000"]) == 0
    assert rates == [1000]


def test_a_retry_is_logged_when_that_is_wanted(world: FakeTurso, capsys: Captured) -> None:
    world.inject(Fault.status(503), method="DELETE", path="/preview-7")
    assert main(["destroy", "databases", "--name", "preview-7", "--yes", "-v", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["ok"]
    assert "aioturso: delete database" in err and "retrying in" in err


def test_the_summary_of_a_step_has_the_plan_and_the_report(
    world: FakeTurso, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    world.add_database("x|<b>`", organization="org", group="ci")
    assert main(["plan", "databases", "--prefix", "preview-1", "--json"]) == 0
    assert main(["destroy", "databases", "--prefix", "preview-1", "--prefix", "x", "--yes", "--json"]) == 3
    text = file.read_text()
    assert "11 to destroy, 0 skipped" in text and "11 destroyed, 1 skipped" in text
    assert "| database x&#124;&#60;b&#62;&#96; | skipped | its database is not a plain name |" in text
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    assert main(["destroy", "databases", "--prefix", "preview-2", "--yes", "--quiet"]) == 0
    assert "GITHUB_STEP_SUMMARY could not be written" in capsys.readouterr().err
    os.mkfifo(pipe := tmp_path / "pipe")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pipe))
    assert main(["destroy", "databases", "--prefix", "preview-3", "--yes", "--quiet"]) == 0
    assert "GITHUB_STEP_SUMMARY could not be written" in capsys.readouterr().err


def test_a_stream_has_a_line_for_each_outcome_and_one_for_the_report(
    world: FakeTurso, capsys: Captured
) -> None:
    world.inject(Fault.status(422), path="/preview-3")
    assert main([*DESTROY, "--yes", "--stream", "--verify"]) == 1
    *outcomes, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert len(outcomes) == 31 and {o["status"] for o in outcomes} == {"destroyed", "skipped", "failed"}
    assert (last["exit_code"], last["summary"]) == (1, "29 destroyed, 1 skipped, 1 failed")


def test_a_stream_repeats_what_a_verification_has_corrected(world: FakeTurso, capsys: Captured) -> None:
    world.inject(Fault.drop_after(), method="DELETE", path="/preview-3", times=1)
    world.inject(Fault.status(500), method="GET", path="/preview-3", times=4)
    main([*DESTROY, "--yes", "--stream", "--verify"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [o["status"] for o in lines if o.get("database") == "preview-3"] == ["unknown", "destroyed"]


@pytest.mark.parametrize("json_wanted", [[], ["--json"]])
def test_an_error_of_the_command_is_json_where_that_is_wanted(
    world: FakeTurso, capsys: Captured, json_wanted: list[str]
) -> None:
    world.inject(Fault.status(501), times=100)
    assert main(["databases", "list", *json_wanted]) == 1
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    if json_wanted:
        data = json.loads(out)
        assert (data["ok"], data["exit_code"], data["error_class"]) == (False, 1, "ServerError")


def test_a_grouped_database_is_explained_in_options(world: FakeTurso, capsys: Captured) -> None:
    body = b'{"error":"grouped databases do not support this"}'
    world.inject(Fault.status(400, body=body), method="DELETE", times=3)
    assert main(["destroy", "location", "fra", "--db", "db", "--yes"]) == 1
    out = capsys.readouterr().out
    assert (
        "(`aioturso destroy location LOC --groups` removes the location from the group)" in out
        and "turso.groups" not in out.split("not attempted")[0]
    )
