"""How long a rate is held, and how fast the pace of a test grows."""

from itertools import pairwise

import pytest
from attrs import evolve
from scripted import believing

from aioturso.pace.bucket import Bucket


def test_a_test_stays_near_the_pace_that_was_refused_where_the_burst_is_small() -> None:
    bucket = Bucket(rate=20.0, burst=2.0, known_at=0.0)
    rate = believing(bucket, 0.0, reached=30.0, last=9.0)
    assert rate.pace(0.25) == pytest.approx(27.0, abs=1.5)
    assert rate.pace(1.2) == pytest.approx(27.0)
    assert rate.pace(1.9) > 30
    for other in (evolve(bucket, burst=20.0), evolve(bucket, burst=1.0)):
        assert believing(other, 0.0, reached=30.0, last=9.0).pace(1.2) > 80


@pytest.mark.parametrize("believed", [0.1, 1.0, 10.0, 100.0])
def test_the_pace_of_a_search_grows_with_each_send_and_never_by_a_leap(believed: float) -> None:
    rate, now, gaps = believing(Bucket(rate=believed), 0.0), 0.0, []
    while rate.pace(now) < 400:
        rate.sent(now)
        gaps.append(rate.wait(now, 0))
        now += gaps[-1]
    assert now < 5
    assert all(later <= sooner < 10 * later for sooner, later in pairwise(gaps))


@pytest.mark.parametrize(("hold", "waits"), [(0.3, 0.8), (2.0, 1.0), (-9.0, 0.0)])
def test_no_send_waits_longer_than_until_a_tested_pace_has_doubled(hold: float, waits: float) -> None:
    rate = believing(Bucket(rate=1.0, burst=20.0, known_at=0.0), hold, last=0.0)
    for _ in range(20):
        rate.sent(0.0)
    before = rate.wait(0.0, 0)
    rate.sent(0.0)
    assert rate.wait(0.0, 0) - before == pytest.approx(waits, abs=0.02)


def test_a_test_that_begins_in_a_long_interval_ends_it_and_doubles_the_pace_at_most() -> None:
    rate = believing(Bucket(rate=0.2, burst=1.0, known_at=0.0), 3.0, last=0.0)
    send = rate.sent(0.0)
    rate.accepted(send, 0.02)
    assert rate.wait(0.02, 0) == pytest.approx(3.48, abs=0.05)
    assert rate.pace(9.0) == pytest.approx(0.4, rel=0.02)


@pytest.mark.parametrize("burst", [1.0, 20.0])
def test_a_time_in_which_a_send_is_due_and_none_comes_tests_no_pace(burst: float) -> None:
    rate = believing(Bucket(rate=20.0, burst=burst, known_at=0.0), 1.0)
    rate.sent(0.5)
    assert rate.pace(60.0) == pytest.approx(20, rel=0.02)
    rate.sent(60.0)
    assert rate.pace(60.0) == pytest.approx(20, rel=0.02)
    for _ in range(20):
        rate.sent(60.0)
    due = 60.0 + rate.wait(60.0, 0)
    assert rate.pace(due) == pytest.approx(20 * 2 ** min((due - 60.0) / 0.5, 1.0), rel=0.02)


def test_a_search_doubles_its_pace_in_half_the_time_where_its_sends_are_many() -> None:
    for believed, later in ((100.0, 400.0), (10.0, 20.0)):
        rate = believing(Bucket(rate=believed), 0.0, last=0.5)
        assert rate.pace(0.5) == pytest.approx(0.99 * later, rel=0.02)


def test_no_pace_is_levelled_out_before_a_test_was_refused() -> None:
    for burst in (1.0, 3.0):
        rate = believing(Bucket(rate=0.1, burst=burst, known_at=0.0), 0.0, last=2.0)
        assert rate.pace(2.0) == pytest.approx(0.1 * 16, rel=0.02)
