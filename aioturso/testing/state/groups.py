"""Groups: listing, locations, configuration, renaming, transfer and deletion."""

from __future__ import annotations

from typing import Any

from .call import Call, strings
from .databases import must_be_unprotected
from .places import on_aws
from .plans import must_allow
from .records import FakeGroup
from .world import Refusal

EXTENSIONS = {"vector", "crypto", "fuzzy", "math", "stats", "text", "unicode", "uuid", "regexp", "vec"}


def list_groups(call: Call) -> Any:
    """Returns all groups that the token sees."""
    groups = call.organization.groups.values()
    return {"groups": [shown(group) for group in groups if call.token.group in (None, group.name)]}


def get_group(call: Call) -> Any:
    """Returns one group."""
    return {"group": shown(call.group)}


def create_group(call: Call) -> Any:
    """Creates a group in one location."""
    organization, name, location = call.organization, call.text("name"), call.text("location")
    extensions = call.body.get("extensions")
    if extensions not in (None, "all") and not EXTENSIONS.issuperset(strings(extensions, "extensions")):
        raise Refusal(400, "invalid extensions")
    if location not in call.state.locations:
        raise Refusal(400, f"invalid location: {location}")
    if name in organization.groups:
        raise call.state.conflict("group already exists")
    must_allow(organization, "groups", len(organization.groups))
    group = call.state.add_group(organization.slug, name, [location])
    call.audit(organization, "group-create", group=name)
    return {"group": shown(group)}


def delete_group(call: Call) -> Any:
    """Deletes a group with its databases, unless it or one of them is protected; revokes its tokens."""
    organization, group = call.organization, call.group
    databases = organization.in_group(group.name)
    # All are checked before the first is deleted: a refusal changes nothing.
    must_be_free(group)
    for database in databases:
        must_be_unprotected(database)
    call.state.delete_group(organization, group)
    for database in databases:
        call.audit(organization, "db-delete", database=database.name)
    call.audit(organization, "group-delete", group=group.name)
    return {"group": shown(group)}


def must_be_free(group: FakeGroup) -> None:
    """Refuses to delete a group that is protected against it."""
    if group.delete_protection:
        raise Refusal(400, f"group {group.name} is protected against deletion")


def get_configuration(call: Call) -> Any:
    """Returns a group's configuration."""
    return {"delete_protection": call.group.delete_protection}


def update_configuration(call: Call) -> Any:
    """Protects a group against deletion, or not."""
    group, protect = call.group, call.flag("delete_protection")
    if protect is not None and protect != group.delete_protection:
        group.delete_protection = protect
        call.audit(call.organization, "group-protect" if protect else "group-unprotect", group=group.name)
    return {"delete_protection": group.delete_protection}


def transfer(call: Call) -> Any:
    """Moves a group with its databases to another organization; its API tokens are revoked."""
    origin, group = call.organization, call.group
    target = call.other_organization(call.text("organization"))
    databases = origin.in_group(group.name)
    if group.name in target.groups:
        raise call.state.conflict("group already exists")
    # All are checked before the first is moved.
    for database in databases:
        if database.name in target.databases:
            raise call.state.conflict("database with same name already exists", usual=400)
    call.state.remove_group(origin, group)
    target.groups[group.name] = group
    for database in databases:
        del origin.databases[database.name]
        database.organization, database.serial = target.slug, call.state.number()
        target.databases[database.name] = database
    call.audit(origin, "group-delete", "transferred", group=group.name, organization=target.slug)
    call.audit(target, "group-create", "transferred", group=group.name, organization=origin.slug)
    return shown(group)


def rename(call: Call) -> Any:
    """Gives a group another name, and its databases and API tokens with it."""
    organization, group, name = call.organization, call.group, call.text("name")
    if name in organization.groups:
        raise call.state.conflict("group already exists")
    for database in organization.in_group(group.name):
        database.group = name
    for token in call.state.api_tokens.values():
        if (token.organization, token.group) == (organization.slug, group.name):
            token.group = name
    organization.groups[name] = organization.groups.pop(group.name)
    group.name = name
    return {"group": shown(group)}


def unarchive(call: Call) -> Any:
    """Unarchives a group."""
    group = call.group
    if group.archived:
        group.archived = False
        call.audit(call.organization, "group-unarchive", group=group.name)
    return {"group": shown(group)}


def add_location(call: Call) -> Any:
    """Adds a location, and an instance there for each of the group's databases."""
    group, location = call.group, call.path["location"]
    if location not in call.state.locations:
        raise Refusal(400, f"invalid location: {location}")
    if location in group.locations:
        raise call.state.conflict(f"location {location} already exists in group {group.name}")
    if on_aws(group.primary):
        raise Refusal(400, "replication is not supported on AWS")
    must_allow(call.organization, "locations", len(group.locations))
    group.locations.append(location)
    for database in call.organization.in_group(group.name):
        instance = database.add(location, "replica")
        call.audit(call.organization, "instance-create", database=database.name, instance=instance.name)
    return {"group": shown(group)}


def remove_location(call: Call) -> Any:
    """Removes a location, and the instances there of the group's databases."""
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
    """Returns at once: the fake's locations are always ready."""
    _must_have(call.group, call.path["location"])


def _must_have(group: FakeGroup, location: str) -> None:
    if location not in group.locations:
        raise Refusal(404, f"could not find location {location} of group {group.name}")


def shown(group: FakeGroup) -> dict[str, Any]:
    """Returns a group as the platform shows it."""
    return {
        "name": group.name,
        "version": group.version,
        "uuid": group.uuid,
        "locations": list(group.locations),
        "primary": group.primary,
        "delete_protection": group.delete_protection,
        "archived": group.archived,
        "status": {
            "locations": [
                {"name": location, "status": "down" if location in group.down else "up"}
                for location in group.locations
            ]
        },
    }
