"""Pure: the one place that decides whether a listing is evidence enough to remove something."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from attrs import define, field

from .._protocol import check_segment
from ..errors import InvalidInputError
from .targets import FIELDS, Candidate, Target, folded

NOT_TOLD = "its delete protection is not known"


@define
class Tally:
    """Mutable: how often each name and each uuid was listed, in one complete listing.

    A field that some records of a listing have and others lack is missing in those. One that none has is not listed
    by this server: then a uuid cannot be compared. Names that differ by case alone may be one name.
    """

    names: Counter[tuple[str, ...]] = field(factory=Counter)
    uuids: Counter[tuple[str, str]] = field(factory=Counter)
    tells_protection: bool = False

    def add(self, candidate: Candidate) -> None:
        """Counts one listed record."""
        target = candidate.target
        self.names[_folded(target)] += 1
        if target.uuid:
            self.uuids[target.kind, folded(target.uuid)] += 1
        if candidate.reason != NOT_TOLD:
            self.tells_protection = True

    def weigh(self, candidate: Candidate, organization: str) -> Candidate:
        """Returns the candidate, with a reason if what was listed is absent, empty, doubled or contradictory."""
        reason = candidate.reason
        if reason == NOT_TOLD and not self.tells_protection:
            reason = None
        doubt = reason or self._doubt(candidate.target, organization)
        return Candidate(candidate.target, doubt, candidate.note)

    def _doubt(self, target: Target, organization: str) -> str | None:
        if target.organization != organization and target.kind != "API token":
            return "it is in another organization"
        for label in FIELDS[target.kind]:
            if not is_plain(getattr(target, label), label):
                return f"its {label} is not a plain name"
        if self.names[_folded(target)] > 1:
            return "its name is listed more than once"
        if target.kind == "database" and target.database != target.database.lower():
            return "its name has capital letters, which the platform does not allow"
        if not (target.uuid or "").strip() and (target.uuid is not None or self.uuids):
            return "its uuid is missing"
        # The locations of a group share its uuid.
        if (
            target.uuid
            and target.kind != "group location"
            and self.uuids[target.kind, folded(target.uuid)] > 1
        ):
            return "its uuid is listed more than once"
        return None


def _folded(target: Target) -> tuple[str, ...]:
    return tuple(map(folded, target.key))


def is_plain(name: object, label: str) -> bool:
    """True for a name that is exactly one path segment."""
    try:
        return check_segment(name, label) == name
    except (TypeError, ValueError):
        return False


def weighed(candidates: Iterable[Candidate], organization: str) -> list[Candidate]:
    """Returns the candidates of one complete listing, each with the doubt that the listing leaves."""
    found, tally = list(candidates), Tally()
    for candidate in found:
        tally.add(candidate)
    return [tally.weigh(candidate, organization) for candidate in found]


def holds(where: Callable[[Any], object] | None, thing: object) -> bool:
    """Returns what a predicate returned, which must be True or False itself.

    A coroutine, which an async predicate returns, would count as true and select everything.
    """
    if where is None:
        return True
    answer = where(thing)
    if inspect.iscoroutine(answer):
        answer.close()
    if not isinstance(answer, bool):
        raise InvalidInputError(
            f"where must return True or False, not {type(answer).__name__}: it is called, not awaited"
        )
    return answer
