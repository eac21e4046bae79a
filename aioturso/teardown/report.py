"""What happened: one outcome for each target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Literal, Self, Unpack, get_args

import attrs
from attrs import frozen

from ..errors import Facts, InvalidInputError, TursoError

Kind = Literal["instance", "database", "group", "group location", "API token"]
DRY_RUN = "dry run"
STOPPED = "stopped"


class OutcomeStatus(Enum):
    """Where a target ended. UNKNOWN: it may or may not be gone; FAILED: no attempt can have taken effect."""

    DESTROYED = "destroyed"
    ALREADY_GONE = "already_gone"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_ATTEMPTED = "not_attempted"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


@frozen(kw_only=True)
class Target:
    """One thing to destroy, named completely; what does not apply to its `kind` is empty.

    `uuid` tells it from another of the same name (None: not told); `token` is an API token's name.
    """

    kind: Kind = "instance"
    organization: str = ""
    database: str = ""
    instance: str = ""
    location: str | None = None
    group: str = ""
    token: str = ""
    uuid: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What the path of its DELETE names, below the organization."""
        match self.kind:
            case "instance":
                return self.database, self.instance
            case "database":
                return (self.database,)
            case "group":
                return (self.group,)
            case "group location":
                return self.group, self.location or ""
            case "API token":
                return (self.token,)

    def __str__(self) -> str:
        return f"{self.kind} {'/'.join(self.names)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, without what is empty."""
        return {name: value for name, value in attrs.asdict(self).items() if value}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The reverse of `to_dict`; raises InvalidInputError for anything else."""
        known = {attribute.name for attribute in attrs.fields(cls)}
        if not (isinstance(data, Mapping) and set(data) <= known and all(map(_is_text, data.values()))):
            raise InvalidInputError("not a target: texts under the names of its fields are expected")
        if data.get("kind") not in get_args(Kind):
            raise InvalidInputError(f"not a target: kind must be one of {', '.join(get_args(Kind))}")
        target = cls(**data)
        if not all(target.names):
            raise InvalidInputError(f"not a target: a name of this {target.kind} is missing")
        return target


@frozen(kw_only=True)
class Outcome:
    """What became of a target. `attempts`: sends on the wire; `elapsed`: seconds."""

    target: Target
    status: OutcomeStatus
    reason: str | None = None
    error: Exception | None = None
    attempts: int = 0
    elapsed: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            **self.target.to_dict(),
            "status": self.status.value,
            "reason": self.reason,
            "error": None if self.error is None else str(self.error),
            "attempts": self.attempts,
            "elapsed": round(self.elapsed, 6),
        }


@frozen
class TeardownReport:
    """Every target in list order, exactly one outcome each.

    `remaining`: what a verification found still listed. `unverified`: why one that was asked for could not be made.
    """

    outcomes: tuple[Outcome, ...] = ()
    remaining: tuple[Target, ...] = ()
    unverified: TursoError | None = None

    def _of(self, status: OutcomeStatus) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.status is status)

    @property
    def destroyed(self) -> tuple[Outcome, ...]:
        """Gone, by this teardown."""
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
    def failed(self) -> tuple[Outcome, ...]:
        """Not destroyed."""
        return self._of(OutcomeStatus.FAILED)

    @property
    def unknown(self) -> tuple[Outcome, ...]:
        """Nobody can know."""
        return self._of(OutcomeStatus.UNKNOWN)

    @property
    def not_attempted(self) -> tuple[Outcome, ...]:
        """Nothing was sent."""
        return self._of(OutcomeStatus.NOT_ATTEMPTED)

    @property
    def ok(self) -> bool:
        """All targets are gone: nothing failed, is unknown, or was left out (but by a dry run)."""
        left_out = any(o.reason != DRY_RUN for o in self.not_attempted)
        return not (self.failed or self.unknown or left_out or self.unverified)

    def raise_for_failures(self) -> None:
        """Raise TeardownError, a group of the causes, if a target failed or is unknown, or the verification failed."""
        if self.failed or self.unknown or self.unverified:
            causes = [o.error for o in self.outcomes if o.error is not None]
            causes += [self.unverified] if self.unverified is not None else []
            raise TeardownError(
                str(self),
                causes or [TursoError(str(self))],
                report=self,
                attempts=sum(o.attempts for o in self.outcomes),
                maybe_applied=bool(self.destroyed or self.unknown),
            )

    def __add__(self, other: TeardownReport) -> TeardownReport:
        return TeardownReport.merge(self, other)

    @classmethod
    def merge(cls, *reports: TeardownReport) -> TeardownReport:
        """One report of several teardowns, in the order given."""
        return cls(
            tuple(outcome for report in reports for outcome in report.outcomes),
            tuple(target for report in reports for target in report.remaining),
            next((report.unverified for report in reports if report.unverified), None),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "ok": self.ok,
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
            "remaining": [target.to_dict() for target in self.remaining],
            "unverified": None if self.unverified is None else str(self.unverified),
        }

    def __str__(self) -> str:
        return summary(Counter(o.status for o in self.outcomes))


def summary(counts: Mapping[OutcomeStatus, int]) -> str:
    """`3 destroyed, 1 skipped`."""
    said = ((status.value.replace("_", " "), counts.get(status, 0)) for status in OutcomeStatus)
    return ", ".join(f"{count} {name}" for name, count in said if count) or "no targets"


class TeardownError(TursoError, ExceptionGroup[Exception]):
    """Some targets failed or are unknown; the members are the causes, `report` has every outcome."""

    report: TeardownReport

    def __new__(cls, text: str, causes: Sequence[Exception], **_: Any) -> Self:
        return super().__new__(cls, text, causes)

    def __init__(
        self,
        text: str,
        causes: Sequence[Exception],
        *,
        report: TeardownReport | None = None,
        **facts: Unpack[Facts],
    ) -> None:
        super().__init__(text, **facts)
        self.args = (text, list(causes))
        self.report = TeardownReport() if report is None else report

    def derive(self, excs: Sequence[Exception]) -> TeardownError:  # type: ignore[override]  # a split keeps the report, whatever it holds
        """Returns the same error for some of its causes, as `except*` and `split` need it."""
        error = TeardownError(self.message, excs)
        error.__dict__.update(self.__dict__)
        return error
