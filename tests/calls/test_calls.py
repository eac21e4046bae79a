"""One call for one organization: what it takes from its arguments, and how it ends."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from missing import no_instance
from raw import RawServer, Request, answer, close, stall
from sleeps import Sleeps
from virtual import virtual_time

from aioturso import (
    APIError,
    ClientClosedError,
    ConfigurationError,
    DecodeError,
    InvalidNameError,
    NotFoundError,
    OutcomeUnknownError,
    RequestTimeoutError,
    RetryPolicy,
    Timeout,
    TursoClient,
)
from aioturso._account import Account, Effect
from aioturso._calls import Calls
from aioturso._decode import anything, nothing
from aioturso._operation import Operation
from aioturso.api.instances import DESTROY, GET

HOST = Operation("look elsewhere", "GET", "/v2/{thing}", anything)
GONE = answer(404, no_instance("i"))
FINE = answer(200, b'{"instance":"i"}')


def calls(turso: TursoClient) -> Calls:
    return turso._calls


async def test_calls_of_another_organization_are_others_and_of_none_the_same() -> None:
    async with RawServer(then=FINE) as raw, raw.client() as turso:
        own = calls(turso)
        assert own.of(None) is own
        other = own.of("other")
        await other.call(DESTROY, "db", "i")
        with pytest.raises(InvalidNameError, match=r"^organization must be exactly one path segment"):
            own.of("a/b")
    assert raw.requests[0].target == "/v1/organizations/other/databases/db/instances/i"


async def test_calls_through_another_attempt_use_it() -> None:
    seen = []

    async def attempt(request: Any, account: Account) -> bytes:
        seen.append(str(request))
        return b""

    async with RawServer() as raw, raw.client() as turso:
        assert await calls(turso).through(attempt).call(DESTROY, "db", "i") == "i"
    assert (len(seen), raw.requests) == (1, [])


async def test_a_call_without_an_organization_names_the_argument() -> None:
    async def stream() -> Any:
        yield b"bytes"

    async def look() -> None: ...

    async with TursoClient("t", base_url="http://127.0.0.1:1") as turso:
        one = calls(turso)
        for call in (
            partial(one.call, DESTROY, "db", "i"),
            partial(one.send_stream, DESTROY, "db", "i", stream=stream, headers={}),
            partial(one.remove, DESTROY, ("db", "i"), look, True, Account()),
        ):
            with pytest.raises(ConfigurationError, match="no organization: pass one or set") as caught:
                await call()
            assert caught.value.parameter == "organization"


async def test_a_call_has_the_token_the_body_and_the_headers_that_it_is_given() -> None:
    async with RawServer(then=answer(200, {})) as raw, raw.client() as turso:
        operation = Operation("send", "PUT", "/v1/x", nothing)
        await calls(turso).call(operation, token=" other ", json={"a": 1}, query={"q": None, "r": 2})
        await calls(turso).call(operation)

        async def stream() -> Any:
            yield b"bytes"

        headers = {"Content-Length": "5", "Content-Type": "text/plain"}
        await calls(turso).send_stream(operation, stream=stream, headers=headers)
    one, two, three = raw.requests
    assert one.headers["Authorization"] == "Bearer other" and one.headers["Content-Length"] == "8"
    assert (one.target, two.target) == ("/v1/x?r=2", "/v1/x")
    assert two.headers["Authorization"] == "Bearer raw-token"
    assert (three.headers["Content-Length"], three.headers["Content-Type"]) == ("5", "text/plain")


async def test_a_call_reports_to_the_account_that_it_is_given() -> None:
    account = Account()
    async with RawServer(FINE) as raw, raw.client() as turso:
        await calls(turso).call(DESTROY, "db", "i", account=account)
    assert (account.attempts, account.effect, account.on_wire) == (1, Effect.APPLIED, False)
    assert account.status == 200


async def test_a_clean_404_is_the_value_for_what_is_missing() -> None:
    async with RawServer(then=GONE) as raw, raw.client() as turso:
        assert await calls(turso).call(DESTROY, "db", "i", missing="") == ""
        with pytest.raises(NotFoundError) as caught:
            await calls(turso).call(DESTROY, "db", "i")
        with pytest.raises(NotFoundError):
            await calls(turso).call(GET, "db", "i", missing=None)
    error = caught.value
    assert (error.operation, error.organization, error.target, error.host) == (
        "destroy instance",
        "org",
        "db/i",
        "127.0.0.1",
    )
    assert (error.attempts, error.maybe_applied) == (1, False)
    assert str(error).startswith("destroy instance db/i (organization org): ")


@pytest.mark.parametrize("status", [400, 403, 404, 410])
async def test_any_other_error_is_raised_also_where_what_is_missing_has_a_value(status: int) -> None:
    async with RawServer(then=answer(status, {"error": "no"})) as raw, raw.client() as turso:
        with pytest.raises(APIError) as caught:
            await calls(turso).call(DESTROY, "db", "i", missing="")
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("odd", "advice"), [(answer(200, b"<p>"), True), (close, True), (answer(400, {"error": "no"}), False)]
)
async def test_an_error_names_the_call_that_checks_an_unknown_outcome(odd: Any, advice: bool) -> None:
    unknown = Operation("make", "PUT", "/v1/{thing}", anything, unknown="made {thing!r}")
    plain = Operation("make", "PUT", "/v1/{thing}", anything)
    async with RawServer(then=odd) as raw, raw.client(retry=None) as turso:
        for operation, text in ((unknown, "; it may have made 'x'"), (plain, "")):
            with pytest.raises((DecodeError, Exception)) as caught:
                await calls(turso).call(operation, "x")
            assert str(caught.value).startswith("make x: ")
            assert str(caught.value).endswith(text if advice else "")
            assert ("it may have" in str(caught.value)) is (advice and bool(text))
            assert caught.value.maybe_applied is advice  # type: ignore[attr-defined]  # it is of this library


async def test_an_answer_that_cannot_be_read_leaves_no_frame_that_holds_it() -> None:
    async with RawServer(answer(200, b"<secret>")) as raw, raw.client() as turso:
        with pytest.raises(DecodeError) as caught:
            await calls(turso).call(DESTROY, "db", "i")
    frames, trace = [], caught.value.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    assert not any(
        "secret" in repr(value)
        for frame in frames
        for value in frame.f_locals.values()
        if type(value) is bytes
    )
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


@pytest.mark.parametrize("attempt", [5, 60])
@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_time_of_its_own_bounds_the_attempt_and_the_call(elsewhere: bool, attempt: float) -> None:
    with virtual_time() as clock:

        async def hang(_: Request) -> None:
            clock.turned += 21

        async with RawServer(then=hang) as raw:
            async with raw.client(
                timeout=Timeout(attempt=attempt, total=60), retry=RetryPolicy(sleep=Sleeps())
            ) as turso:
                with pytest.raises(RequestTimeoutError, match="no answer within 20 s"):
                    if elsewhere:
                        await calls(turso).within(20).elsewhere(HOST, raw.url, "x")
                    else:
                        await calls(turso).within(20).call(DESTROY, "db", "i")
    assert len(raw.requests) == 1


async def test_a_call_to_another_host_never_has_the_token_of_the_client() -> None:
    async with RawServer(then=answer(200, {"a": 1})) as raw, raw.client() as turso:
        assert await calls(turso).elsewhere(HOST, raw.url, "x") == {"a": 1}
        await calls(turso).elsewhere(HOST, raw.url, "a b", token="own", body=b"{}", headers={"X-A": "1"})
        with pytest.raises(ConfigurationError):
            await calls(turso).elsewhere(HOST, "http://example.com", "x")
    one, two = raw.requests
    assert "Authorization" not in one.headers and one.target == "/v2/x"
    assert (two.headers["Authorization"], two.headers["X-A"], two.target) == ("Bearer own", "1", "/v2/a%20b")


async def test_a_closed_client_neither_calls_nor_pauses() -> None:
    sleeps = Sleeps()
    async with RawServer() as raw, raw.client(retry=RetryPolicy(sleep=sleeps)) as turso:
        await turso.close()
        with pytest.raises(ClientClosedError) as caught:
            await calls(turso).call(DESTROY, "db", "i")
        with pytest.raises(ClientClosedError, match="the client is closed"):
            await calls(turso).pause(1)
    assert str(caught.value) == "destroy instance db/i (organization org): the client is closed"
    assert (caught.value.operation, caught.value.target, caught.value.attempts) == (
        "destroy instance",
        "db/i",
        0,
    )
    assert (raw.requests, sleeps) == ([], [])


async def test_a_pause_sleeps_and_leaves_no_task_behind() -> None:
    sleeps = Sleeps()
    async with RawServer() as raw, raw.client(retry=RetryPolicy(sleep=sleeps)) as turso:
        await calls(turso).pause(2)
        assert sleeps == [2] and not calls(turso).pool.running.tasks


class Hanging:
    """A sleep that begins and does not end."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.begun.set()
        await asyncio.Event().wait()


async def test_a_pause_ends_when_the_client_is_closed_and_by_a_cancellation_of_its_own() -> None:
    sleep = Hanging()
    async with RawServer() as raw, raw.client(retry=RetryPolicy(sleep=sleep)) as turso:
        running = calls(turso).pool.running
        pausing = asyncio.create_task(calls(turso).pause(1))
        await sleep.begun.wait()
        assert pausing in running.tasks
        pausing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pausing
        assert not running.tasks
        sleep.begun.clear()
        pausing = asyncio.create_task(calls(turso).pause(1))
        await sleep.begun.wait()
        await turso.close()
        with pytest.raises(ClientClosedError, match="the client was closed"):
            await pausing
        assert not running.tasks and not running.ended and pausing.cancelling() == 0


async def test_a_pause_in_a_task_that_was_cancelled_before_ends_when_the_client_is_closed() -> None:
    sleep = Hanging()

    async def clean_up() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await calls(turso).pause(1)

    async with RawServer() as raw, raw.client(retry=RetryPolicy(sleep=sleep)) as turso:
        task = asyncio.create_task(clean_up())
        await asyncio.sleep(0)
        task.cancel()
        await sleep.begun.wait()
        await turso.close()
        with pytest.raises(ClientClosedError):
            await task


@pytest.mark.parametrize("uuid", ["u", None])
async def test_only_a_removal_of_what_was_looked_at_has_evidence(uuid: str | None) -> None:
    async def look() -> None: ...

    async with RawServer() as raw, raw.client() as turso:
        removal, other = Account(), Account()
        pulse = calls(turso).pool.pulse
        pulse.gaps, pulse.at = 3, 5.0
        calls(turso).remove(DESTROY, ("d", "i"), look, uuid, removal).close()
        calls(turso).call(DESTROY, "d", "i", account=other, guard=look).close()
        assert other.evidence is None and removal.evidence is not None
        found = removal.evidence
        assert (found.pulse, found.uuid, found.gaps, found.since) == (pulse, uuid, 3, 5.0)


async def test_a_call_is_known_while_it_runs_and_forgotten_after_it() -> None:
    seen = []

    async def step(request: Request) -> None:
        seen.append(len(running.tasks))
        await FINE(request)

    async with RawServer(step, step, then=close) as raw, raw.client(retry=None) as turso:
        running = calls(turso).pool.running
        await asyncio.gather(*(calls(turso).call(DESTROY, "db", "i") for _ in range(2)))
        assert max(seen) == 2 and not running.tasks
        with pytest.raises(OutcomeUnknownError):
            await calls(turso).call(DESTROY, "db", "i")
        assert not running.tasks


async def test_a_call_within_a_call_is_ended_with_the_outer_one_alone() -> None:
    inside: list[bool] = []

    async def attempt(request: Any, account: Account) -> bytes:
        if not inside:
            inside.append(True)
            await calls(turso).call(DESTROY, "db", "i")
            inside.append(asyncio.current_task() in calls(turso).pool.running.tasks)
            sleeping.set()
            await asyncio.Event().wait()
        return b""

    sleeping = asyncio.Event()
    async with RawServer(then=FINE) as raw, raw.client() as turso:
        outer = asyncio.create_task(calls(turso).through(attempt).call(DESTROY, "db", "i"))
        await sleeping.wait()
        await turso.close()
        with pytest.raises(ClientClosedError, match=r"destroy instance db/i .*: the client was closed"):
            await outer
        assert inside == [True, True] and not calls(turso).pool.running.tasks
        assert outer.cancelling() == 0


async def test_a_cancellation_of_the_callers_own_passes_through() -> None:
    async with RawServer(then=stall) as raw, raw.client() as turso:
        task = asyncio.create_task(calls(turso).call(DESTROY, "db", "i"))
        await raw.seen(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not calls(turso).pool.running.tasks


async def test_the_outer_one_of_two_calls_has_the_error_when_the_client_is_closed() -> None:
    async def attempt(request: Any, account: Account) -> bytes:
        await calls(turso).call(DESTROY, "db", "inner")
        return b""

    async with RawServer(then=stall) as raw, raw.client() as turso:
        outer = asyncio.create_task(calls(turso).through(attempt).call(DESTROY, "db", "outer"))
        await raw.seen(1)
        await turso.close()
        with pytest.raises(ClientClosedError) as caught:
            await outer
    assert (caught.value.target, outer.cancelling()) == ("db/outer", 0)


async def test_a_cancellation_of_close_that_came_too_late_is_taken_back() -> None:
    cancelling: list[int] = []

    async def late(*_: object) -> bytes:
        try:
            begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return b""
        return b""

    async def work(name: str) -> None:
        if name == "call":
            await calls(turso).through(late).call(DESTROY, "db", "i")
        else:
            await calls(turso).pause(1)
        task = asyncio.current_task()
        assert task is not None
        cancelling.append(task.cancelling())

    for name in ("call", "pause"):
        begun = asyncio.Event()
        async with RawServer() as raw, raw.client(retry=RetryPolicy(sleep=late)) as turso:  # type: ignore[arg-type]
            task = asyncio.create_task(work(name))
            await begun.wait()
            await turso.close()
            await task
            assert not calls(turso).pool.running.ended
    assert cancelling == [0, 0]
