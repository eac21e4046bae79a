"""A request without a network, and two of the ways in which it fails."""

from __future__ import annotations

from typing import Any

from yarl import URL

from aioturso import OutcomeUnknownError, Timeout
from aioturso._operation import Guard, Request
from aioturso.api.instances import DESTROY

LOST = OutcomeUnknownError("lost")


def request(operation: Any = DESTROY, guard: Guard | None = None) -> Request:
    names = tuple("x" for _ in operation.labels)
    return Request(operation, names, URL("https://h/"), Timeout(), guard=guard)
