"""Pure: which names and instances are meant, which names are excluded, and which of these matched nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from unicodedata import normalize

from attrs import define, field

from .._checks import switch
from .._protocol import check_segment
from ..errors import InvalidInputError
from ..models.databases import Database
from .targets import Candidate, Target, folded

Globs = str | Sequence[str]
_WILD = re.compile(r"[*?]|\[!?\]?[^\]]*\]")
_RANGE = re.compile(r"(\[!?\]?[^\]]*\])")
_EXCLUSION = "exclusion "
_NO_GLOB = re.compile(r"[\^${}\\]")


def patterns(globs: Globs) -> tuple[str, ...]:
    """Returns one glob or several; an empty one is refused, and so is what looks like a regular expression."""
    found = several(globs, "a pattern")
    for glob in found:
        if _NO_GLOB.search(glob):
            raise InvalidInputError(
                f"{glob!r} is not a glob: only *, ? and [...] have a meaning, and no name has ^, $, {{, }} or \\"
            )
    return found


def several(values: Globs, what: str) -> tuple[str, ...]:
    """Returns one text or several, none of them empty."""
    found = (values,) if isinstance(values, str) else values
    if not isinstance(found, Sequence) or not all(isinstance(text, str) and text.strip() for text in found):
        raise InvalidInputError(f"{what} must be a text that is not empty, or a list of such texts")
    # Of a subclass of `str`, whose own methods could answer otherwise later.
    return tuple(map(str.__str__, found))


def matches(target: Target, glob: str) -> bool:
    """True if a glob matches one of the target's names, or all of them joined by `/`."""
    names = target.names
    return any(fnmatchcase(name, glob) for name in (*names, "/".join(names)))


@define
class Selection:
    """Mutable: the names that are meant, and which of its parts have matched so far.

    A name is meant if it is one of `names`, begins with one of `prefixes`, or matches one of `globs`.
    """

    globs: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    _used: set[str] = field(factory=set, init=False)

    @classmethod
    def of(
        cls, match: Globs | None, names: Globs | None, prefix: Globs | None, everything: bool
    ) -> Selection:
        """Returns a selection; one that may mean every name needs `everything`."""
        switch(everything, "everything")
        if isinstance(names, str):
            raise InvalidInputError("names must be a list of names, not one text")
        globs = () if match is None else patterns(match)
        # An empty list of names means none, and never all.
        nothing = not globs and names is None and prefix is None
        if not everything and nothing:
            raise _needs_everything("nothing is selected: give names, a prefix or a pattern; for all of them")
        # What is left are letters that a name must have.
        if not everything and not all(_WILD.sub("", glob) for glob in globs):
            raise _needs_everything("a pattern may match every name:")
        return cls(
            ("*",) if nothing else globs,
            () if names is None else several(names, "names"),
            () if prefix is None else several(prefix, "prefix"),
        )

    def wants(self, name: str) -> bool:
        """True for a name that is meant."""
        parts = [f"name {wanted!r}" for wanted in self.names if name == wanted]
        parts += [f"prefix {prefix!r}" for prefix in self.prefixes if name.startswith(prefix)]
        # Not `fnmatch`, which ignores case on Windows alone.
        parts += [f"pattern {glob!r}" for glob in self.globs if fnmatchcase(name, glob)]
        self._used.update(parts)
        return bool(parts)

    @property
    def unmatched(self) -> tuple[str, ...]:
        """The parts that have matched no name."""
        parts = [f"name {name!r}" for name in self.names]
        parts += [f"prefix {prefix!r}" for prefix in self.prefixes]
        parts += [f"pattern {glob!r}" for glob in self.globs]
        return tuple(part for part in parts if part not in self._used)

    def __str__(self) -> str:
        return ", ".join((*self.names, *(f"{prefix}..." for prefix in self.prefixes), *self.globs)) or "none"


def _needs_everything(why: str) -> InvalidInputError:
    return InvalidInputError(f"{why} everything=True is needed", parameter="everything")


def exclusions(unmatched: Sequence[str]) -> list[str]:
    """Returns the exclusions among what has matched nothing: what each was to protect may have another name."""
    return [part for part in unmatched if part.startswith(_EXCLUSION)]


@define
class Exclusion:
    """Mutable: the globs that are excluded, and which of them have matched anything that was listed."""

    globs: tuple[str, ...] = field(converter=patterns)
    _used: set[str] = field(factory=set, init=False)

    def holds(self, target: Target) -> bool:
        """True for a target that is excluded."""
        if not self.globs:
            return False
        names = [folded(name) for name in target.names]
        names.append("/".join(names))
        # In either spelling: an exclusion that misses would delete.
        used = [g for g in self.globs if matches(target, g) or _fits(g, names)]
        self._used.update(used)
        return bool(used)

    @property
    def unmatched(self) -> tuple[str, ...]:
        """The globs that have matched nothing."""
        return tuple(f"{_EXCLUSION}{glob!r}" for glob in self.globs if glob not in self._used)


def _fits(glob: str, names: Sequence[str]) -> bool:
    return any(fnmatchcase(name, form) for form in (glob, _other_spelling(glob)) for name in names)


@lru_cache(maxsize=256)
def _other_spelling(glob: str) -> str:
    """Returns a glob as names are spelled; a range of letters in it stays as it is."""
    parts = _RANGE.split(glob)
    parts[::2] = [normalize("NFC", part).casefold() for part in parts[::2]]
    return "".join(parts).strip()


def filtered(database: Database, group: str | None, parent: str | None) -> str | None:
    """Returns None for a database that the filters do not mean, else the doubt that is left, which may be empty.

    The server filters too; a server that does not must not widen what is removed.
    """
    if group is not None and database.group != group:
        return None if database.group else "its group is not known"
    named = (database.parent.name, database.parent.id) if database.parent is not None else ()
    if parent is not None and parent not in named:
        return None if any(named) else "its parent is not known"
    return ""


def segments(**names: str | None) -> None:
    """Raises for a name that is not exactly one path segment."""
    for name, value in names.items():
        if value is not None:
            check_segment(value, name)


def check_scope(
    location: str | None, database: str | None, instance: str | None, *, groups: bool, everything: bool
) -> None:
    """Raises InvalidInputError where more would be meant than the caller has named."""
    if location is None and instance is None and not everything:
        raise InvalidInputError(
            "every replica of every location is meant only with everything=True", parameter="everything"
        )
    if groups and (location is None or database is not None or instance is not None):
        raise InvalidInputError(
            "groups=True takes a location from whole groups: give only the location", parameter="groups"
        )


def ambiguous(matching: list[Candidate]) -> list[Candidate]:
    """Returns the candidates, all of them skipped: which one is meant is not known."""
    doubt = f"{len(matching)} databases have an instance of this name: name the database, or the uuid"
    return [Candidate(c.target, c.reason or doubt) for c in matching]


def is_meant(target: Target, location: str | None, instance: str | None) -> bool:
    """True for the location that was named, or for one that is not known, which is reported as skipped."""
    here = location is None or target.location == location or not (target.location or "").strip()
    return here and (instance is None or instance in (target.instance, target.uuid))
