"""A command that is killed leaves an audit log whose unsettled lines are all that may be gone: `python faults --kills 200`."""

import pytest
from kills import kill_once


@pytest.mark.parametrize("seed", range(4))
def test_after_a_kill_the_lines_without_an_outcome_are_those_that_may_be_gone(seed: int) -> None:
    kill_once(seed)
