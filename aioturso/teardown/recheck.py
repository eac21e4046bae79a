"""Compares what is there with what was planned: before an older plan runs, and before a call is sent again."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from functools import partial

from attrs import define, evolve, field

from .._account import Account, Effect
from .._structure import refuse
from ..errors import TursoError
from .engine import Engine
from .evidence import UNKNOWN_PROTECTION, weighed
from .exclusion import excluded
from .kinds import UNDECIDED
from .listing import DATABASES, GROUPS, KINDS, NO_LOCATION, NO_REPLICA, TOKENS
from .protection import PROTECTED, is_protected
from .report import Outcome, OutcomeStatus
from .selection import Exclusion
from .spread import in_turns, spread
from .targets import TRAITS, Candidate, Target, folded

NOT_LISTED = "no longer listed"
CHANGED = "changed since the plan was made"
INCOMPARABLE = "what has the name now cannot be compared: its uuid is missing"
_MOVED = f"{CHANGED}: it is in another location or group"
_LEFT_ALONE = " one, which was left alone"
# An answer about one thing may leave out what the list had, and has its uuid all the same.
_LEFT_OUT = frozenset({UNKNOWN_PROTECTION, NO_LOCATION, f"{NO_REPLICA} (None)", f"{NO_REPLICA} ()"})
INCOMPLETE = "not listed, and not known to be gone: the list may be incomplete"


@define
class Now:
    """Mutable: what is listed now, by key, and the uuids that are listed."""

    found: dict[tuple[str, ...], Candidate] = field(factory=dict)
    uuids: set[tuple[str, str, str]] = field(factory=set)

    def of(self, target: Target) -> Candidate | None:
        """Returns what is listed under a target's name."""
        return self.found.get(target.key)

    def has_uuid(self, target: Target) -> bool:
        """True when its uuid is listed, under any name."""
        return _identity(target) in self.uuids


def _identity(target: Target) -> tuple[str, str, str]:
    # The uuid of a location of a group is the group's, which is listed as long as the group exists.
    place = folded(target.location) if TRAITS[target.kind].shares_uuid else ""
    return target.kind, folded(target.uuid), place


async def listed_now(engine: Engine, targets: Sequence[Target]) -> Now:
    """Lists again what these targets were found in."""
    return await _now(engine, await _listed(engine, targets))


async def _listed(engine: Engine, targets: Sequence[Target]) -> list[Candidate]:
    found: list[Candidate] = []
    for kind, listing in KINDS.items():
        if wanted := [target async for target in in_turns(targets) if target.kind == kind]:
            found += await listing.again(engine, wanted)
    return found


async def _now(engine: Engine, found: Iterable[Candidate]) -> Now:
    now = Now()
    async for candidate in in_turns(await weighed(found, engine.organization)):
        target = candidate.target
        now.found[target.key] = candidate
        if target.uuid:
            now.uuids.add(_identity(target))
    return now


async def rechecked(engine: Engine, candidates: Sequence[Candidate]) -> list[Candidate | Outcome]:
    """Returns each candidate as it is now, with a reason if it has changed; an Outcome for one that is gone.

    Not listed is not gone, as a list may be incomplete: each that it lacks is looked up alone.
    """
    targets = [candidate.target async for candidate in in_turns(candidates) if candidate.reason is None]
    listed = await _listed(engine, targets)
    databases, others = list[Candidate](), list[Candidate]()
    async for candidate in in_turns(listed):
        (databases if candidate.target.kind == "database" else others).append(candidate)
    now = await _now(engine, [*others, *await DATABASES.judged(engine, databases, targets)])
    # An id belongs to one token of one user.
    if [t async for t in in_turns(targets) if t.kind == "API token" and now.has_uuid(t)]:
        engine.memory.knows_user = True
    missing = [target async for target in in_turns(targets) if now.of(target) is None]
    # What cannot be known of one is no error of the whole run.
    gone = await _gone(engine, missing, UNDECIDED)
    return [_compared(candidate, now, gone) async for candidate in in_turns(candidates)]


def _compared(candidate: Candidate, now: Now, gone: set[Target]) -> Candidate | Outcome:
    target, found = candidate.target, now.of(candidate.target)
    if candidate.reason is not None:
        return candidate
    if target in gone and not now.has_uuid(target):
        return Outcome(target=target, status=OutcomeStatus.ALREADY_GONE, reason=NOT_LISTED)
    if found is None:
        return Outcome(target=target, status=OutcomeStatus.NOT_ATTEMPTED, reason=INCOMPLETE)
    if change := _change(target, found):
        return Candidate(target, change)
    # The same uuid in another spelling: the server may know it as it has listed it alone.
    same = target.uuid == found.target.uuid
    return candidate if same else evolve(candidate, target=evolve(target, uuid=found.target.uuid))


async def absent(engine: Engine, targets: Sequence[Target]) -> set[Target]:
    """Returns those of the targets that are gone, each looked up alone. Raises when that cannot be known."""
    return await _gone(engine, targets, ())


async def _gone(
    engine: Engine, targets: Sequence[Target], undecided: tuple[type[TursoError], ...]
) -> set[Target]:
    """Returns those that are gone, and not those whose look has ended with one of the errors in `undecided`."""

    async def looked(look: Awaitable[set[Target]]) -> set[Target]:
        try:
            return await look
        except undecided:
            return set()

    tokens = [target for target in targets if target.kind == "API token"]
    others = [target for target in targets if target.kind != "API token"]
    found = await spread(lambda target: looked(_gone_alone(engine, target)), others)
    # The platform shows no token alone: one more list is the look at all of them.
    found += [await looked(TOKENS.gone(engine, tokens))] if tokens else []
    return set().union(*found)


async def _gone_alone(engine: Engine, target: Target) -> set[Target]:
    found = await KINDS[target.kind].find(engine, target)
    return {target} if found is None or target.is_same(found.target) is False else set()


def _change(target: Target, found: Candidate) -> str | None:
    if found.reason is not None:
        return found.reason
    if target.is_same(found.target) is False:
        return f"{CHANGED}: another one has this name"
    if bool(target.uuid) != bool(found.target.uuid):
        why = "it has a uuid now, and had none then" if found.target.uuid else "its uuid is missing"
        return f"{CHANGED}: {why}"
    if (target.location, target.group) != (found.target.location, found.target.group):
        return _MOVED
    return None


async def look(engine: Engine, target: Target, account: Account) -> str | None:
    """Looks at what has the target's name, for a call with this account that is about to be sent again, or late.

    Returns as `why_absent` does. For a target without a uuid it sees only whether what has the name may still be deleted.
    """
    reason = await why_absent(engine, target)
    # In a long wait, others may have deleted what no attempt has.
    if reason is None or account.effect is Effect.NOT_APPLIED:
        return reason
    return f"no answer, and {reason.removesuffix(_LEFT_ALONE)}"


async def why_absent(engine: Engine, target: Target) -> str | None:
    """Returns None while the name belongs to the target as it was planned, else why there is nothing to delete.

    Raises DecodeError when what has the name cannot be compared, or may not be deleted any more.
    """
    found = await engine.calls.pool.pulse.fresh(partial(_found, engine, target))
    if found is None:
        return "no longer there"
    same = target.is_same(found.target)
    if same is None and (target.uuid or found.target.uuid):
        refuse(INCOMPARABLE)
    if same is False:
        return f"the name now belongs to another{_LEFT_ALONE}"
    if found.reason is not None and found.reason not in _LEFT_OUT:
        refuse(f"{CHANGED}: {found.reason}")
    moved = found.target.location not in (target.location, None, "")
    if moved or (target.group and found.target.group not in (target.group, "")):
        refuse(_MOVED)
    return None


async def _found(engine: Engine, target: Target) -> Candidate | None:
    """Returns what has a target's name now; a database with its protection, a group with what would be lost with it."""
    found = await KINDS[target.kind].find(engine, target)
    if found is None or found.reason not in (None, UNKNOWN_PROTECTION):
        return found
    if target.kind == "group":
        found = await GROUPS.with_databases(engine, found)
    elif target.kind == "database" and found.reason is not None and await is_protected(engine, target):
        found = Candidate(found.target, PROTECTED)
    (found,) = await excluded(engine, [found], Exclusion(engine.exclude))
    return found
