"""Deletes that look, by UUID, whether a name still belongs to what was meant; and calls around whether it exists."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from raw import RawServer, http, send
from recorder import Recorder
from sleeps import Sleeps
from tenacity import wait_fixed

from aioturso import (
    BadRequestError,
    ConflictError,
    DecodeError,
    InvalidInputError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    Timeout,
    TursoClient,
    TursoError,
    _look,
)
from aioturso._account import Account, Effect
from aioturso.api.databases import DELETE, GET
from aioturso.testing import FakeTurso, Fault

Call = Callable[..., Awaitable[str]]
KINDS = ["database", "instance", "group"]
GONE = {
    "database": "could not find database with name [db]: record not found",
    "instance": "could not find instance fra of database db",
    "group": "group not found",
}


@pytest.fixture
async def turso(server: Recorder, fast: RetryPolicy) -> AsyncIterator[TursoClient]:
    async with TursoClient("t", organization="org", base_url=server.url, retry=fast) as client:
        yield client


def delete(turso: TursoClient, kind: str) -> Call:
    calls: dict[str, Call] = {
        "database": lambda **given: turso.databases.delete("db", **given),
        "instance": lambda **given: turso.destroy_instance("db", "fra", **given),
        "group": lambda **given: turso.groups.delete("g", **given),
    }
    return calls[kind]


def shown(kind: str, uuid: object = "U-1", name: str | None = None) -> dict[str, object]:
    """What a look finds."""
    names = {"database": "db", "instance": "fra", "group": "g"}
    key = "DbId" if kind == "database" else "uuid"
    return {kind: {"name": name or names[kind], key: uuid}}


def sent(server: Recorder) -> list[str]:
    return [request.method for request in server.requests]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_look_comes_before_the_first_send(turso: TursoClient, server: Recorder, kind: str) -> None:
    """The same UUID, in whatever case, is the same thing."""
    server.answers = [shown(kind), None]
    assert await delete(turso, kind)(uuid="u-1") in ("db", "fra", "g")
    assert sent(server) == ["GET", "DELETE"]


@pytest.mark.parametrize("kind", KINDS)
async def test_another_thing_of_that_name_is_left_alone(
    turso: TursoClient, server: Recorder, kind: str
) -> None:
    """Nothing is sent, and the error has what it was about."""
    server.answers = [shown(kind, "other")]
    with pytest.raises(ConflictError, match="nothing was sent, as the name belongs to another one") as caught:
        await delete(turso, kind)(uuid="U-1", missing_ok=True)
    error = caught.value
    assert (error.attempts, error.maybe_applied, error.status) == (0, False, 0)
    target = {"database": "db", "instance": "db/fra", "group": "g"}[kind]
    assert (error.organization, error.target, error.host) == ("org", target, "127.0.0.1")
    assert f"{kind} {target} (organization org): nothing was sent" in str(error)
    assert "with the uuid 'other'" in str(error) and error.operation and kind in error.operation
    assert sent(server) == ["GET"]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_got_the_name_after_a_lost_answer_is_left_alone(
    turso: TursoClient, server: Recorder, kind: str
) -> None:
    """The delete has worked: what was meant is gone, and another one has its name."""
    server.answers = [shown(kind), "lost", shown(kind, "other")]
    assert await delete(turso, kind)(uuid="U-1") in ("db", "fra", "g")
    assert sent(server) == ["GET", "DELETE", "GET"]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_thing_is_deleted_again_after_a_lost_answer(
    turso: TursoClient, server: Recorder, kind: str
) -> None:
    """The first attempt has not worked, so the second is sent."""
    server.answers = [shown(kind), "lost", shown(kind), None]
    await delete(turso, kind)(uuid="U-1")
    assert sent(server) == ["GET", "DELETE", "GET", "DELETE"]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_gone_after_a_lost_answer_was_deleted(
    turso: TursoClient, server: Recorder, kind: str
) -> None:
    """The look's 404 about the thing confirms it."""
    server.answers = [shown(kind), "lost", (404, {"error": GONE[kind]})]
    await delete(turso, kind)(uuid="U-1")
    assert sent(server) == ["GET", "DELETE", "GET"]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_got_the_name_in_a_long_wait_is_left_alone(
    turso: TursoClient, server: Recorder, sleeps: Sleeps, kind: str
) -> None:
    """Nothing was deleted, and the error is the server's refusal."""
    server.answers = [shown(kind), (429, {"error": "slow"}), shown(kind, "other")]
    turso = turso.with_options(retry=RetryPolicy(wait=wait_fixed(11), sleep=sleeps))
    with pytest.raises(RateLimitedError, match="not sent again: the name now belongs to another") as caught:
        await delete(turso, kind)(uuid="U-1")
    assert (caught.value.maybe_applied, sent(server)) == (False, ["GET", "DELETE", "GET"])


@pytest.mark.parametrize(
    "look",
    [(500, {"error": "oops"}), (404, {"error": "no such route"}), (403, {"error": "no"}), {}, b"<html>"],
    ids=str,
)
async def test_without_a_look_nothing_is_sent_again(turso: TursoClient, server: Recorder, look: Any) -> None:
    """The call ends with the error of its last attempt, as it is not known what it would delete."""
    server.answers = [shown("database"), "lost", look]
    with pytest.raises(OutcomeUnknownError) as caught:
        await turso.databases.delete("db", uuid="U-1")
    assert caught.value.maybe_applied and sent(server).count("DELETE") == 1


@pytest.mark.parametrize(
    "look",
    [shown("database", None), shown("database", 7), shown("database", name="other"), {}, None],
    ids=str,
)
async def test_what_cannot_be_compared_is_not_deleted(
    turso: TursoClient, server: Recorder, look: Any
) -> None:
    """A look without a UUID, or about another name, is no permission."""
    server.answers = [look]
    with pytest.raises(DecodeError) as caught:
        await turso.databases.delete("db", uuid="U-1")
    assert sent(server) == ["GET"]
    assert caught.value.where is not None and caught.value.where.startswith("$")


async def test_a_look_names_what_it_lacks(turso: TursoClient, server: Recorder) -> None:
    """The error has the place."""
    for look, message, where in (
        (shown("database", None), "no UUID to compare", "$"),
        (
            shown("database", name="other"),
            "the answer is about another one than the request",
            "$.database.name",
        ),
        (shown("database", name="DB"), "the answer is about another one than the request", "$"),
    ):
        server.answers = [look]
        with pytest.raises(DecodeError, match=rf"^get database db \(.* org\): {message} at \$") as caught:
            await turso.databases.delete("db", uuid="U-1")
        assert (caught.value.where, caught.value.attempts) == (where, 1)


async def test_what_vanishes_after_the_look(turso: TursoClient, server: Recorder, sleeps: Sleeps) -> None:
    """It is not found, by its delete or by the look after a long wait; with `missing_ok` that is a success."""
    turso, gone = turso.with_options(retry=RetryPolicy(wait=wait_fixed(11), sleep=sleeps)), GONE["database"]
    for refusals in ([], [(429, {"error": "slow"})]):
        server.answers = [shown("database"), *refusals, (404, {"error": gone})] * 2
        assert await turso.databases.delete("db", uuid="U-1", missing_ok=True) == "db"
        with pytest.raises(NotFoundError):
            await turso.databases.delete("db", uuid="U-1")
    assert sent(server) == ["GET", "DELETE"] * 2 + ["GET", "DELETE", "GET"] * 2


@pytest.mark.parametrize("kind", KINDS)
async def test_without_a_uuid_there_is_no_look(turso: TursoClient, server: Recorder, kind: str) -> None:
    """What is not there is a success with `missing_ok` alone."""
    server.answers = [(404, {"error": GONE[kind]})]
    assert await delete(turso, kind)(missing_ok=True) in ("db", "fra", "g")
    with pytest.raises(NotFoundError):
        await delete(turso, kind)()
    assert sent(server) == ["DELETE", "DELETE"]


async def test_a_look_states_in_words_why_nothing_is_sent_again(turso: TursoClient, server: Recorder) -> None:
    """None is a permission."""
    calls, lost, found = turso.databases._calls, Account(effect=Effect.UNKNOWN), []
    for answer in (shown("database"), shown("database", "u-2"), (404, {"error": GONE["database"]})):
        server.answers = [answer]
        found.append(await _look.look(calls, GET, DELETE, "db", uuid="u-1", account=lost))
    another = "the name now belongs to another one, which was left alone"
    assert found == [None, another, "confirmed by 404 (database not found)"]


async def test_what_is_not_there_at_the_first_look(turso: TursoClient, server: Recorder) -> None:
    """It is not found; with `missing_ok` that is a success. An unknown route is neither."""
    server.answers = [(404, {"error": GONE["database"]})]
    with pytest.raises(NotFoundError):
        await turso.databases.delete("db", uuid="U-1")
    assert await turso.databases.delete("db", uuid="U-1", missing_ok=True) == "db"
    server.answers = [(404, {"error": "no such route"})]
    with pytest.raises(NotFoundError):
        await turso.databases.delete("db", uuid="U-1", missing_ok=True)
    assert set(sent(server)) == {"GET"}


async def test_a_refusal_before_anything_took_effect_needs_no_second_look(
    turso: TursoClient, server: Recorder
) -> None:
    """After a 429 the same request is sent again at once."""
    server.answers = [shown("database"), (429, {"error": "slow down"}), None]
    await turso.databases.delete("db", uuid="U-1")
    assert sent(server) == ["GET", "DELETE", "DELETE"]


async def test_a_look_has_no_more_time_than_one_attempt(fast: RetryPolicy, sleeps: Sleeps) -> None:
    """A server that puts a look off for longer ends the call at once."""
    wait = http(429, b"{}", "Retry-After: 10")
    async with RawServer(send(wait)) as raw:
        client = raw.client(retry=fast, timeout=Timeout(attempt=5, total=60))
        async with client as turso:
            with pytest.raises(RateLimitedError):
                await turso.databases.delete("db", uuid="U-1")
    assert sleeps == [] and len(raw.requests) == 1


@pytest.mark.parametrize("wrong", ["", 5, b"u"])
async def test_a_uuid_is_a_text(turso: TursoClient, server: Recorder, wrong: Any) -> None:
    """An unset variable is no UUID."""
    for kind in KINDS:
        with pytest.raises(InvalidInputError, match="uuid"):
            await delete(turso, kind)(uuid=wrong)
        with pytest.raises(InvalidInputError, match="missing_ok"):
            await delete(turso, kind)(missing_ok="false")
    assert server.requests == []


async def test_a_namesake_on_the_fake_survives(fake: FakeTurso, fast: RetryPolicy) -> None:
    """The whole story: deleted, answer lost, created again by another, and left alone."""
    first = fake.databases("org")[0]
    fake.inject(Fault.drop_after(), method="DELETE")

    async def meanwhile(seconds: float) -> None:
        fake.add_database("db", organization="org", instances={"iad": 1})

    async with fake.client(organization="org", retry=RetryPolicy(sleep=meanwhile)) as turso:
        assert await turso.databases.delete("db", uuid=first.uuid) == "db"
    (again,) = [database for database in fake.databases("org") if database.name == "db"]
    assert again.uuid != first.uuid


async def test_only_its_own_404_means_that_it_is_not_there(turso: TursoClient, server: Recorder) -> None:
    server.answers = [shown("database")]
    assert await turso.databases.exists("db") is True
    server.answers = [(404, {"error": GONE["database"]})]
    assert await turso.databases.exists("db") is False
    server.answers = [(404, {"error": GONE["group"]})]
    assert await turso.groups.exists("g") is False
    for answer in ((404, b"404 page not found"), (404, {"error": "organization not found"}), (403, b"no")):
        server.answers = [answer]
        with pytest.raises(TursoError):
            await turso.databases.exists("db")


def database(group: str | None = "g") -> dict[str, object]:
    return {"database": {"Name": "db", "DbId": "U-1", "group": group}}


async def test_ensure_creates(turso: TursoClient, server: Recorder) -> None:
    server.answers = [database()]
    assert (await turso.databases.ensure("db", group="g")).id == "U-1"
    assert sent(server) == ["POST"]


@pytest.mark.parametrize(
    "first",
    ["lost", (400, {"error": "database with same name already exists"}), (502, b""), {"x": 1}],
    ids=str,
)
async def test_ensure_gets_what_is_there(turso: TursoClient, server: Recorder, first: Any) -> None:
    """After a conflict, and after an attempt that may have worked."""
    server.answers = [first, database()]
    assert (await turso.databases.ensure("db", group="g")).id == "U-1"
    assert sent(server) == ["POST", "GET"]


async def test_ensure_refuses_what_is_elsewhere(turso: TursoClient, server: Recorder) -> None:
    """A database in another group, or a group in another location, is not what was wanted."""
    server.answers = [(409, {"error": "database already exists"}), database("other")]
    with pytest.raises(ConflictError):
        await turso.databases.ensure("db", group="g")
    server.answers = [
        (409, {"error": "group already exists"}),
        {"group": {"name": "g", "locations": ["lhr"]}},
    ]
    with pytest.raises(ConflictError):
        await turso.groups.ensure("g", "fra")
    server.answers = [
        (409, {"error": "group already exists"}),
        {"group": {"name": "g", "locations": ["fra"]}},
    ]
    assert (await turso.groups.ensure("g", "fra")).name == "g"


async def test_ensure_raises_what_the_creation_raised(turso: TursoClient, server: Recorder) -> None:
    """When nothing is there, and when the creation was refused."""
    server.answers = [(500, b"down"), (404, {"error": GONE["database"]})]
    with pytest.raises(ServerError):
        await turso.databases.ensure("db", group="g")
    server.answers = [(400, {"error": "group not found"})]
    with pytest.raises(BadRequestError):
        await turso.databases.ensure("db", group="g")
    assert sent(server) == ["POST", "GET", "POST"]


async def test_a_wait_ends_with_the_404_about_the_thing(
    turso: TursoClient, server: Recorder, sleeps: Sleeps
) -> None:
    server.answers = [shown("database"), shown("database"), (404, {"error": GONE["database"]})]
    await turso.databases.wait_until_gone("db", every=2)
    assert sleeps == [2, 2] and sent(server) == ["GET"] * 3
    server.answers = [shown("instance"), (404, {"error": GONE["instance"]})]
    await turso.instances.wait_until_gone("db", "fra")
    server.answers = [(404, {"error": GONE["group"]})]
    await turso.groups.wait_until_gone("g")


async def test_a_wait_has_an_end(turso: TursoClient, server: Recorder, sleeps: Sleeps) -> None:
    """The error has what still exists; time spent in waits counts."""
    server.answers = [shown("database")]
    with pytest.raises(
        RequestTimeoutError, match=r"db \(organization org\) still exists after 3 s"
    ) as caught:
        await turso.databases.wait_until_gone("db", timeout=3, every=1)
    assert sleeps == [1, 1, 1] and caught.value.target == "db"
    for wrong in (0, -1, float("inf"), True, "3"):
        with pytest.raises(InvalidInputError, match="timeout"):
            await turso.databases.wait_until_gone("db", timeout=wrong)  # type: ignore[arg-type]


async def test_the_organizations_uuid_is_looked_up_once(turso: TursoClient, server: Recorder) -> None:
    """The first call by UUID looks it up; one that gives it does not."""
    server.answers = [{"organization": {"slug": "org", "id": "fa7"}}, database(), database(), {"groups": []}]
    await turso.databases.get_by_id("u-1")
    await turso.databases.get_by_id("U-1")
    await turso.groups.list_deleted(organization_id="else")
    assert [request.path for request in server.requests] == [
        "/v1/organizations/org",
        "/v3/organizations/fa7/databases/u-1",
        "/v3/organizations/fa7/databases/U-1",
        "/v3/organizations/else/deleted-groups",
    ]


async def test_an_organization_without_a_uuid(turso: TursoClient, server: Recorder) -> None:
    """Nothing is requested by UUID, and the error has the place."""
    server.answers = [{"organization": {"slug": "org", "id": 7}}]
    with pytest.raises(DecodeError, match="give organization_id") as caught:
        await turso.databases.delete_by_id("1")
    assert caught.value.where == "$.organization.id" and sent(server) == ["GET"]
    assert (
        str(caught.value).startswith("get organization (organization org): ") and caught.value.attempts == 1
    )


async def test_an_error_of_a_call_by_uuid_names_its_target(turso: TursoClient, server: Recorder) -> None:
    server.answers = [(404, {"error": "deleted database not found"})]
    with pytest.raises(NotFoundError, match=r"restore database 1 \(organization fa7\)") as caught:
        await turso.databases.restore("1", organization_id="fa7")
    assert (caught.value.target, caught.value.organization) == ("1", "fa7")


async def test_a_personal_organization_that_is_missing(turso: TursoClient, server: Recorder) -> None:
    """None, or several, is an error and no guess."""
    for types in ([], ["team"], ["personal", "personal"]):
        server.answers = [{"organizations": [{"slug": f"o{n}", "type": t} for n, t in enumerate(types)]}]
        with pytest.raises(
            DecodeError, match=r"^list organizations of /v2: .* personal organization"
        ) as caught:
            await turso.organizations.personal()
        assert caught.value.attempts == 1
