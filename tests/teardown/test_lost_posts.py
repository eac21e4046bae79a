"""A create and a restore without a usable answer: a look comes before anything is sent again or reported."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from attrs import evolve, frozen
from undos import told

from aioturso import CreationPlan, DecodeError, RequestEvent, TeardownPlan, TursoClient
from aioturso.testing import FakeTurso, Fault

LOST = [Fault.drop_after(), Fault.truncate(), Fault.drop_mid_headers(), Fault.reset(acts=True)]
UNSENT = [
    Fault.drop_before(),
    Fault.reset(),
    Fault.status(500),
    Fault.status(503),
    Fault.raw(b"garbage\r\n\r\n"),
]
ODD = [
    b"",
    b"{}",
    b'{"error":"no"}',
    b'{"database":{"Name":"x"}}',
    b'{"database":{"Name":"x","DbId":"u"}}',
    b'{"database":{"DbId":"u"}}',
]


@frozen
class Post:
    """What a plan sends, and the words for how it ends.

    `worked`: with an answer; `found`: without one, by the look, with its reason; `listed`: by a verification.
    """

    operation: str
    planned: Callable[[TursoClient], Awaitable[Any]]
    worked: str
    found: tuple[str, str]
    listed: tuple[str, str]

    def __str__(self) -> str:
        return self.operation


async def creation(turso: TursoClient) -> CreationPlan:
    return await turso.creation.plan_databases(["a"], group="g")


async def undo(turso: TursoClient) -> TeardownPlan:
    report = await (await turso.teardown.plan_databases(names=["a"])).execute()
    return await turso.teardown.plan_undo(report)


UNANSWERED = "no usable answer, and there now: created by this run, or by another client at that moment"
CREATE = Post("create database", creation, "created", ("found", UNANSWERED), ("found", "listed"))
RESTORE = Post(
    "restore database",
    undo,
    "restored",
    ("restored", "no usable answer, and there again"),
    ("restored", "listed again"),
)
BOTH = pytest.mark.parametrize("fault", [Fault.drop_after(), Fault.drop_before()], ids=["after", "before"])
POSTS = pytest.mark.parametrize("post", [CREATE, RESTORE], ids=str)


@pytest.fixture
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeTurso]:
    """A database `a` is there if it is to be deleted and restored."""
    async with FakeTurso() as server:
        server.add_group("g", organization="org")
        if request.getfixturevalue("post") is RESTORE:
            server.add_database("a", organization="org", group="g")
        yield server


def calls(fake: FakeTurso) -> list[str]:
    """What was sent since the plan: a `POST` creates or restores, a `GET` looks."""
    return [request.method for request in fake.requests]


@POSTS
@pytest.mark.parametrize("fault", LOST, ids=str)
async def test_what_took_effect_is_seen_by_the_look_and_not_sent_again(
    fake: FakeTurso, turso: TursoClient, post: Post, fault: Fault
) -> None:
    plan = await post.planned(turso)
    fake.inject(fault, method="POST")
    fake.requests.clear()
    report = await plan.execute()
    assert told(report) == [("database a", *post.found)]
    assert (calls(fake), report.outcomes[0].attempts) == (["POST", "GET"], 1)


@POSTS
@pytest.mark.parametrize("fault", UNSENT, ids=str)
async def test_what_took_no_effect_is_sent_again_after_the_look(
    fake: FakeTurso, turso: TursoClient, post: Post, fault: Fault
) -> None:
    plan = await post.planned(turso)
    fake.inject(fault, method="POST")
    fake.requests.clear()
    report = await plan.execute()
    assert told(report) == [("database a", post.worked, None)]
    assert (calls(fake), report.outcomes[0].attempts) == (["POST", "GET", "POST"], 2)


@POSTS
@BOTH
@pytest.mark.parametrize("status", [403, 404, 500])
async def test_without_a_look_nothing_is_sent_again_and_it_is_unknown(
    fake: FakeTurso, turso: TursoClient, post: Post, fault: Fault, status: int
) -> None:
    """A 404 that is not about the database is no look."""
    plan = await post.planned(turso)
    fake.inject(fault, method="POST")
    fake.inject(Fault.status(status), method="GET", path="/databases/a", times=99)
    fake.requests.clear()
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [("database a", "unknown", None)]
    assert calls(fake).count("POST") == 1
    assert len(fake.databases("org")) == fault.acts


@POSTS
@pytest.mark.parametrize("body", ODD, ids=lambda body: body.decode() or "empty")
async def test_a_success_that_does_not_prove_it_is_looked_at(
    fake: FakeTurso, turso: TursoClient, post: Post, body: bytes
) -> None:
    plan = await post.planned(turso)
    fake.inject(Fault.status(200, body=body), method="POST")
    fake.requests.clear()
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [("database a", "unknown", None)]
    error = report.outcomes[0].error
    assert isinstance(error, DecodeError) and error.where.startswith("$")
    assert calls(fake) == ["POST", "GET"]


@POSTS
@BOTH
async def test_without_retries_the_look_decides(fake: FakeTurso, post: Post, fault: Fault) -> None:
    async with fake.client(organization="org", retry=None) as turso:
        plan = await post.planned(turso)
        fake.inject(fault, method="POST")
        fake.requests.clear()
        report = await plan.execute(return_exceptions=True)
    assert told(report) == [("database a", *(post.found if fault.acts else ("unknown", None)))]
    assert calls(fake) == ["POST", "GET"]


@POSTS
async def test_after_a_stop_not_even_a_look_is_sent(fake: FakeTurso, turso: TursoClient, post: Post) -> None:
    plan = await post.planned(turso)

    def stop(event: RequestEvent) -> None:
        if event.operation == post.operation:
            plan.stop()

    async with fake.client(organization="org", retry=None, on_request=stop) as stopping:
        stopped = evolve(plan, engine=stopping.teardown._engine)
        fake.inject(Fault.drop_after(), method="POST")
        fake.requests.clear()
        report = await stopped.execute(return_exceptions=True)
    assert told(report) == [("database a", "unknown", None)]
    assert calls(fake)[-1] == "POST"


@POSTS
async def test_a_verification_decides_what_was_unknown(
    fake: FakeTurso, turso: TursoClient, post: Post
) -> None:
    plan = await post.planned(turso)
    fake.inject(Fault.drop_after(), method="POST")
    fake.inject(Fault.status(403), method="GET", path="/databases/a", times=2)
    report = await plan.execute(verify=True)
    assert told(report) == [("database a", *post.listed)]
    assert report.outcomes[0].error is None


@POSTS
async def test_a_verification_that_fails_keeps_the_report(
    fake: FakeTurso, turso: TursoClient, post: Post
) -> None:
    plan = await post.planned(turso)
    for path in ("/databases", "/databases/a"):
        fake.inject(Fault.status(403), method="GET", path=path, times=99)
    report = await plan.execute(verify=True, return_exceptions=True)
    assert (str(report), report.ok) == (f"1 {post.worked}", False)
    assert report.unverified is not None
