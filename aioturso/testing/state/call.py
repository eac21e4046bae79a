"""A call as an operation sees it: its token, target and input, and the checks that operations share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import define, field, frozen

from .records import ApiToken, FakeDatabase, FakeGroup, FakeOrganization
from .world import Refusal, State, stamp

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_UNITS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_ORIGINS = {"turso-cli/": "cli", "@tursodatabase/api": "api", "aioturso/": "api"}


@frozen(kw_only=True)
class File:
    """Holds what is kept of an uploaded file: its first 100 bytes, its length and its SHA-256."""

    header: bytes
    size: int
    sha256: str


@define(kw_only=True)
class Call:
    """One call. `path` holds the values of the route's placeholders, `headers` have lower-case names.

    `token` is the platform token it came with; where none belongs, `bearer` is what came in its place.
    The keys of `body` are in lower case, nested ones too: the platform reads them without regard to case.
    """

    state: State
    token: ApiToken
    bearer: str = field(default="", repr=False)
    path: Mapping[str, str]
    query: Mapping[str, str] = field(factory=dict)
    body: dict[str, Any] = field(factory=dict)
    content: bytes = b""
    file: File | None = None
    headers: Mapping[str, str] = field(factory=dict)

    def find_organization(self) -> FakeOrganization | None:
        """Returns the organization that the path names by slug or UUID; the personal one when it names none."""
        everything = self.state.organizations
        if "organization" in self.path:
            return everything.get(self.path["organization"])
        if "organization_id" in self.path:
            wanted = self.path["organization_id"]
            return next((o for o in everything.values() if o.uuid == wanted), None)
        return self.state.personal(self.token.owner)

    @property
    def organization(self) -> FakeOrganization:
        """The organization that the path names."""
        return self._open_to_user(self.find_organization())

    def other_organization(self, slug: str) -> FakeOrganization:
        """Returns another organization, to which something is moved."""
        if self.token.organization not in (None, slug):
            raise Refusal(403, f"the token is restricted to organization {self.token.organization}")
        return self._open_to_user(self.state.organizations.get(slug))

    def _open_to_user(self, found: FakeOrganization | None) -> FakeOrganization:
        if found is None:
            raise Refusal(404, "organization not found")
        if self.token.owner not in found.members:
            raise Refusal(403, f"not a member of organization {found.slug}")
        return found

    @property
    def group(self) -> FakeGroup:
        """The group that the path names; by UUID, or by name as the vendor's TypeScript client does, under /v3."""
        groups, wanted = self.organization.groups, self.path.get("group_id", "")
        by_uuid = (group for group in groups.values() if group.uuid == wanted)
        found = next(by_uuid, None) or groups.get(wanted or self.path.get("group", ""))
        if found is None:
            raise Refusal(404, "group not found")
        return found

    @property
    def database(self) -> FakeDatabase:
        """The database that the path names."""
        return self.find_database("could not find database with name [{}]: record not found")

    def find_database(self, otherwise: str) -> FakeDatabase:
        """Returns the database that the path names, or raises a 404 in other words than usual."""
        databases = self.organization.databases
        if "database_id" in self.path:
            name = self.path["database_id"]
            found = next((d for d in databases.values() if d.uuid == name), None)
        else:
            name = self.path["database"]
            found = databases.get(name)
        if found is None:
            raise Refusal(404, otherwise.format(name))
        return found

    def text(self, key: str, default: str | None = None) -> str:
        """Returns a string of the body; required unless there is a default. Null is the empty one."""
        value = self.body.get(key, default)
        value = "" if value is None else value
        if not isinstance(value, str) or (default is None and not value):
            raise Refusal(400, f"{key} is required and must be a string")
        return value or default or ""

    def one_of(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """Returns a string of the body that is one of a few."""
        value = self.text(key, default)
        if value not in allowed:
            raise Refusal(400, f"invalid {key}")
        return value

    def flag(self, key: str) -> bool | None:
        """Returns a boolean of the body, None when it is left out or null."""
        value = self.body.get(key)
        if value is not None and not isinstance(value, bool):
            raise Refusal(400, f"{key} must be a boolean")
        return value

    def part(self, key: str) -> dict[str, Any]:
        """Returns an object of the body; null is the empty one."""
        value = self.body.get(key)
        if value is not None and not isinstance(value, dict):
            raise Refusal(400, f"{key} must be an object")
        return value or {}

    def count(self, key: str, default: int, most: int = 999_999_999) -> int:
        """Returns a positive number of the query."""
        value = self.query.get(key) or str(default)
        # Python refuses to read some thousands of digits, with an error of its own.
        if not value.isascii() or not value.isdigit() or len(value) > 9 or not 1 <= int(value) <= most:
            raise Refusal(400, f"invalid {key} parameter")
        return int(value)

    def after(self) -> int:
        """Returns the number that the query's cursor stands for."""
        value = self.query.get("cursor") or "0"
        if not value.isascii() or not value.isdigit():
            raise Refusal(400, "invalid cursor")
        return int(value)

    def manages(self, organization: FakeOrganization) -> bool:
        """Returns whether the user is the owner or an admin of an organization."""
        return organization.members[self.token.owner]["role"] in ("owner", "admin")

    def must_manage(self, message: str) -> None:
        """Refuses a user who is neither the owner nor an admin."""
        if not self.manages(self.organization):
            raise Refusal(403, message)

    def audit(self, organization: FakeOrganization, code: str, message: str = "", /, **data: Any) -> None:
        """Records what happened, newest last."""
        agent = self.headers.get("user-agent", "")
        origin = next((name for start, name in _ORIGINS.items() if agent.startswith(start)), "web")
        organization.audit_logs.append(
            {
                "code": code,
                "message": message,
                "origin": origin,
                "author": self.token.owner,
                "created_at": stamp(self.state.clock()),
                "data": data,
            }
        )


def moment(text: str, what: str) -> datetime:
    """Returns a time given in the one form that the platform reads."""
    if _TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    layout = "2006-01-02T15:04:05Z07:00"  # Go's way to write a layout, which the platform's error shows
    raise Refusal(400, f'invalid {what} parameter: parsing time "{text}" as "{layout}": cannot parse')


def lifetime(text: str) -> int | None:
    """Returns the seconds of a duration such as `2w1d30m`; None for a token that does not expire."""
    if text in ("", "never", "none", "default"):
        return None
    if not re.fullmatch(r"(\d{1,9}[ywdhms])+", text, re.ASCII):
        raise Refusal(400, "Invalid expiration format")
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([ywdhms])", text))


def strings(value: object, what: str) -> list[str]:
    """Returns a list of strings; null is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refusal(400, f"{what} must be a list of strings")
    return value
