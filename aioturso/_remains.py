"""Pure: finds in the answer to a removal that the thing is still there, or that a job will remove it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ._denials import WAITING
from ._structure import fail
from ._wording import DELETED, DELETION, STATE, bare, exactly, is_no, is_set, one_of, pairs, state_of

_THERE = "a success status, and it is still there,"
# No name of such a state is one for what is gone.
_STAYS = state_of(
    "active|available|online|alive|healthy|enabled|ready|archived|suspended|paused|disabled|stopped|retained|preserved"
    "|created|restored|recovered|unknown"
)
_LIVES = one_of("active|alive|available|online|enabled|running")
_LACKS = one_of("gone|absent")
_DATE = exactly(f"(?:{DELETED}|{DELETION})(?:at|on|date|time)")
_JOB = exactly(
    f"(?:{DELETION})?(?:job|task|operation|workflow|ticket)s?(?:id|ids|uuid|url|uri|href|link|ref|name|handle)?"
    "|(?:status|poll|polling|tracking|monitor)(?:url|uri|href|link)"
)
_VERB = exactly("(?:delet|destr|remov|revo|terminat)[a-z0-9]*")
_DONE = state_of(f"done|completed?|succeeded|success(?:ful)?|finished|{DELETED}")
_FINISHED = exactly(f"{DELETED}|done|completed?|finished")

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
    if has_job and not any(_is_done(bare(key), value) for key, value in pairs(data)):
        fail("$", WAITING)


def _is_not_set(value: Any) -> bool:
    # The zero of Go's times, and that of Unix.
    return not value or is_no(value) or (isinstance(value, str) and value.startswith(("0001-", "1970-")))


def _is_job(value: Any) -> bool:
    # An operation may be named by its verb.
    return is_set(value) and not (isinstance(value, str) and _VERB(bare(value)))


def _is_done(key: str, value: Any) -> bool:
    return bool((STATE(key) and _DONE(value)) or (_FINISHED(key) and is_set(value)))
