"""An operation as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen


@frozen(kw_only=True)
class Operation:
    """What to ask. `gone`: the kinds of resource whose 404, after a lost answer, means that it worked."""

    name: str
    method: str
    path: tuple[str, ...]
    query: Mapping[str, str] | None = None
    json: Any = None
    repeatable: bool = True
    gone: tuple[str, ...] = ()
