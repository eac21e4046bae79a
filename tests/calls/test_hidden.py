"""A 404 that may stand for a missing right, or for a state, is no proof that the thing is gone."""

from __future__ import annotations

import json

import pytest
from multidict import CIMultiDict
from raw import RawServer, answer, close
from yarl import URL

from aioturso import NotFoundError, OutcomeStatus, RetryPolicy
from aioturso._operation import Request
from aioturso._refusals import refusal
from aioturso.api.instances import DESTROY
from aioturso.settings import Timeout

NAMES = ("org", "db", "fra")
HIDDEN = """
instance not found or access denied
instance not found, or you do not have permission
database not found or you don't have access to it
instance not found or not accessible
instance does not exist or you are not authorized
instance does not exist or you are not authorised to delete it
instance not visible to this token
instance not found; insufficient permissions
instance not found: this is not permitted
instance not found or not allowed
instance not found or forbidden
instance not found for lack of privileges
instance is suspended
instance is hibernated
instance was transferred
instance has moved permanently
instance not found in the cache
instance not found: replica is stale
instance not loaded
instance is offline
instance is paused
instance is disabled
database is migrating
database is full
database is down
instance is overloaded
"""
WORDS = ["service temporarily unavailable", "access denied", "try again", "it is locked"]
FIELDS = [
    *({key: word} for key in ("message", "reason", "details", "description", "status") for word in WORDS),
    *({"code": code} for code in ("forbidden", "UNAUTHORIZED", "temporarily_unavailable", "access-denied")),
    *({key: True} for key in ("exists", "still_exists", "retryable", "temporary", "isTransient", "locked")),
    {"details": [{"reason": "access denied"}]},
]
PLAIN = [
    {"hint": "check that you have access", "docs": "access"},
    {
        "message": "instance not found",
        "reason": "no such instance",
        "status": 404,
        "code": "instance_not_found",
    },
    {"exists": False, "retryable": False, "temporary": None, "locked": "no", "details": {}},
]


def resource(data: object, names: tuple[str, str, str] = NAMES) -> str | None:
    url = URL("https://host/v1/organizations/org/databases/db/instances/fra")
    error = refusal(
        Request(DESTROY, names, url, Timeout()), 404, json.dumps(data).encode(), CIMultiDict(), "", 0.0
    )
    assert isinstance(error, NotFoundError)
    return error.resource


@pytest.mark.parametrize("said", HIDDEN.strip().splitlines())
def test_a_404_that_leaves_it_open_whether_it_is_there_speaks_of_none(said: str) -> None:
    assert resource({"error": said}) is None
    assert resource({"error": {"message": said}}) is None


@pytest.mark.parametrize("fields", FIELDS, ids=str)
def test_a_404_whose_other_fields_leave_it_open_speaks_of_none(fields: dict[str, object]) -> None:
    for data in (
        {"error": "instance not found", **fields},
        {"error": {"message": "instance not found", "x": fields}},
    ):
        assert resource(data) is None


@pytest.mark.parametrize("fields", PLAIN, ids=str)
def test_a_404_whose_other_fields_leave_nothing_open_speaks_of_it(fields: dict[str, object]) -> None:
    assert resource({"error": "instance not found", **fields}) == "instance"


def test_a_name_that_is_such_a_word_leaves_nothing_open() -> None:
    for said in ("instance access not found", "could not find instance 'access' of database stale"):
        assert resource({"error": said, "message": said}, ("org", "stale", "access")) == "instance"


@pytest.mark.parametrize(("first", "status"), [([], OutcomeStatus.FAILED), ([close], OutcomeStatus.UNKNOWN)])
async def test_what_the_token_may_not_see_is_not_reported_as_gone(
    fast: RetryPolicy, first: list[object], status: OutcomeStatus
) -> None:
    listed = answer(200, {"instances": [{"name": "fra", "uuid": "1", "type": "replica", "region": "fra"}]})
    hidden = answer(404, {"error": "instance not found or access denied"})
    async with RawServer(listed, *first, then=hidden) as raw, raw.client(retry=fast) as turso:  # type: ignore[arg-type]
        report = await turso.destroy_by_location("db", "fra", return_exceptions=True)
    assert [outcome.status for outcome in report.outcomes] == [status]
