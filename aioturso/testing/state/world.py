"""What exists: organizations, their groups, databases, instances and members, and the tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from attrs import define, field

from .minting import opaque_id, signed

LOCATIONS = {
    "ams": "Amsterdam, Netherlands",
    "arn": "Stockholm, Sweden",
    "bog": "Bogotá, Colombia",
    "bom": "Mumbai, India",
    "cdg": "Paris, France",
    "dfw": "Dallas, Texas (US)",
    "ewr": "Secaucus, New Jersey (US)",
    "fra": "Frankfurt, Germany",
    "gru": "São Paulo, Brazil",
    "hkg": "Hong Kong, Hong Kong",
    "iad": "Ashburn, Virginia (US)",
    "jnb": "Johannesburg, South Africa",
    "lax": "Los Angeles, California (US)",
    "lhr": "London, United Kingdom",
    "mad": "Madrid, Spain",
    "nrt": "Tokyo, Japan",
    "ord": "Chicago, Illinois (US)",
    "scl": "Santiago, Chile",
    "sea": "Seattle, Washington (US)",
    "sin": "Singapore, Singapore",
    "sjc": "San Jose, California (US)",
    "syd": "Sydney, Australia",
    "waw": "Warsaw, Poland",
    "yyz": "Toronto, Canada",
    "aws-ap-northeast-1": "AWS AP NorthEast (Tokyo)",
    "aws-ap-south-1": "AWS AP South (Mumbai)",
    "aws-eu-west-1": "AWS EU West (Ireland)",
    "aws-us-east-1": "AWS US East (Virginia)",
    "aws-us-east-2": "AWS US East (Ohio)",
    "aws-us-west-2": "AWS US West (Oregon)",
}
VERSION = "v0.24.32"


class Refusal(Exception):
    """The platform says no: an HTTP status and the text of its JSON error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status: int = status
        self.message: str = message


def stamp(moment: datetime) -> str:
    """A time as the platform writes it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _uuid() -> str:
    return str(uuid4())


@define(kw_only=True)
class Usage:
    """What an instance has used; set it to what a test needs."""

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
    uuid: str = field(factory=_uuid)
    usage: Usage = field(factory=Usage)


@define(kw_only=True)
class Upload:
    """A database file that arrived: how long it was, and its SHA-256."""

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
    uuid: str = field(factory=_uuid)
    serial: int = 0
    version: str = VERSION
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
        """One more instance; its name is its location, with a number from the second on, never used again."""
        number = self._numbers[location] = self._numbers.get(location, 0) + 1
        name = location if number == 1 else f"{location}-{number}"
        host = f"{name}-{self.name}-{self.organization}.turso.invalid"
        self.instances[name] = FakeInstance(name, kind, location, host)
        return self.instances[name]

    def remove_location(self, location: str) -> None:
        """Remove every instance there; should it come back, its names start anew."""
        self._numbers.pop(location, None)
        self.instances = {name: i for name, i in self.instances.items() if i.region != location}

    @property
    def primary(self) -> FakeInstance | None:
        """The instance that cannot be destroyed."""
        return next((i for i in self.instances.values() if i.type == "primary"), None)

    @property
    def protected(self) -> bool:
        """Is it protected against deletion?"""
        return bool(self.configuration["delete_protection"])


@define(kw_only=True)
class FakeGroup:
    """A group of the fake: its databases have an instance in each of its locations."""

    name: str
    primary: str
    locations: list[str]
    uuid: str = field(factory=_uuid)
    version: str = VERSION
    delete_protection: bool = False
    archived: bool = False
    keys: int = 1


@define(kw_only=True)
class FakeOrganization:
    """An organization of the fake. `members` and `invites` are keyed by username and e-mail address."""

    slug: str
    name: str
    type: str = "team"
    uuid: str = field(factory=_uuid)
    overages: bool = False
    require_mfa: bool = False
    databases: dict[str, FakeDatabase] = field(factory=dict)
    groups: dict[str, FakeGroup] = field(factory=dict)
    members: dict[str, dict[str, Any]] = field(factory=dict)
    invites: dict[str, dict[str, Any]] = field(factory=dict)
    audit_logs: list[dict[str, Any]] = field(factory=list)

    def in_group(self, group: str) -> list[FakeDatabase]:
        """The databases of a group."""
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
    """A database token: for one database, or for a group's; good as long as their keys are not rotated."""

    database: str | None
    group: str | None
    database_keys: int
    group_keys: int
    authorization: str
    exp: int | None


def _now() -> datetime:
    return datetime.now(UTC)


@define(kw_only=True)
class State:
    """The platform. `clock` tells the time; `host` is where databases are reached, once something serves them."""

    clock: Callable[[], datetime] = _now
    host: str | None = None
    conflict_status: int = 409
    username: str = "alice"
    strangers: set[str] = field(factory=lambda: {"nobody"})
    locations: dict[str, str] = field(factory=LOCATIONS.copy)
    organizations: dict[str, FakeOrganization] = field(factory=dict)
    root: ApiToken = field(init=False)
    api_tokens: dict[str, ApiToken] = field(factory=dict)
    bearers: dict[str, ApiToken] = field(factory=dict, repr=False)
    credentials: dict[str, Credential] = field(factory=dict, repr=False)
    _serial: int = 0

    def __attrs_post_init__(self) -> None:
        now = self.clock()
        expiry = int((now + timedelta(days=365)).timestamp())
        self.root = ApiToken(
            name="session", value=signed({}), owner=self.username, created_at=f"{now:%Y-%m-%d}", exp=expiry
        )

    def number(self) -> int:
        """A number larger than any before."""
        self._serial += 1
        return self._serial

    def add_organization(self, slug: str) -> FakeOrganization:
        """The organization, made unless it exists."""
        found = self.organizations.get(slug)
        if found is None:
            found = self.organizations[slug] = FakeOrganization(slug=slug, name=slug)
            found.members[self.username] = self.member(self.username, "owner")
        return found

    def add_group(
        self, organization: str, name: str, locations: list[str], primary: str | None = None
    ) -> FakeGroup:
        """A group in these locations, the first of them its primary unless one is named."""
        for location in locations:
            self.locations.setdefault(location, location)
        group = FakeGroup(name=name, primary=primary or locations[0], locations=list(locations))
        self.add_organization(organization).groups[name] = group
        return group

    def add_database(
        self,
        name: str,
        organization: str,
        group: str | None,
        instances: Mapping[str, int] | None = None,
        primary: str | None = None,
    ) -> FakeDatabase:
        """A database with so many instances per location, or one in each of its group's locations."""
        owner = self.add_organization(organization)
        database = FakeDatabase(name=name, organization=organization, group=group, serial=self.number())
        if group is not None:
            found = owner.groups.get(group) or self.add_group(
                organization, group, list(instances or ("iad",)), primary
            )
            if instances is None:
                instances, primary = dict.fromkeys(found.locations, 1), primary or found.primary
        instances = {"iad": 1} if instances is None else instances
        first = primary or next(iter(instances), None)
        for location, count in instances.items():
            self.locations.setdefault(location, location)
            for number in range(count):
                database.add(location, "primary" if location == first and number == 0 else "replica")
        owner.databases[name] = database
        return database

    def member(self, username: str, role: str) -> dict[str, Any]:
        """A member as the platform shows one."""
        return {"username": username, "role": role, "email": f"{username}@example.com"}

    def hostname(self, database: FakeDatabase) -> str:
        """Where a database is reached: the fake's own address, whose upload tells databases by their token."""
        return self.host or f"{database.name}-{database.organization}.turso.invalid"

    def conflict(self, message: str) -> Refusal:
        """The refusal of what exists already."""
        return Refusal(self.conflict_status, message)

    def revoke(self, unwanted: Callable[[ApiToken], bool]) -> None:
        """Revoke the API tokens that are unwanted."""
        for token in [token for token in self.api_tokens.values() if unwanted(token)]:
            del self.api_tokens[token.name], self.bearers[token.value]

    def bearer(self, value: str) -> ApiToken:
        """The API token of that value, if it is good."""
        token = self.root if value == self.root.value else self.bearers.get(value)
        if token is None:
            raise Refusal(401, "could not parse jwt id")
        if token.exp != -1 and token.exp <= self.clock().timestamp():
            raise Refusal(401, "token is expired")
        return token

    def every_database(self) -> Iterator[tuple[FakeOrganization, FakeDatabase]]:
        """All databases of all organizations."""
        for organization in self.organizations.values():
            for database in organization.databases.values():
                yield organization, database

    def accepts(self, jwt: str, organization: FakeOrganization, database: FakeDatabase) -> bool:
        """Is this database token good for that database now?"""
        token = self.credentials.get(jwt)
        if token is None or (token.exp is not None and token.exp <= self.clock().timestamp()):
            return False
        group = organization.groups.get(database.group or "")
        if token.group_keys != (group.keys if group else 0):
            return False
        if token.database is not None:
            return (token.database, token.database_keys) == (database.uuid, database.keys)
        return group is not None and token.group == group.uuid
