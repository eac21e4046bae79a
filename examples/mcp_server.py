"""Tools for an agent (`pip install 'mcp>=2'`): list, plan, apply a plan that was shown, by its digest, and undo. Without a token, a fake is used."""

import asyncio
import os
from hashlib import sha256
from typing import Any

from mcp import Client
from mcp.server.mcpserver import MCPServer

from aioturso import TeardownPlan, TeardownReport, TursoClient
from aioturso.testing import FakeTurso


def server_for(turso: TursoClient) -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("turso", log_level="WARNING")
    plans, reports = dict[str, TeardownPlan](), list[TeardownReport]()

    def shown(plan: TeardownPlan) -> str:
        plans[digest := sha256(str(plan.to_dict()).encode()).hexdigest()] = plan
        return f"{plan}\ndigest: {digest}"

    async def list_databases() -> list[str]:
        """Returns the names of the organization's databases."""
        return [database.name async for database in turso.databases.iterate()]

    async def plan(names: list[str]) -> str:
        """Plans to destroy databases by name, and destroys nothing. Show the plan to the user, who decides."""
        return shown(await turso.teardown.plan_databases(names=names))

    async def undo() -> str:
        """Plans to restore what was destroyed here, and restores nothing: `apply` does."""
        return shown(await turso.teardown.plan_undo(TeardownReport.merge(*reports)))

    async def apply(digest: str) -> str:
        """Executes the plan with this digest, once; it is listed again first."""
        if digest not in plans:
            return "refused: no plan with this digest was shown, or it was applied"
        reports.append(await plans.pop(digest).execute(max_targets=20, max_age=0, return_exceptions=True))
        return str(reports[-1])

    for tool in (list_databases, plan, undo, apply):
        server.tool()(tool)
    return server


async def main() -> None:
    if os.environ.get("TURSO_API_TOKEN"):
        async with TursoClient() as turso:
            return await server_for(turso).run_stdio_async()
    async with FakeTurso() as fake, fake.client(organization="demo") as turso:
        fake.add_database("preview-1", organization="demo")
        async with Client(server_for(turso)) as agent:
            planned = str((await agent.call_tool("plan", {"names": ["preview-1"]})).content)
            shown = {"digest": planned.partition("digest: ")[2][:64]}
            print((await agent.call_tool("apply", shown)).content, (await agent.call_tool("undo")).content)


if __name__ == "__main__":
    asyncio.run(main())
