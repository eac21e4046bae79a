"""Pure: an answer's bytes to the value of a call. A success with an error in it is always a DecodeError."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

import attrs
from attrs import evolve

from ._denials import refuse_denial, refuse_earlier, refuse_error, refuse_failure
from ._operation import Names, Operation
from ._protocol import LARGE, parse_json
from ._slices import Slices
from ._structure import fail, fold, get, structure
from ._whole import PART, expect_whole, is_last, place_of
from ._wording import DEPTH
from .errors import DecodeError
from .models import Model
from .models._page import Pagination

M = TypeVar("M", bound=Model)
N = TypeVar("N", bound="_Named")
T = TypeVar("T")
U = TypeVar("U")

_MISSING = object()
_UUID = 36  # characters
ANOTHER = "the answer is about another one than the request"


def anything(body: bytes, names: Names, depth: int = DEPTH) -> Any:
    """Returns the JSON that came; None for an empty answer. `depth`: how many objects deep an error is looked for."""
    if not body.strip():
        return None
    data = parse_json(body)
    refuse_error(data, depth)
    return data


def nothing(body: bytes, names: Names) -> None:
    """Returns None for an empty answer, and for JSON without an error; a page of HTML is no success."""
    refuse_denial(anything(body, names), names)


def begun(*states: str) -> Callable[[bytes, Names], None]:
    """Reads as `nothing` does, for an operation that only begins something; `states`: those that it leads to."""

    def result(body: bytes, names: Names) -> None:
        refuse_denial(anything(body, names), names, begins=states)

    return result


def one(
    cls: type[M],
    key: str | None = None,
    *,
    bare: bool = False,
    beside: Names = (),
    optional: bool = False,
    named: Names = (),
    made: Names = (),
    restored: Names = (),
) -> Callable[[bytes, Names], M]:
    """Reads `{key: {...}}`, or the object itself.

    `bare`: without an object under `key`, the object itself. `beside`: keys that belong to the object but stand next to
    it. `optional`: an empty answer is an object without fields. `named`: the fields of which one must hold the last name
    of the path. `made`, or `restored`: the keys of what the operation has made or restored, the thing itself first;
    words in it or beside them must not deny that.
    """

    def result(body: bytes, names: Names) -> M:
        data = anything(body, names)
        inner = data if key is None or data is None else get(data, key, "$")
        if optional and inner is None:
            refuse_denial(data, names)
            return structure({}, cls, "$")
        where = "$" if key is None or (bare and not isinstance(inner, dict)) else f"$.{key}"
        inner = data if where == "$" else inner
        if beside and isinstance(inner, dict):
            inner = {**{name: value for name in beside if (value := get(data, name, "$"))}, **inner}
        found = structure(inner, cls, where)
        if named:
            expect(found, named, names[-1], where)
        if made or restored:
            _expect_made(data, made or restored, beside, names, restored=bool(restored))
        elif where != "$":
            refuse_failure(_beside(data, key, *beside))
        return found

    return result


def _expect_made(data: dict[str, Any], made: Names, beside: Names, names: Names, *, restored: bool) -> None:
    """Raises DecodeError for an answer by whose words nothing was made, or restored."""
    others = _beside(data, *made, *beside)
    refuse_earlier(others, get(data, made[0], "$"), restored=restored)
    refuse_denial(others, names)


def about(operation: Operation[M], name: str) -> Operation[M]:
    """Returns the operation with a check: its answer must have this name, which the request has in its body alone."""

    def result(body: bytes, names: Names) -> M:
        found = operation.result(body, names)
        expect(found, ("name",), name)
        return found

    return evolve(operation, result=result)


def in_group(operation: Operation[M], group: str) -> Operation[M]:
    """Returns the operation with a check: its answer, a database, must not be one of another group."""

    def result(body: bytes, names: Names) -> M:
        found = operation.result(body, names)
        given = attrgetter("group")(found)
        # Mostly it is not in the answer.
        if given and given != group:
            fail("$.database.group", ANOTHER)
        return found

    return evolve(operation, result=result)


def expect(found: object, named: Names, name: str, where: str = "$") -> None:
    """Raises DecodeError for an answer about another thing than the request, or without a name or UUID to compare."""
    given = [value for field in named if (value := attrgetter(field)(found))]
    # Users and organizations have one name in any case, and a server may answer it as it was given first.
    if name.strip().casefold() not in (value.strip().casefold() for value in given):
        fail(f"{where}.{named[0]}", ANOTHER if given else "required and missing")


def _beside(data: dict[str, Any], *keys: str | None) -> dict[str, Any]:
    """Returns what an answer has beside its data, which is under these keys."""
    own = [fold(key) for key in keys if key is not None]
    return {key: value for key, value in data.items() if fold(key) not in own}


class _Named(Protocol):
    """A thing of the platform's with a name."""

    @property
    def name(self) -> str: ...


def expect_name(thing: N, name: str, where: str = "$") -> N:
    """Returns the thing; raises DecodeError unless it has exactly this name: what is deleted depends on it."""
    if thing.name != name:
        fail(where, ANOTHER)
    return thing


def many(cls: type[T], key: str | None, *, bare: bool = False) -> Callable[[bytes, Names], list[T]]:
    """Reads `{key: [...]}`, with `bare` or without a key `[...]`; null is an empty list, a missing key is an error."""

    def result(body: bytes, names: Names) -> list[T]:
        data = anything(body, names)
        if key is None or (bare and isinstance(data, list)):
            return _list(data, cls, "$")
        _expect_owner(data, None, names)
        found = items(data, cls, key)
        refuse_failure(_beside(data, key), is_list=True)
        place = place_of(data, len(found))
        # It is read without pages: the others would be missing.
        if place.next or not is_last(place, 1, len(found)):
            fail("$.pagination.next" if place.next else "$", PART)
        expect_whole(data, place)
        return found

    return result


def value(
    key: str, cls: type[T], *, within: str | None = None, depth: int = DEPTH
) -> Callable[[bytes, Names], T]:
    """Reads the one value under a key, of the object under `within` if that is given.

    `depth`: as in `anything`; 1 for a value that is data.
    """

    def result(body: bytes, names: Names) -> T:
        data, where = anything(body, names, depth), "$"
        if within is not None:
            data, where = get(data, within, "$"), f"$.{within}"
        found = get(data, key, where)
        if found in (None, ""):
            fail(f"{where}.{key}", "required and missing")
        return structure(found, cls, f"{where}.{key}")

    return result


def mapped(cls: type[M], key: str, fields: tuple[str, str]) -> Callable[[bytes, Names], list[M]]:
    """Reads `{key: {a: b, ...}}` as objects with two fields; null is an empty list."""

    def result(body: bytes, names: Names) -> list[M]:
        found = _object(anything(body, names), key)
        pairs = [dict(zip(fields, pair, strict=True)) for pair in found.items()]
        return _list(pairs, cls, f"$.{key}")

    return result


def grouped(cls: type[M], key: str, fields: tuple[str, str, str]) -> Callable[[bytes, Names], list[M]]:
    """Reads `{key: {group: {a: b, ...}, ...}}` as objects with three fields, the group first."""

    def result(body: bytes, names: Names) -> list[M]:
        found: list[dict[str, Any]] = []
        for name, inner in _object(anything(body, names), key).items():
            if not isinstance(inner, dict):
                fail(f"$.{key}.{name}", "expected an object")
            found += [dict(zip(fields, (name, *pair), strict=True)) for pair in inner.items()]
        return _list(found, cls, f"$.{key}")

    return result


def _list(data: Any, cls: type[T], where: str) -> list[T]:
    return structure(data, list[cls], where)  # type: ignore[valid-type]  # a type made at run time


def _object(data: Any, key: str) -> dict[str, Any]:
    found = get(data, key, "$", _MISSING)
    if found is None:
        return {}
    if not isinstance(found, dict):
        fail(f"$.{key}", "expected an object")
    return found


@attrs.frozen
class Page(Generic[T]):
    """One page of a list."""

    items: list[T]
    pagination: Pagination


def page(
    cls: type[T], key: str, *, of: str | None = None, numbered: bool = False
) -> Callable[[bytes, Names], Page[T]]:
    """Reads `{key: [...], "pagination": {...}}`; without a pagination it is the only page.

    `of`: the kind of the path's last name, whose list it is: an answer that names another one is an error. `numbered`:
    the pages after it are read by their numbers, and not by a cursor.
    """

    def result(body: bytes, names: Names) -> Page[T]:
        data = anything(body, names)
        _expect_owner(data, of, names)
        found = items(data, cls, key)
        refuse_failure(_beside(data, key), is_list=True)
        place = place_of(data, len(found))
        if not (numbered and (place.page or place.total_pages)):
            expect_whole(data, place)
        return Page(found, place)

    return result


def page_of(
    cls: type[T], key: str, read: Callable[[T], U], *, of: str | None = None
) -> Callable[[bytes, Names], Page[U]]:
    """Reads as `page` does, and returns what `read` makes of each item, without the items themselves.

    Of a large page, some items at a time are in memory. `read` runs in another thread then, and must be pure.
    """
    whole = page(cls, key, of=of)

    def result(body: bytes, names: Names) -> Page[U]:
        found = _in_slices(body, names, cls, key, read, of) if len(body) >= LARGE else None
        if found is not None:
            return found
        listed = whole(body, names)
        return Page([read(item) for item in listed.items], listed.pagination)

    return result


def _in_slices(
    body: bytes, names: Names, cls: type[T], key: str, read: Callable[[T], U], of: str | None
) -> Page[U] | None:
    """Returns a page; None for an answer that is to be read as a whole, which decides on its error too."""
    slices, found = Slices(body, key), list[U]()
    try:
        for objects in slices:
            found += map(read, items({key: objects}, cls, key))
        refuse_error(slices.rest)
        # The list once more, under another spelling of its key: read as a whole, that is an error.
        if sum(fold(other) == fold(key) for other in slices.rest) > 1:
            return None
        refuse_failure(_beside(slices.rest, key), is_list=True)
        _expect_owner(slices.rest, of, names)
        expect_whole(slices.rest, place := place_of(slices.rest, len(found)))
        return Page(found, place)
    except (ValueError, RecursionError, DecodeError):
        return None


def _expect_owner(data: Any, of: str | None, names: Names) -> None:
    """Raises DecodeError for a list of another owner than the path's last name, or of another organization."""
    if not isinstance(data, dict):  # which is no list of this API
        return
    owners = () if of is None else _owners(data, of, "name")
    if any(isinstance(name, str) and name.strip() and name != names[-1] for name in owners):
        fail(f"$.{of}", ANOTHER)
    # Its name may be one for people.
    if names and any(is_other(name, names[0]) for name in _owners(data, "organization", "slug")):
        fail("$.organization", ANOTHER)


def _owners(data: dict[str, Any], kind: str, named: str) -> Iterator[Any]:
    """Yields what a list has beside its items as the name of its owner, also in an object."""
    for key, value in data.items():
        if fold(key) in (kind, kind + named):
            yield get(value, named, f"$.{key}") if isinstance(value, dict) else value


def is_other(organization: object, name: str) -> bool:
    """True for the name of another organization. It is the same in any case, and a UUID cannot be compared with it."""
    if not isinstance(organization, str) or not organization.strip():
        return False
    comparable = (len(organization) == _UUID) == (len(name) == _UUID)
    return comparable and organization.strip().casefold() != name.casefold()


def items(data: Any, cls: type[T], key: str) -> list[T]:
    """Returns the list under `key`."""
    found = get(data, key, "$", _MISSING)
    # A list that is missing must not pass for an empty one: nothing would seem to be left.
    if found is _MISSING:
        fail(f"$.{key}", "expected a list")
    return _list([] if found is None else found, cls, f"$.{key}")
