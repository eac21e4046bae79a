"""Pure: which databases of a listing a plan means, as they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from attrs import define, field, frozen

from ..models.databases import Database
from .evidence import Tally, holds
from .selection import Exclusion, Selection
from .targets import Candidate


@frozen
class Listed:
    """A database that was listed. `doubt`: as `filtered` returns it; `model`: held where a plan looks at more of it."""

    candidate: Candidate
    doubt: str | None
    # Not compared: one that is listed again is the same, whatever else has changed.
    model: Database | None = field(eq=False)


@define
class Matching:
    """Mutable: the databases of one listing that are meant.

    `filled`: whether any has passed the filters; `models`: of those that are meant, where their age decides.
    """

    selection: Selection
    exclusion: Exclusion
    where: Callable[[Database], bool] | None
    older_than: timedelta | None
    tally: Tally = field(factory=Tally, init=False)
    found: list[Candidate] = field(factory=list, init=False)
    models: dict[tuple[str, ...], Database] = field(factory=dict, init=False)
    filled: bool = field(default=False, init=False)

    @property
    def needs_models(self) -> bool:
        """True where more of a database decides than its name."""
        return self.where is not None or self.older_than is not None

    def add(self, listed: Listed) -> None:
        """Adds the next one that was listed."""
        candidate, target = listed.candidate, listed.candidate.target
        self.tally.add(candidate)
        # Also what is not selected: an exclusion that matches nothing at all is reported.
        self.exclusion.holds(target)
        is_selected = self.selection.wants(target.database)
        if listed.doubt is None:
            return
        self.filled = True
        if is_selected and holds(self.where, listed.model):
            # No copy: a plan may hold a hundred thousand.
            self.found.append(Candidate(target, listed.doubt) if listed.doubt else candidate)
            if self.older_than is not None and listed.model is not None:
                self.models[target.key] = listed.model
