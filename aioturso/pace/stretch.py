"""Evidence: the meaning of one refusal for a token bucket. Pure arithmetic on the sends since the refusal before.

A token bucket holds at most `burst` tokens and gains `rate` of them per second; each accepted send takes one, and a
refused send found less than one. So from any moment whose tokens are known or bounded,

    accepted sends <= tokens then + rate * seconds          up to the last send that was accepted, and
    accepted sends + 1 > tokens then + rate * seconds       up to the refused one, from at least one such moment.

At a refusal the bucket is empty, and at any other moment it holds at most `burst`. Each moment gives a bound for the rate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from math import inf
from typing import NamedTuple

from attrs import define, field

# Seconds per send where nothing was accepted in between; less than before the first moment
LONG = 1e300


@define(order=True)
class Send:
    """One send: its number among all, and its time. Never changed; frozen, or as a named tuple, it takes twice as long."""

    number: int
    at: float


class Moment(NamedTuple):
    """A time, and how many sends of a stretch had been accepted before it."""

    accepted: int
    at: float


@define
class Stretch:
    """Mutable: the sends from one refusal to the next, the first of which has the number `first`.

    `empty`: when the bucket had nothing left (None: it was full at the start). `confirmed`: answers of success.
    `hull`: moments (a number and a time) after which the sends came faster than before, each with the seconds per send
    since the one before it: the lower convex hull of the number of sends over time. No other moment can give the tightest
    bound. `recent`: times of the latest sends.
    """

    first: int
    empty: Moment | None = None
    confirmed: int = 0
    refused: int = 0
    hull: list[tuple[int, float, float]] = field(factory=list)
    recent: deque[float] = field(factory=lambda: deque(maxlen=64))

    def accepted(self, send: Send) -> int:
        """Sends accepted before this one, as far as is known."""
        return send.number - self.first - self.refused

    def sent(self, send: Send) -> None:
        """Notes a send."""
        number, at = send.number, send.at
        number -= self.first + self.refused
        hull, apart = self.hull, inf
        while hull:
            n, start, before = hull[-1]
            apart = (at - start) / (number - n) if number > n else LONG
            if apart < before:
                break
            hull.pop()  # it is on or above the line from the one before to this send
        hull.append((number, at, apart))
        self.recent.append(at)

    def refuse(self, send: Send, *, empties: bool) -> None:
        """Notes that one of its sends was refused.

        `empties`: that was so soon after the beginning of the stretch that the bucket was still empty.
        """
        moments = [_without(send, n, at) for n, at, _ in self.hull]
        apart = [inf, *((b - a) / (m - n) if m > n else LONG for (n, a), (m, b) in pairwise(moments))]
        self.hull = [(*moment, apart[place]) for place, moment in enumerate(moments)]
        if self.empty is not None:
            later = empties and send.at >= self.empty.at
            self.empty = (
                Moment(self.accepted(send), send.at) if later else Moment(*_without(send, *self.empty))
            )
        self.refused += 1

    def depth(self, rate: float, refusals: list[Send]) -> float:
        """Returns the least burst with which a bucket of this rate accepts what this stretch did until these refusals."""
        ends = [Moment(self.accepted(send) - n, send.at) for n, send in enumerate(sorted(refusals))]
        return max(
            end.accepted - n - rate * (end.at - at) for end in ends for n, at, _ in self.hull if at <= end.at
        )

    def together(self, send: Send, idle: float) -> int:
        """Sends before this one, back to the last time in which nothing was sent for `idle` seconds."""
        times = [at for at in self.recent if at <= send.at]
        breaks = (n for n, (later, at) in enumerate(pairwise(reversed(times))) if later - at >= idle)
        return next(breaks, len(times) - 1 if times else self.accepted(send))

    def behind(self, send: Send, late: float) -> int:
        """Sends made so soon after this one that they may have arrived before it."""
        return sum(send.at < at <= send.at + late for at in self.recent)

    @property
    def began(self) -> float:
        """The time of its first send."""
        return self.hull[0][1]

    def lasted(self, send: Send) -> float:
        """Returns the seconds from the moment when the bucket was empty to this send."""
        return send.at - (self.empty.at if self.empty else self.began)

    def bounds(self, send: Send, burst: float, late: float = 0.0, doubt: float = 0.0) -> tuple[float, float]:
        """Returns the lowest and the highest rate with which this send is refused, and those before it are accepted.

        A send may arrive `late` seconds late; the burst is known to `doubt` tokens.
        """
        low, high = 0.0, 0.0
        behind = self.behind(send, late)
        earlier = [at for at in self.recent if at <= send.at]
        last = earlier[-2] if len(earlier) > 1 else send.at
        for least, most, at in self._gains(send, burst):
            if most + doubt + behind > 0:
                apart = send.at - at - late
                high = max(high, (most + doubt + behind) / apart if apart > 0 else inf)
            if last > at:
                low = max(low, (least - doubt) / (last - at + late))
        return (min(low, high), max(low, high)) if high else (low, inf)

    def _gains(self, send: Send, burst: float) -> Iterator[tuple[float, float, float]]:
        """Yields for each moment the tokens that have come in since, at least and at most, if it can give a bound; and its time."""
        accepted = self.accepted(send)
        if self.empty is not None:
            since = accepted - self.empty.accepted
            yield since - 1, since + 1, self.empty.at
        for n, at, _ in self.hull:
            if n < accepted:
                yield accepted - n - burst, accepted - n - burst + 1, at


def _without(send: Send, accepted: int, at: float) -> tuple[int, float]:
    """Returns a moment that no longer counts this send, which was refused, as accepted before it."""
    return accepted - (at > send.at), at
