"""The policy of retries: what is sent again, after which wait, and which settings are refused."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import pytest
from tenacity import wait_fixed

from aioturso import (
    APIError,
    ConfigurationError,
    DecodeError,
    NotSentError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    RetryPolicy,
    TursoError,
)
from aioturso.retries import retry_if_transient, wait_retry_after

LOST = OutcomeUnknownError("lost")
FIXED = RetryPolicy(wait=wait_fixed(2))


@pytest.mark.parametrize(
    ("error", "again"),
    [
        *[(APIError("said", status=s), True) for s in (408, 425, 429, 500, 502, 503, 504, 520, 529)],
        *[(APIError("said", status=s), False) for s in (400, 404, 409, 424, 430, 501, 505, 519, 530)],
        (LOST, True),
        (ProtocolError("odd"), True),
        (ProtocolError("redirect", location="/x"), False),
        (ProtocolError("partial", status=206), False),
        (NotSentError("refused"), True),
        (NotSentError("untrusted", final=True), False),
        (DecodeError("odd"), False),
        (TursoError("any"), False),
        (ValueError("any"), False),
    ],
)
def test_what_another_attempt_can_help_is_sent_again(error: Any, again: bool) -> None:
    policy = RetryPolicy(wait=wait_fixed(2))
    assert (policy.next_wait(policy.begin(0), error) == 2) is again
    assert retry_if_transient().predicate(error) is again


def test_a_wait_is_as_long_as_the_server_requires_and_the_jitter_besides() -> None:
    error = RateLimitedError("slow", status=429, retry_after=7)
    policy = RetryPolicy(wait=wait_retry_after(wait_fixed(2)))
    assert policy.next_wait(policy.begin(0), error) == 9
    assert policy.next_wait(policy.begin(0), LOST) == 2
    assert FIXED.next_wait(FIXED.begin(0), error) == 7
    assert wait_retry_after(wait_fixed(2))(policy.begin(0)) == 2


def test_a_wait_that_is_longer_than_allowed_ends_the_call() -> None:
    policy = RetryPolicy(wait=wait_fixed(0), max_retry_after=10)
    for seconds, wait in ((10, 10), (10.1, None), (None, 0)):
        error = RateLimitedError("slow", status=429, retry_after=seconds)
        assert policy.next_wait(policy.begin(0), error) == wait
        assert policy.is_spent(error) is (wait is None)
    assert policy.is_spent(LOST) is False


@pytest.mark.parametrize(("end", "waits"), [(0, [0.05] * 8), (1, [0.5, 1, 2, 4, 8, 16, 20, 20])])
def test_the_usual_wait_grows_within_its_bounds(
    monkeypatch: pytest.MonkeyPatch, end: int, waits: list[float]
) -> None:
    monkeypatch.setattr(random, "uniform", lambda *bounds: bounds[end])
    policy = RetryPolicy(attempts=9)
    state = policy.begin(0)
    assert [policy.next_wait(state, LOST) for _ in range(8)] == waits
    assert policy.next_wait(state, LOST) is None


def test_the_strategies_see_the_call_and_none_of_its_errors_stays() -> None:
    seen: list[tuple[int, float, float, BaseException | None]] = []

    def wait(state: Any) -> float:
        error = state.outcome.exception()
        seen.append((state.attempt_number, state.idle_for, state.upcoming_sleep, error))
        return 2.0

    policy = RetryPolicy(wait=wait, attempts=10)  # type: ignore[arg-type]  # tenacity takes a function too
    before = time.monotonic()
    state = policy.begin(5)
    assert before - 5 <= state.start_time <= time.monotonic() - 5
    assert [policy.next_wait(state, LOST) for _ in range(3)] == [2, 2, 2]
    assert seen == [(1, 0, 0, LOST), (2, 2, 2, LOST), (3, 4, 2, LOST)]
    assert state.outcome is None


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"attempts": 0}, "retry: attempts must be a whole number of at least 1"),
        ({"attempts": True}, "retry: attempts must be a whole number of at least 1"),
        ({"attempts": 1.0}, "retry: attempts must be a whole number of at least 1"),
        ({"budget": -1}, "retry: budget must be a whole number of at least 0"),
        ({"wait": 2}, "retry: wait must be a tenacity strategy, as in tenacity.wait_..."),
        ({"stop": RetryPolicy}, "retry: stop must be a tenacity strategy, as in tenacity.stop_..."),
        ({"retry": None}, "retry: retry must be a tenacity strategy, as in tenacity.retry_..."),
        ({"max_retry_after": -0.1}, "retry: max_retry_after must be a number of seconds, 0 or more"),
        ({"max_retry_after": True}, "retry: max_retry_after must be a number of seconds, 0 or more"),
        ({"max_retry_after": "1"}, "retry: max_retry_after must be a number of seconds, 0 or more"),
        ({"max_retry_after": math.nan}, "retry: max_retry_after must be a number of seconds, 0 or more"),
        ({"sleep": time.sleep}, "retry: sleep must be an async function of seconds"),
        ({"sleep": 1}, "retry: sleep must be an async function of seconds"),
    ],
)
def test_a_setting_of_the_policy_that_does_not_fit_is_refused(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        RetryPolicy(**setting)
    assert str(caught.value) == message


def test_the_least_settings_of_the_policy_are_accepted() -> None:
    policy = RetryPolicy(attempts=1, budget=0, max_retry_after=0)
    assert (policy.attempts, policy.budget, policy.max_retry_after) == (1, 0, 0)
    assert not policy.is_spent(RateLimitedError("slow", status=429))
    usual = RetryPolicy()
    assert (usual.attempts, usual.budget, usual.max_retry_after) == (4, 500, 60)
