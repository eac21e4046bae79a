"""A plan as a text and as plain data, its life, the stop that reaches it, and its audit log."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from aioturso import ConfigurationError, InvalidInputError, OutcomeStatus, Target, TeardownPlan
from aioturso.teardown.base_plan import Since
from aioturso.teardown.options import Options
from aioturso.teardown.recovery import UNCHECKED, Recovery, by_kind
from aioturso.teardown.targets import Candidate
from aioturso.teardown.verbs import REMOVE_BY_UUID, RESTORE

A = Target(kind="database", organization="org", database="a", uuid="id-a")
B = Target(kind="database", organization="org", database="b", uuid="id-b")
GROUP = Target(kind="group", organization="org", group="g", uuid="id-g")
MADE = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def plan(*entries: Candidate, **fields: Any) -> TeardownPlan:
    known: dict[str, Any] = {"title": "a title", "organization": "org", "created_at": MADE}
    return TeardownPlan(entries=entries, life=Since(0).life(entries), **{**known, **fields})


def test_a_plan_is_shown_line_by_line() -> None:
    made = plan(
        Candidate(A, note="2 days old"),
        Candidate(B, "because\nof this"),
        title="a\ntitle",
        unmatched=("name 'c'",),
    )
    assert str(made).splitlines() == [
        "a title: 1 to destroy, 1 skipped",
        "  destroy database a (2 days old)",
        "  skip database b (because of this)",
        "  matched nothing: name 'c'",
    ]
    assert (len(made), made.targets, made.notes) == (1, (A,), {A: "2 days old"})
    (skipped,) = made.skipped
    assert (skipped.target, skipped.status, skipped.reason) == (B, OutcomeStatus.SKIPPED, "because\nof this")


def test_a_long_plan_is_shown_in_part() -> None:
    def entries(count: int, reason: str | None) -> list[Candidate]:
        return [Candidate(evolve(A, database=f"a{n}", uuid=f"{n}"), reason) for n in range(count)]

    exact = str(plan(*entries(50, None), *entries(50, "why"))).splitlines()
    assert len(exact) == 101 and not any("more" in line for line in exact)
    long = str(plan(*entries(51, None), *entries(1052, "why"))).splitlines()
    assert len(long) == 103
    assert (long[51], long[102]) == ("  and 1 more", "  and 1,002 more skipped")


def test_a_plan_shows_its_recovery_once_it_is_known() -> None:
    instance = Target(organization="org", database="a", instance="i")
    assert str(plan(Candidate(instance))).endswith(
        "\n  cannot be brought back: the platform restores no instances"
    )
    assert "brought back" not in str(plan(Candidate(instance, "why")))
    assert "brought back" not in str(plan(Candidate(A), verb=RESTORE))
    assert plan(Candidate(A)).recovery is UNCHECKED
    assert plan(Candidate(A), verb=RESTORE).recovery.reason == "an undo deletes nothing"


def test_the_kind_of_the_targets_decides_what_cannot_be_brought_back() -> None:
    nothing = by_kind([])
    assert nothing is not None and (nothing.possible, nothing.reason) == (None, "nothing is to be deleted")
    assert by_kind([A, GROUP]) is None
    token, instance = Target(kind="API token", token="t"), Target(database="a", instance="i")
    kinds = by_kind([A, token, instance])
    assert kinds is not None and kinds.possible is False
    assert kinds.reason == "the platform restores no API tokens or instances"
    nameless = by_kind([A, evolve(B, uuid=None)] * 1000)
    assert nameless is not None and nameless.possible is False
    assert nameless.reason.startswith("the uuid of 1,000 of 2,000 is not known, and only by uuid")


def test_a_recovery_is_shown_in_words_and_as_data() -> None:
    assert UNCHECKED.reason == "not checked: `await plan.check_recovery()` looks"
    assert str(Recovery(reason="why")) == "not known whether it can be brought back: why"
    assert str(Recovery(possible=False, reason="why")) == "cannot be brought back: why"
    assert str(Recovery(possible=True, reason="why")) == "can be brought back: why"
    until = Recovery(possible=True, until=MADE, reason="why")
    assert str(until) == "can be brought back until 2024-05-06 07:08 UTC: why"
    assert until.to_dict() == {"possible": True, "until": "2024-05-06T07:08:09+00:00", "reason": "why"}
    assert Recovery().to_dict() == {"possible": None, "until": None, "reason": ""}


def test_a_plan_as_plain_data_comes_back_as_it_was() -> None:
    made = plan(
        Candidate(A, note="a note"), Candidate(B), Candidate(GROUP, "why"), unmatched=("x",), exclude=("k*",)
    )
    data = made.to_dict()
    assert data["targets"] == [{**A.to_dict(), "note": "a note"}, B.to_dict()] and data["by_uuid"] is False
    assert data["skipped"] == [{**GROUP.to_dict(), "reason": "why"}]
    assert data["recovery"] == UNCHECKED.to_dict()
    same = TeardownPlan.from_dict(data)
    assert (
        same == made == TeardownPlan.from_dict({**data, "digest": "d", "exit_code": 0})
    )  # as the command keeps it
    del data["targets"][0]  # each note is of its target, so that a person may take one out
    assert TeardownPlan.from_dict(data).entries == made.entries[1:]
    assert "note" not in str(plan(Candidate(A), Candidate(B, "why", note="a note")).to_dict()["skipped"])
    assert TeardownPlan.from_dict(plan(Candidate(A), verb=REMOVE_BY_UUID).to_dict()).verb is REMOVE_BY_UUID


def test_the_plan_of_an_undo_as_plain_data_comes_back_as_it_was() -> None:
    group = Candidate(GROUP, note="a note", databases=(A, B))
    made = plan(group, Candidate(evolve(A, uuid="other")), verb=RESTORE)
    data = made.to_dict()
    assert not {"targets", "by_uuid", "recovery"} & set(data)
    assert data["restore"][0]["databases"] == [A.to_dict(), B.to_dict()]
    assert data["restore"][0]["note"] == "a note"
    assert "databases" not in data["restore"][1]
    same = TeardownPlan.from_dict(data)
    assert (same.entries, same.verb) == (made.entries, RESTORE)


def test_a_time_without_a_zone_is_utc_and_what_may_be_left_out_is_empty() -> None:
    data = plan(Candidate(A)).to_dict() | {"created_at": "2024-05-06T07:08:09"}
    del data["unmatched"], data["exclude"], data["by_uuid"], data["recovery"]
    same = TeardownPlan.from_dict(data)
    assert (same.created_at, same.unmatched, same.exclude, same.entries[0].note) == (MADE, (), (), "")
    assert same.verb is plan().verb


DATA = plan(Candidate(A), Candidate(B, "why")).to_dict()
UNDO = plan(Candidate(GROUP, databases=(A,)), verb=RESTORE).to_dict()
OTHER = {**A.to_dict(), "organization": "other"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "not a plan, as TeardownPlan.to_dict makes it (KeyError)"),
        ([], "not a plan: the data of its to_dict are expected, as json.loads returns them, not list"),
        ("plan.json", "not a plan: the data of its to_dict are expected, as json.loads returns them, not str"),
        ({**DATA, "created_at": "soon"}, "not a plan, as TeardownPlan.to_dict makes it (ValueError)"),
        ({**DATA, "skipped": [1]}, "not a plan, as TeardownPlan.to_dict makes it (TypeError)"),
        ({**DATA, "restore": []}, "not a plan: either targets or what to restore is expected"),
        ({**DATA, "by_uuid": 1}, "not a plan: by_uuid must be true or false"),
        ({**DATA, "targets": {}}, "not a plan: lists of targets and texts are expected"),
        ({**DATA, "skipped": {}}, "not a plan: lists of targets and texts are expected"),
        ({**DATA, "unmatched": "x"}, "not a plan: lists of targets and texts are expected"),
        ({**DATA, "exclude": "x"}, "not a plan: lists of targets and texts are expected"),
        ({**DATA, "exclude": [""]}, "a pattern must be a text that is not empty"),
        ({**DATA, "exclude": ["^x$"]}, "'^x$' is not a glob"),
        ({**DATA, "excludes": ["x"]}, "not a plan: it has 'excludes', of which this version knows nothing"),
        ({**DATA, "title": 1}, "not a plan: lists of targets and texts are expected"),
        ({**DATA, "organization": 1}, "not a plan: lists of targets and texts are expected"),
        ({**DATA, "unmatched": [1]}, "not a plan: lists of targets and texts are expected"),
        ({**DATA, "skipped": [{**B.to_dict(), "reason": None}]}, "not a plan: lists of targets and texts are expected"),
        ({**DATA, "notes": ["a"]}, "not a plan: it has 'notes', of which this version knows nothing"),
        ({**DATA, "targets": [{**A.to_dict(), "note": 1}]}, "not a plan: the note of a target must be text"),
        ({**UNDO, "restore": [{**A.to_dict(), "note": None}]}, "not a plan: the note of a target must be text"),
        ({**DATA, "targets": [A.to_dict()] * 2}, "not a plan: a target is named twice"),
        ({**DATA, "targets": [{**A.to_dict(), "databases": []}]}, "not a target: texts under"),
        ({**DATA, "targets": [{}]}, "not a target: kind must be one of"),
        ({**DATA, "targets": [OTHER]}, "not a plan: a target belongs to another organization"),
        ({**DATA, "skipped": [{**OTHER, "reason": "x"}]}, "not a plan: a target belongs to another organization"),
        ({**UNDO, "restore": [1]}, "not a plan: what to restore is a target, with a list of its databases"),
        ({**UNDO, "restore": [{**A.to_dict(), "databases": {}}]}, "not a plan: what to restore is a target"),
        ({**UNDO, "restore": [{**GROUP.to_dict(), "databases": [OTHER]}]}, "not a plan: a target belongs to another"),
        ({**UNDO, "restore": [A.to_dict(), {**B.to_dict(), "uuid": "id-a"}]}, "not a plan: a target is named twice"),
        ({**DATA, "targets": [{"kind": "API token", "token": "t", "organization": "org"}]}, "not a plan: a target belongs"),
        ({**DATA, "by_uuid": True, "targets": [GROUP.to_dict()]}, "not a plan: only databases are deleted by uuid"),
    ],
)  # fmt: skip
def test_data_that_no_plan_makes_are_refused_with_the_reason(data: Any, message: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        TeardownPlan.from_dict(data)
    assert str(caught.value).startswith(message)


def test_two_databases_that_had_one_name_can_both_be_restored() -> None:
    twins = [A.to_dict(), {**A.to_dict(), "uuid": "other"}]
    assert len(TeardownPlan.from_dict({**UNDO, "restore": twins})) == 2


def test_the_age_of_a_plan_is_the_longer_one_of_two_clocks() -> None:
    now = datetime.now(UTC)
    assert 0 <= plan(created_at=now).age < 60
    assert plan(created_at=now - timedelta(hours=1)).age >= 3600
    assert plan(created_at=now + timedelta(hours=1)).age == float("inf")
    slept = plan(created_at=now)
    slept._life.since = Since(0, now, time.monotonic() - 7200)
    assert slept.age >= 7200
    assert TeardownPlan.from_dict(DATA).age == float("inf")


def test_a_plan_is_fresh_until_it_has_run_and_a_dry_run_is_none() -> None:
    def listed(made: TeardownPlan, **options: Any) -> bool:
        return made._use_lists(Options(**options)) is not None

    def made(seconds: float) -> TeardownPlan:
        return plan(
            created_at=datetime.now(UTC) - timedelta(seconds=seconds), engine=SimpleNamespace(tokens=0)
        )

    new = made(0)
    assert [listed(new, dry_run=True) for _ in range(2)] == [True, True]
    assert [listed(new) for _ in range(2)] == [True, False]
    assert not listed(made(11)) and listed(made(11), max_age=3600)
    assert not listed(TeardownPlan.from_dict(DATA), max_age=float("inf"))


def test_lists_of_other_entries_of_a_later_time_or_of_another_token_are_no_evidence_at_any_age() -> None:
    def listed(made: TeardownPlan) -> bool:
        return made._use_lists(Options(max_age=float("inf"))) is not None

    def made(tokens: int = 0, **fields: Any) -> TeardownPlan:
        return plan(engine=SimpleNamespace(tokens=tokens), **fields)

    now = datetime.now(UTC)
    assert listed(made(created_at=now)) and listed(made(created_at=now - timedelta(hours=9)))
    assert not listed(made(created_at=now + timedelta(hours=1)))
    assert not listed(evolve(made(created_at=now), entries=(Candidate(B),)))
    assert not listed(made(tokens=1, created_at=now))


def test_a_stop_holds_for_the_runs_under_way_or_the_first_to_come() -> None:
    life = plan()._life
    life.stop()
    with life.running() as halt:
        assert halt.reason == "stopped"
    life.stop()
    with life.running() as one, life.running() as other:
        assert one is other and not one.reason
        life.stop()
        assert one.reason == "stopped"
    with life.running() as again:
        assert again is not one and not again.reason


def test_a_stop_before_the_first_run_holds_over_a_dry_run() -> None:
    """Which sends nothing: what it has shown may be the reason for the stop."""
    life = plan()._life
    with life.running(dry_run=True):
        pass
    life.stop()
    with life.running(dry_run=True) as halt:
        assert halt.reason == "stopped"
    with life.running() as same:
        assert same is halt and same.reason == "stopped"
    with life.running(dry_run=True):
        with life.running() as run:
            life.stop()
        assert run.reason == "stopped"
    with life.running() as later:
        assert not later.reason


async def test_a_plan_without_a_client_runs_nothing() -> None:
    made = plan(Candidate(A))
    for call in (made.execute(), made.check_recovery()):
        with pytest.raises(ConfigurationError, match=r"has no client: load it with turso\.teardown\.load"):
            await call


async def test_a_switch_of_execute_is_a_bool() -> None:
    for name in ("verify", "return_exceptions"):
        with pytest.raises(InvalidInputError, match=f"{name} must be True or False, not str"):
            await plan(Candidate(A)).execute(**{name: "no"})  # type: ignore[arg-type]  # on purpose
