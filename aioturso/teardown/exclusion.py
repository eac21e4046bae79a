"""Excludes candidates by a name of their own or, for a group, by the name of one of its databases."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence

from attrs import evolve

from .._account import Account
from .engine import Engine
from .listing import DATABASES
from .selection import Exclusion
from .spread import in_turns
from .targets import OF_GROUPS, Candidate, Target, folded, under_group
from .verb import Entry, Sent, Verb

EXCLUDED = "excluded"


async def excluded(engine: Engine, candidates: Iterable[Candidate], exclusion: Exclusion) -> list[Candidate]:
    """Returns the candidates, those that are excluded with that reason; `exclusion` notes which globs have matched."""
    found = list(candidates)
    if not exclusion.globs:
        return found
    holding = await _holding(engine, found, exclusion)
    # The exclusion first: what the caller wants to keep is no obstacle to be reported.
    whys = ((c, _reason(c.target, exclusion, holding)) for c in found)
    return [evolve(c, reason=why) if why else c async for c, why in in_turns(whys)]


def excluding(verb: Verb, globs: tuple[str, ...]) -> Verb:
    """Returns the verb, which excludes again whenever it lists or looks again: by then a group may hold what is excluded."""
    if not globs:
        return verb

    async def recheck(engine: Engine, candidates: Sequence[Candidate]) -> list[Entry]:
        found = await verb.recheck(engine, candidates)
        there = [entry for entry in found if isinstance(entry, Candidate)]
        left = iter(await excluded(engine, there, Exclusion(globs)))
        return [next(left) if isinstance(entry, Candidate) else entry for entry in found]

    def send(engine: Engine, candidate: Candidate, account: Account) -> Awaitable[Sent | str]:
        # Only for these, as there may be very many others.
        held = candidate.target.kind in OF_GROUPS
        return verb.send(engine.excluding(globs) if held else engine, candidate, account)

    return evolve(verb, recheck=recheck, send=send)


async def noted(candidates: Iterable[Candidate], exclusion: Exclusion) -> None:
    """Lets an exclusion note all that was listed: one that matches what is not selected is not misspelt."""
    if exclusion.globs:
        async for candidate in in_turns(candidates):
            exclusion.holds(candidate.target)


async def _holding(engine: Engine, candidates: list[Candidate], exclusion: Exclusion) -> dict[str, str]:
    """Returns the groups, in lower case, that hold an excluded database, with its name."""
    holding: dict[str, str] = {}
    # Only then, as it lists every database.
    if any(candidate.target.kind in OF_GROUPS for candidate in candidates):
        listed = [c async for c in DATABASES.all(engine) if exclusion.holds(c.target)]
        holding = {folded(c.target.group): c.target.database for c in await DATABASES.grouped(engine, listed)}
    # A deleted group is in no list: its databases are those that come back with it.
    coming = ((folded(c.target.group), target) for c in candidates for target in c.databases)
    return holding | {group: target.database for group, target in coming if exclusion.holds(target)}


def _reason(target: Target, exclusion: Exclusion, holding: dict[str, str]) -> str | None:
    if exclusion.holds(target):
        return EXCLUDED
    held = under_group(holding, target) if target.kind in OF_GROUPS else None
    return f"its database {held!r} is {EXCLUDED}" if held else None
