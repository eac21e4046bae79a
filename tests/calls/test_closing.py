"""`close` ends every call, wherever it waits, within a few turns of the loop and with an error of this library."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver
from raw import CUT, RawServer, Request, Step, answer, send, stall

from aioturso import ClientClosedError, NotSentError, Timeout, TursoClient, TursoError
from aioturso.testing import FakeTurso, Fault

LISTED = answer(200, {"instances": []})
LATER = "Retry-After: 30"
TURNS = 10  # of the loop, for a call that is some tasks deep

Work = Coroutine[Any, Any, object]
Place = Callable[[RawServer, Path], tuple[TursoClient, Work]]


class NoResolver(AbstractResolver):
    async def resolve(self, *args: Any, **options: Any) -> Any:
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Has nothing to close."""


async def no_token() -> str:
    await asyncio.Event().wait()
    raise AssertionError


def sqlite_file(folder: Path) -> Path:
    path = folder / "large.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (zeroblob(20000000))")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


def in_tls(raw: RawServer, folder: Path) -> tuple[TursoClient, Work]:
    turso = TursoClient("token", organization="org", base_url=raw.url.replace("http:", "https:"))
    return turso, turso.instances.list("db")


def at_a_token_provider(raw: RawServer, folder: Path) -> tuple[TursoClient, Work]:
    turso = raw.client(token=no_token)
    return turso, turso.instances.list("db")


def in_a_body(raw: RawServer, folder: Path) -> tuple[TursoClient, Work]:
    raw.then = send(CUT + b"{")
    turso = raw.client()
    return turso, turso.instances.list("db")


def in_an_errors_body(raw: RawServer, folder: Path) -> tuple[TursoClient, Work]:
    raw.then = send(CUT.replace(b"200", b"500") + b"{")
    turso = raw.client()
    return turso, turso.instances.list("db")


def in_a_back_off(raw: RawServer, folder: Path) -> tuple[TursoClient, Work]:
    raw.then = answer(503, {}, LATER)
    turso = raw.client()
    return turso, turso.instances.list("db")


def in_a_pause_of_the_limiter(raw: RawServer, folder: Path) -> tuple[TursoClient, Work]:
    raw.steps[:] = [answer(429, {}, LATER)]
    turso = raw.client(retry=None)

    async def twice() -> None:
        with pytest.raises(TursoError):
            await turso.teardown.plan_databases(match="x*")
        await turso.teardown.plan_databases(match="x*")

    return turso, twice()


def in_the_lists_of_a_plan(raw: RawServer, folder: Path) -> tuple[TursoClient, Work]:
    databases = [{"Name": f"x{number}", "DbId": f"{number}", "group": "g"} for number in range(40)]
    raw.steps[:] = [answer(200, {"databases": databases})]
    turso = raw.client()
    return turso, turso.teardown.plan_instances(location="fra")


def in_endless_pages(raw: RawServer, folder: Path) -> tuple[TursoClient, Work]:
    async def more(request: Request) -> None:
        number = len(raw.requests)
        page = {"databases": [{"Name": f"x{number}"}], "pagination": {"next": f"c{number}"}}
        await answer(200, page)(request)

    raw.then = more
    turso = raw.client()
    return turso, turso.teardown.plan_databases(match="x*")


def in_an_upload_that_the_peer_does_not_read(raw: RawServer, folder: Path) -> tuple[TursoClient, Work]:
    created: Step = answer(200, {"database": {"Name": "db", "DbId": "1"}})
    raw.steps[:] = [created, answer(200, {"jwt": "a.b.c"})]
    turso = raw.client()

    file = sqlite_file(folder)

    async def upload() -> None:
        async with unread() as url:
            await turso.databases.upload("db", file, group="g", url=url)

    return turso, upload()


@asynccontextmanager
async def unread() -> AsyncIterator[str]:
    """A peer that accepts connections and reads nothing."""

    accepted: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.append(writer)
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads has it

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in accepted:
            writer.transport.abort()


PLACES: list[Place] = [
    in_tls,
    at_a_token_provider,
    in_a_body,
    in_an_errors_body,
    in_a_back_off,
    in_a_pause_of_the_limiter,
    in_the_lists_of_a_plan,
    in_endless_pages,
    in_an_upload_that_the_peer_does_not_read,
]


async def closed(turso: TursoClient, work: Awaitable[object]) -> BaseException | None:
    """What work ends with that is under way when its client is closed."""
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0.1)
    assert not task.done()
    await turso.close()
    for _ in range(TURNS):
        await asyncio.sleep(0)
    assert task.done(), "it still runs"
    assert not task.cancelled(), "it was not cancelled"
    return task.exception()


@pytest.mark.parametrize("place", PLACES, ids=[place.__name__ for place in PLACES])
async def test_a_call_ends_wherever_it_waits(place: Place, tmp_path: Path) -> None:
    async with RawServer() as raw:
        assert isinstance(await closed(*place(raw, tmp_path)), ClientClosedError)


async def test_a_call_ends_while_a_name_is_resolved() -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=NoResolver())) as session:
        turso = TursoClient("token", organization="org", base_url="https://a.invalid", session=session)
        calls = asyncio.gather(*(turso.instances.list("db") for _ in range(3)), return_exceptions=True)
        task = asyncio.ensure_future(calls)
        await asyncio.sleep(0.05)
        await turso.close()
        assert [type(error) for error in await task] == [ClientClosedError] * 3


async def test_a_task_group_ends_with_the_error_and_not_in_silence() -> None:
    async with RawServer() as raw:
        turso = raw.client()

        async def group() -> None:
            async with asyncio.timeout(9), asyncio.TaskGroup() as tasks:
                for _ in range(3):
                    tasks.create_task(turso.instances.list("db"))

        error = await closed(turso, group())
    assert isinstance(error, ExceptionGroup)
    assert [type(member) for member in error.exceptions] == [ClientClosedError] * 3


async def test_a_run_ends_with_a_report_also_in_its_stream_its_pace_and_its_verification() -> None:
    async with FakeTurso() as fake:
        for number in range(60):
            fake.add_database(f"x{number}", organization="org", group="g")

        turso = fake.client(organization="org")
        plan = await turso.teardown.plan_databases(match="x*")
        assert await closed(turso, plan.execute(rate_limit=2, return_exceptions=True)) is None

        turso = fake.client(organization="org")
        plan = await turso.teardown.plan_databases(match="x*")
        fake.inject(Fault.hang(), method="DELETE", times=99)
        seen: list[str] = []

        async def read() -> None:
            seen.extend([outcome.status.name async for outcome in plan.stream(concurrency=5)])

        assert await closed(turso, read()) is None
        assert len(seen) == len(plan) and seen.count("UNKNOWN") == 5

    lagging = answer(200, {"databases": [{"Name": "x1", "DbId": "1", "delete_protection": False}]})
    async with RawServer(lagging, answer(200, {}), then=lagging) as raw:
        turso = raw.client()
        plan = await turso.teardown.plan_databases(match="x*")
        task = asyncio.ensure_future(plan.execute(verify=True, return_exceptions=True))
        await raw.seen(4)  # the plan's protection and list, the delete, and the first look
        assert await closed(turso, task) is None
        assert isinstance(task.result().unverified, ClientClosedError)


async def test_a_call_of_a_closed_client_does_not_wait_for_a_pause_of_the_limiter() -> None:
    refused = answer(429, {"error": "slow down"}, LATER)
    async with RawServer(then=refused) as raw:
        turso = raw.client(retry=None)
        with pytest.raises(TursoError):
            await turso.teardown.plan_databases(match="x*")
        await turso.close()
        with pytest.raises(ClientClosedError):
            async with asyncio.timeout(1):
                await turso.teardown.plan_databases(match="x*")


async def test_a_file_is_not_read_for_a_closed_client(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    async with RawServer(then=LISTED) as raw:
        turso = raw.client()
        await turso._calls.pool.in_thread(time.monotonic)
        await turso.close()
        with pytest.raises(ClientClosedError):
            await turso.databases.upload("db", file, group="g")


async def test_a_provider_that_hangs_ends_with_the_call_that_waits_for_it() -> None:
    async with RawServer(then=stall) as raw:
        for timeout in (Timeout(attempt=30, total=0.05), Timeout(attempt=0.05)):
            async with raw.client(token=no_token, timeout=timeout) as turso:
                with pytest.raises(NotSentError, match=r"no token within 0\.05 s"):
                    await turso.instances.list("db")
        async with raw.client(token=no_token) as turso:
            first = asyncio.create_task(turso.instances.list("db"))
            await asyncio.sleep(0)
            with pytest.raises(NotSentError, match=r"no token within 0\.05 s"):
                await turso.with_options(timeout=0.05).instances.list("db")
            await turso.close()
            with pytest.raises(ClientClosedError):
                await first
    assert not raw.requests


async def test_a_cancellation_of_the_callers_in_the_same_moment_stays_one() -> None:
    async with RawServer(then=stall) as raw, raw.client() as turso:
        call = asyncio.create_task(turso.databases.get("db"))
        await raw.seen(1)
        call.cancel()
        await turso.close()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_a_stream_that_is_left_while_its_client_is_closed_ends() -> None:
    async with FakeTurso() as fake:
        for number in range(40):
            fake.add_database(f"x{number}", organization="org", group="ci")
        async with fake.client(organization="org", max_connections=1) as turso:
            plan = await turso.teardown.plan_databases(match="x*")
            async with aclosing(plan.stream(concurrency=1)) as outcomes:
                async for _ in outcomes:
                    while "1/1" not in repr(turso):
                        await asyncio.sleep(0)
                    closing = asyncio.create_task(turso.close())
                    break
            await closing
            assert len(fake.sent("DELETE")) <= 4
