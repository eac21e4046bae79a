"""Pure: bytes to JSON to frozen attrs, with errors that say where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from types import UnionType
from typing import Any, Generic, NoReturn, TypeVar, Union, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import IterableValidationError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn

from ._operation import Names
from ._protocol import parse_json
from .errors import DecodeError
from .models import Model, Secret
from .models._page import Pagination

M = TypeVar("M", bound=Model)
T = TypeVar("T")

_converter = cattrs.Converter()
_MISSING = object()


def anything(body: bytes, names: Names) -> Any:
    """Whatever JSON came; None for an empty answer."""
    return parse_json(body) if body.strip() else None


def nothing(body: bytes, names: Names) -> None:
    """A success says all there is to say."""


def one(
    cls: type[M], key: str | None = None, *, bare: bool = False, beside: Names = ()
) -> Callable[[bytes, Names], M]:
    """`{key: {...}}`, or the object itself.

    `bare`: without an object under `key`, the object itself. `beside`: keys that belong to the object but stand next to it.
    """

    def result(body: bytes, names: Names) -> M:
        data = anything(body, names)
        inner = data if key is None else _get(data, key, "$")
        where = "$" if key is None or (bare and not isinstance(inner, dict)) else f"$.{key}"
        inner = data if where == "$" else inner
        if beside and isinstance(inner, dict):
            inner = {**{name: value for name in beside if (value := _get(data, name, "$"))}, **inner}
        return structure(inner, cls, where)

    return result


def many(cls: type[T], key: str, *, bare: bool = False) -> Callable[[bytes, Names], list[T]]:
    """`{key: [...]}`, with `bare` also `[...]`; null is an empty list, a missing key an error and no empty list."""

    def result(body: bytes, names: Names) -> list[T]:
        data = anything(body, names)
        if bare and isinstance(data, list):
            return structure(data, list[cls], "$")  # type: ignore[valid-type]  # a type made at run time
        return items(data, cls, key)

    return result


def mapped(cls: type[M], key: str, fields: tuple[str, str]) -> Callable[[bytes, Names], list[M]]:
    """`{key: {a: b, ...}}` as objects with two fields; null is an empty list."""

    def result(body: bytes, names: Names) -> list[M]:
        found = _get(anything(body, names), key, "$", _MISSING)
        if found is not None and not isinstance(found, dict):
            fail(f"$.{key}", "expected an object")
        pairs = [dict(zip(fields, pair, strict=True)) for pair in (found or {}).items()]
        return structure(pairs, list[cls], f"$.{key}")  # type: ignore[valid-type]  # a type made at run time

    return result


@attrs.frozen
class Page(Generic[T]):
    """One page of a list."""

    items: list[T]
    pagination: Pagination


def page(cls: type[T], key: str) -> Callable[[bytes, Names], Page[T]]:
    """`{key: [...], "pagination": {...}}`; without a pagination it is the only page."""

    def result(body: bytes, names: Names) -> Page[T]:
        data = anything(body, names)
        found = items(data, cls, key)
        place = _get(data, "pagination", "$")
        return Page(found, structure({} if place is None else place, Pagination, "$.pagination"))

    return result


def items(data: Any, cls: type[T], key: str) -> list[T]:
    """The list under `key`."""
    found = _get(data, key, "$", _MISSING)
    if found is _MISSING:
        fail(f"$.{key}", "expected a list")
    return structure([] if found is None else found, list[cls], f"$.{key}")  # type: ignore[valid-type]  # a type made at run time


def removed(key: str | None = None, *, says: int = -1) -> Callable[[bytes, Names], str]:
    """The last of the path's names: an empty or unnamed success is one, another name is an error.

    `key` holds a name, or an object with one, of the path's `says`-th name; None: the answer names nothing.
    """

    def result(body: bytes, names: Names) -> str:
        data = anything(body, names)
        said = None if data is None or key is None else _get(data, key, "$")
        if isinstance(said, dict):
            said = next((name for key in _NAMES if (name := _get(said, key, "$")) is not None), None)
        if said is None and data is not None and _get(data, "error", "$") is not None:
            fail("$.error", "a success status with an error in it")
        if said is not None and said != names[says]:
            fail(f"$.{key}", "the answer names another one than was asked for")
        return names[-1]

    return result


_NAMES = ("slug", "username", "email", "name")


def structure(data: Any, cls: type[T], where: str) -> T:
    """JSON to a model, or to a list of them."""
    try:
        return _converter.structure(data, cls)
    except Exception as error:
        why, _, path = cattrs.transform_error(error, where, _reason)[0].rpartition(" @ ")
    fail(path, why)


def fail(where: str, why: str) -> NoReturn:
    """Raise a DecodeError that says where."""
    raise DecodeError(f"{why} at {where}", where=where)


def _reason(error: BaseException, type_: type | None) -> str:
    if isinstance(error, KeyError):
        return "required and missing"
    return str(error) if isinstance(error, _Unfit) else f"not valid ({type(error).__name__})"


class _Unfit(ValueError):
    """A value that does not fit, in words that hold nothing of the value."""


@lru_cache(maxsize=4096)
def fold(key: str) -> str:
    """`DbId`, `dbId` and `db_id` are one key."""
    return key.replace("_", "").lower()


def _get(data: Any, key: str, where: str, default: Any = None) -> Any:
    """The value of a key, however it is spelled."""
    if not isinstance(data, dict):
        fail(where, f"expected an object, not {type(data).__name__},")
    if key in data:
        return data[key]
    return next((value for name, value in data.items() if fold(name) == fold(key)), default)


def _model_hook(cls: type[Model]) -> Callable[[Any, Any], Model]:
    attrs.resolve_types(cls)
    names = {fold(field.name): field for field in attrs.fields(cls) if field.name != "raw"}
    others = {fold(name): field for field in names.values() for name in field.metadata.get("also", ())}
    times = {field.name for field in names.values() if datetime in _types(field.type)}
    secrets = _SECRETS.union(name for name, field in names.items() if Secret in _types(field.type))
    inner = make_dict_structure_fn(cls, _converter)
    identity = next((field.name for field in names.values() if field.default is attrs.NOTHING), "")

    def unsaid(value: Any, field: attrs.Attribute[Any]) -> bool:
        return value is None or (value == "" and (field.name in times or field.name == identity))

    def hook(data: Any, _: Any) -> Model:
        if not isinstance(data, Mapping):
            raise _Unfit(f"expected an object, not {type(data).__name__},")
        given: dict[str, Any] = {}
        hidden: dict[str, Any] = {}
        for key, value in data.items():
            folded = fold(key)
            if folded in secrets or isinstance(value, _HOLDERS):
                shown = _hide(value, folded in secrets)
                if shown is not value:
                    hidden[key] = value = shown
            attribute = names.get(folded)
            if attribute is None or unsaid(value, attribute):
                continue
            if given.setdefault(attribute.name, value) != value:
                raise _Unfit(f"{attribute.name} is given twice, with different values,")
        if others:
            for key, value in data.items():
                attribute = others.get(fold(key))
                if attribute is not None and not unsaid(value, attribute):
                    given.setdefault(attribute.name, value)
        if hidden:
            data = {**data, **hidden}
        return inner({**given, "raw": data}, cls)

    return hook


_TEXTS = frozenset((str, type(None)))
_HOLDERS = (dict, list)
# Keys whose text is a secret wherever it comes, also where no model expects it.
_SECRETS = frozenset(("jwt", "token", "authtoken", "password", "encryptionkey"))


def _hide(value: Any, secret: bool) -> Any:
    """The same JSON, with secrets in it not shown; what has none is not copied."""
    if isinstance(value, dict):
        found = {key: _hide(item, fold(key) in _SECRETS) for key, item in value.items()}
        return found if any(found[key] is not item for key, item in value.items()) else value
    if isinstance(value, list) and (secret or any(isinstance(item, _HOLDERS) for item in value)):
        items = [_hide(item, secret) for item in value]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    return Secret(value) if secret and isinstance(value, str) else value


def _is_text(field: attrs.Attribute[Any]) -> bool:
    return field.type is str or (_types(field.type) == (str, type(None)) and field.default is None)


def _types(type_: Any) -> tuple[Any, ...]:
    return get_args(type_) if get_origin(type_) in (Union, UnionType) else (type_,)


def _text(value: Any, cls: type[str]) -> str:
    if not isinstance(value, str):
        raise _Unfit(f"expected text, not {type(value).__name__},")
    return cls(value)


def _flag(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise _Unfit(f"expected true or false, not {type(value).__name__},")
    return value


def _number(value: Any, _: Any) -> int:
    """Numbers come as text in places, and whole numbers as floats."""
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 40:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise _Unfit(f"expected a whole number, not {type(value).__name__},")
    return int(value)


def _time(value: Any, _: Any) -> datetime:
    """RFC 3339, a date alone, or epoch seconds; without a zone it is UTC."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError, OSError):
        raise _Unfit(f"expected a time, not {type(value).__name__},") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _mapping(value: Any, _: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _Unfit(f"expected an object, not {type(value).__name__},")
    return value


def _is_list(cls: object) -> bool:
    return get_origin(cls) in (list, tuple)


def _list_hook(cls: Any) -> Callable[[Any, Any], Any]:
    item: Any = get_args(cls)[0]
    origin = get_origin(cls)
    inner = _converter.get_structure_hook(item)
    texts, identity = _plain(item)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise _Unfit(f"expected a list, not {type(value).__name__},")
        done = count()
        try:
            found = [
                item(**given, raw=given)
                if type(given) is dict
                and texts.issuperset(given)
                and _TEXTS.issuperset(map(type, given.values()))
                and given.get(identity)
                else inner(given, item)
                for given, _ in zip(value, done, strict=False)
            ]
        except Exception as error:  # the first will do: cattrs would gather one error per item
            error.add_note(IterableValidationNote("in a list", next(done) - 1, item))
            raise IterableValidationError("in a list", [error], cls) from None
        return found if origin is list else tuple(found)

    return hook


def _plain(cls: Any) -> tuple[frozenset[str], str]:
    """The fields that hold text, and the one that must: an item with no others is made at once, as lists are long."""
    fields = attrs.fields(cls) if _is(cls, Model) else ()
    texts = frozenset(field.name for field in fields if _is_text(field) and field.name not in _SECRETS)
    return texts, next((field.name for field in fields if field.default is attrs.NOTHING), "")


def _is(cls: object, base: type) -> bool:
    return isinstance(cls, type) and issubclass(cls, base)


_converter.register_structure_hook_factory(lambda cls: _is(cls, Model), _model_hook)
_converter.register_structure_hook_factory(_is_list, _list_hook)
_converter.register_structure_hook(str, _text)
_converter.register_structure_hook(Secret, _text)
_converter.register_structure_hook_func(lambda cls: _is(get_origin(cls), Mapping), _mapping)
_converter.register_structure_hook(bool, _flag)
_converter.register_structure_hook(int, _number)
_converter.register_structure_hook(datetime, _time)
