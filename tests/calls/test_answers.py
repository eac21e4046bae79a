"""What a server may do to an answer, on a raw socket."""

import asyncio
import gzip
from typing import Any

import pytest
from instances import GONE, LOST
from raw import CHUNKED, CUT, RawServer, Request, Step, answer, close, http, last, reset, send, stall
from sleeps import Sleeps
from virtual import virtual_time

from aioturso import (
    APIError,
    BadRequestError,
    DecodeError,
    NotSentError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    RequestTimeoutError,
    RetryPolicy,
    Timeout,
    TursoError,
)

UNREADABLE = {
    "long header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
    "garbage": b"garbage\r\n\r\n",
    "bad chunk size": CHUNKED + b"zz\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "bad length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
    "unknown encoding": http(200, b"\x1b\x03\x00", "Content-Encoding: br"),
    "broken gzip": http(200, b"{}", "Content-Encoding: gzip"),
    "switching protocols": b"HTTP/1.1 101 Yes\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "not modified": b"HTTP/1.1 304 No\r\n\r\n",
}


async def test_bytes_on_an_idle_connection_are_never_the_next_answer(fast: RetryPolicy) -> None:
    """Or else a server's late word about one instance would be read as the success of another."""

    async with RawServer(answer(200, {"instance": "a"}), then=answer(400, {"error": "no"})) as raw:
        async with raw.client(retry=fast) as turso:
            await turso.destroy_instance("db", "a")
            raw.requests[0].writer.write(http(200, {}))
            await asyncio.sleep(0.01)
            with pytest.raises(BadRequestError):
                await turso.destroy_instance("db", "b")
    assert [r.connection for r in raw.requests] == [1, 2]


async def test_a_second_answer_behind_the_first_is_never_the_next_answer() -> None:
    two = send(http(200, {"instance": "a"}) + http(200, {}))
    async with RawServer(two, then=answer(400, {"error": "no"})) as raw, raw.client() as turso:
        await turso.destroy_instance("db", "a")
        with pytest.raises(BadRequestError):
            await turso.destroy_instance("db", "b")


async def test_interim_answers_are_passed_over() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    async with RawServer(send(interim + http(200, {"instance": "a"}))) as raw, raw.client() as turso:
        assert await turso.destroy_instance("db", "a") == "a"


@pytest.mark.parametrize("stalled", [stall, send(CUT + b"{"), send(b"HTTP/1.1 200")])
async def test_no_answer_in_time_is_a_timeout_of_ours_and_is_repeated(
    fast: RetryPolicy, stalled: Step
) -> None:
    settings: dict[str, Any] = {"retry": fast, "timeout": 0.25}
    async with RawServer(stalled, GONE) as raw, raw.client(**settings) as turso:
        assert await turso.destroy_instance("db", "a") == "a"
    async with RawServer(then=stalled) as raw, raw.client(retry=None, timeout=0.25) as turso:
        with pytest.raises(RequestTimeoutError) as caught:
            await turso.destroy_instance("db", "a")
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.maybe_applied


async def test_a_cut_list_is_read_again_and_never_partial(fast: RetryPolicy) -> None:
    item = {"name": "a", "type": "replica", "region": "fra"}
    for cut in ("cut body", "cut chunk", "no last chunk", "reset body"):
        async with RawServer(LOST[cut], answer(200, {"instances": [item, {**item, "name": "b"}]})) as raw:
            async with raw.client(retry=fast) as turso:
                assert [i.name for i in await turso.instances.list("db")] == ["a", "b"]


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_an_unreadable_answer_is_a_protocol_error_and_its_outcome_unknown(data: bytes) -> None:
    async with RawServer(last(data)) as raw, raw.client(retry=None) as turso:
        with pytest.raises(ProtocolError) as caught:
            await turso.destroy_instance("db", "a")
    assert (caught.value.attempts, caught.value.maybe_applied) == (1, True)


async def test_only_encodings_that_can_be_decoded_are_requested() -> None:
    body = gzip.compress(b'{"instances":null}')
    async with RawServer(answer(200, body, "Content-Encoding: gzip")) as raw, raw.client() as turso:
        assert await turso.instances.list("db") == []
    asked = raw.requests[0].headers["Accept-Encoding"]
    assert set(asked.split(", ")) <= {"gzip", "deflate", "br", "zstd"}


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'"ok"',
        b"null",
        b"",
        b'{"instances":{}}',
        b'{"instances":[{"name":null}]}',
        b"[" * 99999,
        b'{"instances":[{"name":""}]}',
        b'{"instances":[null]}',
        b"\xff",
        b'{"instances":[{"name":7}]}',
        b'{"instances":[{"name":"a","region":"fra","type":"primary","type":"replica"}]}',
        b'{"instances":[],"instances":[{"name":"a","region":"fra","type":"replica"}]}',
        b'{"Instances":[],"instances":[{"name":"a","region":"fra","type":"replica"}]}',
    ],
)
async def test_nothing_is_deleted_after_a_malformed_list(body: bytes) -> None:
    async with RawServer(then=answer(200, body)) as raw, raw.client() as turso:
        with pytest.raises(DecodeError) as caught:
            await turso.destroy_by_location("db", "fra", missing_ok=True)
    assert (raw.lines, caught.value.attempts, caught.value.maybe_applied) == (["GET "], 1, False)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (204, b""), (202, b"\n"), (200, {}), (200, {"instance": None}), (200, {"instance": "a"})],
)
async def test_an_empty_or_unnamed_success_is_one(status: int, body: object) -> None:
    data = b"HTTP/1.1 204 No Content\r\n\r\n" if status == 204 else http(status, body)
    async with RawServer(send(data)) as raw, raw.client() as turso:
        assert await turso.destroy_instance("db", "a") == "a"
        assert "0/64 in flight" in repr(turso)


@pytest.mark.parametrize("body", [b'{"error":"no","error":null}', b'{"instance":"b","instance":"a"}'])
async def test_a_success_that_contradicts_itself_is_none(body: bytes) -> None:
    async with RawServer(answer(200, body)) as raw, raw.client() as turso:
        with pytest.raises(DecodeError, match=r"comes twice, with different values\)") as caught:
            await turso.destroy_instance("db", "a")
    assert caught.value.maybe_applied


async def test_a_key_that_comes_twice_with_the_same_value_is_read() -> None:
    item = '{"name":"a","region":"fra","region":"fra"}'
    listed = answer(200, f'{{"instances":[{item}],"Instances":[{item}]}}'.encode())
    async with RawServer(listed) as raw, raw.client() as turso:
        assert [i.region for i in await turso.instances.list("db")] == ["fra"]


async def test_an_accepted_removal_is_named_so_in_the_report() -> None:
    listed = {"instances": [{"name": "a", "type": "replica", "region": "fra"}]}
    async with RawServer(answer(200, listed), answer(202, b"\n")) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra")
    assert [(o.status.name, o.reason) for o in report.outcomes] == [("DESTROYED", "accepted")]


PAGES: dict[str, bytes] = {
    "html": b"<html>\x1b[31m" + b"blocked " * 5000 + b"</html>",
    "other fields": b'{"message":"blocked","code":0}',
    "bare text": b'"blocked"',
    "bare number": b"7",
    "empty": b"",
    "not utf-8": b"\xff\xfe\x00blocked",
    "deep": b'{"error":' * 900 + b"{}" + b"}" * 900,
    "deep code": b'{"code":' + b"[" * 900 + b"]" * 900 + b"}",
}


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES.keys())
@pytest.mark.parametrize("status", [400, 404, 418, 429, 500, 502, 503, 520, 999])
async def test_an_error_page_of_any_form_is_a_typed_error_with_a_bounded_message(
    status: int, body: bytes
) -> None:
    async with RawServer(answer(status, body, "Retry-After: 7")) as raw, raw.client(retry=None) as turso:
        with pytest.raises(APIError) as caught:
            await turso.destroy_instance("db", "a", missing_ok=True)
    error = caught.value
    assert (error.status, error.retry_after, error.attempts) == (status, 7.0, 1)
    assert len(str(error)) < 400
    assert str(error).isprintable()
    assert error.message


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        ({"error": "x"}, "x", None),
        ({"error": {"message": "x", "code": "y"}}, "x", "y"),
        ({"error": None, "code": "feature_not_available"}, "feature_not_available", "feature_not_available"),
        ({"error": ["x", {"message": "z"}]}, "x; z", None),
        ({"errors": ["x"]}, "x", None),
        ({"errors": [{"message": "x"}]}, "x", None),
        ({"message": "x"}, "x", None),
        ({"error": {"message": {"error": "x"}}}, "x", None),
        ({"error": 7}, '{"error": 7}', None),
        ({"error": "x", "code": {"a": 1}}, "x", None),
        ({"error": "x", "code": 17}, "x", "17"),
        ([], "[]", None),
        ("x", "x", None),
    ],
)
async def test_an_error_field_of_any_form_gives_a_readable_message(
    body: object, message: str, code: str | None
) -> None:
    async with RawServer(answer(400, body)) as raw, raw.client() as turso:
        with pytest.raises(BadRequestError) as caught:
            await turso.destroy_instance("db", "a")
    assert (caught.value.message, caught.value.code) == (message, code)


async def test_a_post_is_repeated_only_when_nothing_can_have_been_applied(sleeps: Sleeps) -> None:
    made = answer(200, {"instance": {"name": "lhr"}})
    retry = RetryPolicy(sleep=sleeps)
    async with RawServer(answer(429), made) as raw, raw.client(retry=retry) as turso:
        assert (await turso.instances.create("db", "lhr")).name == "lhr"
    assert len(raw.lines) == 2
    for first in (answer(503), close, reset(), answer(408)):
        async with RawServer(first, made) as raw, raw.client(retry=retry) as turso:
            with pytest.raises(TursoError) as caught:
                await turso.instances.create("db", "lhr")
        assert (len(raw.lines), caught.value.attempts, caught.value.maybe_applied) == (1, 1, True)
        assert "not retried" not in str(caught.value)


async def test_the_pool_works_after_cancellations_timeouts_and_connect_errors(sleeps: Sleeps) -> None:
    settings: dict[str, Any] = {"max_connections": 2, "timeout": 0.3, "retry": None}
    async with RawServer(*[stall] * 6, unread=0, then=answer(200, {})) as raw:
        async with raw.client(**settings) as turso:
            calls = [asyncio.create_task(turso.destroy_instance("db", f"x{n}")) for n in range(50)]
            await raw.seen(2)
            for call in calls[4:]:
                call.cancel()
            results = await asyncio.gather(*calls, return_exceptions=True)
            assert [type(r) for r in results[:4]] == [RequestTimeoutError] * 4
            raw.steps.clear()
            raw.unread = 2
            # Of the same pool, with time enough on a busy machine.
            patient = turso.with_options(timeout=30)
            lost = await asyncio.gather(
                *(patient.destroy_instance("db", f"y{n}") for n in range(2)), return_exceptions=True
            )
            assert [type(e) for e in lost] == [OutcomeUnknownError] * 2
            assert await patient.destroy_instance("db", "z") == "z"
            assert "0/2 in flight" in repr(turso)
    async with raw.client(**settings) as turso:  # its socket is closed now
        for _ in range(3):
            with pytest.raises(NotSentError):
                await turso.destroy_instance("db", "z")
        assert "0/2 in flight" in repr(turso)


async def test_every_way_out_of_an_answer_frees_its_connection(fast: RetryPolicy) -> None:
    long = answer(503, b"x" * 500_000)
    steps = (long, answer(200, b"<not json>"), answer(503, b"x"), answer(200, {}))
    async with RawServer(long, *steps) as raw:
        async with raw.client(max_connections=1, retry=fast, timeout=5) as turso:
            with pytest.raises(DecodeError):
                await turso.destroy_instance("db", "a")
            assert await turso.destroy_instance("db", "b") == "b"
            assert "0/1 in flight" in repr(turso)
    assert len(raw.requests) == 5
    assert raw.connections == 1


async def test_a_call_cancelled_while_it_reads_frees_its_connection() -> None:
    async with RawServer(send(CUT + b"{"), answer(200, {})) as raw:
        async with raw.client(max_connections=1, timeout=5) as turso:
            call = asyncio.create_task(turso.destroy_instance("db", "a"))
            await raw.seen(1)
            await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await turso.destroy_instance("db", "b") == "b"


async def test_a_burst_through_a_pool_of_two_is_served_whole_and_two_at_a_time() -> None:
    with virtual_time() as clock:

        async def slow(request: Request) -> None:
            clock.turned += 10
            for _ in range(20):  # the other one of the two comes in between
                await asyncio.sleep(0)
            await answer(200, {})(request)

        async with (
            RawServer(then=slow) as raw,
            raw.client(max_connections=2, timeout=Timeout(attempt=60, total=60), retry=None) as turso,
        ):
            await asyncio.gather(*(turso.destroy_instance("db", f"x{n}") for n in range(20)))
    assert (len(raw.requests), raw.most_busy) == (20, 2)


async def test_the_wrong_kind_of_token_is_reported_as_the_server_reported_it() -> None:
    for status in (400, 401):
        refusal = answer(status, {"error": "could not parse jwt id"})
        async with RawServer(then=refusal) as raw, raw.client() as turso:
            with pytest.raises(APIError, match="could not parse jwt id"):
                await turso.destroy_instance("db", "a")
        assert len(raw.requests) == 1


async def test_a_refused_organization_is_never_dropped_or_changed() -> None:
    async with RawServer(then=answer(403, {"error": "forbidden"})) as raw, raw.client() as turso:
        with pytest.raises(APIError):
            await turso.destroy_by_location("db", "fra")
    assert raw.lines == ["GET "]


async def test_an_absurd_retry_after_fails_at_once(sleeps: Sleeps) -> None:
    for value in ("86400", "9999999999", "9" * 400):
        step = answer(429, {"error": "slow"}, f"Retry-After: {value}")
        async with RawServer(step) as raw, raw.client(retry=RetryPolicy(sleep=sleeps)) as turso:
            with pytest.raises(RateLimitedError) as caught:
                await turso.destroy_instance("db", "a")
        assert caught.value.retry_after == float(value)
        assert not sleeps
