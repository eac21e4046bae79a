"""Organizations, their plans, bills and usage."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from . import DECIDES, Model, Secret
from .databases import DatabaseUsage, Usage


@frozen(kw_only=True)
class PaymentFailure(Model):
    """The `time` since which payments fail; `valid` False: none fails, and `time` means nothing."""

    time: datetime | None = None
    valid: bool | None = None


@frozen(kw_only=True)
class Organization(Model):
    """An organization, named in paths by its `slug`, or by its `id`, a UUID. None: not in the answer.

    `type` is `personal` or `team`; every user has a personal one, whose slug is the username. `restore_enabled`: what
    is deleted can be restored; only in the answers for one organization.
    """

    slug: str
    id: str | None = None
    name: str | None = None
    type: str | None = None
    overages: bool | None = None
    require_mfa: bool | None = None
    restore_enabled: bool | None = field(default=None, metadata=DECIDES)
    blocked_reads: bool | None = None
    blocked_writes: bool | None = None
    delinquent: bool | None = None
    memory: int | None = None
    payment_failing_since: PaymentFailure | None = None
    plan_id: str | None = None
    plan_timeline: str | None = None
    platform: str | None = None
    platform_id: str | None = None
    platform_access_token: Secret | None = None
    stripe_id: str | None = None


@frozen(kw_only=True)
class PlanPrice(Model):
    """A price in USD, as given, and how often it is due (`monthly`, `yearly`)."""

    value: str | None = None
    timeline: str | None = None


@frozen(kw_only=True)
class PlanQuotas(Model):
    """The quotas of a plan: rows, counts, and bytes for `storage` and `bytes_synced`. None: no limit in the answer."""

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
    """An invoice; `amount_due` is in USD, as given, `invoice_pdf` and `hosted_invoice_url` are links."""

    invoice_number: str | None = None
    amount_due: str | None = None
    due_date: datetime | None = None
    paid_at: datetime | None = None
    payment_failed_at: datetime | None = None
    invoice_pdf: str | None = None
    status: str | None = None
    hosted_invoice_url: str | None = None


@frozen(kw_only=True)
class TaxId(Model):
    """A tax number and the country that it is of."""

    value: str | None = None
    country: str | None = None


@frozen(kw_only=True)
class Address(Model):
    """A postal address."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


@frozen(kw_only=True)
class Customer(Model):
    """The data that invoices are made out to."""

    name: str | None = None
    email: str | None = None
    tax_id: TaxId | None = None
    billing_address: Address | None = None


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

    databases: int = field(default=0, metadata=DECIDES)
    locations: int = field(default=0, metadata=DECIDES)
    groups: int = field(default=0, metadata=DECIDES)


@frozen(kw_only=True)
class OrganizationUsage(Model):
    """The usage of an organization and of each of its databases."""

    uuid: str | None = None
    usage: OrganizationTotals = field(factory=OrganizationTotals, metadata={"also": ("total",), **DECIDES})
    databases: tuple[DatabaseUsage, ...] = ()
