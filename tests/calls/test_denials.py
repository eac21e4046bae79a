"""A success whose own words are that nothing was done, or not yet, is none."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from aioturso import DecodeError
from aioturso._decode import anything, nothing
from aioturso._removals import removed

NAMES = ("org", "db", "fra")
DESTROYED = removed("organization", "database", "instance")

NOT_DONE = (
    *(
        "has not been deleted",
        "wasn't destroyed",
        "isn\u2019t removed",
        "will not be revoked",
        "not terminated",
    ),
    *("did not delete", "didn't destroy", "do not remove", "does not revoke", "won't terminate"),
    *("is not being deleted", "was not done", "doesn't exist", "does not exist", "can\u2019t be deleted"),
    *("was not deleted", "wasn't found", "is not allowed", "isn't permitted", "was not authorised"),
)
FAILED = [
    *({"error": value} for value in ("x", "", [], False)),
    *({"errors": value} for value in ("x", ["x"], {"a": "x"})),
    *({key: "x"} for key in ("err", "fault", "error_description")),
    *({key: False} for key in ("succeeded", "done", "accepted", "destroyed")),
    *({"ok": word} for word in ("no", "0", " FALSE ")),
    *({"status": word} for word in ("Access denied", "forbidden", "unauthorized", "rejected", "refused")),
    *({key: "aborted"} for key in ("state", "code", "result")),
    *({"outcome": word} for word in ("denied", "access-denied")),
    *({key: " 404 "} for key in ("status", "http_status", "status_code", "code")),
    {"detail": "it does not exist"},
    *(
        {key: "E17"}
        for key in ("error_code", "errorCode", "err_msg", "error_type", "problem", "failureReason")
    ),
    *({"errno": value} for value in (5, "5", [1], {"a": 1})),
    *({key: "Error"} for key in ("type", "kind", "level", "severity")),
    *({"type": word} for word in ("error_response", "exception", "failure", "fatal")),
    *({"status": word} for word in ("error: locked", "ERROR_INTERNAL")),
    *(
        {"message": f"The {words}."}
        for words in (
            "service is unavailable",
            "host is unreachable",
            "token is invalid",
            "method is unsupported",
        )
    ),
    *(
        {"message": words}
        for words in (
            "not implemented",
            "not supported",
            "not available",
            "not ready",
            "not possible",
            "not valid",
        )
    ),
    *(
        {"message": words}
        for words in ("unauthenticated", "rejected", "refused", "blocked", "login required")
    ),
    *({"message": words} for words in ("Bad Request", "bad gateway", "Internal Server Error", "timeout")),
    *(
        {"message": words}
        for words in ("timed out", "time-out", "rate limit", "request limit", "Too many requests")
    ),
    *(
        {"message": f"{words} cancelled"}
        for words in ("deletion was", "request is", "operation", "job", "task")
    ),
    {"message": "removal aborted"},
    *(
        {key: 1}
        for key in ("failed_count", "num_failed", "failedItems", "error_count", "errorsCount", "total_errors")
    ),
    *({key: True} for key in ("blocked", "is_locked", "protected", "forbidden", "unauthorized", "throttled")),
    *({key: True} for key in ("rate_limited", "timed_out", "instance_locked")),
    *({key: False} for key in ("result", "response", "outcome")),
    *({"code": code} for code in ("INSTANCE_LOCKED", "database_error", "E_FORBIDDEN", "err.locked")),
    *(
        {"message": words}
        for words in ("error", "An exception occurred", "2 errors", "a conflict", "conflicts")
    ),
    *({"message": words} for words in ("deletion failure", "2 failures", "unsuccessful", "not successful")),
    *({"message": f"The instance {words}."} for words in NOT_DONE),
    *(
        {"message": words}
        for words in ("no such database", "disallowed", "prohibited", "log-in required", "internal server")
    ),
    *(
        {key: True}
        for key in ("revoke_failed", "revocationFailed", "destruction_failed", "terminationFailed")
    ),
    *({key: True} for key in ("fail", "failure", "was_rejected", "isRefused", "exception", "errorMessage")),
    *({key: "E17"} for key in ("err_types", "error_reason", "errorDetail", "error_details")),
    {"status": "fail"},
    *({key: "failed"} for key in ("title", "warning", "mode", "stage")),
    *({"message": words} for words in ("2 exceptions", "operation canceled", "it has not been authorized")),
]


@pytest.mark.parametrize("answer", FAILED, ids=str)
def test_each_word_for_a_failure_makes_a_success_none(answer: object) -> None:
    with pytest.raises(DecodeError):
        nothing(json.dumps(answer).encode(), NAMES)


@pytest.mark.parametrize(
    "answer",
    [
        *({key: 404} for key in ("detail", "ok", "state", "outcome", "result")),
        *({key: 4.04} for key in ("code", "status")),
        *({"code": code} for code in (399, 600, 40, 4040)),
        *({key: ["failed"]} for key in ("status", "message", "ok")),
        *({"message": text} for text in ("the unfounded", "failedover", "recant")),
        *({"deleted": value} for value in ("0 of 0", None, "", {})),
        {"name": "failed", "label": "not found", "size": 0},
        *(
            {"error_code": value}
            for value in (0, 200, "0", "", "OK", "none", "NO_ERROR", "success", "null", "200")
        ),
        *({"message": f"deleted {words}"} for words in ("without errors", "with no error", "with 0 errors")),
        *({"message": f"removed {words}"} for words in ("with zero conflicts", "without any exception")),
        *({"message": words} for words in ("no failures", "deleted without failure", "successful")),
        *({"type": word} for word in ("replica", "primary", "terror")),
        *({"error": None, "errors": value} for value in (None, [], {})),
        *(
            {key: 0}
            for key in ("failed_count", "error_count", "skipped_count", "pending_count", "num_failed")
        ),
        {"result": None, "response": {}, "outcome": "deleted", "locked": False, "protected": "no"},
        {"code": "instance_deleted", "databases_failed_over": 1, "group_name": "locked"},
    ],
    ids=str,
)
def test_what_is_no_word_for_a_failure_leaves_a_success_one(answer: object) -> None:
    nothing(json.dumps(answer).encode(), NAMES)


def _within(depth: int, inner: str, around: str = '{{"a":{}}}') -> bytes:
    for _ in range(depth):
        inner = around.format(inner)
    return inner.encode()


def test_an_error_is_looked_for_three_objects_deep_and_where_no_data_comes_a_failure_eight() -> None:
    """Below, the keys are data."""
    error, failure = '{"error":"no"}', '{"ok":false}'
    for deep in (0, 2):
        with pytest.raises(DecodeError, match="an error in the answer"):
            anything(_within(deep, error), NAMES)
    assert anything(_within(3, error), NAMES)
    for around, inner in product(('{{"a":{}}}', "[{}]"), (error, failure)):
        with pytest.raises(DecodeError, match=r"a failure in the answer at \$$") as caught:
            nothing(_within(7, inner, around), NAMES)
        assert caught.value.where == "$"
        nothing(_within(8, inner, around), NAMES)


def why(data: Any) -> str:
    """Why an answer is no success, to a deletion and to an operation that answers nothing."""
    body, found = json.dumps(data).encode(), set[str]()
    for read in (DESTROYED, nothing):
        with pytest.raises(DecodeError) as caught:
            read(body, NAMES)
        found.add(str(caught.value).removesuffix(", at $"))
    (text,) = found
    return text


COUNTS = """
affected affected_rows affectedRows rowsAffected rows_deleted recordsRemoved items_affected deleted_count deletedCount
total_deleted num_removed is_deleted wasDestroyed revoked terminated changed changes modified modifiedCount matched
updated count found item_changed record_count affected_items affected-records affectedRecord
"""
NO_CHANGE = [
    *({key: 0} for key in COUNTS.split()),
    *({"deleted": value} for value in ([], 0.0, "0")),
    {"data": {"result": [{"affected_rows": 0}]}},
    *(
        {key: True}
        for key in ("dry_run", "dryRun", "dry-run", "DryRun", "noop", "no_op", "simulated", "is_dry_run")
    ),
    *(
        {key: True}
        for key in ("simulation", "validateOnly", "validation_only", "what_if", "skipped", "ignored")
    ),
    *({key: True} for key in ("unchanged", "not_modified", "notFound", "not_deleted", "not_done")),
    *({key: True} for key in ("requires_confirmation", "needsConfirmation", "confirmation_required")),
    {"dry_run": "server"},
    {"skipped": ["fra"]},
    *(
        {"status": word}
        for word in ("dry run", "skipped", "ignored", "none", "nothing", "no_change", "No changes")
    ),
    *(
        {"result": word}
        for word in ("no action", "noop", "unchanged", "not modified", "not_found", "delete_skipped")
    ),
    {"status": 304},
    *(
        {"message": f"{text}."}
        for text in ("Dry run", "dryrun", "this is a dry-run", "no-op", "noop", "simulated", "skipped")
    ),
    *(
        {"message": text}
        for text in ("simulation only", "would be deleted", "it would have been removed", "skipping")
    ),
    *(
        {"message": text}
        for text in ("ignored", "unchanged", "0 rows", "no row was affected", "zero records", "no item")
    ),
    *(
        {"msg": f"no {thing}"}
        for thing in ("changes", "databases", "instance was deleted", "groups", "token")
    ),
    *(
        {"msg": f"no {thing}"}
        for thing in ("change", "database", "instances were deleted", "group", "tokens")
    ),
    *({key: True} for key in ("exist", "stillExist", "was_skipped", "authentication_required")),
    *({key: True} for key in ("exists", "still_exists", "present", "still_there", "stillPresent")),
    {"kept": ["fra"]},
    *(
        {key: True}
        for key in ("approval_required", "needsApproval", "requires_mfa", "otp_required", "login_required")
    ),
    *({key: True} for key in ("preview", "no_change", "noChanges", "instance_not_found", "database_exists")),
    *({"code": code} for code in ("instance_not_found", "DATABASE_NOT_FOUND", "E_NOT_FOUND", "group.exists")),
    *({key: 2} for key in ("skipped_count", "num_ignored", "not_found_count")),
    {"mode": "preview"},
    {"deleted": "not yet"},
    *({"status": word} for word in ("exists", "still exists", "exist", "kept")),
    *(
        {"message": f"It is {words}"}
        for words in ("locked", "protected", "read-only", "read only", "still there")
    ),
    *(
        {"message": words}
        for words in (
            "it still exists",
            "they still exist",
            "still in use",
            "it was kept",
            "it has been kept",
        )
    ),
    *({"message": words} for words in ("maintenance", "Try again", "please retry", "quota exceeded")),
    *(
        {"message": words}
        for words in (
            "insufficient rights",
            "no permission",
            "please confirm",
            "Please log in",
            "please log-in",
            "please login",
        )
    ),
    *({"message": f"confirmation {words}"} for words in ("required", "is needed")),
    *(
        {"info": f"Nothing {words}"}
        for words in ("was deleted", "has been destroyed", "to be removed", "revoked")
    ),
    *(
        {"note": f"nothing {words}"}
        for words in ("done", "changed", "to do", "to delete", "to destroy", "to remove")
    ),
]


@pytest.mark.parametrize("data", NO_CHANGE, ids=str)
def test_a_success_whose_own_words_are_that_nothing_was_done_is_none(data: object) -> None:
    assert why(data) == "a success status, and nothing was done"


LATER = """
pending queued enqueued scheduled in_progress IN-PROGRESS inProgress processing deferred delayed waiting async
asynchronous underway pending_deletion deletion_pending scheduled_for_deletion is_pending delete_in_progress
"""
STATES = """
accepted running started starting not_yet not_started not_ready submitted received requested initiated ongoing partial
partially_deleted incomplete deleting destroying removing revoking terminating shutting-down stopping draining
deletion_requested job_running operation_started request_received
"""
PLACES = """
status state result outcome code phase stage action mode job_status DBInstanceStatus deletionState operation_status
"""
NOT_YET = [
    *({"status": word} for word in (LATER + STATES).split()),
    *({place: "pending"} for place in PLACES.split()),
    *({word: True} for word in LATER.split()),
    *({key: 1} for key in ("pending_count", "num_queued", "instance_pending")),
    *({key: False} for key in ("done", "complete", "completed", "isFinished", "ready", "confirmed")),
    *({"pending": value} for value in (1, "yes", "true", " 1", ["fra"])),
    *(
        {key: "2026-11-27"}
        for key in ("scheduled_at", "scheduledFor", "deletion_scheduled_at", "scheduled_deletion_time")
    ),
    *({key: 1795000000} for key in ("scheduled_on", "delete_scheduled_date", "scheduled_removal_at")),
    *({key: 202} for key in ("status", "statusCode", "http_status", "code")),
    {"instance": {"name": "fra", "status": "deleting"}},
    {"data": [{"operation": {"state": "RUNNING"}}]},
    *({"message": f"The instance is {words}."} for words in ("pending", "queued", "enqueued", "scheduled")),
    *(
        {"message": words}
        for words in ("marked for deletion", "in progress", "In-Progress", "in the background")
    ),
    *(
        {"detail": words}
        for words in ("shortly", "asynchronously", "deleting it", "destroying", "removing", "revoking")
    ),
    *({"text": f"it {words}"} for words in ("is being deleted", "will be destroyed", "to be removed")),
    *(
        {"details": f"deletion {words}"}
        for words in ("accepted", "was received", "is submitted", "has started")
    ),
    *(
        {"summary": f"{what} has been initiated"}
        for what in ("request", "operation", "job", "task", "removal")
    ),
    *({"warning": f"the job {words}"} for words in ("has begun", "is running")),
    *({"message": f"it {words}"} for words in ("is not yet deleted", "hasn't yet been revoked")),
    *({"message": f"it will not yet {words}"} for words in ("be removed", "be done")),
    *({"status": word} for word in ("revoke_pending", "revocation pending")),
]


@pytest.mark.parametrize("data", NOT_YET, ids=str)
def test_a_success_whose_own_words_are_that_it_is_not_yet_done_is_none(data: object) -> None:
    assert why(data) == "accepted, and not yet done"


WORDS_OF_FAILURE = [
    *({key: True} for key in ("failed", "rejected", "refused", "denied", "delete_failed")),
    *({key: ["x"]} for key in ("failures", "failed")),
    *({key: False} for key in ("acknowledged", "applied", "executed", "succeeded", "success", "ok")),
    *({key: False} for key in ("accepted", "allowed", "permitted", "authorized", "successful")),
    *(
        {"status": word}
        for word in ("cancelled", "canceled", "blocked", "locked", "protected", "conflict", "invalid")
    ),
    *(
        {"state": word}
        for word in ("timeout", "timed out", "unavailable", "deletion_failed", "DELETE_FAILED")
    ),
    *(
        {"message": f"We {words} delete it"}
        for words in ("could not", "couldn't", "cannot", "can not", "can't", "are unable to", "failed to")
    ),
    *(
        {"message": f"We {words} reach it"}
        for words in ("could not", "couldn't", "cannot", "can not", "can't")
    ),
    *({"reason": f"Access {word}"} for word in ("denied", "forbidden", "unauthorized", "unauthorised")),
]


@pytest.mark.parametrize("data", WORDS_OF_FAILURE, ids=str)
def test_a_success_whose_own_words_are_that_it_failed_is_none(data: object) -> None:
    assert why(data) == "a success status with a failure in the answer at $"
