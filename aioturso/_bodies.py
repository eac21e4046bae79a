"""Pure: bodies and queries of requests, checked before any I/O. A refusal is an InvalidInputError with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ._checks import aware, instance_of, switch, switch_or_none, text, text_or_none, texts, whole
from ._protocol import Value, present
from .errors import InvalidInputError, InvalidNameError
from .inputs import UNSET, Encryption, Permission, Seed, Unset

T = TypeVar("T")

_DATABASE = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)


def method(value: object) -> str:
    """Returns a method of HTTP in capital letters."""
    if not isinstance(value, str) or not (value.isascii() and value.isalpha()):
        raise InvalidInputError("method must be a text such as 'GET'")
    # `post` in small letters must count as a POST, which is not sent again.
    return value.upper()


def if_missing(name: T, missing_ok: object) -> T | None:
    """Returns what a call returns for a thing that does not exist; None: it raises NotFoundError."""
    return name if switch(missing_ok, "missing_ok") else None


def fields(**values: object) -> dict[str, object]:
    """Returns a body of texts; what is None is left out."""
    return present(**{name: text_or_none(value, name) for name, value in values.items()})


def filters(**values: object) -> dict[str, Value]:
    """Returns a query of texts; one that is None is left out when it is sent."""
    return {name: text_or_none(value, name) for name, value in values.items()}


def changed(**values: object) -> dict[str, object]:
    """Returns a PATCH's body: only what the caller set, and at least one thing. None has no meaning here."""
    found = {name: value for name, value in values.items() if value is not UNSET}
    if not found:
        raise InvalidInputError(f"nothing to change: give one of {', '.join(values)}")
    for name, value in found.items():
        if value is None:
            raise InvalidInputError(f"{name} cannot be cleared: leave it out to leave it as it is")
    return found


def switched(**values: bool | Unset) -> dict[str, object]:
    """Returns a PATCH's body of switches."""
    found = changed(**values)
    return {name: switch(value, name) for name, value in found.items()}


def organization_changes(overages: bool | Unset, require_mfa: bool | Unset, restore: bool | Unset) -> object:
    """Returns the body that changes an organization's settings; the platform takes `restore_enabled` alone."""
    found = switched(overages=overages, require_mfa=require_mfa, restore_enabled=restore)
    if "restore_enabled" in found and len(found) > 1:
        raise InvalidInputError("restore_enabled must be changed apart from other settings")
    return found


def database_changes(
    size_limit: str | int | Unset,
    flags: Mapping[str, bool | Unset],
    allowed_ips: Sequence[str] | Unset | None,
    allowed_aws_vpc_ids: Sequence[str] | Unset | None,
) -> dict[str, object]:
    """Returns the body that changes a database's settings."""
    for name, value in flags.items():
        if value is not UNSET and value is not None:  # `changed` refuses None with a better reason
            switch(value, name)
    return changed(
        size_limit=size(size_limit),
        **flags,
        allowed_ips=listed(allowed_ips, "allowed_ips"),
        allowed_aws_vpc_ids=listed(allowed_aws_vpc_ids, "allowed_aws_vpc_ids"),
    )


def listed(values: Sequence[str] | Unset | None, what: str) -> list[str] | Unset:
    """Returns a list to set; None clears, and the empty list is what clears."""
    if isinstance(values, Unset):
        return values
    return [] if values is None else texts(values, what)


def size(value: str | int | Unset | None) -> str | Unset | None:
    """Returns a size as text (`256mb`); a number is in bytes."""
    if value is None or isinstance(value, Unset) or (isinstance(value, str) and value):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    raise InvalidInputError("a size must be text such as '256mb', or a number of bytes")


def database_name(name: str) -> str:
    """Returns a name that fits the vendor's rule for new databases: lowercase letters, digits, dashes, at most 64."""
    if not isinstance(name, str) or not _DATABASE.fullmatch(name):
        raise InvalidNameError("a database's name must be 1 to 64 lowercase letters, digits or dashes")
    return name


def extensions(value: str | Sequence[str] | None) -> str | list[str] | None:
    """Returns `all`, or a list of names."""
    if isinstance(value, str) and value != "all":
        raise InvalidInputError("extensions must be 'all' or a list of names")
    return value if value is None or isinstance(value, str) else texts(value, "extensions")


def exactly_one(**values: T | None) -> dict[str, T]:
    """Returns the one field that is given."""
    found = {name: value for name, value in values.items() if value is not None}
    if len(found) != 1:
        raise InvalidInputError(f"give exactly one of {' or '.join(values)}")
    return found


def token_limits(
    organization: str | None, group: str | None, scopes: Sequence[str] | None
) -> dict[str, object]:
    """Returns what an API token is restricted to: nothing, an organization, or a group with scopes."""
    found = None if scopes is None else texts(scopes, "scopes")
    limits = fields(organization=organization, group=group)
    if group is not None and organization is None:
        raise InvalidInputError("a token for a group needs the group's organization")
    if group is not None and not found:
        raise InvalidInputError("a token for a group needs at least one scope")
    if found and group is None:
        raise InvalidInputError("scopes need a group")
    return limits | ({"scopes": found} if found else {})


def token_query(expiration: str | timedelta | None, authorization: str | None) -> dict[str, Value]:
    """Returns a database token's life and rights; a life in whole minutes."""
    if isinstance(expiration, timedelta):
        minutes, rest = divmod(expiration, timedelta(minutes=1))
        if rest or minutes <= 0:
            raise InvalidInputError("a token's life must be one or more whole minutes")
        expiration = f"{minutes}m"
    if expiration is not None and not isinstance(expiration, str):
        raise InvalidInputError(f"expiration must be text or a timedelta, not {type(expiration).__name__}")
    return filters(expiration=expiration, authorization=authorization)


def permissions(
    read_attach: Sequence[str] | None, fine_grained: Sequence[Permission] | None = None
) -> dict[str, object]:
    """Returns a database token's body: the databases that it may attach for reading, and what it may do with tables."""
    body: dict[str, object] = {}
    if read_attach is not None:
        body["permissions"] = {"read_attach": {"databases": texts(read_attach, "read_attach")}}
    if fine_grained is not None:
        body["fine_grained_permissions"] = rights(fine_grained, "fine_grained_permissions")
    return body


def rights(values: Iterable[Permission], what: str) -> list[dict[str, object]]:
    """Returns what a token may do with tables, as the API takes it."""
    many = isinstance(values, Sequence | set | frozenset)
    if not many or not all(isinstance(one, Permission) for one in values):
        raise InvalidInputError(f"{what} must be a list of Permission")
    return [one.body() for one in values]


def period(from_: datetime | str | None, to: datetime | str | None) -> dict[str, Value]:
    """Returns a period's two ends, the earlier first."""
    for end in (from_, to):
        aware(end)
    # A text is left to the server, which knows more forms of a time.
    if isinstance(from_, datetime) and isinstance(to, datetime) and from_ > to:
        raise InvalidInputError("the period ends before it begins")
    return {"from": from_, "to": to}


def page_size(value: int | None, default: int | None = None) -> int | None:
    """Returns how many items a page has."""
    return default if value is None else whole(value, "page_size")


def database_body(
    name: str,
    group: str,
    seed: Seed | None = None,
    size_limit: str | int | None = None,
    encryption: Encryption | None = None,
    *,
    schema: str | None = None,
    is_schema: bool | None = None,
    use_tursodb: bool | None = None,
) -> dict[str, object]:
    """Returns the body that creates a database."""
    found, key = instance_of(seed, Seed, "seed"), instance_of(encryption, Encryption, "encryption")
    return present(
        name=database_name(name),
        group=text(group, "group"),
        seed=found and found.body(),
        size_limit=size(size_limit),
        remote_encryption=key and key.body(),
        schema=text_or_none(schema, "schema"),
        is_schema=switch_or_none(is_schema, "is_schema"),
        use_tursodb=switch_or_none(use_tursodb, "use_tursodb"),
    )


def database_body_by_id(
    name: str,
    group_id: str | None,
    seed: Seed | None,
    encryption: Encryption | None,
    use_tursodb: bool | None,
) -> dict[str, object]:
    """Returns the body that creates a database in a group that its UUID names; a copy is in its parent's group."""
    found, key = instance_of(seed, Seed, "seed"), instance_of(encryption, Encryption, "encryption")
    if group_id is None and (found is None or found.type != "database"):
        raise InvalidInputError("only a copy needs no group_id: it is created in the group of the original")
    return present(
        name=database_name(name),
        group_id=text_or_none(group_id, "group_id"),
        seed=found and found.body(by="value"),
        remote_encryption=key and key.body(),
        use_tursodb=switch_or_none(use_tursodb, "use_tursodb"),
    )


def subscription(plan: str, timeline: str | None, overages: bool | None) -> dict[str, object]:
    """Returns the body that changes a subscription."""
    return present(
        plan=text(plan, "plan"),
        timeline=text_or_none(timeline, "timeline"),
        overages=switch_or_none(overages, "overages"),
    )


def customer(
    name: str, email: str, tax_id: Mapping[str, Any] | None, address: Mapping[str, Any] | None
) -> dict[str, object]:
    """Returns the body that replaces the data of invoices."""
    body: dict[str, object] = {"name": text(name, "name"), "email": text(email, "email")}
    for key, value in (("tax_id", tax_id), ("billing_address", address)):
        if value is not None and not isinstance(value, Mapping):
            raise InvalidInputError(f"{key} must be a mapping, not {type(value).__name__}")
        if value is not None:
            body[key] = {name: text(part, f"{key}.{name}") for name, part in value.items()}
    return body


def template(
    database: str | None, group: str | None, scope: str | None, fine_grained: Sequence[Permission] | None
) -> dict[str, object]:
    """Returns what a template of token claims is for."""
    allowed = None if fine_grained is None else rights(fine_grained, "permissions")
    return fields(database=database, group=group, scope=scope) | present(permissions=allowed)
