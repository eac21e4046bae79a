"""Evidence where the server saves nothing up: how far apart two sends must arrive. Pure.

Such a server has one token at most, so an accepted send leaves none. The next one is accepted if it arrives an
interval (1 / rate) after it or later, and refused if it arrives sooner. An answer that comes later than it can shows
how late its send may have arrived:

    two accepted sends               rate >= 1 / (seconds between them + how late the second may be)
    an accepted and a refused one    rate <  1 / (seconds between them - how late the first may be)
"""

from __future__ import annotations

from math import inf

from attrs import define, field

from .stretch import Send

# Highest by lowest rate: then the rate is known, or has changed if the lowest one is higher
SURE = 1.2


@define
class Gaps:
    """Mutable: the bounds of the rate. What contradicts the other bound is newer, and replaces it.

    `last`: the last accepted send, and how `late` it may have arrived. `torn`: the last refusal contradicts by far what
    was accepted before, so the rate has changed, or the server saves something up.
    """

    low: float = 0.0
    high: float = inf
    last: Send = field(default=Send(-1, -inf))
    late: float = 0.0
    torn: bool = False
    _refused: int = 0

    @property
    def worth(self) -> float:
        """The calm before a test, as a multiple of a refusal's cost: a test gains a third of the way between the bounds."""
        return 3 * self.low / (self.high - self.low) if self.low < self.high else 0.0

    def accepted(self, send: Send, late: float) -> None:
        """Notes a success; its answer came `late` seconds later than the fastest ones."""
        if send.number < self.last.number:
            return
        self.low = max(self.low, 1 / max(1e-9, send.at - self.last.at + late))
        if self.low > self.high:
            self.high = inf
        self.last, self.late, self._refused = send, late, 0

    def refused(self, send: Send) -> None:
        """Notes a refusal; it proves nothing unless all sends before it have been answered."""
        later = send.number - self.last.number
        if later < 0:
            return
        self._refused += 1
        self.torn = False
        apart = send.at - self.last.at - self.late
        if not 0 < apart < inf or later > self._refused:
            return
        self.high = min(self.high, 1 / apart)
        self.torn = self.high * SURE < self.low
        if self.high < self.low:
            self.low = 0.0
