"""Belief: the token bucket that explains what the server has accepted and refused. Pure."""

from __future__ import annotations

from collections import deque
from math import inf, sqrt

from attrs import define, field

from .stretch import Send, Stretch

SLOW = 10.0  # sends per second: where the search begins at the lowest, as a slower start costs more than a refusal
FEW = 20  # accepted sends that tell a rate to about a twentieth
WINDOW = 2.0  # seconds of Retry-After: no bucket of more than one token per second needs so long for the next one
TIGHT = 2.0  # tokens: a smaller burst cannot make up for a send that arrives early
SURE = 1.2
SLOWEST = 0.01
STEP = 0.02
FALL = 0.85  # of the rate before: more than an error of the estimate


@define
class Bucket:
    """Mutable. `rate` is infinite until the first refusal. `known_at`: when the rate became known, or last fell.

    `window`: the tokens come all at once, at regular times. `room`: sends accepted from one refusal to the next.
    """

    rate: float = inf
    burst: float = 1.0
    window: bool = False
    room: int = 0
    known_at: float | None = None
    _first: Stretch | None = None
    _step: float = 0.0
    _refusals: list[Send] = field(factory=list)
    _past: deque[tuple[float, float]] = field(factory=lambda: deque(maxlen=16))

    def __str__(self) -> str:
        if self.rate == inf:
            return "no limit known"
        if self.window:
            return f"limit about {self.burst:.0f} in {self.burst / self.rate:.1f} s"
        burst = f" and {self.burst:.0f} at once" if self.known_at is not None else ""
        return f"limit about {self.rate:.1f}/s{burst}"

    def guess(self, first: Stretch, refusals: list[Send], idle: float, closed: bool) -> None:
        """From the first stretch: as if its burst were what the server gains while nothing is sent."""
        self._first, self._refusals = first, refusals
        end = max(refusals)
        self.room = end.index - first.first - len(refusals) + 1
        self.rate = max(SLOW, self.room / (end.at - first.hull[0].at + idle))
        if closed and self.rate > 1:
            self.window, self.burst = True, float(self.room)

    def reopen(self, seconds: float) -> None:
        """After a long silence there is room again, for the first time in `seconds`: a window, and no bucket."""
        self.window, self.burst, self.rate = True, float(self.room), self.room / seconds

    def learn(self, stretch: Stretch, send: Send, pace: float, late: float, careful: bool, surprised: bool) -> None:
        """Move the belief as far as the refusal of this send forces it; `careful`: too fast is worse than too slow."""
        self.room = stretch.accepted(send)
        taken = self.room + stretch.behind(send, late)
        if self.window:
            self.burst = float(self.room)
        elif self.known_at is None:
            self._solve(stretch, send, late)
            if careful:
                self.rate = 0.0
        elif taken + 1 <= self.burst < self.rate * stretch.lasted(send):
            # A full bucket was empty after fewer: how much of it is the rate's fault is not known.
            self.rate *= (taken + 1) / (self.burst + 1)
            self.burst = float(taken)
        before = self.rate
        low, high = stretch.bounds(send, self.burst, late, self._doubt)
        if not self.window and self.room > self.burst:
            high = max(low, min(high, pace))
        own = low
        self._past.append((low, high))
        low, high, changed = self._agreed()
        if changed and high < inf:
            self.rate = sqrt(max(low, high / 4) * high)
        inner = (high - low) / (8 if careful and self.known_at is None else 4) if high < inf else 0.0
        self.rate = max(SLOWEST, min(max(self.rate, low + inner), high - inner))
        self._step = min(0.3, 2 * self._step) if surprised else STEP
        if surprised and self.known_at is not None and not self.window:
            self.rate = max(own, min(self.rate, before * (1 - self._step)))
            if self.rate < low:
                self._past.clear()
        sure = careful or high < SURE * low or send.index - self._refusals[-1].index > 2 * FEW
        if (self.known_at is None and sure) or (self.known_at is not None and self.rate < FALL * before):
            self.known_at = send.at

    def _solve(self, stretch: Stretch, send: Send, late: float) -> None:
        """Rate and burst from two stretches: each rate gives the first one's burst, each burst the second one's rate."""
        assert self._first is not None
        for _ in range(6):  # the error shrinks by the ratio of their lengths
            burst = self._first.depth(self.rate, self._refusals) + 0.5
            self.burst = burst if burst >= TIGHT else 1.0
            self.rate = sum(stretch.bounds(send, self.burst, late, self._doubt)) / 2

    @property
    def _doubt(self) -> float:
        return 0.5 if self.burst >= TIGHT and not self.window else 0.0

    def _agreed(self) -> tuple[float, float, bool]:
        """The bounds that all recent refusals agree on; those before a change are forgotten (and True is returned)."""
        low, high = 0.0, inf
        for count, (least, most) in enumerate(reversed(self._past)):
            if least > high or most < low:
                for _ in range(len(self._past) - count):
                    self._past.popleft()
                return low, high, True
            low, high = max(low, least), min(high, most)
        return low, high, False
