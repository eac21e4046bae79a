"""Groups: their life, locations, configuration and tokens."""

from __future__ import annotations

from typing import Any

from .call import Call, strings
from .databases import mint
from .world import FakeGroup, Refusal

EXTENSIONS = {"vector", "crypto", "fuzzy", "math", "stats", "text", "unicode", "uuid", "regexp", "vec"}


def list_groups(call: Call) -> Any:
    """All groups that the token sees."""
    groups = call.organization.groups.values()
    return {"groups": [shown(group) for group in groups if call.token.group in (None, group.name)]}


def get_group(call: Call) -> Any:
    """One group."""
    return {"group": shown(call.group)}


def create_group(call: Call) -> Any:
    """Create a group in one location."""
    organization, name, location = call.organization, call.text("name"), call.text("location")
    extensions = call.body.get("extensions")
    if extensions not in (None, "all") and not EXTENSIONS.issuperset(strings(extensions, "extensions")):
        raise Refusal(400, "invalid extensions")
    if location not in call.state.locations:
        raise Refusal(400, f"invalid location: {location}")
    if name in organization.groups:
        raise call.state.conflict("group already exists")
    group = call.state.add_group(organization.slug, name, [location])
    call.audit(organization, "group-create", group=name)
    return {"group": shown(group)}


def delete_group(call: Call) -> Any:
    """With its databases, unless it or one of them is protected; its tokens are revoked."""
    organization, group = call.organization, call.group
    databases = organization.in_group(group.name)
    if group.delete_protection:
        raise Refusal(400, f"group {group.name} is protected against deletion")
    for database in databases:
        if database.protected:
            raise Refusal(400, f"database {database.name} is protected against deletion")
    for database in databases:
        del organization.databases[database.name]
        call.audit(organization, "db-delete", database=database.name)
    _remove(call, group)
    call.audit(organization, "group-delete", group=group.name)
    return {"group": shown(group)}


def _remove(call: Call, group: FakeGroup) -> None:
    slug = call.organization.slug
    del call.organization.groups[group.name]
    call.state.revoke(lambda token: (token.organization, token.group) == (slug, group.name))


def get_configuration(call: Call) -> Any:
    """A group's configuration."""
    return {"delete_protection": call.group.delete_protection}


def update_configuration(call: Call) -> Any:
    """Protect a group against deletion, or not."""
    group, protect = call.group, call.flag("delete_protection")
    if protect is not None and protect != group.delete_protection:
        group.delete_protection = protect
        call.audit(call.organization, "group-protect" if protect else "group-unprotect", group=group.name)
    return {"delete_protection": group.delete_protection}


def transfer(call: Call) -> Any:
    """To another organization, with its databases; its API tokens are revoked."""
    origin, group = call.organization, call.group
    target = call.other_organization(call.text("organization"))
    databases = origin.in_group(group.name)
    if group.name in target.groups:
        raise call.state.conflict("group already exists")
    for database in databases:
        if database.name in target.databases:
            raise call.state.conflict(f"database with name [{database.name}] already exists")
    _remove(call, group)
    target.groups[group.name] = group
    for database in databases:
        del origin.databases[database.name]
        database.organization, database.serial = target.slug, call.state.number()
        target.databases[database.name] = database
    call.audit(origin, "group-delete", "transferred", group=group.name, organization=target.slug)
    call.audit(target, "group-create", "transferred", group=group.name, organization=origin.slug)
    return shown(group)


def unarchive(call: Call) -> Any:
    """Unarchive a group."""
    group = call.group
    if group.archived:
        group.archived = False
        call.audit(call.organization, "group-unarchive", group=group.name)
    return {"group": shown(group)}


def add_location(call: Call) -> Any:
    """And an instance there for each of its databases."""
    group, location = call.group, call.path["location"]
    if location not in call.state.locations:
        raise Refusal(400, f"invalid location: {location}")
    if location in group.locations:
        raise call.state.conflict(f"location {location} already exists in group {group.name}")
    group.locations.append(location)
    for database in call.organization.in_group(group.name):
        instance = database.add(location, "replica")
        call.audit(call.organization, "instance-create", database=database.name, instance=instance.name)
    return {"group": shown(group)}


def remove_location(call: Call) -> Any:
    """And its databases' instances there."""
    group, location = call.group, call.path["location"]
    if location not in call.state.locations:
        raise Refusal(400, "Invalid location code")
    _must_have(group, location)
    if location == group.primary:
        raise Refusal(400, "the primary location cannot be removed")
    group.locations.remove(location)
    for database in call.organization.in_group(group.name):
        database.remove_location(location)
        call.audit(call.organization, "instance-delete", database=database.name, location=location)
    return {"group": shown(group)}


def wait_location(call: Call) -> None:
    """The fake's locations are ready at once."""
    _must_have(call.group, call.path["location"])


def _must_have(group: FakeGroup, location: str) -> None:
    if location not in group.locations:
        raise Refusal(404, f"could not find location {location} of group {group.name}")


def update_databases(call: Call) -> None:
    """The fake's databases are up to date."""
    _ = call.group


def create_token(call: Call) -> Any:
    """Mint a token for all databases of a group."""
    jwt = mint(call, call.group, None)
    call.audit(call.organization, "group-token-create", group=call.group.name)
    return {"jwt": jwt}


def rotate_tokens(call: Call) -> None:
    """Of the group and of its databases: they share its key."""
    call.group.keys += 1


def shown(group: FakeGroup) -> dict[str, Any]:
    """A group as the platform shows it."""
    return {
        "name": group.name,
        "version": group.version,
        "uuid": group.uuid,
        "locations": list(group.locations),
        "primary": group.primary,
        "delete_protection": group.delete_protection,
        "archived": group.archived,
    }
