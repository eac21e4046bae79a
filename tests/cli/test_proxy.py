"""The command behind a proxy that the environment names."""

import json
from collections.abc import Iterator

import pytest
from forwarding import Proxy

from aioturso import NotSentError
from aioturso.cli import main
from aioturso.cli._words import words
from aioturso.testing import FakeTurso


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    server = Proxy()
    yield server
    server.socket.close()


@pytest.fixture(autouse=True)
def environment(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)


Captured = pytest.CaptureFixture[str]


def test_a_platform_beyond_a_proxy_is_reached_through_a_tunnel(
    proxy: Proxy, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TURSO_BASE_URL", "https://platform.invalid")
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert main(["databases", "list"]) == 1
    assert {line.rpartition(" ")[0] for line in proxy.lines} == {"CONNECT platform.invalid:443"}
    err = capsys.readouterr().err
    assert err.startswith("aioturso: list databases") and "very-secret-token" not in err


def test_plain_http_on_this_machine_takes_the_proxy_too(
    world: FakeTurso, proxy: Proxy, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("http_proxy", proxy.url)
    assert main(["databases", "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 40
    assert proxy.lines and proxy.lines[0].startswith(f"GET {world.base_url}/v1/organizations/org/databases")


@pytest.mark.parametrize("way", ["NO_PROXY", "--no-trust-env"])
def test_a_proxy_that_is_not_for_this_host_or_not_wanted_is_not_used(
    world: FakeTurso, proxy: Proxy, capsys: Captured, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    if way == "NO_PROXY":
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert main(["databases", "list", "--json", *([way] if way.startswith("--") else [])]) == 0
    assert world.requests and not proxy.lines


@pytest.mark.parametrize("variable", ["https_proxy", "HTTP_PROXY", "NO_PROXY", ""])
def test_a_failed_connection_mentions_a_proxy_only_where_the_environment_has_one(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    if variable:
        monkeypatch.setenv(variable, "http://localhost:1")
    is_proxy = variable in ("https_proxy", "HTTP_PROXY")
    hint = f" ({variable} is set; --no-trust-env ignores it)" if is_proxy else ""
    assert words(NotSentError("not sent")) == f"not sent{hint}"
    assert words(NotSentError("the name has another owner", final=True)) == "the name has another owner"
