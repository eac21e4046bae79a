"""Schedule: when the next send is due, from what is believed of the server and the pauses that it requires. Pure."""

from __future__ import annotations

from math import inf
from typing import Protocol

from attrs import Factory, define, field

from .bucket import FEW, PAUSE_OF_WINDOW, TIGHT, Bucket, Heard
from .gaps import Gaps
from .hold import Hold
from .lenience import Lenience
from .opening import Opening
from .silence import Silence
from .slow_start import SlowStart
from .stretch import Moment, Send, Stretch
from .trips import Trips

# Seconds: timers are not more exact, and sends due within it are sent at once
TICK = 1e-3
# The wait for late sends, as a share of the time between sends, at most: more costs more than refusals without a pause
SPARE = 0.3
# Sends on the way: with more of them the answers come too late to show how far apart the sends arrive
CROWD = 3
# A server that has accepted nothing for longer than DRY sends take, and longer than SHUT seconds, is a fixed window that
# had closed: few rates fall to a twelfth, and a shorter window can be treated as a bucket
DRY, SHUT = 12, 1.0
# Shares of what was accepted before a silence, and of a window: so few accepted after a refusal were on the way
FEW_OF, FEW_OF_WINDOW = 1 / 50, 1 / 4


class Rate(Protocol):
    """Decides when the next send is due. Times are in seconds, of one clock."""

    def wait(self, now: float, attempts: int) -> float:
        """Returns the seconds until the next send is due; `attempts`: how often its call was sent before."""
        ...

    def sent(self, now: float) -> object:
        """Counts a send."""
        ...


@define
class Fixed:
    """Mutable: `per_second` sends in each second, evenly spaced."""

    per_second: float
    _next: float = -inf

    def wait(self, now: float, attempts: int) -> float:
        """Returns the seconds until the next send is due."""
        return max(0.0, self._next - now)

    def sent(self, now: float) -> None:
        """Counts a send."""
        self._next = max(self._next, now - TICK) + 1 / self.per_second


@define
class Learned:
    """Mutable. Holds the believed rate, and tests a higher one now and then; waits while the server requires it.

    - `open_at`: nothing is sent before; `required`: the end of the pause that the server requires
    - `_count`: the sends so far; `_last`: the time of the last one; `_stretch`: those since the last refusal
    - `_objected_at`: when the last objection came; `_costly`: its pause is one of all sends
    - `_next`: when the next send is due, unless the slow start has one
    """

    bucket: Bucket = field(factory=Bucket)
    open_at: float = -inf
    required: float = -inf
    accepted_at: float = -inf
    silence: Silence = field(factory=Silence)
    lenience: Lenience = field(factory=Lenience)
    hold: Hold = field(default=Factory(lambda self: Hold(self.bucket), takes_self=True))
    _trips: Trips = field(factory=Trips)
    _gaps: Gaps = field(factory=Gaps)
    _stretch: Stretch = field(factory=lambda: Stretch(0))
    _count: int = 0
    _last: float = -inf
    _next: float = -inf
    _objected_at: float = -inf
    _costly: bool = False
    _opening: Opening = field(factory=Opening)
    _slow_start: SlowStart = field(factory=SlowStart)

    def pace(self, now: float) -> float:
        """Returns the sends per second, at this moment."""
        return self.hold.pace(now, self._idle(now))

    def wait(self, now: float, attempts: int) -> float:
        """Returns the seconds until the next send is due."""
        at = self.open_at if self._slow_start.due else max(self.open_at, self._next)
        if attempts > 1 and self.bucket.rate < inf:
            # One that was refused twice comes when the server has more room for it.
            at += self.silence.step if self.silence.on else 1 / self.pace(now)
        return at - now if at - now > (0.0 if self._tight else TICK) else 0.0

    def sent(self, now: float) -> Send:
        """Counts a send."""
        number = self._count
        if number < FEW:
            self._begin(now)
        self._count = number + 1
        send = Send(number, now)
        self._stretch.sent(send)
        if self._slow_start.due:
            self._slow_start.due -= 1
        elif self.bucket.rate < inf:
            self._space(now)
        self._last = now
        if self.silence.on:
            self._probe(now)
        return send

    def _begin(self, now: float) -> None:
        """Forgets calls made one by one at the start: lists may have another limit, and take another time.

        A server that accepts nothing is silent since the very first send.
        """
        if not self._count:
            self.accepted_at = max(self.accepted_at, now)
        if self.bucket.rate == inf and self._stretch.confirmed == self._count - self._stretch.first:
            self._stretch, self._trips = Stretch(self._count), Trips()

    def is_last(self, send: Send) -> bool:
        """True as long as nothing was sent after it."""
        return send.number == self._count - 1

    def is_news(self, send: Send) -> bool:
        """True for a send after the last objection was heard."""
        return send.at > self._objected_at

    def _space(self, now: float) -> None:
        """Lets the next send wait, but not for what the server has saved up by then."""
        self.hold.until += self._idle(now)
        interval, bucket = self._interval(now), self.bucket
        reserve = bucket.burst / 10
        if self._costly:
            reserve = max(reserve, 0.5 + bucket.rate * self._trips.most_late)
        saved = max(0.0, bucket.burst - 1 - reserve) if not bucket.fixed_window else 0.0
        self._next = max(self._next, now - saved * interval) + interval

    def _idle(self, now: float) -> float:
        """Returns for how long a send has been due and none has come: no pace is tested by that, nor by a long interval."""
        since = max(self._last, self.hold.until)
        return max(0.0, now - max(since, min(self._next, since + self.hold.rise)))

    @property
    def _tight(self) -> bool:
        return self.bucket.burst < TIGHT and self.bucket.known_at is not None

    def _interval(self, now: float) -> float:
        interval = self._gap(now, now)
        if not self._tight:
            return interval
        # The answer is there before the next send: until it shows how late the last one was, that one may be late.
        late = interval if self._trips.shortest < interval else self._trips.late
        return interval + self._margin(late, interval)

    def _gap(self, at: float, now: float) -> float:
        """Returns the seconds from a send at this time to the next one, as they are now."""
        # Not longer than until a pace that is tested has doubled: the one after it must not come with a leap.
        return min(1 / self.pace(now), max(0.0, self.hold.until - at) + self.hold.rise)

    def _margin(self, late: float, interval: float) -> float:
        """Returns how much longer to wait for a send that may arrive so late."""
        return late if self._costly else min(late / 2, SPARE * interval)

    def accepted(self, send: Send, now: float) -> bool:
        """Counts a success; returns whether the next send is due sooner for it."""
        # Each call of a fast run comes here, and `max` costs more than a branch.
        number, at = send.number, send.at
        before, stretch = self.accepted_at, self._stretch
        if at > before:
            self.accepted_at = at
        stretch.confirmed += number >= stretch.first
        if self.bucket.rate == inf and not self.silence.on:
            # No limit is known: nothing below applies.
            self._trips.add(now - at)
            return False
        late = max(0.0, now - at - self._trips.shortest)
        self._gaps.accepted(send, late)
        sooner = self._tight and self.is_last(send) and self._respace(send, late, now)
        self._trips.add(now - at)
        if self.lenience.since < inf:
            self.lenience.accepted(at, max(self._trips.most_late, self._trips.shortest / 4))
        if number >= stretch.first:
            if self.bucket.fixed_window:
                self.bucket.refute(stretch.confirmed, stretch.lasted(send), refused=False)
                self.hold.until = self.hold.until if self.bucket.fixed_window else now  # searches at once
            if self.silence.on:
                self._wake(send, before, now)
                sooner = True
        if not self._slow_start.accepted():
            return sooner
        self.hold.until = max(self.hold.until, now)
        return True

    def _respace(self, last: Send, late: float, now: float) -> bool:
        """Times the next send by how late the last accepted one arrived at most; True if it is due sooner."""
        before, interval = self._next, self._gap(last.at, max(now, self.open_at))
        self._next = last.at + interval + self._margin(late, interval)
        return self._next < before

    def _wake(self, send: Send, before: float, now: float) -> None:
        # Without the wait for a probe, but not without a pause: a later send may have met it.
        self.silence.on, self.open_at, self.hold.until = False, self.required, max(now, self.hold.until)
        bucket, shut = self.bucket, send.at - before
        # What saves nothing up is no window: another client had what came in.
        if bucket.room >= FEW and not self._tight and shut > max(SHUT, DRY / bucket.rate):
            bucket.reopen(shut)
            self._slow_start.open(bucket.burst)
        else:
            # The probe has found one token: the server has saved nothing up.
            self._next = max(self._next, now + self._interval(now))

    def _probe(self, now: float) -> None:
        """Lets the next probe of a silent server wait."""
        wait = self.silence.probed(now - self.accepted_at, self._trips.round, self.bucket)
        self.open_at = max(self.open_at, now + wait)

    def objected(self, send: Send, now: float, pause: float, limited: bool) -> bool:
        """Counts a 429 (`limited`), 503 or timeout, with the pause that the server requires; True if it is news.

        An objection to what was out when the one before was heard is part of that one.
        """
        new, silent = self.is_news(send), self.accepted_at <= self._objected_at
        if limited:
            self._gaps.refused(send)
        if new:
            self.lenience.renewed(self.silence.on)
        for_all = pause > 0 and not (
            limited and self.lenience.seen and pause < PAUSE_OF_WINDOW and not self.bucket.fixed_window
        )
        if for_all:
            self.required = max(self.required, now + pause)
            self.open_at = max(self.open_at, now + pause)
        if limited and pause:
            self.lenience.required(send.at, pause)
        # An objection before the first limit was none, and has taught nothing.
        ends = limited and (self.bucket.first is None or (new and self._has_more(send, silent)))
        if new:
            self._news(now, silent)
        if ends:
            self.hold.alone, self._costly = pause > 0 and not for_all, for_all
            self._close(send, now, pause)
        elif limited and not new:
            self._late_refusal(send, now, pause)
        elif send.number >= self._stretch.first:
            self._stretch.refuse(send, empties=False)
            if limited and not self._opening.over:
                self.bucket.refusals.append(send)
        return new

    def _news(self, now: float, silent: bool) -> None:
        self._objected_at = now
        self._slow_start.end()
        if silent and not self.silence.on:
            self.silence.on = True
            self._probe(now)

    def _has_more(self, send: Send, silent: bool) -> bool:
        """True if more was accepted since the last refusal than what was on the way then."""
        least = 0.0
        if self.bucket.fixed_window:
            least = FEW_OF_WINDOW * self.bucket.burst
        elif silent and self.bucket.known_at is None:
            least = FEW_OF * self.bucket.room
        return self._stretch.confirmed > 0 and self._stretch.accepted(send) > least

    def _late_refusal(self, send: Send, now: float, pause: float) -> None:
        """Counts a refusal that belongs to the objection before."""
        bucket = self.bucket
        if send.number >= self._stretch.first:
            self._stretch.refuse(send, empties=True)
        elif bucket.fixed_window:
            bucket.burst -= 1
        if not self._opening.over:
            self._opening.joined(now - send.at)
            self._guess(send, pause)
        self.hold.cost += 1 / bucket.rate
        self._hold_anew(now)

    def _guess(self, send: Send, pause: float) -> None:
        self.bucket.guess(send, self._opening.took + pause, pause >= PAUSE_OF_WINDOW)
        self._slow_start.open(self.bucket.burst if self.bucket.fixed_window else 0.0)

    def _close(self, send: Send, now: float, pause: float) -> None:
        """Learns from the stretch that ends here, with an empty bucket, and begins the next."""
        bucket, stretch, hold = self.bucket, self._stretch, self.hold
        hold.tested = send.at >= hold.until
        hold.reached = self.pace(send.at) if hold.tested else hold.reached
        self._stretch = Stretch(send.number + 1, Moment(0, send.at))
        if bucket.first is None:
            bucket.first = stretch
            self._opening.refused(now - send.at)
            self.open_at = max(self.open_at, now + self._opening.took)
            self._guess(send, pause)
        else:
            self._opening.over = True
            spread = self._opening.spread(self._trips.round)
            gaps = self._gaps if self._trips.shortest * bucket.rate < CROWD else None
            heard = Heard(
                self.pace(send.at), self._trips.most_late, spread, self._costly, not hold.tested, gaps
            )
            bucket.learn(stretch, send, heard)
            if bucket.known_at == send.at:
                hold.until = -inf  # of another rate
            self._slow_start.open(bucket.burst if bucket.fixed_window and pause else 0.0)
        hold.cost = pause + 1 / bucket.rate
        self._hold_anew(now)
        if self._tight and self.is_last(send):
            self._respace(self._gaps.last, self._gaps.late, now)
        else:
            self._next = (self._last if bucket.burst < TIGHT else now) + self._interval(now)

    def _hold_anew(self, now: float) -> None:
        worth = self._gaps.worth if self._tight and self._costly else 0.0
        self.hold.begin(now, max(now, self.open_at), self._tight, worth)
