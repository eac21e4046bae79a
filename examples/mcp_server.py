"""Tools for an agent: list, plan, apply a plan by its digest, and undo. Nothing is destroyed that was not shown before.

An agent can apply only a plan that this server has shown and keeps, once. Without TURSO_API_TOKEN, a fake is used.
"""

import asyncio
import json
import os
from hashlib import sha256
from typing import Any

from mcp import Client
from mcp.server.mcpserver import MCPServer

from aioturso import TeardownPlan, TeardownReport, TursoClient
from aioturso.testing import FakeTurso


def server_for(turso: TursoClient) -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("turso", log_level="WARNING")
    plans: dict[str, TeardownPlan] = {}
    reports: list[TeardownReport] = []

    def shown(plan: TeardownPlan) -> str:
        plans[digest := sha256(json.dumps(plan.to_dict()).encode()).hexdigest()] = plan
        return f"{plan}\ndigest: {digest}"

    @server.tool()
    async def list_databases() -> list[str]:
        """Returns the names of the organization's databases."""
        return [database.name async for database in turso.databases.iterate()]

    @server.tool()
    async def plan(names: list[str]) -> str:
        """Plans to destroy databases by name, and destroys nothing. Show the plan to the user, who decides."""
        return shown(await turso.teardown.plan_databases(names=names))

    @server.tool()
    async def undo() -> str:
        """Plans to restore what was destroyed here, and restores nothing: `apply` does."""
        return shown(await turso.teardown.plan_undo(TeardownReport.merge(*reports)))

    @server.tool()
    async def apply(digest: str) -> str:
        """Does what the plan with this digest holds, once; it is listed again first."""
        if digest not in plans:
            return "refused: no plan with this digest was shown, or it was applied"
        reports.append(await plans.pop(digest).execute(max_targets=20, max_age=0, return_exceptions=True))
        return str(reports[-1])

    return server


async def demo(agent: Client) -> None:
    for tool, arguments in (("plan", {"names": ["preview-1"]}), ("undo", {})):
        planned = str((await agent.call_tool(tool, arguments)).content)
        for digest in ("f" * 64, planned.partition("digest: ")[2][:64]):
            print((await agent.call_tool("apply", {"digest": digest})).content)


async def main() -> None:
    if os.environ.get("TURSO_API_TOKEN"):
        async with TursoClient() as turso:
            return await server_for(turso).run_stdio_async()
    async with FakeTurso() as fake, fake.client(organization="demo") as turso:
        fake.add_database("preview-1", organization="demo")
        async with Client(server_for(turso)) as agent:
            await demo(agent)


if __name__ == "__main__":
    asyncio.run(main())
