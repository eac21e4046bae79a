"""The help of each command, and hints in the command line's own words."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from aioturso import (
    NotSentError,
    Outcome,
    OutcomeStatus,
    OutcomeUnknownError,
    Target,
    TeardownReport,
)
from aioturso._operation import Operation
from aioturso.api.databases_by_id import RESTORE as RESTORE_DATABASE
from aioturso.api.groups_by_id import RESTORE as RESTORE_GROUP
from aioturso.cli import main
from aioturso.cli._app import CHOICES, LISTS
from aioturso.cli._codes import MEANINGS
from aioturso.cli._options import Shared
from aioturso.cli._show import report
from aioturso.cli._words import words
from aioturso.testing import FakeTurso, Fault

Captured = pytest.CaptureFixture[str]
COMMANDS = [[verb, kind] for verb in ("plan", "destroy") for kind in CHOICES]
COMMANDS += [[kind, "list"] for kind in LISTS] + [["apply"], ["undo"]]


@pytest.mark.parametrize("command", [[], *COMMANDS], ids=" ".join)
def test_every_help_names_the_variables_the_codes_and_an_example(
    capsys: Captured, command: list[str]
) -> None:
    assert main([*command, "--help"]) == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("TURSO_API_TOKEN", "TURSO_ORG", "NO_PROXY", "GITHUB_STEP_SUMMARY"))
    assert all(f"\n    {code}" in text for code, _ in MEANINGS)
    assert not command or f"Example: aioturso {' '.join(command)}" in text


def test_the_help_of_an_undo_has_nothing_of_destroying(capsys: Captured) -> None:
    assert main(["undo", "--help"]) == 0
    options = capsys.readouterr().out.partition("Options:")[2].partition("Environment:")[0]
    assert not any(word in options.lower() for word in ("destroy", "delete", "gone"))


@pytest.mark.parametrize("verb", ["plan", "destroy"])
def test_the_example_of_every_command_is_a_command(
    verb: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    line = {"kind": "database", "organization": "demo", "database": "new", "uuid": "u", "status": "created"}
    Path("created.jsonl").write_text(json.dumps(line))
    for kind, (_, example) in CHOICES.items():
        dry = ["--dry-run"] if verb == "destroy" else []
        unmatched = ["--allow-unmatched"] if "--exclude" in example else []
        assert main([verb, kind, *shlex.split(example), "--demo", "--json", *dry, *unmatched]) in (0, 3, 4)
        json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "command", [["undo"], *([verb, kind] for verb in ("plan", "destroy") for kind in CHOICES)], ids=" ".join
)
def test_a_command_accepts_unmatched_exclusions_if_it_has_exclusions(
    command: list[str], capsys: Captured
) -> None:
    assert main([*command, "--help"]) == 0
    text = capsys.readouterr().out
    assert ("--allow-unmatched" in text) == ("--exclude" in text)


@pytest.fixture
def platform(world: FakeTurso, env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> FakeTurso:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    world.add_database("grouped", organization="org", group="g", instances={"iad": 1, "fra": 1})
    return world


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], "plan"),
        (["databases", "superfluous"], "plan databases"),
        (["databases", "--mach", "x"], "plan databases"),
        (["nonsense"], "plan"),
    ],
    ids=str,
)
def test_wrong_usage_points_to_the_help_of_its_own_command(
    capsys: Captured, arguments: list[str], command: str
) -> None:
    assert main(["plan", *arguments]) == 2
    assert capsys.readouterr().err.endswith(f"(see aioturso {command} --help)\n")


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["text", "json"])
def test_a_grouped_instance_that_is_skipped_has_the_option_that_takes_it(
    platform: FakeTurso, capsys: Captured, more: list[str]
) -> None:
    assert main(["destroy", "location", "fra", "--db", "grouped", "--yes", *more]) == 3
    out, err = capsys.readouterr()
    text = json.loads(out)["outcomes"][0]["reason"] if more else " ".join(out.split())
    reason = "grouped: its location can only be removed from the group 'g' (`aioturso destroy location LOC --groups` does so)"
    assert reason in text and reason in err


def test_an_organization_that_is_not_found_has_the_option_that_names_it(
    platform: FakeTurso, capsys: Captured
) -> None:
    assert main(["databases", "list", "--org", "ogr"]) == 2
    err = capsys.readouterr().err
    assert err.endswith("organization not found (--org or TURSO_ORG names it)\n")


def test_a_wait_that_is_too_long_is_compared_in_seconds(platform: FakeTurso, capsys: Captured) -> None:
    spent = Fault.status(429, headers={"Retry-After": "3600"})
    platform.inject(spent, method="DELETE")
    assert main(["destroy", "databases", "--prefix", "preview-1", "--yes", "--concurrency", "1"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert out.count("not retried: the wait is above 60 s") == 2 and "max_retry_after" not in out
    platform.inject(spent, method="GET")
    assert main(["databases", "list"]) == 1
    assert capsys.readouterr().err.endswith("not retried: the wait is above 60 s\n")


@pytest.mark.parametrize(("verb", "listed"), [("restored", "not"), ("destroyed", "still")])
def test_what_a_verification_found_is_named_as_it_is(capsys: Captured, verb: str, listed: str) -> None:
    target = Target(kind="database", organization="org", database="db", uuid="u")
    reason = f"{verb}, and {listed} listed"
    outcome = Outcome(target=target, status=OutcomeStatus.UNKNOWN, reason=reason)
    report(TeardownReport((outcome,), remaining=(target,)), 1, Shared(), None, [])
    assert f"  {listed} listed: database db" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("operation", "list_"), [(RESTORE_DATABASE, "databases list"), (RESTORE_GROUP, "groups list")]
)
def test_an_unknown_restore_has_the_command_that_looks(operation: Operation[Any], list_: str) -> None:
    named = operation.unknown.format_map(dict.fromkeys(operation.labels, "u-1"))
    error = OutcomeUnknownError(f"restore u-1: no answer; it may have {named}")
    assert words(error).endswith(f"it may have been restored: look with `aioturso {list_}`")


def test_a_request_that_was_not_sent_has_its_limit_in_seconds_and_the_option_for_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = NotSentError("not sent; not retried: the wait does not end within total=300")
    assert words(error) == "not sent; not retried: the wait does not end within 300 s"
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert words(error).endswith(" 300 s (HTTPS_PROXY is set; --no-trust-env ignores it)")
