"""What is believed of the limit of a server that saves nothing up."""

from math import inf

import pytest

from aioturso.pace.bucket import Bucket, Heard
from aioturso.pace.gaps import SURE, Gaps
from aioturso.pace.stretch import Moment, Send, Stretch


def refused(bucket: Bucket, low: float, high: float, *, costly: bool = True) -> None:
    """A refusal in a calm time, after gaps that prove these bounds of the rate."""
    stretch = Stretch(1, Moment(0, 0.0))
    for number in (1, 2, 3):
        stretch.sent(Send(number, number / bucket.rate))
    gaps = Gaps(low=low, high=high, torn=low > SURE * high)
    if gaps.torn:
        gaps.low = 0.0
    send = Send(3, 3 / bucket.rate)
    bucket.learn(stretch, send, Heard(pace=30.0, late=0.0, spread=0.0, costly=costly, early=True, gaps=gaps))


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


def test_a_rate_is_nearer_to_what_was_accepted_where_a_refusal_costs_a_pause() -> None:
    cheap, dear = known(30.0), known(30.0)
    refused(cheap, 29.0, 31.0, costly=False)
    refused(dear, 29.0, 31.0)
    assert 29 < dear.rate < cheap.rate < 30


def test_a_rate_far_below_the_one_before_is_known_anew_also_if_nothing_contradicts_it() -> None:
    bucket = known(30.0)
    refused(bucket, 0.0, 20.0)
    assert bucket.known_at == 3 / 30
