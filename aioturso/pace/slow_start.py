"""Slow start: a fixed window that has just opened is filled twice as fast with each round trip. Pure."""

from __future__ import annotations

from attrs import define

# Sends that each success earns: one in its own place, and one more
EARNED = 2


@define
class SlowStart:
    """Mutable. `room`: the sends of the fixed window that are not earned yet; `due`: earned ones, which are due at once."""

    room: float = 0.0
    due: int = 0

    def open(self, room: float) -> None:
        """Begins to fill this room; 0 where no window has opened."""
        self.room = room

    def end(self) -> None:
        """Takes back all that is not sent."""
        self.room, self.due = 0.0, 0

    def accepted(self) -> bool:
        """Earns further sends for a success; False where no room is left."""
        if self.room <= 0:
            return False
        self.room -= EARNED
        self.due += EARNED
        return True
