"""A kind of target, as a teardown sees it, and which answers may be about one of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from .._operation import Operation
from ..errors import DecodeError, NotFoundError
from .engine import Engine
from .targets import Candidate, Target


class Kindred(Protocol):
    """A kind of target: how it is listed, found and deleted."""

    remove: Operation[str]

    async def again(self, engine: Engine, targets: Iterable[Target]) -> list[Candidate]:
        """Returns all that is there now where these targets are."""
        ...

    async def find(self, engine: Engine, target: Target) -> Candidate | None:
        """Returns what has the target's name now; None when the platform answers that there is nothing."""
        ...


def expect_gone(error: NotFoundError, remove: Operation[Any]) -> None:
    """Raises a 404 that is not about what the operation removes."""
    # As from a missing route, or a proxy: it is no absence.
    if error.resource not in remove.gone:
        raise error


def expect_name(listed: str, asked: str) -> None:
    """Raises DecodeError for an answer about another one than the request."""
    if listed != asked:
        raise DecodeError("the answer is about another one than the request")
