"""Records: organizations, groups, databases, instances, what was deleted of them, and tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from attrs import define, field

from .minting import new_uuid, opaque_id
from .places import on_aws

# https://docs.turso.tech/features/recover-deleted-databases
RECOVERY = timedelta(days=5)
# The vendor's command line knows a group on AWS by this version:
# https://github.com/tursodatabase/turso-cli/blob/main/internal/cmd/group.go
_VERSION, _AWS_VERSION = "v0.24.32", "tech-preview"


def version_at(location: str) -> str:
    """Returns the version that groups and databases have at a location."""
    return _AWS_VERSION if on_aws(location) else _VERSION


@define(kw_only=True)
class Usage:
    """Holds what an instance has used; set it to what a test needs."""

    rows_read: int = 0
    rows_written: int = 0
    storage_bytes: int = 4096
    bytes_synced: int = 0


@define
class FakeInstance:
    """An instance of the fake."""

    name: str
    type: str
    region: str
    hostname: str
    uuid: str = field(factory=new_uuid)
    usage: Usage = field(factory=Usage)


@define(kw_only=True)
class Upload:
    """Holds the length and the SHA-256 of a database file that arrived."""

    size: int
    sha256: str


def _configuration() -> dict[str, Any]:
    return {
        "size_limit": "10000",
        "allow_attach": True,
        "block_reads": False,
        "block_writes": False,
        "delete_protection": False,
        "allowed_ips": [],
        "allowed_aws_vpc_ids": [],
    }


def _queries() -> list[dict[str, Any]]:
    return [{"query": "SELECT COUNT(*) FROM orders", "rows_read": 123, "rows_written": 0}]


@define(kw_only=True)
class FakeDatabase:
    """A database of the fake; one in a group refuses instance destruction."""

    name: str
    organization: str
    group: str | None = None
    uuid: str = field(factory=new_uuid)
    serial: int = 0
    version: str = _VERSION
    engine: str = "libsql"
    configuration: dict[str, Any] = field(factory=_configuration)
    top_queries: list[dict[str, Any]] = field(factory=_queries)
    instances: dict[str, FakeInstance] = field(factory=dict)
    sleeping: bool = False
    is_schema: bool = False
    schema: str | None = None
    parent: dict[str, Any] | None = None
    cipher: str | None = None
    awaits_upload: bool = False
    upload: Upload | None = None
    keys: int = 1
    _numbers: dict[str, int] = field(factory=dict)

    def add(self, location: str, kind: str) -> FakeInstance:
        """Adds an instance; its name is its location, with a number from the second on, never used again."""
        number = self._numbers[location] = self._numbers.get(location, 0) + 1
        name = location if number == 1 else f"{location}-{number}"
        host = f"{name}-{self.name}-{self.organization}.turso.invalid"
        self.instances[name] = FakeInstance(name, kind, location, host)
        return self.instances[name]

    def remove_location(self, location: str) -> None:
        """Removes every instance there; when the location comes back, its names start from the first again."""
        self._numbers.pop(location, None)
        self.instances = {name: i for name, i in self.instances.items() if i.region != location}

    @property
    def primary(self) -> FakeInstance | None:
        """The instance that cannot be destroyed."""
        return next((i for i in self.instances.values() if i.type == "primary"), None)

    @property
    def protected(self) -> bool:
        """Whether it is protected against deletion."""
        return bool(self.configuration["delete_protection"])


@define(kw_only=True)
class FakeGroup:
    """A group of the fake: its databases have an instance in each of its locations.

    `down` holds the locations whose status is `down`. `migration` is the status of the move to AWS, and
    `migration_ends` the time at which a pending one is finished.
    """

    name: str
    primary: str
    locations: list[str]
    uuid: str = field(factory=new_uuid)
    version: str = _VERSION
    delete_protection: bool = False
    archived: bool = False
    down: set[str] = field(factory=set)
    migration: str = "none"
    migration_ends: datetime | None = None
    keys: int = 1


@define(kw_only=True)
class _Deleted:
    """Something that was deleted `at` a time; `paid`: in an organization whose plan has recovery."""

    at: datetime
    paid: bool = True

    def restorable(self, now: datetime) -> bool:
        """Returns whether it can still be brought back."""
        return self.paid and now < self.at + RECOVERY


@define(kw_only=True)
class DeletedDatabase(_Deleted):
    """A database that was deleted; `group` is the record of its group, `with_group` when that was deleted with it."""

    database: FakeDatabase
    group: FakeGroup | None
    with_group: bool = False


@define(kw_only=True)
class DeletedGroup(_Deleted):
    """A group that was deleted."""

    group: FakeGroup


@define(kw_only=True)
class FakeOrganization:
    """An organization of the fake. `members` and `invites` are keyed by username and e-mail address.

    `plan` is one of `starter` (free), `developer`, `scaler` and `pro`. `payment_method` is whether one is known.
    """

    slug: str
    name: str
    type: str = "team"
    uuid: str = field(factory=new_uuid)
    plan: str = "scaler"
    timeline: str = "monthly"
    overages: bool = False
    require_mfa: bool = False
    restore_enabled: bool = True
    payment_method: bool = True
    stripe_id: str = ""
    customer: dict[str, Any] = field(factory=dict)
    databases: dict[str, FakeDatabase] = field(factory=dict)
    groups: dict[str, FakeGroup] = field(factory=dict)
    deleted_databases: dict[str, DeletedDatabase] = field(factory=dict)
    deleted_groups: dict[str, DeletedGroup] = field(factory=dict)
    members: dict[str, dict[str, Any]] = field(factory=dict)
    invites: dict[str, dict[str, Any]] = field(factory=dict)
    jwks: dict[str, dict[str, str]] = field(factory=dict)
    audit_logs: list[dict[str, Any]] = field(factory=list)

    @property
    def paid(self) -> bool:
        """Whether its plan is one that is paid for."""
        return self.plan != "starter"

    def in_group(self, group: str) -> list[FakeDatabase]:
        """Returns the databases of a group."""
        return [database for database in self.databases.values() if database.group == group]


@define(kw_only=True)
class ApiToken:
    """A platform token; `organization`, and `group` with `scopes`, restrict it."""

    name: str
    value: str = field(repr=False)
    owner: str
    created_at: str
    organization: str | None = None
    group: str | None = None
    scopes: tuple[str, ...] = ()
    exp: int = -1
    id: str = field(factory=opaque_id)


@define(kw_only=True)
class Credential:
    """A database token: for one database, or for a group's; good until their keys are rotated."""

    database: str | None
    group: str | None
    database_keys: int
    group_keys: int
    authorization: str
    exp: int | None
