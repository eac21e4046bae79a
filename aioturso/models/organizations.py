"""Organizations, their plans, bills and usage."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from . import Model
from .databases import DatabaseUsage, Usage


@frozen(kw_only=True)
class Organization(Model):
    """An organization, named in paths by its `slug`. `type` is `personal` or `team`; None: not told."""

    slug: str
    name: str | None = None
    type: str | None = None
    overages: bool | None = None
    require_mfa: bool | None = None
    blocked_reads: bool | None = None
    blocked_writes: bool | None = None
    plan_id: str | None = None
    plan_timeline: str | None = None
    platform: str | None = None


@frozen(kw_only=True)
class PlanPrice(Model):
    """A price in USD, as given, and how often it is due (`monthly`, `yearly`)."""

    value: str | None = None
    timeline: str | None = None


@frozen(kw_only=True)
class PlanQuotas(Model):
    """What a plan allows: rows, counts, and bytes for `storage` and `bytes_synced`. None: no limit told."""

    rows_read: int | None = None
    rows_written: int | None = None
    databases: int | None = None
    locations: int | None = None
    storage: int | None = None
    groups: int | None = None
    bytes_synced: int | None = None


@frozen(kw_only=True)
class Plan(Model):
    """A plan; `price` is per month in USD, as given."""

    name: str
    price: str | None = None
    prices: tuple[PlanPrice, ...] = ()
    quotas: PlanQuotas = field(factory=PlanQuotas)


@frozen(kw_only=True)
class Invoice(Model):
    """An invoice; `amount_due` is in USD, as given, `invoice_pdf` a link."""

    invoice_number: str | None = None
    amount_due: str | None = None
    due_date: datetime | None = None
    paid_at: datetime | None = None
    payment_failed_at: datetime | None = None
    invoice_pdf: str | None = None


@frozen(kw_only=True)
class Subscription(Model):
    """The current subscription: the plan's name, and whether it is billed `monthly` or `yearly`."""

    name: str | None = None
    plan: str | None = None
    timeline: str | None = None
    overages: bool | None = None


@frozen(kw_only=True)
class OrganizationTotals(Usage):
    """An organization's usage in all, with how many databases, locations and groups it has."""

    databases: int = 0
    locations: int = 0
    groups: int = 0


@frozen(kw_only=True)
class OrganizationUsage(Model):
    """The usage of an organization and of each of its databases."""

    uuid: str | None = None
    usage: OrganizationTotals = field(factory=OrganizationTotals, metadata={"also": ("total",)})
    databases: tuple[DatabaseUsage, ...] = ()
