"""The errors of a plan that finds nothing of the name that was given, and the memory that a search holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aioturso.models.databases import Database
from aioturso.teardown.hints import no_match, no_such
from aioturso.teardown.matching import Listed, Matching
from aioturso.teardown.selection import Exclusion, Selection
from aioturso.teardown.targets import Candidate, Target


def test_a_location_without_anything_is_an_error_with_those_that_there_are() -> None:
    error = no_match("nothing is in 'frq'", "frq", {"iad", "", "fra"}, ["lhr"], organization="org")
    assert str(error) == "nothing is in 'frq'; did you mean 'fra'? there are: fra, iad"
    assert (error.locations, error.organization) == (("fra", "iad"), "org")


def test_without_a_location_none_was_perhaps_meant() -> None:
    assert str(no_match("nothing", None, {"x"}, organization="org")) == "nothing; there are: x"


def test_a_name_that_nothing_has_is_an_error_with_the_first_of_those_that_there_are() -> None:
    error = no_such("group", "g", [f"n{number}" for number in range(21)], organization="org")
    assert str(error).startswith("there is no group 'g'; there are: n0, n1, ")
    assert str(error).endswith(", n19 and 1 more")
    assert error.organization == "org"


@pytest.mark.parametrize("older_than", [timedelta(0), None])
def test_models_are_held_only_where_a_plan_looks_at_more_of_them(older_than: timedelta | None) -> None:
    matching = Matching(Selection(("*",)), Exclusion(()), None, older_than)
    target = Target(kind="database", organization="org", database="a")
    matching.add(Listed(Candidate(target), "", Database(name="a")))
    assert len(matching.found) == 1
    assert list(matching.models) == ([] if older_than is None else [target.key])
