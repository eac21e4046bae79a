"""Hold: how long the believed rate is held, and the higher pace that is tested after it. Pure."""

from __future__ import annotations

from math import inf, log2

from attrs import define

from .bucket import DOUBTFUL, Bucket

# The share of the believed rate that is held: an estimate errs by about a hundredth
KEEP = 0.99
# Seconds in which a tested pace doubles: faster, and few sends show the rate
RISE, RISE_FIRST = 0.5, 0.25
# Sends per second: below it, each of the few sends in the shorter time is much faster than the one before
STEEP = 20.0
# The share of the time that tests of a higher pace may cost: most refusals are left for the start and for changes
SHARE = 0.015
# A test stays at NEAR times the pace that was refused last, for LEVEL seconds: by then a bucket of the believed rate has
# used up a burst below DOUBTFUL
NEAR, LEVEL = 0.9, 1.0
# The calm before a test lasts LEAST times the cost of the last refusal, or GAP times the age of the estimate, if that is
# longer: a run has few tests, and late ones
LEAST, GAP = 4.0, 3.2
# At most LONGEST times the cost, where nothing is saved up: a test gains little there, but a rise must be found
LONGEST = 20.0
# The same where only the refused call waits: the wait is lost only if it comes last, and a rise is found sooner
LEAST_ALONE, GAP_ALONE = 2.0, 0.6


@define
class Hold:
    """Mutable. `until`: at this time the hold of the bucket's rate ends, and a test of a higher pace begins.

    `cost`: the seconds that the last refusal, and those that belong to it, have cost; `alone`: only the refused calls
    waited. `tested`: it met a test; `reached`: the pace of the last test that was refused.
    """

    bucket: Bucket
    until: float = inf
    cost: float = 0.0
    alone: bool = False
    tested: bool = False
    reached: float = 0.0

    def pace(self, now: float, idle: float) -> float:
        """Returns the sends per second; `idle`: the seconds of the test in which a send was due and none came."""
        rise = self.rise
        base, rising = self.bucket.rate * KEEP, max(0.0, now - self.until - idle)
        if 1 < self.bucket.burst < DOUBTFUL and base < NEAR * self.reached:
            level = rise * log2(NEAR * self.reached / base)
            if rising > level:
                rising = max(level, rising - LEVEL)
        slow = min(rising, RISE * log2(max(1.0, STEEP / base)))
        return base * 2 ** min(slow / RISE + (rising - slow) / rise, 20)

    @property
    def rise(self) -> float:
        """The seconds in which a tested pace doubles."""
        return RISE_FIRST if self.bucket.known_at is None else RISE

    def begin(self, now: float, opens: float, tight: bool, worth: float) -> None:
        """Holds the rate until a test of a higher one costs a small share of all time.

        `opens`: the time of the next send; `tight`: the server saves nothing up; `worth`: a test is worth its cost only
        after `worth` times that cost.
        """
        rest = self.until if tight else now
        self.until = opens
        if self.bucket.known_at is not None:
            age = now - self.bucket.known_at
            least, gap = (LEAST_ALONE, GAP_ALONE) if self.alone else (LEAST, GAP)
            least = max(least, min(worth, LONGEST))
            self.until += min(self.cost / SHARE, max(least * self.cost, gap * age if self.tested else 0.0))
            self.until = max(self.until, rest)
