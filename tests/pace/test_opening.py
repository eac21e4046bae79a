"""The first refusal, and those that belong to it."""

import pytest

from aioturso.pace.opening import Opening


@pytest.mark.parametrize(
    ("took", "others", "spread"), [(0.5, (), 0.25), (0.5, (1.0, 0.75), 0.75), (0.125, (), 0.0)]
)
def test_the_first_calls_arrived_as_far_apart_as_the_widest_answer_took_longer_than_others(
    took: float, others: tuple[float, ...], spread: float
) -> None:
    opening = Opening()
    opening.refused(took)
    for seconds in others:
        opening.joined(seconds)
    assert (opening.took, opening.spread(0.25)) == (took, spread)
