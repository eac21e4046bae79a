"""Plans: what matches, what of it may be removed, and why the rest may not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar, Unpack

from attrs import define, evolve, field

from .._aside import aside
from .._checks import hook, switches
from .._protocol import check_segment
from ..errors import ConfigurationError
from ..models import Model
from ..models.api_tokens import APIToken
from ..models.databases import Database
from ..models.groups import Group
from .age import Clock, aged, check_age, utc_now, words
from .base_plan import Since
from .engine import Engine
from .evidence import Tally, holds, weighed
from .exclusion import excluded, noted
from .hints import check_group, check_location, check_parent, no_match
from .listing import DATABASES, GROUP_LOCATIONS, GROUPS, INSTANCES, TOKENS
from .matching import Matching
from .options import RunOptions, TeardownOptions
from .plan import TeardownPlan
from .protection import looked_up
from .recheck import rechecked
from .recovery import NO_UUID
from .report import TeardownReport
from .restorable import judged
from .selection import Exclusion, Globs, Selection, ambiguous, check_scope, is_meant, segments
from .spread import in_parts, in_turns
from .targets import Candidate, Target, folded
from .traces import NOT_CREATED, CreationTrace, Source, read
from .verb import Verb
from .verbs import REMOVE, REMOVE_BY_UUID, RESTORE

M = TypeVar("M", bound=Model)


@define(eq=False)
class Teardown:
    """`turso.teardown`: plans list completely and check before anything is destroyed."""

    _engine: Engine
    _clock: Clock = field(default=utc_now)

    def at_most(self, per_second: float | None) -> Teardown:
        """Returns a teardown whose calls together, lists for plans included, are sent at this rate at most.

        None: as it is.
        """
        return Teardown(self._engine.at_most(per_second), self._clock)

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
        """Plans the replicas in a location, of one database or (None) of every database of the organization.

        `instance`: only the one of this name or uuid; if several databases have an instance of that name, all are
        skipped as ambiguous. `groups`: takes the location from every group that has it, which is the only way for
        databases in groups (else they are skipped). `everything`: needed without a location or an instance.
        `exclude`: globs of names of databases or instances; a group with such a database stays whole.

        Raises NoMatchError (unless `missing_ok`) when there is no such instance, or no such location.
        """
        switches(groups=groups, everything=everything, missing_ok=missing_ok)
        segments(location=location, instance=instance)
        check_scope(location, database, instance, groups=groups, everything=everything)
        exclusion, since = Exclusion(exclude), Since(self._engine.tokens)
        listed = await INSTANCES.listed(self._engine, database)
        await noted(listed, exclusion)
        matching = [
            c async for part in in_parts(listed) for c in part if is_meant(c.target, location, instance)
        ]
        if groups:
            matching = await self._with_groups(matching, location, exclusion)
        if not matching and not missing_ok:
            there = {c.target.location or "" for c in listed}
            await check_location(self._engine, location, instance, there)
        if instance is not None and len(matching) > 1:
            matching = ambiguous(matching)
        where = "" if location is None else f" in {location}"
        owner = database if database is not None else "all databases"
        return await self._plan(since, f"instances{where} of {owner}", matching, exclusion)

    async def plan_databases(
        self,
        *,
        match: Globs | None = None,
        names: Globs | None = None,
        prefix: Globs | None = None,
        group: str | None = None,
        parent: str | None = None,
        exclude: Globs = (),
        where: Callable[[Database], bool] | None = None,
        older_than: timedelta | None = None,
        everything: bool = False,
        missing_ok: bool = False,
        by_uuid: bool = False,
    ) -> TeardownPlan:
        """Plans the databases whose name is one of `names`, begins with `prefix`, or matches the glob `match`.

        Each takes one text or several; `names` takes a list. Text from outside belongs in `names` or `prefix`, where
        `*` has no meaning. `group`, `parent` (name or id): only its databases or branches. `where`: a predicate on
        the database, which returns True or False. `older_than`: only those that were made longer ago, by the later of
        `parent.branched_at` and the audit log; the plan notes which. `everything`: needed without a selection, or with a
        glob that matches every name. Skipped: delete-protected ones, those of `exclude`, and those of unknown age.

        `by_uuid`: deletes each by its UUID, so that another one of its name cannot be hit; where the platform cannot,
        by name after a look at the UUID. The `reason` of each outcome is which way was taken.

        Raises NoMatchError (unless `missing_ok`) when there is no such group or parent, InvalidInputError before any
        I/O, and for a predicate that returns anything but a bool.
        """
        switches(missing_ok=missing_ok, by_uuid=by_uuid)
        hook(where, "where")
        check_age(older_than)
        selection, exclusion = Selection.of(match, names, prefix, everything), Exclusion(exclude)
        segments(group=group, parent=parent)
        since, matching = Since(self._engine.tokens), Matching(selection, exclusion, where, older_than)
        await self._list(matching, group, parent, missing_ok)
        found = await self._weighed(matching)
        title = f"databases {selection}{_scope(group, older_than)}"
        plan = await self._plan(since, title, found, exclusion, selection)
        return await self._by_uuid(plan, since) if by_uuid else plan

    async def plan_groups(
        self,
        *,
        match: Globs | None = None,
        names: Globs | None = None,
        prefix: Globs | None = None,
        exclude: Globs = (),
        where: Callable[[Group], bool] | None = None,
        everything: bool = False,
    ) -> TeardownPlan:
        """Plans groups with all their databases. Arguments as in `plan_databases`.

        Skipped: a group that is delete-protected, or that holds a database which is, or which is excluded.
        """
        hook(where, "where")
        selection = Selection.of(match, names, prefix, everything)
        exclusion = Exclusion(exclude)
        since = Since(self._engine.tokens)
        listed = [(g, Candidate(GROUPS.target(self._engine, g))) for g in await self._engine.groups.list()]
        tally, meant = await _meant(listed, selection, exclusion, where)
        found = await GROUPS.judged(self._engine, [group for group, _ in meant])
        matching = [tally.weigh(candidate, self._organization) for candidate in found]
        return await self._plan(since, f"groups {selection}", matching, exclusion, selection)

    async def plan_api_tokens(
        self,
        *,
        match: Globs | None = None,
        names: Globs | None = None,
        prefix: Globs | None = None,
        exclude: Globs = (),
        where: Callable[[APIToken], bool] | None = None,
        everything: bool = False,
    ) -> TeardownPlan:
        """Plans API tokens of the token's user. Arguments as in `plan_databases`.

        Skipped: the token that this client uses, if its `id` claim is in it; else exclude it by name.
        """
        hook(where, "where")
        selection = Selection.of(match, names, prefix, everything)
        exclusion = Exclusion(exclude)
        since = Since(self._engine.tokens)
        tokens = await self._engine.api_tokens.list()
        listed = [(token, TOKENS.candidate(self._engine, token)) for token in tokens]
        tally, meant = await _meant(listed, selection, exclusion, where)
        matching = [tally.weigh(c, self._organization) async for _, c in in_turns(meant)]
        return await self._plan(since, f"API tokens {selection}", matching, exclusion, selection)

    async def plan_undo(self, source: Source) -> TeardownPlan:
        """Plans to restore what a teardown has deleted, by UUID and never by name.

        `source`: the TeardownReport, the path of the audit log, or the data or the path of the plan. The targets are the
        databases and groups that the teardown has deleted, or may have deleted, and that the platform still lists as
        deleted, as it does for five days; a group comes back with the databases that were deleted with it. Skipped, with
        the reason: what is no longer listed as deleted, what is already there, one whose name another one has, what was
        not deleted by this teardown, and what the platform cannot restore.

        Raises InvalidInputError (no such source), ConfigurationError (another organization), OSError, and the error of
        a list that cannot be read.
        """
        deletions = await aside(read, source, self._organization)
        since = Since(self._engine.tokens)
        entries = await judged(self._engine, deletions.candidates)
        return self._made(since, f"undo of {deletions.title}", entries, deletions.left_out, RESTORE)

    async def plan_created(self, source: Source) -> TeardownPlan:
        """Plans to delete, by UUID, the databases that a creation has created, and those alone.

        `source`: the CreationReport, its data, or the path of the audit log. What was there before, or was not created,
        is not in the plan. Skipped, with the reason: a database that is there, but no answer shows that this run has
        created it; one whose name another one has by now; and one that is delete-protected.

        Raises InvalidInputError (no such source), ConfigurationError (another organization), OSError, and the error of
        a list that cannot be read.
        """
        created = await aside(read, source, self._organization, CreationTrace)
        meant = [c for c in created.candidates if not (c.reason or "").startswith(NOT_CREATED)]
        since = Since(self._engine.tokens)
        now = await rechecked(self._engine, meant)
        entries = [Candidate(found.target, found.reason) for found in now]
        title = f"what {created.title} has created"
        return await self._by_uuid(self._made(since, title, entries, created.left_out, REMOVE), since)

    def load(self, data: Mapping[str, Any]) -> TeardownPlan:
        """Returns the plan that `to_dict` has made, for this client; it is listed again before it runs.

        Raises InvalidInputError, and ConfigurationError for a plan of another organization.
        """
        plan = TeardownPlan.from_dict(data)
        if plan.organization != self._organization:
            raise ConfigurationError(f"this plan is for the organization {plan.organization!r}")
        return evolve(plan, engine=self._engine.of_any_user())

    async def destroy_by_location(
        self,
        database: str,
        location: str,
        *,
        missing_ok: bool = False,
        return_exceptions: bool = False,
        **options: Unpack[RunOptions],
    ) -> TeardownReport:
        """Destroys the replicas of one database in a location, from one list: `turso.destroy_by_location`."""
        switches(missing_ok=missing_ok, return_exceptions=return_exceptions)
        chosen = TeardownOptions.of(options)
        check_segment(location, "location")
        group, since = "", Since(self._engine.tokens)
        if chosen.dry_run:  # a real run learns from the server's refusal that the database is in a group
            group = (await DATABASES.existing(self._engine, database)).target.group
        found = await INSTANCES.of_existing(self._engine, database, group)
        listed, exclusion = await weighed(found, self._organization), Exclusion(chosen.exclude)
        await noted(listed, exclusion)
        matching = [c async for part in in_parts(listed) for c in part if is_meant(c.target, location, None)]
        if not missing_ok and not any(c.target.location == location for c in matching):
            there = {c.target.location or "" for c in listed}
            message = f"no instance of {database!r} is in {location!r}"
            raise no_match(message, location, there, organization=self._organization)
        plan = await self._plan(since, f"instances in {location} of {database}", matching, exclusion)
        # The caller has named one database and one location: the usual bound is not for that.
        options["max_targets"] = len(plan)
        return await plan.execute(return_exceptions=return_exceptions, **options)

    async def _by_uuid(self, plan: TeardownPlan, since: Since) -> TeardownPlan:
        if plan:
            await self._engine.organization_id()
        entries = [
            c if c.reason or c.target.uuid else evolve(c, reason=NO_UUID)
            async for c in in_turns(plan.entries)
        ]
        return self._made(since, plan.title, entries, plan.unmatched, REMOVE_BY_UUID, plan.exclude)

    @property
    def _organization(self) -> str:
        return self._engine.organization

    async def _with_groups(
        self, matching: Iterable[Candidate], location: str | None, exclusion: Exclusion
    ) -> list[Candidate]:
        """Returns those that leave alone, and the location of each group that has it, with which the others leave."""
        whole = await weighed(await GROUP_LOCATIONS.again(self._engine, ()), self._organization)
        await noted(whole, exclusion)
        places = {_place(c.target) for c in whole if c.target.group.strip()}
        alone = [c async for c in in_turns(matching) if _place(c.target) not in places]
        return alone + [c for c in whole if c.target.location == location]

    async def _list(
        self, matching: Matching, group: str | None, parent: str | None, missing_ok: bool
    ) -> None:
        async for listed in DATABASES.filtered(self._engine, group, parent, matching.needs_models):
            matching.add(listed)
        # An empty list means an empty group, or a group that does not exist.
        if matching.filled or missing_ok:
            return
        if group is not None:
            await check_group(self._engine, group)
        if parent is not None:
            await check_parent(self._engine, parent)

    async def _weighed(self, matching: Matching) -> list[Candidate]:
        old = await aged(self._engine, matching, self._clock)
        found = await looked_up(self._engine, old, matching.tally)
        return [matching.tally.weigh(c, self._organization) async for c in in_turns(found)]

    async def _plan(
        self,
        since: Since,
        title: str,
        matching: list[Candidate],
        exclusion: Exclusion,
        selection: Selection | None = None,
    ) -> TeardownPlan:
        entries = await excluded(self._engine, matching, exclusion)
        unmatched = (*(selection.unmatched if selection else ()), *exclusion.unmatched)
        return self._made(since, title, entries, unmatched, REMOVE, exclusion.globs)

    def _made(
        self,
        since: Since,
        title: str,
        found: Iterable[Candidate],
        unmatched: tuple[str, ...],
        verb: Verb,
        exclude: tuple[str, ...] = (),
    ) -> TeardownPlan:
        entries = tuple(found)
        return TeardownPlan(
            title=title,
            organization=self._organization,
            entries=entries,
            created_at=since.wall,
            unmatched=unmatched,
            exclude=exclude,
            verb=verb,
            engine=self._engine,
            life=since.life(entries),
        )


async def _meant(
    listed: Sequence[tuple[M, Candidate]],
    selection: Selection,
    exclusion: Exclusion,
    where: Callable[[M], bool] | None,
) -> tuple[Tally, list[tuple[M, Candidate]]]:
    """Returns the tally of all that was listed, and those of it that are meant, each with its model.

    For kinds of one name, of which there are few; databases may be very many, and have `Matching`, which keeps no models.
    """
    tally = Tally()
    # Also what is not selected: an exclusion that matches nothing at all is reported.
    await noted([candidate for _, candidate in listed], exclusion)
    for _, candidate in listed:
        tally.add(candidate)
    return tally, [
        (thing, candidate)
        for thing, candidate in listed
        if selection.wants(candidate.target.names[0]) and holds(where, thing)
    ]


def _place(target: Target) -> tuple[str, str | None]:
    return folded(target.group), target.location


def _scope(group: str | None, older_than: timedelta | None) -> str:
    age = "" if older_than is None else f" older than {words(older_than)}"
    return f"{'' if group is None else f' of group {group}'}{age}"
