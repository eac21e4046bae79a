"""A call as an operation sees it: who asks, for what, with which input; and the checks that operations share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import define, field, frozen

from .world import ApiToken, FakeDatabase, FakeGroup, FakeOrganization, Refusal, State, stamp

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_UNITS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


@frozen(kw_only=True)
class File:
    """What is kept of an uploaded file: its first 100 bytes, its length and its SHA-256."""

    header: bytes
    size: int
    sha256: str


@define(kw_only=True)
class Call:
    """One call. `path` holds the values of the route's placeholders, `headers` have lower-case names.

    `token` is the platform token it came with; where none belongs, `bearer` is what came in its place.
    """

    state: State
    token: ApiToken
    bearer: str = field(default="", repr=False)
    path: Mapping[str, str]
    query: Mapping[str, str] = field(factory=dict)
    body: dict[str, Any] = field(factory=dict)
    file: File | None = None
    headers: Mapping[str, str] = field(factory=dict)

    @property
    def vendor_client(self) -> bool:
        """Is this the vendor's TypeScript client?"""
        return self.headers.get("user-agent", "").startswith("@tursodatabase/api")

    @property
    def organization(self) -> FakeOrganization:
        """The organization that the path names."""
        found = self.state.organizations.get(self.path["organization"])
        if found is None:
            raise Refusal(404, "organization not found")
        return found

    def other_organization(self, slug: str) -> FakeOrganization:
        """Another organization, to which something goes."""
        if self.token.organization not in (None, slug):
            raise Refusal(403, f"the token is restricted to organization {self.token.organization}")
        found = self.state.organizations.get(slug)
        if found is None:
            raise Refusal(404, "organization not found")
        return found

    @property
    def group(self) -> FakeGroup:
        """The group that the path names."""
        found = self.organization.groups.get(self.path["group"])
        if found is None:
            raise Refusal(404, "group not found")
        return found

    @property
    def database(self) -> FakeDatabase:
        """The database that the path names."""
        return self.find_database("could not find database with name [{}]: record not found")

    def find_database(self, otherwise: str) -> FakeDatabase:
        """The database that the path names, or a 404 in other words than usual."""
        name = self.path["database"]
        found = self.organization.databases.get(name)
        if found is None:
            raise Refusal(404, otherwise.format(name))
        return found

    def text(self, key: str, default: str | None = None) -> str:
        """A string of the body; required unless there is a default."""
        value = self.body.get(key, default)
        if not isinstance(value, str) or (default is None and not value):
            raise Refusal(400, f"{key} is required and must be a string")
        return value

    def one_of(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """A string of the body that is one of a few."""
        value = self.text(key, default)
        if value not in allowed:
            raise Refusal(400, f"invalid {key}")
        return value

    def flag(self, key: str) -> bool | None:
        """A boolean of the body, None when it is left out."""
        value = self.body.get(key)
        if value is not None and not isinstance(value, bool):
            raise Refusal(400, f"{key} must be a boolean")
        return value

    def count(self, key: str, default: int) -> int:
        """A positive number of the query."""
        value = self.query.get(key) or str(default)
        if not value.isascii() or not value.isdigit() or len(value) > 9 or int(value) < 1:
            raise Refusal(400, f"invalid {key} parameter")
        return int(value)

    def audit(self, organization: FakeOrganization, code: str, message: str = "", /, **data: Any) -> None:
        """Record what happened; newest last."""
        agent = self.headers.get("user-agent", "")
        organization.audit_logs.append(
            {
                "code": code,
                "message": message,
                "origin": "cli" if agent.startswith("turso-cli") else "web",
                "author": self.token.owner,
                "created_at": stamp(self.state.clock()),
                "data": data,
            }
        )


def moment(text: str, what: str) -> datetime:
    """A time in the one form that the platform reads."""
    if _TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    layout = "2006-01-02T15:04:05Z07:00"
    raise Refusal(400, f'invalid {what} parameter: parsing time "{text}" as "{layout}": cannot parse')


def lifetime(text: str) -> int | None:
    """The seconds of `never` (None) or of something like `2w1d30m`."""
    if text in ("", "never"):
        return None
    if not re.fullmatch(r"(\d{1,9}[ywdhms])+", text, re.ASCII):
        raise Refusal(400, "Invalid expiration format")
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([ywdhms])", text))


def strings(value: object, what: str) -> list[str]:
    """A list of strings; null is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refusal(400, f"{what} must be a list of strings")
    return value
