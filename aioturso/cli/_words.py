"""The library's errors in the words of the command line, which has options and no arguments of Python's."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from .._refusals import GROUPED, ORGANIZATIONS
from ..errors import ConfigurationError, InvalidInputError, NotSentError
from ..teardown.listing import ONLY_GROUP
from ..teardown.report import Outcome

_PARAMETERS: Mapping[str, str] = {
    "token": "no token: set TURSO_API_TOKEN (`turso auth api-tokens mint NAME --org ORG` makes one)",
    "organization": "no organization: set TURSO_ORG or give --org",
    "everything": "this may mean every one: give names, a narrower pattern, or --everything",
    "groups": "--groups takes a location from whole groups: give only the location with it",
}
_LIMIT = re.compile(r"\b(?:max_retry_after|total)=([\d.e+]+)")
_LOOK = re.compile(r"look with turso\.(databases|groups)\.get\w*\([^)]*\)")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY")
_UNIT = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# Five digits of weeks still fit a timedelta.
_DURATION = re.compile(r"(?:[0-9]{1,5}[wdhm])+", re.ASCII)


def words(error: BaseException) -> str:
    """Returns the text of an error."""
    parameter = error.parameter or "" if isinstance(error, ConfigurationError | InvalidInputError) else ""
    if parameter in _PARAMETERS:
        return _PARAMETERS[parameter]
    if isinstance(error, NotSentError) and not error.final and (proxy := _proxy()):
        return f"{reworded(str(error))} ({proxy} is set; --no-trust-env ignores it)"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return reworded(str(error)) or type(error).__name__


def _proxy() -> str:
    """Returns the variable of the environment that names a proxy; empty for none."""
    return next((name for name, value in os.environ.items() if value and name.upper() in _PROXIES), "")


def reworded(text: str) -> str:
    """Returns a text of the library, such as a reason, without its arguments and calls."""
    text = _LIMIT.sub(r"\1 s", text).replace(ORGANIZATIONS, " (--org or TURSO_ORG names it)")
    text = _LOOK.sub(r"look with `aioturso \1 list`", text)
    text = text.replace(
        GROUPED, " (`aioturso destroy location LOC --groups` removes the location from the group)"
    )
    advice = " (`aioturso destroy location LOC --groups` does so)" if text.startswith(ONLY_GROUP) else ""
    return text + advice


def why(outcome: Outcome) -> str:
    """Returns the error or the reason of an outcome; empty for none."""
    return words(outcome.error) if outcome.error else reworded(outcome.reason or "")


def outcome_dict(outcome: Outcome) -> dict[str, Any]:
    """Returns an outcome as JSON has it."""
    data = outcome.to_dict()
    data |= {"reason": None if outcome.reason is None else reworded(outcome.reason)}
    return data if outcome.error is None else {**data, "error": words(outcome.error)}


def duration(text: str) -> timedelta:
    """Returns the time that a text such as `7d`, `36h` or `1d12h` means."""
    if not _DURATION.fullmatch(text):
        raise InvalidInputError(
            f"{text!r} is not a time: give weeks, days, hours or minutes, as in 7d or 36h"
        )
    parts = re.findall(r"([0-9]+)([wdhm])", text)
    found = sum((timedelta(**{_UNIT[unit]: int(number)}) for number, unit in parts), timedelta())
    if not found:
        raise InvalidInputError(f"{text!r} is no time at all")
    return found
