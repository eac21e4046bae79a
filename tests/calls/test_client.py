"""A client as it is made: its settings, their refusals, and the clients that share its pool."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle
import platform
from typing import Any

import aiohttp
import pytest
from missing import no_instance
from raw import RawServer, answer
from sleeps import Sleeps

from aioturso import (
    ConfigurationError,
    InvalidNameError,
    NotFoundError,
    RequestEvent,
    RetryEvent,
    RetryPolicy,
    ServerError,
    Timeout,
    TursoClient,
    __version__,
)
from aioturso.client import user_agent

DOWN = answer(500, {"error": "down"})
FINE = answer(200, {"fine": True})


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("API_TOKEN", "PLATFORM_TOKEN", "TOKEN", "ORG", "BASE_URL", "API_BASEURL"):
        monkeypatch.delenv(f"TURSO_{name}", raising=False)
    return monkeypatch


def test_the_token_is_of_the_environment_where_none_is_given(clean: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ConfigurationError, match=r"no token: .* set TURSO_API_TOKEN \(`.*` makes one\)$"
    ) as caught:
        TursoClient()
    assert caught.value.parameter == "token"
    for name in ("TURSO_TOKEN", "TURSO_PLATFORM_TOKEN", "TURSO_API_TOKEN"):
        clean.setenv(name, f"of-{name}")
        assert TursoClient()._calls.pool.credentials.token == f"of-{name}"
    assert TursoClient("given")._calls.pool.credentials.token == "given"


@pytest.mark.parametrize("token", [5, b"t", str, ["t"], object()])
def test_a_token_of_another_type_is_refused(token: Any) -> None:
    with pytest.raises(ConfigurationError, match="must be text or an async function that returns it"):
        TursoClient(token)


def test_a_provider_is_called_later() -> None:
    async def provider() -> str:
        return "t"

    credentials = TursoClient(provider)._calls.pool.credentials
    assert (credentials.provider, credentials.token) == (provider, None)


def test_the_organization_is_of_the_environment_where_none_is_given(clean: pytest.MonkeyPatch) -> None:
    assert TursoClient("t").organization is None
    clean.setenv("TURSO_ORG", "env-org")
    assert TursoClient("t").organization == "env-org"
    assert TursoClient("t", organization="given").organization == "given"
    with pytest.raises(InvalidNameError, match=r"^organization must be exactly one path segment"):
        TursoClient("t", organization="a/b")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"token": " "}, "the token must be a text that is not empty"),
        ({"organization": ""}, "organization must be a text that is not empty"),
        ({"base_url": ""}, "base_url must be a text that is not empty"),
        ({"session": 5}, "session must be an aiohttp.ClientSession"),
        ({"on_request": 5}, "on_request must be a function, not int"),
        ({"on_retry": asyncio.sleep}, "on_retry must be a plain function: it is called, not awaited"),
        ({"retry": 3}, "retry must be a RetryPolicy, or None for one attempt per call"),
        ({"max_connections": 0}, "max_connections must be a whole number of at least 1"),
        ({"max_connections": True}, "max_connections must be a whole number of at least 1"),
        ({"trust_env": 1}, "trust_env must be True or False, not int"),
        ({"timeout": 0}, "timeout: attempt must be a positive number of seconds, and not endless"),
        ({"timeout": "1"}, "timeout: attempt must be a positive number of seconds, and not endless"),
        ({"application": ""}, "application must be printable ASCII, as in 'my-bot/1.2'"),
        ({"application": "a\nb"}, "application must be printable ASCII, as in 'my-bot/1.2'"),
        ({"application": "\u00e9"}, "application must be printable ASCII, as in 'my-bot/1.2'"),
        ({"application": 5}, "application must be printable ASCII, as in 'my-bot/1.2'"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        TursoClient(**{"token": "t", **setting})
    assert str(caught.value) == message


def test_the_usual_settings(clean: pytest.MonkeyPatch) -> None:
    turso = TursoClient("t")
    calls = turso._calls
    assert str(turso.base_url).rstrip("/") == "https://api.turso.tech"
    assert (calls.pool.size, calls.pool.trust_env, calls.pool.borrowed) == (64, False, None)
    assert calls.timeout == Timeout() and calls.pool.usual == 30
    assert calls.retrier.policy.attempts == 4
    assert turso.limiter.most == 64
    assert TursoClient("t", timeout=5)._calls.timeout == Timeout(attempt=5)


def test_the_user_agent_names_the_application_the_library_python_and_aiohttp() -> None:
    python = ".".join(platform.python_version().split(".")[:2])
    own = f"aioturso/{__version__} (python/{python} aiohttp/{'.'.join(aiohttp.__version__.split('.')[:2])})"
    assert (user_agent(None), user_agent("bot/1")) == (own, f"bot/1 {own}")


def test_a_client_is_shown_without_its_token_and_is_never_copied() -> None:
    turso = TursoClient("t-secret", organization="org", base_url="https://h")
    assert repr(turso) == "<TursoClient organization='org' host='h' pool=0/64 in flight>"
    assert repr(object.__new__(TursoClient)) == "<TursoClient not constructed>"
    asyncio.run(turso.close())
    assert repr(turso) == "<TursoClient organization='org' host='h' pool=closed>"
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot be copied or pickled: it holds a token and a pool"):
            copied(turso)


async def test_a_client_is_closed_at_the_end_of_its_context() -> None:
    async with TursoClient("t", base_url="https://h") as turso:
        assert not turso._calls.pool.closed
    assert turso._calls.pool.closed
    default = inspect.signature(TursoClient.destroy_by_location).parameters["concurrency"].default
    assert default == 16


async def test_a_client_of_another_organization_shares_all_but_that() -> None:
    async with TursoClient("t", organization="org", base_url="https://h") as turso:
        other = turso.with_organization("other")
        assert (other.organization, turso.organization) == ("other", "org")
        assert other._calls.pool is turso._calls.pool and other.limiter is turso.limiter
        assert other._calls.retrier is turso._calls.retrier
        assert other.teardown._engine.organization == "other"


async def test_a_client_with_other_options_shares_the_pool() -> None:
    events: list[RetryEvent] = []
    sleeps = Sleeps()
    async with RawServer(then=DOWN) as raw:
        async with raw.client(retry=RetryPolicy(sleep=sleeps, attempts=2), on_retry=events.append) as turso:
            once = turso.with_options(retry=None)
            more = turso.with_options(retry=RetryPolicy(sleep=sleeps, attempts=3), timeout=Timeout(total=9))
            same = turso.with_options(timeout=7)
            sent = []
            for client in (turso, once, more, same):
                before = len(raw.requests)
                with pytest.raises(ServerError):
                    await client.request("GET", "v1")
                sent.append(len(raw.requests) - before)
            assert sent == [2, 1, 3, 2] and len(events) == 4
            assert (more._calls.timeout, same._calls.timeout) == (Timeout(total=9), Timeout(attempt=7))
            assert once._calls.timeout == turso._calls.timeout and same._calls.retrier is turso._calls.retrier
            assert once._calls.retrier.policy.sleep is asyncio.sleep
            assert all(client._calls.pool is turso._calls.pool for client in (once, more, same))
            with pytest.raises(ConfigurationError, match="retry must be a RetryPolicy"):
                turso.with_options(retry="never")  # type: ignore[arg-type]  # on purpose


async def test_a_hook_sees_each_request() -> None:
    events: list[RequestEvent] = []
    async with RawServer(then=FINE) as raw, raw.client(on_request=events.append) as turso:
        await turso.request("get", "v1", "a b")
    (event,) = events
    assert (event.operation, event.method, event.path) == ("GET request", "GET", "/{segment}/{segment}")
    assert (event.attempt, event.status, event.error) == (1, 200, None)
    assert 0 <= event.elapsed < 60
    assert raw.requests[0].target == "/v1/a%20b"


async def test_a_short_way_passes_its_arguments_on() -> None:
    listed = answer(200, {"instances": [{"name": "i", "type": "replica", "region": "fra"}]})
    async with RawServer(listed, then=answer(200, {"instance": "i"})) as raw, raw.client() as turso:
        seen: list[Any] = []
        report = await turso.destroy_by_location(
            "db", "fra", concurrency=1, dry_run=False, on_outcome=seen.append
        )
        assert seen == list(report.outcomes) and str(report) == "1 destroyed"
        assert await turso.destroy_instance("db", "i") == "i"
    shown = answer(200, {"instance": {"name": "i", "uuid": "u"}})
    gone = answer(404, no_instance("i"))
    async with RawServer(shown, then=gone) as raw, raw.client() as turso:
        assert await turso.destroy_instance("db", "i", uuid="U", missing_ok=True) == "i"
        with pytest.raises(NotFoundError):
            await turso.destroy_instance("db", "i")
    assert [request.method for request in raw.requests] == ["GET", "DELETE", "DELETE"]
