"""The progress of a run, and its pace."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Progress:
    """Holds the progress of a run: `done` of `total` outcomes, those of skipped ones included. `elapsed` is in seconds.

    `concurrency`: sends that may be out at once, at this moment; `pace`: sends per second that the server is believed
    to accept (infinite while it has not objected); `pausing`: seconds until the next send, because the server requires
    a pause; `refused`: how many sends it has refused.
    """

    done: int
    total: int
    elapsed: float
    concurrency: int
    pace: float = float("inf")
    pausing: float = 0.0
    refused: int = 0

    @property
    def rate(self) -> float:
        """Outcomes per second, so far."""
        return self.done / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds to the end at the rate so far; None while nothing is done."""
        return (self.total - self.done) / self.rate if self.rate else None
