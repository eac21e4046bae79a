"""Pure: what the arguments of a plan mean, and which of them mean too much."""

from __future__ import annotations

from datetime import timedelta

from .._protocol import check_segment
from ..errors import InvalidInputError
from .age import words
from .targets import Candidate, Target


def segments(**names: str | None) -> None:
    """Raises InvalidNameError for a name, if it is given, that is not exactly one path segment."""
    for name, value in names.items():
        if value is not None:
            check_segment(value, name)


def check_scope(
    location: str | None, database: str | None, instance: str | None, *, groups: bool, everything: bool
) -> None:
    """Raises InvalidInputError where more would be meant than the caller has named."""
    if location is None and instance is None and not everything:
        raise InvalidInputError(
            "every replica of every location is meant only with everything=True", parameter="everything"
        )
    if groups and (location is None or database is not None or instance is not None):
        raise InvalidInputError(
            "groups=True takes a location from whole groups: give only the location", parameter="groups"
        )


def ambiguous(matching: list[Candidate]) -> list[Candidate]:
    """Returns instances of one name in several databases, each with that as its reason."""
    doubt = f"{len(matching)} databases have an instance of this name: name the database, or the uuid"
    return [Candidate(c.target, c.reason or doubt) for c in matching]


def scope(group: str | None, older_than: timedelta | None) -> str:
    """Returns the words of a title for these two limits."""
    age = "" if older_than is None else f" older than {words(older_than)}"
    return f"{'' if group is None else f' of group {group}'}{age}"


def is_meant(target: Target, location: str | None, instance: str | None) -> bool:
    """True for the location that was named, or for one that is not known, which is reported as skipped."""
    here = location is None or target.location == location or not (target.location or "").strip()
    return here and (instance is None or instance in (target.instance, target.uuid))
