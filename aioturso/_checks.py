"""Pure: checks of arguments. Each returns the value, or raises an error that names the argument and what it must be."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from attrs import Attribute

from .errors import ConfigurationError, InvalidInputError

Refusal = type[InvalidInputError] | type[ConfigurationError]
T = TypeVar("T")


def text(value: object, what: str, refusal: Refusal = InvalidInputError) -> str:
    """Returns a text that is not empty: empty text never means "any" or "the default"."""
    if not isinstance(value, str) or not value:
        raise refusal(f"{what} must be a text that is not empty")
    return value


def text_or_none(value: object, what: str) -> str | None:
    """Returns a text that is not empty, or None."""
    return None if value is None else text(value, what)


def texts(values: object, what: str) -> list[str]:
    """Returns a list of texts; refuses one text, which is a sequence of its letters, and whatever is no text."""
    if isinstance(values, str | bytes) or not isinstance(values, Sequence | set | frozenset):
        kind = "one text" if isinstance(values, str) else type(values).__name__
        raise InvalidInputError(f"{what} must be a list of texts, not {kind}")
    return [text(value, f"each of {what}") for value in values]


def switch(value: object, what: str, refusal: Refusal = InvalidInputError) -> bool:
    """Returns a switch, which must be True or False itself: the text "false" would count as true."""
    if not isinstance(value, bool):
        raise refusal(f"{what} must be True or False, not {type(value).__name__}")
    return value


def switch_or_none(value: object, what: str) -> bool | None:
    """Returns a switch, or None."""
    return None if value is None else switch(value, what)


def switches(**values: object) -> None:
    """Raises for an argument that is no switch."""
    for name, value in values.items():
        switch(value, name)


def whole(value: object, what: str, refusal: Refusal = InvalidInputError, *, least: int = 1) -> int:
    """Returns a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise refusal(f"{what} must be a whole number of at least {least}")
    return value


def positive(
    value: object, what: str, refusal: Refusal = InvalidInputError, *, unit: str = "seconds"
) -> float:
    """Returns a number of seconds, or of another unit: more than 0, and finite."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise refusal(f"{what} must be a positive number of {unit}, and not endless")
    return value


def not_negative(value: object, what: str, refusal: Refusal = InvalidInputError) -> float:
    """Returns a number of seconds, which may be 0 or infinite."""
    # Written so that NaN is refused.
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise refusal(f"{what} must be a number of seconds, 0 or more")
    return value


def hook(value: object, what: str, refusal: Refusal = InvalidInputError) -> None:
    """Raises for anything but a plain function, or None: a coroutine would never be awaited."""
    if value is not None and not callable(value):
        raise refusal(f"{what} must be a function, not {type(value).__name__}")
    if value is not None and _is_async(value):
        raise refusal(f"{what} must be a plain function: it is called, not awaited")


def _is_async(function: object) -> bool:
    """True for what returns a coroutine as far as can be seen: async functions, partials of them, objects called so."""
    while isinstance(function, partial):
        function = function.func
    # An object with an async `__call__` is no coroutine function itself.
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def instance_of(value: object, cls: type[T], what: str) -> T | None:
    """Returns an object of a class, or None."""
    if value is not None and not isinstance(value, cls):
        raise InvalidInputError(f"{what} must be of the class {cls.__name__}, not {type(value).__name__}")
    return value


def aware(time: datetime | str | None) -> None:
    """Raises for a time without a zone, and for what is no time."""
    if time is not None and not isinstance(time, datetime | str):
        raise InvalidInputError(f"a time must be a datetime or text, not {type(time).__name__}")
    # It would be another moment on each machine.
    if isinstance(time, datetime) and time.tzinfo is None:
        raise InvalidInputError("a time must have a time zone")


def checking(
    check: Callable[..., object], refusal: Refusal = InvalidInputError, prefix: str = "", **more: object
) -> Callable[[object, Attribute[Any], object], None]:
    """Returns an attrs validator that makes a check, in which the field's name is the argument's."""

    def validate(_: object, attribute: Attribute[Any], value: object) -> None:
        check(value, f"{prefix}{attribute.name}", refusal, **more)

    return validate
