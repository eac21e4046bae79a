"""Pure: the reasons for which a run sends nothing more, to any target or to some of them."""

from __future__ import annotations

from attrs import define, field

from .halt import Halt
from .targets import Candidate, Target


@define(eq=False)
class Stops:
    """Mutable, of one run. `halt`: stops it from outside; `run`: the first reason of its own, empty before there is one.

    `databases`: a reason for all instances of each; `undone`: groups that are not as the verb wants them.
    """

    halt: Halt
    run: str = ""
    databases: dict[str, str] = field(factory=dict)
    undone: set[Target] = field(factory=set)

    @property
    def reason(self) -> str:
        """The reason for which nothing is sent to any target; empty if there is none."""
        return self.run or self.halt.reason

    def add(self, reason: str, database: str | None = None) -> None:
        """Adds a reason for all targets, or for the instances of a database."""
        # The first reason is the cause, and the later ones follow from it.
        if database is None:
            self.run = self.run or reason
        else:
            self.databases.setdefault(database, reason)

    def of(self, target: Target) -> str:
        """Returns the reason for which a call for a target is not sent again; empty if there is none."""
        return self.reason or self.databases.get(target.database, "")

    def before(self, candidate: Candidate) -> str:
        """Returns the reason for which nothing is sent to a candidate; empty if there is none."""
        group = candidate.after
        undone = f"its group {group.group!r} is not back" if group in self.undone and group else ""
        return self.of(candidate.target) or undone

    def is_due(self, candidate: Candidate) -> bool:
        """True for a candidate to which something is sent."""
        # The usual case calls nothing, as each target comes here.
        if self.databases or self.undone:
            return candidate.reason is None and not self.before(candidate)
        return candidate.reason is None and not (self.run or self.halt.reason)
