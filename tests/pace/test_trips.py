"""How long a way takes, and how late what comes later is."""

import pytest

from aioturso.pace.trips import Trips


def test_a_shorter_trip_is_the_shortest_at_once_and_a_longer_one_moves_it_by_an_eighth() -> None:
    trips = Trips()
    shortest = []
    for trip in (0.5, 0.9, 0.3, 0.3, 1.1):
        trips.add(trip)
        shortest.append(trips.shortest)
    assert shortest == pytest.approx([0.5, 0.55, 0.3, 0.3, 0.4])


def test_lateness_is_the_mean_of_what_trips_take_beyond_the_shortest() -> None:
    trips = Trips()
    late = []
    for trip in (0.5, 0.9, 0.55, 0.2):
        trips.add(trip)
        late.append(trips.late)
    first = (0.9 - 0.55) / 8
    assert late == pytest.approx([0.0, first, first * 7 / 8, first * 49 / 64])
    assert trips.most_late == pytest.approx(2 * late[-1])
    assert trips.round == pytest.approx(0.2 + 2 * late[-1])


def test_trips_that_are_read_late_are_what_they_are_one_by_one() -> None:
    at_once, one_by_one = Trips(), Trips()
    for number in range(1_000):
        trip = 0.001 if number == 100 else 0.1 + 0.01 * (number % 7)
        at_once.add(trip)
        one_by_one.add(trip)
        one_by_one.round  # noqa: B018  (reads it)
    assert (at_once.shortest, at_once.late) == pytest.approx(
        (one_by_one.shortest, one_by_one.late), rel=1e-12
    )
