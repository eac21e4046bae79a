"""Settings of a client: time limits, tokens, and the environment variables behind them."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

from attrs import field, frozen

from ._checks import checking, positive
from .errors import ConfigurationError

__all__ = ["Timeout", "TokenProvider"]

TokenProvider = Callable[[], Awaitable[str]]
"""An async function that returns a platform token."""


# aiohttp reads 0 and less as no limit.
_limit = checking(positive, ConfigurationError, "timeout: ")


@frozen(kw_only=True)
class Timeout:
    """Seconds. `attempt`: one send and its answer; `total`: the call with its waits; `connect`: one connection."""

    attempt: float = field(default=30.0, validator=_limit)
    total: float = field(default=300.0, validator=_limit)
    connect: float = field(default=10.0, validator=_limit)


def timeout_of(value: object) -> Timeout:
    """Returns a Timeout as it is, and a number as the time of one attempt."""
    if isinstance(value, Timeout):
        return value
    return Timeout(attempt=value)  # type: ignore[arg-type]  # its validator refuses the rest


def setting(value: object, what: str, *variables: str) -> str | None:
    """Returns the argument, or else the first variable of the environment that is set and not empty.

    An argument that is empty is refused: it never means the default.
    """
    if value is None:
        return next((found for name in variables if (found := os.environ.get(name))), None)
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{what} must be a text that is not empty")
    return value
