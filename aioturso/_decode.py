"""Pure: bytes to JSON to frozen attrs, with errors that say where."""

from __future__ import annotations

from typing import Any, NoReturn

import cattrs

from ._protocol import parse_json
from .errors import DecodeError
from .models.instances import Instance

_converter = cattrs.Converter()


def _strict_text(value: object, _: type[str]) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


_converter.register_structure_hook(str, _strict_text)


def _fail(where: str, why: str) -> NoReturn:
    error = DecodeError(f"{why} at {where}")
    error.where = where
    raise error


def _folded(data: object, where: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        _fail(where, f"expected an object, not {type(data).__name__},")
    return {key.lower(): value for key, value in data.items()}


def instance(data: object, where: str) -> Instance:
    """One Instance; a missing or empty name is an error, since everything is addressed by it."""
    fields = _folded(data, where)
    if not isinstance(fields.get("name"), str) or not fields["name"]:
        _fail(f"{where}.name", "expected a name")
    try:
        return _converter.structure(fields, Instance)
    except Exception as error:
        why = type(error).__name__
    _fail(where, f"not an instance ({why})")


def instances(body: bytes) -> list[Instance]:
    """`{"instances": [...]}`; null is an empty list, a missing key is an error (case C42)."""
    data = _folded(parse_json(body), "$")
    if "instances" not in data:
        _fail("$.instances", "expected a list")
    listed = data["instances"]
    if listed is None:
        return []
    if not isinstance(listed, list):
        _fail("$.instances", "expected a list")
    return [instance(item, f"$.instances[{i}]") for i, item in enumerate(listed)]


def one_instance(body: bytes, name: str | None = None) -> Instance:
    """`{"instance": {...}}`, which must be the one asked for."""
    found = instance(_folded(parse_json(body), "$").get("instance"), "$.instance")
    if name is not None and found.name != name:
        _fail("$.instance.name", "the answer names another instance")
    return found


def destroyed(body: bytes, name: str) -> str:
    """The name asked for: an empty or unnamed success is one, another name is not (case C38)."""
    if not body.strip():
        return name
    data = parse_json(body)
    if data is None:
        return name
    fields = _folded(data, "$")
    said = fields.get("instance")
    if isinstance(said, dict):
        said = _folded(said, "$.instance").get("name")
    if said is None and fields.get("error") is not None:
        _fail("$.error", "a success status with an error in it")
    if said is not None and said != name:
        _fail("$.instance", "the answer names another instance")
    return name
