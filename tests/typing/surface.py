"""The types that a checker must find in the public surface. Checked, never run."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, assert_type

import aiohttp
from tenacity import retry_if_exception_type, stop_after_delay, wait_fixed, wait_random

from aioturso import (
    APIError,
    CreationError,
    CreationPlan,
    CreationReport,
    Database,
    DeletedDatabase,
    Instance,
    NoMatchError,
    NotFoundError,
    Outcome,
    OutcomeStatus,
    Permission,
    ProtocolError,
    RetryPolicy,
    Role,
    Target,
    TeardownError,
    TeardownPlan,
    TeardownReport,
    Timeout,
    TokenProvider,
    TursoClient,
    TursoError,
)
from aioturso.retries import retry_if_transient, wait_retry_after
from aioturso.testing import ClientSettings, FakeTurso


async def provider() -> str:
    return "token"


async def client(session: aiohttp.ClientSession) -> None:
    assert_type(TursoClient(), TursoClient)
    TursoClient("token", organization="org", base_url="https://h", retry=None, timeout=3, max_connections=2)
    TursoClient(provider, timeout=Timeout(attempt=1.5, total=9, connect=1), session=session, trust_env=True)
    TursoClient(b"token")  # type: ignore[arg-type]  # it must be refused: mypy warns of an ignore without use
    TursoClient(retry=3)  # type: ignore[arg-type]  # likewise
    async with TursoClient() as turso:
        assert_type(turso, TursoClient)
        assert_type(turso.with_organization("other"), TursoClient)
        assert_type(await turso.request("GET", "v1", "x", params={"a": 1}, json=[None]), Any)
        assert_type(await turso.close(), None)


def fake(platform: FakeTurso) -> None:
    settings: ClientSettings = {"retry": None, "timeout": Timeout(attempt=1), "token": provider}
    assert_type(platform.client(organization="org", **settings), TursoClient)
    platform.client(organisation="org")  # type: ignore[call-arg]
    platform.client(retry=3)  # type: ignore[arg-type]
    platform.client(base_url="https://h")  # type: ignore[call-arg]  # it has one


async def instances(turso: TursoClient) -> None:
    assert_type(await turso.instances.list("db"), list[Instance])
    assert_type(await turso.instances.get("db", "a"), Instance)
    assert_type(await turso.instances.create("db", "fra", image="latest"), Instance)
    assert_type(await turso.instances.wait_until_ready("db", "a"), None)
    assert_type(await turso.instances.destroy("db", "a", missing_ok=True), str)
    assert_type(await turso.destroy_instance("db", "a"), str)
    instance = await turso.instances.get("db", "a")
    assert_type(instance.name, str)
    assert_type(instance.region, str | None)
    instance.name = "b"  # type: ignore[misc]


async def by_uuid(turso: TursoClient) -> None:
    database = await turso.databases.get_by_id("1", organization_id="2")
    assert_type(database.delete_protection, bool | None)
    assert_type(await turso.databases.list_deleted(search="a"), list[DeletedDatabase])
    assert_type(await turso.databases.restore("1", name="b"), Database)
    restored = await turso.groups.restore("1")
    assert_type(restored.failures, Mapping[str, str])
    assert_type(await turso.databases.delete("a", uuid=database.id, missing_ok=True), str)
    assert_type(await turso.destroy_instance("a", "b", uuid="c"), str)
    assert_type(await turso.databases.exists("a"), bool)
    assert_type(await turso.databases.ensure("a", group="g"), Database)
    role: Role = "viewer"
    await turso.members.add("a", role)
    await turso.members.add("a", "god")  # type: ignore[arg-type]  # a role that there is not
    await turso.databases.create_token("a", authorization="read")  # type: ignore[arg-type]  # likewise
    await turso.api_tokens.create("a", scopes=["db:drop"])  # type: ignore[list-item]  # likewise
    permission = Permission(actions=["data_read"])
    await turso.databases.create_token("a", expiration="2w", fine_grained_permissions=[permission])


async def teardown(turso: TursoClient) -> None:
    def on_outcome(outcome: Outcome) -> None: ...

    report = await turso.destroy_by_location(
        "db",
        "fra",
        concurrency=2,
        dry_run=True,
        missing_ok=True,
        return_exceptions=True,
        on_outcome=on_outcome,
    )
    assert_type(report, TeardownReport)
    assert_type(report.outcomes, tuple[Outcome, ...])
    assert_type(report.destroyed, tuple[Outcome, ...])
    assert_type(report.ok, bool)
    assert_type(report.raise_for_failures(), None)
    assert_type(report.to_dict(), dict[str, Any])
    for outcome in report.unknown:
        assert_type(outcome.target, Target)
        assert_type(outcome.target.location, str | None)
        assert_type(outcome.status, OutcomeStatus)
        assert_type(outcome.error, Exception | None)
        assert_type(outcome.attempts, int)
        assert_type(outcome.elapsed, float)


async def creation(turso: TursoClient) -> None:
    plan = await turso.creation.plan_databases(["a"], group="g", size_limit="1mb")
    assert_type(plan, CreationPlan)
    report = await plan.execute(concurrency=3, rate_limit=9.5, verify=True)
    assert_type(report, CreationReport)
    assert_type(CreationReport.merge(report, report), CreationReport)
    assert_type(report.created[0].database, Database | None)
    async for outcome in plan.stream(dry_run=True):
        assert_type(outcome, Outcome)
    assert_type(await turso.teardown.plan_created(report), TeardownPlan)
    await plan.execute(exclude="a")  # type: ignore[call-arg]


def policy(sleep: Callable[[float], Awaitable[None]]) -> None:
    RetryPolicy(
        attempts=3,
        wait=wait_retry_after(wait_random(0, 1)) + wait_fixed(1),
        stop=stop_after_delay(9) | stop_after_delay(8),
        retry=retry_if_transient() | retry_if_exception_type(APIError),
        max_retry_after=5,
        budget=3,
        sleep=sleep,
    )
    RetryPolicy(3)  # type: ignore[call-arg]


def errors(error: TursoError) -> None:
    assert_type(error.attempts, int)
    assert_type(error.maybe_applied, bool)
    if isinstance(error, APIError):
        assert_type(error.status, int)
        assert_type(error.message, str)
        assert_type(error.code, str | None)
        assert_type(error.retry_after, float | None)
    if isinstance(error, NotFoundError):
        assert_type(error.resource, str | None)
    if isinstance(error, ProtocolError):
        assert_type(error.location, str | None)
    if isinstance(error, NoMatchError):
        assert_type(error.locations, tuple[str, ...])
    if isinstance(error, CreationError):
        assert_type(error.report, CreationReport)
    if isinstance(error, TeardownError):
        assert_type(error.report, TeardownReport)
        assert_type(error.exceptions, tuple[Exception | ExceptionGroup[Exception], ...])


takes_a_provider: TokenProvider = provider
