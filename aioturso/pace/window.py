"""Window: the number of sends that may be out at once. Pure."""

from __future__ import annotations

from math import inf

from attrs import define, field

# Sends that are out together before anything is known: all a slow server can be made to refuse at once
START = 8
# Sends accepted before one more is tried: if that one is refused, the price is one in forty
CALM = 40
# Where an objection costs a pause, one more is not tried before REST times the pause, and GAP times the age of what is
# known
REST, GAP = 4.0, 2.0
# What stays after an objection that the size does not explain: an overload has no sharp edge
BACK = 0.85


@define
class Window:
    """Mutable. It doubles in each round trip until the first 503 or timeout, and then tries one more at a time.

    - `limited`: the server has objected; `released`: it was found that the server limits something else
    - `_since`: when it objected first; `_rest`: it does not grow before
    - `_calm`: sends accepted since it last changed; `_step`: the sends by which it grows next
    - `_least`: all objections that belong to one do not shrink it below
    """

    most: int
    size: int = field(init=False)
    limited: bool = False
    released: bool = False
    _since: float = inf
    _rest: float = -inf
    _calm: int = 0
    _step: int = 1
    _least: int = 1

    def __attrs_post_init__(self) -> None:
        self.size = min(START, self.most)

    def accepted(self, now: float) -> None:
        """Grows: by one for each success at first, later by one, two, four after a full round of successes."""
        if self.size >= self.most or now < self._rest:
            return
        if not self.limited:
            self.size += 1
            return
        self._calm += 1
        if self._calm >= max(CALM if self._step == 1 else 0, self.size):
            self.size = min(self.most, self.size + self._step)
            self._calm, self._step = 0, 2 * self._step

    def objected(self, out: int, new: bool, now: float, pause: float) -> None:
        """Shrinks to the `out` that were out when the refused one was sent; else, for a new objection, by a share."""
        self._since = min(self._since, now)
        if pause:
            self._rest = max(self._rest, now + max(REST * pause, GAP * (now - self._since)))
        if new:
            self._least = int(BACK * self.size) if self.limited else 1
        if out < self.size:
            self.size = max(1, out, self._least)
        elif new:
            self.size = max(1, int(BACK * self.size))
        self.limited, self._calm, self._step = True, 0, 1

    def release(self) -> None:
        """Grows as at first."""
        self.limited, self.released, self._rest = False, True, -inf

    def allow(self, size: int) -> None:
        """Starts with this size, unless the server has objected before."""
        if not self.limited:
            self.size = min(self.most, max(self.size, size))
