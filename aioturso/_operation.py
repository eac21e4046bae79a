"""Requests as data: an operation of the API, and a request that fills in its names."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

from attrs import Factory, define, evolve, field, frozen
from yarl import URL

from .errors import Facts
from .settings import Timeout

T = TypeVar("T")
U = TypeVar("U")
Names = tuple[str, ...]
Stream = Callable[[], AsyncIterator[bytes]]  # from the start for each attempt
Guard = Callable[[], Awaitable[str | None]]
"""Looks, before a request is sent again that may have taken effect or after a long wait, at what has the name now.

Returns None when it is still what was meant; else why nothing is to be sent again. Raises when it cannot know.
"""
RESOURCES = ("instance", "database", "group", "organization", "member", "invite", "token", "location", "user")
"""The kinds of resource that answers name."""
_NAME = re.compile(r"\{(\w+)\}")


@frozen(eq=False)
class Operation(Generic[T]):
    """One operation of the Platform API.

    - `path`: a template, whose names each call gives in order
    - `result`: turns an answer's bytes, and the names of the request, into the call's value
    - `gone`: the kinds of resource whose 404, after an attempt that may have taken effect, means that it has worked
    - `unknown`: completes "it may have ..." in the error of a call whose outcome is unknown, with names of the path and
      fields of the body in braces
    - `repeatable`: it may be sent again after an attempt that may have taken effect; a POST only where each call has a
      guard
    - `labels`: the names of the template; `scoped`: whether the first of them is the organization of the calls
    """

    name: str
    method: str
    path: str
    result: Callable[[bytes, Names], T]
    gone: tuple[str, ...] = ()
    unknown: str = ""
    repeatable: bool = field(default=Factory(lambda self: self.method != "POST", takes_self=True))
    labels: Names = field(init=False)
    scoped: bool = field(init=False)
    template: str = field(init=False)

    def read_by(self, result: Callable[[bytes, Names], U]) -> Operation[U]:
        """Returns the same operation, whose answer is read in another way."""
        return evolve(self, result=result)  # type: ignore[arg-type, return-value]  # mypy keeps the type of the value

    @labels.default
    def _labels(self) -> Names:
        return tuple(_NAME.findall(self.path))

    @scoped.default
    def _scoped(self) -> bool:
        return self.labels[:1] == ("organization",)

    @template.default
    def _template(self) -> str:
        return _NAME.sub("%s", self.path)


@define
class Request:
    """An operation with its names filled in: what every attempt of one call sends.

    `content`: the body before it was encoded. `token`: another than the client's own; empty: none is sent.
    `guard`: looks before the request is sent again, or late.
    """

    operation: Operation[Any]
    names: Names
    url: URL
    timeout: Timeout
    body: bytes | Stream | None = field(default=None, repr=False)
    content: object = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    guard: Guard | None = field(default=None, repr=False)

    def __str__(self) -> str:
        facts = self.facts()
        target, organization = facts["target"], facts["organization"]
        about = f" {target}" if target else ""
        return f"{self.operation.name}{about}{f' (organization {organization})' if organization else ''}"

    @property
    def named(self) -> dict[str, str]:
        """Each name of the path under its label."""
        return dict(zip(self.operation.labels, self.names, strict=True))

    def facts(self) -> Facts:
        """Returns the facts that each error of this call has."""
        # Pairs, and not `named`: a request of the caller's own has one label for all its segments.
        labelled = list(zip(self.operation.labels, self.names, strict=True))
        # `organization_id` of the paths of /v3 too.
        target = "/".join(name for label, name in labelled if not label.startswith("organization"))
        # The path of a create does not name what it creates.
        created = self.content.get("name") if isinstance(self.content, Mapping) else None
        return Facts(
            operation=self.operation.name,
            organization=next((name for label, name in labelled if label.startswith("organization")), None),
            target=target or (created if isinstance(created, str) else None),
            host=self.url.host,
        )

    def advice(self) -> str:
        """Returns the sentence that names the call which checks an unknown outcome."""
        fields = self.content if isinstance(self.content, Mapping) else {}
        return f"it may have {self.operation.unknown.format_map({**self.named, **fields})}"
