"""A name that is not exactly one path segment is refused before any I/O. The final URL is checked; redirects are not followed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from unicodedata import normalize
from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from raw import RawServer, Request, answer, http
from yarl import URL

from aioturso import (
    InvalidNameError,
    ProtocolError,
    RetryPolicy,
    TursoClient,
    _decode,
    _protocol,
)
from aioturso._operation import Operation
from aioturso.testing import FakeTurso

PIECES = [
    "..",
    ".",
    "/",
    "\\",
    "%",
    "%2e",
    "%2E%2e",
    "%2f",
    "%252f",
    "%00",
    "?",
    "#",
    ";",
    "a",
    "é",
    " ",
    "\n",
]
PIECES += ["&", "=", "+", ":", "@", "//", "\u2024", "\uff0f", "\u202e", "\x7f", "~", "%u002e", "*", "'", '"']
NAMES = st.text() | st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
NAMES |= NAMES.map(lambda name: quote(name, safe="", errors="surrogatepass"))
ROOT = "/v1/organizations/org/databases"
Call = Callable[[TursoClient, str], Awaitable[object]]
CALLS: dict[str, tuple[Call, Callable[[str], str]]] = {
    "instance": (lambda t, n: t.destroy_instance("db", n), lambda e: f"DELETE {ROOT}/db/instances/{e}"),
    "database": (lambda t, n: t.destroy_instance(n, "a"), lambda e: f"DELETE {ROOT}/{e}/instances/a"),
    "delete database": (lambda t, n: t.databases.delete(n), lambda e: f"DELETE {ROOT}/{e}"),
    "organization": (
        lambda t, n: t.with_organization(n).destroy_instance("db", "a"),
        lambda e: f"DELETE /v1/organizations/{e}/databases/db/instances/a",
    ),
    "segment": (lambda t, n: t.request("PUT", "v1", n, "x"), lambda e: f"PUT /v1/{e}/x"),
    "last segment": (lambda t, n: t.request("DELETE", "v1", n), lambda e: f"DELETE /v1/{e}"),
}


async def succeed(request: Request) -> None:
    request.writer.write(http(200, {}))


def is_one_segment(name: str) -> bool:
    """True for a name that no proxy reads as another one: the rule, written again on purpose."""
    if name in ("", ".", "..") or name != name.strip() or name[-1] == ".":
        return False
    return all(c.isalnum() or c in "-_.~ +@!$&'()*,=:" for c in name) and name == normalize("NFKC", name)


async def check(raw: RawServer, turso: TursoClient, name: str) -> None:
    for call, line in CALLS.values():
        raw.requests.clear()
        try:
            await call(turso, name)
        except InvalidNameError:
            assert not raw.requests
            assert not is_one_segment(name)
            continue
        encoded = quote(name, safe="")
        assert [f"{r.method} {r.target}" for r in raw.requests] == [line(encoded)]
        assert is_one_segment(name)


async def opened() -> tuple[RawServer, Any]:
    raw = await RawServer(then=succeed).__aenter__()
    return raw, raw.client()


def test_no_name_reaches_any_path_but_its_own() -> None:
    with asyncio.Runner() as runner:
        raw, turso = runner.run(opened())

        @settings(max_examples=2 * settings.default.max_examples)
        @given(NAMES)
        @example("..")
        @example("%2e%2e")
        @example("%25252525252e.")
        @example("prod#old")
        @example("prod?force=true")
        @example("")
        @example("None")
        def property_of(name: str) -> None:
            runner.run(check(raw, turso, name))

        property_of()
        runner.run(turso.close())
        runner.run(raw.__aexit__())


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "a/b", "a\\b", "%2e%2e", "%252e.", "a\nb", "x/../..", " a"]
)
def test_names_that_are_not_one_segment_are_refused(name: str) -> None:
    with pytest.raises(InvalidNameError, match="instance"):
        _protocol.check_segment(name, "instance")


@pytest.mark.parametrize("name", [None, 1, b"x"])
def test_a_name_that_is_not_text_is_a_type_error(name: object) -> None:
    with pytest.raises(TypeError):
        _protocol.check_segment(name, "instance")


@given(st.text())
def test_the_url_of_any_name_has_the_names_own_segment_alone(name: str) -> None:
    operation = Operation("x", "DELETE", "/instances/{instance}", _decode.nothing)
    try:
        url = _protocol.build_url(URL("https://api.turso.tech"), operation, (name,))
    except InvalidNameError:
        return
    assert url.raw_path.count("/") == 2
    assert url.raw_path.startswith("/instances/")
    assert unquote(url.raw_path.split("/")[2]) == name
    assert not url.query_string
    assert not url.fragment


@pytest.mark.parametrize(
    "name", ["fra#old", "fra?force=true", "fra;v=1", "fra%3Fx", "fra.", "\uff46ra", "fra\u2215x"]
)
async def test_url_syntax_in_a_name_is_refused_before_any_request(fake: FakeTurso, name: str) -> None:
    async with fake.client(organization="org") as turso:
        with pytest.raises(InvalidNameError):
            await turso.destroy_instance("db", name)
    assert fake.requests == []


@pytest.mark.parametrize("name", ["..", ".", "a/b", "%2e%2e", "a?b", " "])
async def test_a_listed_name_that_is_no_segment_is_reported_and_never_deleted(name: str) -> None:
    listed = [{"name": n, "type": "replica", "region": "fra"} for n in (name, "b")]
    steps = (answer(200, {"instances": listed}), *[answer(200, {})] * 2)
    async with RawServer(*steps) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra", return_exceptions=True, concurrency=1)
    assert raw.lines == ["GET ", "DELETE /b"]
    assert [o.status.name for o in report.outcomes] == ["SKIPPED", "DESTROYED"]


@pytest.mark.parametrize("name", ["..", "a/b", "\ud800"])
async def test_a_listed_name_that_is_no_segment_keeps_no_other_from_being_planned(name: str) -> None:
    databases = {"databases": [{"Name": n, "DbId": n, "group": "g"} for n in (name, "b")]}
    groups = {"groups": [{"name": n, "uuid": n, "locations": ["fra"], "primary": "fra"} for n in (name, "b")]}

    async def step(request: Request) -> None:
        last = request.target.split("?")[0].rsplit("/", 1)[1]
        listed = {"databases": databases, "groups": groups, "configuration": {"delete_protection": False}}
        await answer(200, listed[last])(request)

    async with RawServer(then=step) as raw, raw.client() as turso:
        for plan in (turso.teardown.plan_databases, turso.teardown.plan_groups):
            made = await plan(everything=True)
            assert [target.names for target in made.targets] == [("b",)]
            assert [outcome.target.names for outcome in made.skipped] == [(name,)]


@pytest.mark.parametrize("location", ["", " ", "..", "a/b", "%2e%2e", "fra\n"])
async def test_a_location_that_is_no_name_is_refused_before_any_request(location: str) -> None:
    async with RawServer() as raw, raw.client() as turso:
        with pytest.raises(ValueError, match="location"):
            await turso.destroy_by_location("db", location)
    assert not raw.requests


@pytest.mark.parametrize("code", [300, 301, 302, 303, 305, 307, 308])
async def test_a_redirect_is_never_followed_nor_repeated(fast: RetryPolicy, code: int) -> None:
    steps = answer(code, b"", "Location: /v1/organizations/org/databases/db")
    async with RawServer(then=steps) as raw, raw.client(retry=fast) as turso:
        with pytest.raises(ProtocolError) as caught:
            await turso.destroy_instance("db", "a")
    assert raw.lines == ["DELETE /a"]
    assert (caught.value.status, caught.value.location) == (code, "/v1/organizations/org/databases/db")


async def test_a_url_that_comes_out_otherwise_than_intended_is_never_requested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As with a yarl that reads a name as something else one day."""
    async with RawServer(then=answer(200, {})) as raw, raw.client() as turso:
        with_path = URL.with_path

        def removes_a_segment(url: URL, path: str, **options: Any) -> URL:
            return with_path(url, path.removesuffix("/fra"), **options)

        monkeypatch.setattr(URL, "with_path", removes_a_segment)
        with pytest.raises(InvalidNameError, match="URL"):
            await turso.destroy_instance("db", "fra")
    assert raw.requests == []
