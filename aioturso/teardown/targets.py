"""Targets, the names that make one, and candidates: targets with a reason not to delete them, or without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Literal, Self

import attrs
from attrs import field, frozen

from .._protocol import clean
from ..errors import InvalidInputError
from ..models.databases import Database

Kind = Literal["instance", "database", "group", "group location", "API token"]
_SHOWN = 5


@frozen
class Traits:
    """Holds what distinguishes targets of one kind from others.

    - `fields`: those that name one, in the order of its DELETE's path
    - `of_group`: it is a group or a part of one, which may get another name and takes its databases with it
    - `of_user`: it is the token's user's, and of no organization
    - `shares_uuid`: its uuid is that of its group, which others have too
    - `restorable`: the platform may bring it back, by its uuid
    """

    fields: tuple[str, ...]
    of_group: bool = False
    of_user: bool = False
    shares_uuid: bool = False
    restorable: bool = False


TRAITS: Mapping[Kind, Traits] = {
    "instance": Traits(("database", "instance")),
    "database": Traits(("database",), restorable=True),
    "group": Traits(("group",), of_group=True, restorable=True),
    "group location": Traits(("group", "location"), of_group=True, shares_uuid=True),
    "API token": Traits(("token",), of_user=True),
}
"""The table of kinds; `listing` has how each is listed, found and removed."""
OF_GROUPS = frozenset(kind for kind, traits in TRAITS.items() if traits.of_group)


def _getter(*fields: str) -> Callable[[Any], tuple[str, ...]]:
    found: Callable[[Any], Any] = attrgetter(*fields)
    return found if len(fields) > 1 else lambda target: (found(target),)


_NAMES = {kind: _getter(*traits.fields) for kind, traits in TRAITS.items()}


def folded(text: str | None) -> str:
    """Returns a text for a comparison that must not miss: of names and ids that differ by case or outer space alone.

    None, a name or an id that is not known, is empty.
    """
    if text is None:
        return ""
    found = text.strip().casefold()
    return text if found == text else found  # the same object, as there may be many


@frozen(kw_only=True, weakref_slot=False)  # there may be very many
class Target:
    """One thing to remove, named completely; what does not apply to its `kind` is empty.

    `uuid` distinguishes it from another of the same name (None: the platform did not list one); `token` is an API
    token's name.
    """

    kind: Kind = "instance"
    organization: str = ""
    database: str = ""
    instance: str = ""
    location: str | None = None
    group: str = ""
    token: str = ""
    uuid: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the path of its DELETE, below the organization."""
        return _NAMES[self.kind](self)

    @property
    def key(self) -> tuple[str, ...]:
        """The kind and the names, which distinguish it from all others of its organization."""
        return (self.kind, *self.names)

    def __str__(self) -> str:
        return f"{self.kind} {clean('/'.join(map(str, self.names)))}"

    def is_of(self, organization: str) -> bool:
        """True for a target of this organization. An API token is its user's, and has no organization."""
        return self.organization == ("" if TRAITS[self.kind].of_user else organization)

    def is_same(self, other: Target) -> bool | None:
        """True if both have one uuid, False if they have two; None when it cannot be known."""
        return folded(self.uuid) == folded(other.uuid) if self.uuid and other.uuid else None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data for JSON, without what is empty."""
        return {name: value for name, value in attrs.asdict(self).items() if value}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Reverses `to_dict`; raises InvalidInputError for anything else."""
        known = {attribute.name for attribute in attrs.fields(cls)}
        texts = isinstance(data, Mapping) and all(isinstance(value, str) for value in data.values())
        if not texts or not set(data) <= known:
            raise InvalidInputError("not a target: texts under the names of its fields are expected")
        if data.get("kind") not in TRAITS:
            raise InvalidInputError(f"not a target: kind must be one of {', '.join(TRAITS)}")
        target = cls(**data)
        if not all(target.names):
            raise InvalidInputError(f"not a target: a name of this {target.kind} is missing")
        return target


def under_group(databases: Mapping[str, str], group: Target) -> str | None:
    """Returns what is under a group's name or its uuid, in lower case: some server may list the group of a database by either."""
    return databases.get(folded(group.group)) or (databases.get(folded(group.uuid)) if group.uuid else None)


@frozen(weakref_slot=False)
class Candidate:
    """A target as it was listed, and the reason why nothing is to be done to it, if there is one.

    `note`: what a person who reads the plan should know besides, such as its age and the source of that. `databases`:
    those that come back with a deleted group. `after`: the group that must be back before a database. `database`: what
    the platform listed under a name that was to be created.
    """

    target: Target
    reason: str | None = field(default=None)
    note: str = ""
    databases: tuple[Target, ...] = ()
    after: Target | None = None
    database: Database | None = None

    def __str__(self) -> str:
        note = f" ({clean(self.note)})" if self.note else ""
        if not self.databases:
            return f"{self.target}{note}"
        names = [clean(target.database) for target in self.databases[:_SHOWN]]
        names += ["..."] if len(self.databases) > _SHOWN else []
        return f"{self.target} with {len(self.databases):,} databases ({', '.join(names)})"
