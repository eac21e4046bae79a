"""The options that `execute`, `stream`, `destroy_by_location` and the command line share, written once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, Self, TypedDict

from attrs import Attribute, field, fields, frozen
from attrs.validators import optional

from .._checks import checking, hook, not_negative, positive, switch, whole
from ..errors import InvalidInputError
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
    """Seconds since its first list (default 10): an older plan is listed again first, and what has changed is skipped.

    A plan that was loaded, that ran before, or whose entries were changed by hand, is always listed again; so is the
    rest of a run whose last list is older than this time and a minute, or in which nothing was sent for as long.
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
    """Keywords of `execute` and `stream` of a TeardownPlan: those of CreationOptions, and `exclude`."""

    exclude: str | Sequence[str]
    """Globs of names to leave alone, besides those of the plan. One that matches nothing is in `report.unmatched`."""


def _path(_: object, attribute: Attribute[Any], value: object) -> None:
    if value is not None and (not isinstance(value, str | PathLike) or value == ""):
        raise InvalidInputError("audit_log must be a path")


@frozen(kw_only=True)
class Options:
    """CreationOptions, checked. Raises InvalidInputError before any I/O."""

    concurrency: int | None = field(default=None, validator=optional(checking(whole)))
    rate_limit: float | None = field(
        default=None, validator=optional(checking(positive, unit="calls per second"))
    )
    max_targets: int = field(default=MAX_TARGETS, validator=checking(whole, least=0))
    max_age: float = field(default=MAX_AGE, validator=checking(not_negative))
    dry_run: bool = field(default=False, validator=checking(switch))
    on_outcome: OnOutcome | None = field(default=None, validator=checking(hook))
    on_progress: OnProgress | None = field(default=None, validator=checking(hook))
    audit_log: str | PathLike[str] | None = field(default=None, validator=_path)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Returns the options that a caller has given; raises TypeError for one that does not exist."""
        known = [attribute.name for attribute in fields(cls)]
        for name in given:
            if name not in known:
                raise TypeError(f"there is no option {name!r}: the options are {', '.join(known)}")
        return cls(**given)


@frozen(kw_only=True)
class TeardownOptions(Options):
    """RunOptions, checked. Raises InvalidInputError before any I/O."""

    exclude: tuple[str, ...] = field(default=(), converter=patterns)
