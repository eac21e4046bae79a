"""How many sends may be out at once."""

from scripted import Scripted, limited, send
from simulation import in_virtual_time, refusal

from aioturso.pace.window import Window


def test_it_grows_by_one_with_each_success_up_to_the_pools_size() -> None:
    window = Window(12)
    sizes = [window.size]
    for _ in range(6):
        window.accepted(0.0)
        sizes.append(window.size)
    assert sizes == [8, 9, 10, 11, 12, 12, 12]


def test_an_objection_shrinks_it_to_what_was_out_before() -> None:
    window = Window(64)
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
    for out in (0, 1):
        window = Window(64)
        for _ in range(9):
            window.objected(out, new=True, now=0.0, pause=0.0)
            assert window.size == 1


def test_once_it_is_known_sends_that_changed_places_on_the_way_shrink_it_by_a_share_at_most() -> None:
    window = Window(64)
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
    window.objected(4, new=True, now=10.0, pause=0.5)
    assert sizes(window, 10.0, 11.9, 12.0) == [4, 4, 5]


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


def test_the_number_that_is_tried_doubles_after_each_round_without_an_objection() -> None:
    window = Window(20)
    window.objected(4, new=True, now=0.0, pause=0.0)
    found = []
    for successes in (40, 4, 1, 6, 1, 10, 1, 18, 1):
        for _ in range(successes):
            window.accepted(0.0)
        found.append(window.size)
    assert found == [5, 5, 7, 7, 11, 11, 19, 19, 20]


def test_an_objection_starts_the_count_of_successes_and_the_number_that_is_tried_anew() -> None:
    window = Window(64)
    window.objected(4, new=True, now=0.0, pause=0.0)
    assert sizes(window, 0.0) == [5]
    for _ in range(4):
        window.accepted(0.0)
    window.objected(5, new=False, now=0.0, pause=0.0)
    for _ in range(39):
        window.accepted(0.0)
    assert window.size == 5
    window.accepted(0.0)
    assert window.size == 6


def test_a_round_of_a_large_window_is_more_than_forty_successes() -> None:
    window = Window(64)
    window.allow(60)
    window.objected(50, new=True, now=0.0, pause=0.0)
    assert sizes(window, 0.0) == [50]
    for _ in range(10):
        window.accepted(0.0)
    assert window.size == 51


def test_a_shorter_pause_leaves_the_time_of_the_next_trial_as_late_as_it_was() -> None:
    window = Window(64)
    window.objected(4, new=True, now=10.0, pause=10.0)
    window.objected(4, new=False, now=10.0, pause=0.1)
    assert sizes(window, 49.9, 50.0) == [4, 5]


def test_an_objection_that_its_size_does_not_explain_shrinks_it_by_a_share_only_if_it_is_new() -> None:
    window = Window(64)
    window.objected(8, new=False, now=0.0, pause=0.0)
    assert window.size == 8
    window.objected(9, new=True, now=0.0, pause=0.0)
    assert window.size == 6


def test_the_first_objection_shrinks_it_to_one_at_least() -> None:
    for new in (False, True):
        window = Window(64)
        window.objected(0, new=new, now=0.0, pause=0.0)
        assert window.size == 1


def test_a_size_that_is_allowed_is_at_most_the_pools_and_ignored_once_the_server_has_objected() -> None:
    window = Window(64)
    for allowed, size in ((4, 8), (40, 40), (99, 64)):
        window.allow(allowed)
        assert window.size == size
    assert not window.released
    window.objected(9, new=True, now=0.0, pause=0.0)
    window.allow(40)
    assert window.size == 9


def test_the_slots_of_a_client_shrink_with_its_window_also_where_nothing_is_accepted_after() -> None:
    async def main() -> tuple[int, int]:
        limiter = limited(Scripted(*[None] * 19, refusal(503)))
        limiter.allow(40)
        await send(limiter, 20)
        return limiter._lane.window.size, limiter.concurrency

    assert in_virtual_time(main()) == (19, 19)
