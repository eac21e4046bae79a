"""What the client makes of an answer, without a server."""

from __future__ import annotations

from multidict import CIMultiDict
from yarl import URL

from aioturso import Timeout, TursoError, _decode, _refusals
from aioturso._operation import Operation, Request

DESTROY = Operation("op", "DELETE", "/databases/{database}/instances/{instance}", _decode.nothing)


def refused(
    status: int, body: bytes, *headers: tuple[str, str], database: str = "X", instance: str = "I"
) -> TursoError:
    """The error for an answer to the destruction of an instance."""
    request = Request(DESTROY, (database, instance), URL("https://host/"), Timeout())
    return _refusals.refusal(request, status, body, CIMultiDict(headers), "secret", 0.0)
