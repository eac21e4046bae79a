"""Pure: the answer to a removal, which is a success only if it is about nothing else than what was to be removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from ._decode import is_other
from ._denials import refuse_denial, refuse_error
from ._operation import RESOURCES, Names, Operation
from ._protocol import parse_json
from ._remains import refuse_job, refuse_presence
from ._structure import NO_UUIDS, fail, fold, get
from ._wording import DELETED, DEPTH, TEXT, bare, pairs

T = TypeVar("T")

_AROUND = ("data", "result", "response", "deleted", "destroyed", "removed")
_BY_NAME = ("instance", "database", "group")  # others have a name for people besides
_NAMES = ("slug", "username", "email", "name")
_NAMES_ANOTHER = "the answer names another one than the request"
# The keys under which a record has the UUID of each kind that has one.
_UUIDS = {"instance": ("uuid",), "database": ("dbid", "id", "uuid"), "group": ("uuid",), "token": ("id",)}
_DONE = re.compile(DELETED).fullmatch
_DONE_TO = re.compile(f"{DELETED}(name|{'|'.join(RESOURCES)})s?(?:name)?").fullmatch
_NAME = re.compile("[A-Za-z0-9](?:[\\w.-]*\\w)?", re.ASCII).fullmatch
_NO_NAME = re.compile(
    "true|yes|ok|okay|success(?:ful|fully)?|succeeded|done|complete(?:d|ly)?|perman(?:ent|ently)|forever|now|immediately"
    f"|soft|hard|full|fully|all|cascade|{DELETED}|{'|'.join(RESOURCES)}|[0-9]+(?:t[0-9]+z?)?"
).fullmatch
_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE).fullmatch
_LONGEST = 2000  # characters of a sentence that is read
# A kind, and what follows it, in quotes or without.
_TOLD = re.compile(
    rf"\b({'|'.join(RESOURCES)}) (?:(?:named|called) )?(?:['\"`[]([^'\"`[\]]+)['\"`\]]|([\w.-]*\w))",
    re.IGNORECASE,
).finditer
# No other word has a letter, and a digit, a hyphen or an underscore; `soft-deleted` is none.
_SURE_NAME = re.compile(rf"(?=.*[a-z])(?=.*[0-9_-])(?!.*{DELETED}$).*", re.IGNORECASE).fullmatch
_LONG = len('{"data":""}') + 36  # characters of an answer that has a UUID under a key without `id`, at least


def removed(
    *kinds: str, by: str | None = None, compared: bool = True, by_uuid: bool = False, also: Names = ()
) -> Callable[[bytes, Names], str]:
    """Returns the last of the path's names, once the answer is not about something else.

    `kinds` are those of the path's last names. An empty answer, and one that names nothing, is a success. Each of
    `kinds` that the answer names must have its name in the path. If it names anything, the last of `kinds`, or `by`,
    must be among it. With `compared=False` the answer holds no name to compare; `also`: further names of the last one. `by_uuid`:
    the last name of the path is a UUID, with which those in the answer are compared.
    """
    named_by = by or kinds[-1]
    usual = kinds[-1].encode()

    def result(body: bytes, names: Names) -> str:
        # The platform's own encoder writes no spaces: its usual answer need not be parsed to be understood.
        if body == b'{"%b":"%b"}' % (usual, names[-1].encode()) or not body.strip():
            return names[-1]
        data = parse_json(body)
        if data is None:
            return names[-1]
        refuse_error(data)
        refuse_denial(data, names)
        if not isinstance(data, dict):
            fail("$", f"expected an object, not {type(data).__name__},")
        if compared:
            _expect_names(data, kinds, named_by, names, also)
        # A plural, too, is the answer to another request, such as a list.
        named = {fold(key): key for key, _ in _claims(data) if fold(key).removesuffix("s") in RESOURCES}
        if named and named_by not in named:
            fail(f"$.{list(named.values())[-1]}", "the answer is about something else")
        _expect_gone(data, kinds[-1])
        if by_uuid:
            _expect_uuid(data, named_by, *names, *also)
        return names[-1]

    return result


def _expect_gone(data: dict[str, Any], kind: str) -> None:
    """Raises DecodeError for an answer in which the thing is still there, or that has a job and not the name of it."""
    # What holds a thing that is removed stays there.
    if kind in _BY_NAME:
        # The platform answers with the group as it was, and of the others with the name alone.
        refuse_presence(_fields(data, None if kind == "group" else kind))
    if not any(_claims(data)):
        refuse_job(_fields(data), data)


def _expect_names(data: dict[str, Any], kinds: Names, named_by: str, names: Names, also: Names) -> None:
    """Raises DecodeError for a name that is none in the path, or another one than that of its kind."""
    for key, value in _claims(data):
        kind = fold(key)
        if kind not in kinds:
            is_another = kind == "name" and named_by in _BY_NAME and value not in (*names, *also)
        else:
            own = names[kinds.index(kind) - len(kinds)]
            is_another = is_other(value, own) if kind == "organization" else value not in (own, *also)
        if is_another:
            fail(f"$.{key}", _NAMES_ANOTHER)
    for kind, name in _told(data) if named_by in _BY_NAME else ():
        if kind in kinds and name not in _lower(names[kinds.index(kind) - len(kinds)], *also):
            fail("$", _NAMES_ANOTHER)


def _told(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields the names that the sentences of an answer have, in lower case, each with its kind."""
    for key, value in pairs(data):
        if isinstance(value, str) and len(value) <= _LONGEST and TEXT(bare(key)):
            for kind, quoted, word in (found.groups() for found in _TOLD(value)):
                if quoted or _SURE_NAME(word):
                    yield from ((kind.lower(), name) for name in _lower(quoted or word))


def _lower(*texts: str) -> list[str]:
    return [text.strip().lower() for text in texts]


def of_uuid(operation: Operation[T], uuid: str, body: bytes) -> Callable[[bytes, Names], T]:
    """Returns the function that reads this answer to a removal, and refuses one with the UUID of another thing."""
    # The usual answer has no key for a UUID, and no room for one: it need not be read twice.
    if len(body) < _LONG and "id" not in (text := body.decode("latin-1").lower()) and "\\" not in text:
        return operation.result
    return partial(_checked, operation, uuid)


def _checked(operation: Operation[T], uuid: str, body: bytes, names: Names) -> T:
    found = operation.result(body, names)
    if body.strip() and isinstance(data := parse_json(body), dict):
        kind = next(kind for kind in operation.gone if kind in _UUIDS)
        _expect_uuid(data, kind, uuid, *names)
    return found


def _expect_uuid(data: dict[str, Any], kind: str, *names: str) -> None:
    """Raises DecodeError for an answer with the UUID of another thing of this kind; `names`: its UUID, and what may stand for it."""
    own = _lower(*names)
    for key, value in _uuids(data, kind):
        given = value.strip().lower() if isinstance(value, str) else ""
        if given and given not in own and given not in NO_UUIDS:
            fail(f"$.{key}", _NAMES_ANOTHER)


def _uuids(data: dict[str, Any], kind: str) -> Iterator[tuple[str, Any]]:
    """Yields the UUIDs of a thing of this kind: those in its record, and those beside it under keys that name it."""
    own = _UUIDS[kind]
    # A bare `id` beside the record may be that of the request.
    beside = ("uuid", f"{kind}id", f"{kind}uuid", *(key for key in own if key == "dbid"))
    for key, value in _fields(data):
        folded = fold(key)
        if folded in _AROUND and isinstance(value, str) and _ID(value):
            yield key, value
        elif folded == kind and isinstance(value, dict):
            yield from ((inner, found) for inner, found in value.items() if fold(inner) in own)
        elif folded in beside:
            yield key, value


def _fields(data: dict[str, Any], kind: str | None = None, depth: int = DEPTH) -> Iterator[tuple[str, Any]]:
    """Yields the keys of an answer with their values, also those of an object around it, and of its record of this kind."""
    for key, value in data.items():
        if isinstance(value, dict) and (fold(key) == kind or fold(key) in _AROUND):
            yield from _fields(value, kind, depth - 1) if depth else ()
        else:
            yield key, value


def _claims(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yields what an answer names: the keys and the names under them."""
    for key, value in _fields(data):
        folded = fold(key)
        if folded in _AROUND and isinstance(value, list):
            yield from (("name", name) for item in value if (name := _listed(item)) not in (None, ""))
        elif isinstance(value, str) and _DONE(folded):
            yield from (("name", value),) if _is_name(value) else ()
        elif done := _DONE_TO(folded):
            found = value if isinstance(value, list) else (value,)
            yield from ((done[1], name) for item in found if (name := _listed(item)) not in (None, ""))
        elif folded.removesuffix("s") in RESOURCES:
            name = _named(value) if isinstance(value, dict) else value
            yield from ((key, name),) if name not in (None, "") else ()
        elif folded == "name" and isinstance(value, str) and value.strip():
            yield key, value
        elif folded.removesuffix("name") in RESOURCES and isinstance(value, str) and value:
            yield key[: -len("name")].rstrip("_"), value


def _is_name(text: str) -> bool:
    """True for a text that can be a name, and is no word for how something was done, no date and no number."""
    return bool(_NAME(text)) and not (_NO_NAME(bare(text)) or _ID(text))


def _listed(item: Any) -> Any:
    """Returns the name that an item of a list of names, or of things, has; None when it has none."""
    return _named(item) if isinstance(item, dict) else item if isinstance(item, str) else None


def _named(value: dict[str, Any]) -> Any:
    """Returns the name that an object has; None when it has none."""
    return next((name for key in _NAMES if (name := get(value, key, "$")) not in (None, "")), None)
