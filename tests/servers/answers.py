"""A server as fast as Python allows, for counting what a call costs."""

from __future__ import annotations

import asyncio
from typing import Any


class Answers(asyncio.Protocol):
    """Answers that the path's last name is deleted, or not found, and makes no reference cycles."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport  # uvloop's derives from none of asyncio's

    def data_received(self, data: bytes) -> None:
        name = data.split(b" ", 2)[1].rpartition(b"/")[2]
        gone = name.startswith(b"gone")
        body = b'{"error":"instance not found"}' if gone else b'{"instance":"%s"}' % name
        status = b"404 Not Found" if gone else b"200 OK"
        self.transport.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))

    def connection_lost(self, error: Exception | None) -> None:
        del self.transport
