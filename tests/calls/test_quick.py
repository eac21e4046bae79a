"""What there is very much of is made quickly, and is the same as if it was made in the usual way."""

import copy
import pickle
from typing import Any

import attrs
import pytest

from aioturso import Database, Instance, Outcome, OutcomeStatus, Target
from aioturso._quick import quick
from aioturso.teardown.targets import Candidate

TARGET = Target(database="db", instance="i1", location="fra")


@pytest.mark.parametrize(
    ("cls", "given"),
    [
        (Target, {"database": "db", "instance": "i1", "uuid": "u1"}),
        (Candidate, {"target": TARGET, "reason": "primary"}),
        (Instance, {"name": "i1", "uuid": "u1", "raw": {"name": "i1"}}),
        (Database, {"name": "db", "regions": ("fra",)}),
        (Outcome, {"target": TARGET, "status": OutcomeStatus.DESTROYED, "elapsed": 0.5}),
    ],
)
def test_an_object_made_quickly_is_the_same_as_any_other(cls: Any, given: dict[str, Any]) -> None:
    usual, made = cls(**given), quick(cls)(**given)
    assert type(made) is cls
    assert (made, hash(made), repr(made)) == (usual, hash(usual), repr(usual))
    assert attrs.asdict(made) == attrs.asdict(usual)
    assert pickle.loads(pickle.dumps(made)) == copy.copy(made) == attrs.evolve(made) == usual
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(made, next(iter(given)), None)


def test_it_takes_the_fields_by_position_too_those_without_a_default_first() -> None:
    outcome = Outcome(target=TARGET, status=OutcomeStatus.FAILED, reason="locked", attempts=2)
    for usual in (TARGET, outcome):
        assert quick(type(usual))(*attrs.astuple(usual, recurse=False)) == usual
    late = attrs.make_class(
        "Late",
        {"first": attrs.field(default=1), "second": attrs.field()},
        frozen=True,
        slots=True,
        kw_only=True,
        weakref_slot=False,
    )
    assert quick(late)(2, 3) == late(second=2, first=3)


def test_a_default_that_is_made_anew_is_shared_by_no_two() -> None:
    make = quick(Instance)
    assert make(name="i1").raw is not make(name="i1").raw


def test_what_is_missing_or_unknown_is_refused() -> None:
    with pytest.raises(TypeError, match="target"):
        quick(Candidate)(reason="primary")
    with pytest.raises(TypeError, match="place"):
        quick(Target)(place="fra")


def test_a_class_with_more_than_slots_is_refused() -> None:
    @attrs.frozen
    class Weak:
        name: str

    with pytest.raises(TypeError, match="layout"):
        quick(Weak)("a")


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"name": attrs.field()}, {"__attrs_post_init__": lambda self: None}),
        ({"name": attrs.field(converter=str)}, {}),
        ({"name": attrs.field(validator=lambda *_: None)}, {}),
        ({"name": attrs.field(init=False)}, {}),
    ],
)
def test_a_class_that_does_more_than_hold_what_is_given_is_refused(
    fields: dict[str, Any], body: dict[str, Any]
) -> None:
    made = attrs.make_class("Made", fields, frozen=True, slots=True, weakref_slot=False, class_body=body)
    with pytest.raises(TypeError, match="more than hold what is given"):
        quick(made)
