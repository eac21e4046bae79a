"""The table of routes, and what is answered to a request that fits none of them."""

import json
import re
from pathlib import Path

import pytest
from fake_world import DB, DEMO, GROUP, LEGACY, World

import aioturso.testing
from aioturso.testing.routes import BY_UUID, FURTHER, PERSONAL, PUBLISHED, ROUTES, find


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
    assert set(ROUTES) == {*PUBLISHED, *FURTHER, *PERSONAL, *BY_UUID}


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
        (b"[" * 100_000, "parse"),
        (b"\xff", "parse"),
        (b"", "parse"),
        (None, "parse"),
        ({"name": "new", "group": "default", "seed": {"type": "dump"}}, "seed.url"),
    ],
)
def test_a_body_that_does_not_fit_is_a_400(world: World, body: object, error: str) -> None:
    status, text = world.refused("POST", DEMO + "/databases", body)
    assert status == 400
    assert error in text
    assert len(world.state.organizations["demo"].databases) == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nope"),
        ("GET", "/v1/"),
        ("GET", DB + "/"),
        ("GET", DEMO + "//databases"),
        ("GET", DB + "/instances/a/b"),
        ("PUT", DB),
        ("PUT", "/v1/auth/api-tokens/validate"),
        ("POST", DB + "/update"),
        ("POST", GROUP + "/update"),
    ],
)
def test_an_unknown_path_a_wrong_method_and_what_was_withdrawn_are_no_routes(
    world: World, method: str, path: str
) -> None:
    for token in ("", "wrong"):
        got = world.ask(method, path, token=token)
        assert (got.status, got.content_type) == (404, "application/json")
        body = json.loads(got.body)
        assert (body["code"], body["error"]) == ("route_not_found", "no such route")
        assert body["hint"].startswith("see https://docs.turso.tech/api-reference or ")


def test_a_literal_segment_comes_before_a_placeholder() -> None:
    for method, path, wanted in (
        ("GET", "/v1/auth/api-tokens/validate", "/v1/auth/api-tokens/validate"),
        ("POST", "/v1/organizations/stripe-customer", "/v1/organizations/stripe-customer"),
        ("POST", DEMO + "/databases/dumps", "/v1/organizations/{organization}/databases/dumps"),
    ):
        route = find(method, path)
        assert route is not None
        assert route.path == wanted


def test_an_encoded_slash_stays_in_its_segment(world: World) -> None:
    assert world.refused("DELETE", LEGACY + "/instances/..%2f..%2flegacy-db")[1] == (
        "could not find instance ../../legacy-db of database legacy-db"
    )


def test_a_token_may_be_named_validate(world: World) -> None:
    assert world.mint("validate")
    assert "exp" in world.do("GET", "/v1/auth/api-tokens/validate")
    assert world.do("DELETE", "/v1/auth/api-tokens/validate") == {"token": "validate"}


def test_an_answer_does_not_depend_on_the_client(world: World) -> None:
    for agent in ("@tursodatabase/api", "turso-cli/1.0.29 (linux/amd64)", "curl/8"):
        headers = {"user-agent": agent}
        assert world.ask("POST", DB + "/auth/rotate", **headers).body == b""
        listed = json.loads(world.ask("GET", "/v1/organizations", **headers).body)
        assert [one["slug"] for one in listed] == ["alice", "demo", "other"]


def test_keys_match_without_regard_to_case_and_null_is_the_zero_value(world: World) -> None:
    body = {"Name": "new", "GROUP": "default", "Seed": {"Type": "database", "Value": "my-db"}, "x": 1}
    world.do("POST", DEMO + "/databases", body | {"is_schema": None, "size_limit": None, "schema": None})
    made = world.do("GET", DEMO + "/databases/new")["database"]
    assert (made["parent"]["name"], made["is_schema"], made["schema"]) == ("my-db", False, None)
    world.do("POST", DEMO + "/groups", {"Name": "g2", "Location": "lhr", "Version": "latest"})
    world.do("POST", LEGACY + "/instances", {"Location": "lhr"})
    for body in ({"name": None, "group": "default"}, {"name": "n", "group": None}, None):
        status, text = world.refused("POST", DEMO + "/databases", b"null" if body is None else body)
        assert (status, text.split(" is ")[1]) == (400, "required and must be a string")


def test_a_path_without_an_organization_means_the_personal_one(world: World) -> None:
    world.do("POST", "/v1/groups", {"name": "mine", "location": "fra"})
    world.do("POST", "/v1/databases", {"name": "own", "group": "mine"})
    assert [d["Name"] for d in world.do("GET", "/v1/organizations/alice/databases")["databases"]] == ["own"]
    assert world.do("GET", "/v1/usage")["organization"]["usage"]["databases"] == 1
    assert world.do("GET", "/v1/databases/own/instances")["instances"][0]["name"] == "fra"
    restricted = world.mint("demo-only", organization="demo")
    assert world.refused("GET", "/v1/databases", token=restricted)[0] == 403


def test_every_route_of_the_personal_organization_is_one_of_an_organization() -> None:
    for route in PERSONAL:
        assert route.path.startswith(("/v1/", "/v2/locations"))
        assert "{organization}" not in route.path
        assert find(route.method, re.sub(r"{\w+}", "x", route.path)) == route
