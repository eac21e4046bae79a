"""The contenders. Each is an async generator: its first step opens its client, its second does all the calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

Contender = Callable[[str, int], AsyncGenerator[None]]
CONTENDERS: dict[str, Contender] = {}
WORKERS = 64
ORGANIZATION, TOKEN = "org", "benchmark-token"
HAND = "aiohttp by hand"
LISTED_BY_HAND = "aiohttp by hand, list and delete"
BY_LOCATION = "aioturso, by location"


def contender(name: str) -> Callable[[Contender], Contender]:
    """Enter a function under a name."""

    def enter(function: Contender) -> Contender:
        CONTENDERS[name] = function
        return function

    return enter


def instances(base: str, database: str) -> str:
    return f"{base}/v1/organizations/{ORGANIZATION}/databases/{database}/instances"


def url(base: str, number: int | str) -> str:
    return f"{instances(base, 'db')}/i{number}"


def baseline(name: str) -> str:
    """Returns the contender written by hand that does the same: one that lists first, for one that lists first."""
    return LISTED_BY_HAND if name.startswith(BY_LOCATION) else HAND


async def by_workers(call: Callable[[int], Awaitable[object]], calls: int) -> None:
    """All calls, by as many workers as there are connections."""
    numbers = iter(range(calls))

    async def work() -> None:
        for number in numbers:
            await call(number)

    await asyncio.gather(*(work() for _ in range(WORKERS)))


@contender(HAND)
async def aiohttp_by_hand(base: str, calls: int) -> AsyncGenerator[None]:
    async for _ in _by_hand(base, calls, listed=False):
        yield


@contender(LISTED_BY_HAND)
async def aiohttp_listed(base: str, calls: int) -> AsyncGenerator[None]:
    async for _ in _by_hand(base, calls, listed=True):
        yield


async def _by_hand(base: str, calls: int, *, listed: bool) -> AsyncGenerator[None]:
    import aiohttp

    headers = {"Authorization": f"Bearer {TOKEN}"}
    connector = aiohttp.TCPConnector(limit=WORKERS)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def call(address: str) -> None:
            async with session.delete(address) as response:
                response.raise_for_status()
                await response.json()

        async def those_in(location: str) -> list[str]:
            every = instances(base, f"n{calls}")
            async with session.get(every) as response:
                response.raise_for_status()
                found = (await response.json())["instances"]
            return [f"{every}/{instance['name']}" for instance in found if instance["region"] == location]

        await call(url(base, "warm"))
        yield
        if listed:
            addresses = await those_in("fra")
            assert len(addresses) == calls
            await by_workers(lambda number: call(addresses[number]), calls)
        else:
            await by_workers(lambda number: call(url(base, number)), calls)
        yield


@contender("aiohttp + gather")
async def aiohttp_gather(base: str, calls: int) -> AsyncGenerator[None]:
    import aiohttp

    headers = {"Authorization": f"Bearer {TOKEN}"}
    connector = aiohttp.TCPConnector(limit=WORKERS)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def call(number: int | str) -> None:
            async with session.delete(url(base, number)) as response:
                response.raise_for_status()
                await response.json()

        await call("warm")
        yield
        await asyncio.gather(*(call(number) for number in range(calls)))
        yield


@contender("aiohttp + tenacity")
async def aiohttp_tenacity(base: str, calls: int) -> AsyncGenerator[None]:
    import aiohttp
    import tenacity

    headers = {"Authorization": f"Bearer {TOKEN}"}
    connector = aiohttp.TCPConnector(limit=WORKERS)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def once(number: int | str) -> None:
            async with session.delete(url(base, number)) as response:
                response.raise_for_status()
                await response.json()

        async def call(number: int | str) -> None:
            controller = tenacity.AsyncRetrying(
                stop=tenacity.stop_after_attempt(4),
                wait=tenacity.wait_random_exponential(),
                retry=tenacity.retry_if_exception_type(aiohttp.ClientError),
            )
            await controller(once, number)

        await call("warm")
        yield
        await by_workers(call, calls)
        yield


@contender("httpx + tenacity")
async def httpx_tenacity(base: str, calls: int) -> AsyncGenerator[None]:
    import httpx
    import tenacity

    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as client:

        async def once(number: int | str) -> None:
            response = await client.delete(url(base, number))
            response.raise_for_status()
            response.json()

        async def call(number: int | str) -> None:
            controller = tenacity.AsyncRetrying(
                stop=tenacity.stop_after_attempt(4),
                wait=tenacity.wait_random_exponential(),
                retry=tenacity.retry_if_exception_type(httpx.TransportError),
            )
            await controller(once, number)

        await call("warm")
        yield
        await by_workers(call, calls)
        yield


@contender("niquests")
async def niquests_async(base: str, calls: int) -> AsyncGenerator[None]:
    import niquests

    async with niquests.AsyncSession(pool_maxsize=WORKERS, disable_http3=True) as session:
        session.headers["Authorization"] = f"Bearer {TOKEN}"

        async def call(number: int | str) -> None:
            response = await session.delete(url(base, number))
            response.raise_for_status()
            response.json()

        await call("warm")
        yield
        await by_workers(call, calls)
        yield


@contender("aioturso")
async def destroy_instance(base: str, calls: int) -> AsyncGenerator[None]:
    from aioturso import TursoClient

    async with TursoClient(TOKEN, organization=ORGANIZATION, base_url=base) as turso:
        await turso.destroy_instance("db", "warm")
        yield
        await by_workers(lambda number: turso.destroy_instance("db", f"i{number}"), calls)
        yield


@contender("aioturso + gather")
async def destroy_instance_gather(base: str, calls: int) -> AsyncGenerator[None]:
    from aioturso import TursoClient

    async with TursoClient(TOKEN, organization=ORGANIZATION, base_url=base) as turso:
        await turso.destroy_instance("db", "warm")
        yield
        await asyncio.gather(*(turso.destroy_instance("db", f"i{number}") for number in range(calls)))
        yield


@contender(BY_LOCATION)
async def destroy_by_location(base: str, calls: int) -> AsyncGenerator[None]:
    """With the list of instances, and a report that has every outcome."""
    from aioturso import TursoClient

    async with TursoClient(TOKEN, organization=ORGANIZATION, base_url=base) as turso:
        await turso.destroy_instance("db", "warm")
        yield
        report = await turso.destroy_by_location(f"n{calls}", "fra", concurrency=WORKERS)
        assert len(report.destroyed) == calls
        yield


@contender("aioturso, streamed plan")
async def streamed_plan(base: str, calls: int) -> AsyncGenerator[None]:
    """The plan is made beforehand: what is measured are the calls with limiter and outcomes."""
    async for _ in _streamed(base, calls, WORKERS):
        yield


@contender("aioturso, streamed plan, default pace")
async def streamed_plan_default(base: str, calls: int) -> AsyncGenerator[None]:
    async for _ in _streamed(base, calls, None):
        yield


async def _streamed(base: str, calls: int, concurrency: int | None) -> AsyncGenerator[None]:
    from aioturso import OutcomeStatus, TursoClient

    async with TursoClient(TOKEN, organization=ORGANIZATION, base_url=base) as turso:
        await turso.destroy_instance("db", "warm")
        plan = await turso.teardown.plan_instances(location="fra", database=f"n{calls}")
        yield
        done = 0
        async for outcome in plan.stream(concurrency=concurrency, max_targets=calls, max_age=3600):
            done += outcome.status is OutcomeStatus.DESTROYED
        assert done == calls
        yield
