"""Reports: exactly one outcome for each target."""

# Not as text: the constructor of a report in another module takes its annotations from here.
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, Self, TypeVar, Unpack

from attrs import frozen

from .._protocol import clean
from ..errors import Facts, TursoError
from ..models.databases import Database
from .targets import Target

DRY_RUN = "dry run"
E = TypeVar("E", bound="ReportError")


# A new one has a property of its name in a report, and a place in each table that lists statuses: here, in `traces` (what
# an undo takes), in both modules `verify`, in `verb`, and in `_codes` and `_summary` of the command. Elsewhere one that
# is in no table counts as neither bad nor a change.
class OutcomeStatus(Enum):
    """The ways in which a target ends.

    DESTROYED: removed by this run. ALREADY_GONE: gone before its first attempt. SKIPPED: never to be destroyed, as the
    `reason` shows. FAILED: no attempt can have taken effect. UNKNOWN: it may or may not be gone. NOT_ATTEMPTED: nothing
    was sent.

    An undo has RESTORED and ALREADY_THERE in place of the first two, a creation CREATED, ALREADY_THERE and FOUND: it is
    there, and no answer shows who has created it.
    """

    DESTROYED = "destroyed"
    ALREADY_GONE = "already_gone"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_ATTEMPTED = "not_attempted"
    RESTORED = "restored"
    CREATED = "created"
    FOUND = "found"
    ALREADY_THERE = "already_there"

    # A member is one object: Enum's own hash is that of its name, in Python code, for each outcome that is counted.
    __hash__: ClassVar[Callable[[object], int]] = object.__hash__

    @property
    def words(self) -> str:
        """The status as a person reads it: `already gone`."""
        return self.value.replace("_", " ")


BAD = frozenset({OutcomeStatus.FAILED, OutcomeStatus.UNKNOWN})
_CHANGED = frozenset(
    {
        OutcomeStatus.DESTROYED,
        OutcomeStatus.RESTORED,
        OutcomeStatus.CREATED,
        OutcomeStatus.FOUND,
        OutcomeStatus.UNKNOWN,
    }
)


@frozen(kw_only=True, weakref_slot=False)  # there may be very many
class Outcome:
    """Holds how one target ended. `attempts`: requests that were sent; `elapsed`: seconds.

    `database`: of a creation, the database as the platform described it; None for one that is not there.
    """

    target: Target
    status: OutcomeStatus
    reason: str | None = None
    error: Exception | None = None
    attempts: int = 0
    elapsed: float = 0.0
    database: Database | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data for JSON; of an error its text, class, and what it knows."""
        return {
            **self.target.to_dict(),
            "status": self.status.value,
            "reason": self.reason,
            "error": None if self.error is None else str(self.error),
            "error_class": None if self.error is None else type(self.error).__name__,
            **({} if self.error is None else _facts(self.error)),
            "attempts": self.attempts,
            "elapsed": round(self.elapsed, 6),
            **({} if self.database is None else {"hostname": self.database.hostname}),
        }

    def __str__(self) -> str:
        why = self.error or self.reason
        return f"{self.status.words}: {self.target}{f': {clean(str(why))}' if why else ''}"


def _facts(error: Exception) -> dict[str, Any]:
    facts = {
        name: getattr(error, name, None) for name in ("code", "retry_after", "maybe_applied", "request_id")
    }
    return {"http_status": getattr(error, "status", None), **facts}


@frozen
class Report:
    """The base of reports: holds exactly one outcome for each target, in list order."""

    outcomes: tuple[Outcome, ...] = ()
    remaining: tuple[Target, ...] = ()
    unverified: TursoError | None = None
    failure: Exception | None = None
    unmatched: tuple[str, ...] = ()

    def _of(self, status: OutcomeStatus) -> tuple[Outcome, ...]:
        return tuple([o for o in self.outcomes if o.status is status])

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """As it was: no attempt can have taken effect."""
        return self._of(OutcomeStatus.FAILED)

    @property
    def unknown(self) -> tuple[Outcome, ...]:
        """Targets for which an attempt may or may not have taken effect."""
        return self._of(OutcomeStatus.UNKNOWN)

    @property
    def not_attempted(self) -> tuple[Outcome, ...]:
        """Nothing was sent."""
        return self._of(OutcomeStatus.NOT_ATTEMPTED)

    @property
    def already_there(self) -> tuple[Outcome, ...]:
        """Existed before an undo or a creation sent anything."""
        return self._of(OutcomeStatus.ALREADY_THERE)

    @property
    def ok(self) -> bool:
        """True if nothing failed, is unknown, or was left out (but by a dry run)."""
        left_out = any(o.reason != DRY_RUN for o in self.not_attempted)
        return not (self.failed or self.unknown or left_out or self.unverified or self.failure)

    @property
    def _organization(self) -> str | None:
        """The organization of the targets, if all of those that belong to one belong to the same."""
        found = {outcome.target.organization for outcome in self.outcomes} - {""}
        return found.pop() if len(found) == 1 else None

    def raise_for_failures(self) -> None:
        """Raises a group of the causes, if a target failed or is unknown, or the run or its verification did."""
        if self.failed or self.unknown or self.unverified or self.failure:
            raise self.as_error()

    def as_error(self) -> "ReportError":
        """Returns the error that holds this report."""
        return self._error(ReportError)

    def _error(self, cls: type[E]) -> E:
        causes = [o.error for o in self.outcomes if o.error is not None]
        causes += [error for error in (self.unverified, self.failure) if error is not None]
        bad = [str(o) for o in self.outcomes if o.status in BAD][:1]
        first = bad or [f"{type(error).__name__}: {error}" for error in causes[-1:]]
        text = "; first ".join([str(self), *first])
        return cls(
            text,
            causes or [TursoError(text)],  # an ExceptionGroup without members is an error
            report=self,
            organization=self._organization,
            attempts=sum(o.attempts for o in self.outcomes),
            maybe_applied=any(o.status in _CHANGED for o in self.outcomes),
        )

    @classmethod
    def merge(cls, *reports: Self) -> Self:
        """Returns one report of several runs, in the order given."""
        return cls(
            tuple(outcome for report in reports for outcome in report.outcomes),
            tuple(target for report in reports for target in report.remaining),
            next((report.unverified for report in reports if report.unverified), None),
            next((report.failure for report in reports if report.failure), None),
            tuple(dict.fromkeys(part for report in reports for part in report.unmatched)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data for JSON."""
        return {
            "ok": self.ok,
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
            "remaining": [target.to_dict() for target in self.remaining],
            "unverified": None if self.unverified is None else str(self.unverified),
            "failure": None if self.failure is None else str(self.failure),
            "unmatched": list(self.unmatched),
        }

    def __str__(self) -> str:
        return summary(Counter(o.status for o in self.outcomes))


def summary(counts: Mapping[OutcomeStatus, int]) -> str:
    """Returns the counts in words: `3 destroyed, 1 skipped`."""
    named = ((status.words, counts.get(status, 0)) for status in OutcomeStatus)
    return ", ".join(f"{count} {name}" for name, count in named if count) or "no targets"


class ReportError(TursoError, ExceptionGroup[Exception]):
    """The base of errors that hold a report; the members are the causes."""

    args: tuple[Any, ...]
    report: Report
    _empty: ClassVar[type[Report]] = Report

    def __new__(cls, text: str, causes: Sequence[Exception], **_: Any) -> Self:
        # ExceptionGroup takes these two here, and knows no keywords.
        return super().__new__(cls, text, causes)

    def __init__(
        self,
        text: str,
        causes: Sequence[Exception],
        *,
        report: Report | None = None,
        **facts: Unpack[Facts],
    ) -> None:
        super().__init__(text, **facts)
        # The constructor above has left the text alone; pickling needs both.
        self.args = (text, list(causes))
        self.report = self._empty() if report is None else report

    def derive(self, excs: Sequence[Exception]) -> Self:  # type: ignore[override]  # a split keeps the report, whatever it holds
        """Returns the same error for some of its causes, as `except*` and `split` need it."""
        error = type(self)(self.message, excs)
        error.__dict__.update(self.__dict__)
        return error


@frozen
class TeardownReport(Report):
    """Holds exactly one outcome for each target, in list order. `print(report)` shows a summary line.

    `remaining`: what a verification found still listed, or after an undo not listed; empty without one. `unverified`:
    why a verification that was requested was not possible.
    `failure`: an error of a callback or of the audit log, which ended the run early. `unmatched`: exclusions of the plan
    and of the run that matched nothing, and may be misspelt.
    """

    @property
    def destroyed(self) -> tuple[Outcome, ...]:
        """Removed by this teardown."""
        return self._of(OutcomeStatus.DESTROYED)

    @property
    def already_gone(self) -> tuple[Outcome, ...]:
        """Gone before the first attempt."""
        return self._of(OutcomeStatus.ALREADY_GONE)

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        """Never to be destroyed: primaries, what is protected or excluded, what is not what was planned."""
        return self._of(OutcomeStatus.SKIPPED)

    @property
    def restored(self) -> tuple[Outcome, ...]:
        """Brought back by an undo."""
        return self._of(OutcomeStatus.RESTORED)

    def as_error(self) -> "TeardownError":
        """Returns the error that holds this report."""
        return self._error(TeardownError)


class TeardownError(ReportError):
    """Some targets failed or are unknown; the members are the causes, `report` has every outcome."""

    report: TeardownReport
    _empty = TeardownReport
