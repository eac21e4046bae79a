"""Pure: JSON to frozen attrs, with errors that have a place.

A name, a count, and what decides whether something may be deleted (`DECIDES`) are read strictly. Another optional field whose
value is of another JSON type, or comes twice with different values, has its default, mostly None, and stays in `raw`:
one odd field makes no list unreadable. Such a UUID (`IDENTIFIES`) is empty text, and so is one that is not set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import repeat
from types import UnionType
from typing import Any, NoReturn, TypeVar, Union, get_args, get_origin

import attrs
import cattrs

from ._quick import quick
from .errors import DecodeError
from .models import Model, Secret
from .models._page import Cursor

T = TypeVar("T")
Read = Callable[[Any, Any], Any]

_converter = cattrs.Converter()
_HOLDERS = (dict, list)
# Keys whose text is a secret wherever it comes, also where no model expects it.
_SECRETS = frozenset(("jwt", "token", "authtoken", "password", "encryptionkey", "platformaccesstoken"))
# The zero of Go's times (https://pkg.go.dev/time#Time.IsZero), and that of Unix: nothing on the platform is as old.
_NOT_SET = (datetime(1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))
# How Go writes a UUID that is not set, and the other one that belongs to nothing (RFC 9562, 5.9 and 5.10).
NO_UUIDS = frozenset(
    text for digit in "0fF" for text in (digit * 32, "-".join(digit * count for count in (8, 4, 4, 4, 12)))
)


def structure(data: Any, cls: type[T], where: str) -> T:
    """Returns a model, or a list of them."""
    try:
        return _converter.structure(data, cls)
    except _Unfit as error:
        place, why = where + error.place, error.why
    except Exception as error:
        # Its text may hold the value.
        place, why = where, f"not valid ({type(error).__name__})"
    # Outside the handlers, whose errors hold the value.
    fail(place, why)


def fail(where: str, why: str) -> NoReturn:
    """Raises a DecodeError with its place."""
    raise DecodeError(f"{why} at {where}", where=where)


def refuse(why: str) -> NoReturn:
    """Raises a DecodeError about all of an answer, such as one about another thing than what was meant."""
    raise DecodeError(why)


class _Unfit(ValueError):
    """A value that does not fit, in words that hold nothing of the value. `place`: below where it was found."""

    def __init__(self, why: str, place: str = "") -> None:
        self.why, self.place = why, place

    def under(self, place: str) -> _Unfit:
        return _Unfit(self.why, place + self.place)


def _expected(what: str, value: Any) -> _Unfit:
    return _Unfit(f"expected {what}, not {type(value).__name__},")


@lru_cache(maxsize=4096)
def fold(key: str) -> str:
    """Returns the one form of `DbId`, `dbId` and `db_id`."""
    return key.replace("_", "").lower()


def get(data: Any, key: str, where: str, default: Any = None) -> Any:
    """Returns the value of a key, however it is spelled."""
    if not isinstance(data, dict):
        fail(where, f"expected an object, not {type(data).__name__},")
    found = [value for name, value in data.items() if fold(name) == fold(key)]
    if any(value != found[0] for value in found[1:]):
        fail(f"{where}.{key}", "given twice, with different values,")
    return found[0] if found else default


@attrs.frozen
class _Field:
    """The way in which a model's field is read. `blank`: empty text is no value; `strict`: a value that does not fit is an error.

    `identifies`: such a value is empty text, as a thing whose UUID is in doubt is not one without any.
    """

    name: str
    read: Read
    type: Any
    blank: bool
    strict: bool
    identifies: bool


def _field(attribute: attrs.Attribute[Any]) -> _Field:
    kind = next(kind for kind in _types(attribute.type) if kind is not type(None))
    required = attribute.default is attrs.NOTHING
    many = get_origin(kind) is tuple and _is(get_args(kind)[0], Model)
    # One item less would look like a shorter list.
    strict = required or many or bool(attribute.metadata.get("decides"))
    # Go writes a text or a time that is not set as empty text.
    blank = required or kind is datetime
    read = _converter.get_structure_hook(kind)
    return _Field(attribute.name, read, kind, blank, strict, "identifies" in attribute.metadata)


@attrs.frozen
class _Key:
    """The meaning of a key of an object: a field, in the second place if `late`; its text can be a secret.

    `plain`: the field's name if any text that is not empty is its value as it is, else empty.
    """

    field: _Field | None
    late: bool
    secret: bool
    plain: str


@attrs.frozen
class _Reader:
    """The way in which a model is read. `find`: the meaning of a key; `identity`: the field of its UUID, or empty."""

    find: Callable[[str], _Key]
    make: Callable[..., Model]
    identity: str


def _keys(cls: type[Model]) -> Callable[[str], _Key]:
    attributes = attrs.fields(cls)
    fields = {attribute.name: _field(attribute) for attribute in attributes}
    others = {fold(key): fields[a.name] for a in attributes for key in a.metadata.get("also", ())}
    named = {fold(name): field for name, field in fields.items()}

    # The server chooses the keys, so that the memory for them has a bound.
    @lru_cache(maxsize=256)
    def find(key: str) -> _Key:
        folded = fold(key)
        # A field's own name wins over those that other servers have for it.
        field, late = named.get(folded) or others.get(folded), folded not in named
        secret = folded in _SECRETS or (field is not None and field.type is Secret)
        is_plain = field is not None and field.type is str and not (late or secret)
        return _Key(field, late, secret, field.name if field is not None and is_plain else "")

    return find


@cache
def _reader(cls: Any) -> _Reader:
    attrs.resolve_types(cls)
    identity = next((a.name for a in attrs.fields(cls) if "identifies" in a.metadata), "")
    return _Reader(_keys(cls), quick(cls), identity)


def _model_hook(cls: Any) -> Read:
    reader = _reader(cls)
    find, make, identity = reader.find, reader.make, reader.identity
    required = frozenset(a.name for a in attrs.fields(cls) if a.default is attrs.NOTHING)

    def hook(data: Any, _: Any) -> Model:
        if not isinstance(data, dict):
            raise _expected("an object", data)
        given: dict[str, Any] = {}
        others: list[tuple[str, Any, _Key]] = []
        for key, value in data.items():
            known = find(key)
            name = known.plain
            # Nearly all values of most objects come this way.
            if name and type(value) is str and value and name not in given:
                given[name] = value
            elif value is not None:
                others.append((key, value, known))
        hidden = _add_all(given, others) if others else None
        if not required <= given.keys():
            missing = next(a.name for a in attrs.fields(cls) if a.name in required - given.keys())
            raise _Unfit("required and missing", f".{missing}")
        if given.get(identity) in NO_UUIDS:
            given[identity] = ""
        # Not copied where it holds no secret: lists are long.
        given["raw"] = {**data, **hidden} if hidden else data
        return make(**given)

    return hook


def _together(reader: _Reader, objects: list[Any]) -> list[Any] | None:
    """Returns the models of objects that have the same keys, each with a text; None for any others.

    Nearly all long lists are of such objects, and this takes half of the time.
    """
    if set(map(type, objects)) != {dict} or len(shapes := set(map(tuple, objects))) != 1:
        return None
    names = [reader.find(key).plain for key in shapes.pop()]
    columns = dict(zip(names, zip(*map(dict.values, objects), strict=True), strict=True))
    if "" in columns or len(columns) < len(names):
        return None
    if not all(set(map(type, column)) == {str} and all(column) for column in columns.values()):
        return None
    if not NO_UUIDS.isdisjoint(columns.get(reader.identity, ())):
        return None
    given: dict[str, Iterable[Any]] = {**columns, "raw": objects}
    make: Any = reader.make
    order = attrs.fields(make)
    # Nothing that is required is missing then, either.
    if any(attribute.default is not None for attribute in order if attribute.name not in given):
        return None
    return list(map(make, *[given.get(attribute.name, repeat(None)) for attribute in order]))


def _add_all(given: dict[str, Any], values: list[tuple[str, Any, _Key]]) -> dict[str, Any]:
    """Reads into fields what is not plain text; returns what may not be shown, as it may be."""
    hidden: dict[str, Any] = {}
    odd: dict[str, _Field] = {}
    late: list[tuple[_Field, Any]] = []
    for key, value, known in values:
        if known.secret or isinstance(value, _HOLDERS):
            value = _shown(key, value, known.secret, hidden)
        if known.late and known.field is not None:
            late.append((known.field, value))
        elif known.field is not None:
            _add(given, odd, known.field, value)
    named = frozenset(given)
    for field, value in late:
        if field.name not in named or field.identifies:
            _add(given, odd, field, value)
    # After all keys, as the first of two different values must not stay.
    for name, field in odd.items():
        given.pop(name, None)
        if field.identifies:
            given[name] = ""
    return hidden


def _add(given: dict[str, Any], odd: dict[str, _Field], field: _Field, value: Any) -> None:
    """Reads a field's value; what is no value, or another one than before, has no place in a model."""
    if field.blank and value == "":
        return
    try:
        read = field.read(value, field.type)
        if given.setdefault(field.name, read) != read:
            raise _Unfit("given twice, with different values,")
    except _Unfit as error:
        if field.strict:
            raise error.under(f".{field.name}") from None
        odd[field.name] = field


def _shown(key: str, value: Any, secret: bool, hidden: dict[str, Any]) -> Any:
    """Returns a value with no secret shown; notes it under `hidden` if that is another one."""
    shown = _hide(value, secret)
    if shown is not value:
        hidden[key] = shown
    return shown


def _hide(value: Any, secret: bool) -> Any:
    """Returns the same JSON with its secrets hidden; what has none is not copied."""
    if isinstance(value, dict):
        found = {key: _hide(item, fold(key) in _SECRETS) for key, item in value.items()}
        return found if any(found[key] is not item for key, item in value.items()) else value
    if isinstance(value, list) and (secret or any(isinstance(item, _HOLDERS) for item in value)):
        items = [_hide(item, secret) for item in value]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    return Secret(value) if secret and isinstance(value, str) else value


def _types(type_: Any) -> tuple[Any, ...]:
    return get_args(type_) if get_origin(type_) in (Union, UnionType) else (type_,)


def _text(value: Any, cls: type[str]) -> str:
    # The first test nearly always decides, and costs less.
    if type(value) is not str and not isinstance(value, str):
        raise _expected("text", value)
    return value if cls is str else cls(value)


def _flag(value: Any, _: Any) -> bool:
    # The text "false", 0 and 1 are no answer about a protection.
    if not isinstance(value, bool):
        raise _expected("true or false", value)
    return value


def _number(value: Any, _: Any) -> int:
    """Reads a whole number, which comes as text in places, and as a float."""
    # Python refuses to read some thousands of digits, with an error of its own.
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 40:
        return int(value)
    # The last test refuses NaN and the infinities too.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise _expected("a whole number", value)
    return int(value)


def _time(value: Any, _: Any) -> datetime:
    """Reads RFC 3339, a date alone, or epoch seconds; a time without a zone is in UTC."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            time = datetime.fromtimestamp(value, UTC)
        else:
            time = datetime.fromisoformat(value)
    # Seconds outside of the calendar are one of the last two, by the system.
    except (TypeError, ValueError, OverflowError, OSError):
        raise _expected("a time", value) from None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    if time in _NOT_SET:
        raise _expected("a time that is set", value)
    return time


def _cursor(value: Any, cls: type[str]) -> str:
    # It is sent back as text, also if it came as a number.
    return cls(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value, cls)


def _mapping(value: Any, cls: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _expected("an object", value)
    if str in get_args(cls)[1:]:
        return {key: _text(item, str) for key, item in value.items()}
    return value


def _list_hook(cls: Any) -> Read:
    item: Any = get_args(cls)[0]
    inner = _converter.get_structure_hook(item)
    made = get_origin(cls)
    reader = _reader(item) if _is(item, Model) else None

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise _expected("a list", value)
        if reader is not None and (models := _together(reader, value)) is not None:
            return made(models)
        # No comprehension: at the first bad item its place is known, and the rest is not read.
        found: list[Any] = []
        try:
            for given in value:
                found.append(inner(given, item))
        except _Unfit as error:
            raise error.under(f"[{len(found)}]") from None
        return found if made is list else tuple(found)

    return hook


def _is_list(cls: object) -> bool:
    origin: object = get_origin(cls)
    return origin is list or origin is tuple


def _is(cls: object, base: type) -> bool:
    return isinstance(cls, type) and issubclass(cls, base)


_converter.register_structure_hook_factory(lambda cls: _is(cls, Model), _model_hook)
_converter.register_structure_hook_factory(_is_list, _list_hook)
_converter.register_structure_hook_func(lambda cls: _is(get_origin(cls), Mapping), _mapping)
for _kind, _read in (
    (str, _text),
    (Secret, _text),
    (Cursor, _cursor),
    (bool, _flag),
    (int, _number),
    (datetime, _time),
):
    _converter.register_structure_hook(_kind, _read)
