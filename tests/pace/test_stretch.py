"""A refusal as evidence about a token bucket: for any rate, burst and times of sending."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturso.pace.stretch import Moment, Send, Stretch


def moments(stretch: Stretch) -> list[tuple[int, float]]:
    return [(number, at) for number, at, _ in stretch.hull]


RATES = st.floats(0.5, 2000)
BURSTS = st.floats(1, 200)
GAPS = st.lists(st.floats(0, 3), min_size=1, max_size=80)  # as multiples of the time that one token takes


def play(rate: float, burst: float, gaps: list[float], full: bool) -> tuple[Stretch, Send]:
    """The sends up to the first refusal, which comes at the latest when the gaps are used up."""
    stretch = Stretch(1, None if full else Moment(0, 0.0))
    tokens, now = burst if full else 0.0, 0.0
    for index in range(1, 10_000):
        gap = gaps[index - 1] / rate if index <= len(gaps) else 0.0
        now += gap
        tokens = min(burst, tokens + gap * rate)
        send = Send(index, now)
        stretch.sent(send)
        if tokens < 1 - 1e-6:
            return stretch, send
        tokens -= 1
    raise AssertionError("a bucket does not last for ever")


@given(rate=RATES, burst=BURSTS, gaps=GAPS, full=st.booleans())
def test_the_true_rate_lies_within_the_bounds_after_an_empty_and_after_a_full_bucket(
    rate: float, burst: float, gaps: list[float], full: bool
) -> None:
    stretch, refused = play(rate, burst, gaps, full)
    low, high = stretch.bounds(refused, burst)
    assert low <= rate * (1 + 1e-4)
    assert high >= rate * (1 - 1e-4)


@given(rate=RATES, burst=BURSTS, gaps=GAPS)
def test_the_true_burst_is_within_one_token_of_the_depth_of_a_full_bucket(
    rate: float, burst: float, gaps: list[float]
) -> None:
    stretch, refused = play(rate, burst, gaps, full=True)
    depth = stretch.depth(rate, [refused])
    assert burst - 1 - 1e-3 <= depth <= burst + 1e-3


@given(rate=RATES, burst=BURSTS, gaps=GAPS, doubt=st.floats(0, 2), late=st.floats(0, 2))
def test_doubt_and_lateness_only_widen_the_bounds(
    rate: float, burst: float, gaps: list[float], doubt: float, late: float
) -> None:
    stretch, refused = play(rate, burst, gaps, full=False)
    low, high = stretch.bounds(refused, burst)
    wide_low, wide_high = stretch.bounds(refused, burst, late / rate, doubt)
    assert wide_low <= low
    assert wide_high >= high


def test_a_steady_pace_from_one_refusal_to_the_next_gives_the_rate_to_one_send() -> None:
    stretch = Stretch(0, Moment(0, 0.0))
    for index in range(101):
        stretch.sent(Send(index, index * 0.01))
    low, high = stretch.bounds(Send(100, 1.0), 10.0)
    assert low == pytest.approx(100, rel=0.01)
    assert high == pytest.approx(101, rel=0.01)


def test_two_sends_that_may_have_changed_places_on_the_way_widen_the_upper_bound() -> None:
    stretch = Stretch(0, Moment(0, 0.0))
    for at in (0.1, 0.2, 0.201):
        stretch.sent(Send(len(stretch.recent), at))
    assert stretch.behind(Send(1, 0.2), 0.01) == 1
    assert stretch.behind(Send(1, 0.2), 0.0005) == 0
    (low, high), alone = (stretch.bounds(Send(1, 0.2), 1.0, late) for late in (0.0011, 0.0009))
    assert alone == (low, pytest.approx(high / 2, rel=0.01))


def test_refusals_in_the_same_round_move_the_moment_at_which_the_bucket_was_empty() -> None:
    stretch = Stretch(1, Moment(0, 0.0))
    stretch.refuse(Send(3, 0.02), empties=True)  # one of the two sends before it was accepted
    stretch.refuse(Send(1, 0.01), empties=True)
    assert stretch.empty == Moment(1, 0.02)
    assert stretch.accepted(Send(5, 0.05)) == 2


def test_a_refusal_with_nothing_accepted_before_it_leaves_the_stretch_open() -> None:
    stretch = Stretch(1, Moment(0, 0.0))
    for index in range(1, 4):
        stretch.sent(Send(index, float(index)))
        stretch.refuse(Send(index, float(index)), empties=False)
    stretch.sent(Send(4, 4.0))
    assert stretch.accepted(Send(5, 4.1)) == 1
    assert stretch.empty == Moment(0, 0.0)
    assert stretch.lasted(Send(5, 4.1)) == pytest.approx(4.1)


def test_a_send_that_nothing_explains_has_no_upper_bound() -> None:
    assert Stretch(0, None).bounds(Send(0, 0.0), 5.0) == (0.0, inf)


@pytest.mark.parametrize(("idle", "count"), [(0.5, 1), (0.05, 0), (2.0, 4)])
def test_sends_together_are_those_before_a_refused_one_since_the_last_time_without_any(
    idle: float, count: int
) -> None:
    stretch = Stretch(0)
    for number, at in enumerate((0.0, 0.1, 0.2, 1.2, 1.3)):
        stretch.sent(Send(number, at))
    assert stretch.together(Send(4, 1.3), idle) == count


def test_all_accepted_sends_may_have_come_together_where_none_before_the_refused_one_is_remembered() -> None:
    stretch = Stretch(0)
    for number in range(100):
        stretch.sent(Send(number, float(number)))
    assert stretch.together(Send(99, 99.0), 0.5) == 0
    assert stretch.together(Send(20, 20.0), 0.5) == 20


def test_the_bounds_from_a_full_bucket_are_one_token_apart() -> None:
    stretch = Stretch(0)
    for index in range(101):
        stretch.sent(Send(index, index * 0.01))
    low, high = stretch.bounds(Send(100, 1.0), 10.0)
    assert (low * 0.99, high) == (pytest.approx(90), pytest.approx(91))


@pytest.mark.parametrize(("at", "burst", "late", "doubt"), [(2.0, 1.0, 0.0, 0.5), (1.001, 2.0, 0.01, 0.0)])
def test_a_moment_at_which_a_bucket_had_enough_for_the_refused_send_proves_nothing(
    at: float, burst: float, late: float, doubt: float
) -> None:
    stretch = Stretch(0, Moment(0, -1.0))
    for index in range(3):
        stretch.sent(Send(index, (0.0, 1.0, at)[index]))
    assert stretch.bounds(Send(2, at), burst, late, doubt)[1] < 2


@given(apart=st.lists(st.sampled_from((0.0, 0.125, 0.25, 0.5, 1.0)), min_size=1, max_size=60))
def test_only_moments_after_which_sends_came_faster_than_before_are_kept(apart: list[float]) -> None:
    stretch, at = Stretch(7), 1000.0
    for number, gap in enumerate(apart):
        at += gap
        stretch.sent(Send(7 + number, at))
    hull = moments(stretch)
    assert hull[0] == (0, 1000.0 + apart[0])
    assert hull[-1] == (len(apart) - 1, at)
    slopes = [((later - sooner), (b - a)) for (sooner, a), (later, b) in pairwise(hull)]
    assert all(n * more < m * less for (n, less), (m, more) in pairwise(slopes))


def test_a_refused_send_counts_as_accepted_in_no_moment_after_its_own() -> None:
    stretch = Stretch(0)
    for index, at in enumerate((0.0, 1.0, 1.5, 1.75)):
        stretch.sent(Send(index, at))
    assert moments(stretch) == [(0, 0.0), (1, 1.0), (2, 1.5), (3, 1.75)]
    stretch.refuse(Send(1, 1.0), empties=False)
    assert moments(stretch) == [(0, 0.0), (1, 1.0), (1, 1.5), (2, 1.75)]
    stretch.sent(Send(4, 1.8))
    assert moments(stretch)[-1] == (3, 1.8)


def test_sends_after_a_refusal_are_compared_with_those_that_were_accepted_before_it() -> None:
    stretch = Stretch(0)
    for index, at in enumerate((0.0, 1.0, 2.0, 2.25)):
        stretch.sent(Send(index, at))
    stretch.refuse(Send(0, 0.0), empties=False)
    assert moments(stretch) == [(0, 0.0), (1, 2.0), (2, 2.25)]
    stretch.sent(Send(4, 2.375))
    assert moments(stretch) == [(0, 0.0), (1, 2.0), (2, 2.25), (3, 2.375)]
    stretch.sent(Send(5, 4.0))
    assert moments(stretch) == [(0, 0.0), (1, 2.0), (4, 4.0)]


def test_of_refusals_at_one_time_the_last_one_shows_how_many_were_accepted_when_the_bucket_was_empty() -> (
    None
):
    stretch = Stretch(1, Moment(0, 0.0))
    stretch.refuse(Send(2, 0.0), empties=True)
    assert stretch.empty == Moment(1, 0.0)


def test_only_what_was_accepted_after_the_bucket_was_empty_bounds_the_rate() -> None:
    found = []
    for before in (0, 5):
        stretch = Stretch(10 - before, Moment(before, 0.0))
        for number in (10, 11, 12):
            stretch.sent(Send(number, 0.25 * (number - 9)))
        found.append(stretch.bounds(Send(12, 0.75), 90.0))
    assert found == [(pytest.approx(2), 4.0)] * 2
