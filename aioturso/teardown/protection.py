"""The delete protection of databases: a list may leave it open, and then it is looked up."""

from __future__ import annotations

from collections.abc import Sequence

from .._refusals import NO_SUCH
from ..errors import APIError, NotFoundError
from .engine import Engine
from .evidence import UNKNOWN_PROTECTION, Tally, is_plain
from .spread import in_turns, spread
from .targets import Candidate, Target

PROTECTED = "delete-protected"
VANISHED = "no longer there"
_LACKING = "the platform has no settings of databases"


def reason_of(flag: bool | None) -> str | None:
    """Returns why what has this flag is not to be deleted; None if it may be."""
    if flag is None:
        return UNKNOWN_PROTECTION  # no answer is not "no": see `Tally`
    return PROTECTED if flag else None


async def looked_up(engine: Engine, candidates: Sequence[Candidate], tally: Tally) -> list[Candidate]:
    """Returns the candidates; a protection that the list leaves open is looked up by itself.

    If the list leaves all of them open, a few are looked up first: a platform without these settings protects none.
    """
    unknown = [c.target async for c in in_turns(candidates) if _is_open(c)]
    if not unknown or not (tally.lists_protection or await _has_settings(engine, unknown)):
        return list(candidates)

    async def look(candidate: Candidate) -> Candidate:
        if not _is_open(candidate):
            return candidate
        reason = await _look(engine, candidate.target)
        reason = UNKNOWN_PROTECTION if reason == _LACKING else reason
        return Candidate(candidate.target, reason, note=candidate.note)

    found = await spread(look, candidates)
    known = [c async for c in in_turns(found) if c.reason in (None, PROTECTED)]
    tally.lists_protection = tally.lists_protection or bool(known)
    return found if tally.lists_protection else list(candidates)


async def is_protected(engine: Engine, database: Target) -> bool:
    """True for a database whose settings have a delete protection; a platform without settings protects none."""
    return await _look(engine, database) == PROTECTED


async def _has_settings(engine: Engine, targets: Sequence[Target]) -> bool:
    """True if the server has settings of databases, which may leave out a protection that is off."""
    # What has vanished is no answer: another teardown may have come from either end. Nor is one 404 of a proxy.
    for target in dict.fromkeys((*targets[:3], *targets[-3:])):
        if await _look(engine, target) not in (VANISHED, _LACKING):
            return True
    return False


async def _look(engine: Engine, target: Target) -> str | None:
    try:
        return reason_of((await engine.databases.configuration(target.database)).delete_protection)
    except APIError as error:
        if isinstance(error, NotFoundError) and error.resource == "database":
            return VANISHED
        if error.status not in NO_SUCH:
            raise
        return _LACKING


def _is_open(candidate: Candidate) -> bool:
    """True for a database whose protection is to be looked up: one whose name has no path is skipped as it is."""
    return candidate.reason == UNKNOWN_PROTECTION and is_plain(candidate.target.database, "database")
