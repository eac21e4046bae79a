"""A Telegram bot: `/previews` lists databases, `/previews delete` deletes them.

With TELEGRAM_TOKEN, TELEGRAM_ADMIN (a user id), TURSO_API_TOKEN and TURSO_ORG set; else against the fake.
"""

import asyncio
import os
from typing import Any
from unittest.mock import AsyncMock, Mock

from telegram import Update
from telegram.ext import Application, CommandHandler, ContextTypes, filters

from aioturso import TursoClient, TursoError
from aioturso.testing import FakeTurso

Bot = Application[Any, Any, Any, Any, Any, Any]


async def previews(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    turso: TursoClient = context.bot_data["turso"]
    sure = context.args == ["delete"]
    try:
        plan = await turso.teardown.plan_databases(match="preview-*", exclude="preview-main")
        text = str(await plan.execute(return_exceptions=True)) if sure else str(plan)
    except TursoError as error:  # it comes before anything is deleted
        text = f"Nothing was deleted: {error}"
    if update.effective_message is not None:
        await update.effective_message.reply_text(text[:4000])


async def open_client(application: Bot) -> None:
    application.bot_data["turso"] = TursoClient()


async def close_client(application: Bot) -> None:
    await application.bot_data["turso"].close()


def run(token: str, admin: int) -> None:
    application = (
        Application.builder().token(token).post_init(open_client).post_shutdown(close_client).build()
    )
    application.add_handler(CommandHandler("previews", previews, filters.User(admin)))
    application.run_polling()


async def demo() -> None:
    async with FakeTurso() as fake:
        for name in ("preview-main", "preview-1", "preview-2"):
            fake.add_database(name, organization="demo")
        async with fake.client(organization="demo") as turso:
            update = Mock(effective_message=Mock(reply_text=AsyncMock(side_effect=print)))
            for arguments in ([], ["delete"], []):
                await previews(update, Mock(bot_data={"turso": turso}, args=arguments))


if __name__ == "__main__":
    token = os.environ.get("TELEGRAM_TOKEN")
    run(token, int(os.environ["TELEGRAM_ADMIN"])) if token else asyncio.run(demo())
