"""Errors that name what was perhaps meant, and what there is."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from .._protocol import clean
from ..errors import NoMatchError


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
    meant = _perhaps(location or "", [*locations, *known], len(locations))
    return NoMatchError(f"{message}{meant}", locations=locations, organization=organization)


def no_such(kind: str, name: str, names: list[str], *, organization: str) -> NoMatchError:
    """Returns the error for a name that nothing has; `names` are those that there are."""
    return NoMatchError(f"there is no {kind} {name!r}{_perhaps(name, names)}", organization=organization)


def _perhaps(name: str, names: list[str], shown: int = 20) -> str:
    """Returns the name that was perhaps meant, and the first of those that exist."""
    close = get_close_matches(name.lower(), names, 1)
    listed = ", ".join(map(clean, names[:shown])) or "none"
    more = f" and {len(names) - 20:,} more" if shown == 20 < len(names) else ""
    return f"; {f'did you mean {clean(close[0])!r}? ' if close else ''}there are: {listed}{more}"
