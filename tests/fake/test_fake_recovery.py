"""What was deleted can be restored for five days, by UUID; and /v3 addresses everything by UUID."""

from datetime import timedelta
from typing import Any

from fake_world import DB, DEMO, GROUP, LEGACY, World

DAYS = timedelta(days=1)


def v3(world: World, path: str = "/databases") -> str:
    return f"/v3/organizations/{world.state.organizations['demo'].uuid}{path}"


def deleted(world: World, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.do("GET", v3(world), query=f"deleted=true{query}")["databases"]
    return found


def uuid_of(world: World, name: str) -> str:
    return world.state.organizations["demo"].databases[name].uuid


def names(world: World) -> list[str]:
    return [d["Name"] for d in world.do("GET", DEMO + "/databases")["databases"]]


def test_a_deleted_database_is_listed_and_restored_as_it_was(world: World) -> None:
    before = world.do("GET", LEGACY)["database"]
    world.do("DELETE", LEGACY)
    (listed,) = deleted(world)
    assert (listed["Name"], listed["DbId"], listed["deleted_at"]) == (
        "legacy-db",
        before["DbId"],
        "2026-01-02T03:04:05Z",
    )
    assert "group_deleted_at" not in listed
    restored = world.do("POST", v3(world, f"/databases/{before['DbId']}/restore"))["database"]
    assert restored["DbId"] == before["DbId"]
    assert world.do("GET", LEGACY)["database"] == before
    assert deleted(world) == []
    assert world.refused("POST", v3(world, f"/databases/{before['DbId']}/restore"))[0] == 404


def test_after_five_days_it_is_gone(world: World) -> None:
    number = uuid_of(world, "legacy-db")
    world.do("DELETE", LEGACY)
    world.now += 5 * DAYS - timedelta(seconds=1)
    assert len(deleted(world)) == 1
    world.now += timedelta(seconds=1)
    assert deleted(world) == []
    assert world.refused("POST", v3(world, f"/databases/{number}/restore"))[0] == 404


def test_a_name_that_was_given_to_another_one_needs_a_new_name(world: World) -> None:
    number = uuid_of(world, "my-db")
    world.do("DELETE", DB)
    world.do("POST", DEMO + "/databases", {"name": "my-db", "group": "default"})
    path = v3(world, f"/databases/{number}/restore")
    assert world.refused("POST", path) == (400, "database with same name already exists")
    assert world.refused("POST", path, {"name": "No"})[0] == 400
    assert world.do("POST", path, {"name": "my-db-2"})["database"]["Name"] == "my-db-2"
    assert (names(world), uuid_of(world, "my-db-2")) == (["legacy-db", "my-db", "my-db-2"], number)


def test_a_group_is_restored_with_the_databases_that_left_with_it(world: World) -> None:
    for name in ("earlier", "taken"):
        world.do("POST", DEMO + "/databases", {"name": name, "group": "default"})
    taken, group = uuid_of(world, "taken"), world.do("GET", GROUP)["group"]
    world.do("DELETE", DEMO + "/databases/earlier")
    world.do("DELETE", GROUP)
    assert names(world) == ["legacy-db"]
    (listed,) = world.do("GET", v3(world, "/deleted-groups"))["groups"]
    assert (listed["uuid"], listed["name"], listed["cascade_databases"]) == (group["uuid"], "default", 2)
    assert ["group_deleted_at" in d for d in deleted(world)] == [False, True, True]
    world.state.add_database("taken", "demo", None)
    restored = world.do("POST", v3(world, f"/groups/{group['uuid']}/restore"))
    assert restored["group"] == group
    assert [d["Name"] for d in restored["databases"]] == ["my-db"]
    assert restored["failures"] == {taken: "database with same name already exists"}
    assert names(world) == ["legacy-db", "taken", "my-db"]
    again = world.do("POST", v3(world, f"/databases/{taken}/restore"), {"name": "taken-2"})["database"]
    assert again["group"] == "default"
    assert world.do("GET", v3(world, "/deleted-groups"))["groups"] == []
    assert world.refused("POST", v3(world, f"/groups/{group['uuid']}/restore"))[0] == 404


def test_restoring_a_database_restores_its_group(world: World) -> None:
    number = uuid_of(world, "my-db")
    world.do("DELETE", GROUP)
    world.do("POST", v3(world, f"/databases/{number}/restore"))
    assert world.do("GET", GROUP)["group"]["name"] == "default"
    assert names(world) == ["legacy-db", "my-db"]


def test_a_group_whose_name_is_taken_stays_deleted(world: World) -> None:
    number, group = uuid_of(world, "my-db"), world.do("GET", GROUP)["group"]["uuid"]
    world.do("DELETE", GROUP)
    world.do("POST", DEMO + "/groups", {"name": "default", "location": "lhr"})
    for path in (f"/groups/{group}/restore", f"/databases/{number}/restore"):
        assert world.refused("POST", v3(world, path)) == (409, "group already exists")
    assert names(world) == ["legacy-db"]


def test_recovery_is_for_paid_plans_managers_and_where_it_is_enabled(world: World) -> None:
    demo, number = world.state.organizations["demo"], uuid_of(world, "legacy-db")
    world.do("DELETE", LEGACY)
    restore = v3(world, f"/databases/{number}/restore")
    world.do("PATCH", DEMO, {"restore_enabled": False})
    assert world.refused("POST", restore)[0] == 400
    assert len(deleted(world)) == 1
    world.do("PATCH", DEMO, {"restore_enabled": True})
    demo.members["alice"]["role"] = "member"
    assert world.refused("POST", restore)[0] == 403
    assert world.refused("PATCH", DEMO, {"restore_enabled": False})[0] == 403
    demo.members["alice"]["role"] = "admin"
    demo.plan = "starter"
    assert world.refused("GET", v3(world), query="deleted=true")[0] == 403
    assert world.refused("GET", v3(world, "/deleted-groups"))[0] == 403
    assert world.refused("POST", restore)[0] == 403
    world.do("DELETE", DB)
    demo.plan = "pro"
    assert [d["Name"] for d in deleted(world)] == ["legacy-db"]
    world.do("POST", restore)


def test_restore_enabled_is_updated_apart_from_other_settings(world: World) -> None:
    assert world.refused("PATCH", DEMO, {"restore_enabled": False, "overages": True})[0] == 400
    assert world.do("PATCH", DEMO, {"restore_enabled": False})["organization"]["restore_enabled"] is False
    assert world.do("GET", DEMO)["organization"]["restore_enabled"] is False


def test_deleted_databases_are_searched_and_paged(world: World) -> None:
    for number in range(5):
        world.state.add_database(f"n{number}", "demo", None)
        world.do("DELETE", f"{DEMO}/databases/n{number}")
    assert [d["Name"] for d in deleted(world, "&search=3")] == ["n3"]
    seen, cursor = [], "0"
    while cursor:
        page = world.do("GET", v3(world), query=f"deleted=true&limit=2&cursor={cursor}")
        seen += [d["Name"] for d in page["databases"]]
        cursor = page["pagination"].get("next")
    assert seen == ["n0", "n1", "n2", "n3", "n4"]
    for query in ("limit=0", "limit=1001", "cursor=x"):
        assert world.refused("GET", v3(world), query=f"deleted=true&{query}")[0] == 400


def test_everything_is_addressed_by_uuid(world: World) -> None:
    group = world.do("GET", v3(world, "/groups"))["groups"][0]["uuid"]
    assert world.do("GET", v3(world, f"/groups/{group}"))["group"]["name"] == "default"
    made = world.do("POST", v3(world), {"name": "new", "group_id": group, "use_tursodb": True})["database"]
    branch = {"name": "branch", "seed": {"type": "database", "value": "new"}}
    world.do("POST", v3(world), branch)
    by_group = world.do("GET", v3(world), query=f"group_id={group}")
    assert [d["Name"] for d in by_group["databases"]] == ["my-db", "new", "branch"]
    assert by_group["pagination"] == {}
    by_parent = world.do("GET", v3(world), query=f"parent_db_id={made['DbId']}")["databases"]
    assert [d["Name"] for d in by_parent] == ["branch"]
    one = v3(world, f"/databases/{made['DbId']}")
    world.do("PATCH", DEMO + "/databases/new/configuration", {"allowed_ips": ["203.0.113.7"]})
    shown = world.do("GET", one)["database"]
    assert (shown["group_id"], shown["delete_protection"]) == (group, False)
    assert shown["allow_rules_config"] == {"allowed_ips": ["203.0.113.7"], "allowed_aws_vpc_ids": []}
    assert world.do("POST", one + "/auth/tokens")["jwt"]
    assert world.do("POST", v3(world, f"/groups/{group}/auth/tokens"))["jwt"]
    assert world.do("DELETE", one) == {"database": "new"}
    assert world.refused("DELETE", one)[0] == 404


def test_a_name_is_no_uuid_of_a_database_or_an_organization(world: World) -> None:
    for path in (v3(world, "/databases/my-db"), "/v3/organizations/demo/databases"):
        assert world.refused("GET", path)[0] == 404
    assert world.refused("DELETE", v3(world, "/databases/my-db"))[0] == 404
    assert world.ask("GET", v3(world, f"/databases/{uuid_of(world, 'my-db')}/configuration")).status == 404


def test_a_delete_by_uuid_does_not_hit_another_one_of_that_name(world: World) -> None:
    number = uuid_of(world, "my-db")
    world.do("DELETE", DB)
    world.do("POST", DEMO + "/databases", {"name": "my-db", "group": "default"})
    assert world.refused("DELETE", v3(world, f"/databases/{number}"))[0] == 404
    assert "my-db" in names(world)


def test_a_restricted_token_is_held_to_its_organization_and_group_there_too(world: World) -> None:
    world.state.add_group("demo", "g2", ["lhr"])
    world.state.add_database("second", "demo", "g2")
    token = world.mint("ci", organization="demo", group="default", scopes=["read", "db:delete"])
    mine, other = uuid_of(world, "my-db"), uuid_of(world, "second")
    group = world.state.organizations["demo"].groups["g2"].uuid
    elsewhere = world.state.organizations["other"].uuid
    for method, path in (
        ("GET", v3(world, f"/databases/{other}")),
        ("DELETE", v3(world, f"/databases/{other}")),
        ("GET", v3(world, f"/groups/{group}")),
        ("GET", v3(world, "/deleted-groups")),
        ("POST", v3(world, f"/databases/{mine}/restore")),
        ("GET", f"/v3/organizations/{elsewhere}/databases"),
        ("GET", "/v3/organizations/nope/databases"),
    ):
        assert world.refused(method, path, token=token)[0] == 403, path
    listed = world.do("GET", v3(world), token=token)["databases"]
    assert [d["Name"] for d in listed] == ["my-db"]
    world.do("DELETE", v3(world, f"/databases/{mine}"), token=token)
    world.do("DELETE", DEMO + "/databases/second")
    listed = world.do("GET", v3(world), query="deleted=true", token=token)["databases"]
    assert [d["Name"] for d in listed] == ["my-db"]


def test_a_database_whose_group_has_left_comes_back_without_it(world: World) -> None:
    number = uuid_of(world, "my-db")
    world.do("DELETE", DB)
    world.do("POST", GROUP + "/transfer", {"organization": "other"})
    assert world.do("POST", v3(world, f"/databases/{number}/restore"))["database"]["group"] == ""
    assert "group" not in world.do("GET", DB)["database"]
