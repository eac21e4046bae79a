"""A Discord bot: `!teardown my-db fra` shows what would go, `!teardown my-db fra yes` destroys it.

With DISCORD_TOKEN, TURSO_API_TOKEN and TURSO_ORG set it is a bot; else its command runs against the fake.
"""

import asyncio
import os
from unittest.mock import AsyncMock, Mock

import discord
from discord.ext import commands

from aioturso import TursoClient, TursoError
from aioturso.testing import FakeTurso


class Databases(commands.Cog):
    def __init__(self, turso: TursoClient) -> None:
        self.turso = turso

    async def cog_unload(self) -> None:  # the cog owns the client
        await self.turso.close()

    @commands.command()
    @commands.has_permissions(administrator=True)
    async def teardown(
        self, context: commands.Context[commands.Bot], database: str, location: str, sure: str = ""
    ) -> None:
        try:
            report = await self.turso.destroy_by_location(
                database, location, dry_run=sure != "yes", return_exceptions=True
            )
        except TursoError as error:  # it comes before anything is destroyed
            await context.send(f"Nothing was destroyed: {error}")
            return
        lines = [f"{o.target.instance}: {o.reason or o.error or o.status.value}" for o in report.outcomes]
        await context.send("\n".join([*lines[:20], str(report)]))


async def serve(turso: TursoClient, token: str = "") -> None:
    intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
    async with commands.Bot("!", intents=intents) as bot:
        await bot.add_cog(cog := Databases(turso))
        if token:
            await bot.start(token)
        context = Mock(send=AsyncMock(side_effect=print))
        for sure in ("", "yes", "yes"):
            await cog.teardown(context, "my-db", "fra", sure)


async def demo() -> None:
    async with FakeTurso() as fake:
        fake.add_database("my-db", organization="demo", instances={"iad": 1, "fra": 2}, primary="iad")
        await serve(fake.client(organization="demo"))


if __name__ == "__main__":
    token = os.environ.get("DISCORD_TOKEN", "")
    asyncio.run(serve(TursoClient(), token) if token else demo())
