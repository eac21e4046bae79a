"""Pure: finds in the answer to a removal that the thing is still there, or that a job will remove it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ._denials import DEEP, DELETED, DELETION, STATE, WAITING, bare, is_no, is_set, one_of, pairs, state_of
from ._structure import fail

_THERE = "a success status, and it is still there,"
# No name of such a state is one for what is gone.
_STAYS = state_of(
    *("active", "available", "online", "alive", "healthy", "enabled", "ready", "archived", "suspended"),
    *(
        "paused",
        "disabled",
        "stopped",
        "retained",
        "preserved",
        "created",
        "restored",
        "recovered",
        "unknown",
    ),
)
_LIVES = one_of("active", "alive", "available", "online", "enabled", "running")
_LACKS = one_of("gone", "absent")
_DATE = re.compile(f"(?:{DELETED}|{DELETION})(?:at|on|date|time)").fullmatch
_JOB = re.compile(
    f"(?:{DELETION})?(?:job|task|operation|workflow|ticket)s?(?:id|ids|uuid|url|uri|href|link|ref|name|handle)?"
    "|(?:status|poll|polling|tracking|monitor)(?:url|uri|href|link)"
).fullmatch
_VERB = re.compile("(?:delet|destr|remov|revo|terminat)[a-z0-9]*").fullmatch
_DONE = state_of("done", "completed?", "succeeded", "success(?:ful)?", "finished", DELETED)
_FINISHED = re.compile(f"{DELETED}|done|completed?|finished").fullmatch

Pairs = Iterable[tuple[str, Any]]


def refuse_presence(own: Pairs) -> None:
    """Raises DecodeError for an answer to a removal in which the thing is still there.

    `own`: the keys, with their values, that are about this thing.
    """
    for key, value in own:
        plain = bare(key)
        stays = STATE(plain) and _STAYS(value)
        lives = (_LIVES(plain) and value is True) or (_LACKS(plain) and value is False)
        if stays or lives or (_DATE(plain) and _is_not_set(value)):
            fail("$", _THERE)


def refuse_job(own: Pairs, data: dict[str, Any]) -> None:
    """Raises DecodeError for an answer that has a job, and no word in any place by which it is done."""
    has_job = any(_JOB(bare(key)) and _is_job(value) for key, value in own)
    if has_job and not any(_is_done(bare(key), value) for key, value in pairs(data, DEEP)):
        fail("$", WAITING)


def _is_not_set(value: Any) -> bool:
    # The zero of Go's times, and that of Unix.
    return not value or is_no(value) or (isinstance(value, str) and value.startswith(("0001-", "1970-")))


def _is_job(value: Any) -> bool:
    # An operation may be named by its verb.
    return is_set(value) and not (isinstance(value, str) and _VERB(bare(value)))


def _is_done(key: str, value: Any) -> bool:
    return bool((STATE(key) and _DONE(value)) or (_FINISHED(key) and is_set(value)))
