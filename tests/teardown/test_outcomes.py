"""Outcomes, reports and their errors, progress and the options of a run, as data."""

from __future__ import annotations

import math
from typing import Any

import pytest

from aioturso import (
    APIError,
    CreationReport,
    Outcome,
    OutcomeStatus,
    Target,
    TeardownError,
    TeardownReport,
    TursoError,
)
from aioturso.teardown.progress import Progress
from aioturso.teardown.report import DRY_RUN, Report, ReportError, summary
from aioturso.teardown.traces import read

STATUSES = list(OutcomeStatus)
TARGET = Target(kind="database", database="a", organization="org")
DOWN = APIError("it is\ndown", status=503, code="c", retry_after=2.0, request_id="r")


def outcome(status: OutcomeStatus, **fields: Any) -> Outcome:
    return Outcome(**{"target": TARGET, "status": status, **fields})


def test_an_outcome_as_plain_data_has_what_its_error_knows() -> None:
    DOWN.maybe_applied = True
    found = outcome(OutcomeStatus.UNKNOWN, reason="why", error=DOWN, attempts=3, elapsed=1.23456789).to_dict()
    assert found == {
        "kind": "database",
        "organization": "org",
        "database": "a",
        "status": "unknown",
        "reason": "why",
        "error": "it is\ndown",
        "error_class": "APIError",
        "http_status": 503,
        "code": "c",
        "retry_after": 2.0,
        "maybe_applied": True,
        "request_id": "r",
        "attempts": 3,
        "elapsed": 1.234568,
    }


def test_an_outcome_without_an_error_has_none_of_its_facts() -> None:
    assert (outcome(OutcomeStatus.DESTROYED).elapsed, outcome(OutcomeStatus.DESTROYED).attempts) == (0, 0)
    found = outcome(OutcomeStatus.DESTROYED).to_dict()
    assert (found["error"], found["error_class"]) == (None, None)
    assert not {"http_status", "code", "retry_after", "maybe_applied", "request_id"} & set(found)
    other = outcome(OutcomeStatus.FAILED, error=ValueError("odd")).to_dict()
    assert other["error_class"] == "ValueError" and other["http_status"] is other["maybe_applied"] is None


def test_an_outcome_is_a_line_with_its_error_or_else_its_reason() -> None:
    assert str(outcome(OutcomeStatus.ALREADY_GONE)) == "already gone: database a"
    assert str(outcome(OutcomeStatus.SKIPPED, reason="why")) == "skipped: database a: why"
    failed = outcome(OutcomeStatus.FAILED, reason="why", error=DOWN)
    assert str(failed) == "failed: database a: it is down"


def test_a_report_has_each_status_under_its_name() -> None:
    outcomes = tuple(outcome(status) for status in STATUSES)
    report, made = TeardownReport(outcomes), CreationReport(outcomes)
    for status in STATUSES:
        holder = made if status in (OutcomeStatus.CREATED, OutcomeStatus.FOUND) else report
        assert [found.status for found in getattr(holder, status.value)] == [status]
    assert str(report) == ", ".join(f"1 {status.value.replace('_', ' ')}" for status in STATUSES)


# Of each status: whether the report is fine, whether something may have changed, whether an undo takes the target.
JUDGED = {
    "destroyed": (True, True, True),
    "already_gone": (True, False, False),
    "skipped": (True, False, False),
    "failed": (False, False, False),
    "unknown": (False, True, True),
    "not_attempted": (False, False, False),
    "restored": (True, True, False),
    "created": (True, True, False),
    "found": (True, True, False),
    "already_there": (True, False, False),
}


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_is_judged_by_the_report_its_error_and_the_undo(status: OutcomeStatus) -> None:
    assert status.value in JUDGED, "a new status has a row here: the comment at OutcomeStatus has its places"
    report = TeardownReport((outcome(status),))
    (traced,) = read(report, "org").candidates
    assert (report.ok, report.as_error().maybe_applied, traced.reason is None) == JUDGED[status.value]


def test_a_summary_leaves_out_what_is_not_there() -> None:
    assert summary({OutcomeStatus.FAILED: 2, OutcomeStatus.DESTROYED: 1}) == "1 destroyed, 2 failed"
    assert summary({}) == summary({OutcomeStatus.FAILED: 0}) == "no targets"


def test_what_a_dry_run_leaves_out_is_fine_and_what_is_unverified_is_not() -> None:
    dry = outcome(OutcomeStatus.NOT_ATTEMPTED, reason=DRY_RUN)
    assert TeardownReport((dry,)).ok
    assert not TeardownReport((dry, outcome(OutcomeStatus.NOT_ATTEMPTED, reason="stopped"))).ok
    assert not TeardownReport(unverified=DOWN).ok and not TeardownReport(failure=ValueError()).ok
    assert TeardownReport().ok is True


@pytest.mark.parametrize(
    ("report", "raises"),
    [
        (TeardownReport((outcome(OutcomeStatus.FAILED),)), True),
        (TeardownReport((outcome(OutcomeStatus.UNKNOWN),)), True),
        (TeardownReport((outcome(OutcomeStatus.NOT_ATTEMPTED),)), False),
        (TeardownReport((outcome(OutcomeStatus.DESTROYED),)), False),
        (TeardownReport(unverified=DOWN), True),
        (TeardownReport(failure=ValueError("odd")), True),
    ],
)
def test_a_report_raises_for_failures_alone(report: TeardownReport, raises: bool) -> None:
    if raises:
        with pytest.raises(TeardownError) as caught:
            report.raise_for_failures()
        assert caught.value.report is report
    else:
        report.raise_for_failures()


def test_the_error_of_a_report_holds_the_causes_and_the_facts_of_all_attempts() -> None:
    failed = outcome(OutcomeStatus.FAILED, error=DOWN, attempts=2)
    report = TeardownReport(
        (outcome(OutcomeStatus.DESTROYED, attempts=1), failed, outcome(OutcomeStatus.UNKNOWN)),
        unverified=TursoError("not verified"),
        failure=ValueError("odd"),
    )
    error = report.as_error()
    assert error.exceptions == (DOWN, report.unverified, report.failure)
    assert (error.attempts, error.maybe_applied, error.report) == (3, True, report)
    assert error.message == f"1 destroyed, 1 failed, 1 unknown; first {failed}"


@pytest.mark.parametrize(
    ("status", "maybe"), [("destroyed", True), ("restored", True), ("unknown", True), ("failed", False)]
)
def test_the_error_of_a_report_knows_whether_anything_may_have_changed(status: str, maybe: bool) -> None:
    assert TeardownReport((outcome(OutcomeStatus(status)),)).as_error().maybe_applied is maybe


def test_the_error_of_a_report_shows_the_first_failure_alone() -> None:
    failed = tuple(outcome(OutcomeStatus.FAILED, reason=reason) for reason in ("one", "two"))
    assert TeardownReport(failed).as_error().message == "2 failed; first failed: database a: one"


def test_the_error_of_a_report_without_a_cause_or_without_a_failure() -> None:
    error = TeardownReport((outcome(OutcomeStatus.UNKNOWN),)).as_error()
    (cause,) = error.exceptions
    assert str(cause) == error.message == "1 unknown; first unknown: database a"
    only = TeardownReport(unverified=DOWN).as_error()
    assert only.message == "no targets; first APIError: it is\ndown"
    both = TeardownReport(unverified=DOWN, failure=ValueError("odd")).as_error()
    assert both.message == "no targets; first ValueError: odd"


@pytest.mark.parametrize(
    ("owners", "found"), [((), None), (("",), None), (("org", ""), "org"), (("org", "other"), None)]
)
def test_the_error_of_a_report_names_the_one_organization_of_its_targets(
    owners: tuple[str, ...], found: str | None
) -> None:
    """An API token belongs to none."""
    targets = [Target(kind="database", database="a", organization=owner) for owner in owners]
    report = TeardownReport(tuple(outcome(OutcomeStatus.FAILED, target=target) for target in targets))
    assert report.as_error().organization == found


def test_the_base_of_reports_raises_the_base_of_their_errors() -> None:
    report = Report((outcome(OutcomeStatus.FAILED),))
    with pytest.raises(ReportError) as caught:
        report.raise_for_failures()
    assert type(caught.value) is ReportError and caught.value.report is report


def test_a_part_of_the_error_keeps_the_report() -> None:
    report = TeardownReport((outcome(OutcomeStatus.FAILED, error=DOWN),), failure=ValueError("odd"))
    some, rest = report.as_error().split(APIError)
    assert isinstance(some, TeardownError) and isinstance(rest, TeardownError)
    assert some.report is rest.report is report and some.exceptions == (DOWN,)
    assert TeardownError("text", [DOWN]).report == TeardownReport()


def test_reports_merge_with_the_first_of_their_errors() -> None:
    one, two = (
        TeardownReport(failure=ValueError("1")),
        TeardownReport(unverified=DOWN, failure=ValueError("2")),
    )
    merged = TeardownReport.merge(TeardownReport(), one, two)
    assert (merged.unverified, merged.failure) == (DOWN, one.failure)


def test_a_report_as_plain_data_has_its_errors_as_texts() -> None:
    report = TeardownReport((), (TARGET,), unverified=DOWN, failure=ValueError("odd"))
    expected = {"ok": False, "outcomes": [], "remaining": [TARGET.to_dict()], "unmatched": []}
    assert report.to_dict() == {**expected, "unverified": "it is\ndown", "failure": "odd"}
    assert TeardownReport().to_dict() == {
        "ok": True,
        "outcomes": [],
        "remaining": [],
        "unverified": None,
        "failure": None,
        "unmatched": [],
    }


def test_progress_knows_its_rate_and_the_seconds_that_remain() -> None:
    half = Progress(done=5, total=20, elapsed=2.0, concurrency=1)
    assert (half.rate, half.remaining) == (2.5, 6.0)
    assert (half.pace, half.pausing, half.refused) == (math.inf, 0.0, 0)
    for early in (
        Progress(done=0, total=2, elapsed=1, concurrency=1),
        Progress(done=1, total=2, elapsed=0, concurrency=1),
    ):
        assert (early.rate, early.remaining) == (0.0, None)
