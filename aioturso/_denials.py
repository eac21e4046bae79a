"""Pure: finds in the answer of a success status the words that nothing was done, or that it is not yet done."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from ._operation import Names
from ._structure import fail, fold
from ._wording import (
    DELETED,
    DELETION,
    DEPTH,
    STATE,
    TEXT,
    THINGS,
    Test,
    bare,
    coded,
    counted,
    exactly,
    is_no,
    is_none,
    is_set,
    is_wrong,
    is_yes,
    number,
    one_of,
    pairs,
    part,
    state_of,
)

_FAILED = "a success status with a failure in the answer"
_IDLE = "a success status, and nothing was done,"
WAITING = "accepted, and not yet done,"
_EARLIER = "a success status, and it was there before,"

# The words, each list a part of a regular expression: those of keys and states in one form, as `bare` returns them.
_REFUSED = "fail(?:ed|ures?)?|rejected|refused|denied"
_BARRED = "blocked|locked|protected|forbidden|unauthorized|throttled|ratelimited|timedout"
_ACCEPTED = "success(?:ful)?|succeeded|ok|accepted|acknowledged|applied|executed|allowed|permitted|authorized"
_COUNTS = f"(?:{DELETED}|affected|changed|changes|modified|matched|found|updated|count)"
_LEFT = (
    "dryrun|noop|simulat(?:ed|ion)|validat(?:e|ion)only|whatif|preview|nochanges?|skipped|ignored|unchanged"
    "|not(?:modified|found|deleted|done)"
)
_LATER = "pending|(?:en)?queued|scheduled|inprogress|processing|deferred|delayed|waiting|async(?:hronous)?|underway"
_LEAVE = "(?:approval|confirmation|login|authentication|otp|mfa)"
_FAILED_STATES = (
    f"{_REFUSED}|error.*|accessdenied|forbidden|unauthorized|aborted|cancell?ed|blocked|locked|protected|conflict"
    "|invalid|timeout|timedout|unavailable"
)
_IDLE_STATES = f"{_LEFT}|none|nothing|noaction|(?:still)?exists?|kept"
_WAITING_STATES = (
    f"{_LATER}|accepted|running|start(?:ed|ing)|not(?:yet|started|ready)|submitted|received|requested|initiated"
    "|ongoing|partial(?:lydeleted)?|incomplete|deleting|destroying|removing|revoking|terminating|shuttingdown"
    "|stopping|draining"
)
_NOT = "(?:not|[a-z]+n['\u2019]t)"
_JOB = f"(?:{DELETION}|request|operation|job|task)"
_FAILED_TEXTS = (
    "(?:could|can) ?not|(?:could|ca)n['\u2019]t|unable to|failed|denied|forbidden"
    f"|{_NOT} (?:be(?:en|ing)? )?(?:{DELETED}|{DELETION}|done|found|exist|successful)"
    f"|{_NOT} (?:been )?(?:allowed|permitted|authori[sz]ed|implemented|supported)"
    f"|{_NOT} (?:available|ready|possible|valid)"
    "|unauthori[sz]ed|disallowed|prohibited|no such|unsuccessful|invalid"
    "|unavailable|unreachable|unauthenticated|unsupported|rejected|refused|blocked"
    "|bad (?:request|gateway)|internal server|log[ -]?in required|time[d -]{0,2}out"
    "|(?:rate|request) limit|too many requests"
    f"|{_JOB} (?:(?:was|is) )?(?:aborted|cancell?ed)"
    "|(?<!no )(?<!any )(?<!without )(?<!0 )(?<!zero )(?:errors?|exceptions?|conflicts?|failures?)"
)
_IDLE_TEXTS = (
    f"dry[ -]?run|no-?op|simulat(?:ed|ion)|would (?:be|have been) {DELETED}"
    "|skipp(?:ed|ing)|ignored|unchanged|nothing to (?:do|delete|destroy|remove)"
    f"|(?:no|0|zero) (?:{THINGS}|changes?|databases?|instances?|groups?|tokens?)"
    "|locked|protected|still (?:exists?|there|in use)|(?:was|been) kept|read[ -]only"
    "|maintenance|try again|retry|exceeded|insufficient|no permission"
    "|please (?:confirm|log[ -]?in)|confirmation (?:is )?(?:required|needed)"
    f"|nothing (?:(?:was|has been|to be) )?(?:{DELETED}|done|changed)"
)
_WAITING_TEXTS = (
    "pending|(?:en)?queued|scheduled|marked for|in[ -]progress|in the background"
    f"|{_NOT} yet (?:been |be )?(?:{DELETED}|done)"
    "|shortly|asynchronously|deleting|destroying|removing|revoking"
    f"|(?:being|will be|to be) {DELETED}"
    f"|{_JOB} (?:(?:was|is|has|has been) )?(?:accepted|received|submitted|started|initiated|begun|running)"
)
_CODE = exactly("status|statuscode|httpstatus|code")


@cache  # made once they are needed: to compile them takes a tenth of this package's import
def _every_rule() -> tuple[tuple[str, Test, Test], ...]:
    """Returns each rule: a meaning, the keys that can have it, and the values that do."""
    return (
        (_FAILED, one_of("err|exception|fault|errormessage|errordescription"), bool),
        (_FAILED, one_of("err(?:or)?(?:code|no|msg|types?|reason|details?)|problem|failurereason"), is_wrong),
        (_FAILED, one_of("type|kind|level|severity"), state_of("error.*|exception|failure|fatal")),
        (_FAILED, one_of(_ACCEPTED), is_no),
        (_FAILED, counted(f"{_REFUSED}|errors?"), is_set),
        (_FAILED, exactly("result|response|outcome"), lambda value: value is False),
        (_IDLE, exactly(f"(?:is|was|num|total)?{THINGS}?{_COUNTS}(?:{THINGS}|count)?"), is_none),
        (_IDLE, counted("(?:still)?(?:exists?|present|there)|kept"), is_set),
        (_IDLE, counted(f"{_LEFT}|{_LEAVE}required|(?:requires|needs){_LEAVE}"), is_set),
        (_IDLE, counted(_BARRED), is_yes),
        (WAITING, one_of("done|completed?|finished|ready|confirmed"), is_no),
        (WAITING, counted(_LATER), is_yes),
        (WAITING, exactly(f"{DELETION}?scheduled{DELETION}?(?:at|for|on|time|date)"), is_set),
        (_FAILED, _CODE, number("[45][0-9][0-9]")),
        (_IDLE, _CODE, number("304")),
        (WAITING, _CODE, number("202")),
        (_FAILED, STATE, coded(_FAILED_STATES)),
        (_IDLE, STATE, coded(_IDLE_STATES)),
        (WAITING, STATE, coded(_WAITING_STATES)),
        (_FAILED, TEXT, part(_FAILED_TEXTS)),
        (_IDLE, TEXT, part(_IDLE_TEXTS)),
        (WAITING, TEXT, part(_WAITING_TEXTS)),
    )


# The words by which a thing was there before it could be created, or restored: those of keys, of states and of texts.
_WAS_THERE = (
    "(?:already|pre|previously)exist(?:s|ed|ing)|already(?:there|present|created)|existed|(?:returned)?existing"
    "|reused|duplicate"
)
_THERE_STATES = (
    "[a-z0-9]*(?:already(?:exist(?:s|ed)?|there|present|created)|existed(?:already)?|existing|existsalready|reused"
    "|duplicate)"
)
_THERE_TEXTS = (
    "already (?:exist(?:s|ed)?|there|present|created|in use|taken)|exist(?:s|ed) already|exist(?:ed|ing)|same name"
    "|reus(?:ed|ing)"
)
# The keys by which a thing is new, and the word for that.
_CREATED = "(?:newly)?created|new|inserted", "created"
_RESTORED = "restored|recovered|undeleted", "restored"


@cache
def _earlier(keys: str, done: str) -> tuple[tuple[Test, Test], ...]:
    """Returns the keys of a thing that may have been there before, each with the test of its value."""
    return (
        (one_of(_WAS_THERE), is_set),
        (STATE, state_of(_THERE_STATES)),
        (TEXT, part(_THERE_TEXTS)),
        (one_of(keys), is_no),
        (STATE, state_of(f"not{done}")),
        (TEXT, part(f"not {done}")),
    )


_STALE = exactly("(?:is|served)?(?:stale|cached|outdated|degraded|fromcache)")
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
    for key, value in pairs(data):
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
        if _STALE(bare(key)) and is_yes(value):
            fail(f"$.{key}", "from a cache, or not up to date,")
        for why, is_meant in _rules(key):
            counts = why is _FAILED or (why is WAITING and is_list and STATE(bare(key)))
            if counts and is_meant(value):
                fail(f"$.{key}", why)


def refuse_earlier(beside: dict[str, Any], record: Any, *, restored: bool) -> None:
    """Raises DecodeError for an answer to a create by whose words the thing was there before, also those of its record.

    Of a server that answers with what has the name already. `restored`: it is the answer to a restore.
    """
    inner: dict[str, Any] = record if isinstance(record, dict) else {}
    rules = _earlier(*(_RESTORED if restored else _CREATED))
    for key, value in (*beside.items(), *inner.items()):
        if any(is_key(bare(key)) and is_meant(value) for is_key, is_meant in rules):
            fail(f"$.{key}", _EARLIER)


def _is_no_word(name: str) -> bool:
    """True for `error-db` and `retry2`; a name that is a word, or a number, may be meant as one."""
    return not name.isalpha() and any(map(str.isalpha, name)) and name.lower() not in _HYPHENED


# Answers have a few keys, again and again; the server chooses them, so that the memory for them has a bound.
@lru_cache(maxsize=256)
def _rules(key: str) -> tuple[tuple[str, Test], ...]:
    """Returns the meanings that a key can have, each with the test of its value."""
    plain = bare(key)
    return tuple((why, is_meant) for why, is_key, is_meant in _every_rule() if is_key(plain))


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
