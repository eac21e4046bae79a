"""The fake platform without sockets: what a request changes, and what it is answered."""

import pytest
from fake_world import DB, DEMO, GROUP, LEGACY, World


def test_a_new_database_has_an_instance_in_each_location_of_its_group(world: World) -> None:
    made = world.do("POST", DEMO + "/databases", {"name": "new", "group": "default"})["database"]
    assert (made["Name"], sorted(made)) == ("new", ["DbId", "Hostname", "Name"])
    listed = world.do("GET", DEMO + "/databases/new/instances")["instances"]
    assert [(i["name"], i["type"], i["region"]) for i in listed] == [
        ("iad", "primary", "iad"),
        ("fra", "replica", "fra"),
    ]
    shown = world.do("GET", DEMO + "/databases/new")["database"]
    assert (shown["DbId"], shown["regions"], shown["primaryRegion"]) == (made["DbId"], ["iad", "fra"], "iad")


@pytest.mark.parametrize("status", [409, 400])
def test_what_exists_already_is_refused_with_the_status_of_choice(world: World, status: int) -> None:
    world.state.conflict_status = status
    for path, body in (
        (DEMO + "/databases", {"name": "my-db", "group": "default"}),
        (DEMO + "/groups", {"name": "default", "location": "iad"}),
        (GROUP + "/locations/fra", None),
        (DEMO + "/members", {"username": "alice"}),
    ):
        got, text = world.refused("POST", path, body)
        assert got == status
        assert "already" in text


def test_a_copy_knows_its_parent_and_can_be_found_by_it(world: World) -> None:
    seed = {"type": "database", "name": "my-db", "timestamp": "2026-01-02T00:00:00Z"}
    world.do("POST", DEMO + "/databases", {"name": "copy", "group": "default", "seed": seed})
    parent = world.do("GET", DEMO + "/databases/copy")["database"]["parent"]
    assert (parent["name"], parent["branched_at"]) == ("my-db", "2026-01-02T00:00:00.000000117Z")
    listed = world.do("GET", DEMO + "/databases", query=f"parent={parent['id']}")["databases"]
    assert [d["Name"] for d in listed] == ["copy"]
    seed["timestamp"] = "2026-02-01T00:00:00Z"
    assert (
        "future"
        in world.refused("POST", DEMO + "/databases", {"name": "c2", "group": "default", "seed": seed})[1]
    )


def test_databases_are_paged_by_cursor_also_while_they_are_deleted(world: World) -> None:
    for number in range(5):
        world.state.add_database(f"n{number}", "demo", None)
    seen, cursor = [], ""
    while cursor is not None:
        page = world.do("GET", DEMO + "/databases", query=f"limit=2&cursor={cursor}")
        seen += [d["Name"] for d in page["databases"]]
        cursor = page["pagination"]["next"]
        world.do("DELETE", DEMO + "/databases/" + page["databases"][-1]["Name"])
    assert seen == ["my-db", "legacy-db", "n0", "n1", "n2", "n3", "n4"]
    for query in ("limit=0", "limit=x", "cursor=x"):
        assert world.refused("GET", DEMO + "/databases", query=query)[0] == 400


def test_databases_are_filtered_by_group_and_schema(world: World) -> None:
    world.do("POST", DEMO + "/databases", {"name": "schema", "group": "default", "is_schema": True})
    world.do("POST", DEMO + "/databases", {"name": "child", "group": "default", "schema": "schema"})

    def listed(query: str) -> list[str]:
        return [d["Name"] for d in world.do("GET", DEMO + "/databases", query=query)["databases"]]

    assert listed("group=default") == ["my-db", "schema", "child"]
    assert listed("schema=schema") == ["child"]
    assert listed("type=schema") == ["schema"]
    assert listed("group=nope") == []


def test_not_found_texts_are_the_platforms(world: World) -> None:
    assert [
        world.refused(method, path)
        for method, path in (
            ("DELETE", DEMO + "/databases/x/instances/y"),
            ("DELETE", LEGACY + "/instances/y"),
            ("GET", DEMO + "/databases/x"),
            ("GET", DEMO + "/groups/x"),
            ("GET", "/v1/organizations/x"),
            ("GET", DEMO + "/members/x"),
            ("DELETE", DEMO + "/members/x"),
            ("DELETE", "/v2/organizations/demo/invites/x@y.z"),
        )
    ] == [
        (404, "could not find database x to delete instance from"),
        (404, "could not find instance y of database legacy-db"),
        (404, "could not find database with name [x]: record not found"),
        (404, "group not found"),
        (404, "organization not found"),
        (404, "could not find member"),
        (404, "user x is not a member of org demo"),
        (404, "invite not found"),
    ]


def test_an_instance_is_created_and_destroyed_but_never_the_primary_or_a_grouped_one(world: World) -> None:
    made = world.do("POST", LEGACY + "/instances", {"location": "lhr"})["instance"]
    assert (made["name"], made["type"]) == ("lhr", "replica")
    world.do("GET", LEGACY + "/instances/lhr/wait")
    assert world.do("DELETE", LEGACY + "/instances/fra") == {"instance": "fra"}
    assert world.names("legacy-db") == ["iad", "fra-2", "lhr"]
    assert "primary" in world.refused("DELETE", LEGACY + "/instances/iad")[1]
    assert world.refused("POST", LEGACY + "/instances", {"location": "mars"})[0] == 400
    status, text = world.refused("DELETE", DB + "/instances/fra")
    assert (status, "group databases do not support" in text) == (400, True)
    assert world.refused("POST", DB + "/instances", {"location": "lhr"})[0] == 400
    assert world.names("my-db") == ["iad", "fra"]


def test_a_name_is_not_used_again(world: World) -> None:
    world.do("DELETE", LEGACY + "/instances/fra")
    assert world.do("POST", LEGACY + "/instances", {"location": "fra"})["instance"]["name"] == "fra-3"


def test_a_groups_locations_are_its_databases_instances(world: World) -> None:
    assert world.do("POST", GROUP + "/locations/lhr")["group"]["locations"] == ["iad", "fra", "lhr"]
    assert world.names("my-db") == ["iad", "fra", "lhr"]
    world.do("GET", GROUP + "/locations/lhr/wait")
    assert world.do("DELETE", GROUP + "/locations/fra")["group"]["locations"] == ["iad", "lhr"]
    assert world.names("my-db") == ["iad", "lhr"]
    world.do("POST", GROUP + "/locations/fra")
    assert world.names("my-db") == ["iad", "lhr", "fra"]
    assert world.names("legacy-db") == ["iad", "fra", "fra-2"]
    assert world.refused("POST", GROUP + "/locations/amss") == (400, "invalid location: amss")
    assert world.refused("DELETE", GROUP + "/locations/amss") == (400, "Invalid location code")
    assert world.refused("DELETE", GROUP + "/locations/syd")[0] == 404
    assert "primary" in world.refused("DELETE", GROUP + "/locations/iad")[1]


def test_deleting_a_group_takes_its_databases_and_revokes_its_tokens(world: World) -> None:
    token = world.mint("ci", organization="demo", group="default", scopes=["read"])
    assert world.do("DELETE", GROUP)["group"]["name"] == "default"
    assert list(world.state.organizations["demo"].databases) == ["legacy-db"]
    assert world.refused("GET", DEMO + "/groups", token=token)[0] == 401


def test_delete_protection_refuses_until_it_is_taken_away(world: World) -> None:
    world.do("PATCH", DB + "/configuration", {"delete_protection": True})
    assert world.do("GET", DB)["database"]["delete_protection"] is True
    for path in (DB, GROUP, DEMO):
        status, text = world.refused("DELETE", path)
        assert (status, "my-db is protected" in text) == (400, True)
    world.do("PATCH", DB + "/configuration", {"delete_protection": False})
    world.do("PATCH", GROUP + "/configuration", {"delete_protection": True})
    assert "default is protected" in world.refused("DELETE", GROUP)[1]
    world.do("DELETE", DB)
    world.do("PATCH", GROUP + "/configuration", {"delete_protection": False})
    world.do("DELETE", GROUP)


def test_a_configuration_keeps_what_is_left_out_and_null_clears_a_list(world: World) -> None:
    ips = ["203.0.113.7", "10.0.0.0/8"]
    world.do("PATCH", DB + "/configuration", {"allowed_ips": ips, "block_reads": True, "size_limit": "1gb"})
    now = world.do("PATCH", DB + "/configuration", {"allowed_aws_vpc_ids": ["vpce-1"]})
    assert (now["allowed_ips"], now["block_reads"], now["size_limit"]) == (ips, True, "1gb")
    now = world.do("PATCH", DB + "/configuration", {"allowed_ips": None, "allowed_aws_vpc_ids": []})
    assert (now["allowed_ips"], now["allowed_aws_vpc_ids"]) == ([], [])
    assert world.do("GET", DB + "/configuration") == now
    for body in ({"block_reads": "yes"}, {"allowed_ips": "1.2.3.4"}, {"size_limit": 1}):
        assert world.refused("PATCH", DB + "/configuration", body)[0] == 400


def test_usage_is_per_instance_and_in_total_and_takes_a_period(world: World) -> None:
    for instance in world.state.organizations["demo"].databases["legacy-db"].instances.values():
        instance.usage.rows_read = 10
    usage = world.do(
        "GET", LEGACY + "/usage", query="from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00%2B00:00"
    )
    assert usage["database"]["total"]["rows_read"] == usage["database"]["usage"]["rows_read"] == 30
    assert len(usage["database"]["instances"]) == 3
    status, text = world.refused("GET", LEGACY + "/usage", query="from=2023-12-12T00:00:00")
    assert (status, "invalid from parameter" in text) == (400, True)
    whole = world.do("GET", DEMO + "/usage")["organization"]["usage"]
    assert (whole["rows_read"], whole["databases"], whole["groups"]) == (30, 2, 1)


def test_audit_logs_have_what_happened_newest_first_in_pages(world: World) -> None:
    world.do("POST", DEMO + "/databases", {"name": "new", "group": "default"})
    world.do("PATCH", DEMO + "/databases/new/configuration", {"delete_protection": True})
    world.do("DELETE", LEGACY + "/instances/fra")
    world.refused("DELETE", LEGACY + "/instances/fra")
    first = world.do("GET", DEMO + "/audit-logs", query="page_size=2")
    assert [log["code"] for log in first["audit_logs"]] == ["instance-delete", "db-protect"]
    assert first["audit_logs"][0] == {
        "code": "instance-delete",
        "message": "",
        "origin": "web",
        "author": "alice",
        "created_at": "2026-01-02T03:04:05Z",
        "data": {"database": "legacy-db", "instance": "fra"},
        "city": "Ashburn",
        "country_code": "US",
        "latitude": "39.0437",
        "longitude": "-77.4874",
        "ip": "203.0.113.7",
    }
    assert first["pagination"] == {
        "page": 1,
        "page_size": 2,
        "sort": "desc",
        "total_pages": 2,
        "total_rows": 3,
    }
    second = world.do("GET", DEMO + "/audit-logs", query="page_size=2&page=2")
    assert [log["code"] for log in second["audit_logs"]] == ["db-create"]
    assert world.do("GET", DEMO + "/audit-logs", query="page=9")["audit_logs"] == []
    assert world.refused("GET", DEMO + "/audit-logs", query="page=0")[0] == 400


def test_a_transfer_moves_a_group_with_its_databases_and_a_database_without_its_group(world: World) -> None:
    token = world.mint("ci", organization="demo", group="default", scopes=["full-access"])
    assert world.do("POST", GROUP + "/transfer", {"organization": "other"})["name"] == "default"
    assert world.refused("GET", GROUP)[0] == 404
    assert world.do("GET", "/v1/organizations/other/databases/my-db")["database"]["group"] == "default"
    assert world.refused("GET", GROUP, token=token)[0] == 401
    assert world.do("POST", LEGACY + "/transfer", {"org": "other"}) is None
    assert "group" not in world.do("GET", "/v1/organizations/other/databases/legacy-db")["database"]
    assert world.refused(
        "POST", "/v1/organizations/other/groups/default/transfer", {"organization": "x"}
    ) == (
        404,
        "organization not found",
    )


def test_archived_groups_and_sleeping_databases_wake_up(world: World) -> None:
    demo = world.state.organizations["demo"]
    demo.groups["default"].archived = demo.databases["my-db"].sleeping = True
    shown = world.do("GET", DB)["database"]
    assert (shown["archived"], shown["sleeping"]) == (True, True)
    assert world.do("POST", GROUP + "/unarchive")["group"]["archived"] is False
    assert world.do("POST", DB + "/wakeup") is None
    assert world.do("GET", DB)["database"]["sleeping"] is False
    codes = [log["code"] for log in demo.audit_logs]
    assert codes == ["group-unarchive", "db-aunrchive"]


def test_members_are_added_changed_and_removed(world: World) -> None:
    members = DEMO + "/members"
    assert world.do("POST", members, {"username": "bob"}) == {"member": "bob", "role": "member"}
    assert world.do("PATCH", members + "/bob", {"role": "admin"})["member"]["role"] == "admin"
    assert world.refused("PATCH", members + "/bob", {"role": "owner"}) == (400, "invalid role")
    assert world.do("DELETE", members + "/bob") == {"member": "bob"}
    assert world.do("POST", members + "/carol", {"member": "carol", "role": "viewer"})["role"] == "viewer"
    assert world.refused("POST", members, {"username": "stranger"}) == (404, "could not find user stranger")
    assert world.refused("DELETE", members + "/alice")[0] == 400
    world.state.organizations["demo"].members["alice"]["role"] = "viewer"
    status, text = world.refused("PATCH", members + "/carol", {"role": "member"})
    assert (status, "only allowed for admin or owner" in text) == (403, True)


def test_an_invitation_replaces_the_one_before(world: World) -> None:
    invites = "/v2/organizations/demo/invites"
    invited = world.do("POST", invites, {"email": "a@b.c", "role": "admin"})["invited"]
    assert invited == {"email": "a@b.c", "role": "admin", "organization": "demo"}
    world.do("POST", invites, {"email": "a@b.c"})
    listed = world.do("GET", invites)["invites"]
    assert [(i["email"], i["role"]) for i in listed] == [("a@b.c", "member")]
    assert world.do("DELETE", invites + "/a%40b.c") is None
    for body in ({}, {"email": "a@b.c", "username": "a"}, {"email": "a@b.c", "role": "owner"}):
        assert world.refused("POST", invites, body)[0] == 400


def test_invoices_are_chosen_by_kind(world: World) -> None:
    counts = {
        kind: len(world.do("GET", DEMO + "/invoices", query=f"type={kind}")["invoices"])
        for kind in ("all", "upcoming", "issued")
    }
    assert counts == {"all": 2, "upcoming": 1, "issued": 1}
    assert world.refused("GET", DEMO + "/invoices", query="type=lost")[0] == 400


def test_what_an_operation_does_not_take_is_refused(world: World) -> None:
    world.do("POST", DEMO + "/databases", {"name": "schema", "group": "default", "is_schema": True})
    key = {"encryption_cipher": "aes256gcm", "encryption_key": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}
    world.do("POST", DEMO + "/databases", {"name": "secret", "group": "default", "remote_encryption": key})
    new = {"name": "new", "group": "default"}
    copy = {"seed": {"type": "database", "name": "secret"}}
    for path, body in (
        ("/databases", new | {"schema": "my-db"}),
        ("/databases", new | {"schema": "schema", "is_schema": True}),
        ("/databases", new | copy),
        ("/databases", new | {"remote_encryption": key | {"encryption_key": "no base64"}}),
        ("/databases", new | {"remote_encryption": key | {"encryption_key": 5}}),
        (
            "/databases",
            new | {"seed": {"type": "database", "name": "my-db", "timestamp": "2026-13-01T00:00:00Z"}},
        ),
        ("/groups", {"name": "g2", "location": "iad", "extensions": ["magic"]}),
        ("/groups", {"name": "g2", "location": "nowhere"}),
        ("/members", {"username": "bob", "role": "owner"}),
    ):
        assert world.refused("POST", DEMO + path, body)[0] == 400, body
    assert world.refused("PATCH", DB + "/configuration", {"block_reads": "yes"})[0] == 400
    assert world.refused("PATCH", DB + "/configuration", {"allowed_ips": "203.0.113.7"})[0] == 400
    assert world.refused("POST", "/v2/organizations/demo/invites", {"email": "stranger"})[0] == 400
    world.do(
        "POST",
        DEMO + "/databases",
        new | copy | {"remote_encryption": {"encryption_key": key["encryption_key"]}},
    )
    assert world.do("GET", DEMO + "/databases/new")["database"]["encryption_cipher"] == "aes256gcm"


def test_a_transfer_does_not_replace_what_is_there(world: World) -> None:
    world.state.add_database("legacy-db", "other", None)
    world.state.add_database("my-db", "other", None)
    for path in (LEGACY, GROUP):
        assert world.refused("POST", path + "/transfer", {"organization": "other"})[0] == 400
    world.state.add_group("other", "default", ["iad"])
    assert world.refused("POST", GROUP + "/transfer", {"organization": "other"}) == (
        409,
        "group already exists",
    )
    assert world.refused("POST", GROUP + "/transfer", {"organization": "absent"})[0] == 404
    assert world.names("my-db") == ["iad", "fra"]


def test_one_of_each_can_be_read(world: World) -> None:
    assert world.do("GET", DB + "/instances/fra")["instance"]["region"] == "fra"
    assert world.do("GET", DEMO + "/members/alice")["member"]["role"] == "owner"
    assert world.do("GET", GROUP + "/configuration") == {"delete_protection": False}
    assert world.refused("PATCH", DEMO + "/members/nope", {"role": "viewer"})[0] == 404
    assert world.refused("PATCH", DEMO + "/members/alice", {"role": "viewer"})[0] == 403


def test_only_a_change_is_in_the_audit_log(world: World) -> None:
    logs = world.state.organizations["demo"].audit_logs
    for path, body in ((GROUP, {"delete_protection": False}), (DB, {"delete_protection": False})):
        world.do("PATCH", path + "/configuration", body)
    world.do("POST", GROUP + "/unarchive")
    world.do("POST", DB + "/wakeup")
    world.do("PATCH", DEMO, {"require_mfa": True})
    assert logs == []
    assert world.do("GET", DEMO)["organization"]["require_mfa"] is True


def test_a_renamed_group_leaves_the_others_alone(world: World) -> None:
    world.mint("all")
    world.mint("elsewhere", organization="demo")
    world.do("POST", GROUP + "/rename", {"name": "new"})
    assert world.state.organizations["demo"].databases["legacy-db"].group is None
    assert [token.group for token in world.state.api_tokens.values()] == [None, None]


def test_a_token_of_what_does_not_exist_is_not_minted_nor_revoked(world: World) -> None:
    body = {"organization": "demo", "group": "absent", "scopes": ["read"]}
    assert world.refused("POST", "/v1/auth/api-tokens/ci", body) == (404, "group not found")
    assert world.refused("POST", "/v1/auth/api-tokens/ci", {"organization": "absent"})[0] == 404
    assert world.refused("DELETE", DEMO + "/api-tokens/absent")[0] == 404


def test_the_portal_of_an_organization_is_its_own(world: World) -> None:
    assert world.do("POST", DEMO + "/billing/portal")["portal"]["url"].endswith("/demo")
