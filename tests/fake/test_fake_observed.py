"""The answers that were observed at the real platform, one by one."""

import json
from uuid import UUID

import pytest
from fake_world import DB, DEMO, GROUP, World

from aioturso.testing.state.minting import new_uuid, signed

SEGMENTS = {"error": "token contains an invalid number of segments"}


def answered(world: World, method: str, path: str, **headers: str) -> tuple[int, object]:
    got = world.ask(method, path, **headers)
    return got.status, json.loads(got.body)


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer word", "Bearer one.dot", "word"])
def test_no_token_or_a_word_without_two_dots(world: World, authorization: str) -> None:
    assert answered(world, "GET", DEMO, authorization=authorization) == (401, SEGMENTS)
    assert answered(world, "POST", "/v1/organizations", authorization=authorization) == (401, SEGMENTS)


def test_json_is_written_as_the_encoder_of_the_platform_does(world: World) -> None:
    refused = world.ask("GET", "/v1/organizations", authorization="word")
    assert refused.body == b'{"error":"token contains an invalid number of segments"}'
    assert b'"gru":"S\xc3\xa3o Paulo, Brazil"' in world.ask("GET", "/v1/locations").body
    world.state.locations["xyz"] = "<a> & b\u2028\ud800"
    assert b'"xyz":"\\u003ca\\u003e \\u0026 b\\u2028\\ud800"' in world.ask("GET", "/v1/locations").body


def test_a_token_in_form_that_is_not_known(world: World) -> None:
    for token in ("a.b.c", signed({"id": "x"})):
        got = answered(world, "GET", DEMO, authorization=f"Bearer {token}")
        assert got == (401, {"error": "could not parse jwt id"})


def test_a_database_that_exists_is_not_created_again(world: World) -> None:
    body = {"name": "my-db", "group": "default"}
    assert world.refused("POST", DEMO + "/databases", body) == (400, "database with same name already exists")


def test_a_dump_for_a_database_that_exists(world: World) -> None:
    seed = {"type": "dump", "url": "https://example.com/dump.sql"}
    got = world.ask("POST", DEMO + "/databases", {"name": "my-db", "group": "default", "seed": seed})
    namespace = world.state.organizations["demo"].databases["my-db"].uuid
    assert (got.status, json.loads(got.body)) == (
        400,
        {"code": "create_database_generic_error", "error": f"Namespace `{namespace}` already exists"},
    )


def test_organizations_are_a_bare_array_and_v2_wraps_them(world: World) -> None:
    listed = world.do("GET", "/v1/organizations")
    assert world.do("GET", "/v2/organizations") == {"organizations": listed}
    assert [(o["name"], o["slug"], o["type"]) for o in listed[:2]] == [
        ("personal", "alice", "personal"),
        ("demo", "demo", "team"),
    ]


def test_audit_logs_are_not_for_the_starter_plan(world: World) -> None:
    world.state.organizations["demo"].plan = "starter"
    got = world.ask("GET", DEMO + "/audit-logs")
    assert got.status == 403
    assert json.loads(got.body)["code"] == "feature_not_available_for_starter_plan"


def test_an_organization_has_more_than_the_schema_declares(world: World) -> None:
    shown = world.do("GET", DEMO)["organization"]
    assert UUID(shown["id"])
    assert shown["payment_failing_since"] == {"Time": "0001-01-01T00:00:00Z", "Valid": False}
    assert {"memory", "platform_id", "platform_access_token", "delinquent"} <= shown.keys()
    assert shown["restore_enabled"] is True
    assert "restore_enabled" not in world.do("GET", "/v1/organizations")[0]


def test_a_group_has_the_status_of_its_locations(world: World) -> None:
    world.state.organizations["demo"].groups["default"].down.add("fra")
    assert world.do("GET", GROUP)["group"]["status"] == {
        "locations": [{"name": "iad", "status": "up"}, {"name": "fra", "status": "down"}]
    }


def test_a_database_has_its_hostname_twice_and_nulls(world: World) -> None:
    shown = world.do("GET", DB)["database"]
    assert shown["hostname"] == shown["Hostname"]
    assert (shown["schema"], shown["parent"]) == (None, None)


def test_an_invoice_and_an_audit_log_have_more_too(world: World) -> None:
    for invoice in world.do("GET", DEMO + "/invoices")["invoices"]:
        assert {"status", "hosted_invoice_url"} <= invoice.keys()
    world.do("PATCH", GROUP + "/configuration", {"delete_protection": True})
    log = world.do("GET", DEMO + "/audit-logs")["audit_logs"][0]
    assert {"city", "country_code", "latitude", "longitude", "ip"} <= log.keys()


def test_groups_and_databases_on_aws_have_their_own_version(world: World) -> None:
    world.do("POST", DEMO + "/groups", {"name": "aws", "location": "aws-eu-west-1"})
    world.do("POST", DEMO + "/databases", {"name": "on-aws", "group": "aws"})
    assert world.do("GET", DEMO + "/groups/aws")["group"]["version"] == "tech-preview"
    assert world.do("GET", DEMO + "/databases/on-aws")["database"]["version"] == "tech-preview"
    assert world.do("GET", GROUP)["group"]["version"].startswith("v0.")


def test_what_aws_does_not_offer_is_refused_and_changes_nothing(world: World) -> None:
    world.do("POST", DEMO + "/groups", {"name": "aws", "location": "aws-eu-west-1"})
    world.do("POST", DEMO + "/databases", {"name": "on-aws", "group": "aws"})
    status, text = world.refused("POST", DEMO + "/groups/aws/locations/aws-us-east-1")
    assert (status, "replication is not supported" in text) == (400, True)
    assert world.do("GET", DEMO + "/groups/aws")["group"]["locations"] == ["aws-eu-west-1"]
    configuration = DEMO + "/databases/on-aws/configuration"
    before = world.do("GET", configuration)
    for refused in ({"size_limit": "1gb"}, {"allow_attach": True}, {"allow_attach": False}):
        assert world.refused("PATCH", configuration, {"block_reads": True, **refused})[0] == 400
    assert world.do("GET", configuration) == before
    assert (
        world.do("PATCH", configuration, {"block_reads": True, "allow_attach": None})["block_reads"] is True
    )


@pytest.mark.parametrize(
    ("organization", "plan"), [("demo", "starter"), ("demo", "developer"), ("alice", "scaler")]
)
def test_a_personal_organization_and_a_small_plan_invite_no_users(
    world: World, organization: str, plan: str
) -> None:
    world.state.organizations[organization].plan = plan
    path = f"organizations/{organization}"
    body = {"email": "a@b.c", "username": None}
    for invites in (f"/v2/{path}/invites", f"/v1/{path}/invite"):
        status, text = world.refused("POST", invites, body)
        assert (status, "can't invite users" in text) == (400, True)
    assert world.do("GET", f"/v2/{path}/invites")["invites"] == []
    if plan != "developer":
        assert world.refused("POST", f"/v1/{path}/members", {"username": "bob"})[0] == 400
        assert len(world.do("GET", f"/v1/{path}/members")["members"]) == 1


def test_only_the_uuid_of_a_tursodb_database_marks_that_engine(world: World) -> None:
    for name, wanted in (("old", False), ("new", True)):
        world.do("POST", DEMO + "/databases", {"name": name, "group": "default", "use_tursodb": wanted})
        shown = world.do("GET", f"{DEMO}/databases/{name}")["database"]
        assert (UUID(shown["DbId"]).bytes[5] == 0x10) is wanted
        assert shown["database_type"] == ("tursodb" if wanted else "libsql")


def test_no_random_uuid_marks_it_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = UUID("00000000-0010-4000-8000-000000000000")
    monkeypatch.setattr("aioturso.testing.state.minting.uuid4", lambda: chance)
    assert UUID(new_uuid()).bytes[5] == 0x11
    assert UUID(new_uuid(tursodb=True)) == chance


def test_the_audit_log_derives_the_origin_from_the_user_agent(world: World) -> None:
    world.ask("POST", DB + "/auth/tokens", **{"user-agent": "turso-cli/1.0.29 (linux/amd64)"})
    world.ask("POST", DB + "/auth/tokens", **{"user-agent": "Mozilla/5.0"})
    origins = [log["origin"] for log in world.do("GET", DEMO + "/audit-logs")["audit_logs"]]
    assert origins == ["web", "cli"]


@pytest.mark.parametrize("expiration", ["none", "default", "never", ""])
def test_a_database_token_that_does_not_expire(world: World, expiration: str) -> None:
    jwt = world.do("POST", DB + "/auth/tokens", query=f"expiration={expiration}")["jwt"]
    assert world.state.credentials[jwt].exp is None


def test_a_user_who_is_no_member_is_forbidden(world: World) -> None:
    world.state.add_organization("foreign", role="outsider")
    for path in ("/databases", "/groups", "/invoices", "/members", ""):
        assert world.refused("GET", "/v1/organizations/foreign" + path)[0] == 403
    assert world.refused("POST", GROUP + "/transfer", {"organization": "foreign"})[0] == 403
    assert "foreign" not in [o["slug"] for o in world.do("GET", "/v1/organizations")]
    assert world.refused("GET", "/v1/organizations/absent/databases")[0] == 404
