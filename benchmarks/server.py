"""The server of the benchmarks, in its own process: it must not be the bottleneck, and prints its own processor time.

`python -m benchmarks.server [delay in seconds]` prints its port. It answers every delete with a success. A database
named `n5000` has 5,000 replicas in `fra` beside its primary. An organization named `m300-n333` has 300 databases,
`n333-0` and so on, each of 333 replicas.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from uuid import NAMESPACE_DNS, uuid5

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


def _instance(name: str, kind: str, region: str) -> dict[str, str]:
    return {
        "uuid": str(uuid5(NAMESPACE_DNS, name)),
        "name": name,
        "type": kind,
        "region": region,
        "hostname": f"{name}.{region}.turso.io",
    }


@cache
def _instances(count: int) -> bytes:
    listed = [_instance("primary", "primary", "iad")]
    listed += [_instance(f"i{number}", "replica", "fra") for number in range(count)]
    return json.dumps({"instances": listed}).encode()


def _database(name: str) -> dict[str, object]:
    return {
        "Name": name,
        "DbId": str(uuid5(NAMESPACE_DNS, name)),
        "Hostname": f"{name}.turso.io",
        "block_reads": False,
        "block_writes": False,
        "allow_attach": False,
        "regions": ["iad", "fra"],
        "primaryRegion": "iad",
        "type": "logical",
        "version": "0.24.32",
        "group": "",
        "is_schema": False,
        "schema": "",
        "archived": False,
        "sleeping": False,
        "delete_protection": False,
        "parent": None,
    }


def _databases(organization: str, query: str) -> bytes:
    """One page; a cursor is the number of the first one on its page."""
    count, _, kind = organization.removeprefix("m").partition("-")
    asked = dict(part.partition("=")[::2] for part in query.split("&"))
    first, limit = int(asked.get("cursor", 0)), int(asked["limit"])
    last = min(first + limit, int(count))
    listed = [_database(f"{kind or 'preview'}-{number}") for number in range(first, last)]
    following = str(last) if last < int(count) else None
    return json.dumps({"databases": listed, "pagination": {"next": following}}).encode()


def answer(method: bytes, path: bytes) -> bytes:
    """The body of an answer."""
    path, _, query = path.partition(b"?")
    last = path.rpartition(b"/")[2]
    if method == b"DELETE":
        return b'{"instance":"%s"}' % last
    if last == b"instances":
        return _instances(int(path.split(b"/")[-2][1:].partition(b"-")[0]))
    if last == b"databases":
        return _databases(path.split(b"/")[-2].decode(), query.decode())
    if last == b"groups":
        return b'{"groups":[]}'
    if b"/instances/" in path:
        return json.dumps({"instance": _instance(last.decode(), "replica", "fra")}).encode()
    if b"/databases/" in path:
        return b'{"database":{"Name":"%s","DbId":"id"}}' % last
    return b"%f" % time.process_time()


class Server(asyncio.Protocol):
    """One connection."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]  # uvloop's is one, not by class

    def data_received(self, data: bytes) -> None:
        data = self.rest + data
        while (end := data.find(b"\r\n\r\n")) >= 0:
            method, path, _ = data[:end].split(b" ", 2)
            data = data[end + 4 :]
            body = answer(method, path)
            whole = _HEAD % (len(body), body)
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self.transport.write, whole)
            else:
                self.transport.write(whole)
        self.rest = data


async def serve(delay: float) -> None:
    """Serve until the process ends."""
    server = await asyncio.get_running_loop().create_server(
        lambda: Server(delay), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    loop = import_module("uvloop" if find_spec("uvloop") else "asyncio")
    with asyncio.Runner(loop_factory=loop.new_event_loop) as runner:
        runner.run(serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
