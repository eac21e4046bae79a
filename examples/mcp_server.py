"""Tools for an agent: list, plan, apply a plan by its digest. Nothing is destroyed that was not in a plan that was shown.

The agent sees each plan with its digest, and can apply only a plan that this server has made and shown. It cannot change
one: the digest is of what the plan names, and the plan itself stays here. `python mcp_server.py` serves on stdin and stdout.
Without TURSO_API_TOKEN it shows a short session against a fake.
"""

import asyncio
import json
import os
from hashlib import sha256
from typing import Any

from mcp import Client
from mcp.server.mcpserver import MCPServer

from aioturso import TeardownPlan, TursoClient
from aioturso.testing import FakeTurso

MAX_TARGETS = 20


def server_for(turso: TursoClient) -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("turso")
    shown: dict[str, TeardownPlan] = {}

    @server.tool()
    async def list_databases() -> list[str]:
        """The names of the organization's databases."""
        return [database.name async for database in turso.databases.iterate()]

    @server.tool()
    async def plan(names: list[str]) -> str:
        """Plan to destroy databases by name; destroys nothing. Show it to the user, who decides."""
        made = await turso.teardown.plan_databases(names=names)
        digest = sha256(json.dumps(made.to_dict(), sort_keys=True).encode()).hexdigest()
        shown[digest] = made
        return f"{made}\ndigest: {digest}"

    @server.tool()
    async def apply(digest: str) -> str:
        """Destroy what the plan with this digest names; it is listed again first, and can be applied once."""
        report = await shown.pop(digest).execute(max_targets=MAX_TARGETS, max_age=0, return_exceptions=True)
        return f"{report}"

    return server


async def main() -> None:
    if os.environ.get("TURSO_API_TOKEN"):
        async with TursoClient() as turso:
            await server_for(turso).run_stdio_async()
        return
    async with FakeTurso() as fake:
        for name in ("main", "preview-1", "preview-2"):
            fake.add_database(name, organization="demo")
        async with fake.client(organization="demo") as turso, Client(server_for(turso)) as agent:
            planned = str((await agent.call_tool("plan", {"names": ["preview-1"]})).content)
            digest = planned.partition("digest: ")[2][:64]
            for arguments in ({"digest": "f" * 64}, {"digest": digest}, {"digest": digest}):
                print((await agent.call_tool("apply", arguments)).content)
        print([database.name for database in fake.databases("demo")])


if __name__ == "__main__":
    asyncio.run(main())
