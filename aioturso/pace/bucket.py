"""Belief: the token bucket that explains what the server has accepted and refused. Pure."""

from __future__ import annotations

from collections import deque
from math import inf, sqrt

from attrs import define, field, frozen

from .gaps import SURE, Gaps
from .stretch import Send, Stretch

# Sends per second: a search that begins lower takes longer than one more refusal
SLOW = 10.0
# Sends per second: a belief that can still be corrected
SLOWEST = 0.01
# Accepted sends: they show a rate to a twentieth
FEW = 20
# The search is over once the highest possible rate is below SURE_COSTLY times the lowest where each refusal costs a
# pause, and below SURE times the lowest elsewhere
SURE_COSTLY = 2.0
# A rate that is tried lies at least this part of the way from the lower bound, which is known to be accepted, to the higher
# one: a third, and an eighth where a refusal costs a pause
EDGE, EDGE_COSTLY = 3, 8
# Seconds: the clocks of some event loops are no finer, and an answer can have the time of its send
CLOCK = 1e-3
# Seconds of Retry-After: no bucket of more than one token per second needs so long for the next one
PAUSE_OF_WINDOW = 2.0
# Tokens: a smaller burst cannot make up for a send that arrives early
TIGHT = 2.0
# Tokens: whether so small a burst is one, or the rate is higher, shows when a test stays near the pace that was refused
DOUBTFUL = 5.0
# Shares by which an early refusal lowers the rate: STEP at least, more with each that follows soon, and STEPS at most
STEP, STEPS = 0.02, 0.3
# Bounds that come from the gaps between sends err by this share of the rate where they contradict each other
WRONG = 0.1
# The highest rate that is believed is at most LOW times the lowest one; a refusal lowers the rate by this factor at most
LOW = 4.0
# A rate below this share of the one before has fallen by more than an estimate errs: it is known anew
FALL = 0.85


@frozen
class Heard:
    """Holds the circumstances of a refusal.

    `pace`: that at which its call was sent; `late`: how many seconds late sends may arrive; `spread`: the same for the
    very first ones, while connections were opened. `costly`: it requires a pause of all sends; `early`: it came in a
    calm time, before a test. `gaps`: how far apart sends arrive; None where answers come too late to show that.
    """

    pace: float
    late: float
    spread: float
    costly: bool
    early: bool
    gaps: Gaps | None = None


@define
class Bucket:
    """Mutable. `rate` is infinite until the first refusal. `known_at`: when the rate became known, or last fell.

    `fixed_window`: the tokens come all at once, at regular times. `room`: sends accepted from one refusal to the next.
    """

    rate: float = inf
    burst: float = 1.0
    fixed_window: bool = False
    room: int = 0
    known_at: float | None = None
    first: Stretch | None = None
    refusals: list[Send] = field(factory=list)
    _step: float = STEP
    _past: deque[tuple[float, float]] = field(factory=lambda: deque(maxlen=16))

    def __str__(self) -> str:
        if self.rate == inf:
            return "no limit known"
        if self.fixed_window:
            return f"limit about {self.burst:.0f} in {self.burst / self.rate:.1f} s"
        burst = f" and {self.burst:.0f} at once" if self.known_at is not None else ""
        return f"limit about {self.rate:.1f}/s{burst}"

    def guess(self, refused: Send, idle: float, closed: bool) -> None:
        """Guesses the rate from the first stretch, as if its burst were what the server gains in `idle` seconds.

        `closed`: the server is believed to have a fixed window.
        """
        assert self.first is not None
        self.refusals.append(refused)
        end = max(self.refusals)
        self.room = self.first.accepted(end) - len(self.refusals) + 1
        self.rate = max(SLOW, self.room / max(CLOCK, end.at - self.first.began + idle))
        if closed:
            self.fixed_window, self.burst = True, float(self.room)

    def reopen(self, seconds: float) -> None:
        """Believes in a fixed window: after a long silence there is room again, for the first time in `seconds`."""
        self.fixed_window, self.burst, self.rate = True, float(self.room), self.room / seconds

    def refute(self, room: int, seconds: float, refused: bool) -> None:
        """Gives up a fixed window that has accepted twice as many as the one before, or half: then a bucket is searched for."""
        if room > 2 * (self.burst + self.rate * seconds) or (refused and room < self.burst / 2):
            self.fixed_window, self.known_at, self.burst = False, None, 1.0

    def learn(self, stretch: Stretch, send: Send, heard: Heard) -> None:
        """Moves the belief as far as the refusal of this send forces it."""
        self.room = stretch.accepted(send)
        if self.fixed_window:
            self.refute(self.room, stretch.lasted(send), refused=True)
        before, known = self.rate, self.known_at is not None
        if self._single and known and heard.early and not heard.gaps:
            self._lower(stretch, send, heard)
            return
        if self._single and heard.gaps and heard.gaps.torn:
            self.known_at = None  # it has changed, or saves something up
        self._fit(stretch, send, heard)
        if self._single and heard.gaps:
            self._between(send, heard.gaps, EDGE_COSTLY if heard.costly else EDGE)
            return
        low, high = stretch.bounds(send, self.burst, heard.late, self._doubt)
        if self.room > self.burst:  # which no window does
            high = max(low, min(high, heard.pace))  # below its rate a bucket does not run dry
        self._past.append((low, high))
        agreed = self._clamp(heard.costly and (not known or self.burst < TIGHT))
        self._step = min(STEPS, 2 * self._step) if heard.early and self.room < FEW else STEP
        if heard.early and known and not self.fixed_window:
            self.rate = max(low, min(self.rate, before * (1 - self._step)))
            if self.rate < agreed:
                self._past.clear()
        if self.rate < FALL * before or not known:
            sure = (
                high < (SURE_COSTLY if heard.costly else SURE) * low
                or send.number - self.refusals[-1].number > 2 * FEW
            )
            self.known_at = send.at if sure or known else None

    @property
    def _single(self) -> bool:
        return self.burst < TIGHT and not self.fixed_window

    def _lower(self, stretch: Stretch, send: Send, heard: Heard) -> None:
        """Lowers the rate, by little if more than one was accepted: a server that has become slower refuses each second."""
        before, self._step = self.rate, STEP if self.room > 1 else min(STEPS, 4 * self._step)
        most = stretch.bounds(send, self.burst, heard.late)[1]
        self.rate = max(SLOWEST, min(before * (1 - self._step), most))
        if self.rate < FALL * before:
            self.known_at = send.at

    def _between(self, send: Send, gaps: Gaps, edge: int) -> None:
        """Puts the rate a third of the way, or less, from what was accepted to what was refused.

        It falls to a quarter at most: another client may have taken the token.
        """
        if gaps.high == inf:
            self.rate = max(self.rate, gaps.low)
            return
        before, low = self.rate, gaps.low or (1 - WRONG) * gaps.high
        self.rate = max(SLOWEST, before / LOW, low + (gaps.high - low) / edge)
        if self.known_at is None or self.rate < FALL * before:
            self.known_at = send.at

    def _fit(self, stretch: Stretch, send: Send, heard: Heard) -> None:
        """Sets the burst of a fixed window, of a bucket that is not known yet, or of one that was empty too soon."""
        taken = self.room
        if self.burst < DOUBTFUL:
            taken = min(taken, stretch.together(send, self.burst / self.rate))
        taken += stretch.behind(send, heard.late)
        if self.fixed_window:
            self.burst = float(self.room)
        elif self.known_at is None:
            self._solve(stretch, send, heard)
        elif max(TIGHT, taken + 1) <= self.burst < self.rate * stretch.lasted(send):
            # Whose fault it is, the rate's or the burst's, is not known.
            self.rate *= (taken + 1) / (self.burst + 1)
            self.burst = max(1.0, float(taken))

    def _clamp(self, careful: bool) -> float:
        """Moves the rate into the bounds that recent refusals agree on, and returns the lower one."""
        low, high, changed = self._agreed()
        if high == inf:
            self.rate = max(self.rate, low)
            return low
        if changed:
            self.rate = sqrt(max(low, high / LOW) * high)
        low = max(low, high / LOW)  # few sends give a low bound of nothing
        edge = (high - low) / (EDGE_COSTLY if careful else EDGE)
        self.rate = low + edge if careful else min(max(self.rate, low + edge), high - edge)
        self.rate = max(self.rate, SLOWEST)
        return low

    def _solve(self, stretch: Stretch, send: Send, heard: Heard) -> None:
        """Finds rate and burst: a rate gives the first stretch's burst, and that burst the second stretch's rate."""
        assert self.first is not None
        most = 2 * self.rate  # or an error of the rate feeds upon itself
        for _ in range(6):  # the error shrinks by the ratio of their lengths
            together = min(self.rate, most) * heard.spread
            depth = self.first.depth(self.rate, self.refusals) - together
            self.burst = depth + 0.5 if depth + 0.25 >= TIGHT else 1.0
            low, high = stretch.bounds(send, self.burst, heard.late, self._doubt)
            self.rate = (low + high) / 2 if high < LOW * low else min(max(self.rate, low), high)

    @property
    def _doubt(self) -> float:
        return 0.5 if self.burst >= TIGHT and not self.fixed_window else 0.0

    def _agreed(self) -> tuple[float, float, bool]:
        """Returns the bounds that all recent refusals agree on, and whether those before a change were forgotten."""
        low, high = 0.0, inf
        for count, (least, most) in enumerate(reversed(self._past)):
            if least > high or most < low:
                for _ in range(len(self._past) - count):
                    self._past.popleft()
                return low, high, True
            low, high = max(low, least), min(high, most)
        return low, high, False
