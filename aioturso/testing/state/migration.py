"""Moving a group from the earlier platform to AWS: a while after the start it is finished."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .call import Call
from .places import moved_to_aws, on_aws
from .records import FakeGroup, FakeOrganization, version_at
from .world import Refusal

# Longer than the five seconds between two looks of the vendor's command line, so that it sees both states.
DURATION = timedelta(seconds=8)
_COMMENTS = {
    "none": "The group can be moved to AWS: its databases are unavailable while they are copied.",
    "pending": "The databases of the group are copied.",
    "finished": "The group is on AWS.",
    "aborted": "The migration was aborted.",
}


def info(call: Call) -> Any:
    """Returns the status of a group's migration, and a sentence about it."""
    status = _settled(call).migration
    return {"status": status, "comment": _COMMENTS[status]}


def start(call: Call) -> None:
    """Starts the migration."""
    group = _settled(call)
    if on_aws(group.primary) or group.migration != "none":
        raise Refusal(400, f"group {group.name} cannot be migrated")
    group.migration, group.migration_ends = "pending", call.state.clock() + DURATION


def abort(call: Call) -> None:
    """Ends a migration that is not finished."""
    group = _settled(call)
    if group.migration != "pending":
        raise Refusal(400, f"no migration of group {group.name} is pending")
    group.migration, group.migration_ends = "aborted", None


def _settled(call: Call) -> FakeGroup:
    group, ends = call.group, call.group.migration_ends
    if ends is not None and ends <= call.state.clock():
        group.migration, group.migration_ends = "finished", None
        _move(call.organization, group)
    return group


def _move(organization: FakeOrganization, group: FakeGroup) -> None:
    there = moved_to_aws(group.primary)
    group.primary, group.locations, group.version = there, [there], version_at(there)
    for database in organization.in_group(group.name):
        for location in {instance.region for instance in database.instances.values()}:
            database.remove_location(location)
        database.add(there, "primary")
        database.version = version_at(there)
