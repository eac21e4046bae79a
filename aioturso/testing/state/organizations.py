"""Organizations: listing, creation, settings, usage and what happened in them."""

from __future__ import annotations

import re
from typing import Any

from .call import Call
from .databases import added, must_be_unprotected, usage_of
from .groups import must_be_free
from .records import FakeOrganization
from .world import Refusal

# Where every request of the fake's user comes from, as the audit log shows it.
_PLACE = {
    "city": "Ashburn",
    "country_code": "US",
    "latitude": "39.0437",
    "longitude": "-77.4874",
    "ip": "203.0.113.7",
}


def list_organizations(call: Call) -> Any:
    """Returns the organizations of the token's user, as a bare array."""
    return list_wrapped(call)["organizations"]


def list_wrapped(call: Call) -> Any:
    """Returns the organizations in an object, as `/v2` has it."""
    owner, only = call.token.owner, call.token.organization
    mine = (o for o in call.state.organizations.values() if owner in o.members and only in (None, o.slug))
    return {"organizations": [shown(organization) for organization in mine]}


def get_organization(call: Call) -> Any:
    """Returns one organization, with the settings that the list leaves out."""
    organization = call.organization
    return {"organization": shown(organization) | {"restore_enabled": organization.restore_enabled}}


def create_organization(call: Call) -> Any:
    """Creates an organization, unless it is a dry run; without a paid plan a customer that pays is required."""
    name, stripe_id = call.text("name"), call.text("stripe_id", "")
    slug = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")
    if not slug:
        raise Refusal(400, "invalid name")
    if slug in call.state.organizations:
        raise call.state.conflict("organization name already exists")
    made = FakeOrganization(slug=slug, name=name, plan="starter", stripe_id=stripe_id)
    made.members[call.token.owner] = call.state.member(call.token.owner, "owner")
    if call.query.get("dry_run") != "true":
        if not stripe_id and not call.state.personal(call.token.owner).paid:
            raise Refusal(402, "organizations are only available on paid plans")
        if stripe_id and stripe_id not in call.state.customers:
            raise Refusal(404, "customer not found")
        call.state.organizations[slug] = made
        call.audit(made, "org-create", organization=slug)
    return {"org": shown(made)}


def update_organization(call: Call) -> Any:
    """Changes the settings that are given; `restore_enabled` alone, and only for an admin or owner."""
    organization, overages, require_mfa = call.organization, call.flag("overages"), call.flag("require_mfa")
    restore = call.flag("restore_enabled")
    if restore is not None:
        call.must_manage("only an admin or owner can change restore_enabled")
        if overages is not None or require_mfa is not None:
            raise Refusal(400, "restore_enabled must be updated apart from other settings")
        organization.restore_enabled = restore
    if overages is not None:
        organization.overages = overages
        call.audit(organization, "org-set-overages", overages=overages)
    if require_mfa is not None:
        organization.require_mfa = require_mfa
    return get_organization(call)


def delete_organization(call: Call) -> Any:
    """Deletes an organization with all that is in it, unless something is protected; revokes its tokens."""
    organization = call.organization
    if organization.type == "personal":
        raise Refusal(400, "a personal organization cannot be deleted")
    if organization.members[call.token.owner]["role"] != "owner":
        raise Refusal(403, "only the owner can delete an organization")
    for group in organization.groups.values():
        must_be_free(group)
    for database in organization.databases.values():
        must_be_unprotected(database)
    del call.state.organizations[organization.slug]
    call.state.revoke(lambda token: token.organization == organization.slug)
    return {"organization": organization.slug}


def get_usage(call: Call) -> Any:
    """Returns what all databases have used."""
    organization = call.organization
    databases = list(organization.databases.values())
    usage = added([i.usage for d in databases for i in d.instances.values()])
    usage["storage_bytes"] = sum(usage_of(d)["total"]["storage_bytes"] for d in databases)
    usage["databases"], usage["groups"] = len(databases), len(organization.groups)
    usage["locations"] = len({i.region for d in databases for i in d.instances.values()})
    return {
        "organization": {
            "uuid": organization.uuid,
            "usage": usage,
            "databases": [usage_of(d) for d in databases],
        }
    }


def list_audit_logs(call: Call) -> Any:
    """Returns what happened, newest first; refuses it on the starter plan."""
    logs, size, page = call.organization.audit_logs, call.count("page_size", 100), call.count("page", 1)
    if not call.organization.paid:
        message = "audit logs are not available on the starter plan"
        raise Refusal(403, message, "feature_not_available_for_starter_plan")
    end = len(logs) - (page - 1) * size
    shown_logs = logs[max(0, end - size) : end][::-1] if end > 0 else []
    pages = -(-len(logs) // size)
    return {
        "audit_logs": [log | _PLACE for log in shown_logs],
        "pagination": {
            "page": page,
            "page_size": size,
            "sort": "desc",
            "total_pages": pages,
            "total_rows": len(logs),
        },
    }


def shown(organization: FakeOrganization) -> dict[str, Any]:
    """Returns an organization as the platform shows it."""
    return {
        "id": organization.uuid,
        "name": organization.name,
        "slug": organization.slug,
        "type": organization.type,
        "stripe_id": organization.stripe_id,
        "overages": organization.overages,
        "require_mfa": organization.require_mfa,
        "blocked_reads": False,
        "blocked_writes": False,
        "delinquent": False,
        "memory": 0,
        # A nullable time as Go's database/sql writes it.
        "payment_failing_since": {"Time": "0001-01-01T00:00:00Z", "Valid": False},
        "plan_id": organization.plan,
        "plan_timeline": organization.timeline,
        "platform": "",
        "platform_id": "",
        "platform_access_token": "",
    }
