"""How many sends may be out at once."""

from aioturso.pace.window import Window


def test_it_grows_by_one_with_each_success_up_to_the_pools_size() -> None:
    window = Window(12)
    sizes = [window.size]
    for _ in range(6):
        window.accepted()
        sizes.append(window.size)
    assert sizes == [8, 9, 10, 11, 12, 12, 12]


def test_an_objection_shrinks_it_to_what_was_out_before() -> None:
    window = Window(64, 40)
    window.allow(40)
    window.objected(25, new=True)
    assert window.size == 25
    window.objected(27, new=False)
    assert window.size == 25
    window.objected(25, new=True)
    assert window.size == 21


def test_after_an_objection_one_more_is_tried_only_after_forty_successes() -> None:
    window = Window(64)
    window.objected(4, new=True)
    for _ in range(39):
        window.accepted()
    assert window.size == 4
    window.accepted()
    assert window.size == 5


def test_it_never_falls_below_one() -> None:
    window = Window(64)
    for _ in range(9):
        window.objected(0, new=True)
    assert window.size == 1


def test_once_it_is_known_sends_that_changed_places_on_the_way_shrink_it_by_a_share_at_most() -> None:
    window = Window(64, 40)
    window.allow(40)
    window.objected(20, new=True)
    window.objected(3, new=True)
    assert window.size == 17
    window.objected(1, new=False)
    assert window.size == 17
