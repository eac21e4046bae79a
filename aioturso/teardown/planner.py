"""Plans: what matches, what of it may go, and why the rest may not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from attrs import define

from .._protocol import check_segment
from ..errors import ConfigurationError, InvalidInputError, NoMatchError
from ..models.api_tokens import APIToken
from ..models.databases import Database
from ..models.groups import Group
from . import listing
from .engine import Engine
from .execute import Entry
from .plan import TeardownPlan, exclusion, patterns, skip
from .report import Target

Globs = str | Sequence[str]
_WILD = re.compile(r"[*?]|\[!?\]?[^\]]*\]")  # what is left of a pattern without these, it does not ask for


@define(eq=False)
class Teardown:
    """`turso.teardown`: plans list completely and check before anything is destroyed."""

    _engine: Engine

    async def plan_instances(
        self,
        *,
        location: str | None = None,
        database: str | None = None,
        instance: str | None = None,
        exclude: Globs = (),
        groups: bool = False,
        everything: bool = False,
        missing_ok: bool = False,
    ) -> TeardownPlan:
        """The replicas in a location, of one database or (None) of every database of the organization.

        `instance`: only the one of this name or uuid; a name that several databases have is skipped, as it
        does not say which is meant. `groups`: take the location from every group that has it, which is the
        only way for databases in groups (else they are skipped). `everything`: needed without a location or an
        instance. `exclude`: globs of names of databases or instances; a group with such a database stays whole.

        Raises NoMatchError (unless `missing_ok`) when there is no such instance, or no such location.
        """
        if location is not None:
            check_segment(location, "location")
        elif instance is None and not everything:
            raise InvalidInputError("every replica of every location: say everything=True if that is meant")
        if groups and (location is None or database is not None or instance is not None):
            raise InvalidInputError("groups=True takes a location from whole groups: give only the location")
        globs = patterns(exclude)
        locations: set[str] = set()

        def matches(target: Target) -> bool:
            locations.add(target.location or "")
            return (
                (location is None or target.location in (location, None))
                and (instance is None or instance in (target.instance, target.uuid))
                and not (groups and target.group)
            )

        matching = await self._instances(database, matches)
        if groups:
            matching += [x for x in await listing.group_locations(self._engine) if x[0].location == location]
        if not missing_ok and not any(location in (None, target.location) for target, _ in matching):
            await self._check_location(location, instance, locations)
        if instance is not None and len(matching) > 1:
            told = f"{len(matching)} databases have an instance of this name: name the database, or the uuid"
            matching = [(target, reason or told) for target, reason in matching]
        where = "" if location is None else f" in {location}"
        whose = f"of {database}" if database is not None else "of all databases"
        return await self._plan(f"instances{where} {whose}", matching, globs)

    async def plan_databases(
        self,
        *,
        match: Globs | None = None,
        group: str | None = None,
        parent: str | None = None,
        exclude: Globs = (),
        where: Callable[[Database], bool] | None = None,
        everything: bool = False,
    ) -> TeardownPlan:
        """The databases whose name matches a glob (or one of several); `parent`: name or id, for branches.

        `where`: a predicate on the database. `everything`: needed without a pattern, or with one that matches
        every name. Skipped: delete-protected ones, and those `exclude` names.
        """
        wanted, globs = _wanted(match, everything), patterns(exclude)
        matching: list[listing.Listed] = []
        async for database in self._engine.databases.iterate(group=group, parent=parent):
            if not any(fnmatchcase(database.name, glob) for glob in wanted):
                continue
            target, reason = listing.of_database(self._engine, database)
            # The server filters too; a server that does not must not widen what goes.
            if group is not None and database.group != group:
                if database.group is not None:
                    continue
                reason = "its group is not known"
            if parent is not None and (database.parent is None or parent not in _names(database)):
                if database.parent is not None:
                    continue
                reason = "its parent is not known"
            if where is None or where(database):
                matching.append((target, reason))
        scope = "" if group is None else f" of group {group}"
        return await self._plan(f"databases {', '.join(wanted)}{scope}", matching, globs)

    async def plan_groups(
        self,
        *,
        match: Globs | None = None,
        exclude: Globs = (),
        where: Callable[[Group], bool] | None = None,
        everything: bool = False,
    ) -> TeardownPlan:
        """The groups whose name matches, with all their databases. Skipped: what is, or holds what is, protected."""
        wanted, globs = _wanted(match, everything), patterns(exclude)
        kept = [
            (target, reason)
            for target, reason in await listing.groups(self._engine, where)
            if any(fnmatchcase(target.group, glob) for glob in wanted)
        ]
        return await self._plan(f"groups {', '.join(wanted)}", kept, globs)

    async def plan_api_tokens(
        self,
        *,
        match: Globs | None = None,
        exclude: Globs = (),
        where: Callable[[APIToken], bool] | None = None,
        everything: bool = False,
    ) -> TeardownPlan:
        """The API tokens whose name matches. Exclude the one this engine uses: the platform does not tell which it is."""
        wanted, globs = _wanted(match, everything), patterns(exclude)
        kept = [
            (target, reason)
            for target, reason in await listing.api_tokens(self._engine, where)
            if any(fnmatchcase(target.token, glob) for glob in wanted)
        ]
        return await self._plan(f"API tokens {', '.join(wanted)}", kept, globs)

    def load(self, data: Mapping[str, Any]) -> TeardownPlan:
        """`TeardownPlan.from_dict` for this engine. Raises InvalidInputError, ConfigurationError (another organization)."""
        return TeardownPlan.from_dict(data, self._engine)

    async def plan_location(self, database: str, location: str, missing_ok: bool) -> TeardownPlan:
        """What `destroy_by_location` destroys: one list, of one database."""
        check_segment(location, "location")
        listed = await self._engine.instances.list(database)
        found = listing.of_instances(self._engine.organization or "", database, listed)
        matching = [(target, reason) for target, reason in found if target.location in (location, None)]
        if not missing_ok and not any(target.location == location for target, _ in matching):
            locations = {target.location or "" for target, _ in found}
            raise _no_match(f"no instance of {database!r} is in {location!r}", locations)
        return await self._plan(f"instances in {location} of {database}", matching, ())

    async def _instances(
        self, database: str | None, matches: Callable[[Target], bool]
    ) -> list[listing.Listed]:
        engine = self._engine
        if engine.organization is None:
            raise ConfigurationError("no organization: pass one or set TURSO_ORG")
        if database is not None:
            owners = [(database, (await engine.databases.get(database)).group or "")]
        else:
            owners = [(found.name, found.group or "") async for found in engine.databases.iterate()]

        async def of(owner: tuple[str, str]) -> list[listing.Listed]:
            return [listed for listed in await listing.instances(engine, *owner) if matches(listed[0])]

        return [listed for found in await listing.spread(of, owners) for listed in found]

    async def _check_location(self, location: str | None, instance: str | None, locations: set[str]) -> None:
        if instance is not None:
            where = f" in {location!r}" if location else ""
            raise _no_match(f"no instance named {instance!r}{where}", locations)
        known = [found.code for found in await self._engine.locations.list()]
        if location is not None and location not in known:
            raise _no_match(
                f"no instance is in {location!r}, and the platform has no such location", locations
            )

    async def _plan(self, title: str, matching: list[listing.Listed], globs: tuple[str, ...]) -> TeardownPlan:
        entries: list[Entry] = []
        why_not = await exclusion(self._engine, [target for target, _ in matching], globs)
        for target, reason in matching:
            reason = why_not(target) or reason
            entries.append(skip(target, reason) if reason else target)
        organization = self._engine.organization or ""
        return TeardownPlan(
            title=title, organization=organization, entries=tuple(entries), engine=self._engine
        )


def _no_match(message: str, locations: set[str]) -> NoMatchError:
    error = NoMatchError(message)
    error.locations = tuple(sorted(locations - {""}))
    return error


def _wanted(match: Globs | None, everything: bool) -> tuple[str, ...]:
    globs = patterns(match) if match else ()
    if not everything and (not globs or not all(_WILD.sub("", glob) for glob in globs)):
        raise InvalidInputError("a pattern that may match every name: say everything=True if that is meant")
    return globs or ("*",)


def _names(database: Database) -> tuple[str | None, ...]:
    return (database.parent.name, database.parent.id) if database.parent is not None else ()
