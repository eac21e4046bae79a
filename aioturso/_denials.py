"""Pure: finds in the answer of a success status the words that nothing was done, or that it is not yet done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from ._operation import RESOURCES, Names
from ._structure import fail, fold

DEPTH = 3  # objects within objects in which an error is looked for; below, keys are data
DEEP = 8  # the same for an answer that has no data
_FAILED = "a success status with a failure in the answer"
_IDLE = "a success status, and nothing was done,"
WAITING = "accepted, and not yet done,"
_EARLIER = "a success status, and it was there before,"
_NO = ("false", "no", "0")
_YES = ("true", "yes", "1")
DELETION = "(?:delet(?:e|ion)|destroy|destruction|remov(?:e|al)|revo(?:ke|cation)|terminat(?:e|ion))"
DELETED = "(?:deleted|destroyed|removed|revoked|terminated)"
_THINGS = "(?:rows?|records?|items?)"
_NOT = "(?:not|[a-z]+n['\u2019]t)"
_BEFORE = f"(?:num|total|e|err|{'|'.join(RESOURCES)})?"
_Test = Callable[[Any], object]


def one_of(*words: str) -> _Test:
    """Returns a test for one of these words, also beside a deletion, as in `deletion_failed` and `pending delete`."""
    before, after = f"(?:(?:{DELETION}|request|operation|job)?(?:is|was)?)", f"(?:(?:for)?{DELETION})?"
    return re.compile(f"{before}(?:{'|'.join(words)}){after}").fullmatch


def state_of(*words: str) -> _Test:
    """Returns a test for a text that is one of these words."""
    fits = one_of(*words)
    return lambda value: isinstance(value, str) and fits(bare(value))


def _meant(*words: str) -> _Test:
    """Returns a test as `one_of`, also for a count of them and for one of a kind of thing: `failed_count`, `group_locked`."""
    return one_of(f"{_BEFORE}(?:{'|'.join(words)})(?:{_THINGS}|count)?")


def _coded(*words: str) -> _Test:
    """Returns a test as `state_of`, also for such a word in a code, as in `INSTANCE_NOT_FOUND` and `E_LOCKED`."""
    return state_of(f"{_BEFORE}(?:{'|'.join(words)})")


def _part(*words: str) -> _Test:
    """Returns a test for a text with one of these words in it."""
    found = re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE).search
    return lambda value: isinstance(value, str) and found(value)


def _code(codes: str) -> _Test:
    fits = re.compile(codes).fullmatch
    return lambda value: isinstance(value, int | str) and fits(str(value).strip())


def is_no(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in _NO
    # False is 0 here, and a count of 0 is a denial too.
    return isinstance(value, int | float) and not value


def _is_none(value: Any) -> bool:
    return value == [] or is_no(value) or (isinstance(value, str) and bare(value) == "notyet")


def is_set(value: Any) -> bool:
    return bool(value) and not is_no(value)


def _is_wrong(value: Any) -> bool:
    # A code of an error may be that of none.
    is_none = isinstance(value, str) and bare(value) in ("ok", "success", "none", "null", "noerror", "200")
    return is_set(value) and not is_none and value != 200


def _is_yes(value: Any) -> bool:
    # A text may be what was done to a thing whose name is the key.
    return value.strip().lower() in _YES if isinstance(value, str) else bool(value)


_DONE = one_of(
    *("success(?:ful)?", "succeeded", "ok", "accepted", "acknowledged", "applied", "executed", "allowed"),
    *("permitted", "authorized"),
)
_COUNT = re.compile(
    f"(?:is|was|num|total)?{_THINGS}?(?:{DELETED}|affected|changed|changes|modified|matched|found|updated|count)"
    f"(?:{_THINGS}|count)?"
).fullmatch
_DATE = re.compile(f"{DELETION}?scheduled{DELETION}?(?:at|for|on|time|date)").fullmatch
STATE = re.compile("[a-z]*(?:status|state)|result|outcome|code|phase|stage|action|mode").fullmatch
_CODE = re.compile("status|statuscode|httpstatus|code").fullmatch
TEXT = re.compile("message|msg|details?|title|reason|note|info|text|summary|warning").fullmatch
_REFUSED = ("fail(?:ed|ures?)?", "rejected", "refused", "denied")
_LEFT = (
    *("dryrun", "noop", "simulat(?:ed|ion)", "validat(?:e|ion)only", "whatif", "preview", "nochanges?"),
    *("skipped", "ignored", "unchanged", "not(?:modified|found|deleted|done)"),
)
_LATER = (
    *("pending", "(?:en)?queued", "scheduled", "inprogress", "processing", "deferred", "delayed", "waiting"),
    *("async(?:hronous)?", "underway"),
)
_LEAVE = "(?:approval|confirmation|login|authentication|otp|mfa)"
_BARRED = (
    "blocked",
    "locked",
    "protected",
    "forbidden",
    "unauthorized",
    "throttled",
    "ratelimited",
    "timedout",
)
_RULES: tuple[tuple[str, _Test, _Test], ...] = (
    (_FAILED, one_of("err", "exception", "fault", "errormessage", "errordescription"), bool),
    (
        _FAILED,
        one_of("err(?:or)?(?:code|no|msg|types?|reason|details?)", "problem", "failurereason"),
        _is_wrong,
    ),
    (
        _FAILED,
        one_of("type", "kind", "level", "severity"),
        state_of("error.*", "exception", "failure", "fatal"),
    ),
    (_FAILED, _DONE, is_no),
    (_FAILED, _meant(*_REFUSED, "errors?"), is_set),
    (_FAILED, re.compile("result|response|outcome").fullmatch, lambda value: value is False),
    (_IDLE, _COUNT, _is_none),
    (_IDLE, _meant("(?:still)?(?:exists?|present|there)", "kept"), is_set),
    (_IDLE, _meant(*_LEFT, f"{_LEAVE}required", f"(?:requires|needs){_LEAVE}"), is_set),
    (_IDLE, _meant(*_BARRED), _is_yes),
    (WAITING, one_of("done", "completed?", "finished", "ready", "confirmed"), is_no),
    (WAITING, _meant(*_LATER), _is_yes),
    (WAITING, _DATE, is_set),
    (_FAILED, _CODE, _code("[45][0-9][0-9]")),
    (_IDLE, _CODE, _code("304")),
    (WAITING, _CODE, _code("202")),
    (
        _FAILED,
        STATE,
        _coded(
            *(*_REFUSED, "error.*", "accessdenied", "forbidden", "unauthorized", "aborted", "cancell?ed"),
            *("blocked", "locked", "protected", "conflict", "invalid", "timeout", "timedout", "unavailable"),
        ),
    ),
    (
        _IDLE,
        STATE,
        _coded(*_LEFT, "none", "nothing", "noaction", "(?:still)?exists?", "kept"),
    ),
    (
        WAITING,
        STATE,
        _coded(
            *(*_LATER, "accepted", "running", "start(?:ed|ing)", "not(?:yet|started|ready)", "submitted"),
            *(
                "received",
                "requested",
                "initiated",
                "ongoing",
                "partial(?:lydeleted)?",
                "incomplete",
                "deleting",
            ),
            *("destroying", "removing", "revoking", "terminating", "shuttingdown", "stopping", "draining"),
        ),
    ),
    (
        _FAILED,
        TEXT,
        _part(
            *("(?:could|can) ?not", "(?:could|ca)n['\u2019]t", "unable to", "failed", "denied", "forbidden"),
            f"{_NOT} (?:be(?:en|ing)? )?(?:{DELETED}|{DELETION}|done|found|exist|successful)",
            f"{_NOT} (?:been )?(?:allowed|permitted|authori[sz]ed|implemented|supported)",
            f"{_NOT} (?:available|ready|possible|valid)",
            *("unauthori[sz]ed", "disallowed", "prohibited", "no such", "unsuccessful", "invalid"),
            *("unavailable", "unreachable", "unauthenticated", "unsupported"),
            *("rejected", "refused", "blocked"),
            *("bad (?:request|gateway)", "internal server", "log[ -]?in required", "time[d -]{0,2}out"),
            *("(?:rate|request) limit", "too many requests"),
            f"(?:{DELETION}|request|operation|job|task) (?:(?:was|is) )?(?:aborted|cancell?ed)",
            "(?<!no )(?<!any )(?<!without )(?<!0 )(?<!zero )(?:errors?|exceptions?|conflicts?|failures?)",
        ),
    ),
    (
        _IDLE,
        TEXT,
        _part(
            *("dry[ -]?run", "no-?op", "simulat(?:ed|ion)", f"would (?:be|have been) {DELETED}"),
            *("skipp(?:ed|ing)", "ignored", "unchanged", "nothing to (?:do|delete|destroy|remove)"),
            f"(?:no|0|zero) (?:{_THINGS}|changes?|databases?|instances?|groups?|tokens?)",
            *("locked", "protected", "still (?:exists?|there|in use)", "(?:was|been) kept", "read[ -]only"),
            *("maintenance", "try again", "retry", "exceeded", "insufficient", "no permission"),
            *("please (?:confirm|log[ -]?in)", "confirmation (?:is )?(?:required|needed)"),
            f"nothing (?:(?:was|has been|to be) )?(?:{DELETED}|done|changed)",
        ),
    ),
    (
        WAITING,
        TEXT,
        _part(
            *("pending", "(?:en)?queued", "scheduled", "marked for", "in[ -]progress", "in the background"),
            f"{_NOT} yet (?:been |be )?(?:{DELETED}|done)",
            *("shortly", "asynchronously", "deleting", "destroying", "removing", "revoking"),
            f"(?:being|will be|to be) {DELETED}",
            f"(?:{DELETION}|request|operation|job|task) (?:(?:was|is|has|has been) )?"
            "(?:accepted|received|submitted|started|initiated|begun|running)",
        ),
    ),
)
_THERE_BEFORE = "already(?:exist(?:s|ed)?|there|present|created)|existed(?:already)?|existing"
# Of the answer to what creates or restores: the words beside the record, and in it.
_BOTH: tuple[tuple[_Test, _Test], ...] = (
    (
        one_of(
            *("(?:already|pre|previously)exist(?:s|ed|ing)", "already(?:there|present|created)"),
            *("existed", "(?:returned)?existing", "reused", "duplicate"),
        ),
        is_set,
    ),
    (STATE, state_of(f"[a-z0-9]*(?:{_THERE_BEFORE}|existsalready|reused|duplicate)")),
    (
        TEXT,
        _part(
            *("already (?:exist(?:s|ed)?|there|present|created|in use|taken)", "exist(?:s|ed) already"),
            *("exist(?:ed|ing)", "same name", "reus(?:ed|ing)"),
        ),
    ),
)
_CREATED: tuple[tuple[_Test, _Test], ...] = (
    *_BOTH,
    (one_of("(?:newly)?created", "new", "inserted"), is_no),
    (STATE, state_of("notcreated")),
    (TEXT, _part("not created")),
)
_RESTORED: tuple[tuple[_Test, _Test], ...] = (
    *_BOTH,
    (one_of("restored", "recovered", "undeleted"), is_no),
    (STATE, state_of("notrestored")),
    (TEXT, _part("not restored")),
)
_STALE = re.compile("(?:is|served)?(?:stale|cached|outdated|degraded|fromcache)").fullmatch
_QUOTED = re.compile("""["'`[]([^"'`[\\]]*)["'`\\]]""")
_TOKEN = re.compile(r"[\w-]+")
# Words with a hyphen by which nothing was done, or not yet: without quotes they are never taken for a name.
_HYPHENED = frozenset(("dry-run", "no-op", "in-progress", "read-only", "time-out", "timed-out", "log-in"))


def refuse_error(data: Any, depth: int = DEPTH) -> None:
    """Raises DecodeError for an answer with an error in it. `depth`: how many objects deep it is looked for."""
    if _has_error(data, depth):
        fail("$", "a success status with an error in the answer")


def refuse_denial(data: Any, names: Names, *, begins: Names | None = None) -> None:
    """Raises DecodeError for an answer without data whose own words are that nothing was done, or that it is not yet.

    `names`: of the request, which are no words where a text quotes them, nor elsewhere if they have a hyphen or a digit
    beside their letters. `begins`: not None for an operation that only begins something, so that "not yet" is no denial;
    its usual states, which are none either.
    """
    apart = {name for name in names if _is_no_word(name)}
    for key, value in pairs(data, DEEP):
        if _is_error(fold(key), value):
            fail("$", _FAILED)
        if not (rules := _rules(key)):
            continue
        if isinstance(value, str):
            value = _QUOTED.sub(lambda quoted: "" if quoted[1] in names else quoted[0], value)
            if TEXT(bare(key)):  # a state is one word, and no sentence with a name in it
                value = _TOKEN.sub(lambda token: "" if token[0] in apart else token[0], value)
        usual = begins is not None and value in begins
        for why, is_meant in rules:
            if is_meant(value) and not usual and (why is not WAITING or begins is None):
                fail("$", why)


def refuse_failure(beside: dict[str, Any], *, is_list: bool = False) -> None:
    """Raises DecodeError for an answer with data, where the words beside the data are that it failed.

    Of a list, also where they are that it is not ready; what is pending in it may be counted. And where they are that it
    is out of date.
    """
    for key, value in beside.items():
        if _STALE(bare(key)) and _is_yes(value):
            fail(f"$.{key}", "from a cache, or not up to date,")
        for why, is_meant in _rules(key):
            counts = why is _FAILED or (why is WAITING and is_list and STATE(bare(key)))
            if counts and is_meant(value):
                fail(f"$.{key}", why)


def refuse_earlier(beside: dict[str, Any], record: Any, *, restored: bool) -> None:
    """Raises DecodeError for an answer to a create by whose words the thing was there before, also those of its record.

    Of a server that answers with what has the name already. `restored`: it is the answer to a restore.
    """
    inner = record if isinstance(record, dict) else {}
    for key, value in (*beside.items(), *inner.items()):
        plain = bare(key)
        if any(
            is_key(plain) and is_meant(value) for is_key, is_meant in (_RESTORED if restored else _CREATED)
        ):
            fail(f"$.{key}", _EARLIER)


def _is_no_word(name: str) -> bool:
    """True for `error-db` and `retry2`; a name that is a word, or a number, may be meant as one."""
    return not name.isalpha() and any(map(str.isalpha, name)) and name.lower() not in _HYPHENED


# Answers have a few keys, again and again; the server chooses them, so that the memory for them has a bound.
@lru_cache(maxsize=256)
def _rules(key: str) -> tuple[tuple[str, _Test], ...]:
    """Returns the meanings that a key can have, each with the test of its value."""
    plain = bare(key)
    return tuple((why, is_meant) for why, is_key, is_meant in _RULES if is_key(plain))


def _has_error(data: Any, depth: int) -> bool:
    if depth == 0 or not isinstance(data, dict):
        return False
    return any(
        (isinstance(value, dict) and _has_error(value, depth - 1)) or _is_error(fold(key), value)
        for key, value in data.items()
    )


def _is_error(key: str, value: Any) -> bool:
    # `error: null` and `errors: []` are how servers write that there is none.
    return (key == "error" and value is not None) or (key == "errors" and bool(value))


def pairs(data: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Yields each key of an answer with its value, at any depth."""
    if isinstance(data, list):
        for item in data if depth else ():
            yield from pairs(item, depth - 1)
    if isinstance(data, dict):
        for key, value in data.items() if depth else ():
            yield key, value
            yield from pairs(value, depth - 1)


def bare(text: str) -> str:
    """Returns the one form of `in_progress`, `In-Progress` and `inProgress`."""
    return re.sub("[^a-z0-9]", "", text.lower())
