"""Judges by UUID whether something can be restored, from the lists of what was deleted and of what is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from attrs import define, evolve, field

from ..errors import ForbiddenError, PaymentRequiredError
from .after_failure import THERE
from .engine import Engine
from .kinds import UNDECIDED
from .listing import DATABASES, KINDS
from .recheck import CHANGED
from .recovery import NO_UUID, SWITCHED_OFF
from .spread import spread
from .targets import TRAITS, Candidate, Kind, Target, folded
from .traces import NOT_DELETED

PAST = "not listed as deleted, as it is for five days: past its time, or the list lags"
TAKEN = "its name is taken by another one"
DOUBLED = "its uuid is listed more than once"
LAGGING = "neither there nor listed as deleted so far: plan again"
_LEFT = f"{CHANGED}: it is not known to be there any more"
_ID = tuple[Kind, str]


@define
class Lists:
    """Mutable: what is listed as deleted and what is there, at one moment, by kind and UUID in lower case.

    `groups`: the group of each deleted database; `gone_with`: the databases that were deleted with a group; `absent`:
    what was listed as there, and not found by a look at it alone.
    """

    deleted: defaultdict[_ID, set[str]] = field(factory=lambda: defaultdict(set))
    there: dict[_ID, str] = field(factory=dict)
    names: set[tuple[str, str]] = field(factory=set)
    groups: dict[str, str] = field(factory=dict)
    gone_with: defaultdict[str, list[Target]] = field(factory=lambda: defaultdict(list))
    absent: set[_ID] = field(factory=set)
    refusal: str | None = None

    async def look(self, engine: Engine, groups: bool) -> None:
        """Lists what was deleted, and then what is there: what is in both lists has come back between the two."""
        organization = await engine.learn()
        owner = await engine.organization_id()
        if organization.restore_enabled is False:
            self.refusal = SWITCHED_OFF
        try:
            await self._list_deleted(engine, owner, groups)
        except (ForbiddenError, PaymentRequiredError) as error:
            # A refusal is an answer: nothing can be restored. Any other error means that it is not known.
            self.refusal = f"a free plan, or a token without the right: {error.message}"
        await self.list_there(engine, groups)

    async def _list_deleted(self, engine: Engine, owner: str, groups: bool) -> None:
        for database in await engine.databases.list_deleted(organization_id=owner):
            uuid = folded(database.id)
            self.deleted["database", uuid].add(database.name)
            self.groups[uuid] = folded(database.group_id)
            if database.group_deleted_at is not None:
                target = Target(
                    kind="database",
                    organization=engine.organization,
                    database=database.name,
                    group=database.group or "",
                    uuid=database.id,
                )
                self.gone_with[folded(database.group_id)].append(target)
        for group in await engine.groups.list_deleted(organization_id=owner) if groups else ():
            self.deleted["group", folded(group.uuid)].add(group.name)

    async def list_there(self, engine: Engine, groups: bool) -> None:
        """Lists what is there."""
        async for candidate in DATABASES.all(engine):
            self._add("database", candidate.target.uuid, candidate.target.database)
        for group in await engine.groups.list() if groups else ():
            self._add("group", group.uuid, group.name)

    def _add(self, kind: Kind, uuid: str | None, name: str) -> None:
        self.names.add((kind, folded(name)))
        if uuid:
            self.there[kind, folded(uuid)] = name

    async def confirm(self, engine: Engine, targets: Iterable[Target]) -> None:
        """Looks alone at each of the targets that is listed as there: a list may lag behind its deletion."""

        async def look(listed: tuple[_ID, Target]) -> None:
            key, target = listed
            try:
                found = await KINDS[target.kind].find(engine, target)
            except UNDECIDED:  # then the list decides
                return
            if found is None:
                self.names.discard((target.kind, folded(self.there[key])))
            if found is None or target.is_same(found.target) is False:
                del self.there[key]
                self.absent.add(key)

        found = {_id(target): target for target in targets if _id(target) in self.there}
        await spread(look, [(key, _named(target, self.there[key])) for key, target in found.items()])

    def group_of(self, target: Target) -> str | None:
        """Returns the UUID of a deleted database's group, in lower case; None where it is not known."""
        return self.groups.get(folded(target.uuid)) or None if target.kind == "database" else None

    def judge(self, target: Target) -> Candidate:
        """Returns the target with the name that it was deleted under; the reason is why it cannot be restored."""
        key = _id(target)
        if key in self.there:
            return Candidate(target, THERE)
        found = self.deleted.get(key, set())
        if self.refusal or len(found) != 1:
            missing = LAGGING if key in self.absent else PAST
            return Candidate(target, self.refusal or (DOUBLED if found else missing))
        # It may have been renamed before it was deleted: the source knows the name of then.
        (name,) = found
        named = _named(target, name)
        if (target.kind, folded(name)) in self.names:
            return Candidate(named, TAKEN)
        return Candidate(named, databases=tuple(self.gone_with[key[1]]) if target.kind == "group" else ())


def _id(target: Target) -> _ID:
    return target.kind, folded(target.uuid)


def _named(target: Target, name: str) -> Target:
    return evolve(target, group=name) if target.kind == "group" else evolve(target, database=name)


async def judged(engine: Engine, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Returns each candidate as it is now, with the reason for which it cannot be restored, if there is one."""
    found = [evolve(c, reason=c.reason or _never(c.target), databases=()) for c in candidates]
    wanted = [c.target for c in found if c.reason in (None, THERE)]
    now = Lists()
    if wanted:
        await now.look(engine, groups=any(target.kind == "group" for target in wanted))
        await now.confirm(engine, wanted)
    # After its group also where that is not among these: it was judged, and restored, before.
    found = [_after(now.judge(c.target), c.after) if c.reason is None else _kept(c, now) for c in found]
    # A group without a UUID is under the empty text, which `group_of` never returns.
    groups: dict[str | None, Candidate] = {folded(c.target.uuid): c for c in found if _is_to_come_back(c)}
    return [_with_group(c, groups.get(now.group_of(c.target))) for c in found]


def _after(candidate: Candidate, group: Target | None) -> Candidate:
    return candidate if candidate.reason is not None else evolve(candidate, after=group)


def _kept(candidate: Candidate, now: Lists) -> Candidate:
    """Returns a candidate that was no target of the plan, and becomes none: it was not shown as one."""
    left = candidate.reason == THERE and now.judge(candidate.target).reason != THERE
    return evolve(candidate, reason=_LEFT) if left else candidate


def _is_to_come_back(candidate: Candidate) -> bool:
    reason = candidate.reason
    # One that is there, or that others have deleted, holds nothing back.
    stays = reason is not None and (reason == THERE or reason.startswith(NOT_DELETED))
    return candidate.target.kind == "group" and not stays


def _with_group(candidate: Candidate, group: Candidate | None) -> Candidate:
    """Returns a database as it depends on its group, if that is to come back too.

    To restore such a database brings the group back, without its other databases: so the group is first.
    """
    if group is None or candidate.reason is not None:
        return candidate
    name = group.target.group
    if group.reason is not None:
        return evolve(candidate, reason=f"its group {name!r} does not come back")
    if any(target.is_same(candidate.target) for target in group.databases):
        return evolve(candidate, reason=f"comes back with its group {name!r}")
    return evolve(candidate, after=group.target)


def _never(target: Target) -> str | None:
    if not TRAITS[target.kind].restorable:
        return f"the platform restores no {target.kind}s"
    return None if target.uuid else NO_UUID


async def there_now(engine: Engine, targets: Iterable[Target]) -> set[Target]:
    """Lists, and returns those of the targets that are there."""
    wanted = list(targets)
    now = Lists()
    if wanted:
        await now.list_there(engine, groups=any(target.kind == "group" for target in wanted))
    return {target for target in wanted if _id(target) in now.there}


async def there_alone(engine: Engine, targets: Iterable[Target]) -> set[Target]:
    """Returns those of the targets that a look at each alone finds: a list may lag behind their deletion."""

    async def look(target: Target) -> set[Target]:
        try:
            found = await KINDS[target.kind].find(engine, target)
        except UNDECIDED:
            return set()
        return {target} if found is not None and target.is_same(found.target) else set()

    return set().union(*await spread(look, targets))
