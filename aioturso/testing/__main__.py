"""Serves the fake to clients in other languages: `python -m aioturso.testing --port 8787`."""

import argparse
import asyncio
import contextlib
import json
import signal
from pathlib import Path
from typing import Any

from .faults import Fault
from .server import FakeTurso

ORGANIZATION = "demo"
_MAKERS = (
    "status",
    "drop_before",
    "drop_after",
    "drop_mid_headers",
    "reset",
    "truncate",
    "delay",
    "hang",
    "redirect",
)
_FAULTS = """
--faults is a JSON list, or a file that holds one. Each item has `fault`, the name of a fault, what that takes, and
optionally `method`, `path` (the end of the path) and `times`:
  [{"fault": "status", "code": 503, "headers": {"Retry-After": "1"}, "method": "DELETE", "times": 3},
   {"fault": "drop_after", "path": "/my-db"}, {"fault": "delay", "seconds": 2.5}, {"fault": "reset", "acts": true}]
"""


def add_demo_world(fake: FakeTurso, size: int = 0) -> None:
    """Adds a database in a group, one from before there were groups, and `size` more in the group."""
    fake.add_group("default", organization=ORGANIZATION, locations=["iad", "fra"])
    fake.add_database("my-db", organization=ORGANIZATION, group="default")
    fake.add_database(
        "legacy-db", organization=ORGANIZATION, instances={"iad": 1, "fra": 1, "lhr": 1}, primary="iad"
    )
    for number in range(1, size + 1):
        fake.add_database(f"preview-{number}", organization=ORGANIZATION, group="default")


def inject_all(fake: FakeTurso, given: str) -> None:
    """Injects the faults of a JSON list, or of a file that holds one."""
    text = given if given.lstrip()[:1] in ("[", "{") else Path(given).read_text()
    items = json.loads(text)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("--faults is a JSON list of objects")
    for item in items:
        rest = dict(item)
        when: dict[str, Any] = {key: rest.pop(key) for key in ("method", "path", "times") if key in rest}
        name = rest.pop("fault", None)
        if name not in _MAKERS:
            raise ValueError(f"there is no fault {name!r}: there are {', '.join(_MAKERS)}")
        if "body" in rest:
            rest["body"] = rest["body"].encode()  # JSON has no bytes
        fake.inject(getattr(Fault, name)(**rest), **when)


async def serve(fake: FakeTurso) -> None:
    """Serves until SIGINT or SIGTERM. The first line of output has the address, the token and an organization."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with fake:
        first = {"base_url": fake.base_url, "token": fake.token, "organization": ORGANIZATION}
        # Flushed: a program that starts the fake reads this line through a pipe.
        print(json.dumps(first), flush=True)
        await stop.wait()


def command_line() -> argparse.ArgumentParser:
    """Returns the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m aioturso.testing",
        description=__doc__,
        epilog=_FAULTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to serve at (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--empty", action="store_true", help="only the organization, nothing in it")
    parser.add_argument(
        "--size", type=int, default=0, metavar="N", help="add N databases preview-1 ... preview-N"
    )
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="delay every answer")
    parser.add_argument("--faults", metavar="JSON", help="faults to inject, see below")
    return parser


def furnished(arguments: argparse.Namespace) -> FakeTurso:
    """Returns the fake that the command line describes; raises ValueError, TypeError or OSError for no such one."""
    if not 0 <= arguments.port <= 65535:
        raise ValueError(f"there is no port {arguments.port}")
    if arguments.size < 0 or (arguments.size and arguments.empty):
        raise ValueError("--size is a number of databases, and not for --empty")
    fake = FakeTurso(host=arguments.host, port=arguments.port, latency=arguments.latency)
    fake.add_organization(ORGANIZATION)
    if not arguments.empty:
        add_demo_world(fake, arguments.size)
    if arguments.faults:
        inject_all(fake, arguments.faults)
    return fake


def main() -> None:
    """Reads the command line and serves."""
    parser = command_line()
    arguments = parser.parse_args()
    try:
        fake = furnished(arguments)
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    except (ValueError, TypeError, AttributeError) as error:
        parser.error(str(error))
    try:
        asyncio.run(serve(fake))
    except OSError as error:
        parser.error(f"cannot serve on {arguments.host}, port {arguments.port}: {error.strerror}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
