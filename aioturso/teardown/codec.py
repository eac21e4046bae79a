"""Pure: a plan as plain data, and back. The plan of an undo has `restore` where another has `targets`.

So nothing that expects targets to destroy, such as an earlier version, can take one for the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from .._protocol import clean
from ..errors import InvalidInputError
from .recovery import Recovery
from .report import Outcome
from .selection import patterns
from .targets import Candidate, Target
from .verb import Verb
from .verbs import REMOVE, REMOVE_BY_UUID, RESTORE

_OF_ALL = ("title", "organization", "created_at", "skipped", "unmatched", "exclude")
_KEYS = frozenset((*_OF_ALL, "targets", "by_uuid", "recovery", "restore"))
_OF_FILES = frozenset({"digest", "exit_code"})  # which the command adds


class _Planned(Protocol):
    """The parts of a plan that are kept."""

    @property
    def title(self) -> str: ...
    @property
    def organization(self) -> str: ...
    @property
    def entries(self) -> tuple[Candidate, ...]: ...
    @property
    def skipped(self) -> tuple[Outcome, ...]: ...
    @property
    def unmatched(self) -> tuple[str, ...]: ...
    @property
    def exclude(self) -> tuple[str, ...]: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def verb(self) -> Verb: ...
    @property
    def recovery(self) -> Recovery: ...


def plan_data(plan: _Planned) -> dict[str, Any]:
    """Returns a plan as plain data for JSON."""
    wanted = [entry for entry in plan.entries if entry.reason is None]
    data: dict[str, Any] = {
        "title": plan.title,
        "organization": plan.organization,
        "created_at": plan.created_at.isoformat(),
        "skipped": [{**o.target.to_dict(), "reason": o.reason} for o in plan.skipped],
        "unmatched": list(plan.unmatched),
        "exclude": list(plan.exclude),
    }
    if plan.verb is RESTORE:
        return data | {"restore": [_restore_data(entry) for entry in wanted]}
    return data | {
        "targets": [_target_data(entry) for entry in wanted],
        "by_uuid": plan.verb is REMOVE_BY_UUID,
        "recovery": plan.recovery.to_dict(),
    }


def _target_data(entry: Candidate) -> dict[str, Any]:
    return entry.target.to_dict() | ({"note": entry.note} if entry.note else {})


def _restore_data(entry: Candidate) -> dict[str, Any]:
    databases = [target.to_dict() for target in entry.databases]
    return _target_data(entry) | ({"databases": databases} if databases else {})


def plan_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields of the plan that these data are of; raises InvalidInputError for any other data."""
    if not isinstance(data, Mapping):
        kind = type(data).__name__
        raise InvalidInputError(
            f"not a plan: the data of its to_dict are expected, as json.loads returns them, not {kind}"
        )
    try:
        title, organization = data["title"], data["organization"]
        skipped, unmatched = data["skipped"], data.get("unmatched", [])
        exclude = data.get("exclude", [])  # which plans of earlier versions have not
        created_at = datetime.fromisoformat(data["created_at"])
        reasons = [found["reason"] for found in skipped]
        unwanted = [{k: v for k, v in found.items() if k != "reason"} for found in skipped]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError(
            f"not a plan, as TeardownPlan.to_dict makes it ({type(error).__name__})"
        ) from None
    # A later version, or a person, may have written there what is to be left alone.
    if unknown := sorted(data.keys() - _KEYS - _OF_FILES):
        raise InvalidInputError(
            f"not a plan: it has {clean(repr(unknown[0]))}, of which this version knows nothing"
        )
    verb, wanted = _wanted(data)
    lists = all(isinstance(found, list) for found in (wanted, skipped, unmatched, exclude))
    if not lists or not all(isinstance(t, str) for t in (title, organization, *reasons, *unmatched)):
        raise InvalidInputError("not a plan: lists of targets and texts are expected")
    entries = _entries(verb, wanted)
    entries += map(Candidate, map(Target.from_dict, unwanted), reasons)
    _check_organization(organization, entries)
    return {
        "title": title,
        "organization": organization,
        "entries": tuple(entries),
        "unmatched": tuple(unmatched),
        "exclude": patterns(exclude),
        "created_at": created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC),
        "verb": verb,
    }


def _wanted(data: Mapping[str, Any]) -> tuple[Verb, Any]:
    if ("targets" in data) == ("restore" in data):
        raise InvalidInputError("not a plan: either targets or what to restore is expected")
    if "restore" in data:
        return RESTORE, data["restore"]
    # A plan that was kept before there was this way has no such key.
    by_uuid = data.get("by_uuid", False)
    if not isinstance(by_uuid, bool):
        raise InvalidInputError("not a plan: by_uuid must be true or false")
    return REMOVE_BY_UUID if by_uuid else REMOVE, data["targets"]


def _entries(verb: Verb, wanted: list[Any]) -> list[Candidate]:
    """Returns the targets, none of them twice, and each of a kind that the verb can take."""
    entries = [_entry(target, verb) for target in wanted]
    # Two databases that had one name after the other can both be restored.
    keys = {(e.target.kind, e.target.uuid) if verb is RESTORE else e.target.key for e in entries}
    if len(keys) < len(entries):
        raise InvalidInputError("not a plan: a target is named twice")
    # The UUID of anything else would stand in the path of a database.
    if verb is REMOVE_BY_UUID and any(entry.target.kind != "database" for entry in entries):
        raise InvalidInputError("not a plan: only databases are deleted by uuid")
    return entries


def _entry(data: object, verb: Verb) -> Candidate:
    fields = dict(data) if isinstance(data, Mapping) else {}
    note = fields.pop("note", "")
    databases = fields.pop("databases", []) if verb is RESTORE else []
    if verb is RESTORE and not (fields and isinstance(databases, list)):
        raise InvalidInputError("not a plan: what to restore is a target, with a list of its databases")
    if not isinstance(note, str):
        raise InvalidInputError("not a plan: the note of a target must be text")
    return Candidate(Target.from_dict(fields), note=note, databases=tuple(map(Target.from_dict, databases)))


def _check_organization(organization: str, entries: list[Candidate]) -> None:
    for target in [t for entry in entries for t in (entry.target, *entry.databases)]:
        if not target.is_of(organization):
            raise InvalidInputError("not a plan: a target belongs to another organization")
