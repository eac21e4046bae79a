"""A Discord bot: `!teardown my-db fra` shows a plan and its key, `!confirm KEY` destroys what the plan shows.

It needs `pip install discord.py`. With DISCORD_TOKEN, TURSO_API_TOKEN and TURSO_ORG set it is a bot; else its commands run against the fake.
"""

import asyncio
import os
import secrets
from unittest.mock import AsyncMock, Mock

import discord
from discord.ext import commands

from aioturso import TeardownPlan, TursoClient, TursoError
from aioturso.testing import FakeTurso

Context = commands.Context[commands.Bot]
INTENTS = discord.Intents(guilds=True, guild_messages=True, message_content=True)


class Databases(commands.Cog):
    def __init__(self, turso: TursoClient) -> None:
        self.turso = turso
        self.shown: dict[str, TeardownPlan] = {}

    @commands.command()
    @commands.has_permissions(administrator=True)
    async def teardown(self, context: Context, database: str, location: str) -> None:
        try:
            plan = await self.turso.teardown.plan_instances(database=database, location=location)
            self.shown[key := secrets.token_hex(3)] = plan
            await context.send(f"{plan}\nTo destroy these: !confirm {key}")
        except TursoError as error:
            await context.send(f"No plan: {error}")

    @commands.command()
    @commands.has_permissions(administrator=True)
    async def confirm(self, context: Context, key: str) -> None:
        plan = self.shown.pop(key, None)  # each plan is executed once
        try:
            await context.send(str(await plan.execute(return_exceptions=True) if plan else "no such plan"))
        except TursoError as error:  # raised before anything is destroyed
            await context.send(f"Nothing was destroyed: {error}")


async def main(token: str | None) -> None:
    async with FakeTurso() as fake, commands.Bot("!", intents=INTENTS) as bot:
        fake.add_database("my-db", organization="demo", instances={"iad": 1, "fra": 2}, primary="iad")
        async with TursoClient() if token else fake.client(organization="demo") as turso:
            await bot.add_cog(cog := Databases(turso))
            if token:
                return await bot.start(token)
            context = Mock(send=AsyncMock(side_effect=print))
            await cog.teardown(context, "my-db", "fra")
            for key in [*cog.shown] * 2:
                await cog.confirm(context, key)


if __name__ == "__main__":
    asyncio.run(main(os.environ.get("DISCORD_TOKEN")))
