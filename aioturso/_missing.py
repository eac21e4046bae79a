"""Pure: the kind of resource that a 404 is about. An answer that names another one than the request is about none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import frozen

from ._operation import RESOURCES, Request
from ._structure import fold

# Characters: a longer text is no evidence, as the time to read it grows with the square of its length.
_LONGEST = 2000
_KIND = "|".join((*RESOURCES, "jwks"))
_QUOTED = re.compile(r"\[([^\]]*)\]|\"([^\"]*)\"|`([^`]*)`|(?<!\w)'([^']*)'")
# Not as a part of an echoed path, or of a name such as "my-database"; no plural, as an answer about several is about none.
_RESOURCE = re.compile(rf"(?<![\w/.-])({_KIND})(?![\w/-])", re.IGNORECASE)
# Possessive: else the time for long gaps between the words grows with a power of their length.
_NAMED = re.compile(
    rf"(?<![\w/.-])({_KIND})s?(?:\s*+:\s++|\s++)"
    r"(?:with\s++(?:the\s++)?(?:name|id|uuid)\s++|named\s++|called\s++)?([^\s\[\"'`]+)",
    re.IGNORECASE,
)
# Words that follow a kind without naming one of it; "doesn" and its like are the part before the mark.
_PLAIN = """
    a an any the this that which such it we our you your at belonging by for from in inside of on to under with within
    is are was has had does did could cannot can isn wasn hasn doesn didn couldn and or no not
    name named called id uuid account resource record result sql error failed
    delete deleted destroy destroyed remove removed gone already found exists missing unknown
"""
# Words before a kind that name nothing: "the requested database" is no other one.
_PLAIN_BEFORE = """
    deleting destroying existing fetch fetching find finding get getting given load loading locate look removing
    replica requested retrieve retrieving specified turso
"""
_NO_NAME_AFTER = frozenset(_PLAIN.split())
_NO_NAME = _NO_NAME_AFTER | {
    *("jwks", "404", "not-found"),
    *(f"{kind}{plural}" for kind in RESOURCES for plural in ("", "s")),
    *(f"v{number}" for number in range(10)),
}
_NO_OWNER = _NO_NAME_AFTER.union(_PLAIN_BEFORE.split())
# Words by which it is there, or may be: as a 404 may hide what a token may not see, also those about rights.
_THERE = re.compile(
    r"(?<![\w/.-])(?:still|yet|already\s+exists?|exists?\s*+,?\s*+but|locked|archived|busy|(?:delete-)?protected"
    r"|access(?:ible)?|permi(?:ssions?|tted)|(?:un)?authori[sz](?:ed|ation)|forbidden|denied|allowed|privileges?|visible"
    r"|suspended|hibernat(?:ed|ing)|paused|disabled|offline|down|full|overloaded|migrating|moved|transferred|renamed"
    r"|stale|cached?|loaded|un(?:available|reachable)|temporar(?:y|ily)|(?:try|trying)\s+again|retry(?:ing)?|time[ds]?[\s-]?out|starting"
    r"|being\s+(?:moved|migrated|created|restored|started|deleted|destroyed|removed))(?![\w/-])"
    r"|(?:(?<![\w/.-])(?:can)?not|n't)\s+(?:(?:yet|be|been)\s+)*+"
    r"(?:missing|gone|ready|available|reachable|responding|deleted|destroyed|removed)(?![\w/-])",
    re.IGNORECASE,
)
# Where a name can stand in a text, each with the words that are no name there.
_PLACES = (
    # After a preposition, a bracket, a colon or an equals sign, or before a colon at the start.
    (
        re.compile(
            r"(?:\b(?:of|for|in|at|under|from|on|mean)\s+|[:=(]\s*|^(?=[\w-]+\s*:))([\w-]+)", re.IGNORECASE
        ),
        _NO_NAME,
    ),
    # With a digit, a slash, a dash: no language has such words.
    (re.compile(r"([\w.-]*[\d/_-][\w./-]*)"), _NO_NAME),
    # Before a kind, or that to which the kind belongs: "upstream instance", "settings of the database".
    (
        re.compile(
            rf"([\w'-]+)\s+(?:(?:of|for|in|at|on)\s+(?:(?:the|this|that|your|a|an)\s+)?)?(?:{_KIND})s?(?![\w/-])",
            re.IGNORECASE,
        ),
        _NO_OWNER,
    ),
)
# The keys of fields whose texts, or whose switches, may leave it open.
_OPEN = frozenset(("message", "msg", "reason", "detail", "details", "description", "status", "state", "code"))
_SWITCH = re.compile(
    "(?:is|still)?(?:exists?|present|retryable|retry|temporary|transient|locked|archived|protected|suspended)"
).fullmatch
# The keys of fields that name a thing, some with a suffix.
_NAMING = frozenset((*RESOURCES, "jwks", "resource", "target", "name", "path", "slug", "email"))
_SUFFIX = re.compile("(?<=.)(?:name|id|uuid|slug)$")


@frozen
class _Ours:
    """The names of a request in lower case, and those of them that are each of one kind."""

    names: frozenset[str]
    by_kind: Mapping[str, str]

    def has(self, word: str, kind: str = "") -> bool:
        """True for one of the names; of a kind that the path names, only its own."""
        return word == self.by_kind[kind] if kind in self.by_kind else word in self.names


def missing_resource(said: str, code: str, data: object, request: Request) -> str | None:
    """Returns the kind of resource that a 404 of the API is about; None if it is about another one than was named.

    Only the API's own JSON error is evidence: its text, `said`, its `code`, and the other fields of its `data`. It
    counts if it names this call's names, or no names at all.
    """
    if len(said) > _LONGEST:
        return None
    ours = _Ours(
        frozenset(name.lower() for name in request.names),
        {label: name.lower() for label, name in request.named.items()},
    )
    resource, coded = _kind(said), re.findall(_KIND, code.lower())
    # A code of a route, or of another kind, contradicts the text.
    contradicted = "route" in code.lower() or (coded and resource not in coded)
    if (
        contradicted
        or _may_be_there(said, ours)
        or _text_names_another(said, ours)
        or any(_is_another(key, value, ours) or _is_open(key, value, ours) for key, value in _fields(data))
    ):
        return None
    return resource


def _kind(said: str) -> str | None:
    kinds = [match[1].lower() for match in _RESOURCE.finditer(_QUOTED.sub(" ", said))]
    # As in "user x is not a member": the member is missing.
    return next((kind for kind in kinds if kind != "user"), kinds[0] if kinds else None)


def _may_be_there(said: str, ours: _Ours) -> bool:
    # A name may be such a word.
    return any(not ours.has(match[0].lower()) for match in _THERE.finditer(_QUOTED.sub(" ", said)))


def _text_names_another(said: str, ours: _Ours) -> bool:
    quoted = ("".join(filter(None, match.groups())).strip().lower() for match in _QUOTED.finditer(said))
    if any(text and not ours.has(text) for text in quoted):
        return True
    # What is quoted is a name, also if it is a word such as "instance".
    bare = _QUOTED.sub(" ", said)
    if any(not ours.has(name, kind) for kind, name in _named(bare)):
        return True
    return any(not ours.has(word) for place, others in _PLACES for word in _words(place, bare) - others)


def _named(bare: str) -> Iterator[tuple[str, str]]:
    """Yields each kind that a text gives a name to, with the name."""
    for match in _NAMED.finditer(bare):
        name = match[2].rstrip(".,:;!)").lower()
        if name and name not in _NO_NAME_AFTER:
            yield match[1].lower(), name


def _words(place: re.Pattern[str], bare: str) -> set[str]:
    """Returns the words that stand in such a place; of a path, its segments."""
    found = (match[1].lower().rstrip(".").split("/") for match in place.finditer(bare))
    return {word for segments in found for word in segments if word}


def _fields(data: object, depth: int = 8) -> Iterator[tuple[str, object]]:
    """Yields the fields of an error that hold no further ones, with their keys in one form."""
    if not depth:
        return
    if isinstance(data, list):
        for item in data[:20]:
            yield from _fields(item, depth - 1)
    for key, value in data.items() if isinstance(data, dict) else ():
        if isinstance(value, list | dict):
            yield from _fields(value, depth - 1)
        else:
            yield fold(key), value


def _is_open(key: str, value: object, ours: _Ours) -> bool:
    """True if by a field of an error, beside its text, the thing is there, or may be."""
    if isinstance(value, str) and key in _OPEN:
        # A code is one word of several.
        return _may_be_there(
            re.sub("[_-]", " ", value) if key in ("code", "status", "state") else value, ours
        )
    return value is True and _SWITCH(key) is not None


def _is_another(key: str, value: object, ours: _Ours) -> bool:
    """True if a field of an error, beside its text, names another one than the request."""
    if not isinstance(value, str):
        return False
    kind = _SUFFIX.sub("", key)
    words = set(re.split("[/:]+", value.strip().lower())) - _NO_NAME - {""}
    # In a path each segment must be one of the names.
    return kind in _NAMING and any(not ours.has(word, "" if "/" in value else kind) for word in words)
