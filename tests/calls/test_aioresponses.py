"""The client under aioresponses, which many users mock with."""

import inspect
import warnings
from functools import partial
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp import ClientResponse
from aioresponses import aioresponses

from aioturso import NotSentError, OutcomeUnknownError, RetryPolicy, TursoClient

URL = "https://api.turso.tech/v1/organizations/org/databases/db/instances/a"
LISTED = {"instances": [{"name": "a", "type": "replica", "region": "fra"}]}

# aioresponses 0.7.9 leaves out an argument that aiohttp 3.14 and later want. This is the only place that supplies it.
WANTED = "stream_writer" in inspect.signature(ClientResponse.__init__).parameters
answer: Any = partial(ClientResponse, stream_writer=Mock(output_size=0)) if WANTED else ClientResponse


async def no_sleep(seconds: float) -> None:
    """Tests do not wait."""


def client() -> TursoClient:
    return TursoClient("token", organization="org", retry=RetryPolicy(sleep=no_sleep))


async def test_the_client_works_under_aioresponses_and_counts_its_attempts() -> None:
    with aioresponses() as mocked:
        mocked.get(URL.removesuffix("/a"), payload=LISTED, response_class=answer)
        mocked.delete(URL, status=503, payload={"error": "busy"}, response_class=answer)
        mocked.delete(URL, payload={"instance": "a"}, response_class=answer)
        async with client() as turso:
            report = await turso.destroy_by_location("db", "fra")
    assert [(o.status.name, o.attempts) for o in report.outcomes] == [("DESTROYED", 2)]


async def test_an_empty_mocked_answer_has_no_length_and_is_a_success() -> None:
    with aioresponses() as mocked:
        mocked.delete(URL, response_class=answer)
        async with client() as turso:
            assert await turso.destroy_instance("db", "a") == "a"


async def test_mocked_failures_count_as_attempts_unless_they_prove_that_nothing_was_sent() -> None:
    refused = aiohttp.ClientConnectorError(Mock(ssl=True), OSError(111, "refused"))
    cases: list[tuple[Exception, type[Exception], int]] = [
        (TimeoutError(), OutcomeUnknownError, 4),
        (aiohttp.ServerDisconnectedError(), OutcomeUnknownError, 4),
        (refused, NotSentError, 0),
    ]
    for exception, kind, attempts in cases:
        with aioresponses() as mocked:
            mocked.delete(URL, exception=exception, repeat=True)
            async with client() as turso:
                with pytest.raises(kind) as caught:
                    await turso.destroy_instance("db", "a")
        assert getattr(caught.value, "attempts", None) == attempts


async def test_the_supplied_argument_is_still_needed() -> None:
    """When this fails, aioresponses works by itself again: delete `answer`, `WANTED` and this test."""
    if not WANTED:
        pytest.skip("this aiohttp does not want the argument")
    with aioresponses() as mocked, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mocked.get("https://example.com/", payload={})
        async with aiohttp.ClientSession() as session:
            with pytest.raises(TypeError, match="stream_writer"):
                await session.get("https://example.com/")
