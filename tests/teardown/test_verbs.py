"""What a run calls for a target, and which outcome each end of that call means."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from missing import not_found
from raw import RawServer, Step, answer, close
from routes import NO_ROUTE, database, no_such, one, routes

from aioturso import (
    APIError,
    ClientClosedError,
    ConflictError,
    DecodeError,
    NotFoundError,
    OutcomeStatus,
    OutcomeUnknownError,
    RequestEvent,
    RetryPolicy,
    ServerError,
    Target,
    TursoError,
)
from aioturso._account import Account, Effect
from aioturso.teardown.engine import Engine
from aioturso.teardown.report import Outcome
from aioturso.teardown.targets import Candidate
from aioturso.teardown.verb import Sent
from aioturso.teardown.verbs import REMOVE, REMOVE_BY_UUID, RESTORE

A = Target(kind="database", organization="org", database="a", group="g", uuid="id-a")
GROUP = Target(kind="group", organization="org", group="g", uuid="id-g")
DOWN = ServerError("down", status=500)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call here began at 0 and ends after 1.5 seconds."""
    monkeypatch.setattr("aioturso.teardown.verb.time", SimpleNamespace(monotonic=lambda: 1.5))


def judged(verb: Any, account: Account, error: Exception | None = None) -> tuple[str, str | None]:
    outcome = verb.judge(A, account, error) if error else verb.worked(A, account, Sent())
    assert (outcome.target, outcome.attempts, outcome.elapsed) == (A, account.attempts, 1.5)
    return outcome.status.value, outcome.reason


APPLIED, UNKNOWN, NOTHING = Effect.APPLIED, Effect.UNKNOWN, Effect.NOT_APPLIED


@pytest.mark.parametrize(
    ("account", "status", "reason"),
    [
        (Account(effect=APPLIED), "destroyed", None),
        (Account(effect=APPLIED, status=202), "destroyed", "accepted"),
        (Account(effect=APPLIED, status=200, way="by uuid"), "destroyed", "by uuid"),
        (Account(effect=APPLIED, status=202, confirmed="why", way="a way"), "destroyed", "why; a way"),
        (Account(effect=NOTHING, confirmed="why"), "already_gone", "why"),
    ],
)
def test_a_call_that_succeeds_has_destroyed_or_had_nothing_to_do(
    account: Account, status: str, reason: str | None
) -> None:
    assert judged(REMOVE, account) == (status, reason)


def test_a_call_that_succeeds_has_restored_or_had_nothing_to_do() -> None:
    assert judged(RESTORE, Account(effect=APPLIED)) == ("restored", None)
    assert judged(RESTORE, Account(confirmed="already there")) == ("already_there", "already there")


@pytest.mark.parametrize(
    ("account", "error", "status", "reason"),
    [
        (Account(attempts=1), not_found("database"), "already_gone", "database not found"),
        (
            Account(attempts=1, way="by uuid"),
            not_found("database"),
            "already_gone",
            "database not found; by uuid",
        ),
        (Account(attempts=1), not_found("group"), "failed", None),
        (Account(attempts=1), not_found(None), "failed", None),
        (Account(attempts=1), DOWN, "failed", None),
        (Account(attempts=1, way="by uuid"), DOWN, "failed", "by uuid"),
        (Account(attempts=1, effect=UNKNOWN), DOWN, "unknown", None),
        (Account(attempts=1, effect=APPLIED), DOWN, "unknown", None),
        (Account(attempts=1, effect=APPLIED, confirmed="why"), DOWN, "unknown", None),
        (Account(attempts=1, on_wire=True), DOWN, "unknown", None),
        (Account(), ValueError("odd"), "failed", None),
        (Account(on_wire=True), ValueError("odd"), "unknown", None),
        (Account(), ClientClosedError("the client is closed"), "not_attempted", "the client is closed"),
        (Account(attempts=1, on_wire=True), ClientClosedError("closed"), "unknown", None),
        (Account(attempts=1), ClientClosedError("closed"), "failed", None),
    ],
)
def test_the_error_and_the_account_of_a_call_decide_its_outcome(
    account: Account, error: Exception, status: str, reason: str | None
) -> None:
    assert judged(REMOVE, account, error) == (status, reason)
    outcome = REMOVE.judge(A, account, error)
    assert outcome.error is (None if status in ("already_gone", "not_attempted") else error)


def test_the_refusal_of_a_restore_has_its_reason() -> None:
    taken = ConflictError("taken", status=409)
    assert judged(RESTORE, Account(attempts=1), taken) == (
        "failed",
        "its name, or its group's, is taken by another one",
    )
    past = "past its time, or already restored and deleted again"
    assert judged(RESTORE, Account(attempts=1), not_found("database")) == ("failed", past)
    assert judged(REMOVE, Account(attempts=1), taken) == ("failed", None)


@pytest.mark.parametrize(
    ("account", "status"),
    [
        (Account(), "not_attempted"),
        (Account(on_wire=True), "not_attempted"),
        (Account(attempts=1), "failed"),
        (Account(attempts=1, on_wire=True), "unknown"),
        (Account(attempts=1, effect=UNKNOWN, last=DOWN), "unknown"),
    ],
)
def test_an_interrupted_call_has_the_outcome_that_is_known(account: Account, status: str) -> None:
    assert REMOVE.interrupted(A, account, "why") == Outcome(
        target=A,
        status=OutcomeStatus(status),
        reason="why",
        error=account.last,
        attempts=account.attempts,
        elapsed=1.5,
    )


def test_what_is_left_alone_is_skipped_and_what_is_there_already_is_fine() -> None:
    there = Candidate(A, "already there")
    assert REMOVE.left(Candidate(A, "why")) == Outcome(target=A, status=OutcomeStatus.SKIPPED, reason="why")
    assert REMOVE.left(there).status is OutcomeStatus.SKIPPED
    assert RESTORE.left(there) == Outcome(
        target=A, status=OutcomeStatus.ALREADY_THERE, reason="already there"
    )
    assert RESTORE.left(Candidate(A, "why")).status is OutcomeStatus.SKIPPED


def test_a_verb_has_worked_if_the_target_is_as_it_wants_it() -> None:
    worked = {
        verb.word: [s.value for s in OutcomeStatus if verb.has_worked(Outcome(target=A, status=s))]
        for verb in (REMOVE, RESTORE)
    }
    assert worked == {"destroy": ["destroyed", "already_gone"], "restore": ["restored", "already_there"]}


def test_groups_are_restored_before_databases_and_all_is_removed_at_once() -> None:
    entries = list(enumerate([Candidate(A), Candidate(GROUP), Candidate(A)]))
    assert [list(phase) for phase in REMOVE.phases(entries)] == [entries]
    first, second = RESTORE.phases(entries)
    assert (list(first), list(second)) == ([entries[1]], [entries[0], entries[2]])
    assert [list(phase) for phase in RESTORE.phases(entries[:1])] == [entries[:1]]
    assert [list(phase) for phase in RESTORE.phases(entries[1:2])] == [entries[1:2]]
    assert list(RESTORE.phases([])) == []


def test_the_verbs_have_words_for_the_log_and_the_plan() -> None:
    assert (REMOVE.word, REMOVE.noun, REMOVE.sending) == ("destroy", "teardown", "sending")
    assert (RESTORE.word, RESTORE.noun, RESTORE.sending) == ("restore", "undo", "restoring")
    assert (REMOVE_BY_UUID.word, REMOVE_BY_UUID.sending) == ("destroy", "sending")


OWNER = answer(200, {"organization": {"slug": "org", "id": "o"}})
Table = dict[str, Step | list[Step]]


async def sent(
    verb: Any, table: Table, account: Account, retry: RetryPolicy | None = None
) -> tuple[Engine, list[str]]:
    """Makes the call of a verb for the database; returns the engine and what was sent."""
    async with RawServer(then=routes({"GET organizations/org": OWNER, **table})) as raw:
        async with raw.client(retry=retry) as turso:
            engine = turso.teardown._engine
            try:
                with engine.calls.pool.pulse.ticking():  # as in a run
                    assert await verb.send(engine, Candidate(A), account) in (Sent(), A.database)
            finally:
                SENT[:] = [f"{r.method} {r.target.rpartition('/')[2]}" for r in raw.requests]
    return engine, list(SENT)


SENT: list[str] = []
DONE = answer(200, b"")


async def test_a_database_is_removed_by_its_name_and_looked_at_before_it_is_sent_again(
    fast: RetryPolicy,
) -> None:
    account = Account()
    _, lines = await sent(REMOVE, {"DELETE databases/a": DONE}, account)
    assert (lines, account.effect, account.way) == (["DELETE a"], APPLIED, None)
    account = Account()
    table: Table = {"DELETE databases/a": close, "GET databases/a": one(database=database(DbId="other"))}
    _, lines = await sent(REMOVE, table, account, fast)
    assert lines == ["DELETE a", "GET a"]
    assert account.confirmed == "no answer, and the name now belongs to another"


async def test_a_database_is_removed_by_its_uuid() -> None:
    account = Account()
    engine, lines = await sent(REMOVE_BY_UUID, {"DELETE o/databases/id-a": DONE}, account)
    assert (lines, account.way) == (["GET org", "DELETE id-a"], "by uuid")
    assert not engine.memory.lacks_delete_by_uuid


@pytest.mark.parametrize("lacking", [NO_ROUTE, *(answer(status, {"error": "no"}) for status in (405, 501))])
async def test_without_a_route_by_uuid_it_is_looked_at_and_removed_by_its_name(lacking: Step) -> None:
    account = Account()
    table: Table = {
        "DELETE o/databases/id-a": lacking,
        "DELETE org/databases/a": DONE,
        "GET databases/a": one(database=database()),
    }
    engine, lines = await sent(REMOVE_BY_UUID, table, account)
    # A 404 may be that of a proxy: it is looked at by UUID too.
    looks = ["GET id-a"] if lacking is NO_ROUTE else []
    assert lines == ["GET org", "DELETE id-a", *looks, "GET a", "DELETE a"]
    assert account.way == "by name: the platform has no delete by uuid"
    assert engine.memory.lacks_delete_by_uuid and account.effect is APPLIED


@pytest.mark.parametrize("status", [400, 403, 409, 500])
async def test_another_refusal_by_uuid_sends_nothing_by_name(status: int) -> None:
    with pytest.raises(APIError):
        await sent(REMOVE_BY_UUID, {"DELETE o/databases/id-a": answer(status, {"error": "no"})}, Account())
    assert SENT == ["GET org", "DELETE id-a"]


async def test_a_404_about_the_database_by_uuid_sends_nothing_by_name() -> None:
    with pytest.raises(NotFoundError):
        await sent(REMOVE_BY_UUID, {"DELETE o/databases/id-a": no_such("database")}, Account())
    assert SENT == ["GET org", "DELETE id-a"]


@pytest.mark.parametrize(
    ("look", "before", "effect", "confirmed"),
    [
        (no_such("database"), NOTHING, NOTHING, "no longer there"),
        (no_such("database"), UNKNOWN, APPLIED, "no longer there"),
        (
            one(database=database(DbId="x")),
            NOTHING,
            NOTHING,
            "the name now belongs to another one, which was left alone",
        ),
    ],
)
async def test_what_is_not_the_target_any_more_is_not_removed_by_its_name(
    look: Step, before: Effect, effect: Effect, confirmed: str
) -> None:
    account = Account(effect=before)
    _, lines = await sent(REMOVE_BY_UUID, {"GET databases/a": look}, account)
    assert lines == ["GET org", "DELETE id-a", "GET id-a", "GET a"]
    assert (account.effect, account.confirmed) == (effect, confirmed)


async def test_what_cannot_be_compared_is_not_removed_by_its_name() -> None:
    with pytest.raises(DecodeError, match="cannot be compared: its uuid is missing") as caught:
        await sent(REMOVE_BY_UUID, {"GET databases/a": one(database=database(DbId=None))}, Account())
    assert caught.value.where == "$" and SENT[-1] == "GET a"


async def test_a_lost_answer_by_uuid_is_no_missing_route() -> None:
    with pytest.raises(OutcomeUnknownError):
        await sent(REMOVE_BY_UUID, {"DELETE o/databases/id-a": close}, Account())
    assert SENT == ["GET org", "DELETE id-a"]


async def test_once_it_is_known_that_the_route_is_missing_it_is_not_tried_again() -> None:
    table: Table = {"DELETE org/databases/a": DONE, "GET databases/a": one(database=database())}
    async with RawServer(then=routes(table)) as raw, raw.client(retry=None) as turso:
        engine = turso.teardown._engine
        engine.memory.lacks_delete_by_uuid = True
        await REMOVE_BY_UUID.send(engine, Candidate(A), Account())
    assert [r.method for r in raw.requests] == ["GET", "DELETE"]


async def test_a_missing_route_that_another_delete_has_found_first_is_not_looked_at_again() -> None:
    table: Table = {"DELETE org/databases/a": DONE, "GET databases/a": one(database=database())}

    def on_request(event: RequestEvent) -> None:
        engine.memory.lacks_delete_by_uuid = event.method == "DELETE"

    async with RawServer(then=routes({"GET organizations/org": OWNER, **table})) as raw:
        async with raw.client(retry=None, on_request=on_request) as turso:
            engine = turso.teardown._engine
            await REMOVE_BY_UUID.send(engine, Candidate(A), Account())
    lines = [f"{r.method} {r.target.rpartition('/')[2]}" for r in raw.requests]
    assert lines == ["GET org", "DELETE id-a", "GET a", "DELETE a"]


def test_a_removal_has_no_refusal_of_its_own() -> None:
    errors: list[TursoError] = [ConflictError("x", status=409), not_found("database"), DOWN]
    assert [REMOVE.is_own(error, A) for error in errors] == [None, None, None]
    assert [RESTORE.already(error, A) for error in errors] == [None, None, None]


async def test_an_organization_without_an_id_ends_another_look_before_anything_is_listed() -> None:
    lacking = answer(200, {"organization": {"slug": "org"}})
    async with RawServer(then=routes({"GET organizations/org": lacking})) as raw:
        async with raw.client(retry=None) as turso:
            with pytest.raises(DecodeError) as caught:
                await REMOVE_BY_UUID.recheck(turso.teardown._engine, [Candidate(A)])
    assert (caught.value.where, len(raw.requests)) == ("$.organization.id", 1)
