"""Groups of databases."""

from __future__ import annotations

from attrs import frozen

from . import Model


@frozen(kw_only=True)
class Group(Model):
    """A group: its databases live in its `locations` (codes), of which `primary` is one. None: not told."""

    name: str
    uuid: str | None = None
    locations: tuple[str, ...] = ()
    primary: str | None = None
    version: str | None = None
    delete_protection: bool | None = None
    archived: bool | None = None


@frozen(kw_only=True)
class GroupConfiguration(Model):
    """A group's settings."""

    delete_protection: bool | None = None
