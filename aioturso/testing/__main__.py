"""Serve the fake to clients in other languages: `python -m aioturso.testing --port 8787`."""

import argparse
import asyncio
import contextlib
import json
import signal

from .server import FakeTurso

ORGANIZATION = "demo"


def add_demo_world(fake: FakeTurso) -> None:
    """A database in a group, and one from before there were groups."""
    fake.add_group("default", organization=ORGANIZATION, locations=["iad", "fra"])
    fake.add_database("my-db", organization=ORGANIZATION, group="default")
    fake.add_database(
        "legacy-db", organization=ORGANIZATION, instances={"iad": 1, "fra": 1, "lhr": 1}, primary="iad"
    )


async def serve(port: int, empty: bool) -> None:
    """Until SIGINT or SIGTERM. The first line of output says where, with which token and organization."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with FakeTurso(port=port) as fake:
        fake.add_organization(ORGANIZATION)
        if not empty:
            add_demo_world(fake)
        first = {"base_url": fake.base_url, "token": fake.token, "organization": ORGANIZATION}
        print(json.dumps(first), flush=True)
        await stop.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m aioturso.testing", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--empty", action="store_true", help="only the organization, nothing in it")
    arguments = parser.parse_args()
    try:
        asyncio.run(serve(arguments.port, arguments.empty))
    except OSError as error:
        parser.exit(1, f"cannot serve on port {arguments.port}: {error.strerror}\n")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
