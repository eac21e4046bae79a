"""Plans: what they cost, and how much of everything they allow."""

from __future__ import annotations

from typing import Any

from .records import FakeOrganization
from .world import Refusal

# A guess but for the first plan: https://turso.tech/pricing
_QUOTAS: dict[str, int | None] = {
    "rowsRead": 500_000_000,
    "rowsWritten": 10_000_000,
    "databases": 100,
    "locations": 3,
    "storage": 5_000_000_000,
    "groups": 1,
    "bytesSynced": 3_000_000_000,
}


def _plan(name: str, monthly: str, yearly: str, **quotas: int | None) -> dict[str, Any]:
    prices = [{"value": monthly, "timeline": "monthly"}]
    if yearly:
        prices.append({"value": yearly, "timeline": "yearly"})
    return {"name": name, "price": monthly, "prices": prices, "quotas": _QUOTAS | quotas}


PLANS = [
    _plan("starter", "0", ""),
    _plan("developer", "5.99", "59.9", databases=500, groups=10),
    _plan("scaler", "29", "290", databases=None, locations=6, groups=100),
    _plan("pro", "499", "4990", databases=None, locations=30, groups=10_000),
]
NAMES = tuple(plan["name"] for plan in PLANS)


def must_allow(organization: FakeOrganization, resource: str, count: int) -> None:
    """Refuses one more of a resource if the plan allows no more than there are."""
    quotas: dict[str, int | None] = next(p["quotas"] for p in PLANS if p["name"] == organization.plan)
    limit = quotas[resource]
    if limit is not None and count >= limit and not organization.overages:
        message = f"{resource} limit of plan {organization.plan} reached: {limit}. Upgrade your plan"
        raise Refusal(402, message)
