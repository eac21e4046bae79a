"""Errors that name what was perhaps meant, and what there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from .._protocol import clean
from ..errors import NoMatchError

_SHOWN = 20


def no_match(
    message: str,
    location: str | None,
    there: set[str],
    known: Iterable[str] = (),
    *,
    organization: str,
) -> NoMatchError:
    """Returns the error for a location in which there is nothing; `known`: the further locations of the platform."""
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
