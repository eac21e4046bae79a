"""What to ask, as data, and what a call has sent so far."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

from attrs import define, field, frozen
from yarl import URL

from .errors import TursoError

T = TypeVar("T")
Names = tuple[str, ...]
Stream = Callable[[], AsyncIterator[bytes]]  # from the start for each attempt
_NAME = re.compile(r"\{(\w+)\}")


@frozen(eq=False)
class Operation(Generic[T]):
    """One operation of the Platform API.

    `path` is a template whose names each call gives in order. `result` turns an answer's bytes (and the
    names it was asked for) into the call's value. `gone`: the kinds of resource whose 404, after an attempt
    that may have been applied, means that the operation has worked. `unknown`: what to say after "it may have"
    when no answer told, with names of the path and fields of the body in braces.
    """

    name: str
    method: str
    path: str
    result: Callable[[bytes, Names], T]
    gone: tuple[str, ...] = ()
    unknown: str = ""
    labels: Names = field(init=False)
    template: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        parts = _NAME.split(self.path)
        object.__setattr__(self, "labels", tuple(parts[1::2]))
        object.__setattr__(self, "template", "%s".join(parts[0::2]))

    @property
    def repeatable(self) -> bool:
        """May it be sent again after an attempt that may have been applied?"""
        return self.method != "POST"

    def advice(self, names: Names, body: object) -> str:
        """How to find out whether an attempt without a usable answer has worked."""
        fields = {**dict(zip(self.labels, names, strict=True)), **(body if isinstance(body, Mapping) else {})}
        return f"it may have {self.unknown.format_map(fields)}"


@define
class Request:
    """An operation with its names filled in: what every attempt of one call sends.

    `token`: another than the client's own; empty: none is sent. `timeout`: seconds, instead of the client's.
    """

    operation: Operation[Any]
    url: URL
    body: bytes | Stream | None = field(repr=False)
    token: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    timeout: float | None = None


@define
class CallState:
    """Mutable, one per call: what has been sent so far, and what came of it.

    `attempts` counts sends on the wire; `unanswered`: one is out at this moment; `status`: of the last answer;
    `confirmed_by`: the kind of resource whose absence confirmed an earlier attempt without a usable answer.
    Times are of `time.monotonic`, in seconds, from when the call first held a pool slot.
    """

    attempts: int = 0
    unanswered: bool = False
    maybe_applied: bool = False
    reauthorized: bool = False
    status: int = 0
    confirmed_by: str | None = None
    started: float = 0.0
    deadline: float = 0.0
    last: TursoError | None = None


Attempt = Callable[[Request, CallState], Awaitable[bytes]]
"""One send: the body of a 2xx answer, or an error of ours."""
