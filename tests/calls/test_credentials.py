"""The token of a pool by itself: fetched once for all that wait, forgotten when refused, shown nowhere."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable
from typing import Any

import pytest
from yarl import URL

from aioturso import ConfigurationError, NotSentError, Timeout
from aioturso._account import Account
from aioturso._credentials import Credentials, token_id
from aioturso._operation import Request
from aioturso.api.instances import DESTROY

START = r"^destroy instance db/i \(organization org\): the token provider "
UNUSABLE = START + "must be an async function that returns printable ASCII without inner whitespace$"


def call(attempt: float = 30.0, total: float = 300.0) -> Request:
    return Request(DESTROY, ("org", "db", "i"), URL("https://h/x"), Timeout(attempt=attempt, total=total))


def facts(error: Any) -> tuple[str, str, str]:
    return error.operation, error.target, error.host


class Provider:
    """Returns one token after the other, and counts its runs."""

    def __init__(self, *tokens: Any) -> None:
        self.tokens, self.runs = list(tokens), 0

    async def __call__(self) -> str:
        self.runs += 1
        await asyncio.sleep(0)
        token = self.tokens.pop(0)
        if isinstance(token, BaseException):
            raise token
        return token  # type: ignore[no-any-return]  # on purpose


async def forever() -> str:
    await asyncio.Event().wait()
    raise AssertionError


def test_neither_the_token_nor_its_provider_is_shown() -> None:
    assert repr(Credentials(forever, "secret")) == "Credentials()"
    assert (Credentials().provider, Credentials().token, Credentials()._running) == (None, None, None)


async def test_each_run_of_a_provider_serves_those_that_wait_and_a_later_one_runs_it_again() -> None:
    provider = Provider("one", "two")
    credentials = Credentials(provider)
    found = await asyncio.gather(*(credentials.fetch(call(), Account()) for _ in range(3)))
    assert (found, provider.runs, credentials.token) == (["one"] * 3, 1, "one")
    assert credentials.refuse("one")
    assert (await credentials.fetch(call(), Account()), provider.runs) == ("two", 2)


def test_a_provider_that_runs_in_a_loop_that_has_ended_is_not_waited_for() -> None:
    credentials = Credentials(forever)

    async def leave_running() -> None:
        waiting = asyncio.create_task(credentials.fetch(call(), Account()))
        await asyncio.sleep(0)
        waiting.cancel()

    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave_running())
    before = credentials._running
    credentials.provider = Provider("token")
    assert asyncio.run(credentials.fetch(call(), Account())) == "token"
    assert before is not None and before.get_loop() is loop
    before.cancel()
    loop.run_until_complete(asyncio.gather(before, return_exceptions=True))
    loop.close()


@pytest.mark.parametrize("request_", [call(attempt=0.001), call(total=0.001)], ids=["attempt", "call"])
async def test_a_provider_has_the_time_of_an_attempt_and_of_the_call(request_: Request) -> None:
    credentials = Credentials(forever)
    with pytest.raises(NotSentError, match=START + r"returned no token within 0\.001 s$") as caught:
        await credentials.fetch(request_, Account())
    assert caught.value.final and facts(caught.value) == ("destroy instance", "db/i", "h")
    credentials.stop()


async def test_a_provider_that_gives_up_by_itself_was_late_too() -> None:
    with pytest.raises(NotSentError, match=START + "returned no token within 20 s$"):
        await Credentials(Provider(TimeoutError())).fetch(call(attempt=30, total=20), Account())


async def test_who_has_no_time_left_does_not_wait_and_leaves_the_provider_to_the_others() -> None:
    credentials = Credentials(forever)
    late = asyncio.create_task(credentials.fetch(call(), Account(deadline=time.monotonic() - 5)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert late.done() and isinstance(late.exception(), NotSentError)
    assert credentials._running is not None and not credentials._running.done()
    credentials.stop()
    assert credentials._running is None


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", None, 7])
async def test_what_is_no_token_is_a_mistake_of_the_configuration(token: Any) -> None:
    credentials = Credentials(Provider(token))
    with pytest.raises(ConfigurationError, match=UNUSABLE) as caught:
        await credentials.fetch(call(), Account())
    assert facts(caught.value) == ("destroy instance", "db/i", "h") and credentials.token is None


async def test_a_provider_that_is_no_async_function_is_one_too() -> None:
    def plain() -> Awaitable[str]:
        return "token"  # type: ignore[return-value]  # on purpose

    with pytest.raises(ConfigurationError, match=UNUSABLE):
        await Credentials(plain).fetch(call(), Account())


async def test_an_error_of_the_provider_is_named_and_not_shown() -> None:
    with pytest.raises(NotSentError, match=START + r"failed \(LookupError\)$") as caught:
        await Credentials(Provider(LookupError("secret"))).fetch(call(), Account())
    assert caught.value.final


async def test_a_provider_that_is_stopped_was_cancelled() -> None:
    credentials = Credentials(forever)
    waiting = asyncio.create_task(credentials.fetch(call(), Account()))
    await asyncio.sleep(0)
    credentials.stop()
    with pytest.raises(NotSentError, match=START + "was cancelled$"):
        await waiting


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
async def test_an_interrupt_out_of_a_provider_stays_one(end: type[BaseException]) -> None:
    with pytest.raises(end):
        await Credentials(Provider(end())).fetch(call(), Account())


def test_what_was_left_in_a_closed_loop_is_forgotten() -> None:
    credentials = Credentials(Provider("token"))
    asyncio.run(credentials.fetch(call(), Account()))
    assert credentials._running is not None
    credentials.stop()
    assert credentials._running is None
    credentials.stop()


def test_a_provider_that_hangs_in_a_closed_loop_is_not_cancelled() -> None:
    class Loop(asyncio.SelectorEventLoop):
        def call_exception_handler(self, context: Any) -> None:
            """Python's own note that a task was left pending."""

    async def hang() -> None:
        await asyncio.wait((asyncio.ensure_future(credentials.fetch(call(), Account())),), timeout=0)

    loop, credentials = Loop(), Credentials(forever)
    loop.run_until_complete(hang())
    loop.close()
    assert credentials._running is not None and not credentials._running.done()
    credentials.stop()
    assert credentials._running is None


def test_a_refused_token_is_forgotten_if_there_is_another_and_it_is_the_one_in_use() -> None:
    fixed, provided = Credentials(token="one"), Credentials(forever, "one")
    assert (fixed.refuse("one"), fixed.token) == (False, "one")
    assert (provided.refuse("older"), provided.token) == (True, "one")
    assert (provided.refuse("one"), provided.token) == (True, None)


async def test_another_token_than_the_refused_one_is_counted() -> None:
    tokens = iter(["one", "one", "two", "three"])

    async def provider() -> str:
        return next(tokens)

    credentials, counts = Credentials(provider), []
    for _ in range(4):
        await credentials.fetch(call(), Account())
        counts.append((credentials.pulse.tokens, credentials.pulse.gaps))
        credentials.refuse(credentials.token or "")
    assert counts == [(0, 0), (0, 0), (1, 1), (2, 2)]


def jwt(claims: object, padding: bool = False) -> str:
    data = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return f"head.{data if padding else data.rstrip('=')}.signature"


@pytest.mark.parametrize("length", range(20))
def test_the_id_of_a_token_is_its_claim_of_any_length(length: int) -> None:
    found = "x" * length
    assert token_id(jwt({"id": found, "jti": "other"})) == token_id(jwt({"jti": found})) == found


@pytest.mark.parametrize("token", [None, "", "plain", "a.b.c", "a.!.c", jwt({}), jwt([]), jwt({"id": 5})])
def test_a_token_without_a_claim_has_no_id(token: str | None) -> None:
    assert token_id(token) is None
