"""Excludes candidates by a name of their own or, for a group, by the name of one of its databases."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from .engine import Engine
from .listing import DATABASES
from .selection import Exclusion
from .spread import in_turns
from .targets import Candidate, Target, folded

EXCLUDED = "excluded"
_GROUPS = ("group", "group location")


async def excluded(
    engine: Engine, candidates: Iterable[Candidate], globs: tuple[str, ...], seen: Exclusion | None = None
) -> list[Candidate]:
    """Returns the candidates, those that are excluded with that reason. `seen` notes which globs have matched."""
    found, exclusion = list(candidates), seen or Exclusion(globs)
    if not globs:
        return found
    holding: dict[str, str] = {}
    # Only then, as it lists every database.
    if any(candidate.target.kind in _GROUPS for candidate in found):
        listed = [c async for c in DATABASES.all(engine) if exclusion.holds(c.target)]
        holding = {folded(c.target.group): c.target.database for c in await DATABASES.grouped(engine, listed)}

    def reason(target: Target) -> str | None:
        if exclusion.holds(target):
            return EXCLUDED
        if target.kind in _GROUPS and folded(target.group) in holding:
            return f"its database {holding[folded(target.group)]!r} is {EXCLUDED}"
        return None

    # A deleted group is in no list: its databases are those that come back with it.
    coming = ((folded(c.target.group), t) for c in found for t in c.databases)
    holding.update((group, target.database) for group, target in coming if exclusion.holds(target))
    # The exclusion first: what the caller wants to keep is no obstacle to be reported.
    whys = ((c, reason(c.target)) for c in found)
    return [evolve(c, reason=why) if why else c async for c, why in in_turns(whys)]
