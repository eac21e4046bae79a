"""Groups of databases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from . import DECIDES, IDENTIFIES, Model
from .databases import Database


@frozen(kw_only=True)
class LocationStatus(Model):
    """The `status` of a group's location, `up` or `down`; `name` is its code."""

    name: str
    status: str | None = None


@frozen(kw_only=True)
class GroupStatus(Model):
    """The status of each location of a group."""

    locations: tuple[LocationStatus, ...] = ()


@frozen(kw_only=True)
class Group(Model):
    """A group: its databases live in its `locations` (codes); `primary` is one of them. None: not in the answer."""

    name: str
    uuid: str | None = field(default=None, metadata=IDENTIFIES)
    locations: tuple[str, ...] = field(default=(), metadata=DECIDES)
    primary: str | None = field(default=None, metadata=DECIDES)
    version: str | None = None
    delete_protection: bool | None = field(default=None, metadata=DECIDES)
    archived: bool | None = None
    status: GroupStatus | None = None


@frozen(kw_only=True)
class DeletedGroup(Model):
    """A group that was deleted and can be restored by its `uuid` within five days.

    `cascade_databases` is how many databases come back with it.
    """

    name: str
    uuid: str | None = field(default=None, metadata=IDENTIFIES)
    deleted_at: datetime | None = None
    cascade_databases: int | None = None


@frozen(kw_only=True)
class RestoredGroup(Model):
    """A restored group with the databases that came back; `failures` has the UUID of each other one, and why."""

    group: Group
    databases: tuple[Database, ...] = ()
    failures: Mapping[str, str] = field(factory=dict, hash=False, metadata=DECIDES)


@frozen(kw_only=True)
class GroupConfiguration(Model):
    """A group's settings."""

    delete_protection: bool | None = field(default=None, metadata=DECIDES)


@frozen(kw_only=True)
class GroupMigration(Model):
    """A group's move to AWS. `status` is `none`, `pending`, `finished` or `aborted`; `comment` is for people."""

    status: str
    comment: str | None = None
