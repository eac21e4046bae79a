"""A service that tears down in the background: POST names starts a run, GET shows how far it is, DELETE stops it.

Run without arguments it serves itself against an embedded fake, calls its own endpoints, and ends.
"""

import asyncio
import secrets

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from aioturso import Progress, TeardownPlan, TeardownReport, TursoClient
from aioturso.testing import FakeTurso, Fault


class Teardowns:
    def __init__(self, turso: TursoClient) -> None:
        self.turso = turso
        self.done: dict[str, int] = {}
        self.runs: dict[str, tuple[TeardownPlan, asyncio.Task[TeardownReport]]] = {}

    async def start(self, request: web.Request) -> web.Response:
        # `names` and not `match`: a "*" from outside selects a database of that name, and no other.
        plan, key = await self.turso.teardown.plan_databases(names=await request.json()), secrets.token_hex(8)

        def progressed(now: Progress) -> None:
            self.done[key] = now.done

        run = plan.execute(on_progress=progressed, return_exceptions=True)
        self.runs[key] = plan, asyncio.create_task(run)
        return web.json_response({"id": key, "targets": len(plan), "unmatched": plan.unmatched}, status=202)

    async def show(self, request: web.Request) -> web.Response:
        plan, task = self.runs[key := request.match_info["id"]]
        text = str(await task) if task.done() else f"{self.done.get(key, 0)} of {len(plan)}"
        return web.json_response(text)

    async def stop(self, request: web.Request) -> web.Response:
        plan, task = self.runs[request.match_info["id"]]
        plan.stop()  # calls on the wire end, the rest is not attempted
        return web.json_response(str(await task))


async def demo() -> None:
    names = [f"preview-{number}" for number in range(500)]
    async with FakeTurso() as fake, fake.client(organization="demo") as turso:
        for name in names:
            fake.add_database(name, organization="demo", group="ci")
        fake.inject(Fault.delay(0.1), method="DELETE", times=500)
        app, its = web.Application(), Teardowns(turso)
        app.add_routes([web.post("/", its.start), web.get("/{id}", its.show), web.delete("/{id}", its.stop)])
        async with TestClient(TestServer(app)) as http:
            print("POST", started := await (await http.post("/", json=[*names, "*"])).json())
            for method in ("GET", "DELETE", "GET"):
                await asyncio.sleep(0.4)
                print(method, await (await http.request(method, f"/{started['id']}")).json())


if __name__ == "__main__":
    asyncio.run(demo())
