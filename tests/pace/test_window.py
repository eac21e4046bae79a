"""How many sends may be out at once."""

from aioturso.pace.window import Window


def test_it_grows_by_one_with_each_success_up_to_the_pools_size() -> None:
    window = Window(12)
    sizes = [window.size]
    for _ in range(6):
        window.accepted(0.0)
        sizes.append(window.size)
    assert sizes == [8, 9, 10, 11, 12, 12, 12]


def test_an_objection_shrinks_it_to_what_was_out_before() -> None:
    window = Window(64, 40)
    window.allow(40)
    window.objected(25, new=True, now=0.0, pause=0.0)
    assert window.size == 25
    window.objected(27, new=False, now=0.0, pause=0.0)
    assert window.size == 25
    window.objected(25, new=True, now=0.0, pause=0.0)
    assert window.size == 21


def test_after_an_objection_one_more_is_tried_only_after_forty_successes() -> None:
    window = Window(64)
    window.objected(4, new=True, now=0.0, pause=0.0)
    for _ in range(39):
        window.accepted(0.0)
    assert window.size == 4
    window.accepted(0.0)
    assert window.size == 5


def test_it_never_falls_below_one() -> None:
    window = Window(64)
    for _ in range(9):
        window.objected(0, new=True, now=0.0, pause=0.0)
    assert window.size == 1


def test_once_it_is_known_sends_that_changed_places_on_the_way_shrink_it_by_a_share_at_most() -> None:
    window = Window(64, 40)
    window.allow(40)
    window.objected(20, new=True, now=0.0, pause=0.0)
    window.objected(3, new=True, now=0.0, pause=0.0)
    assert window.size == 17
    window.objected(1, new=False, now=0.0, pause=0.0)
    assert window.size == 17


def sizes(window: Window, *times: float) -> list[int]:
    """Its size after 40 successes at each of these times."""
    found = []
    for now in times:
        for _ in range(40):
            window.accepted(now)
        found.append(window.size)
    return found


def test_where_an_objection_costs_a_pause_one_more_is_tried_after_four_times_the_pause() -> None:
    window = Window(64)
    window.objected(4, new=True, now=10.0, pause=1.0)
    assert sizes(window, 10.0, 13.9, 14.0) == [4, 4, 5]


def test_where_it_costs_a_pause_each_next_trial_comes_later() -> None:
    window = Window(64)
    window.objected(4, new=True, now=10.0, pause=1.0)
    window.objected(4, new=True, now=15.0, pause=1.0)
    assert window.size == 3
    assert sizes(window, 24.9, 25.0) == [3, 4]


def test_a_window_that_was_not_the_reason_grows_as_at_first() -> None:
    window = Window(64)
    window.objected(1, new=True, now=10.0, pause=1.0)
    window.release()
    for _ in range(9):
        window.accepted(10.0)
    assert (window.size, window.released) == (10, True)
