"""How a window that has just opened is filled."""

import pytest

from aioturso.pace.slow_start import SlowStart


@pytest.mark.parametrize(("room", "more"), [(10.0, 5), (11.0, 6)])
def test_a_window_that_has_opened_is_filled_by_two_for_each_success_and_not_beyond_its_room(
    room: float, more: int
) -> None:
    start = SlowStart()
    start.open(room)
    assert [start.accepted() for _ in range(10)] == [True] * more + [False] * (10 - more)
    assert start.due == 2 * more


def test_without_a_window_a_success_earns_nothing() -> None:
    start = SlowStart()
    assert not start.accepted()
    assert start.due == 0


def test_an_objection_takes_back_what_is_not_sent_and_the_next_window_is_filled_anew() -> None:
    start = SlowStart()
    start.open(10.0)
    start.accepted()
    start.end()
    assert not start.accepted()
    assert start.due == 0
    start.open(2.0)
    assert [start.accepted(), start.accepted()] == [True, False]
