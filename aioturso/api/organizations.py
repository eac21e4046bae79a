"""Organizations, their plans, bills and usage (vendor's reference: [Organizations](https://docs.turso.tech/api-reference/organizations/list)).

Most methods are about the client's own organization unless another is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .. import _bodies, _checks
from .._decode import many, one, value
from .._operation import Operation
from .._protocol import present
from .._removals import removed
from ..inputs import UNSET, Role, Unset
from ..models.invites import Invite
from ..models.members import Member
from ..models.organizations import (
    Customer,
    Invoice,
    Organization,
    OrganizationUsage,
    Plan,
    Subscription,
)
from ._paging import whole
from ._personal import personal
from ._resource import Resource
from .invites import Invites
from .members import Members

_ALL = "/v1/organizations"
_ONE = _ALL + "/{organization}"
_BILLING = _ONE + "/billing"

# /v1 answers a bare array, /v2 an object.
LIST = Operation("list organizations", "GET", _ALL, many(Organization, "organizations", bare=True))
LIST_V2 = Operation(
    "list organizations of /v2", "GET", "/v2/organizations", many(Organization, "organizations", bare=True)
)
CREATE = Operation(
    "create organization",
    "POST",
    _ALL,
    one(Organization, "org"),
    unknown="been created: look with turso.organizations.list()",
)
GET = Operation("get organization", "GET", _ONE, one(Organization, "organization", named=("slug", "id")))
UPDATE = Operation(
    "update organization", "PATCH", _ONE, one(Organization, "organization", named=("slug", "id"))
)
DELETE = Operation("delete organization", "DELETE", _ONE, removed("organization"), gone=("organization",))
PLANS = Operation("list plans", "GET", _ONE + "/plans", many(Plan, "plans"))
PUBLIC_PLANS = Operation("list public plans", "GET", "/v1/plans", many(Plan, "plans"))
INVOICES = Operation("list invoices", "GET", _ONE + "/invoices", many(Invoice, "invoices"))
SUBSCRIPTION = Operation("get subscription", "GET", _ONE + "/subscription", one(Subscription, "subscription"))
UPDATE_SUBSCRIPTION = Operation(
    "update subscription",
    "POST",
    _ONE + "/subscription",
    one(Subscription, "subscription", optional=True),
    unknown="happened: look with turso.organizations.subscription()",
)
CUSTOMER = Operation("get customer", "GET", _BILLING + "/customer", one(Customer))
UPDATE_CUSTOMER = Operation("update customer", "PUT", _BILLING + "/customer", one(Customer, optional=True))
PAYMENT_METHOD = Operation(
    "look for payment method", "GET", _BILLING + "/payment-methods", value("exists", bool)
)
PORTAL = Operation(
    "open billing portal",
    "POST",
    _BILLING + "/portal",
    value("url", str, within="portal"),
    unknown="happened, to no effect: open it again",
)
CREATE_CUSTOMER = Operation(
    "create customer",
    "POST",
    _ALL + "/stripe-customer",
    value("stripe_customer_id", str),
    unknown="been created, unseen and without an organization: create another",
)
USAGE = Operation("get organization usage", "GET", _ONE + "/usage", one(OrganizationUsage, "organization"))


class Organizations(Resource):
    """`turso.organizations`."""

    async def get(self, organization: str | None = None) -> Organization:
        """Returns one organization. Raises NotFoundError, DecodeError (the answer names another).

        Vendor page: [Retrieve Organization](https://docs.turso.tech/api-reference/organizations/retrieve).
        """
        return await self._calls.of(organization).call(GET)

    async def personal(self) -> Organization:
        """Returns the organization of the token's user alone; its slug is the username.

        Raises DecodeError when the list has none, as for a token that is restricted to another organization.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await personal(self._calls, LIST_V2)

    async def create(self, name: str, *, stripe_id: str | None = None, dry_run: bool = False) -> Organization:
        """Creates an organization. Not retried once it may have taken effect.

        `stripe_id`: the customer that pays, if the user has no paid plan; `dry_run`: only tries whether it could be
        created. Raises ConflictError, PaymentRequiredError, OutcomeUnknownError. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        body = _bodies.fields(name=_checks.text(name, "name"), stripe_id=stripe_id)
        return await self._calls.call(
            CREATE, query={"dry_run": _checks.switch(dry_run, "dry_run")}, json=body
        )

    async def update(
        self,
        organization: str | None = None,
        *,
        overages: bool | Unset = UNSET,
        require_mfa: bool | Unset = UNSET,
        restore_enabled: bool | Unset = UNSET,
    ) -> Organization:
        """Changes the settings that are given.

        `restore_enabled`: whether what is deleted can be restored; it must be changed apart from the others, by an
        admin or owner. Raises InvalidInputError (nothing to change), NotFoundError, ForbiddenError.
        Vendor page: [Update Organization](https://docs.turso.tech/api-reference/organizations/update).
        """
        body = _bodies.organization_changes(overages, require_mfa, restore_enabled)
        return await self._calls.of(organization).call(UPDATE, json=body)

    async def delete(self, organization: str, *, missing_ok: bool = False) -> str:
        """Deletes an organization, always named, and returns its slug; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have taken effect means deleted. Raises NotFoundError, BadRequestError,
        DecodeError (the answer names another), OutcomeUnknownError.
        Vendor page: [Delete Organization](https://docs.turso.tech/api-reference/organizations/delete).
        """
        missing = _bodies.if_missing(organization, missing_ok)
        return await self._calls.of(_checks.text(organization, "organization")).call(DELETE, missing=missing)

    async def plans(self, organization: str | None = None) -> list[Plan]:
        """Returns the plans that an organization can choose from.

        Vendor page: [List Plans](https://docs.turso.tech/api-reference/organizations/plans).
        """
        return await whole(self._calls.of(organization), PLANS)

    async def public_plans(self) -> list[Plan]:
        """Returns the plans that are on offer to everyone. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli)."""
        return await whole(self._calls, PUBLIC_PLANS)

    async def invoices(
        self, organization: str | None = None, *, type: Literal["all", "upcoming", "issued"] | None = None
    ) -> list[Invoice]:
        """Returns invoices. Vendor page: [List Invoices](https://docs.turso.tech/api-reference/organizations/invoices)."""
        return await whole(self._calls.of(organization), INVOICES, query=_bodies.filters(type=type))

    async def subscription(self, organization: str | None = None) -> Subscription:
        """Returns the current subscription.

        Vendor page: [Current Subscription](https://docs.turso.tech/api-reference/organizations/subscription).
        """
        return await self._calls.of(organization).call(SUBSCRIPTION)

    async def update_subscription(
        self,
        plan: str,
        *,
        timeline: Literal["monthly", "yearly"] | None = None,
        overages: bool | None = None,
        organization: str | None = None,
    ) -> Subscription:
        """Changes the plan, which may cost money at once. Not retried once it may have taken effect.

        The answer may be empty; then so is the subscription that is returned. Raises BadRequestError,
        PaymentRequiredError, OutcomeUnknownError. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        body = _bodies.subscription(plan, timeline, overages)
        return await self._calls.of(organization).call(UPDATE_SUBSCRIPTION, json=body)

    async def customer(self, organization: str | None = None) -> Customer:
        """Returns the data that invoices are made out to. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli)."""
        return await self._calls.of(organization).call(CUSTOMER)

    async def update_customer(
        self,
        name: str,
        email: str,
        *,
        tax_id: Mapping[str, str] | None = None,
        billing_address: Mapping[str, str] | None = None,
        organization: str | None = None,
    ) -> Customer:
        """Replaces the data that invoices are made out to; `tax_id` and `billing_address` have the keys of the models.

        The answer may be empty; then so is the customer that is returned. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        body = _bodies.customer(name, email, tax_id, billing_address)
        return await self._calls.of(organization).call(UPDATE_CUSTOMER, json=body)

    async def has_payment_method(
        self, organization: str | None = None, *, stripe_id: str | None = None
    ) -> bool:
        """Returns whether an organization, or a customer that is to pay for a new one, can pay. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli)."""
        query = _bodies.filters(stripe_id=stripe_id)
        return await self._calls.of(organization).call(PAYMENT_METHOD, query=query)

    async def billing_portal(self, organization: str | None = None, *, stripe_id: str | None = None) -> str:
        """Returns the URL of a page where a payment method can be added. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli)."""
        return await self._calls.of(organization).call(PORTAL, json=_bodies.fields(stripe_id=stripe_id))

    async def create_customer(self, name: str) -> str:
        """Creates a customer that is to pay for a new organization and returns its id, the `stripe_id` of `create`.

        Not retried once it may have taken effect. Raises OutcomeUnknownError. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await self._calls.call(CREATE_CUSTOMER, json=present(Name=_checks.text(name, "name")))

    async def usage(self, organization: str | None = None) -> OrganizationUsage:
        """Returns what the organization and its databases used.

        Vendor page: [Organization Usage](https://docs.turso.tech/api-reference/organizations/usage).
        """
        return await self._calls.of(organization).call(USAGE)

    async def members(self, organization: str | None = None) -> list[Member]:
        """The same as `members.list`. Vendor page: [List Members](https://docs.turso.tech/api-reference/organizations/members/list)."""
        return await Members(self._calls.of(organization)).list()

    async def add_member(
        self, username: str, role: Role | None = None, organization: str | None = None
    ) -> Member:
        """The same as `members.add`. Vendor page: [Add Member](https://docs.turso.tech/api-reference/organizations/members/add)."""
        return await Members(self._calls.of(organization)).add(username, role)

    async def remove_member(
        self, username: str, organization: str | None = None, *, missing_ok: bool = False
    ) -> str:
        """The same as `members.remove`. Vendor page: [Remove Member](https://docs.turso.tech/api-reference/organizations/members/remove)."""
        return await Members(self._calls.of(organization)).remove(username, missing_ok=missing_ok)

    async def list_invites(self, organization: str | None = None) -> list[Invite]:
        """The same as `invites.list`. Vendor page: [List Invites](https://docs.turso.tech/api-reference/organizations/invites/list-v2)."""
        return await Invites(self._calls.of(organization)).list()

    async def invite_user(
        self, email: str, role: Role | None = None, organization: str | None = None
    ) -> Invite:
        """The same as `invites.create`.

        Vendor page: [Invite Organization Member](https://docs.turso.tech/api-reference/organizations/invites/create-v2).
        """
        return await Invites(self._calls.of(organization)).create(email, role=role)

    async def delete_invite(
        self, email: str, organization: str | None = None, *, missing_ok: bool = False
    ) -> str:
        """The same as `invites.delete`. Vendor page: [Delete Invite](https://docs.turso.tech/api-reference/organizations/invites/delete-v2)."""
        return await Invites(self._calls.of(organization)).delete(email, missing_ok=missing_ok)

    # Last: in a later annotation of this class `list` would be this method.
    async def list(self) -> list[Organization]:
        """Returns all organizations that the token's user is a member of.

        Vendor page: [List Organizations](https://docs.turso.tech/api-reference/organizations/list).
        """
        return await whole(self._calls, LIST)
