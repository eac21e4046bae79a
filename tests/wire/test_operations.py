"""What each method sends, and what it makes of the answer."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import frozen
from recorder import Recorder

import aioturso.api
from aioturso import (
    ConflictError,
    DecodeError,
    Encryption,
    NotFoundError,
    RetryPolicy,
    Seed,
    ServerError,
    TursoClient,
    TursoError,
)
from aioturso._operation import Operation

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
    query: dict[str, str] = {}
    body: Any = None


CASES = {
    "list databases": Case(
        lambda t: t.databases.list(group="g", schema="s", parent="p"),
        "GET",
        f"{ORG}/databases",
        {"databases": [DB], "pagination": {"next": None}},
        lambda found: [d.name for d in found] == ["db"],
        {"group": "g", "schema": "s", "parent": "p"},
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
    "update database version": Case(
        lambda t: t.databases.update_version("db"), "POST", f"{ORG}/databases/db/update"
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
    "update databases of group": Case(
        lambda t: t.groups.update_databases("g"), "POST", f"{ORG}/groups/g/update"
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
    "list locations": Case(
        lambda t: t.locations.list(),
        "GET",
        "/v1/locations",
        {"locations": {"fra": "Frankfurt", "lhr": None}},
        lambda found: [(x.code, x.description) for x in found] == [("fra", "Frankfurt"), ("lhr", None)],
    ),
    "find closest location": Case(
        lambda t: t.locations.closest(url=str(t.base_url)),
        "GET",
        "/",
        {"server": "fra", "client": "lhr"},
        lambda found: found.client == "lhr",
    ),
    "list organizations": Case(
        lambda t: t.organizations.list(),
        "GET",
        "/v1/organizations",
        [{"slug": "org"}],
        lambda found: [o.slug for o in found] == ["org"],
    ),
    "get organization": Case(
        lambda t: t.organizations.get("other"),
        "GET",
        "/v1/organizations/other",
        {"organization": {"slug": "other"}},
        lambda o: o.slug == "other",
    ),
    "update organization": Case(
        lambda t: t.organizations.update(overages=True),
        "PATCH",
        ORG,
        {"organization": {"slug": "org", "overages": True}},
        lambda o: o.overages is True,
        body={"overages": True},
    ),
    "delete organization": Case(
        lambda t: t.organizations.delete("old"), "DELETE", "/v1/organizations/old", None, lambda n: n == "old"
    ),
    "list plans": Case(
        lambda t: t.organizations.plans(),
        "GET",
        f"{ORG}/plans",
        {"plans": [{"name": "free", "price": "0", "quotas": {"rowsRead": 5}}]},
        lambda found: found[0].quotas.rows_read == 5 and found[0].price == "0",
    ),
    "list invoices": Case(
        lambda t: t.organizations.invoices(type="issued"),
        "GET",
        f"{ORG}/invoices",
        {"invoices": [{"due_date": "2024-01-01T05:00:00+00:00", "paid_at": ""}]},
        lambda found: found[0].due_date == datetime(2024, 1, 1, 5, tzinfo=UTC) and found[0].paid_at is None,
        {"type": "issued"},
    ),
    "get subscription": Case(
        lambda t: t.organizations.subscription(),
        "GET",
        f"{ORG}/subscription",
        {"subscription": {"plan": "scaler"}},
        lambda s: s.plan == "scaler",
    ),
    "get organization usage": Case(
        lambda t: t.organizations.usage(),
        "GET",
        f"{ORG}/usage",
        {"organization": {"uuid": "1", "usage": {"databases": 3}, "databases": [USAGE]}},
        lambda u: u.usage.databases == 3 and u.databases[0].total.rows_read == 1,
    ),
    "list members": Case(
        lambda t: t.members.list(),
        "GET",
        f"{ORG}/members",
        {"members": [{"username": "iku", "role": "owner"}]},
        lambda found: found[0].role == "owner",
    ),
    "get member": Case(
        lambda t: t.members.get("iku"),
        "GET",
        f"{ORG}/members/iku",
        {"member": {"username": "iku"}},
        lambda m: m.username == "iku",
    ),
    "add member": Case(
        lambda t: t.members.add("iku", role="viewer"),
        "POST",
        f"{ORG}/members",
        {"member": "iku", "role": "viewer"},
        lambda m: (m.username, m.role) == ("iku", "viewer"),
        body={"username": "iku", "role": "viewer"},
    ),
    "update member": Case(
        lambda t: t.members.update("iku", "admin"),
        "PATCH",
        f"{ORG}/members/iku",
        {"member": {"username": "iku", "role": "admin"}},
        lambda m: m.role == "admin",
        body={"role": "admin"},
    ),
    "remove member": Case(
        lambda t: t.members.remove("iku"),
        "DELETE",
        f"{ORG}/members/iku",
        {"member": "iku"},
        lambda name: name == "iku",
    ),
    "list invites": Case(
        lambda t: t.invites.list(),
        "GET",
        "/v2/organizations/org/invites",
        {"invites": [{"id": 1, "email": "a@b.c", "token": "hush"}]},
        lambda found: found[0].id == 1 and "hush" not in repr(found),
    ),
    "create invite": Case(
        lambda t: t.invites.create("a@b.c", role="admin"),
        "POST",
        "/v2/organizations/org/invites",
        {"invited": {"email": "a@b.c", "organization": "org"}},
        lambda i: i.organization == "org",
        body={"email": "a@b.c", "role": "admin"},
    ),
    "delete invite": Case(
        lambda t: t.invites.delete("a@b.c"),
        "DELETE",
        "/v2/organizations/org/invites/a%40b.c",
        None,
        lambda email: email == "a@b.c",
    ),
    "list API tokens": Case(
        lambda t: t.api_tokens.list(),
        "GET",
        "/v1/auth/api-tokens",
        {"tokens": [{"name": "ci", "created_at": "2026-05-21"}]},
        lambda found: found[0].created_at == datetime(2026, 5, 21, tzinfo=UTC),
    ),
    "create API token": Case(
        lambda t: t.api_tokens.create("ci", organization="org", group="g", scopes=["read"]),
        "POST",
        "/v1/auth/api-tokens/ci",
        {"name": "ci", "id": "1", "token": "hush"},
        lambda token: token.token == "hush" and "hush" not in repr(token) + repr(token.raw),
        body={"organization": "org", "group": "g", "scopes": ["read"]},
    ),
    "revoke API token": Case(
        lambda t: t.api_tokens.revoke("ci"),
        "DELETE",
        "/v1/auth/api-tokens/ci",
        {"token": "..."},
        lambda name: name == "ci",
    ),
    "validate API token": Case(
        lambda t: t.api_tokens.validate(),
        "GET",
        "/v1/auth/validate",
        {"exp": -1},
        lambda v: v.exp == -1 and v.expires_at is None,
    ),
    "list API tokens of organization": Case(
        lambda t: t.api_tokens.list_for_organization(),
        "GET",
        f"{ORG}/api-tokens",
        {"tokens": [{"name": "ci", "owner": {"username": "alice"}}]},
        lambda found: found[0].owner.username == "alice",
    ),
    "revoke API token of organization": Case(
        lambda t: t.api_tokens.revoke_for_organization("1"),
        "DELETE",
        f"{ORG}/api-tokens/1",
        {"token": "1"},
        lambda id: id == "1",
    ),
    "list audit logs": Case(
        lambda t: t.audit_logs.list(),
        "GET",
        f"{ORG}/audit-logs",
        {"audit_logs": [{"code": "db-create"}], "pagination": {"page": 1, "total_pages": 1}},
        lambda found: [entry.code for entry in found] == ["db-create"],
        {"page": "1"},
    ),
    "get current user": Case(
        lambda t: t.users.current(),
        "GET",
        "/v1/user",
        {"user": {"username": "iku", "avatarUrl": "https://a"}},
        lambda u: u.avatar_url == "https://a",
    ),
}


def operations() -> dict[str, Operation[Any]]:
    modules = [m.name for m in pkgutil.iter_modules(aioturso.api.__path__)]
    found = [vars(importlib.import_module(f"aioturso.api.{name}")) for name in modules]
    return {v.name: v for members in found for v in members.values() if isinstance(v, Operation)}


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with Recorder() as recorder:
        yield recorder


@pytest.fixture
async def turso(server: Recorder, fast: RetryPolicy) -> AsyncIterator[TursoClient]:
    async with TursoClient("platform-token", organization="org", base_url=server.url, retry=fast) as client:
        yield client


def test_every_operation_has_a_case() -> None:
    """No operation goes untested."""
    assert set(CASES) == set(operations())


def test_every_post_says_how_to_find_out() -> None:
    """After a lost answer to a POST, the error has advice."""
    assert [name for name, op in operations().items() if (op.method == "POST") != bool(op.unknown)] == []


@pytest.mark.parametrize("name", CASES)
async def test_a_method_sends_its_operation(name: str, turso: TursoClient, server: Recorder) -> None:
    """Each method sends exactly its request, once, and reads the answer."""
    case = CASES[name]
    server.answers = [case.answer]
    assert case.value(await case.call(turso))
    (request,) = server.requests
    assert (request.method, request.path, request.query) == (case.method, case.path, case.query)
    assert request.body == case.body
    if case.body is not None:
        assert request.headers["Content-Type"] == "application/json"
    token = request.headers.get("Authorization")
    assert token == (None if name == "find closest location" else "Bearer platform-token")


@pytest.mark.parametrize("name", [name for name, op in operations().items() if op.method == "POST"])
async def test_a_lost_answer_to_a_post_has_advice(name: str, turso: TursoClient, server: Recorder) -> None:
    """A POST that may have happened is sent once, and its error says how to find out."""
    server.answers = ["lost"]
    with pytest.raises(TursoError, match=r"; it may have (been created|happened)") as caught:
        await CASES[name].call(turso)
    assert caught.value.maybe_applied and caught.value.attempts == len(server.requests) == 1


async def test_the_advice_names_the_database(turso: TursoClient, server: Recorder) -> None:
    """After a lost answer to a create, the error names the method and the name to look for."""
    server.answers = [(500, {"error": "oops"})]
    with pytest.raises(ServerError) as caught:
        await turso.databases.create("new-db", group="g")
    assert str(caught.value) == (
        "create database: 500 oops; it may have been created: look with turso.databases.get('new-db')"
    )


async def test_no_advice_when_nothing_was_applied(turso: TursoClient, server: Recorder) -> None:
    """A refusal is a refusal."""
    server.answers = [(400, {"error": "group not found"})]
    with pytest.raises(TursoError) as caught:
        await turso.databases.create("new-db", group="g")
    assert str(caught.value) == "create database: 400 group not found"


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (409, "database with name [db] already exists"),
        (400, "database with name [db] already exists"),
        (409, "user [iku] is already a member of organization [org]"),
        (400, "user [iku] is already a member of organization [org]"),
        (400, "Group already exists"),
    ],
)
async def test_already_exists_is_a_conflict(
    status: int, text: str, turso: TursoClient, server: Recorder
) -> None:
    """Both forms of "already exists" are one error."""
    server.answers = [(status, {"error": text})]
    with pytest.raises(ConflictError):
        await turso.databases.create("db", group="g")


GONE = {
    "delete database": ("could not find database with name [db]: record not found", {}),
    "delete group": ("group not found", {}),
    "remove location from group": ("group not found", {}),
    "delete organization": ("organization not found", {}),
    "remove member": ("user [group] is not a member of org [org]", {}),
    "delete invite": ("invite not found", {}),
    "revoke API token": ("token not found", {}),
    "revoke API token of organization": ("token not found", {}),
    "destroy instance": ("could not find instance fra of database db", {}),
}


@pytest.mark.parametrize("name", [name for name, op in operations().items() if op.method == "DELETE"])
async def test_a_404_after_a_lost_answer_means_deleted(
    name: str, turso: TursoClient, server: Recorder
) -> None:
    """A delete whose answer was lost, and then finds nothing, has worked; a clean 404 has not."""
    server.answers = ["lost", (404, {"error": GONE[name][0]})]
    assert CASES[name].value(await CASES[name].call(turso))
    with pytest.raises(NotFoundError):
        await CASES[name].call(turso)


async def test_missing_ok(turso: TursoClient, server: Recorder) -> None:
    """Every delete takes `missing_ok` and then returns the name."""
    server.answers = [(404, {"error": "group not found"})]
    assert await turso.groups.delete("g", missing_ok=True) == "g"
    assert await turso.groups.remove_location("g", "fra", missing_ok=True) == "fra"
    server.answers = [(404, {"error": "organization not found"})]
    assert await turso.organizations.delete("old", missing_ok=True) == "old"
    server.answers = [(404, {"error": "could not find database with name [db]: record not found"})]
    assert await turso.databases.delete("db", missing_ok=True) == "db"
    server.answers = [(404, {"error": "user [iku] is not a member of org [org]"})]
    assert await turso.members.remove("iku", missing_ok=True) == "iku"
    server.answers = [(404, {"error": "invite not found"})]
    assert await turso.invites.delete("a@b.c", missing_ok=True) == "a@b.c"
    server.answers = [(404, {"error": "token not found"})]
    assert await turso.api_tokens.revoke("ci", missing_ok=True) == "ci"
    assert await turso.api_tokens.revoke_for_organization("1", missing_ok=True) == "1"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("delete database", {"database": "other"}),
        ("delete group", {"group": {"name": "other"}}),
        ("remove location from group", {"group": {"name": "other"}}),
        ("remove member", {"member": {"username": "other"}}),
        ("get database", {"database": {"Name": "other"}}),
    ],
)
async def test_an_answer_about_another_resource_is_refused(
    name: str, answer: Any, turso: TursoClient, server: Recorder
) -> None:
    """What was not asked for is not taken for an answer."""
    server.answers = [answer]
    with pytest.raises(DecodeError, match="names another"):
        await CASES[name].call(turso)


async def test_a_group_answer_whose_name_is_missing_says_where(turso: TursoClient, server: Recorder) -> None:
    """The place of a missing name is in the error."""
    server.answers = [{"groups": [{"locations": []}]}]
    with pytest.raises(DecodeError) as caught:
        await turso.groups.list()
    assert caught.value.where == "$.groups[0].name"


async def test_the_platform_token_stays_at_home(server: Recorder) -> None:
    """Another host gets no token, also when a provider gives it."""

    async def provider() -> str:
        raise AssertionError("asked for the platform token")

    server.answers = [(401, {"error": "no"})]
    async with TursoClient(provider, base_url=server.url, retry=None) as client:
        with pytest.raises(TursoError):
            await client.locations.closest(url=server.url)
    assert "Authorization" not in server.requests[0].headers and len(server.requests) == 1
