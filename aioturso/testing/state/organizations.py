"""Organizations, and what they pay for and have done."""

from __future__ import annotations

from typing import Any

from .call import Call
from .databases import added, usage_of
from .world import FakeOrganization, Refusal

_QUOTAS = {
    "rowsRead": 500_000_000,
    "rowsWritten": 10_000_000,
    "databases": 100,
    "locations": 3,
    "storage": 5_000_000_000,
    "groups": 1,
    "bytesSynced": 3_000_000_000,
}
_PLANS = [
    {"name": "starter", "price": "0", "prices": [{"value": "0", "timeline": "monthly"}], "quotas": _QUOTAS},
    {
        "name": "developer",
        "price": "5.99",
        "prices": [{"value": "5.99", "timeline": "monthly"}, {"value": "59.9", "timeline": "yearly"}],
        "quotas": _QUOTAS | {"databases": 500, "groups": 10},
    },
    {
        "name": "scaler",
        "price": "29",
        "prices": [{"value": "29", "timeline": "monthly"}, {"value": "290", "timeline": "yearly"}],
        "quotas": _QUOTAS | {"databases": None, "locations": 6, "groups": 100},
    },
]
_ISSUED = {
    "invoice_number": "LFONTK-00001",
    "amount_due": "10.29",
    "due_date": "2024-01-01T05:00:00+00:00",
    "paid_at": "2024-01-02T05:00:00+00:00",
    "payment_failed_at": "2024-01-01T05:00:00+00:00",
    "invoice_pdf": "https://invoices.example.com/LFONTK-00001.pdf",
}
_UPCOMING = {
    "invoice_number": "LFONTK-00002",
    "amount_due": "29.00",
    "due_date": "2024-02-01T05:00:00+00:00",
    "invoice_pdf": "https://invoices.example.com/LFONTK-00002.pdf",
}


def list_organizations(call: Call) -> Any:
    """A bare array, which the vendor's TypeScript client would read as none."""
    return list_wrapped(call) if call.vendor_client else list_wrapped(call)["organizations"]


def list_wrapped(call: Call) -> Any:
    """As `/v2` and the vendor's clients have it."""
    wanted = (o for o in call.state.organizations.values() if call.token.organization in (None, o.slug))
    return {"organizations": [shown(organization) for organization in wanted]}


def get_organization(call: Call) -> Any:
    """One organization."""
    return {"organization": shown(call.organization)}


def update_organization(call: Call) -> Any:
    """Change the settings that are given."""
    organization, overages, require_mfa = call.organization, call.flag("overages"), call.flag("require_mfa")
    if overages is not None:
        organization.overages = overages
        call.audit(organization, "org-set-overages", overages=overages)
    if require_mfa is not None:
        organization.require_mfa = require_mfa
    return {"organization": shown(organization)}


def delete_organization(call: Call) -> Any:
    """With all that is in it, unless something in it is protected; its tokens are revoked."""
    organization = call.organization
    for group in organization.groups.values():
        if group.delete_protection:
            raise Refusal(400, f"group {group.name} is protected against deletion")
    for database in organization.databases.values():
        if database.protected:
            raise Refusal(400, f"database {database.name} is protected against deletion")
    del call.state.organizations[organization.slug]
    call.state.revoke(lambda token: token.organization == organization.slug)
    return {"organization": organization.slug}


def list_plans(call: Call) -> Any:
    """The plans on offer."""
    _ = call.organization
    return {"plans": _PLANS}


def list_invoices(call: Call) -> Any:
    """The invoices of a kind."""
    _ = call.organization
    kinds = {"all": [_UPCOMING, _ISSUED], "upcoming": [_UPCOMING], "issued": [_ISSUED]}
    kind = call.query.get("type") or "all"
    if kind not in kinds:
        raise Refusal(400, "invalid type parameter")
    return {"invoices": kinds[kind]}


def get_subscription(call: Call) -> Any:
    """The plan in use."""
    organization = call.organization
    return {
        "subscription": {
            "name": "scaler",
            "overages": organization.overages,
            "plan": "scaler",
            "timeline": "monthly",
        }
    }


def get_usage(call: Call) -> Any:
    """What all databases have used."""
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
    """Newest first."""
    logs, size, page = call.organization.audit_logs, call.count("page_size", 100), call.count("page", 1)
    end = len(logs) - (page - 1) * size
    shown_logs = logs[max(0, end - size) : end][::-1] if end > 0 else []
    pages = -(-len(logs) // size)
    return {
        "audit_logs": shown_logs,
        "pagination": {"page": page, "page_size": size, "total_pages": pages, "total_rows": len(logs)},
    }


def shown(organization: FakeOrganization) -> dict[str, Any]:
    """An organization as the platform shows it."""
    return {
        "name": organization.name,
        "slug": organization.slug,
        "type": organization.type,
        "overages": organization.overages,
        "require_mfa": organization.require_mfa,
        "blocked_reads": False,
        "blocked_writes": False,
        "plan_id": "scaler",
        "plan_timeline": "monthly",
        "platform": "",
    }
