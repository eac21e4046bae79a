"""Serve the fake to clients in other languages: `python -m aioturso.testing --port 8787`."""

import argparse
import asyncio
import json

from .server import FakeTurso


async def main() -> None:
    parser = argparse.ArgumentParser(prog="aioturso.testing")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--empty", action="store_true", help="no demo world")
    arguments = parser.parse_args()
    async with FakeTurso(port=arguments.port) as fake:
        if not arguments.empty:
            fake.add_database(
                "my-db", organization="demo", group="default", instances={"iad": 1, "fra": 1}, primary="iad"
            )
            fake.add_database(
                "legacy-db", organization="demo", instances={"iad": 1, "fra": 1, "lhr": 1}, primary="iad"
            )
        print(
            json.dumps({"base_url": fake.base_url, "token": fake.token, "organization": "demo"}), flush=True
        )
        await asyncio.Event().wait()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
