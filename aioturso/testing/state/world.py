"""The state: what exists, who may see it, and the checks of what a test adds to it."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, field

from .clock import Clock
from .minting import new_uuid, signed
from .places import LOCATIONS, must_exist
from .records import (
    ApiToken,
    Credential,
    DeletedDatabase,
    DeletedGroup,
    FakeDatabase,
    FakeGroup,
    FakeOrganization,
    version_at,
)

ROLES = ("owner", "admin", "member", "viewer", "outsider")
PLANS = ("starter", "developer", "scaler", "pro")


class Refusal(Exception):
    """The platform refuses: an HTTP status, the text of its JSON error, and its code if it has one."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status: int = status
        self.message: str = message
        self.code: str | None = code


def stamp(moment: datetime) -> str:
    """Returns a time as the platform writes it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def with_nanoseconds(moment: datetime) -> str:
    """Returns a time as `branched_at` has it, with nine digits after the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}117Z"


def _named(kind: str, name: object) -> None:
    if not isinstance(name, str) or not name:
        raise ValueError(f"the name of {kind} must be a text that is not empty, not {name!r}")


def _there(names: Iterable[str]) -> str:
    return f"there are {', '.join(names) or 'none'}"


def _one_of(kind: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{kind} must be one of {', '.join(allowed)}, not {value!r}")


def _counted(instances: Mapping[str, int], locations: dict[str, str]) -> None:
    if not isinstance(instances, Mapping):
        raise ValueError(f"instances are a number for each location, not {instances!r}")
    for location, count in instances.items():
        must_exist(location, locations)
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ValueError(f"the number of instances in {location!r} must be 0 or more, not {count!r}")


def _first(instances: Mapping[str, int], primary: str | None) -> str | None:
    """Returns the location of the primary: the one that is named, or else the first with an instance."""
    first = primary or next((place for place, count in instances.items() if count), None)
    if first is not None and not instances.get(first):
        raise ValueError(f"the primary {first!r} has no instance: give it one in `instances`")
    return first


@define(kw_only=True)
class State:
    """The platform. `clock` returns the time; `host` is where databases are reached, once something serves them.

    `conflict_status` is the status of every "already exists"; None: the one that the platform has today.
    """

    clock: Callable[[], datetime] = field(factory=Clock)
    host: str | None = None
    conflict_status: int | None = None
    username: str = "alice"
    strangers: set[str] = field(factory=lambda: {"stranger"})
    locations: dict[str, str] = field(factory=LOCATIONS.copy)
    organizations: dict[str, FakeOrganization] = field(factory=dict)
    root: ApiToken = field(init=False)
    api_tokens: dict[str, ApiToken] = field(factory=dict)
    bearers: dict[str, ApiToken] = field(factory=dict, repr=False)
    credentials: dict[str, Credential] = field(factory=dict, repr=False)
    customers: dict[str, str] = field(factory=dict)
    dumps: dict[str, int] = field(factory=dict)
    uploads: dict[str, Any] = field(factory=dict, repr=False)
    valid_from: int = 0
    _serial: int = 0

    def __attrs_post_init__(self) -> None:
        now = self.clock()
        expiry = int((now + timedelta(days=365)).timestamp())
        self.root = ApiToken(
            name="session", value=signed({}), owner=self.username, created_at=f"{now:%Y-%m-%d}", exp=expiry
        )
        self.personal(self.username)

    def number(self) -> int:
        """Returns a number larger than any before."""
        self._serial += 1
        return self._serial

    def personal(self, username: str) -> FakeOrganization:
        """Returns the personal organization of a user; its slug is the username."""
        found = self.organizations.get(username)
        if found is None:
            found = FakeOrganization(slug=username, name="personal", type="personal")
            self.organizations[username] = found
            found.members[username] = self.member(username, "owner")
        return found

    def add_organization(
        self,
        slug: str,
        *,
        role: str | None = None,
        plan: str | None = None,
        restore_enabled: bool | None = None,
    ) -> FakeOrganization:
        """Returns the organization, made unless it exists, with what is given set."""
        _named("an organization", slug)
        _one_of("the role", role or "owner", ROLES)
        _one_of("the plan", plan or "scaler", PLANS)
        if slug not in self.organizations:
            self.organizations[slug] = FakeOrganization(slug=slug, name=slug)
            role = role or "owner"
        found = self.organizations[slug]
        if role is not None:
            found.members[self.username] = self.member(self.username, role)
        if role == "outsider":
            del found.members[self.username]
        found.plan = plan or found.plan
        if restore_enabled is not None:
            found.restore_enabled = restore_enabled
        return found

    def add_group(
        self, organization: str, name: str, locations: list[str], primary: str | None = None
    ) -> FakeGroup:
        """Adds a group in these locations, the first of them its primary unless one is named."""
        _named("a group", name)
        for location in locations:
            must_exist(location, self.locations)
        if not locations or len(set(locations)) < len(locations):
            raise ValueError(f"a group has one or more different locations, not {locations!r}")
        if primary is not None and primary not in locations:
            raise ValueError(f"the primary {primary!r} is not one of the locations {locations!r}")
        owner = self.add_organization(organization)
        if name in owner.groups:
            raise ValueError(f"there is a group {name!r} in {organization!r} already")
        first = primary or locations[0]
        owner.groups[name] = FakeGroup(
            name=name, primary=first, locations=list(locations), version=version_at(first)
        )
        return owner.groups[name]

    def add_database(
        self,
        name: str,
        organization: str,
        group: str | None,
        instances: Mapping[str, int] | None = None,
        primary: str | None = None,
        engine: str = "libsql",
    ) -> FakeDatabase:
        """Adds a database with so many instances per location, or one in each of its group's locations."""
        _named("a database", name)
        _counted(instances or {}, self.locations)
        owner = self.add_organization(organization)
        if name in owner.databases:
            raise ValueError(f"there is a database {name!r} in {organization!r} already")
        if group is not None:
            instances, primary = self._in_group(owner, group, instances, primary)
        instances = {"iad": 1} if instances is None else instances
        first = _first(instances, primary)
        made = FakeDatabase(
            name=name,
            organization=organization,
            group=group,
            uuid=new_uuid(tursodb=engine == "tursodb"),
            serial=self.number(),
            version=version_at(first or ""),
            engine=engine,
        )
        for location, count in instances.items():
            for number in range(count):
                made.add(location, "primary" if location == first and number == 0 else "replica")
        owner.databases[name] = made
        return made

    def _in_group(
        self, owner: FakeOrganization, group: str, instances: Mapping[str, int] | None, primary: str | None
    ) -> tuple[Mapping[str, int], str | None]:
        """Returns the instances and the primary of a database in a group, which is added unless it exists."""
        found = owner.groups.get(group)
        if found is None:
            found = self.add_group(owner.slug, group, list(instances or ("iad",)), primary)
        if instances is None:
            return dict.fromkeys(found.locations, 1), primary or found.primary
        if outside := set(instances) - set(found.locations):
            raise ValueError(f"group {group!r} has no location {min(outside)!r}")
        return instances, primary

    def record_creation(self, organization: str, code: str, at: datetime | None, **data: Any) -> datetime:
        """Puts a creation into the audit log, at its time, and returns that."""
        now = self.clock()
        at = now if at is None else at
        if not isinstance(at, datetime) or at.tzinfo is None or at > now:
            raise ValueError(f"created_at is a time with a zone, and not in the future: {at}")
        logs = self.organizations[organization].audit_logs
        record = {
            "code": code,
            "message": "",
            "origin": "web",
            "author": self.username,
            "created_at": stamp(at.astimezone(UTC)),
            "data": data,
        }
        # The log is read by time, and a creation may be put into the past.
        insort(logs, record, key=lambda log: str(log["created_at"]))
        return at

    def make_branch(self, database: FakeDatabase, parent: str, at: datetime) -> None:
        """Makes a database a branch of another one in its organization."""
        source = self.organizations[database.organization].databases.get(parent)
        if source is None or source is database:
            raise ValueError(f"there is no other database {parent!r} in {database.organization!r}")
        database.parent = {"id": source.uuid, "name": parent, "branched_at": with_nanoseconds(at)}

    def protect(
        self, database: str | None, group: str | None, organization: str | None, protected: bool
    ) -> None:
        """Protects a database or a group against deletion, or no longer."""
        if (database is None) == (group is None):
            raise ValueError("give the name of a database, or group=")
        if not isinstance(protected, bool):
            raise ValueError(f"protected must be True or False, not {protected!r}")
        found: list[FakeDatabase | FakeGroup] = []
        for owner in self.organizations.values():
            if organization in (None, owner.slug):
                one = owner.databases.get(database or "") if database else owner.groups.get(group or "")
                found += [one] if one else []
        if len(found) != 1:
            raise ValueError(f"{len(found)} organizations have a {database or group!r}: one must")
        if isinstance(found[0], FakeDatabase):
            found[0].configuration["delete_protection"] = protected
        else:
            found[0].delete_protection = protected

    def delete_database(
        self, organization: FakeOrganization, database: FakeDatabase, *, with_group: bool = False
    ) -> None:
        """Deletes a database; it can be restored for some days."""
        del organization.databases[database.name]
        organization.deleted_databases[database.uuid] = DeletedDatabase(
            database=database,
            # The record and not its name, which a new group may get.
            group=organization.groups.get(database.group or ""),
            at=self.clock(),
            with_group=with_group,
            paid=organization.paid,
        )

    def delete_group(self, organization: FakeOrganization, group: FakeGroup) -> None:
        """Deletes a group with its databases, and revokes its tokens; it can be restored for some days."""
        # Before the group is taken out, so that each record still finds it.
        for database in organization.in_group(group.name):
            self.delete_database(organization, database, with_group=True)
        self.remove_group(organization, group)
        organization.deleted_groups[group.uuid] = DeletedGroup(
            group=group, at=self.clock(), paid=organization.paid
        )

    def remove_group(self, organization: FakeOrganization, group: FakeGroup) -> None:
        """Takes a group out of its organization, and revokes its tokens."""
        del organization.groups[group.name]
        self.revoke(lambda token: (token.organization, token.group) == (organization.slug, group.name))

    def member(self, username: str, role: str) -> dict[str, Any]:
        """Returns a member as the platform shows one."""
        return {"username": username, "role": role, "email": f"{username}@example.com"}

    def hostname(self, database: FakeDatabase) -> str:
        """Returns where a database is reached: the fake's own address, where the database's token names it."""
        return self.host or f"{database.name}-{database.organization}.turso.invalid"

    def conflict(self, message: str, usual: int = 409) -> Refusal:
        """Returns the refusal of what exists already."""
        return Refusal(self.conflict_status or usual, message)

    def add_token(self, token: ApiToken) -> None:
        """Adds an API token."""
        self.api_tokens[token.name] = self.bearers[token.value] = token

    def revoke(self, unwanted: Callable[[ApiToken], bool]) -> None:
        """Revokes the API tokens that are unwanted."""
        for token in [token for token in self.api_tokens.values() if unwanted(token)]:
            del self.api_tokens[token.name], self.bearers[token.value]

    def bearer(self, value: str) -> ApiToken:
        """Returns the API token of that value, if it is good."""
        token = self.root if value == self.root.value else self.bearers.get(value)
        # A word that is no JWT fails in the platform's JWT library, one that is, when its id is looked up.
        if token is None and value.count(".") != 2:
            raise Refusal(401, "token contains an invalid number of segments")
        if token is None:
            raise Refusal(401, "could not parse jwt id")
        if token.exp != -1 and token.exp <= self.clock().timestamp():
            raise Refusal(401, "token is expired")
        return token

    def existing(self, organization: str) -> FakeOrganization:
        """Returns an organization that exists."""
        found = self.organizations.get(organization)
        if found is None:
            raise ValueError(f"there is no organization {organization!r}: {_there(self.organizations)}")
        return found

    def existing_database(self, organization: str, name: str) -> FakeDatabase:
        """Returns a database that exists."""
        owner = self.existing(organization)
        if name not in owner.databases:
            raise ValueError(f"there is no database {name!r} in {organization!r}: {_there(owner.databases)}")
        return owner.databases[name]

    def every_database(self) -> Iterator[tuple[FakeOrganization, FakeDatabase]]:
        """Yields all databases of all organizations."""
        for organization in self.organizations.values():
            for database in organization.databases.values():
                yield organization, database

    def accepts(self, jwt: str, organization: FakeOrganization, database: FakeDatabase) -> bool:
        """Returns whether this database token is valid for that database now."""
        token = self.credentials.get(jwt)
        if token is None or (token.exp is not None and token.exp <= self.clock().timestamp()):
            return False
        group = organization.groups.get(database.group or "")
        # Rotated since: a group's keys are those of its databases too.
        if token.group_keys != (group.keys if group else 0):
            return False
        if token.database is not None:
            return (token.database, token.database_keys) == (database.uuid, database.keys)
        return group is not None and token.group == group.uuid
