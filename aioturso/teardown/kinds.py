"""A kind of target, as a teardown sees it, and which answers may be about one of it."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Any, Protocol

from .._account import is_gone
from .._decode import N, expect_name
from .._operation import Operation
from ..errors import APIError, DecodeError, NotFoundError, ProtocolError
from .engine import Engine
from .targets import Candidate, Target

UNDECIDED = (APIError, DecodeError, ProtocolError)
"""Errors of a look after which one thing alone is not known; any other error would hit the other looks too."""


class KindOfTarget(Protocol):
    """A kind of target: how it is listed, found and deleted."""

    remove: Operation[str]

    async def again(self, engine: Engine, targets: Iterable[Target]) -> list[Candidate]:
        """Lists again what these targets were found in, and returns all of it."""
        ...

    async def find(self, engine: Engine, target: Target) -> Candidate | None:
        """Returns what has the target's name now; None when the platform answers that there is nothing."""
        ...


async def find_named(look: Awaitable[N], remove: Operation[Any], name: str) -> N | None:
    """Returns what has the name; None for the API's own 404 about what `remove` removes. Raises for other answers."""
    try:
        return expect_name(await look, name)
    except NotFoundError as error:
        # From a missing route, or from a proxy, it is no absence.
        if not is_gone(error, remove):
            raise
        return None
