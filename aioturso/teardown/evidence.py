"""The one place that decides whether a listing is evidence enough to remove something."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any
from unicodedata import normalize

from attrs import define, field

from .._protocol import PLAIN, check_segment
from ..errors import InvalidInputError
from .spread import in_parts
from .targets import TRAITS, Candidate, Target, folded

UNKNOWN_PROTECTION = "its delete protection is not known"
# A name or a UUID of these alone has no other spelling, and needs no encoding.
_SMALL = re.compile("[a-z0-9-]*").fullmatch


@define
class Seen:
    """Mutable: what was seen, and what of it twice. Two sets, as a count of each would take more memory than a plan."""

    once: set[Hashable] = field(factory=set)
    twice: set[Hashable] = field(factory=set)

    def add(self, key: Hashable) -> None:
        """Notes one more."""
        (self.twice if key in self.once else self.once).add(key)


@define
class Tally:
    """Mutable: the names and the uuids of each kind that were listed, in one complete listing.

    If some records of a listing have a uuid, the others lack it, and are in doubt. If none has one, this server lists no
    uuids, and they cannot be compared. It is the same with a protection. Names that differ by case, by dots at their
    end or by Unicode's compatibility forms alone may be one name.
    """

    names: defaultdict[str, Seen] = field(factory=lambda: defaultdict(Seen))
    uuids: defaultdict[str, Seen] = field(factory=lambda: defaultdict(Seen))
    lists_protection: bool = False

    def add(self, candidate: Candidate) -> None:
        """Counts one listed record."""
        target = candidate.target
        self.names[target.kind].add(_alike(target))
        if target.uuid:
            self.uuids[target.kind].add(folded(target.uuid))
        if candidate.reason != UNKNOWN_PROTECTION:
            self.lists_protection = True

    def weigh(self, candidate: Candidate, organization: str) -> Candidate:
        """Returns the candidate, with a reason if what was listed is absent, empty, doubled or contradictory."""
        reason = candidate.reason
        if reason == UNKNOWN_PROTECTION and not self.lists_protection:
            reason = None
        reason = reason or self._doubt(candidate.target, organization)
        # No copy: a plan may hold a hundred thousand.
        if reason == candidate.reason:
            return candidate
        return Candidate(candidate.target, reason, candidate.note)

    def _doubt(self, target: Target, organization: str) -> str | None:
        if not target.is_of(organization):
            return "it is in another organization"
        # A name that cannot be sent must not wait for the run to be refused.
        for label in TRAITS[target.kind].fields:
            if not is_plain(getattr(target, label), label):
                return f"its {label} is not a plain name"
        # Where nothing is listed twice, no name is folded again: lists are long.
        names, uuids = self.names[target.kind].twice, self.uuids.get(target.kind)  # `get` adds no entry
        if names and _alike(target) in names:
            return "its name is listed more than once"
        if target.kind == "database" and target.database != target.database.lower():
            return "its name has capital letters, which the platform does not allow"
        if not (target.uuid or "").strip() and (target.uuid is not None or uuids is not None):
            return "its uuid is missing"
        # A letter that cannot be seen, or looks like another, would make it differ from the same uuid without that.
        if target.uuid and not (target.uuid.isascii() and is_plain(target.uuid.strip(), "uuid")):
            return "its uuid is not a plain one"
        # The locations of a group share its uuid.
        twice = uuids.twice if uuids is not None and not TRAITS[target.kind].shares_uuid else ()
        if twice and target.uuid and folded(target.uuid) in twice:
            return "its uuid is listed more than once"
        return None


def _alike(target: Target) -> Hashable:
    """Returns the names of a target in one form for all spellings that some server may take for the same."""
    names = target.names
    return _form(names[0]) if len(names) == 1 else tuple(map(_form, names))


def _form(name: str) -> str:
    found = folded(name)
    # Some servers cut dots, others normalize text.
    if found.isascii():
        return found.rstrip(".")
    return folded(normalize("NFKC", found).rstrip("."))


def is_plain(name: object, label: str) -> bool:
    """True for a name that is exactly one path segment."""
    try:
        # The first test nearly always decides, and costs less: lists are long.
        return (type(name) is str and PLAIN(name) is not None) or check_segment(name, label) == name
    except (TypeError, ValueError):
        return False


async def weighed(candidates: Iterable[Candidate], organization: str) -> list[Candidate]:
    """Returns the candidates of one complete listing, each with the doubt that the listing leaves."""
    found, tally = list(candidates), Tally()
    if await _are_plain_instances(found, organization):
        return found
    async for part in in_parts(found):
        for candidate in part:
            tally.add(candidate)
    return [tally.weigh(candidate, organization) async for part in in_parts(found) for candidate in part]


async def _are_plain_instances(candidates: Sequence[Candidate], organization: str) -> bool:
    """True for instances of one database, each with a plain name and a plain UUID of its own: `Tally` doubts none.

    Nearly every list is one. It may be long, and this takes a quarter of the time.
    """
    names, uuids, owners = set[str](), set[str](), set[tuple[str, str, str]]()
    async for part in in_parts(candidates):
        targets = [candidate.target for candidate in part]
        listed, ids = [target.instance for target in targets], [target.uuid or "" for target in targets]
        if not (all(listed) and all(ids) and _SMALL("".join(listed + ids))):
            return False
        names.update(listed)
        uuids.update(ids)
        owners.update([(target.kind, target.organization, target.database) for target in targets])
    if len(owners) != 1 or not len(names) == len(uuids) == len(candidates):
        return False
    ((kind, owner, database),) = owners
    return kind == "instance" and owner == organization and is_plain(database, "database")


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
