"""Lists the platform's resources as candidates, one class for each kind of target (API tokens: `tokens`).

Each kind has the operation that removes it, lists what is there now under the names of some targets, and finds one
target by itself. A new kind is a row of the table in `targets`, a class here with its entry in `KINDS`, and a `plan_*` in
the planner. One with a name of its own is a field of `Target` too, one of a new resource is in `engine`, one that can be
brought back in `restoring`, and one that the platform shows in a list alone in `_gone` of `recheck`, as API tokens are.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import evolve, fields

from .._decode import expect_name, is_other
from .._operation import Operation
from .._quick import quick
from .._refusals import NO_SUCH
from .._structure import fold, get
from ..api import databases, instances
from ..api.groups import DELETE as DELETE_GROUP
from ..api.groups import REMOVE_LOCATION
from ..errors import APIError, DecodeError, NotFoundError
from ..models import Model
from ..models.databases import Database
from ..models.groups import Group
from ..models.instances import Instance
from .engine import Engine
from .evidence import UNKNOWN_PROTECTION, Tally, is_plain, weighed
from .kinds import KindOfTarget, find_named
from .matching import Listed
from .protection import PROTECTED, VANISHED, looked_up, reason_of
from .selection import filtered
from .spread import in_turns, spread
from .targets import Candidate, Kind, Target, folded, under_group
from .tokens import TokenKind

ONLY_GROUP = "grouped: its location can only be removed from the group"
PRIMARY, PRIMARY_LOCATION = "primary", "primary location of its group"
NO_LOCATION, NO_REPLICA = "its location is not known", "not known to be a replica"
_UUID = 36  # characters
# Keys, as `fold` spells them, under which a record names the thing that it belongs to.
_ORGANIZATIONS = frozenset(("organization", "organizationname"))
_DATABASES = frozenset(("database", "databasename"))
# Under these some server may contradict what the type of an instance leaves open.
_PRIMARIES, _PROTECTIONS = frozenset(("primary", "isprimary", "role")), frozenset(("deleteprotection",))
_YES = frozenset(("true", "primary", "1", "yes", "y", "on", "t", "leader", "master", "writer"))
_target: Callable[[Kind, str, str, str, str | None, str, str, str | None], Target] = quick(Target)
_candidate: Callable[[Target, str | None], Candidate] = quick(Candidate)
_FOREIGN = "it is listed as one of another organization"

# Usual keys: nearly no record has another one, and lists are long.
_USUAL_INSTANCE = frozenset(attribute.name for attribute in fields(Instance))
_USUAL_DATABASE = frozenset(attribute.name for attribute in fields(Database)).union(
    ("Name", "DbId", "Hostname", "primaryRegion")
)


def _under(wanted: frozenset[str], listed: Model, inner: str = "") -> list[Any]:
    """Returns what a record has under these keys, however they are spelled; of an object what it has under `inner`."""
    found = [value for key, value in listed.raw.items() if fold(key) in wanted]
    return [get(value, inner, "$") if inner and isinstance(value, dict) else value for value in found]


def _is_foreign(listed: Model, engine: Engine) -> bool:
    # Its name may be one for people.
    return any(is_other(value, engine.organization) for value in _under(_ORGANIZATIONS, listed, "slug"))


def _is_primary(value: object, listed: Instance) -> bool:
    if not isinstance(value, str):
        return value == 1
    # By a word, or by its own name: a name of another, or a location, leaves it open.
    return folded(value) in _YES or (
        folded(value) != "" and folded(value) in map(folded, (listed.name, listed.uuid))
    )


class InstanceKind:
    """Instances of a database. Only what is listed as a replica in a location may be deleted."""

    remove: Operation[str] = instances.DESTROY

    async def again(self, engine: Engine, targets: Iterable[Target]) -> list[Candidate]:
        """See KindOfTarget."""
        owners = sorted({(target.database, target.group) for target in targets})
        found = await spread(lambda owner: self.of(engine, *owner), owners)
        return [candidate for listed in found for candidate in listed]

    async def listed(self, engine: Engine, database: str | None) -> list[Candidate]:
        """Returns the instances of one database, or (None) of every one, each list of them weighed by itself."""
        if database is not None:
            owners = [await DATABASES.existing(engine, database)]
        else:
            owners = [candidate async for candidate in DATABASES.all(engine)]
        grouped = database is None and await DATABASES.are_grouped(engine, owners)

        async def of(owner: Candidate) -> list[Candidate]:
            # Its instances have no path: it is skipped as it is, and the others are planned.
            if not is_plain(owner.target.database, "database"):
                return await weighed([Candidate(owner.target)], engine.organization)
            group = owner.target.group
            found = await self.of(engine, owner.target.database, group)
            if grouped and not group and any(c.reason is None for c in found):
                # A list entry without a group is no proof that there is none.
                (owner,) = await DATABASES.grouped(engine, [owner])
                found = [self.regrouped(c, owner.target.group) for c in found]
            return await weighed(found, engine.organization)

        lists = await spread(of, list({c.target.database: c for c in owners}.values()))
        return [candidate for found in lists for candidate in found]

    async def of(self, engine: Engine, database: str, group: str = "") -> list[Candidate]:
        """Returns the instances of one database; none when the database is gone."""
        try:
            return await self.of_existing(engine, database, group)
        except NotFoundError as error:
            # It may have vanished between the two lists.
            if error.resource != "database":
                raise
            return []

    async def of_existing(self, engine: Engine, database: str, group: str) -> list[Candidate]:
        """Returns the instances of one database; raises NotFoundError when it is gone."""
        # Not `instances.list`: a hundred thousand models would be in memory at once.
        read = partial(self.candidate, engine, database, sys.intern(group))
        return [found async for found in instances.iterate(engine.calls, database, read)]

    def regrouped(self, candidate: Candidate, group: str) -> Candidate:
        """Returns an instance of a database that turned out to be in this group."""
        target = evolve(candidate.target, group=group)
        return Candidate(target, candidate.reason or self._grouped(group))

    async def find(self, engine: Engine, target: Target) -> Candidate | None:
        """See KindOfTarget."""
        look = engine.instances.get(target.database, target.instance)
        instance = await find_named(look, self.remove, target.instance)
        return None if instance is None else self.candidate(engine, target.database, target.group, instance)

    def candidate(self, engine: Engine, database: str, group: str, listed: Instance) -> Candidate:
        """Returns one instance; `group`: of its database."""
        region = listed.region
        target = _target(
            "instance",
            engine.organization,
            database,
            listed.name,
            # Thousands of instances share a few texts.
            sys.intern(region) if region else region,
            group,
            "",
            listed.uuid,
        )
        doubt = (
            None if _USUAL_INSTANCE.issuperset(listed.raw) else self._contradiction(engine, listed, database)
        )
        return _candidate(target, doubt or self._reason(listed, group))

    def _reason(self, listed: Instance, group: str) -> str | None:
        # An allow-list: a type that is new here may be a primary. First, as a look may leave out the location.
        if listed.type != "replica":
            return PRIMARY if listed.type == "primary" else f"{NO_REPLICA} ({listed.type})"
        # A location that is blank or padded must match none, and not any.
        if not listed.region or listed.region != listed.region.strip():
            return NO_LOCATION
        return self._grouped(group)

    def _contradiction(self, engine: Engine, listed: Instance, database: str) -> str | None:
        if _is_foreign(listed, engine):
            return _FOREIGN
        for owner in _under(_DATABASES, listed, "name"):
            # A uuid cannot be compared with a name.
            if isinstance(owner, str) and owner not in ("", database) and len(owner) != _UUID:
                return "it is listed as one of another database"
        if any(_is_primary(value, listed) for value in _under(_PRIMARIES, listed)):
            return PRIMARY
        is_open = all(value in (None, False) for value in _under(_PROTECTIONS, listed))
        return None if is_open else PROTECTED

    def _grouped(self, group: str) -> str | None:
        return f"{ONLY_GROUP} {group!r}" if group else None


class DatabaseKind:
    """Databases of the organization. One that is delete-protected is skipped."""

    remove: Operation[str] = databases.DELETE

    async def again(self, engine: Engine, targets: Iterable[Target]) -> list[Candidate]:
        """See KindOfTarget."""
        # All of them, as a UUID may be listed under another name by now.
        return [candidate async for candidate in self.all(engine)]

    async def judged(
        self, engine: Engine, listed: Sequence[Candidate], targets: Iterable[Target]
    ) -> list[Candidate]:
        """Returns all that is listed, these targets with a protection that was looked up where it is not listed."""
        tally, keys = Tally(), {target.key async for target in in_turns(targets)}
        wanted, others = list[Candidate](), list[Candidate]()
        async for candidate in in_turns(listed):
            tally.add(candidate)
            # A look costs a request: only what is to be deleted gets one.
            (wanted if candidate.target.key in keys else others).append(candidate)
        return [*await looked_up(engine, wanted, tally), *others]

    def all(self, engine: Engine) -> AsyncIterator[Candidate]:
        """Yields every database of the organization."""
        return databases.iterate(engine.calls, partial(self.candidate, engine))

    def filtered(
        self, engine: Engine, group: str | None, parent: str | None, whole: bool
    ) -> AsyncIterator[Listed]:
        """Yields every database that passes the filters of the list, with its model if `whole`."""

        def read(database: Database) -> Listed:
            doubt = filtered(database, group, parent)
            return Listed(self.candidate(engine, database), doubt, database if whole else None)

        return databases.iterate(engine.calls, read, group=group, parent=parent)

    async def find(self, engine: Engine, target: Target) -> Candidate | None:
        """See KindOfTarget."""
        database = await find_named(engine.databases.get(target.database), self.remove, target.database)
        return None if database is None else self.candidate(engine, database)

    async def existing(self, engine: Engine, name: str) -> Candidate:
        """Returns one database; raises NotFoundError when it is gone."""
        return self.candidate(engine, expect_name(await engine.databases.get(name), name))

    def candidate(self, engine: Engine, listed: Database) -> Candidate:
        """Returns one database."""
        # One that is listed with the UUID of its group alone is in a group too.
        group = sys.intern((listed.group or listed.group_id or "").strip())
        target = _target("database", engine.organization, listed.name, "", None, group, "", listed.id)
        is_usual = _USUAL_DATABASE.issuperset(listed.raw)
        doubt = None if is_usual or not _is_foreign(listed, engine) else _FOREIGN
        return _candidate(target, doubt or reason_of(listed.delete_protection))

    async def are_grouped(self, engine: Engine, candidates: Sequence[Candidate]) -> bool:
        """True if any of them may be in a group: a list without groups is no proof where the organization has some."""
        if any(candidate.target.group for candidate in candidates):
            return True
        try:
            return bool(candidates and await engine.groups.list())
        except APIError as error:
            if error.status not in NO_SUCH:
                raise
            return False

    async def grouped(self, engine: Engine, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Returns the candidates, each with its group; one that no group is listed for is looked up by itself."""

        async def look(candidate: Candidate) -> Candidate:
            found = None if candidate.target.group else await self.find(engine, candidate.target)
            return candidate if found is None else Candidate(found.target, candidate.reason)

        return await spread(look, candidates)


def _kept(group: Target, database: str) -> Candidate:
    return Candidate(group, f"its database {database!r} is delete-protected")


class GroupKind:
    """Groups with their databases. One that is delete-protected, or has a database that is, is skipped."""

    remove: Operation[str] = DELETE_GROUP

    async def again(self, engine: Engine, targets: Iterable[Target]) -> list[Candidate]:
        """See KindOfTarget."""
        return await self.judged(engine, await engine.groups.list())

    async def judged(self, engine: Engine, listed: list[Group]) -> list[Candidate]:
        """Returns these groups, each with the protection of its own and of its databases."""
        protected = await self._protected(engine) if listed else {}

        async def judge(group: Group) -> Candidate:
            target = self.target(engine, group)
            if _is_foreign(group, engine):
                return Candidate(target, _FOREIGN)
            # A group takes its databases with it. In any spelling: two lists may write its name in two ways.
            if found := under_group(protected, target):
                return _kept(target, found)
            flag = group.delete_protection
            # One whose name has no path is skipped as it is, and the others are planned.
            if flag is None and is_plain(group.name, "group"):
                flag = (await engine.groups.configuration(group.name)).delete_protection
            return Candidate(target, reason_of(flag))

        return await spread(judge, listed)

    async def with_databases(self, engine: Engine, found: Candidate) -> Candidate:
        """Returns a group, with the reason if it is delete-protected, or has a database that is."""
        target = found.target
        # An answer may leave it out.
        if found.reason == UNKNOWN_PROTECTION and await self._is_protected(engine, target.group):
            return Candidate(target, PROTECTED)
        name = under_group(await self._protected(engine), target)
        return found if name is None else _kept(target, name)

    async def _is_protected(self, engine: Engine, group: str) -> bool:
        try:
            return bool((await engine.groups.configuration(group)).delete_protection)
        except APIError as error:
            if error.status not in NO_SUCH:
                raise
            return False

    async def _protected(self, engine: Engine) -> dict[str, str]:
        tally, kept = Tally(), []
        async for found in DATABASES.all(engine):
            tally.add(found)
            kept += [found] if found.reason is not None else []  # also where the protection is not known
        confirmed = await looked_up(engine, kept, tally)
        if not tally.lists_protection:
            return {}
        confirmed = await DATABASES.grouped(engine, confirmed)
        return {
            folded(c.target.group): c.target.database for c in confirmed if c.reason not in (None, VANISHED)
        }

    async def find(self, engine: Engine, target: Target) -> Candidate | None:
        """See KindOfTarget."""
        group = await find_named(engine.groups.get(target.group), self.remove, target.group)
        if group is None:
            return None
        reason = _FOREIGN if _is_foreign(group, engine) else reason_of(group.delete_protection)
        return Candidate(self.target(engine, group), reason)

    def target(self, engine: Engine, listed: Group) -> Target:
        """Returns the target that a group is."""
        return Target(kind="group", organization=engine.organization, group=listed.name, uuid=listed.uuid)


class GroupLocationKind:
    """Locations of groups. The primary location of a group is skipped."""

    remove: Operation[str] = REMOVE_LOCATION

    async def again(self, engine: Engine, targets: Iterable[Target]) -> list[Candidate]:
        """See KindOfTarget."""
        return [found for group in await engine.groups.list() for found in self.of(engine, group)]

    def of(self, engine: Engine, listed: Group) -> list[Candidate]:
        """Returns the locations of one group."""
        reason = None
        # Then any of its locations may be the primary one.
        if listed.primary not in listed.locations:
            reason = "the primary location of its group is not known"
        strange = _FOREIGN if _is_foreign(listed, engine) else None
        return [
            Candidate(
                Target(
                    kind="group location",
                    organization=engine.organization,
                    group=listed.name,
                    location=location,
                    uuid=listed.uuid,
                ),
                strange or (PRIMARY_LOCATION if location == listed.primary else reason),
            )
            for location in listed.locations
        ]

    async def find(self, engine: Engine, target: Target) -> Candidate | None:
        """See KindOfTarget."""
        group = await find_named(engine.groups.get(target.group), self.remove, target.group)
        if group is None:
            return None
        if not group.locations:  # a group is in one location at least
            raise DecodeError("a group without a location", where="$.group.locations")
        listed = evolve(target, uuid=group.uuid)
        # Another group has the name, or may have it: its locations are not those that were meant.
        if target.uuid and not target.is_same(listed):
            return Candidate(listed)
        place = folded(target.location)
        return next((c for c in self.of(engine, group) if folded(c.target.location) == place), None)


INSTANCES, DATABASES, GROUPS = InstanceKind(), DatabaseKind(), GroupKind()
GROUP_LOCATIONS, TOKENS = GroupLocationKind(), TokenKind()
KINDS: Mapping[Kind, KindOfTarget] = {
    "instance": INSTANCES,
    "database": DATABASES,
    "group": GROUPS,
    "group location": GROUP_LOCATIONS,
    "API token": TOKENS,
}
