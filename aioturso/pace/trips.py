"""Round trips: how long the way takes when it is free, and how much later answers come. Pure."""

from __future__ import annotations

from attrs import define

# Within so many times the mean lateness nearly all sends arrive
LATE = 2.0


@define
class Trips:
    """Mutable. `shortest`: the seconds of a free way, 0 before one is known; `late`: the mean of what others take longer."""

    shortest: float = 0.0
    late: float = 0.0

    def add(self, trip: float) -> None:
        """Notes the seconds from a send to its answer."""
        fastest = trip <= self.shortest or not self.shortest
        self.shortest = trip if fastest else self.shortest + (trip - self.shortest) / 8
        self.late += (trip - self.shortest - self.late) / 8

    @property
    def most_late(self) -> float:
        """The seconds within which nearly all sends arrive, beyond the shortest way."""
        return LATE * self.late

    @property
    def round(self) -> float:
        """The seconds after which nearly all answers are there."""
        return self.shortest + self.most_late
