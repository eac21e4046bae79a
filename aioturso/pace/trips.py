"""Round trips: how long the way takes when it is free, and how much later answers come. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from attrs import define, field

# Within LATE times the mean lateness nearly all sends arrive
LATE = 2.0
# Round trips: what older ones add to the means is less than the precision of a float
LAST = 300


@define
class Trips:
    """Mutable. `add`: notes the seconds from a send to its answer; `_new`: the latest ones, which no mean has yet."""

    _shortest: float = 0.0
    _late: float = 0.0
    _new: deque[float] = field(factory=partial(deque, maxlen=LAST), init=False)
    # Only noted, and read when it is needed: each call of a fast run comes here.
    add: Callable[[float], None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.add = self._new.append

    def _read(self) -> None:
        shortest, late = self._shortest, self._late
        for trip in self._new:
            fastest = trip <= shortest or not shortest
            shortest = trip if fastest else shortest + (trip - shortest) / 8
            late += (trip - shortest - late) / 8
        self._shortest, self._late = shortest, late
        self._new.clear()

    @property
    def shortest(self) -> float:
        """The seconds of a free way, 0 before one is known."""
        self._read()
        return self._shortest

    @property
    def late(self) -> float:
        """The mean of the seconds that others take longer."""
        self._read()
        return self._late

    @property
    def most_late(self) -> float:
        """The seconds within which nearly all sends arrive, beyond the shortest way."""
        return LATE * self.late

    @property
    def round(self) -> float:
        """The seconds after which nearly all answers are there."""
        return self.shortest + self.most_late
