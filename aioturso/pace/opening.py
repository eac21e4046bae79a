"""Opening: the first calls, until the first limit is met; connections are opened, and calls arrive at any time. Pure."""

from __future__ import annotations

from attrs import define


@define
class Opening:
    """Mutable. `took`: the seconds that the answer of the first refusal took; `widest`: the longest of the refusals that
    belong to it. `over`: the next limit was met, and a refusal that comes late belongs to that one.
    """

    took: float = 0.0
    widest: float = 0.0
    over: bool = False

    def refused(self, seconds: float) -> None:
        """Notes the first refusal."""
        self.took = self.widest = seconds

    def joined(self, seconds: float) -> None:
        """Notes a refusal that belongs to the first one."""
        self.widest = max(self.widest, seconds)

    def spread(self, trip: float) -> float:
        """Returns how many seconds apart its calls arrived; `trip`: those after which nearly all answers are there."""
        return max(0.0, self.widest - trip)
