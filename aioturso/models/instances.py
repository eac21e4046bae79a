"""Instances of a database."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Instance:
    """An instance. `type` is `primary` or `replica`; `region` is the location code, None when not told."""

    name: str
    uuid: str | None = None
    type: str | None = None
    region: str | None = None
    hostname: str | None = None
