"""What the operations on databases, instances and groups send, what comes, and what it is read as."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from attrs import field, frozen

from aioturso import Encryption, Seed, TursoClient

ORG = "/v1/organizations/org"
DB = {"Name": "db", "DbId": "1", "Hostname": "db-org.turso.io"}
GROUP = {"name": "g", "locations": ["fra"], "primary": "fra"}
USAGE = {"uuid": "1", "usage": {"rows_read": 1}, "instances": None}
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
KEY = "QUFBQUFBQUFBQUFBQUFBQQ=="  # 16 bytes


@frozen
class Case:
    """`call` sends `method` `path` with `query` and `body`; `answer` is what comes, `value` what it is read as."""

    call: Callable[[TursoClient], Any]
    method: str
    path: str
    answer: Any = None
    value: Callable[[Any], bool] = lambda found: found is None
    query: dict[str, str] = field(factory=dict)
    body: Any = None


DATABASE_CASES = {
    "list databases": Case(
        lambda t: t.databases.list(group="g", schema="s", parent="p", type="schema"),
        "GET",
        f"{ORG}/databases",
        {"databases": [DB], "pagination": {"next": None}},
        lambda found: [d.name for d in found] == ["db"],
        {"group": "g", "schema": "s", "parent": "p", "type": "schema", "limit": "1000"},
    ),
    "get database": Case(
        lambda t: t.databases.get("db"),
        "GET",
        f"{ORG}/databases/db",
        {"database": DB},
        lambda d: (d.id, d.hostname) == ("1", "db-org.turso.io"),
    ),
    "create database": Case(
        lambda t: t.databases.create(
            "db",
            group="g",
            seed=Seed.copy_of("old", at=NOON),
            size_limit=10**6,
            encryption=Encryption(key=KEY, cipher="aegis128l"),
            schema="s",
            is_schema=False,
            use_tursodb=True,
        ),
        "POST",
        f"{ORG}/databases",
        {"database": DB},
        lambda d: d.name == "db",
        body={
            "name": "db",
            "group": "g",
            "seed": {"type": "database", "name": "old", "timestamp": "2026-01-01T10:00:00Z"},
            "size_limit": "1000000",
            "remote_encryption": {"encryption_key": KEY, "encryption_cipher": "aegis128l"},
            "schema": "s",
            "is_schema": False,
            "use_tursodb": True,
        },
    ),
    "delete database": Case(
        lambda t: t.databases.delete("db"),
        "DELETE",
        f"{ORG}/databases/db",
        {"database": "db"},
        lambda name: name == "db",
    ),
    "get database configuration": Case(
        lambda t: t.databases.configuration("db"),
        "GET",
        f"{ORG}/databases/db/configuration",
        {"size_limit": "10000", "allowed_ips": None},
        lambda c: (c.size_limit, c.allowed_ips) == ("10000", ()),
    ),
    "update database configuration": Case(
        lambda t: t.databases.update_configuration(
            "db", block_reads=False, allowed_ips=None, allowed_aws_vpc_ids=["vpce-1"], size_limit="1gb"
        ),
        "PATCH",
        f"{ORG}/databases/db/configuration",
        {"block_reads": False},
        lambda c: c.block_reads is False,
        body={
            "block_reads": False,
            "allowed_ips": [],
            "allowed_aws_vpc_ids": ["vpce-1"],
            "size_limit": "1gb",
        },
    ),
    "create database token": Case(
        lambda t: t.databases.create_token(
            "db", expiration=timedelta(hours=2), authorization="read-only", read_attach=["other"]
        ),
        "POST",
        f"{ORG}/databases/db/auth/tokens",
        {"jwt": "hush"},
        lambda token: token.jwt == "hush" and "hush" not in repr(token) + repr(token.raw),
        {"expiration": "120m", "authorization": "read-only"},
        {"permissions": {"read_attach": {"databases": ["other"]}}},
    ),
    "rotate database tokens": Case(
        lambda t: t.databases.rotate_tokens("db"), "POST", f"{ORG}/databases/db/auth/rotate"
    ),
    "get database usage": Case(
        lambda t: t.databases.usage("db", from_=NOON, to="2026-02-01T00:00:00Z"),
        "GET",
        f"{ORG}/databases/db/usage",
        {"database": USAGE},
        lambda u: u.total.rows_read == 1 and u.instances == (),
        {"from": "2026-01-01T10:00:00Z", "to": "2026-02-01T00:00:00Z"},
    ),
    "get database stats": Case(
        lambda t: t.databases.stats("db"),
        "GET",
        f"{ORG}/databases/db/stats",
        {"top_queries": None},
        lambda s: s.top_queries == (),
    ),
    "transfer database": Case(
        lambda t: t.databases.transfer("db", "other"),
        "POST",
        f"{ORG}/databases/db/transfer",
        body={"org": "other"},
    ),
    "wake up database": Case(lambda t: t.databases.wakeup("db"), "POST", f"{ORG}/databases/db/wakeup"),
    "list instances": Case(
        lambda t: t.databases.list_instances("db"),
        "GET",
        f"{ORG}/databases/db/instances",
        {"instances": [{"name": "fra"}]},
        lambda found: [i.name for i in found] == ["fra"],
    ),
    "get instance": Case(
        lambda t: t.databases.get_instance("db", "fra"),
        "GET",
        f"{ORG}/databases/db/instances/fra",
        {"instance": {"name": "fra"}},
        lambda i: i.name == "fra",
    ),
    "create instance": Case(
        lambda t: t.instances.create("db", "fra", image="latest"),
        "POST",
        f"{ORG}/databases/db/instances",
        {"instance": {"name": "fra"}, "username": "u-hush", "password": "p-hush"},
        lambda i: i.password == "p-hush" and "hush" not in repr(i) + repr(i.raw),
        body={"location": "fra", "image": "latest"},
    ),
    "wait for instance": Case(
        lambda t: t.instances.wait_until_ready("db", "fra"), "GET", f"{ORG}/databases/db/instances/fra/wait"
    ),
    "destroy instance": Case(
        lambda t: t.destroy_instance("db", "fra"),
        "DELETE",
        f"{ORG}/databases/db/instances/fra",
        {"instance": "fra"},
        lambda name: name == "fra",
    ),
    "list groups": Case(
        lambda t: t.groups.list(), "GET", f"{ORG}/groups", {"groups": None}, lambda found: found == []
    ),
    "get group": Case(
        lambda t: t.groups.get("g"),
        "GET",
        f"{ORG}/groups/g",
        {"group": GROUP},
        lambda g: g.locations == ("fra",),
    ),
    "create group": Case(
        lambda t: t.groups.create("g", "fra", extensions=["vector"]),
        "POST",
        f"{ORG}/groups",
        {"group": GROUP},
        lambda g: g.name == "g",
        body={"name": "g", "location": "fra", "extensions": ["vector"]},
    ),
    "delete group": Case(
        lambda t: t.groups.delete("g"), "DELETE", f"{ORG}/groups/g", {"group": GROUP}, lambda n: n == "g"
    ),
    "get group configuration": Case(
        lambda t: t.groups.configuration("g"),
        "GET",
        f"{ORG}/groups/g/configuration",
        {"delete_protection": True},
        lambda c: c.delete_protection is True,
    ),
    "update group configuration": Case(
        lambda t: t.groups.update_configuration("g", delete_protection=True),
        "PATCH",
        f"{ORG}/groups/g/configuration",
        {"delete_protection": True},
        lambda c: c.delete_protection is True,
        body={"delete_protection": True},
    ),
    "add location to group": Case(
        lambda t: t.groups.add_location("g", "fra"),
        "POST",
        f"{ORG}/groups/g/locations/fra",
        {"group": GROUP},
        lambda g: g.name == "g",
    ),
    "remove location from group": Case(
        lambda t: t.groups.remove_location("g", "fra"),
        "DELETE",
        f"{ORG}/groups/g/locations/fra",
        {"group": GROUP},
        lambda code: code == "fra",
    ),
    "wait for location of group": Case(
        lambda t: t.groups.wait_for_location("g", "fra"), "GET", f"{ORG}/groups/g/locations/fra/wait"
    ),
    "transfer group": Case(
        lambda t: t.groups.transfer("g", "other"),
        "POST",
        f"{ORG}/groups/g/transfer",
        GROUP,
        lambda g: g.name == "g",
        body={"organization": "other"},
    ),
    "unarchive group": Case(
        lambda t: t.groups.unarchive("g"),
        "POST",
        f"{ORG}/groups/g/unarchive",
        {"group": GROUP},
        lambda g: g.name == "g",
    ),
    "create group token": Case(
        lambda t: t.groups.create_token("g", expiration="2w"),
        "POST",
        f"{ORG}/groups/g/auth/tokens",
        {"jwt": "hush"},
        lambda token: token.jwt == "hush",
        {"expiration": "2w"},
        {},
    ),
    "rotate group tokens": Case(lambda t: t.groups.rotate_tokens("g"), "POST", f"{ORG}/groups/g/auth/rotate"),
}
