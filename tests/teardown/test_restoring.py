"""The call that restores one target: which answer is believed, which look decides, and what came with a group."""

from __future__ import annotations

from typing import Any

import pytest
from missing import not_found
from raw import RawServer, Request, Step, answer, close
from routes import NO_ROUTE, database, databases, no_such, one, routes
from sleeps import Sleeps

from aioturso import (
    ConflictError,
    DecodeError,
    ForbiddenError,
    Outcome,
    OutcomeStatus,
    OutcomeUnknownError,
    RetryPolicy,
    ServerError,
    Target,
    TeardownReport,
    TursoError,
)
from aioturso._account import Account, Effect
from aioturso.teardown.restoring import is_own, restore, verified
from aioturso.teardown.targets import Candidate

A = Target(kind="database", organization="org", database="a", group="g", uuid="id-a")
B = Target(kind="database", organization="org", database="b", group="g", uuid="id-b")
GROUP = Target(kind="group", organization="org", group="g", uuid="id-g")
G = {"name": "g", "uuid": "id-g", "locations": ["iad"], "primary": "iad"}
ALONE = Candidate(A)
OWNER = answer(200, {"organization": {"slug": "org", "id": "o"}})
Table = dict[str, Step | list[Step]]


async def restored(
    table: Table,
    candidate: Candidate = ALONE,
    account: Account | None = None,
    retry: RetryPolicy | None = None,
) -> tuple[list[tuple[str, str, str | None]], Account, list[str]]:
    """Returns what came with the target, the account of the call, and what was sent after the first look."""
    account = account or Account()
    async with RawServer(then=routes({"GET organizations/org": OWNER, **table})) as raw:
        async with raw.client(retry=retry) as turso:
            engine = turso.teardown._engine
            try:
                came = (await restore(engine, candidate, account)).came
            finally:
                sent = [
                    f"{r.method} {r.target.partition('?')[0].rpartition('/')[2]}" for r in raw.requests[1:]
                ]
    return [(str(o.target), o.status.value, o.reason) for o in came], account, sent


def db(**fields: Any) -> Step:
    return one(database=database(**fields))


async def test_an_answer_about_the_uuid_that_was_sent_is_a_success() -> None:
    came, account, sent = await restored({"POST id-a/restore": db(DbId="ID-A")})
    assert (came, account.effect, account.confirmed, sent) == ([], Effect.APPLIED, None, ["POST restore"])


@pytest.mark.parametrize("odd", [db(DbId="other"), db(DbId=None), db(DbId="")])
async def test_an_answer_about_another_uuid_is_looked_at(odd: Step) -> None:
    table: Table = {"POST id-a/restore": odd, "GET databases/a": db()}
    came, account, sent = await restored(table)
    assert account.confirmed == "no usable answer, and there again"
    assert (came, account.effect, sent) == ([], Effect.APPLIED, ["POST restore", "GET a"])
    with pytest.raises(DecodeError, match=r"about another one|required and missing") as caught:
        await restored({"POST id-a/restore": odd, "GET databases/a": no_such("database")})
    assert caught.value.where == "$.database.id" and caught.value.maybe_applied


async def test_an_answer_about_another_group_is_not_believed() -> None:
    table: Table = {"POST id-g/restore": one(group={**G, "uuid": "other"}), "GET groups/g": no_such("group")}
    with pytest.raises(DecodeError) as caught:
        await restored(table, Candidate(GROUP))
    assert caught.value.where == "$.group.uuid"


@pytest.mark.parametrize(
    ("look", "there"),
    [
        (db(), True),
        (db(DbId="ID-A"), True),
        (db(DbId="other"), False),
        (db(DbId=None), False),
        (no_such("database"), False),
        (answer(500, {"error": "down"}), False),
    ],
)
async def test_after_a_lost_answer_it_is_restored_only_if_it_is_there_again(look: Step, there: bool) -> None:
    table: Table = {"POST id-a/restore": close, "GET databases/a": look}
    account = Account()
    if there:
        _, account, _ = await restored(table)
        assert (account.effect, account.confirmed) == (Effect.APPLIED, "no usable answer, and there again")
    else:
        with pytest.raises(OutcomeUnknownError):
            await restored(table, account=account)
        assert account.effect is Effect.UNKNOWN


async def test_a_restore_is_sent_again_only_after_a_look_that_can_compare(fast: RetryPolicy) -> None:
    for look, times in ((db(DbId=None), 1), (db(DbId="other"), 4), (no_such("database"), 4)):
        account = Account()
        with pytest.raises(OutcomeUnknownError):
            await restored({"POST id-a/restore": close, "GET databases/a": look}, account=account, retry=fast)
        assert account.attempts == times


async def test_a_restore_of_a_group_is_sent_again_after_a_look_that_finds_none(fast: RetryPolicy) -> None:
    account = Account()
    table: Table = {"POST id-g/restore": [close, one(group=G)], "GET groups/g": no_such("group")}
    _, _, sent = await restored(table, Candidate(GROUP), account, fast)
    assert (sent, account.effect) == (["POST restore", "GET g", "POST restore"], Effect.APPLIED)


async def test_a_refusal_is_looked_at_only_if_it_is_about_this_target_alone() -> None:
    table: Table = {"POST id-a/restore": answer(409, {"error": "exists"}), "GET databases/a": db()}
    _, account, sent = await restored(table)
    assert (account.effect, account.confirmed) == (Effect.NOT_APPLIED, "already there")
    assert sent == ["POST restore", "GET a"]
    table["POST id-a/restore"] = answer(403, {"error": "no"})
    with pytest.raises(ForbiddenError):
        await restored(table)
    with pytest.raises(ConflictError):
        await restored(
            {**table, "POST id-a/restore": answer(409, {"error": "exists"}), "GET databases/a": db(DbId="x")}
        )


async def test_after_the_end_of_a_call_no_look_is_sent() -> None:
    account = Account()

    async def lost(request: Request) -> object:
        account.end()
        return await close(request)

    with pytest.raises(OutcomeUnknownError):
        await restored({"POST id-a/restore": lost, "GET databases/a": db()}, account=account)
    assert account.attempts == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConflictError("taken", status=409), "its name, or its group's, is taken by another one"),
        (not_found("database"), "past its time, or already restored and deleted again"),
        (not_found("group"), None),
        (not_found(None), None),
        (ServerError("down", status=500), None),
    ],
)
def test_a_refusal_is_of_this_target_alone_or_of_all(error: TursoError, reason: str | None) -> None:
    assert is_own(error, A) == reason


async def test_each_database_of_a_restored_group_has_an_outcome() -> None:
    body = {
        "group": G,
        "databases": [database(), database("c")],
        "failures": {"ID-B": "too big", "id-d": "odd"},
    }
    wanted = Candidate(GROUP, databases=(A, B, Target(kind="database", database="e", uuid="id-e")))
    table: Table = {"POST id-g/restore": answer(200, body)}
    async with RawServer(then=routes({"GET organizations/org": OWNER, **table})) as raw:
        async with raw.client(retry=None) as turso:
            engine = turso.teardown._engine
            came = (await restore(engine, wanted, Account())).came
    assert [(o.target.uuid, o.status.value, o.reason) for o in came] == [
        ("id-a", "restored", "with its group 'g'"),
        ("id-b", "failed", "its group is restored, and it is not: too big"),
        ("id-e", "unknown", "its group is restored, and the answer does not name it"),
        ("id-c", "restored", "with its group 'g'"),
        ("id-d", "failed", "its group is restored, and it is not: odd"),
    ]
    new = Target(kind="database", organization="org", database="c", group="g", uuid="id-c")
    unnamed = Target(kind="database", organization="org", database="id-d", group="g", uuid="id-d")
    assert [o.target for o in came[:2]] == [A, B] and [o.target for o in came[3:]] == [new, unnamed]


async def test_the_databases_of_a_group_whose_answer_was_lost_are_listed() -> None:
    table: Table = {
        "POST id-g/restore": close,
        "GET groups/g": one(group=G),
        "GET databases": databases(database(), database("c")),
        "GET databases/a": db(),
        "GET databases/c": no_such("database"),
    }
    c = Target(kind="database", organization="org", database="c", group="g", uuid="id-c")
    came, account, _ = await restored(table, Candidate(GROUP, databases=(A, B, c)))
    assert account.confirmed == "no usable answer, and there again"
    assert came == [
        ("database a", "restored", "no usable answer, and there again"),
        ("database b", "unknown", "no usable answer: its group is there again, and it is not so far"),
        ("database c", "unknown", "no usable answer: its group is there again, and it is not so far"),
    ]
    table["GET databases"] = answer(500, {"error": "down"})
    came, _, _ = await restored(table, Candidate(GROUP, databases=(A,)))
    assert came == [("database a", "unknown", "its group is there again")]
    async with RawServer(then=routes({"GET organizations/org": OWNER, **table})) as raw:
        async with raw.client(retry=None) as turso:
            engine = turso.teardown._engine
            sent = await restore(engine, Candidate(GROUP, databases=(A,)), Account())
            (one_,) = sent.came
    assert isinstance(one_.error, ServerError)


def outcome(target: Target, status: str) -> Outcome:
    return Outcome(target=target, status=OutcomeStatus(status), reason="before", error=ServerError("down"))


async def corrected(
    *outcomes: Outcome, lists: list[Step], alone: Step = NO_ROUTE
) -> tuple[TeardownReport, int]:
    """Returns the report after a verification, and how many lists it has read, each after a longer wait."""
    sleeps = Sleeps()
    async with RawServer(then=routes({"GET databases": lists, "GET databases/b": alone})) as raw:
        async with raw.client(retry=RetryPolicy(attempts=1, sleep=sleeps)) as turso:
            report = await verified(turso.teardown._engine, TeardownReport(outcomes))
    read = [r for r in raw.requests if r.target.partition("?")[0].endswith("/databases")]
    assert sleeps == [0.5, 1.0, 2.0, 4.0, 8.0][: max(0, len(read) - 1)]
    return report, len(read)


async def test_a_verification_corrects_what_the_list_shows() -> None:
    found = [outcome(A, "restored"), outcome(B, "unknown"), outcome(GROUP, "failed"), outcome(B, "skipped")]
    both = [databases(database(), database("b"))]
    report, lists = await corrected(*found, lists=both, alone=db(name="b"))
    assert [(o.status.value, o.reason) for o in report.outcomes] == [
        ("restored", "before"),
        ("restored", "listed again"),
        ("failed", "before"),
        ("skipped", "before"),
    ]
    assert report.outcomes[1].error is None and report.outcomes[0].error is not None
    assert (report.remaining, report.unverified, lists) == ((), None, 1)


@pytest.mark.parametrize(
    "alone", [no_such("database"), db(name="b", DbId="another"), answer(500, {"error": "down"}), NO_ROUTE]
)
async def test_a_list_that_lags_is_no_proof_that_an_unknown_one_is_back(alone: Step) -> None:
    report, _ = await corrected(outcome(B, "unknown"), lists=[databases(database("b"))], alone=alone)
    assert [(o.status.value, o.reason) for o in report.outcomes] == [("unknown", "before")]
    assert report.remaining == () and report.unverified is None


async def test_what_is_not_listed_is_unknown_also_if_the_look_at_another_one_is_lost() -> None:
    found = [outcome(A, "restored"), outcome(B, "unknown")]
    report, _ = await corrected(*found, lists=[databases(database("b"))], alone=close)
    assert [(o.status.value, o.reason) for o in report.outcomes] == [
        ("unknown", "restored, and not listed"),
        ("unknown", "before"),
    ]
    assert report.remaining == (A,) and isinstance(report.unverified, OutcomeUnknownError)


async def test_a_verification_waits_for_what_is_back_and_not_for_what_is_unknown() -> None:
    found = [outcome(A, "already_there"), outcome(B, "unknown")]
    report, lists = await corrected(*found, lists=[databases(), databases(database())])
    assert [(o.status.value, o.reason) for o in report.outcomes] == [
        ("already_there", "before"),
        ("unknown", "before"),
    ]
    assert (report.remaining, lists) == ((), 2)
    report, lists = await corrected(*found, lists=[databases()])
    assert [(o.status.value, o.reason) for o in report.outcomes] == [
        ("unknown", "already there, and not listed"),
        ("unknown", "before"),
    ]
    assert (report.remaining, lists) == ((A,), 6)


async def test_a_verification_that_fails_keeps_what_is_known() -> None:
    report, _ = await corrected(outcome(A, "restored"), lists=[answer(403, {"error": "no"})])
    assert isinstance(report.unverified, ForbiddenError) and report.restored
