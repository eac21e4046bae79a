"""What the time between two sends proves of a server that saves nothing up."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturso.pace.bucket import EDGE
from aioturso.pace.gaps import Gaps
from aioturso.pace.stretch import Send

RATES = st.floats(0.5, 500)
# of a send: time after the one before it, and how late it arrives, of an interval; what its answer loses on the way back
SENDS = st.lists(st.tuples(st.floats(0.01, 3), st.floats(0, 0.4), st.floats(0, 0.4)), min_size=2, max_size=40)


@given(RATES, SENDS)
def test_the_rate_is_within_the_bounds_however_late_sends_and_answers_are(
    rate: float, sends: list[tuple[float, float, float]]
) -> None:
    gaps, at, last = Gaps(), 0.0, -inf
    for number, (apart, out, back) in enumerate(sends):
        at += apart / rate
        arrived = max(at + out / rate, last)  # in their order
        if (arrived - last) * rate >= 1 + 1e-9:
            last = arrived
            gaps.accepted(Send(number, at), arrived - at + back / rate)
        elif (arrived - last) * rate <= 1 - 1e-9:
            gaps.refused(Send(number, at))
        else:
            return
        assert gaps.low <= rate * (1 + 1e-6)
        assert gaps.high >= rate * (1 - 1e-6)
        assert not gaps.torn


def evenly(gaps: Gaps, first: int, count: int, apart: float) -> None:
    """So many accepted sends; each one was in time."""
    begins = gaps.last.at if gaps.last.number >= 0 else 0.0
    for number in range(count):
        gaps.accepted(Send(first + number, begins + (number + 1) * apart), 0.0)


def test_what_is_accepted_and_what_is_refused_close_in_on_the_rate() -> None:
    gaps = Gaps()
    evenly(gaps, 0, 3, apart=0.1)
    gaps.refused(Send(3, gaps.last.at + 0.08))
    assert (gaps.low, gaps.high) == (pytest.approx(10), pytest.approx(12.5))


def test_a_refused_send_proves_less_the_later_the_one_before_it_may_have_been() -> None:
    gaps = Gaps()
    gaps.accepted(Send(0, 0.0), 0.03)
    gaps.refused(Send(1, 0.08))
    assert gaps.high == pytest.approx(20)


def test_a_refused_send_proves_nothing_as_long_as_one_before_it_has_no_answer() -> None:
    gaps = Gaps()
    evenly(gaps, 0, 2, apart=0.1)
    gaps.refused(Send(3, gaps.last.at + 0.3))
    assert gaps.high == inf


def test_several_refused_in_a_row_all_prove_something() -> None:
    gaps = Gaps()
    evenly(gaps, 0, 2, apart=0.1)
    for number, apart in ((2, 0.05), (3, 0.09)):
        gaps.refused(Send(number, gaps.last.at + apart))
    assert gaps.high == pytest.approx(1 / 0.09)


def test_a_rate_that_has_risen_has_no_upper_bound_until_the_next_refusal() -> None:
    gaps = Gaps(low=9.0, high=10.0)
    evenly(gaps, 0, 3, apart=0.05)
    assert (gaps.low, gaps.high) == (pytest.approx(20), inf)


@pytest.mark.parametrize(("apart", "torn"), [(0.11, False), (0.2, True)])
def test_a_refusal_below_what_was_accepted_is_newer_and_a_change_if_it_is_far_below(
    apart: float, torn: bool
) -> None:
    gaps = Gaps()
    evenly(gaps, 0, 3, apart=0.1)
    gaps.refused(Send(3, gaps.last.at + apart))
    assert (gaps.low, gaps.high, gaps.torn) == (0.0, pytest.approx(1 / apart), torn)


def test_a_rate_is_held_until_a_test_that_wins_a_third_of_what_is_open_has_won_its_cost() -> None:
    gaps, cost = Gaps(low=9.0, high=10.5), 2.0
    held = gaps.worth * cost
    assert held * (gaps.high - gaps.low) / EDGE == pytest.approx(cost * gaps.low)


@pytest.mark.parametrize(("low", "high"), [(10.0, 10.0), (11.0, 10.0), (0.0, 10.0)])
def test_a_test_is_worth_nothing_where_nothing_is_open_or_nothing_is_known(low: float, high: float) -> None:
    assert Gaps(low=low, high=high).worth == 0
