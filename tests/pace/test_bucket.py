"""What is believed of a server's limit."""

from math import inf

import pytest

from aioturso.pace.bucket import Bucket, Heard
from aioturso.pace.gaps import SURE, Gaps
from aioturso.pace.stretch import Moment, Send, Stretch


def window() -> Bucket:
    """A hundred in ten seconds."""
    return Bucket(rate=10.0, burst=100.0, window=True, room=100, known_at=0.0)


@pytest.mark.parametrize(
    ("room", "seconds", "refused"), [(100, 0.1, True), (60, 0.1, True), (150, 3.0, False)]
)
def test_a_window_is_believed_in_as_long_as_it_accepts_about_as_many_each_time(
    room: int, seconds: float, refused: bool
) -> None:
    bucket = window()
    bucket.refute(room, seconds, refused)
    assert bucket.window


@pytest.mark.parametrize(("room", "seconds", "refused"), [(40, 0.1, True), (210, 0.1, False)])
def test_a_window_that_accepts_half_or_twice_as_many_is_none(
    room: int, seconds: float, refused: bool
) -> None:
    bucket = window()
    bucket.refute(room, seconds, refused)
    assert not bucket.window
    assert bucket.known_at is None


def refused(bucket: Bucket, low: float, high: float) -> None:
    """A refusal in a calm time, after gaps that prove these bounds of the rate."""
    stretch = Stretch(1, Moment(0, 0.0))
    for number in (1, 2, 3):
        stretch.sent(Send(number, number / bucket.rate))
    gaps = Gaps(low=low, high=high, torn=low > SURE * high)
    if gaps.torn:
        gaps.low = 0.0
    send = Send(3, 3 / bucket.rate)
    bucket.learn(stretch, send, Heard(pace=30.0, late=0.0, spread=0.0, costly=True, early=True, gaps=gaps))


def known(rate: float) -> Bucket:
    """A bucket that saves nothing up, known from two refusals."""
    first = Stretch(0)
    first.sent(Send(0, 0.0))
    first.sent(Send(1, 0.001))
    return Bucket(rate=rate, known_at=0.0, first=first, refusals=[Send(1, 0.001)])


@pytest.mark.parametrize(("low", "high"), [(29.0, 31.0), (28.0, 28.5), (31.0, 33.0)])
def test_where_nothing_is_saved_up_the_rate_is_between_what_was_accepted_and_what_was_refused(
    low: float, high: float
) -> None:
    bucket = known(30.0)
    refused(bucket, low, high)
    assert low < bucket.rate < high
    assert bucket.known_at == 0.0


def test_a_rate_that_is_refused_is_lowered_though_nothing_slower_is_known_to_be_accepted() -> None:
    bucket = known(30.0)
    refused(bucket, 0.0, 30.0)
    assert 26 < bucket.rate < 30


def test_a_rate_that_is_refused_far_below_what_was_accepted_before_has_fallen() -> None:
    bucket = known(30.0)
    refused(bucket, 29.0, 15.0)
    assert 12 < bucket.rate < 15
    assert bucket.known_at == 3 / 30


def test_one_refusal_lowers_a_rate_to_a_quarter_at_most_as_another_client_may_have_taken_the_token() -> None:
    bucket = known(30.0)
    refused(bucket, 29.0, 0.5)
    assert bucket.rate == 30 / 4
    refused(bucket, 0.0, 0.5)
    assert bucket.rate == 30 / 16


def test_a_rate_without_an_upper_bound_is_the_highest_that_was_accepted() -> None:
    bucket = known(30.0)
    refused(bucket, 32.0, inf)
    assert bucket.rate == 32.0
