"""Silence: a server accepts nothing, and gets single probes, until one of them is accepted. Pure."""

from __future__ import annotations

from attrs import define

from .bucket import Bucket

# The wait for the next probe, as a share of the silence so far: a longer one finds its end too late, a shorter one costs
PROBE = 0.35
# Shares of the time in which a window fills: EARLY of it before the first probe, and BETWEEN of it between two probes
EARLY, BETWEEN = 0.75, 0.08


@define
class Silence:
    """Mutable. `on`: the server accepts nothing at this time; `step`: the seconds between two probes."""

    on: bool = False
    step: float = 0.0

    def probed(self, gone: float, trip: float, bucket: Bucket) -> float:
        """Returns the seconds until the next probe is due, and notes the step.

        `gone`: the seconds since the last accepted send; `trip`: those after which nearly all answers are there.
        """
        self.step = max(2 * trip, PROBE * gone)
        if not bucket.fixed_window:
            return self.step
        full = bucket.burst / bucket.rate
        self.step = max(2 * trip, BETWEEN * full, PROBE * (gone - full))
        return max(self.step, EARLY * full - gone)
