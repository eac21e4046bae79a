"""An error has a hint where the mistake is known: which token, which URL, which limit ended a wait."""

from typing import Any

import pytest
from multidict import CIMultiDict
from raw import RawServer, answer
from refused import DESTROY
from sleeps import Sleeps
from yarl import URL

from aioturso import (
    APIError,
    InvalidNameError,
    NoMatchError,
    RetryPolicy,
    TeardownError,
    TeardownReport,
    Timeout,
    TursoClient,
)
from aioturso._operation import Operation, Request
from aioturso._refusals import refusal
from aioturso.testing import FakeTurso, Fault

TOKEN = "a platform token is needed: `turso auth api-tokens mint NAME --org ORG` makes one"


async def test_a_refused_token_has_the_kind_that_is_meant_and_how_to_make_one(fake: FakeTurso) -> None:
    async with TursoClient("not-it", organization="org", base_url=fake.base_url) as turso:
        with pytest.raises(APIError) as caught:
            await turso.databases.list()
    assert str(caught.value).endswith(f"({TOKEN})")


@pytest.mark.parametrize("end", ["/v1", "/v1/", "/v2", "/v3", "/proxy/v1"])
async def test_a_base_url_with_a_version_is_named_when_a_route_is_missing(fake: FakeTurso, end: str) -> None:
    base = fake.base_url + end
    async with TursoClient(fake.token, organization="org", base_url=base) as turso:
        with pytest.raises(APIError) as caught:
            await turso.databases.list()
    assert str(caught.value).endswith(f"(the base URL must not end in {end.rstrip('/')[-3:]})")


@pytest.mark.parametrize("organization", ["v1", "org"])
async def test_a_route_that_is_missing_otherwise_is_no_mistake_of_the_base_url(organization: str) -> None:
    async with RawServer(then=answer(404, {"error": "no such route", "code": "route_not_found"})) as raw:
        async with raw.client(organization=organization) as turso:
            with pytest.raises(APIError) as caught:
                await turso.databases.list()
    assert "base URL" not in str(caught.value)


async def test_an_organization_that_is_not_found_has_the_call_that_lists_them(fake: FakeTurso) -> None:
    async with fake.client(organization="ogr") as turso:
        with pytest.raises(APIError, match="not found") as caught:
            await turso.databases.list()
    assert str(caught.value).endswith("(turso.organizations.list() has those of this token)")


async def test_a_grouped_database_gets_its_instances_by_a_location_of_its_group(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        with pytest.raises(APIError) as caught:
            await turso.instances.create("grouped", "lhr")
        assert str(caught.value).endswith("(add the location to the group: turso.groups.add_location)")


async def test_a_location_that_does_not_exist_has_the_call_that_lists_them(fake: FakeTurso) -> None:
    async with fake.client(organization="org") as turso:
        with pytest.raises(APIError) as caught:
            await turso.groups.create("new", "frankfurt")
    assert str(caught.value).endswith("(turso.locations.list() has the codes)")


async def test_a_path_in_one_piece_is_refused_with_how_it_is_written(turso: TursoClient) -> None:
    for whole in ("/v1/organizations", "v1/organizations"):
        with pytest.raises(InvalidNameError, match="request\\('GET', 'v1', 'organizations'\\)"):
            await turso.request("GET", whole)


async def test_an_answer_of_a_proxy_is_no_answer_of_the_platform() -> None:
    async with RawServer(then=answer(403, b"<html>denied</html>")) as raw, raw.client() as turso:
        with pytest.raises(APIError, match="not the API's own answer"):
            await turso.databases.list()


INSTEAD = " (remove the location from the group instead: turso.groups.remove_location)"
PROXY = " (not the API's own answer: a CDN or proxy on the way refused the request)"


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/groups/{group}"), ("PATCH", "/groups/{group}"), ("POST", "/groups/{group}/x")],
)
def test_a_group_that_does_not_support_another_thing_gets_no_advice_on_locations(
    method: str, path: str
) -> None:
    operation = Operation("op", method, path, DESTROY.result)
    request = Request(operation, ("G",), URL("https://host/"), Timeout())
    error = refusal(request, 400, b'{"error":"the group does not support this"}', CIMultiDict(), "", 0.0)
    assert str(error).endswith("the group does not support this")


@pytest.mark.parametrize(
    ("status", "body", "end"),
    [
        (400, b'{"error":"a Group does Not Support this"}', "a Group does Not Support this" + INSTEAD),
        (409, b'{"error":"a group does not support this"}', "a group does not support this"),
        (400, b'{"error":"a group supports this"}', "a group supports this"),
        (400, b'{"error":"this is not supported"}', "this is not supported"),
        (403, b"denied", "denied" + PROXY),
        (403, b'{"error":"denied"}', "denied"),
        (404, b"no", "no (the base URL must not end in /v1)"),
        (400, b"no", "no"),
    ],
)
def test_a_hint_is_given_only_where_it_fits(status: int, body: bytes, end: str) -> None:
    request = Request(DESTROY, ("X", "I"), URL("https://host/v1/v1/"), Timeout())
    error = refusal(request, status, body, CIMultiDict(), "secret", 0.0)
    assert str(error) == f"op X/I: {status} {end}"
    assert isinstance(error, APIError) and error.request_id is None


@pytest.mark.parametrize(
    ("wait", "settings", "why"),
    [
        (3600, {}, "; not retried: the wait is above max_retry_after=60"),
        (
            30,
            {"timeout": Timeout(attempt=1, total=20)},
            "; not retried: the wait does not end within total=20",
        ),
        (1, {"budget": 0}, "; not retried: the budget of retries is spent"),
        (1, {"attempts": 1}, "wait of 1 s)"),
    ],
)
async def test_the_limit_that_ended_a_wait_is_named(
    fake: FakeTurso, sleeps: Sleeps, wait: int, settings: dict[str, Any], why: str
) -> None:
    timeout = settings.pop("timeout", Timeout())
    fake.inject(Fault.status(429, headers={"Retry-After": f"{wait}"}), method="DELETE")
    async with fake.client(
        organization="org", timeout=timeout, retry=RetryPolicy(sleep=sleeps, **settings)
    ) as turso:
        with pytest.raises(APIError) as caught:
            await turso.destroy_instance("db", "fra")
    assert str(caught.value).endswith(why)
    assert (sleeps, caught.value.attempts) == ([], 1)


async def test_without_retries_no_limit_is_named(fake: FakeTurso) -> None:
    fake.inject(Fault.status(429, headers={"Retry-After": "3600"}), method="DELETE")
    async with fake.client(organization="org", retry=None) as turso:
        with pytest.raises(APIError) as caught:
            await turso.destroy_instance("db", "fra")
    assert "not retried" not in str(caught.value)


async def test_each_error_of_a_plan_and_of_a_run_has_its_organization(fake: FakeTurso) -> None:
    async with fake.client(organization="org", retry=None) as turso:
        for wrong in (
            turso.destroy_by_location("db", "frb"),
            turso.teardown.plan_instances(location="frb"),
            turso.teardown.plan_instances(instance="no"),
            turso.teardown.plan_databases(prefix="d", group="no"),
            turso.teardown.plan_databases(prefix="d", parent="no"),
            turso.creation.plan_databases(["a"], group="no"),
        ):
            with pytest.raises(NoMatchError) as caught:
                await wrong
            assert caught.value.organization == "org"
        fake.inject(Fault.status(400), method="DELETE", times=9)
        with pytest.raises(TeardownError) as failed:
            await turso.destroy_by_location("db", "fra")
        assert failed.value.organization == "org"
    assert TeardownReport().as_error().organization is None
