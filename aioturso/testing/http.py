"""Requests and answers on the socket: reading a body, and failing in each of the scripted ways."""

from __future__ import annotations

import asyncio
import socket
import struct
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from http import HTTPStatus

from aiohttp import web

from .faults import Fault
from .routes import Answer, find
from .state import File


async def read_body(request: web.BaseRequest) -> bytes | File:
    """Returns the body; of an uploaded file only its beginning, length and digest."""
    route = find(request.method, request.rel_url.raw_path)
    upload = route is not None and route.body == "file"
    kept, size, digest = bytearray(), 0, sha256()
    async for chunk in request.content.iter_any():
        size += len(chunk)
        kept += chunk[: 100 - len(kept)] if upload else chunk
        if upload:
            digest.update(chunk)
    if upload:
        return File(header=bytes(kept), size=size, sha256=digest.hexdigest())
    return bytes(kept)


def succeed(real: Answer, now: datetime) -> web.Response:
    """Returns an answer as it is, with the time of its server."""
    date = {"Date": format_datetime(now, usegmt=True)}
    return web.Response(status=real.status, body=real.body, content_type=real.content_type, headers=date)


async def fail(
    request: web.BaseRequest, fault: Fault, real: Answer, stopping: asyncio.Event
) -> web.StreamResponse:
    """Lets a fault happen to a request whose answer would be `real`."""
    if fault.kind == "status":
        headers = {"Content-Type": "application/json", **fault.headers}
        return web.Response(status=fault.code, body=fault.body, headers=headers)
    phrase = HTTPStatus(real.status).phrase
    head = f"HTTP/1.1 {real.status} {phrase}\r\nContent-Type: application/json\r\n"
    match fault.kind:
        case "hang":
            await stopping.wait()  # a stop closes the connection
        case "raw":
            return closed(request, fault.body)
        case "cut_headers":
            return closed(request, f"{head}Content-Len".encode())
        case "truncate":
            # At least one byte must be missing.
            length = max(2, len(real.body))
            head += f"Content-Length: {length}\r\n\r\n"
            return closed(request, head.encode() + real.body[: length // 2])
        case "reset":
            return _reset(request)
    return closed(request)


def closed(request: web.BaseRequest, data: bytes = b"") -> web.StreamResponse:
    """Writes these bytes and closes; what is returned cannot be written any more."""
    if request.transport is not None:
        request.transport.write(data)
        request.transport.close()
    return web.Response()


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    """Closes with a reset: a socket that does not linger sends RST instead of FIN."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()
