"""What is believed of a server's limit."""

from itertools import pairwise
from math import inf, sqrt

import pytest
from attrs import define, field

from aioturso.pace.bucket import DOUBTFUL, FEW, STEP, STEPS, TIGHT, Bucket, Heard
from aioturso.pace.stretch import Moment, Send, Stretch


def window() -> Bucket:
    """A hundred in ten seconds."""
    return Bucket(rate=10.0, burst=100.0, fixed_window=True, room=100, known_at=0.0)


@pytest.mark.parametrize(
    ("room", "seconds", "refused"), [(100, 0.1, True), (50, 0.1, True), (202, 0.1, False), (150, 3.0, False)]
)
def test_a_window_is_believed_in_as_long_as_it_accepts_about_as_many_each_time(
    room: int, seconds: float, refused: bool
) -> None:
    bucket = window()
    bucket.refute(room, seconds, refused)
    assert bucket.fixed_window


@pytest.mark.parametrize(("room", "seconds", "refused"), [(40, 0.1, True), (210, 0.1, False)])
def test_a_window_that_accepts_half_or_twice_as_many_is_none(
    room: int, seconds: float, refused: bool
) -> None:
    bucket = window()
    bucket.refute(room, seconds, refused)
    assert (bucket.fixed_window, bucket.known_at, bucket.burst) == (False, None, 1.0)


@pytest.mark.parametrize(("room", "believed"), [(40, False), (60, True), (300, False)])
def test_a_refusal_refutes_a_window_too(room: int, believed: bool) -> None:
    bucket = window()
    bucket.first, bucket.refusals = searching().first, [Send(99, 0.0)]
    between(bucket, 4.0, 30.0, room=room, lasts=0.1)
    assert bucket.fixed_window is believed
    assert bucket.burst == room or not believed


# Of bounds that a stretch gives


@define
class Between(Stretch):
    """So many were accepted before a refusal, which proves these bounds of the rate."""

    low: float = 0.0
    high: float = inf
    doubts: list[float] = field(factory=list)

    def bounds(self, send: Send, burst: float, late: float = 0.0, doubt: float = 0.0) -> tuple[float, float]:
        self.doubts.append(doubt)
        return self.low, self.high


def between(
    bucket: Bucket,
    low: float,
    high: float,
    *,
    room: int = 50,
    pace: float = inf,
    costly: bool = False,
    early: bool = False,
    spread: float = 0.0,
    behind: int = 0,
    lasts: float = 10.0,
) -> Between:
    """A refusal after `lasts` seconds, at this pace; so many sends may have overtaken it."""
    stretch = Between(100, Moment(0, 0.0), low=low, high=high)
    for number in range(room + 1 + behind):
        stretch.sent(Send(100 + number, lasts * min(number, room) / max(room, 1) + 1e-3 * (number > room)))
    heard = Heard(pace=pace, late=0.01, spread=spread, costly=costly, early=early)
    bucket.learn(stretch, Send(100 + room, lasts), heard)
    return stretch


def full(rate: float = 100.0, burst: float = 20.0) -> Bucket:
    """One that saves something up, and is known."""
    return Bucket(rate=rate, burst=burst, known_at=0.0, refusals=[Send(99, 0.0)])


def searching(accepted: int = 20, rate: float = 50.0) -> Bucket:
    """So many were accepted at once at first, and the rate is not known yet."""
    first = Stretch(0)
    for number in range(accepted + 1):
        first.sent(Send(number, 0.0))
    return Bucket(rate=rate, first=first, refusals=[Send(accepted, 0.0)])


@pytest.mark.parametrize("costly", [False, True])
@pytest.mark.parametrize(
    ("low", "high", "rate"), [(90.0, 110.0, 100.0), (110.0, 140.0, 120.0), (60.0, 90.0, 80.0)]
)
@pytest.mark.parametrize("scale", [1.0, 0.001])
def test_a_refusal_moves_the_rate_no_further_than_its_bounds_demand(
    low: float, high: float, rate: float, scale: float, costly: bool
) -> None:
    bucket = full(100 * scale)
    between(bucket, low * scale, high * scale, costly=costly)
    assert bucket.rate == pytest.approx(rate * scale)


@pytest.mark.parametrize(("low", "high"), [(200.0, 240.0), (40.0, 48.0)])
def test_bounds_that_contradict_those_before_them_are_a_change_and_those_are_forgotten(
    low: float, high: float
) -> None:
    bucket = full()
    between(bucket, 90.0, 110.0)
    between(bucket, low, high)
    assert bucket.rate == pytest.approx(sqrt(low * high))
    narrower = low + 0.6 * (high - low)
    between(bucket, narrower, 1000.0)
    assert bucket.rate == pytest.approx(narrower + (high - narrower) / 3)


@pytest.mark.parametrize(
    ("room", "window", "rate"), [(21, False, 100.0), (20, False, 104.0), (50, True, 104.0)]
)
def test_a_bucket_that_ran_dry_at_a_pace_has_a_lower_rate_if_it_gave_more_than_its_burst(
    room: int, window: bool, rate: float
) -> None:
    bucket = full(104.0, burst=float(room) if window else 20.0)
    bucket.fixed_window = window
    between(bucket, 90.0, 130.0, room=room, pace=105.0, lasts=0.1)
    assert bucket.rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("costly", "known", "burst", "careful"),
    [
        (True, False, 20.0, True),
        (False, False, 20.0, False),
        (True, True, 1.0, True),
        (False, True, 1.0, False),
        (True, True, TIGHT, False),
    ],
)
def test_the_rate_stays_near_what_was_accepted_where_a_refusal_costs_a_pause_and_little_is_known_or_saved_up(
    costly: bool, known: bool, burst: float, careful: bool
) -> None:
    bucket = full(125.0, burst) if known else searching()
    between(bucket, 100.0, 150.0, costly=costly, lasts=0.01)
    assert 100 < bucket.rate <= (110 if careful else 125)
    assert careful or bucket.rate == 125


def test_early_refusals_with_few_accepted_sends_lower_the_rate_by_twice_as_much_each_time() -> None:
    bucket, rates = full(), [100.0]
    for early in (False, True, True, True):
        between(bucket, 0.0, inf, room=19, early=early, lasts=0.1)
        rates.append(bucket.rate)
    lowered = [1 - later / sooner for sooner, later in pairwise(rates)]
    assert lowered == [0, pytest.approx(2 * STEP), pytest.approx(4 * STEP), pytest.approx(8 * STEP)]
    between(bucket, 0.0, inf, room=20, early=True, lasts=0.1)
    assert bucket.rate == pytest.approx(rates[-1] * (1 - STEP))


@pytest.mark.parametrize("window", [False, True])
def test_an_early_refusal_of_a_window_or_in_a_search_lowers_nothing(window: bool) -> None:
    bucket = full(125.0) if window else searching()
    bucket.fixed_window, bucket.burst = window, 20.0
    between(bucket, 100.0, 150.0, room=20, early=True, lasts=0.1)
    assert bucket.rate == 125


def test_a_burst_of_two_is_one_that_saves_something_up() -> None:
    bucket = full(30.0, TIGHT)
    between(bucket, 0.0, inf, room=2, early=True, lasts=0.01)
    assert bucket.rate == pytest.approx(30 * (1 - 2 * STEP))


def test_an_early_refusal_down_to_what_all_agree_on_forgets_nothing() -> None:
    bucket = full(100.0)
    between(bucket, 90.0, 110.0)
    between(bucket, 99.0, 120.0, early=True)
    assert bucket.rate == 99.0
    between(bucket, 105.0, 300.0)
    assert 105 < bucket.rate < 110


def test_an_early_refusal_below_what_all_agree_on_forgets_it() -> None:
    bucket = full(100.0)
    between(bucket, 99.5, 110.0)
    between(bucket, 90.0, 120.0, room=10, early=True, lasts=0.1)
    assert 90 < bucket.rate < 99
    between(bucket, 90.0, 96.0)
    assert bucket.rate == 94.0


@pytest.mark.parametrize(
    ("low", "high", "costly", "sure"),
    [(100, 110, False, True), (100, 150, False, False), (100, 150, True, True), (100, 250, True, False)],
)
def test_a_rate_is_known_once_its_bounds_are_near_each_other_nearer_where_a_refusal_costs_nothing(
    low: float, high: float, costly: bool, sure: bool
) -> None:
    bucket = searching()
    bucket.refusals.append(Send(99, 0.0))
    between(bucket, low, high, costly=costly, room=30)
    assert (bucket.known_at == 10.0) is sure
    assert sure or bucket.known_at is None


@pytest.mark.parametrize(("room", "sure"), [(2 * FEW - 1, False), (2 * FEW, True)])
def test_a_rate_is_known_also_once_many_were_sent_since_the_first_refusals(room: int, sure: bool) -> None:
    bucket = searching()
    bucket.refusals.append(Send(99, 0.0))
    between(bucket, 100.0, 150.0, room=room)
    assert (bucket.known_at is not None) is sure


@pytest.mark.parametrize(("high", "known_at"), [(90.0, 10.0), (120.0, 0.0)])
def test_a_rate_that_falls_by_far_is_known_anew(high: float, known_at: float) -> None:
    bucket = full()
    between(bucket, 40.0, high)
    assert bucket.known_at == known_at


@pytest.mark.parametrize(
    ("burst", "window", "doubted"),
    [(1.0, False, False), (TIGHT, False, True), (20.0, False, True), (20.0, True, False)],
)
def test_the_burst_is_in_doubt_unless_nothing_is_saved_up_or_all_of_it_comes_at_once(
    burst: float, window: bool, doubted: bool
) -> None:
    bucket = full(burst=burst)
    bucket.fixed_window = window
    stretch = between(bucket, 90.0, 110.0, room=20, lasts=0.1)
    assert any(stretch.doubts) is doubted


# Of a burst


@pytest.mark.parametrize(
    ("room", "behind", "burst"), [(19, 0, 19.0), (21, 0, 20.0), (9, 0, 9.0), (0, 0, 1.0), (9, 11, 20.0)]
)
def test_a_bucket_that_is_empty_sooner_than_it_can_be_has_a_smaller_burst_and_rate(
    room: int, behind: int, burst: float
) -> None:
    bucket = full()
    between(bucket, 0.0, inf, room=room, behind=behind)
    assert bucket.burst == burst
    # of as many sends as were expected, the refused one included
    assert bucket.rate == pytest.approx(100 if burst == 20 else 100 * (room + 1) / 21)


def test_a_bucket_that_had_no_time_to_fill_keeps_its_burst() -> None:
    bucket = full()
    between(bucket, 0.0, inf, room=9, lasts=0.19)
    assert (bucket.rate, bucket.burst) == (100, 20)


@pytest.mark.parametrize(("burst", "found"), [(3.0, 1.0), (DOUBTFUL, DOUBTFUL)])
def test_a_small_burst_is_that_of_the_sends_since_the_last_pause_that_fills_it(
    burst: float, found: float
) -> None:
    bucket, stretch = full(10.0, burst), Between(100, Moment(0, 0.0))
    for number in range(12):
        stretch.sent(Send(100 + number, 0.1 * number if number < 10 else 3.0))
    heard = Heard(pace=inf, late=0.0, spread=0.0, costly=False, early=False)
    bucket.learn(stretch, Send(111, 3.0), heard)
    assert bucket.burst == found


@pytest.mark.parametrize(("accepted", "least", "most"), [(20, 20.0, 21.0), (2, 2.0, 3.0), (1, 1.0, 1.0)])
def test_the_first_burst_is_found_to_one_token(accepted: int, least: float, most: float) -> None:
    bucket = searching(accepted)
    between(bucket, 100.0, 101.0)
    assert least <= bucket.burst <= most


def test_first_sends_that_may_have_arrived_apart_show_a_smaller_burst() -> None:
    bucket = searching(20)
    between(bucket, 100.0, 101.0, spread=0.1)
    assert bucket.burst == pytest.approx(10.5, abs=0.1)


def test_a_first_guess_is_what_was_accepted_until_the_last_refusal_and_the_time_without_sends() -> None:
    first = Stretch(0)
    for number in range(32):
        first.sent(Send(number, 1000 + 0.001 * number))
    bucket = Bucket(first=first, refusals=[Send(31, 1000.031)])
    bucket.guess(Send(30, 1000.03), 0.019, closed=False)
    assert (bucket.room, bucket.fixed_window) == (30, False)
    assert bucket.rate == pytest.approx(30 / 0.05)
    bucket = Bucket(first=first)
    bucket.guess(Send(31, 1000.031), 5.0, closed=True)
    assert str(bucket) == "limit about 31 in 3.1 s"


def test_a_first_guess_of_sends_at_one_time_is_as_exact_as_clocks_are() -> None:
    first = Stretch(0)
    first.sent(Send(0, 5.0))
    bucket = Bucket(first=first)
    bucket.guess(Send(30, 5.0), 0.0, closed=False)
    assert 1000 < bucket.rate < inf


# Where nothing is saved up


def lowered(bucket: Bucket, *rooms: int) -> list[float]:
    """The shares by which early refusals after so many accepted sends lower the rate, without a look at gaps."""
    rates = [bucket.rate]
    for room in rooms:
        between(bucket, 0.0, inf, room=room, early=True)
        rates.append(bucket.rate)
    return [1 - later / sooner for sooner, later in pairwise(rates)]


def test_a_lone_refusal_lowers_a_rate_by_little_and_one_of_each_second_send_by_more_each_time() -> None:
    few, second, third, many = lowered(full(30.0, burst=1.0), 2, 1, 1, 2)
    assert [few, many] == pytest.approx([STEP, STEP])
    assert STEP < second < third == pytest.approx(STEPS)


@pytest.mark.parametrize(("rooms", "known_at"), [((1, 2), 0.0), ((1, 1), 10.0)])
def test_a_rate_that_is_lowered_by_far_at_once_is_known_anew(rooms: tuple[int, ...], known_at: float) -> None:
    bucket = full(30.0, burst=1.0)
    lowered(bucket, *rooms)
    assert bucket.known_at == known_at


@pytest.mark.parametrize(("early", "window"), [(False, False), (True, True)])
def test_a_refusal_that_is_not_early_and_one_of_a_window_move_the_rate_into_the_bounds_alone(
    early: bool, window: bool
) -> None:
    bucket = full(30.0, burst=1.0)
    bucket.fixed_window = window
    between(bucket, 28.0, 33.0, room=1, early=early)
    assert bucket.rate == 30
