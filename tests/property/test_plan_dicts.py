"""A plan as data: it survives the way through JSON, and nothing else becomes a plan."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturso import ConfigurationError, InvalidInputError, Target, TeardownPlan, TursoClient
from aioturso.teardown.targets import Candidate

TEXT = st.text(min_size=1, max_size=8)
TARGETS = st.one_of(
    st.builds(Target, organization=st.just("org"), database=TEXT, instance=TEXT, location=st.none() | TEXT),
    st.builds(
        Target, kind=st.just("database"), organization=st.just("org"), database=TEXT, uuid=st.none() | TEXT
    ),
    st.builds(Target, kind=st.just("group location"), organization=st.just("org"), group=TEXT, location=TEXT),
    st.builds(Target, kind=st.just("group"), organization=st.just("org"), group=TEXT),
    st.builds(Target, kind=st.just("API token"), token=TEXT),
)
PLANS = st.builds(
    lambda targets, skipped, made: TeardownPlan(
        title="a title",
        organization="org",
        entries=(*map(Candidate, targets), *(Candidate(target, reason) for target, reason in skipped)),
        created_at=made.replace(tzinfo=UTC),
    ),
    st.lists(TARGETS, max_size=4, unique_by=lambda target: target.key),
    st.lists(st.tuples(TARGETS, TEXT), max_size=3),
    st.datetimes(),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.just(""),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def client() -> TursoClient:
    return TursoClient("a-token", organization="org", base_url="http://127.0.0.1:1")


@given(PLANS)
def test_a_plan_survives_the_way_through_json(plan: TeardownPlan) -> None:
    data = json.loads(json.dumps(plan.to_dict()))
    same = client().teardown.load(data)
    assert (same.entries, same.title, same.created_at) == (plan.entries, plan.title, plan.created_at)
    assert same.to_dict() == data
    assert same.age >= 0


@given(JSON)
def test_what_is_no_plan_is_refused(data: Any) -> None:
    with pytest.raises(InvalidInputError):
        TeardownPlan.from_dict(data)
    with pytest.raises(InvalidInputError):
        Target.from_dict(data)


@given(PLANS, st.data())
def test_a_plan_that_was_tampered_with_is_refused_or_stays_in_its_organization(
    plan: TeardownPlan, data: st.DataObject
) -> None:
    whole = plan.to_dict()
    places: list[Any] = [whole, *whole["targets"], *whole["skipped"]]
    place = data.draw(st.sampled_from(places))
    key = data.draw(st.sampled_from([*place, "kind", "organization", "new"]))
    place[key] = data.draw(JSON)
    try:
        loaded = client().teardown.load(whole)
    except (InvalidInputError, ConfigurationError):
        return
    assert loaded.organization == "org"
    assert all(target.organization in ("org", "") for target in loaded.targets)
    assert all(isinstance(outcome.reason, str) for outcome in loaded.skipped)
    assert loaded.age >= 0
    assert all(all(target.names) for target in loaded.targets)
    str(loaded)


@pytest.mark.parametrize("made", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2024-01-01"])
def test_any_time_is_a_time(made: str) -> None:
    data = {"title": "", "organization": "org", "targets": [], "skipped": [], "created_at": made}
    assert client().teardown.load(data).age > 300


def test_a_plan_for_another_organization_is_refused() -> None:
    plan = TeardownPlan(title="", organization="other", entries=(), created_at=datetime.now(UTC))
    with pytest.raises(ConfigurationError, match="'other'"):
        client().teardown.load(plan.to_dict())
    data = plan.to_dict() | {"organization": "org"}
    data["targets"] = [{"kind": "database", "organization": "other", "database": "db"}]
    with pytest.raises(InvalidInputError, match="another organization"):
        client().teardown.load(data)
