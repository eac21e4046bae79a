"""The options that `execute`, `stream`, `destroy_by_location` and the command line share, written once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, TypedDict

from attrs import Attribute, field, frozen

from ..errors import ConfigurationError, InvalidInputError
from ..events import check_hook
from .progress import Progress
from .report import Outcome
from .selection import patterns

OnOutcome = Callable[[Outcome], object]
OnProgress = Callable[[Progress], object]
MAX_TARGETS = 1000
MAX_AGE = 10.0  # seconds


class CreationOptions(TypedDict, total=False):
    """Keywords of `execute` and `stream` of a CreationPlan."""

    concurrency: int | None
    """Calls at once; None, the default: as many as the server keeps up with, at most the pool's size."""
    rate_limit: float | None
    """Calls per second at most, looks and lists included; None, the default: as many as the server accepts."""
    max_targets: int
    """A plan with more targets is refused before anything is sent. Default 1000."""
    max_age: float
    """Seconds (default 10): an older plan is listed again first, and what has changed is skipped.

    A plan that was loaded, or that ran before, is always listed again; so is the rest of a run in which nothing was
    begun for this time and a minute, as on a machine that slept.
    """
    dry_run: bool
    """Sends nothing, and reports each target as NOT_ATTEMPTED."""
    on_outcome: OnOutcome | None
    """Called with each outcome as it comes. An error that it raises ends the run; a coroutine is such an error."""
    on_progress: OnProgress | None
    """Called with a Progress, ten times a second at most and at the end."""
    audit_log: str | PathLike[str] | None
    """A file that gets a line of JSON before each first send and one for each outcome."""


class RunOptions(CreationOptions, total=False):
    """Keywords of `execute` and `stream` of a TeardownPlan: those of a CreationPlan, and `exclude`."""

    exclude: str | Sequence[str]
    """Globs of names to leave alone, besides those of the plan."""


def _whole(least: int) -> Callable[[object, Attribute[int], object], None]:
    def check(_: object, attribute: Attribute[int], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidInputError(f"{attribute.name} must be a whole number of at least {least}")

    return check


def _optional(check: Callable[[object, Attribute[int], object], None]) -> Callable[..., None]:
    def either(options: object, attribute: Attribute[int], value: object) -> None:
        if value is not None:
            check(options, attribute, value)

    return either


def _number(_: object, attribute: Attribute[float], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise InvalidInputError(f"{attribute.name} must be a number of seconds, 0 or more")


def _rate(_: object, attribute: Attribute[float], value: object) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (number and 0 < value < float("inf")):  # type: ignore[operator]
        raise InvalidInputError("rate_limit must be a positive number of calls per second")


def _switch(_: object, attribute: Attribute[bool], value: object) -> None:
    if not isinstance(value, bool):
        raise InvalidInputError(f"{attribute.name} must be True or False, not {type(value).__name__}")


def _hook(_: object, attribute: Attribute[Any], value: object) -> None:
    try:
        check_hook(value, attribute.name)
    except ConfigurationError as error:
        raise InvalidInputError(str(error)) from None


def _path(_: object, attribute: Attribute[Any], value: object) -> None:
    if value is not None and (not isinstance(value, str | PathLike) or value == ""):
        raise InvalidInputError("audit_log must be a path")


@frozen(kw_only=True)
class Options:
    """CreationOptions, checked. Raises InvalidInputError before any I/O."""

    concurrency: int | None = field(default=None, validator=_optional(_whole(1)))
    rate_limit: float | None = field(default=None, validator=_rate)
    max_targets: int = field(default=MAX_TARGETS, validator=_whole(0))
    max_age: float = field(default=MAX_AGE, validator=_number)
    dry_run: bool = field(default=False, validator=_switch)
    on_outcome: OnOutcome | None = field(default=None, validator=_hook)
    on_progress: OnProgress | None = field(default=None, validator=_hook)
    audit_log: str | PathLike[str] | None = field(default=None, validator=_path)


@frozen(kw_only=True)
class TeardownOptions(Options):
    """RunOptions, checked. Raises InvalidInputError before any I/O."""

    exclude: tuple[str, ...] = field(default=(), converter=patterns)
