"""What to ask, as data; what came back; and what a call has sent so far."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from attrs import define, field, frozen

from .errors import TursoError

T = TypeVar("T")
Names = tuple[str, ...]
_NAME = re.compile(r"\{(\w+)\}")


@frozen
class Operation(Generic[T]):
    """One operation of the Platform API.

    `path` is a template whose names each call gives in order. `result` turns an answer's bytes (and the
    names it was asked for) into the call's value. `gone`: the kinds of resource whose 404, after an attempt
    that may have been applied, means that the operation has worked.
    """

    name: str
    method: str
    path: str
    result: Callable[[bytes, Names], T]
    gone: tuple[str, ...] = ()
    labels: Names = field(init=False)
    fixed: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        parts = _NAME.split(self.path)
        object.__setattr__(self, "labels", tuple(parts[1::2]))
        object.__setattr__(self, "fixed", tuple(parts[0::2]))

    @property
    def repeatable(self) -> bool:
        """May it be sent again after an attempt that may have been applied?"""
        return self.method != "POST"


@frozen
class Answer:
    """A success. `confirmed_by`: the kind of resource whose absence confirmed an earlier, unanswered attempt."""

    status: int
    body: bytes
    confirmed_by: str | None = None


@define
class CallState:
    """Mutable, one per call. `attempts` counts sends on the wire; `unanswered`: one is out at this moment."""

    attempts: int = 0
    unanswered: bool = False
    maybe_applied: bool = False
    reauthorized: bool = False
    deadline: float | None = None
    last: TursoError | None = None

    def remaining(self) -> float:
        """Seconds left for the whole call."""
        return float("inf") if self.deadline is None else self.deadline - time.monotonic()
