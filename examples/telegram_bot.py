"""A Telegram bot: `/previews` shows a plan of the preview databases, `/previews delete` deletes what it showed.

It needs `pip install python-telegram-bot`. With TELEGRAM_TOKEN, TELEGRAM_ADMIN (a user id), TURSO_API_TOKEN and
TURSO_ORG set it is a bot; else its commands run against the fake.
"""

import asyncio
import os
from typing import Any
from unittest.mock import AsyncMock, Mock

from telegram import Update
from telegram.ext import Application, CommandHandler, ContextTypes, filters

from aioturso import TeardownPlan, TursoClient, TursoError
from aioturso.testing import FakeTurso

Bot = Application[Any, Any, Any, Any, Any, Any]


async def previews(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    turso: TursoClient = context.bot_data["turso"]
    shown: TeardownPlan | None = context.bot_data.pop("plan", None)
    try:
        if context.args == ["delete"]:
            text = str(await shown.execute(return_exceptions=True)) if shown else "No plan was shown."
        else:
            plan = await turso.teardown.plan_databases(prefix="preview-", exclude="preview-main")
            context.bot_data["plan"] = plan if len(plan) <= 40 else None
            text = str(plan)
    except TursoError as error:  # before anything was deleted
        text = f"Nothing was deleted: {error}"
    if update.effective_message is not None:
        await update.effective_message.reply_text(text[:4000])


async def close_client(application: Bot) -> None:
    await application.bot_data["turso"].close()


def run(token: str, admin: int) -> None:
    application = Application.builder().token(token).post_shutdown(close_client).build()
    application.bot_data["turso"] = TursoClient()  # it connects on the first call
    application.add_handler(CommandHandler("previews", previews, filters.User(admin)))
    application.run_polling()


async def demo() -> None:
    async with FakeTurso() as fake, fake.client(organization="demo") as turso:
        for name in ("preview-main", "preview-1", "preview-2"):
            fake.add_database(name, organization="demo")
        update = Mock(effective_message=Mock(reply_text=AsyncMock(side_effect=print)))
        bot_data = {"turso": turso}
        for arguments in ([], ["delete"], ["delete"]):
            await previews(update, Mock(bot_data=bot_data, args=arguments))


if __name__ == "__main__":
    token = os.environ.get("TELEGRAM_TOKEN")
    run(token, int(os.environ["TELEGRAM_ADMIN"])) if token else asyncio.run(demo())
