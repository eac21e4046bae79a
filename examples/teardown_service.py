"""A service that tears down in the background: POST starts, GET tells how far it is, DELETE lets it drain.

Run without arguments it serves itself against an embedded fake, calls its own endpoints, and ends.
"""

import asyncio

from aiohttp import ClientSession, web

from aioturso import Progress, TeardownPlan, TeardownReport, TursoClient
from aioturso.testing import FakeTurso, Fault


class Teardowns:
    def __init__(self, turso: TursoClient) -> None:
        self.turso = turso
        self.told: dict[str, int] = {}

    async def start(self, request: web.Request) -> web.Response:
        self.plan: TeardownPlan = await self.turso.teardown.plan_databases(match=request.query["match"])
        run = self.plan.execute(on_progress=self.progressed, return_exceptions=True)
        self.task: asyncio.Task[TeardownReport] = asyncio.create_task(run)
        return web.json_response({"targets": len(self.plan)}, status=202)

    def progressed(self, now: Progress) -> None:
        self.told = {"done": now.done, "rate": round(now.rate), "seconds_left": round(now.remaining or 0)}

    async def show(self, request: web.Request) -> web.Response:
        return web.json_response({"report": str(await self.task)} if self.task.done() else self.told)

    async def stop(self, request: web.Request) -> web.Response:
        self.plan.stop()  # calls in flight finish, the rest is not attempted
        return web.json_response({"report": str(await self.task)})


async def serve(turso: TursoClient) -> web.AppRunner:
    app, its = web.Application(), Teardowns(turso)
    app.add_routes([web.post("/", its.start), web.get("/", its.show), web.delete("/", its.stop)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def demo() -> None:
    async with FakeTurso() as fake, fake.client(organization="demo") as turso:
        for number in range(500):
            fake.add_database(f"preview-{number}", organization="demo", group="ci")
        fake.inject(Fault.delay(0.1), method="DELETE", times=1000)
        runner = await serve(turso)
        async with ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
            for method in ("POST", "GET", "GET", "DELETE", "GET"):
                async with session.request(method, "/", params={"match": "preview-*"}) as response:
                    print(method, response.status, await response.json())
                await asyncio.sleep(0.5)
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(demo())
