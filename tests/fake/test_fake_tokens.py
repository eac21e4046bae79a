"""The tokens of the fake platform: what they are good for, and until when."""

from datetime import UTC, datetime, timedelta

from fake_world import DB, DEMO, GROUP, LEGACY, World

from aioturso.testing.state.records import ApiToken


def test_rotating_invalidates_the_tokens_of_a_database_and_of_a_group(world: World) -> None:
    demo = world.state.organizations["demo"]
    mine, legacy = demo.databases["my-db"], demo.databases["legacy-db"]

    def mint(path: str, query: str = "") -> str:
        return str(world.do("POST", path + "/auth/tokens", query=query)["jwt"])

    own, groups, others = mint(DB), mint(GROUP), mint(LEGACY, "expiration=1h")
    assert [world.state.accepts(jwt, demo, mine) for jwt in (own, groups, others)] == [True, True, False]
    assert world.state.accepts(others, demo, legacy)
    assert world.do("POST", DB + "/auth/rotate") is None
    assert [world.state.accepts(jwt, demo, mine) for jwt in (own, groups)] == [False, True]
    own = mint(DB)
    assert world.do("POST", GROUP + "/auth/rotate") is None
    assert [world.state.accepts(jwt, demo, mine) for jwt in (own, groups)] == [False, False]
    world.now += timedelta(hours=2)
    assert not world.state.accepts(others, demo, legacy)


def test_a_database_tokens_input_is_checked(world: World) -> None:
    query = "expiration=2w1d30m&authorization=read-only"
    body = {"permissions": {"read_attach": {"databases": ["legacy-db"]}}}
    assert world.do("POST", DB + "/auth/tokens", body, query)["jwt"].count(".") == 2
    assert world.refused("POST", DB + "/auth/tokens", query="expiration=soon") == (
        400,
        "Invalid expiration format",
    )
    assert world.refused("POST", DB + "/auth/tokens", query="authorization=root")[0] == 400
    for permissions in ("x", {"read_attach": ["x"]}, {"read_attach": {"databases": "x"}}):
        assert world.refused("POST", DB + "/auth/tokens", {"permissions": permissions})[0] == 400


def test_an_organizations_token_is_held_to_it(world: World) -> None:
    token = world.mint("org", organization="demo")
    assert [o["slug"] for o in world.do("GET", "/v1/organizations", token=token)] == ["demo"]
    world.do("POST", DEMO + "/groups", {"name": "g2", "location": "lhr"}, token=token)
    for method, path in (
        ("GET", "/v1/organizations/other"),
        ("GET", "/v1/organizations/absent"),
        ("GET", "/v1/auth/api-tokens"),
        ("POST", "/v1/auth/api-tokens/more"),
        ("POST", GROUP + "/transfer"),
    ):
        assert world.refused(method, path, {"organization": "other"}, token=token)[0] == 403


def test_a_groups_token_is_held_to_its_group_and_scopes(world: World) -> None:
    world.state.add_group("demo", "g2", ["lhr"])
    world.state.add_database("second", "demo", "g2")
    scopes = ["read", "db:create", "db:mint-token"]
    token = world.mint("ci", organization="demo", group="default", scopes=scopes)
    world.do("POST", DEMO + "/databases", {"name": "new", "group": "default"}, token=token)
    world.do("POST", DB + "/auth/tokens", token=token)
    assert [g["name"] for g in world.do("GET", DEMO + "/groups", token=token)["groups"]] == ["default"]
    listed = world.do("GET", DEMO + "/databases", token=token)["databases"]
    assert [d["Name"] for d in listed] == ["my-db", "new"]
    copy = {"name": "c", "group": "default", "seed": {"type": "database", "name": "second"}}
    for method, path, body in (
        ("POST", DEMO + "/databases", {"name": "new2", "group": "g2"}),
        ("POST", DEMO + "/databases", copy),
        ("GET", DEMO + "/databases/second", None),
        ("GET", DEMO + "/groups/g2", None),
        ("DELETE", DEMO + "/databases/new", None),
        ("POST", DB + "/auth/rotate", None),
        ("PATCH", DB + "/configuration", {"block_reads": True}),
        ("DELETE", GROUP, None),
        ("POST", GROUP + "/transfer", {"organization": "other"}),
        ("GET", DEMO + "/members", None),
        ("GET", DEMO, None),
    ):
        assert world.refused(method, path, body, token=token)[0] == 403, path


def test_presets_expand_and_restrictions_are_listed(world: World) -> None:
    world.mint("all", organization="demo", group="default", scopes=["full-access"])
    world.mint("ro", organization="demo", group="default", scopes=["read-only"])
    world.mint("plain")
    listed = {t["name"]: t for t in world.do("GET", "/v1/auth/api-tokens")["tokens"]}
    assert (len(listed["all"]["scopes"]), listed["ro"]["scopes"]) == (9, ["read"])
    assert sorted(listed["plain"]) == ["created_at", "id", "name"]
    of_demo = world.do("GET", DEMO + "/api-tokens")["tokens"]
    assert [t["name"] for t in of_demo] == ["all", "ro"]
    assert of_demo[0]["owner"] == {"username": "alice", "email": "alice@example.com"}
    for body in (
        {"group": "default"},
        {"organization": "demo", "group": "default"},
        {"organization": "demo", "scopes": ["read"]},
        {"organization": "demo", "group": "default", "scopes": ["root"]},
    ):
        assert world.refused("POST", "/v1/auth/api-tokens/bad", body)[0] == 400


def test_members_see_and_revoke_only_the_tokens_that_they_minted(world: World) -> None:
    demo = world.state.organizations["demo"]
    world.mint("mine", organization="demo")
    token = ApiToken(name="theirs", value="t.t.t", owner="bob", created_at="", organization="demo")
    world.state.add_token(token)
    for role, seen in (("member", ["mine"]), ("viewer", ["mine"]), ("admin", ["mine", "theirs"])):
        demo.members["alice"]["role"] = role
        assert [t["name"] for t in world.do("GET", DEMO + "/api-tokens")["tokens"]] == seen
        if role != "admin":
            assert world.refused("DELETE", f"{DEMO}/api-tokens/{token.id}")[0] == 404
            body = {"organization": "demo", "group": "default", "scopes": ["read"]}
            assert world.refused("POST", "/v1/auth/api-tokens/new", body)[0] == 403
    world.do("DELETE", f"{DEMO}/api-tokens/{token.id}")
    assert [t["name"] for t in world.do("GET", DEMO + "/api-tokens")["tokens"]] == ["mine"]


def test_a_revoked_or_expired_token_is_a_401_and_validate_returns_its_end(world: World) -> None:
    token, second = world.mint("a"), world.mint("b", organization="demo")
    assert world.do("GET", "/v1/auth/validate", token=token) == {"exp": -1}
    assert world.do("DELETE", "/v1/auth/api-tokens/a") == {"token": "a"}
    assert world.refused("GET", "/v1/auth/validate", token=token)[0] == 401
    token_id = world.do("GET", DEMO + "/api-tokens")["tokens"][0]["id"]
    assert world.do("DELETE", DEMO + "/api-tokens/" + token_id) == {"token": token_id}
    assert world.refused("GET", DEMO, token=second)[0] == 401
    assert world.refused("DELETE", "/v1/auth/api-tokens/a")[0] == 404
    exp = world.do("GET", "/v1/auth/validate")["exp"]
    assert datetime.fromtimestamp(exp, UTC) == world.now + timedelta(days=365)
    world.now += timedelta(days=366)
    assert world.refused("GET", "/v1/auth/validate") == (401, "token is expired")


def test_deleting_an_organization_revokes_its_tokens(world: World) -> None:
    token = world.mint("org", organization="demo")
    world.do("PATCH", DEMO, {"overages": True})
    assert world.do("GET", DEMO)["organization"]["overages"] is True
    world.do("DELETE", DEMO, token=token)
    assert world.refused("GET", "/v1/organizations", token=token)[0] == 401
    assert [o["slug"] for o in world.do("GET", "/v2/organizations")["organizations"]] == ["alice", "other"]
