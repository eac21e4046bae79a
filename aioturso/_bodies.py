"""Pure: bodies and queries of requests, checked before any I/O; every refusal is an InvalidInputError with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from .errors import InvalidInputError, InvalidNameError
from .inputs import UNSET, Encryption, Seed, Unset, aware

T = TypeVar("T")

_DATABASE = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)


def changed(**fields: object) -> dict[str, object]:
    """A PATCH's body: only what the caller set, and at least one thing. None has no meaning here."""
    found = {name: value for name, value in fields.items() if value is not UNSET}
    if not found:
        raise InvalidInputError(f"nothing to change: give one of {', '.join(fields)}")
    for name, value in found.items():
        if value is None:
            raise InvalidInputError(f"{name} cannot be cleared: leave it out to leave it as it is")
    return found


def database_changes(
    size_limit: str | int | Unset,
    flags: Mapping[str, bool | Unset],
    allowed_ips: Sequence[str] | Unset | None,
    allowed_aws_vpc_ids: Sequence[str] | Unset | None,
) -> dict[str, object]:
    """The body that changes a database's settings."""
    return changed(
        size_limit=size(size_limit),
        **flags,
        allowed_ips=listed(allowed_ips, "allowed_ips"),
        allowed_aws_vpc_ids=listed(allowed_aws_vpc_ids, "allowed_aws_vpc_ids"),
    )


def listed(values: Sequence[str] | Unset | None, what: str) -> list[str] | Unset:
    """A list to set; None clears, and what clears is the empty list."""
    if isinstance(values, str):
        raise InvalidInputError(f"{what} must be a list of texts, not one text")
    return values if isinstance(values, Unset) else list(values or ())


def size(value: str | int | Unset | None) -> str | Unset | None:
    """A size is text (`256mb`); a number is in bytes."""
    if isinstance(value, bool) or (isinstance(value, int) and value < 0):
        raise InvalidInputError("a size must be text such as '256mb', or a number of bytes")
    return str(value) if isinstance(value, int) else value


def database_name(name: str) -> str:
    """The vendor's rule for new databases: lowercase letters, digits and dashes, at most 64."""
    if not isinstance(name, str) or not _DATABASE.fullmatch(name):
        raise InvalidNameError("a database's name must be 1 to 64 lowercase letters, digits or dashes")
    return name


def extensions(value: str | Sequence[str] | None) -> str | list[str] | None:
    """`all`, or a list of names."""
    if isinstance(value, str) and value != "all":
        raise InvalidInputError("extensions must be 'all' or a list of names")
    return value if value is None or isinstance(value, str) else list(value)


def exactly_one(**fields: T | None) -> dict[str, T]:
    """The one field that is given."""
    found = {name: value for name, value in fields.items() if value is not None}
    if len(found) != 1:
        raise InvalidInputError(f"give exactly one of {' or '.join(fields)}")
    return found


def token_limits(
    organization: str | None, group: str | None, scopes: Sequence[str] | None
) -> dict[str, object]:
    """What an API token is restricted to: nothing, an organization, or a group with scopes."""
    if isinstance(scopes, str):
        raise InvalidInputError("scopes must be a list of texts, not one text")
    if group is not None and organization is None:
        raise InvalidInputError("a token for a group needs the group's organization")
    if group is not None and not scopes:
        raise InvalidInputError("a token for a group needs at least one scope")
    if scopes and group is None:
        raise InvalidInputError("scopes need a group")
    limits = {"organization": organization, "group": group, "scopes": list(scopes) if scopes else None}
    return {name: value for name, value in limits.items() if value is not None}


def token_query(expiration: str | timedelta | None, authorization: str | None) -> dict[str, str | None]:
    """A database token's life and rights; a life in whole minutes."""
    if isinstance(expiration, timedelta):
        minutes, rest = divmod(expiration, timedelta(minutes=1))
        if rest or minutes <= 0:
            raise InvalidInputError("a token's life must be one or more whole minutes")
        expiration = f"{minutes}m"
    return {"expiration": expiration, "authorization": authorization}


def permissions(read_attach: Sequence[str] | None) -> dict[str, object]:
    """A database token's body: the databases that it may attach for reading."""
    if isinstance(read_attach, str):
        raise InvalidInputError("read_attach must be a list of databases, not one text")
    return {} if read_attach is None else {"permissions": {"read_attach": {"databases": list(read_attach)}}}


def period(from_: datetime | str | None, to: datetime | str | None) -> dict[str, datetime | str | None]:
    """A period's two ends, the earlier first."""
    for end in (from_, to):
        aware(end)
    if isinstance(from_, datetime) and isinstance(to, datetime) and from_ > to:
        raise InvalidInputError("the period ends before it begins")
    return {"from": from_, "to": to}


def page_size(value: int | None) -> int | None:
    """Items per page."""
    if value is not None and (isinstance(value, bool) or value < 1):
        raise InvalidInputError("a page has at least one item")
    return value


def database_body(
    name: str,
    group: str,
    seed: Seed | None,
    size_limit: str | int | None,
    encryption: Encryption | None,
) -> dict[str, object]:
    """A new database."""
    fields: Mapping[str, Any] = {
        "name": database_name(name),
        "group": group,
        "seed": seed and seed.body(),
        "size_limit": size(size_limit),
        "remote_encryption": encryption and encryption.body(),
    }
    return {key: value for key, value in fields.items() if value is not None}
