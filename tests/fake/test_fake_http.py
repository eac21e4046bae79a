"""The fake platform over HTTP, used with aiohttp and with bare sockets, not with this package's client."""

import asyncio
import gzip
import hashlib
import json
import time
import urllib.request
from collections.abc import AsyncIterator

import aiohttp
import pytest

from aioturso.testing import FakeTurso, Fault

DB = "/v1/organizations/org/databases/db"
FRA = DB + "/instances/fra"


@pytest.fixture
async def http(fake: FakeTurso) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {fake.token}"}
    async with aiohttp.ClientSession(fake.base_url, headers=headers) as session:
        yield session


async def raw(fake: FakeTurso, method: str = "DELETE", path: str = FRA) -> bytes:
    """Everything that comes back on a connection of its own; a reset raises ConnectionResetError."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(fake.base_url.rsplit(":", 1)[1]))
    request = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {fake.token}\r\n\r\n"
    writer.write(request.encode())
    try:
        return await reader.read()
    finally:
        writer.close()


def names(fake: FakeTurso) -> list[str]:
    return [instance.name for instance in fake.instances("org", "db")]


async def test_it_answers_json_and_logs_what_reached_it(fake: FakeTurso, http: aiohttp.ClientSession) -> None:
    async with http.post(DB + "/auth/tokens?expiration=1h", json={}) as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        jwt = (await answer.json())["jwt"]
    assert fake.accepts(jwt, "org", "db")
    seen = fake.requests[0]
    assert (seen.method, seen.path, seen.query, seen.body, seen.status) == (
        "POST",
        DB + "/auth/tokens",
        "expiration=1h",
        b"{}",
        200,
    )
    assert seen.headers["authorization"].endswith(fake.token)
    assert fake.token not in repr(seen)
    assert (len(fake.sent("POST")), len(fake.sent("DELETE")), len(fake.sent(path="/tokens"))) == (1, 0, 1)


async def test_a_body_is_json_whatever_its_media_type(fake: FakeTurso, http: aiohttp.ClientSession) -> None:
    async with http.patch(DB + "/configuration", data='{"block_reads": true}') as answer:
        assert (await answer.json())["block_reads"] is True
    async with http.patch(DB + "/configuration", data="{") as answer:
        assert (answer.status, list(await answer.json())) == (400, ["error"])


async def test_an_unknown_route_and_a_wrong_method_are_json(http: aiohttp.ClientSession) -> None:
    for method, path in (("GET", "/v1/nope"), ("PUT", DB)):
        async with http.request(method, path) as answer:
            assert (answer.status, answer.content_type) == (404, "application/json")
            assert (await answer.json())["code"] == "route_not_found"


async def test_a_wrong_token_is_a_401_and_the_closest_location_needs_none(fake: FakeTurso) -> None:
    async with aiohttp.ClientSession(fake.base_url) as session:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": fake.token}):
            async with session.get(DB, headers=headers) as answer:
                assert answer.status == 401
        async with session.get("/") as answer:
            assert await answer.json() == {"server": "iad", "client": "iad"}


async def test_a_database_file_is_taken_at_the_databases_hostname(fake: FakeTurso) -> None:
    page = bytearray(4096)
    page[:20] = b"SQLite format 3\0\x10\x00\x02\x02"
    page[56:60] = b"\0\0\0\x01"
    file = bytes(page) + bytes(4096 * 200)
    databases = "/v1/organizations/org/databases"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {fake.token}"}) as http:
        body = {"name": "up", "group": "g", "seed": {"type": "database_upload"}}
        async with http.post(fake.base_url + databases, json=body) as answer:
            hostname = (await answer.json())["database"]["Hostname"]
        async with http.post(fake.base_url + databases + "/up/auth/tokens") as answer:
            jwt = (await answer.json())["jwt"]
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {jwt}"}) as http:
        url = f"http://{hostname}/v1/upload"
        async with http.post(url, data=file) as answer:
            assert (answer.status, await answer.read()) == (200, b"")
    upload = next(d.upload for d in fake.databases("org") if d.name == "up")
    assert upload is not None
    assert (upload.size, upload.sha256) == (len(file), hashlib.sha256(file).hexdigest())
    assert fake.requests[-1].body == b""


async def test_drop_before_sends_no_byte_and_does_nothing(fake: FakeTurso) -> None:
    fake.inject(Fault.drop_before())
    assert await raw(fake) == b""
    assert "fra" in names(fake)
    assert fake.requests[0].status is None


async def test_drop_after_acts_and_sends_no_byte(fake: FakeTurso) -> None:
    fake.inject(Fault.drop_after())
    assert await raw(fake) == b""
    assert "fra" not in names(fake)


async def test_drop_mid_headers_acts_and_cuts_a_header(fake: FakeTurso) -> None:
    fake.inject(Fault.drop_mid_headers())
    got = await raw(fake)
    assert got.startswith(b"HTTP/1.1 200 OK\r\n")
    assert not got.endswith(b"\n")
    assert b"\r\n\r\n" not in got
    assert "fra" not in names(fake)


@pytest.mark.parametrize("acts", [False, True])
async def test_reset_is_a_reset(fake: FakeTurso, acts: bool) -> None:
    fake.inject(Fault.reset(acts=acts))
    with pytest.raises(ConnectionResetError):
        await raw(fake)
    assert ("fra" in names(fake)) is not acts


async def test_truncate_acts_and_sends_less_than_it_announced(fake: FakeTurso) -> None:
    fake.inject(Fault.truncate(), times=3)
    for path, status, begin in (
        (FRA, b"200 OK", b'{"instan'),
        (FRA, b"404 Not Found", b'{"error":"could not find'),
        (DB + "/instances/iad", b"400 Bad Request", b'{"error":"the '),
    ):
        head, _, body = (await raw(fake, path=path)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 " + status)
        assert int(head.rsplit(b" ", 1)[1]) > len(body) > 0
        assert body.startswith(begin)
    assert "fra" not in names(fake)


async def test_raw_sends_those_bytes(fake: FakeTurso) -> None:
    fake.inject(Fault.raw(b"HTTP/1.1 200 OK\r\n\r\n{"))
    assert await raw(fake) == b"HTTP/1.1 200 OK\r\n\r\n{"
    assert "fra" in names(fake)


async def test_delay_acts_and_answers_late(fake: FakeTurso, http: aiohttp.ClientSession) -> None:
    fake.inject(Fault.delay(0.2))
    began = time.monotonic()
    call = asyncio.create_task(http.delete(FRA))
    while not fake.requests:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)
    assert ("fra" in names(fake), fake.requests[0].status) == (False, None)
    async with await call as answer:
        assert answer.status == 200
    assert time.monotonic() - began >= 0.2


async def test_status_and_redirect_answer_without_acting(
    fake: FakeTurso, http: aiohttp.ClientSession
) -> None:
    fake.inject(Fault.status(429, headers={"Retry-After": "7"}, body=b'{"error":"slow down"}'))
    fake.inject(Fault.redirect("/elsewhere", 308))
    async with http.delete(FRA) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert await answer.json() == {"error": "slow down"}
    async with http.delete(FRA, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (308, "/elsewhere")
    assert "fra" in names(fake)


async def test_a_request_meets_the_first_fault_that_matches_and_has_uses_left(
    fake: FakeTurso, http: aiohttp.ClientSession
) -> None:
    fake.inject(Fault.status(501), method="GET")
    fake.inject(Fault.status(502), path="/fra", times=2)
    fake.inject(Fault.status(503), method="delete", path="/instances/fra")

    async def status(method: str, path: str) -> int:
        async with http.request(method, path) as answer:
            return answer.status

    assert await status("DELETE", FRA + "-2") == 200
    assert [await status("DELETE", FRA) for _ in range(4)] == [502, 502, 503, 200]
    assert [str(one) for one in fake.unused_faults] == ["status 501 for GET ..."]
    assert [await status("GET", DB) for _ in range(2)] == [501, 200]
    assert fake.unused_faults == ()
    fake.inject(Fault.status(500), times=5)
    fake.clear_faults()
    assert await status("GET", DB) == 200


async def test_thousands_of_faults_can_wait(fake: FakeTurso) -> None:
    for number in range(20_000):
        fake.inject(Fault.status(503), method="DELETE", path=f"/i{number}")
    assert len(fake.unused_faults) == 20_000
    for number in range(20_000):
        assert fake._faults.take("DELETE", f"{DB}/instances/i{number}") is not None
    assert len(fake._faults) == 0


@pytest.mark.parametrize(
    "body", [b"no gzip", gzip.compress(b'{"name":"x","group":"g"}')], ids=["odd", "gzip"]
)
async def test_a_body_is_read_as_it_comes_whatever_its_coding(
    http: aiohttp.ClientSession, body: bytes
) -> None:
    """As servers in Go read it."""
    path = "/v1/organizations/org/databases"
    async with http.post(path, data=body, headers={"Content-Encoding": "gzip"}) as response:
        assert (response.status, await response.json()) == (
            400,
            {"error": "could not parse the request body"},
        )


async def test_hung_and_half_sent_requests_do_not_keep_it_from_stopping() -> None:
    async with FakeTurso() as fake:
        fake.inject(Fault.hang(), times=3)
        calls = [asyncio.create_task(raw(fake, "GET", "/v1/locations")) for _ in range(3)]
        port = int(fake.base_url.rsplit(":", 1)[1])
        _, half = await asyncio.open_connection("127.0.0.1", port)
        half.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
        while len(fake.requests) < 4:
            await asyncio.sleep(0.001)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    assert await asyncio.gather(*calls) == [b""] * 3
    half.close()


async def test_a_client_that_leaves_in_the_middle_of_its_body_does_not_disturb_it(
    fake: FakeTurso, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", int(fake.base_url.rsplit(":", 1)[1]))
    writer.write(b"POST /v1/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
    while not fake.requests:
        await asyncio.sleep(0.001)
    writer.transport.abort()
    async with http.get(DB) as answer:
        assert answer.status == 200
    assert not caplog.records


def test_it_can_serve_from_a_thread_and_be_started_again() -> None:
    fake = FakeTurso(token="mine")
    fake.add_database("db", organization="org")
    for _ in range(2):
        with fake:
            request = urllib.request.Request(fake.base_url + DB, headers={"Authorization": "Bearer mine"})
            with urllib.request.urlopen(request) as answer:
                assert json.load(answer)["database"]["Name"] == "db"
    assert len(fake.requests) == 2


async def test_a_port_in_use_is_an_error_also_from_a_thread(fake: FakeTurso) -> None:
    with pytest.raises(OSError), FakeTurso(port=int(fake.base_url.rsplit(":", 1)[1])):
        pass
