"""The account of a call: what it has sent, what may have taken effect, and how much time is left."""

from __future__ import annotations

import math

import pytest
from attrs import astuple
from losses import LOST
from missing import not_found

from aioturso import (
    APIError,
    DecodeError,
    NotSentError,
    RequestTimeoutError,
    ServerError,
    Timeout,
    TursoError,
    UnauthorizedError,
)
from aioturso._account import Account, Effect, is_gone
from aioturso._retrying import RetryBudget
from aioturso.api.databases import GET
from aioturso.api.instances import DESTROY


def test_an_account_begins_with_nothing() -> None:
    of_run, of_limiter = (None, 0.0, None), (None, False)
    of_call = (0, False, Effect.NOT_APPLIED, None, 0, None, 0.0, None, False, False, False, None)
    assert astuple(Account()) == (*of_run, *of_call, *of_limiter, None)


def test_only_an_answer_that_did_not_come_makes_the_next_send_take_a_new_connection() -> None:
    account = Account()
    for error, renews in (
        (not_found(None), False),
        (NotSentError(), False),
        (LOST, True),
        (not_found(None), True),
    ):
        account.settle(error, DESTROY)
        assert account.renews is renews


def test_a_send_is_announced_once_and_again_if_that_has_failed() -> None:
    calls = list[str]()

    def announce() -> None:
        calls.append("called")
        if len(calls) == 1:
            raise OSError

    account = Account(announce=announce)
    with pytest.raises(OSError):
        account.announced()
    assert account.announce is not None
    account.announced()
    assert (calls, account.announce) == (["called"] * 2, None)


def test_each_send_is_counted_and_is_on_the_wire() -> None:
    account = Account()
    account.sent()
    account.sent()
    assert (account.attempts, account.on_wire, account.effect) == (2, True, Effect.NOT_APPLIED)


def test_an_answer_that_was_understood_has_taken_effect() -> None:
    account = Account(on_wire=True)
    account.confirm("a reason")
    assert (account.on_wire, account.effect, account.confirmed) == (False, Effect.APPLIED, "a reason")
    account.confirm()
    assert account.confirmed == "a reason"


def test_a_refused_token_leaves_the_account_open_for_one_more_send() -> None:
    account = Account(on_wire=True)
    account.reauthorize(LOST)
    assert (account.on_wire, account.reauthorized, account.last) == (False, True, LOST)
    assert account.effect is Effect.NOT_APPLIED and not account.ended


def test_where_nothing_is_left_to_do_only_an_attempt_that_may_have_taken_effect_has_done_it() -> None:
    account = Account(effect=Effect.NOT_APPLIED)
    assert account.conclude("a reason") is False
    assert (account.effect, account.confirmed) == (Effect.NOT_APPLIED, "a reason")
    account = Account(effect=Effect.UNKNOWN)
    assert account.conclude("another") is True
    assert (account.effect, account.confirmed) == (Effect.APPLIED, "another")


def test_a_reason_that_has_turned_out_to_be_none_leaves_the_effect() -> None:
    account = Account(on_wire=True)
    account.confirm("a reason")
    account.unconfirm()
    assert (account.effect, account.confirmed) == (Effect.APPLIED, None)


def test_an_attempt_has_no_status_before_its_answer() -> None:
    account = Account(status=503)
    account.unanswered()
    assert account.status == 0


def test_a_call_that_is_sent_again_holds_the_error_and_the_way() -> None:
    account = Account()
    account.again(LOST)
    account.choose("by uuid")
    assert (account.last, account.way) == (LOST, "by uuid")


def test_the_limiter_leaves_what_it_knew_and_whether_a_refusal_counts() -> None:
    account = Account()
    account.arrive(3.0, 2)
    account.excuse(True)
    assert (account.arrival, account.excused) == ((3.0, 2), True)
    account.excuse(False)
    assert not account.excused


@pytest.mark.parametrize(
    ("error", "effect"),
    [
        (LOST, Effect.UNKNOWN),
        (RequestTimeoutError("late"), Effect.UNKNOWN),
        (DecodeError("odd"), Effect.UNKNOWN),
        (NotSentError("refused"), Effect.NOT_APPLIED),
        *[(APIError("said", status=status), Effect.UNKNOWN) for status in (408, 425, 499, 500, 503, 599)],
        *[(APIError("said", status=s), Effect.NOT_APPLIED) for s in (400, 404, 407, 409, 424, 429, 498)],
    ],
)
def test_the_error_of_an_attempt_decides_whether_it_may_have_taken_effect(
    error: TursoError, effect: Effect
) -> None:
    account = Account(attempts=3, on_wire=True)
    assert account.settle(error, DESTROY) is False
    assert (account.on_wire, account.effect) == (False, effect)
    assert (error.attempts, error.maybe_applied) == (3, effect is Effect.UNKNOWN)


@pytest.mark.parametrize(("before", "confirmed"), [(Effect.UNKNOWN, True), (Effect.NOT_APPLIED, False)])
def test_a_404_confirms_only_an_attempt_that_may_have_taken_effect(before: Effect, confirmed: bool) -> None:
    account = Account(on_wire=True, effect=before)
    assert account.settle(not_found("instance"), DESTROY) is confirmed
    assert account.effect is (Effect.APPLIED if confirmed else Effect.NOT_APPLIED)
    assert account.confirmed == ("confirmed by 404 (instance not found)" if confirmed else None)


@pytest.mark.parametrize(
    ("error", "known"),
    [
        (not_found("instance"), True),
        (not_found("database"), True),
        (not_found("group"), False),
        (not_found(None), False),
        (APIError("said", status=404), False),
    ],
)
def test_gone_is_a_404_about_the_thing_or_about_what_holds_it(error: TursoError, known: bool) -> None:
    assert is_gone(error, DESTROY) is known
    account = Account(effect=Effect.UNKNOWN)
    assert account.settle(error, DESTROY) is known


@pytest.mark.parametrize(
    ("account", "changed"),
    [
        (Account(), False),
        (Account(on_wire=True), True),
        (Account(effect=Effect.UNKNOWN), True),
        (Account(effect=Effect.APPLIED), True),
    ],
)
def test_what_is_on_the_wire_may_have_taken_effect_unless_it_only_reads(
    account: Account, changed: bool
) -> None:
    error = TursoError("ended")
    account.charge(error, DESTROY)
    assert error.maybe_applied is changed
    account.charge(error, GET)
    assert error.maybe_applied is False


def test_the_first_attempt_starts_the_time_of_the_call() -> None:
    account, limits = Account(), Timeout(attempt=5, total=12)
    assert account.left(100.0) == math.inf
    assert account.seconds(100.0, limits) == 5
    assert account.seconds(108.0, limits) == 4
    assert account.seconds(113.0, limits) == -1
    assert (account.left(108.0), account.deadline) == (4, 112.0)


def test_another_call_has_its_own_time_and_errors_and_the_same_sends_and_effect() -> None:
    account = Account()
    account.sent()
    account.reauthorize(UnauthorizedError("x", status=401))
    account.sent()
    account.settle(ServerError("x", status=500), DESTROY)
    account.seconds(5.0, Timeout())
    account.end()
    account.begin_another()
    assert (account.deadline, account.last, account.reauthorized) == (0.0, None, False)
    assert (account.attempts, account.effect, account.ended) == (2, Effect.UNKNOWN, True)


def test_after_the_end_nothing_may_be_sent() -> None:
    account = Account()
    account.end()
    assert account.ended


def test_a_budget_is_spent_by_retries_and_refilled_by_ten_successes() -> None:
    budget = RetryBudget(2)
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    for _ in range(9):
        budget.refill()
    assert not budget.spend()
    budget.refill()
    assert budget.spend() and not budget.spend()
    for _ in range(100):
        budget.refill()
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    assert not RetryBudget(0.5).spend()


class Full(Account):
    """No memory is left when it is to note an effect."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "effect" and self.attempts:
            raise MemoryError
        super().__setattr__(name, value)


def test_an_error_while_an_answer_is_noted_leaves_it_on_the_wire() -> None:
    """Or else what was deleted would be a failure that cannot have taken effect."""
    for note in (lambda account: account.confirm(), lambda account: account.settle(LOST, DESTROY)):
        account = Full()
        account.sent()
        with pytest.raises(MemoryError):
            note(account)
        assert account.on_wire


def test_the_headers_of_an_answer_are_not_shown_by_the_repr_of_an_account() -> None:
    """A cookie or a proxy's token may be in them, and a traceback that shows locals shows the account."""
    assert "secret" not in repr(Account(headers={"Set-Cookie": "secret"}))
