"""What the vendor's command line does with an account: plans, billing, members, key sets, migration, dumps."""

from datetime import timedelta
from typing import Any

from fake_world import DB, DEMO, GROUP, LEGACY, World

from aioturso.testing.state import File

V2 = "/v2/organizations/demo"


def test_members_and_invites_are_the_business_of_admins_and_owners(world: World) -> None:
    world.do("POST", "/v2/organizations/demo/invites", {"email": "a@b.c"})
    world.state.organizations["demo"].members["alice"]["role"] = "member"
    for method, path in (
        ("GET", "/v1/organizations/demo/members"),
        ("GET", "/v1/organizations/demo/invites"),
        ("GET", "/v2/organizations/demo/invites"),
        ("DELETE", "/v1/organizations/demo/invites/a@b.c"),
        ("DELETE", "/v2/organizations/demo/invites/a@b.c"),
    ):
        assert world.refused(method, path)[0] == 403
    assert list(world.state.organizations["demo"].invites) == ["a@b.c"]


def test_plans_limit_what_can_be_created(world: World) -> None:
    demo = world.state.organizations["demo"]
    demo.plan = "starter"
    for number in range(98):
        world.state.add_database(f"n{number}", "demo", "default")
    body: dict[str, Any] = {"name": "more", "group": "default"}
    status, text = world.refused("POST", DEMO + "/databases", body)
    assert (status, "databases limit of plan starter reached: 100" in text) == (402, True)
    assert world.refused("POST", DEMO + "/groups", {"name": "g2", "location": "iad"})[0] == 402
    world.do("POST", GROUP + "/locations/lhr")
    assert world.refused("POST", GROUP + "/locations/ams")[0] == 402
    demo.overages = True
    world.do("POST", DEMO + "/databases", body)
    demo.overages = False
    world.do("POST", DEMO + "/subscription", {"plan": "developer"})
    world.do("POST", DEMO + "/databases", body | {"name": "more-still"})


def test_every_plan_can_be_had_by_an_account_that_can_pay(world: World) -> None:
    names = [plan["name"] for plan in world.do("GET", "/v1/plans")["plans"]]
    assert names == [plan["name"] for plan in world.do("GET", DEMO + "/plans")["plans"]]
    for plan in names:
        got = world.do("POST", DEMO + "/subscription", {"plan": plan, "timeline": "yearly"})["subscription"]
        assert got == {"name": plan, "plan": plan, "timeline": "yearly", "overages": False}
    assert world.do("POST", DEMO + "/subscription", {"plan": "pro", "overages": True})["subscription"][
        "overages"
    ]
    assert world.refused("POST", DEMO + "/subscription", {"plan": "gold"})[0] == 400
    world.state.organizations["demo"].payment_method = False
    assert world.do("GET", DEMO + "/billing/payment-methods") == {"exists": False}
    assert world.refused("POST", DEMO + "/subscription", {"plan": "scaler"})[0] == 402
    world.do("POST", DEMO + "/subscription", {"plan": "starter"})


def test_the_user_has_the_plan_of_the_personal_organization(world: World) -> None:
    world.do("POST", "/v1/subscription", {"plan": "developer"})
    user = world.do("GET", "/v1/current-user")["user"]
    assert (user["username"], user["plan"]) == ("alice", "developer")
    assert world.do("GET", "/v1/user")["user"] == user


def test_an_organization_is_created_for_a_customer_that_pays(world: World) -> None:
    path = "/v1/organizations"
    assert world.do("POST", path, {"name": "New Org"}, "dry_run=true")["org"]["slug"] == "new-org"
    assert "new-org" not in world.state.organizations
    assert world.refused("POST", path, {"name": "demo"}, "dry_run=true")[0] == 409
    assert world.refused("POST", path, {"name": "!"})[0] == 400
    world.do("POST", "/v1/subscription", {"plan": "starter"})
    assert world.refused("POST", path, {"name": "New Org"})[0] == 402
    assert world.refused("POST", path, {"name": "New Org", "stripe_id": "cus_x"})[0] == 404
    stripe_id = world.do("POST", path + "/stripe-customer", {"Name": "New Org"})["stripeCustomerId"]
    query = f"stripe_id={stripe_id}"
    assert world.do("GET", "/v1/billing/payment-methods", query=query) == {"exists": True}
    assert world.refused("GET", "/v1/billing/payment-methods", query="stripe_id=cus_x")[0] == 404
    portal = world.do("POST", "/v1/billing/portal", {"stripe_id": stripe_id})["portal"]["url"]
    assert portal.endswith(stripe_id)
    assert world.refused("POST", "/v1/billing/portal", {"stripe_id": "cus_x"})[0] == 404
    made = world.do("POST", path, {"name": "New Org", "stripe_id": stripe_id}, "dry_run=false")["org"]
    assert (made["name"], made["type"], made["stripe_id"]) == ("New Org", "team", stripe_id)
    assert world.do("GET", path + "/new-org/members")["members"][0]["role"] == "owner"
    assert world.do("GET", path + "/new-org/subscription")["subscription"]["plan"] == "starter"


def test_only_the_owner_deletes_an_organization_and_a_personal_one_stays(world: World) -> None:
    assert world.refused("DELETE", "/v1/organizations/alice")[0] == 400
    world.state.add_organization("other", role="admin")
    assert world.refused("DELETE", "/v1/organizations/other")[0] == 403
    world.state.add_organization("other", role="owner")
    assert world.do("DELETE", "/v1/organizations/other") == {"organization": "other"}


def test_invoices_are_made_out_to_a_customer(world: World) -> None:
    path = DEMO + "/billing/customer"
    assert world.do("GET", path)["billing_address"]["city"] == ""
    sent = {
        "name": "Alice",
        "email": "a@example.com",
        "tax_id": {"value": "1", "country": "DE"},
        "billing_address": {"line1": "x", "City": "Berlin", "country": "DE"},
    }
    world.do("PUT", path, sent)
    got = world.do("GET", path)
    assert (got["name"], got["tax_id"]["country"], got["billing_address"]["city"]) == (
        "Alice",
        "DE",
        "Berlin",
    )
    assert got["billing_address"]["line2"] == ""
    assert world.refused("PUT", path, {"tax_id": "x"})[0] == 400


def test_key_sets_and_their_template(world: World) -> None:
    assert world.do("GET", V2 + "/jwks") == {"jwks": []}
    world.do("PUT", V2 + "/jwks/clerk", {"jwks_url": "https://example.com/jwks.json", "region": ""})
    assert world.do("GET", V2 + "/jwks") == {
        "jwks": [{"jwks_name": "clerk", "jwks_url": "https://example.com/jwks.json"}]
    }
    assert world.refused("PUT", V2 + "/jwks/clerk", {"jwks_url": "ftp://x"})[0] == 400
    assert world.do("DELETE", V2 + "/jwks/clerk", {"region": ""}) is None
    assert world.refused("DELETE", V2 + "/jwks/clerk")[0] == 404
    template = world.do(
        "GET",
        V2 + "/jwks-template",
        {
            "database": "my-db",
            "group": "default",
            "scope": "read-only",
            "permissions": [{"t": None, "a": ["r"]}],
        },
    )["template"]
    assert (template["a"], template["perm"]) == ("ro", [{"t": [], "a": ["r"]}])
    assert world.do("GET", V2 + "/jwks-template")["template"] == {"a": "rw"}
    assert world.refused("GET", V2 + "/jwks-template", {"database": "x"})[0] == 404
    assert world.refused("GET", V2 + "/jwks-template", {"group": "x"})[0] == 404
    assert world.refused("GET", V2 + "/jwks-template", {"permissions": ["x"]})[0] == 400


def test_a_group_is_renamed_with_its_databases_and_tokens(world: World) -> None:
    token = world.mint("ci", organization="demo", group="default", scopes=["read"])
    world.do("POST", DEMO + "/groups", {"name": "taken", "location": "iad"})
    assert world.refused("POST", GROUP + "/rename", {"Name": "taken"})[0] == 409
    assert world.do("POST", GROUP + "/rename", {"Name": "new"})["group"]["name"] == "new"
    assert world.refused("GET", GROUP)[0] == 404
    assert world.do("GET", DB)["database"]["group"] == "new"
    assert world.do("GET", DEMO + "/groups/new", token=token)["group"]["name"] == "new"


def test_a_group_moves_to_aws_a_while_after_the_start(world: World) -> None:
    path = GROUP + "/aws/migration"
    assert world.do("GET", path + "/info")["status"] == "none"
    assert world.refused("POST", path + "/abort")[0] == 400
    assert world.do("POST", path + "/start") is None
    assert world.do("GET", path + "/info")["status"] == "pending"
    assert world.refused("POST", path + "/start")[0] == 400
    world.now += timedelta(seconds=10)
    info = world.do("GET", path + "/info")
    assert (info["status"], info["comment"]) == ("finished", "The group is on AWS.")
    group = world.do("GET", GROUP)["group"]
    assert (group["primary"], group["version"]) == ("aws-us-east-1", "tech-preview")
    assert [i["name"] for i in world.do("GET", DB + "/instances")["instances"]] == ["aws-us-east-1"]
    assert world.refused("POST", path + "/start")[0] == 400


def test_a_migration_is_aborted(world: World) -> None:
    path = GROUP + "/aws/migration"
    world.do("POST", path + "/start")
    assert world.do("POST", path + "/abort") is None
    world.now += timedelta(seconds=10)
    assert world.do("GET", path + "/info")["status"] == "aborted"
    assert world.do("GET", GROUP)["group"]["primary"] == "iad"


def test_invitations_of_v1_are_those_of_v2(world: World) -> None:
    world.do("POST", DEMO + "/invite", {"email": "a@b.c", "role": "admin"})
    (one,) = world.do("GET", DEMO + "/invites")["invites"]
    assert (one["Email"], one["Role"], one["Accepted"], one["DeletedAt"]) == ("a@b.c", "admin", False, None)
    assert world.do("GET", V2 + "/invites")["invites"][0]["id"] == one["ID"]
    assert world.do("DELETE", DEMO + "/invites/a%40b.c") is None
    assert world.refused("DELETE", DEMO + "/invites/a%40b.c")[0] == 404


def test_locations_by_platform_and_those_nearby(world: World) -> None:
    for path in (V2 + "/locations", "/v2/locations"):
        found = world.do("GET", path)["locations"]
        assert (sorted(found), found["fly"]["fra"]) == (["aws", "fly"], "Frankfurt, Germany")
        assert "aws-eu-west-1" in found["aws"]
    one = world.do("GET", "/v1/locations/aws-us-east-1")["location"]
    assert (one["code"], one["description"]) == ("aws-us-east-1", "AWS US East (Virginia)")
    assert all(other["code"].startswith("aws-") for other in one["closest"])
    assert world.refused("GET", "/v1/locations/nope")[0] == 404


def test_tokens_minted_by_v2_and_sessions_that_end(world: World) -> None:
    minted = world.do("POST", "/v2/auth/api-tokens/ci", {"organization": "demo"})["token"]
    assert sorted(minted) == ["id", "name", "value"]
    assert world.do("GET", DEMO, token=minted["value"])
    assert world.refused("POST", "/v2/auth/api-tokens/ci")[0] == 409
    assert world.do("POST", "/v1/auth/invalidate") == {"validFrom": int(world.now.timestamp())}
    assert world.do("GET", "/v1/auth/validate", token=minted["value"]) == {"exp": -1}


def test_fine_grained_permissions_are_checked(world: World) -> None:
    fine = [{"t": None, "a": ["data_read"]}, {"T": ["orders"], "A": ["data_add"]}]
    for path in (DB, GROUP):
        assert world.do("POST", path + "/auth/tokens", {"fine_grained_permissions": fine})["jwt"]
        for wrong in ("x", ["x"], [{"t": "x"}], [{"a": 5}]):
            assert world.refused("POST", path + "/auth/tokens", {"fine_grained_permissions": wrong})[0] == 400


def test_queries_are_a_bare_array(world: World) -> None:
    found = world.do("GET", DB + "/usage/queries", query="from=2026-01-01T00:00:00Z")
    assert found == world.do("GET", DB + "/stats")["top_queries"]
    assert world.refused("GET", DB + "/usage/queries", query="from=yesterday")[0] == 400


def test_a_dump_is_the_seed_of_a_database(world: World) -> None:
    file = File(header=b"--x", size=9, sha256="digest")
    url = world.do("POST", DEMO + "/databases/dumps", file)["dump_url"]
    assert world.state.dumps == {url: 9}
    seed = {"type": "dump", "url": url}
    world.do("POST", DEMO + "/databases", {"name": "new", "group": "default", "seed": seed})
    assert world.do("POST", LEGACY + "/seed", file) is None
    empty = File(header=b"", size=0, sha256="digest")
    for path in ("/databases/dumps", "/databases/legacy-db/seed"):
        assert world.refused("POST", DEMO + path, empty)[0] == 400


def test_the_latest_release_of_the_command_line_needs_no_token(world: World) -> None:
    assert world.ask("GET", "/releases/latest", authorization="").body == b'{"latest":"v1.0.29"}'
