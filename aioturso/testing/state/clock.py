"""The fake's clock: the time of day, moved as far as a test wants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from attrs import define


@define
class Clock:
    """Returns the current time plus `moved`. `fake.clock.move(timedelta(days=6))` makes six days pass at once."""

    moved: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def move(self, by: timedelta) -> None:
        """Moves the clock forward, or back with a negative duration."""
        if not isinstance(by, timedelta):
            raise TypeError(f"the clock moves by a timedelta, not by {by!r}")
        self.moved += by
