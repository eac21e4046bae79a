"""The answers of /v3 that differ: databases and groups by UUID, and those that were deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from . import databases
from .call import Call
from .creation import check_name
from .databases import page_of
from .groups import shown as shown_group
from .records import DeletedDatabase, DeletedGroup, FakeDatabase, FakeGroup, FakeOrganization
from .world import Refusal, stamp

_Deleted = TypeVar("_Deleted", DeletedDatabase, DeletedGroup)
_NOT_A_MANAGER = "only an admin or owner of the organization can restore"


def list_databases(call: Call) -> Any:
    """Returns the databases, or with `deleted` those that were deleted and can be restored."""
    # One path for both: without `deleted` the vendor's command line lists those that exist.
    if call.query.get("deleted", "").lower() in ("true", "t", "1"):
        return _list_deleted_databases(call)
    page, last = page_of(call, call.count("limit", 100, most=1000))
    return {"databases": [_shown(call, database) for database in page], "pagination": _next(last)}


def get_database(call: Call) -> Any:
    """Returns one database, with its configuration."""
    database = call.database
    rules = {key: database.configuration[key] for key in ("allowed_ips", "allowed_aws_vpc_ids")}
    return {"database": _shown(call, database) | {"allow_rules_config": rules}}


def _shown(call: Call, database: FakeDatabase) -> dict[str, Any]:
    organization = call.organization
    group = organization.groups.get(database.group or "")
    by_uuid = {"organization_id": organization.uuid} | ({"group_id": group.uuid} if group else {})
    return databases.shown(call.state, organization, database) | by_uuid


def _next(cursor: str | None) -> dict[str, str]:
    """Returns the pagination: the schema leaves `next` out on the last page here, where /v1 has null."""
    return {} if cursor is None else {"next": cursor}


def _list_deleted_databases(call: Call) -> Any:
    _must_be_paid(call)
    search, now = call.query.get("search", ""), call.state.clock()
    found = [
        one
        for one in call.organization.deleted_databases.values()
        if one.restorable(now)
        and search in one.database.name
        and call.token.group in (None, one.database.group)
    ]
    page, cursor = _page(call, found)
    return {"databases": [_shown_deleted(call, one) for one in page], "pagination": _next(cursor)}


def list_deleted_groups(call: Call) -> Any:
    """Returns the groups that were deleted and can be restored."""
    _must_be_paid(call)
    organization, now = call.organization, call.state.clock()
    page, cursor = _page(call, [g for g in organization.deleted_groups.values() if g.restorable(now)])
    shown = [
        {
            "uuid": one.group.uuid,
            "name": one.group.name,
            "deleted_at": stamp(one.at),
            "cascade_databases": len(_members(call, one.group)),
        }
        for one in page
    ]
    return {"groups": shown, "pagination": _next(cursor)}


def _page(call: Call, found: Sequence[_Deleted]) -> tuple[Sequence[_Deleted], str | None]:
    start, limit = call.after(), call.count("limit", 100, most=1000)
    end = start + limit
    return found[start:end], str(end) if end < len(found) else None


def _shown_deleted(call: Call, one: DeletedDatabase) -> dict[str, Any]:
    database, organization = one.database, call.organization
    primary = database.primary
    group_gone = one.group is not None and one.group.uuid in organization.deleted_groups
    return {
        "Name": database.name,
        "DbId": database.uuid,
        "Hostname": call.state.hostname(database),
        "group": database.group or "",
        "organization_id": organization.uuid,
        "regions": list(dict.fromkeys(i.region for i in database.instances.values())),
        "primaryRegion": primary.region if primary else "",
        "delete_protection": database.protected,
        "deleted_at": stamp(one.at),
        **({"group_id": one.group.uuid} if one.group else {}),
        **({"group_deleted_at": stamp(one.at)} if group_gone and one.with_group else {}),
    }


def restore_database(call: Call) -> Any:
    """Restores a database as it was, under another name if one is given; and its group if that is gone too."""
    _must_restore(call)
    organization, now = call.organization, call.state.clock()
    one = organization.deleted_databases.get(call.path["database_id"])
    if one is None or not one.restorable(now):
        raise Refusal(404, "deleted database not found")
    name = check_name(call.text("name", one.database.name))
    if name in organization.databases:
        raise call.state.conflict("database with same name already exists", usual=400)
    # https://docs.turso.tech/api-reference/databases/list-deleted: restoring it also restores the group.
    if one.group is not None and one.group.uuid in organization.deleted_groups:
        _restore_group(call, organization, one.group)
    one.database.name = name
    return {"database": _restore(call, one)}


def restore_group(call: Call) -> Any:
    """Restores a group with the databases that were deleted with it; `failures` has the rest by UUID."""
    _must_restore(call)
    organization = call.organization
    one = organization.deleted_groups.get(call.path["group_id"])
    if one is None or not one.restorable(call.state.clock()):
        raise Refusal(404, "deleted group not found")
    group, members = one.group, _members(call, one.group)
    _restore_group(call, organization, group)
    restored: list[dict[str, Any]] = []
    failures: dict[str, str] = {}
    for member in members:
        if member.database.name in organization.databases:
            failures[member.database.uuid] = "database with same name already exists"
        else:
            restored.append(_restore(call, member))
    return {"group": shown_group(group), "databases": restored, "failures": failures}


def _members(call: Call, group: FakeGroup) -> list[DeletedDatabase]:
    deleted, now = call.organization.deleted_databases.values(), call.state.clock()
    return [d for d in deleted if d.group is group and d.with_group and d.restorable(now)]


def _restore_group(call: Call, organization: FakeOrganization, group: FakeGroup) -> None:
    if group.name in organization.groups:
        raise call.state.conflict("group already exists")
    organization.groups[group.name] = group
    del organization.deleted_groups[group.uuid]
    call.audit(organization, "group-create", "restored", group=group.name)


def _restore(call: Call, one: DeletedDatabase) -> dict[str, Any]:
    organization, database = call.organization, one.database
    # The record is compared: a new group may have the name by now.
    here = one.group is not None and organization.groups.get(one.group.name) is one.group
    database.group = one.group.name if one.group and here else None
    shown = _shown_deleted(call, one)
    del organization.deleted_databases[database.uuid]
    database.serial = call.state.number()
    organization.databases[database.name] = database
    call.audit(organization, "db-create", "restored", database=database.name)
    return {key: value for key, value in shown.items() if not key.endswith("deleted_at")}


def _must_be_paid(call: Call) -> None:
    if not call.organization.paid:
        raise Refusal(403, "recovery of deleted databases is not available on the free plan")


def _must_restore(call: Call) -> None:
    _must_be_paid(call)
    call.must_manage(_NOT_A_MANAGER)
    if not call.organization.restore_enabled:
        raise Refusal(400, "recovery is disabled for the organization")
