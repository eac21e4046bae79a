"""What a teardown may have deleted, as its report, its audit log and its plan have it."""

import json
from pathlib import Path
from typing import Any

import pytest

from aioturso import ConfigurationError, InvalidInputError, TursoClient
from aioturso.teardown.traces import UNPROVEN, CreationTrace, DeletionTrace, Done, read

SENDING = ("sending", 0)


def line(status: str, attempts: int = 0, name: str = "x", organization: str = "org", **more: Any) -> str:
    target = {"kind": "database", "organization": organization, "database": name, "uuid": f"id-{name}"}
    extra = (
        {} if status in ("sending", "restoring") else {"attempts": attempts, "elapsed": 0.1, "error": None}
    )
    return json.dumps({"time": "2026-01-02T03:04:05+00:00", **target, "status": status, **extra, **more})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([SENDING], None),
        ([SENDING, ("destroyed", 1)], None),
        ([SENDING, ("unknown", 2)], None),
        ([SENDING, ("failed", 1)], "failed"),
        ([SENDING, ("already_gone", 1)], "already gone"),
        ([("already_gone", 0)], "already gone"),
        ([("skipped", 0)], "skipped"),
        ([("not_attempted", 0)], "not attempted"),
        # A run that was killed, and a later one that finds it gone.
        ([SENDING, ("already_gone", 0)], None),
        ([SENDING, SENDING, ("already_gone", 1)], None),
        ([SENDING, ("failed", 1), SENDING, ("destroyed", 1)], None),
        ([SENDING, ("destroyed", 1), SENDING, ("failed", 1)], None),
        # An undo that wrote into the same log.
        ([SENDING, ("destroyed", 1), ("restoring", 0), ("restored", 1)], "restored"),
        ([SENDING, ("destroyed", 1), ("already_there", 0)], "already there"),
        ([SENDING, ("destroyed", 1), ("restoring", 0)], None),
        ([SENDING, ("destroyed", 1), ("restored", 1), SENDING, ("destroyed", 1)], None),
        ([("restoring", 0)], "restoring"),
        # The teardown was killed, and the undo failed: it can be tried again.
        ([SENDING, ("restoring", 0), ("failed", 1)], None),
        ([SENDING, ("restoring", 0), ("restored", 1)], "restored"),
        ([("restoring", 0), ("failed", 1)], "failed"),
    ],
)
def test_an_audit_log_names_what_may_have_been_deleted(
    log: Path, lines: list[tuple[str, int]], reason: str | None
) -> None:
    log.write_text("".join(f"{line(status, attempts)}\n" for status, attempts in lines))
    found = read(log, "org")
    expected = None if reason is None else f"not deleted by this teardown ({reason})"
    assert [candidate.reason for candidate in found.candidates] == [expected]
    assert (found.title, found.left_out) == ("audit log log.jsonl", ())


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        # A connection that was refused: the outcome is of the run that was about to send, and nothing was sent.
        ([("sending", 0, "a"), ("failed", 0, "a")], "failed"),
        ([("sending", 0, "a"), ("not_attempted", 0, "a")], "not attempted"),
        # Of another run: the first one was killed.
        ([("sending", 0, "a"), ("failed", 0, "b")], None),
        ([("sending", 0, "a"), ("sending", 0, "b"), ("failed", 1, "b")], None),
        # Two at the same time.
        ([("sending", 0, "a"), ("sending", 0, "b"), ("failed", 1, "b"), ("failed", 1, "a")], "failed"),
        ([("sending", 0, "a"), ("sending", 0, "b"), ("failed", 1, "b"), ("destroyed", 1, "a")], None),
        ([("sending", 0, "a"), ("restored", 1, "b"), ("failed", 0, "a")], "failed"),
        # It was killed, and an undo has brought it back.
        ([("sending", 0, "a"), ("restored", 1, "b")], "restored"),
    ],
)
def test_an_outcome_ends_the_line_before_the_send_of_its_own_run(
    log: Path, lines: list[tuple[str, int, str]], reason: str | None
) -> None:
    log.write_text("".join(f"{line(status, attempts, run=run)}\n" for status, attempts, run in lines))
    expected = None if reason is None else f"not deleted by this teardown ({reason})"
    assert [candidate.reason for candidate in read(log, "org").candidates] == [expected]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([("creating", 0, "")], UNPROVEN),
        ([("creating", 0, ""), ("failed", 1, "")], "not created by this run (failed)"),
        ([("creating", 0, "a"), ("failed", 0, "a")], "not created by this run (failed)"),
        ([("creating", 0, "a"), ("failed", 0, "b")], UNPROVEN),
        # Of an earlier version, which names no run: it may be another one.
        ([("creating", 0, ""), ("failed", 0, "")], UNPROVEN),
        # A run was killed, and what a later one was refused may be what the first has created.
        ([("creating", 0, "a"), ("creating", 0, "b"), ("failed", 1, "b")], UNPROVEN),
        ([("creating", 0, "a"), ("creating", 0, "b"), ("already_there", 1, "b")], UNPROVEN),
        ([("creating", 0, "a"), ("unknown", 1, "a"), ("creating", 0, "b"), ("failed", 1, "b")], UNPROVEN),
        ([("unknown", 1, ""), ("already_there", 1, "")], UNPROVEN),
        ([("creating", 0, ""), ("creating", 0, ""), ("failed", 1, "")], UNPROVEN),
        # Two at the same time.
        (
            [("creating", 0, "a"), ("creating", 0, "b"), ("failed", 1, "a"), ("failed", 1, "b")],
            "not created by this run (failed)",
        ),
    ],
)
def test_an_outcome_of_the_same_run_shows_that_nothing_was_created(
    log: Path, lines: list[tuple[str, int, str]], reason: str
) -> None:
    log.write_text("".join(f"{line(status, attempts, run=run)}\n" for status, attempts, run in lines))
    assert [candidate.reason for candidate in read(log, "org", CreationTrace).candidates] == [reason]


def test_one_name_under_two_uuids_is_two_targets_and_one_uuid_is_one_in_any_case(log: Path) -> None:
    log.write_text(
        "\n".join([line("destroyed", 1), line("failed", 1, uuid="ID-X"), line("failed", 1, uuid="other")])
    )
    found = [(c.target.uuid, c.reason) for c in read(str(log), "org").candidates]
    assert found == [("id-x", None), ("other", "not deleted by this teardown (failed)")]


def test_lines_that_were_cut_short_are_counted(log: Path) -> None:
    log.write_text(
        f"{line('destroyed', 1)}\n{line('sending', name='y')[:50]}\n\n{line('destroyed', 1, name='z')}"
    )
    found = read(log, "org")
    assert [c.target.database for c in found.candidates] == ["x", "z"]
    assert (found.title, found.left_out) == ("audit log log.jsonl", ("1 lines that were cut short",))


def test_a_line_keeps_the_location_and_bytes_that_are_no_text_are_a_line_cut_short(log: Path) -> None:
    located = line("destroyed", 1, kind="group location", group="g", location="fra")
    log.write_bytes(located.encode() + b"\n\xff\xfe\n")
    found = read(log, "org")
    assert [c.target.location for c in found.candidates] == ["fra"]
    assert found.left_out == ("1 lines that were cut short",)


def test_a_file_is_read_as_utf_8_wherever_it_is_read(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_text = Path.read_text

    def strict(self: Path, encoding: str | None = None, errors: str | None = None) -> str:
        return read_text(self, encoding or "ascii", errors)

    monkeypatch.setattr(Path, "read_text", strict)
    log.write_bytes(json.dumps(json.loads(line("destroyed", 1, name="\u00e9")), ensure_ascii=False).encode())
    assert [c.target.database for c in read(log, "org").candidates] == ["\u00e9"]
    # Editors on Windows begin a file with a mark.
    log.write_bytes(b"\xef\xbb\xbf" + log.read_bytes())
    assert [c.target.database for c in read(log, "org").candidates] == ["\u00e9"]


def test_a_line_without_attempts_has_none(log: Path) -> None:
    lines = [json.loads(line("sending")), json.loads(line("skipped"))]
    del lines[1]["attempts"]
    log.write_text("\n".join(map(json.dumps, lines)))
    assert [c.reason for c in read(log, "org").candidates] == [None]


def test_what_is_sent_in_a_plan_has_no_outcome_so_far_and_its_later_log_decides() -> None:
    target = {"kind": "database", "organization": "org", "database": "x"}
    skipped = {**target, "reason": "excluded"}
    found = read({"title": "", "targets": [target], "skipped": [skipped]}, "org")
    assert [c.reason for c in found.candidates] == [None]


def test_an_empty_report_has_nothing_to_bring_back() -> None:
    found = read({"outcomes": []}, "org")
    assert (found.title, found.candidates, found.left_out) == ("a report", (), ())


def test_the_names_of_one_kind_without_a_uuid_are_one_target(log: Path) -> None:
    log.write_text("\n".join([line("destroyed", 1, uuid=""), line("failed", 1, uuid=""), line("failed", 1)]))
    found = [(c.target.uuid, c.reason) for c in read(log, "org").candidates]
    assert [uuid for uuid, _ in found] == ["", "id-x"] and found[0][1] is None


def test_lines_of_other_organizations_are_counted_and_nothing_else_is_refused(log: Path) -> None:
    foreign = [line("destroyed", 1, organization=name) for name in ("b", "a", "b")]
    log.write_text("\n".join([*foreign, line("destroyed", 1)]))
    found = read(log, "org")
    assert [c.target.organization for c in found.candidates] == ["org"]
    assert found.left_out == ("1 lines of the organization 'a'", "2 lines of the organization 'b'")
    log.write_text("\n".join(foreign))
    with pytest.raises(ConfigurationError, match="'a', 'b'"):
        read(log, "org")


def test_a_line_of_an_api_token_is_of_no_other_organization(log: Path) -> None:
    log.write_text(json.dumps({"kind": "API token", "token": "t", "status": "destroyed", "attempts": 1}))
    found = read(log, "org")
    assert [str(c.target) for c in found.candidates] == ["API token t"]
    assert found.left_out == ()


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        "7\n8",
        "{}",
        '{"targets": 1}',
        '{"targets": [], "skipped": 1}',
        '{"targets": [1]}',
        '{"targets": [], "skipped": [1]}',
        '{"outcomes": [1]}',
        '{"outcomes": [{}]}',
        line("gone"),
        line("destroyed", kind="planet"),
        line("destroyed", database=""),
        json.dumps({**json.loads(line("destroyed")), "attempts": "1"}),
        json.dumps({**json.loads(line("destroyed")), "attempts": True}),
        json.dumps({**json.loads(line("destroyed")), "run": 1}),
        json.dumps({**json.loads(line("destroyed")), "status": ["destroyed"]}),
        "[" * 100_000,
    ],
)
def test_what_is_no_source_is_refused(log: Path, text: str) -> None:
    log.write_text(text)
    with pytest.raises(InvalidInputError):
        read(log, "org")


@pytest.mark.parametrize("source", [None, 7, "", [], b"log"])
async def test_an_argument_of_another_type_is_refused_before_any_request(source: Any) -> None:
    async with TursoClient("a-token", organization="org", base_url="http://127.0.0.1:1") as turso:
        with pytest.raises(InvalidInputError, match="is expected"):
            await turso.teardown.plan_undo(source)


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none", "org")


def test_a_plan_names_its_targets_and_leaves_out_what_it_skips(log: Path) -> None:
    target = {"kind": "database", "organization": "org", "database": "x", "uuid": "u"}
    skipped = {"kind": "database", "organization": "org", "database": "y", "uuid": "v", "reason": "excluded"}
    data = {"title": "databases x*", "organization": "org", "targets": [target], "skipped": [skipped]}
    log.write_text(json.dumps(data))
    for source in (data, log):
        found = read(source, "org")
        assert [(c.target.database, c.reason) for c in found.candidates] == [
            ("x", None),
            ("y", "not deleted by this teardown (skipped)"),
        ]
        assert found.title.startswith("plan 'databases x*'")


def test_the_data_of_a_report_are_read_as_the_report_is(log: Path) -> None:
    data = {
        "ok": True,
        "outcomes": [json.loads(line("destroyed", 1)), json.loads(line("failed", 1, name="y"))],
    }
    log.write_text(json.dumps(data))
    for source in (data, log):
        found = read(source, "org")
        assert [c.reason for c in found.candidates] == [None, "not deleted by this teardown (failed)"]
        assert found.title == ("a report" if source is data else "a report (log.jsonl)")
        assert found.left_out == ()


@pytest.mark.parametrize("text", ["", "\n", "\ufeff"])
def test_the_log_of_a_run_that_was_killed_before_its_first_send_has_no_targets(
    tmp_path: Path, text: str
) -> None:
    (log := tmp_path / "log").write_text(text, encoding="utf-8")
    assert read(log, "org") == Done(title="audit log log", candidates=())


@pytest.mark.parametrize("trace", [DeletionTrace, CreationTrace])
@pytest.mark.parametrize("before", ["", "\n", line("created") + "\n"])
def test_a_source_with_two_values_under_one_key_is_refused(log: Path, before: str, trace: Any) -> None:
    """As a person may edit it: which of the two counts must not depend on their order."""
    log.write_text(before + line("created", 1).replace('"status"', '"uuid": "id-prod", "status"') + "\n")
    with pytest.raises(InvalidInputError, match="a key comes twice"):
        read(log, "org", trace)
