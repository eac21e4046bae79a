"""The pulse of a pool's deletes: finds what makes uncertain what they hit, a machine that slept or another token."""

from __future__ import annotations

import time

from attrs import define

_GAP = 70.0  # seconds: more than the minute that a server may require, in which nothing is sent


class Overdue(Exception):
    """A delete was about to be sent after a gap: its evidence may be hours old, or listed for another user."""


@define(eq=False)
class Pulse:
    """Mutable: when a guarded delete last began or was sent, and how many gaps there were; another token is one too.

    By the clock of the system, as the monotonic one may stand still while a machine sleeps; one that jumps costs a look.
    """

    at: float = 0.0
    gaps: int = 0
    tokens: int = 0

    def rotated(self) -> None:
        """Notes that another token has come, which may be another user's."""
        self.tokens += 1
        self.gaps += 1

    def beat(self) -> int:
        """Notes that a delete begins or is sent, and returns the number of gaps so far."""
        now = time.time()
        if abs(now - self.at) > _GAP:
            self.gaps += 1
        self.at = now
        return self.gaps
