"""Looks at what has the names that are to be created, and compares it with what they are to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve

from ..api.databases import DELETE
from ..models.databases import Database
from ..teardown.after_failure import THERE
from ..teardown.engine import Engine
from ..teardown.kinds import find_named
from ..teardown.report import Outcome, OutcomeStatus
from ..teardown.spread import AT_ONCE, spread
from ..teardown.targets import Candidate, Target, folded

CHANGED = "changed since the plan was made, in which it is no target: plan again"
ByName = Mapping[str, Sequence[Database]]


async def look_up(engine: Engine, name: str) -> Database | None:
    """Returns the database of a name; None when the platform answers that there is none."""
    return await find_named(engine.databases.get(name), DELETE, name)


async def alone(engine: Engine, targets: Iterable[Target]) -> ByName:
    """Returns what has these names, each looked up by itself."""

    async def look(target: Target) -> tuple[str, list[Database]]:
        found = await look_up(engine, target.database)
        return target.database, [] if found is None else [found]

    return dict(await spread(look, targets))


async def listed(engine: Engine, targets: Sequence[Target]) -> ByName:
    """Returns what has these names, in lower case. A few are looked up one by one: an organization can be large."""
    if len(targets) <= AT_ONCE:
        return await alone(engine, targets)
    found: dict[str, list[Database]] = {target.database: [] for target in targets}
    async for database in engine.databases.iterate():
        # Names that differ by case alone may be one name.
        if folded(database.name) in found:
            found[folded(database.name)].append(database)
    return found


def misfit(database: Database, target: Target) -> str | None:
    """Returns why a database is not the one that was to be created; a group that is not known is no reason."""
    if database.name != target.database:
        return f"its name is taken by {database.name!r}"
    if database.group in (target.group, None):
        return None
    return f"its name is taken by a database of the group {database.group!r}"


async def judged(engine: Engine, targets: Sequence[Target]) -> list[Candidate]:
    """Returns each target as it is now: to be created, already there, or taken."""
    there = await listed(engine, targets)
    if len(targets) > AT_ONCE:
        # A list may lag: what it has is there only if it is found by itself too.
        once = [
            target
            for target in targets
            if [found.name for found in there[target.database]] == [target.database]
        ]
        there = {**there, **await alone(engine, once)}
    return [_judged(target, there[target.database]) for target in targets]


def _judged(target: Target, there: Sequence[Database]) -> Candidate:
    # Looked at again: the UUID of the plan may be that of one that is gone.
    target = evolve(target, uuid=None)
    if not there:
        return Candidate(target)
    if len(there) > 1:
        return Candidate(target, "its name is listed more than once")
    (database,) = there
    if reason := misfit(database, target):
        return Candidate(target, reason)
    return Candidate(evolve(target, uuid=database.id), THERE, database=database)


async def rejudged(engine: Engine, candidates: Sequence[Candidate]) -> list[Candidate | Outcome]:
    """Returns each candidate as it is now. What was no target of the plan becomes none: it was not shown as one."""
    targets = [candidate.target for candidate in candidates]
    now = await judged(engine, targets)

    def check(before: Candidate, after: Candidate) -> Candidate | Outcome:
        if before.reason is None or after.reason is not None:
            return after
        return Outcome(target=after.target, status=OutcomeStatus.NOT_ATTEMPTED, reason=CHANGED)

    return [check(before, after) for before, after in zip(candidates, now, strict=True)]
