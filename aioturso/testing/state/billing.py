"""The bills of an organization: subscription, invoices, customer data and payment methods."""

from __future__ import annotations

from typing import Any

from .call import Call
from .minting import opaque_id
from .plans import NAMES, PLANS
from .world import Refusal

_INVOICE_NUMBERS = ("LFONTK-00001", "LFONTK-00002")
_ISSUED = {
    "invoice_number": _INVOICE_NUMBERS[0],
    "amount_due": "10.29",
    "due_date": "2024-01-01T05:00:00+00:00",
    "paid_at": "2024-01-02T05:00:00+00:00",
    "payment_failed_at": "2024-01-01T05:00:00+00:00",
    "invoice_pdf": f"https://invoices.example.com/{_INVOICE_NUMBERS[0]}.pdf",
    "status": "paid",
    "hosted_invoice_url": f"https://invoices.example.com/{_INVOICE_NUMBERS[0]}",
}
_UPCOMING = {
    "invoice_number": _INVOICE_NUMBERS[1],
    "amount_due": "29.00",
    "due_date": "2024-02-01T05:00:00+00:00",
    "invoice_pdf": f"https://invoices.example.com/{_INVOICE_NUMBERS[1]}.pdf",
    "status": "draft",
    "hosted_invoice_url": f"https://invoices.example.com/{_INVOICE_NUMBERS[1]}",
}
_ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")


def list_organization_plans(call: Call) -> Any:
    """Returns the plans that an organization can have."""
    _ = call.organization  # refuses one that is not there, or not the user's
    return {"plans": PLANS}


def list_plans(call: Call) -> Any:
    """Returns the plans on offer."""
    return {"plans": PLANS}


def list_invoices(call: Call) -> Any:
    """Returns the invoices of a kind."""
    _ = call.organization  # refuses one that is not there, or not the user's
    kinds = {"all": [_UPCOMING, _ISSUED], "upcoming": [_UPCOMING], "issued": [_ISSUED]}
    kind = call.query.get("type") or "all"
    if kind not in kinds:
        raise Refusal(400, "invalid type parameter")
    return {"invoices": kinds[kind]}


def get_subscription(call: Call) -> Any:
    """Returns the plan in use."""
    organization = call.organization
    return {
        "subscription": {
            "name": organization.plan,
            "overages": organization.overages,
            "plan": organization.plan,
            "timeline": organization.timeline,
        }
    }


def update_subscription(call: Call) -> Any:
    """Changes the plan, if there is a way to pay for it."""
    organization, plan = call.organization, call.one_of("plan", NAMES)
    timeline = call.one_of("timeline", ("monthly", "yearly"), organization.timeline)
    if plan != "starter" and not organization.payment_method:
        raise Refusal(402, "payment required")
    organization.plan, organization.timeline = plan, timeline
    if (overages := call.flag("overages")) is not None:
        organization.overages = overages
    call.audit(organization, "org-plan-update", plan=plan)
    return get_subscription(call)


def get_customer(call: Call) -> Any:
    """Returns the data that invoices are made out to."""
    given = call.organization.customer
    tax_id, address = given.get("tax_id") or {}, given.get("billing_address") or {}
    return {
        "name": given.get("name") or "",
        "email": given.get("email") or "",
        "tax_id": {key: tax_id.get(key) or "" for key in ("value", "country")},
        "billing_address": {key: address.get(key) or "" for key in _ADDRESS},
    }


def put_customer(call: Call) -> Any:
    """Replaces the data that invoices are made out to."""
    given = {"name": call.text("name", ""), "email": call.text("email", "")}
    parts = {key: call.part(key) for key in ("tax_id", "billing_address")}
    call.organization.customer = given | parts
    return get_customer(call)


def has_payment_method(call: Call) -> Any:
    """Returns whether an organization, or a customer that is to own one, can pay."""
    stripe_id = call.query.get("stripe_id")
    if stripe_id:
        _must_be_customer(call, stripe_id)
        return {"exists": True}
    return {"exists": call.organization.payment_method}


def open_portal(call: Call) -> Any:
    """Returns the address at which a payment method can be added."""
    organization, stripe_id = call.organization, call.text("stripe_id", "")
    if stripe_id:
        _must_be_customer(call, stripe_id)
    customer = stripe_id or organization.stripe_id or organization.slug
    return {"portal": {"url": f"https://billing.example.com/{customer}"}}


def create_customer(call: Call) -> Any:
    """Makes a customer that is to own an organization."""
    stripe_id = f"cus_{opaque_id()}"
    call.state.customers[stripe_id] = call.text("name")
    return {"stripeCustomerId": stripe_id}


def _must_be_customer(call: Call, stripe_id: str) -> None:
    if stripe_id not in call.state.customers:
        raise Refusal(404, "customer not found")
