"""Settings of a client: time limits, tokens, and the environment variables behind them."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

from attrs import Attribute, field, frozen

from .errors import ConfigurationError

__all__ = ["Timeout", "TokenProvider"]

TokenProvider = Callable[[], Awaitable[str]]
"""An async function that returns a platform token."""


def _seconds(_: object, attribute: Attribute[float], value: object) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value < float("inf"):  # type: ignore[operator]  # aiohttp reads 0 and less as no limit
        raise ConfigurationError(f"timeout: {attribute.name} must be a positive number of seconds")


@frozen(kw_only=True)
class Timeout:
    """Seconds. `attempt`: one send and its answer; `total`: the call with its waits; `connect`: one connection."""

    attempt: float = field(default=30.0, validator=_seconds)
    total: float = field(default=300.0, validator=_seconds)
    connect: float = field(default=10.0, validator=_seconds)


def timeout_of(value: object) -> Timeout:
    """Returns a Timeout as it is, and a number as the time of one attempt."""
    return value if isinstance(value, Timeout) else Timeout(attempt=value)  # type: ignore[arg-type]  # its validator refuses the rest


def setting(value: object, what: str, *variables: str) -> str | None:
    """Returns the argument, or else the first variable of the environment that is set and not empty.

    An argument that is empty is refused: it never means the default.
    """
    if value is None:
        return next((found for name in variables if (found := os.environ.get(name))), None)
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{what} must be a text that is not empty")
    return value


def switch(value: object, what: str) -> bool:
    """Returns a switch, which must be True or False itself: the text "false" would count as true."""
    if not isinstance(value, bool):
        raise ConfigurationError(f"{what} must be True or False, not {type(value).__name__}")
    return value


def count(value: object, what: str, *, least: int = 1) -> int:
    """Returns a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(f"{what} must be a whole number of at least {least}")
    return value
