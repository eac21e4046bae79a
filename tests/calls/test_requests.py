"""What a request carries: parameters, body, headers; and where a client's settings come from."""

import pytest
from raw import RawServer, answer, close

from aioturso import ConfigurationError, InvalidInputError, OutcomeUnknownError, RetryPolicy, TursoClient


async def test_the_escape_hatch_sends_its_parameters_and_its_body() -> None:
    async with RawServer(then=answer(200, {"fine": True})) as raw, raw.client() as turso:
        params = {"page": 2, "all": True, "name": "a b&c", "left_out": None}
        assert await turso.request("post", "v1", "x", params=params, json={"a": [1]}) == {"fine": True}
    (request,) = raw.requests
    assert (request.method, request.target) == ("POST", "/v1/x?page=2&all=true&name=a+b%26c")
    assert request.headers["Content-Type"] == "application/json"
    assert int(request.headers["Content-Length"]) == len(b'{"a": [1]}')


@pytest.mark.parametrize("segment", [5, None, ["/"]])
async def test_a_segment_of_another_type_is_refused_as_every_name_is(segment: object) -> None:
    async with TursoClient("t", base_url="http://127.0.0.1:1", retry=None) as turso:
        with pytest.raises(TypeError, match=f"^segment must be str, not {type(segment).__name__}$"):
            await turso.request("GET", segment)  # type: ignore[arg-type]


async def test_every_request_accepts_json() -> None:
    async with RawServer(answer(200, {"instances": []}), then=answer(200, {})) as raw, raw.client() as turso:
        await turso.instances.list("db")
        await turso.request("PUT", "v1", "x", json={})
        await turso.destroy_instance("db", "a")
    assert [request.headers["Accept"] for request in raw.requests] == ["application/json"] * 3


@pytest.mark.parametrize("name", ["TURSO_BASE_URL", "TURSO_API_BASEURL"])
async def test_the_environment_names_the_api(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    async with RawServer(then=answer(200, {"instances": []})) as raw:
        monkeypatch.setenv(name, raw.url)
        async with TursoClient("token", organization="org") as turso:
            await turso.instances.list("db")
    assert raw.lines == ["GET "]


def test_of_two_variables_the_librarys_own_wins_and_an_argument_beats_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert str(TursoClient("token").base_url).rstrip("/") == "https://api.turso.tech"
    monkeypatch.setenv("TURSO_API_BASEURL", "https://second.example")
    monkeypatch.setenv("TURSO_BASE_URL", "https://first.example")
    assert TursoClient("token").base_url.host == "first.example"
    assert TursoClient("token", base_url="https://given.example").base_url.host == "given.example"


@pytest.mark.parametrize("size", [0, -1])
def test_a_pool_without_a_connection_is_refused_when_the_client_is_made(size: int) -> None:
    with pytest.raises(ConfigurationError, match="max_connections"):
        TursoClient("token", max_connections=size)


@pytest.mark.parametrize("concurrency", [0, -1])
async def test_a_concurrency_below_one_is_refused_before_any_request(concurrency: int) -> None:
    async with RawServer() as raw, raw.client() as turso:
        with pytest.raises(InvalidInputError, match="concurrency"):
            await turso.destroy_by_location("db", "fra", concurrency=concurrency)
    assert raw.requests == []


async def test_a_method_in_small_letters_is_repeated_no_more_than_in_capitals(fast: RetryPolicy) -> None:
    async with RawServer(then=close) as raw, raw.client(retry=fast) as turso:
        with pytest.raises(OutcomeUnknownError) as caught:
            await turso.request("post", "v1", "x")
        assert (len(raw.requests), caught.value.maybe_applied) == (1, True)
        with pytest.raises(OutcomeUnknownError) as caught:
            await turso.request("get", "v1", "x")
        assert (len(raw.requests), caught.value.maybe_applied) == (1 + 4, False)
