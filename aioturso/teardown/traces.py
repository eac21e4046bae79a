"""Reads what a run has done from its report, its audit log or its plan. Pure but for reading a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any, ClassVar

from attrs import define, field, frozen

from .._protocol import DECODER, DoubledError, clean
from ..errors import ConfigurationError, InvalidInputError
from .report import OutcomeStatus, Report
from .targets import TRAITS, Candidate, Target, folded

Source = Report | Mapping[str, Any] | str | PathLike[str]
NOT_DELETED = "not deleted by this teardown"
NOT_CREATED = "not created by this run"
UNPROVEN = "its create has no answer: another client may have created it"
_DELETED = frozenset({OutcomeStatus.DESTROYED.value, OutcomeStatus.UNKNOWN.value})
_UNPROVEN = frozenset({OutcomeStatus.FOUND.value, OutcomeStatus.UNKNOWN.value})
_BACK = frozenset({OutcomeStatus.RESTORED.value, OutcomeStatus.ALREADY_THERE.value})
_STATUSES = frozenset({"sending", "restoring", "creating", *(status.value for status in OutcomeStatus)})
_TARGET = frozenset(
    {"kind", "organization", "uuid", *(n for traits in TRAITS.values() for n in traits.fields)}
)


@define
class DeletionTrace:
    """Mutable: what is written about one target that may have been deleted, in the order of writing.

    `sending`: the runs that were about to send and have no outcome: each may have deleted it. The lines of earlier
    versions have no run: there an outcome without an attempt is of another one than the line before.
    """

    accepts_plans: ClassVar[bool] = True
    target: Target
    deleted: bool = False
    sending: set[str] = field(factory=set)
    last: str = field(init=False)

    @staticmethod
    def key(target: Target) -> tuple[str, ...]:
        """Returns the UUID, as a name can be given again; the names of one without."""
        return (target.kind, folded(target.uuid)) if target.uuid else (*target.key, "")

    def add(self, target: Target, status: str, attempts: int, run: str) -> None:
        """Adds one line of an audit log, or one outcome."""
        self.last = status
        if status in ("sending", "restoring"):
            # Without a run, the outcome of the line before can come no more.
            self.deleted = self.deleted or run in self.sending
        if status == "sending":
            self.sending.add(run)
        elif status in _BACK:
            self.deleted = False
            self.sending.clear()
        elif status in _DELETED:
            self.deleted = True
        if status != "sending" and (attempts or run):
            self.sending.discard(run)

    @property
    def candidate(self) -> Candidate:
        """The target; the reason is that this teardown has not deleted it."""
        if self.deleted or self.sending:
            return Candidate(self.target)
        return Candidate(self.target, f"{NOT_DELETED} ({self.last.replace('_', ' ')})")


@define
class CreationTrace:
    """Mutable: what is written about one database that may have been created. Only an answer is proof that it was.

    `creating`: the runs that were about to create it and have no outcome, as in `DeletionTrace`.
    """

    accepts_plans: ClassVar[bool] = False
    target: Target
    created: Target | None = None
    unproven: bool = False
    creating: set[str] = field(factory=set)
    last: str = field(init=False)

    @staticmethod
    def key(target: Target) -> tuple[str, ...]:
        """Returns the name: the line before a send has no UUID yet."""
        return target.key

    def add(self, target: Target, status: str, attempts: int, run: str) -> None:
        """Adds one line of an audit log, or one outcome. Of two that were created under one name, the first is gone."""
        self.last = status
        if status == OutcomeStatus.CREATED.value:
            self.created = target
        elif status == "creating":
            # Without a run, the outcome of the line before can come no more.
            self.unproven = self.unproven or run in self.creating
            self.creating.add(run)
        elif status in _UNPROVEN:
            self.unproven = True
        if status != "creating" and (attempts or run):
            self.creating.discard(run)

    @property
    def candidate(self) -> Candidate:
        """The target; the reason is that this run is not known to have created it."""
        if self.created is not None:
            return Candidate(self.created)
        if self.unproven or self.creating:
            return Candidate(self.target, UNPROVEN)
        return Candidate(self.target, f"{NOT_CREATED} ({self.last.replace('_', ' ')})")


Trace = type[DeletionTrace] | type[CreationTrace]


@define
class _Traces:
    """Mutable: the traces of all targets of one organization; `foreign` counts what belongs to others."""

    organization: str
    trace: Trace
    found: dict[tuple[str, ...], DeletionTrace | CreationTrace] = field(factory=dict)
    foreign: dict[str, int] = field(factory=dict)

    def add(self, target: Target, status: str, attempts: int = 0, run: str = "") -> None:
        """Adds what is written about one target."""
        if target.organization not in (self.organization, ""):  # API tokens have none
            self.foreign[target.organization] = self.foreign.get(target.organization, 0) + 1
            return
        self.found.setdefault(self.trace.key(target), self.trace(target)).add(target, status, attempts, run)


@frozen(kw_only=True)
class Done:
    """Holds what a run has done, or may have (`reason` None), what it has not, and what of its source was left out."""

    title: str
    candidates: tuple[Candidate, ...]
    left_out: tuple[str, ...] = ()


def read(source: Source, organization: str, trace: Trace = DeletionTrace) -> Done:
    """Returns what the source has about this organization; `trace`: deletions, or creations.

    Raises InvalidInputError for anything but a report, a plan, an audit log, or their data or files, and
    ConfigurationError when all of it is about other organizations.
    """
    traces, torn = _Traces(organization, trace), 0
    if isinstance(source, Report):
        title = "a report"
        for outcome in source.outcomes:
            traces.add(outcome.target, outcome.status.value, outcome.attempts)
    elif isinstance(source, Mapping):
        title = _of_data(source, traces)
    elif isinstance(source, str | PathLike) and source != "":
        title, torn = _of_file(Path(fspath(source)), traces)
    else:
        raise InvalidInputError("a report, a plan's data, or the path of an audit log or a plan is expected")
    if traces.foreign and not traces.found:
        raise ConfigurationError(
            f"this is of the organization {', '.join(map(repr, sorted(traces.foreign)))}"
        )
    left_out = [
        f"{count} lines of the organization {name!r}" for name, count in sorted(traces.foreign.items())
    ]
    left_out += [f"{torn} lines that were cut short"] if torn else []
    found = tuple([trace.candidate for trace in traces.found.values()])
    return Done(title=title, candidates=found, left_out=tuple(left_out))


def _of_data(data: Mapping[str, Any], traces: _Traces) -> str:
    if "restore" in data:
        raise InvalidInputError("this is the plan of an undo, which deletes nothing")
    outcomes, targets, skipped = data.get("outcomes"), data.get("targets"), data.get("skipped", [])
    if isinstance(outcomes, list):
        for line in outcomes:
            traces.add(*_line(line))
        return "a report"
    if not traces.trace.accepts_plans:
        raise InvalidInputError("this is no report of a creation")
    if not isinstance(targets, list) or not isinstance(skipped, list):
        raise InvalidInputError("neither a plan nor a report")
    for target in targets:  # of which some may not have been deleted: only the platform knows
        traces.add(_target(target), "sending")
    for line in skipped:
        traces.add(_target(line), OutcomeStatus.SKIPPED.value)
    return f"plan {clean(str(data.get('title', '')))!r}"


def _of_file(path: Path, traces: _Traces) -> tuple[str, int]:
    # Odd bytes make one line unreadable, and not the log.
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    data = _json(text)
    # A log of one line is JSON too, with a status.
    if isinstance(data, dict) and "status" not in data:
        return f"{_of_data(data, traces)} ({path.name})", 0
    lines = list(_lines(text))
    whole = [line for line in lines if line is not None]
    if lines and not whole:  # that of a run that was killed before its first send is empty
        raise InvalidInputError(f"neither a plan, a report nor an audit log: {path.name}")
    for line in whole:
        traces.add(*_line(line))
    return f"audit log {path.name}", len(lines) - len(whole)


def _lines(text: str) -> Iterator[object]:
    """Yields each line's data; None for one that a crash or a full disk has cut short: no send came after it."""
    return map(_json, filter(str.strip, text.split("\n")))


def _json(text: str) -> object:
    """Returns the data of a text; None for one that is no JSON. Raises InvalidInputError for a key with two values."""
    try:
        return DECODER.decode(text)
    except DoubledError:
        raise InvalidInputError("a key comes twice in one object, with different values") from None
    except (ValueError, RecursionError):
        return None


def _line(line: object) -> tuple[Target, str, int, str]:
    found: Mapping[str, Any] = line if isinstance(line, Mapping) else {}
    status, attempts, run = found.get("status"), found.get("attempts", 0), found.get("run", "")
    is_count = isinstance(attempts, int) and not isinstance(attempts, bool)
    texts = isinstance(status, str) and isinstance(run, str)
    if not texts or status not in _STATUSES or not is_count:
        raise InvalidInputError("not an outcome: a target with its status and attempts is expected")
    return _target(line), status, attempts, run


def _target(line: object) -> Target:
    fields: Iterable[tuple[str, Any]] = line.items() if isinstance(line, Mapping) else ()
    return Target.from_dict({name: value for name, value in fields if name in _TARGET})
