"""The table of routes, and what is answered to a request that fits none of them."""

import json
import re
from pathlib import Path

import pytest
from fake_world import DB, DEMO, LEGACY, World

import aioturso.testing
from aioturso.testing.routes import FURTHER, PUBLISHED, ROUTES


@pytest.fixture
def world() -> World:
    return World()


def test_the_fake_shares_no_code_with_the_client() -> None:
    outside = {}
    for path in Path(aioturso.testing.__path__[0]).rglob("*.py"):
        names = re.findall(r"(?m)^ *(?:from|import) (\.\.\w*|\.\.\.\w*|aioturso[\w.]*)", path.read_text())
        inside = ".." if path.parent.name == "state" else None
        found = [name for name in names if name != inside]
        if found:
            outside[path.name] = found
    assert outside == {"server.py": ["..client"]}


def test_no_two_routes_answer_the_same_request() -> None:
    keys = [(r.method, "/".join("{}" if "{" in s else s for s in r.path.split("/"))) for r in ROUTES]
    assert len(set(keys)) == len(keys)
    assert (len(PUBLISHED), set(ROUTES)) == (49, {*PUBLISHED, *FURTHER})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"group": "default"}, "name"),
        ({"name": "new"}, "group"),
        ({"name": "New", "group": "default"}, "lowercase"),
        ({"name": "n" * 65, "group": "default"}, "64"),
        ({"name": "new", "group": "nope"}, "group not found"),
        ({"name": "new", "group": "default", "seed": {"type": "magic"}}, "seed"),
        ({"name": "new", "group": "default", "seed": {"type": "database", "name": "nope"}}, "could not find"),
        ({"name": "new", "group": "default", "seed": "my-db"}, "seed"),
        ({"name": "new", "group": "default", "size_limit": 5}, "size_limit"),
        ({"name": "new", "group": "default", "remote_encryption": {"encryption_cipher": "rot13"}}, "cipher"),
        (
            {
                "name": "new",
                "group": "default",
                "remote_encryption": {"encryption_cipher": "aes256gcm", "encryption_key": "c2hvcnQ="},
            },
            "key",
        ),
        ([], "object"),
        (b"{", "parse"),
        (b"", "parse"),
        (None, "parse"),
    ],
)
def test_a_body_that_does_not_fit_is_a_400(world: World, body: object, error: str) -> None:
    status, text = world.refused("POST", DEMO + "/databases", body)
    assert status == 400
    assert error in text
    assert len(world.state.organizations["demo"].databases) == 2


def test_an_unknown_route_and_a_wrong_method_are_told_apart(world: World) -> None:
    for path in ("/nope", "/v1/", DB + "/", DEMO + "//databases", DB + "/instances/a/b"):
        got = world.ask("GET", path)
        assert (got.status, got.body, got.content_type) == (404, b"404 page not found", "text/plain")
    got = world.ask("PUT", DB)
    assert (got.status, got.headers) == (405, {"Allow": "DELETE, GET"})
    got = world.ask("PUT", "/v1/auth/api-tokens/validate")
    assert got.headers == {"Allow": "DELETE, GET, POST"}


def test_an_encoded_slash_stays_in_its_segment(world: World) -> None:
    assert world.refused("DELETE", LEGACY + "/instances/..%2f..%2flegacy-db")[1] == (
        "could not find instance ../../legacy-db of database legacy-db"
    )


def test_a_token_may_be_named_validate(world: World) -> None:
    assert world.mint("validate")
    assert "exp" in world.do("GET", "/v1/auth/api-tokens/validate")
    assert world.do("DELETE", "/v1/auth/api-tokens/validate") == {"token": "validate"}


def test_only_the_typescript_client_gets_json_for_an_empty_answer(world: World) -> None:
    agent = {"user-agent": "@tursodatabase/api"}
    assert world.ask("POST", DB + "/auth/rotate").body == b""
    assert world.ask("POST", DB + "/auth/rotate", **agent).body == b"{}"
    assert json.loads(world.ask("GET", "/v1/organizations").body)[0]["slug"] == "demo"
    wrapped = json.loads(world.ask("GET", "/v1/organizations", **agent).body)
    assert wrapped["organizations"][0]["slug"] == "demo"
