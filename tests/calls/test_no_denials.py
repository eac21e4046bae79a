"""A name, a word for what is done, and the platform's own records are no denials."""

from __future__ import annotations

import json

import pytest

from aioturso import DecodeError
from aioturso._decode import nothing
from aioturso._removals import removed

DESTROYED = removed("organization", "database", "instance")
NAMED = ("org", "pending", "queued")


@pytest.mark.parametrize(
    "data",
    [
        {"instance": "queued"},
        {"instance": {"name": "queued"}, "database": "pending"},
        {"name": "queued"},
        {"deleted": {"instance": "queued"}},
        {"deleted": "queued"},
        {"results": {"queued": "deleted"}},
        {"message": 'the instance "queued" of "pending" is deleted'},
        {"message": "instance 'queued' [pending] `queued` was destroyed"},
        {
            "status": "deleted",
            "state": "up",
            "code": 200,
            "result": "ok",
            "phase": "done",
            "affected_rows": 1,
        },
        {
            "pending": False,
            "queued": 0,
            "dry_run": False,
            "scheduled": "no",
            "skipped": [],
            "scheduled_at": None,
        },
        {
            "dryRun": "false",
            "failed": 0,
            "failures": [],
            "deleted": 1,
            "count": 1,
            "deleted_at": "2026-11-26",
        },
        {"message": "the database is deleted; deletion is complete"},
        {"requested": 1, "accepted": True, "started_at": "2026-11-26"},
    ],
    ids=str,
)
def test_a_name_and_a_word_for_what_is_done_leave_a_success_one(data: object) -> None:
    body = json.dumps(data).encode()
    assert DESTROYED(body, NAMED) == "queued"
    nothing(body, NAMED)


@pytest.mark.parametrize("text", ['"other" is pending', "'queued is pending'", "queued is pending"])
def test_a_word_that_is_no_quoted_name_keeps_its_meaning(text: str) -> None:
    with pytest.raises(DecodeError, match="not yet done"):
        DESTROYED(json.dumps({"message": text}).encode(), NAMED)


GROUP = {
    "name": "g",
    "uuid": "1",
    "locations": ["iad", "fra"],
    "primary": "iad",
    "archived": False,
    "version": "tech-preview",
    "delete_protection": False,
    "status": {"locations": [{"name": "iad", "status": "up"}, {"name": "fra", "status": "down"}]},
}


def test_the_records_that_the_platform_answers_are_no_denials() -> None:
    body = json.dumps({"group": GROUP}).encode()
    assert removed("organization", "group")(body, ("org", "g")) == "g"
    assert removed("group", "location", by="group")(body, ("g", "fra")) == "fra"
