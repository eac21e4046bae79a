"""What is believed of a server's limit."""

from collections import deque

import pytest

from aioturso.pace.bucket import Bucket, Heard
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


def refused_early(bucket: Bucket, accepted: int, pace: float | None = None) -> None:
    """A refusal in a calm time, after so many accepted sends at the believed rate, or at another pace."""
    pace, stretch = pace or bucket.rate, Stretch(1, Moment(0, 0.0))
    for number in range(1, accepted + 2):
        stretch.sent(Send(number, number / pace))
    last = Send(accepted + 1, (accepted + 1) / pace)
    bucket.learn(stretch, last, Heard(pace=bucket.rate, late=0.0, spread=0.0, costly=True, early=True))


def known(rate: float) -> Bucket:
    """A bucket that saves nothing up, known from two refusals."""
    return Bucket(rate=rate, known_at=0.0, refusals=[Send(0, 0.0)], past=deque([(rate, 1.06 * rate)]))


@pytest.mark.parametrize("accepted", [2, 10, 50])
def test_a_send_that_comes_early_by_chance_lowers_the_rate_by_little(accepted: int) -> None:
    bucket = known(30.0)
    refused_early(bucket, accepted)
    assert 29 < bucket.rate < 30


def test_one_refusal_after_a_single_accepted_send_is_no_proof_of_a_fall_but_several_are() -> None:
    bucket = known(30.0)
    refused_early(bucket, 1)
    assert 26 < bucket.rate < 30
    for _ in range(3):
        refused_early(bucket, 1)
    assert bucket.rate < 15


def test_no_rate_is_believed_in_above_the_one_that_would_have_accepted_the_refused_send() -> None:
    bucket = known(5000.0)
    refused_early(bucket, 3, pace=60.0)
    assert bucket.rate == pytest.approx(60.0, rel=0.1)
    assert bucket.known_at == pytest.approx(4 / 60)
