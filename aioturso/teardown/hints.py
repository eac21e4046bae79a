"""Looks for what was named and has matched nothing; its errors name what was perhaps meant, and what there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from .._protocol import clean
from ..errors import NoMatchError
from .engine import Engine
from .listing import DATABASES

_SHOWN = 20


async def check_location(engine: Engine, location: str | None, instance: str | None, there: set[str]) -> None:
    """Raises NoMatchError for an instance, or for a location that the platform has not; `there`: as in `no_match`."""
    if instance is not None:
        where = f" in {location!r}" if location is not None else ""
        message = f"no instance named {instance!r}{where}"
        raise no_match(message, location, there, organization=engine.organization)
    known = [found.code for found in await engine.locations.list()]
    if location is not None and location not in known:
        message = f"no instance is in {location!r}, and the platform has no such location"
        raise no_match(message, location, there, known, organization=engine.organization)


async def check_group(engine: Engine, name: str) -> None:
    """Raises NoMatchError for a group that is not there; an empty one is no mistake."""
    groups = [found.name for found in await engine.groups.list()]
    if name not in groups:
        raise no_such("group", name, groups, organization=engine.organization)


async def check_parent(engine: Engine, name: str) -> None:
    """Raises NoMatchError for a database that is not there, by its name or UUID; one without branches is no mistake."""
    databases = [candidate.target async for candidate in DATABASES.all(engine)]
    names = [target.database for target in databases]
    if name not in names and name not in [target.uuid for target in databases]:
        raise no_such("database", name, names, organization=engine.organization)


def no_match(
    message: str,
    location: str | None,
    there: set[str],
    known: Iterable[str] = (),
    *,
    organization: str,
) -> NoMatchError:
    """Returns the error for a location in which nothing is meant.

    `there`: the locations in which something is; `known`: the further ones of the platform.
    """
    locations = tuple(sorted(there - {""}))
    meant = _perhaps(location or "", [*locations, *known])
    return NoMatchError(
        f"{message}; {meant}{_listed(locations)}", locations=locations, organization=organization
    )


def no_such(kind: str, name: str, names: list[str], *, organization: str) -> NoMatchError:
    """Returns the error for a name that nothing has; `names` are those that there are."""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    text = f"there is no {kind} {name!r}; {_perhaps(name, names)}{_listed(names[:_SHOWN])}{more}"
    return NoMatchError(text, organization=organization)


def _perhaps(name: str, names: list[str]) -> str:
    """Returns a question about the name that was perhaps meant; empty when none is like it."""
    close = get_close_matches(name.lower(), names, 1)
    return f"did you mean {clean(close[0])!r}? " if close else ""


def _listed(names: Sequence[str]) -> str:
    return f"there are: {', '.join(map(clean, names)) or 'none'}"
