"""Lenience: whether a server that requires a pause accepts other calls in it. Pure."""

from __future__ import annotations

from math import inf

from attrs import define


@define
class Lenience:
    """Mutable. `seen`: it has accepted one in a pause; `since`, `until`: the last pause, by the sends that it refused."""

    seen: bool = False
    since: float = inf
    until: float = inf

    def required(self, at: float, pause: float) -> None:
        """Notes the pause that the answer to a send at this time requires."""
        self.since, self.until = min(self.since, at), at + pause

    def accepted(self, at: float, late: float) -> None:
        """Notes a success: the send was made at this time, and arrived at most `late` seconds late."""
        self.seen |= self.since + late < at < self.until - late

    def renewed(self, doubted: bool) -> None:
        """Notes a new objection, after which earlier pauses prove nothing; `doubted`: forgets also what was seen."""
        self.seen &= not doubted
        self.since = inf
