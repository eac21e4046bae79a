"""Which other targets of a run an error would hit too."""

from __future__ import annotations

import pytest

from aioturso import (
    APIError,
    BadRequestError,
    ClientClosedError,
    ForbiddenError,
    NotFoundError,
    NotSentError,
    RateLimitedError,
    ServerError,
    Target,
    UnauthorizedError,
)
from aioturso.retries import RetryPolicy
from aioturso.teardown.scope import Scope, scope
from aioturso.teardown.verbs import REMOVE, RESTORE

USUAL = RetryPolicy()
INSTANCE = Target(organization="org", database="d", instance="i")
GROUPED = BadRequestError("no", status=400, message="instances of a group are not supported")


@pytest.mark.parametrize(
    ("error", "hit"),
    [
        (GROUPED, Scope.DATABASE),
        (BadRequestError("no", status=400), Scope.TARGET),
        (UnauthorizedError("no", status=401), Scope.RUN),
        (ForbiddenError("no", status=403), Scope.RUN),
        (ClientClosedError("no"), Scope.RUN),
        (NotSentError("no", final=True), Scope.RUN),
        (NotSentError("no"), Scope.TARGET),
        (NotFoundError("no", status=404), Scope.RUN),
        (APIError("no", status=405), Scope.RUN),
        (APIError("no", status=410), Scope.RUN),
        (APIError("no", status=409), Scope.TARGET),
        (ServerError("no", status=500), Scope.TARGET),
        (ServerError("no", status=501), Scope.RUN),
        (RateLimitedError("no", status=429, retry_after=3600.0), Scope.RUN),
        (RateLimitedError("no", status=429, retry_after=1.0), Scope.TARGET),
        (MemoryError(), Scope.TARGET),
    ],
    ids=lambda value: getattr(value, "name", type(value).__name__),
)
def test_an_error_hits_its_target_its_database_or_all(error: Exception, hit: Scope) -> None:
    assert scope(error, INSTANCE, REMOVE, USUAL) is hit


def test_a_wait_that_the_policy_allows_spends_no_quota() -> None:
    patient = RetryPolicy(max_retry_after=7200.0)
    error = RateLimitedError("no", status=429, retry_after=3600.0)
    assert scope(error, INSTANCE, REMOVE, patient) is Scope.TARGET


def test_a_404_that_is_about_the_target_of_an_undo_hits_no_other() -> None:
    error = NotFoundError("no", status=404, resource="database")
    target = Target(kind="database", organization="org", database="d")
    assert scope(error, target, RESTORE, USUAL) is Scope.TARGET
