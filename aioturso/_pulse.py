"""The pulse of the deletes of a pool: finds that a machine slept, or a process was stopped, while calls waited."""

from __future__ import annotations

import time

from attrs import define

_GAP = 70.0  # seconds: more than the minute that a server may require, in which nothing is sent


class Overdue(Exception):
    """A delete was about to be sent after a gap: what it was decided on may be hours old."""


@define(eq=False)
class Pulse:
    """Mutable: when a guarded delete last began or was sent, and how many gaps there were.

    By the clock of the system, as the monotonic one may stand still while a machine sleeps; one that jumps costs a look.
    """

    at: float = 0.0
    gaps: int = 0

    def beat(self) -> int:
        """Notes that a delete begins or is sent, and returns the number of gaps so far."""
        now = time.time()
        if abs(now - self.at) > _GAP:
            self.gaps += 1
        self.at = now
        return self.gaps
