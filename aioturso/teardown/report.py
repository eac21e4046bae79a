"""What happened: one outcome for each target."""

from __future__ import annotations

from enum import Enum
from typing import Any

from attrs import frozen

from ..errors import TeardownError, TursoError


class OutcomeStatus(Enum):
    """Where a target ended. UNKNOWN: it may or may not be gone; FAILED: no attempt can have taken effect."""

    DESTROYED = "destroyed"
    ALREADY_GONE = "already_gone"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_ATTEMPTED = "not_attempted"


@frozen(kw_only=True)
class Target:
    """An instance to destroy."""

    database: str
    instance: str
    location: str | None


@frozen(kw_only=True)
class Outcome:
    """What became of a target. `attempts`: sends on the wire; `elapsed`: seconds."""

    target: Target
    status: OutcomeStatus
    reason: str | None = None
    error: Exception | None = None
    attempts: int = 0
    elapsed: float = 0.0


@frozen
class TeardownReport:
    """Every target in list order, exactly one outcome each."""

    outcomes: tuple[Outcome, ...] = ()

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
        """Never to be destroyed: the primary, and what cannot be told apart from one."""
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
        """Nothing failed, is unknown, or was left out because of a failure."""
        return not self.failed and not self.unknown and all(o.reason == "dry run" for o in self.not_attempted)

    def raise_for_failures(self) -> None:
        """Raise TeardownError, a group of the causes, unless `ok`."""
        if not self.ok:
            causes = [o.error for o in self.outcomes if o.error is not None]
            group = TeardownError(str(self), causes or [TursoError(str(self))])
            group.report = self
            group.attempts = sum(o.attempts for o in self.outcomes)
            group.maybe_applied = bool(self.destroyed or self.unknown)
            raise group

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "ok": self.ok,
            "outcomes": [
                {
                    "database": o.target.database,
                    "instance": o.target.instance,
                    "location": o.target.location,
                    "status": o.status.value,
                    "reason": o.reason,
                    "error": None if o.error is None else str(o.error),
                    "attempts": o.attempts,
                    "elapsed": o.elapsed,
                }
                for o in self.outcomes
            ],
        }

    def __str__(self) -> str:
        counts = ((s.value.replace("_", " "), len(self._of(s))) for s in OutcomeStatus)
        return ", ".join(f"{count} {name}" for name, count in counts if count) or "no targets"
