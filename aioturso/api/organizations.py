"""Organizations, their plans, bills and usage (vendor's reference: Organizations).

Each method takes the client's own organization unless another is given.
"""

from __future__ import annotations

from .. import _bodies
from .._decode import many, one, removed
from .._operation import Operation
from ..inputs import UNSET, Unset
from ..models.invites import Invite
from ..models.members import Member
from ..models.organizations import Invoice, Organization, OrganizationUsage, Plan, Subscription
from ._resource import Resource
from .invites import Invites
from .members import Members

_ALL = "/v1/organizations"
_ONE = _ALL + "/{organization}"

LIST = Operation("list organizations", "GET", _ALL, many(Organization, "organizations", bare=True))
GET = Operation("get organization", "GET", _ONE, one(Organization, "organization"))
UPDATE = Operation("update organization", "PATCH", _ONE, one(Organization, "organization"))
DELETE = Operation("delete organization", "DELETE", _ONE, removed("organization"), gone=("organization",))
PLANS = Operation("list plans", "GET", _ONE + "/plans", many(Plan, "plans"))
INVOICES = Operation("list invoices", "GET", _ONE + "/invoices", many(Invoice, "invoices"))
SUBSCRIPTION = Operation("get subscription", "GET", _ONE + "/subscription", one(Subscription, "subscription"))
USAGE = Operation("get organization usage", "GET", _ONE + "/usage", one(OrganizationUsage, "organization"))


class Organizations(Resource):
    """`turso.organizations`."""

    async def get(self, organization: str | None = None) -> Organization:
        """One organization. Raises NotFoundError. Vendor page: Retrieve Organization."""
        return await self._calls.of(organization).call(GET)

    async def update(
        self,
        organization: str | None = None,
        *,
        overages: bool | Unset = UNSET,
        require_mfa: bool | Unset = UNSET,
    ) -> Organization:
        """Change the settings that are given.

        Raises InvalidInputError (nothing to change), NotFoundError. Vendor page: Update Organization.
        """
        body = _bodies.changed(overages=overages, require_mfa=require_mfa)
        return await self._calls.of(organization).call(UPDATE, json=body)

    async def delete(self, organization: str, *, missing_ok: bool = False) -> str:
        """Delete an organization, always named, and return its slug; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have been applied means deleted. Raises NotFoundError, BadRequestError,
        DecodeError (the answer names another), OutcomeUnknownError. Vendor page: none; it is in the TypeScript client.
        """
        return await self._calls.of(organization).call(DELETE, missing=organization if missing_ok else None)

    async def plans(self, organization: str | None = None) -> list[Plan]:
        """The plans to choose from. Vendor page: List Plans."""
        return await self._calls.of(organization).call(PLANS)

    async def invoices(self, organization: str | None = None, *, type: str | None = None) -> list[Invoice]:
        """Invoices; `type`: `all`, `upcoming` or `issued`. Vendor page: List Invoices."""
        return await self._calls.of(organization).call(INVOICES, query={"type": type})

    async def subscription(self, organization: str | None = None) -> Subscription:
        """The current subscription. Vendor page: Current Subscription."""
        return await self._calls.of(organization).call(SUBSCRIPTION)

    async def usage(self, organization: str | None = None) -> OrganizationUsage:
        """What the organization and its databases used. Vendor page: Organization Usage."""
        return await self._calls.of(organization).call(USAGE)

    async def members(self, organization: str | None = None) -> list[Member]:
        """`members.list`: all members. Vendor page: List Members."""
        return await Members(self._calls.of(organization)).list()

    async def add_member(
        self, username: str, role: str | None = None, organization: str | None = None
    ) -> Member:
        """`members.add`: add a user. Raises as that. Vendor page: Add Member."""
        return await Members(self._calls.of(organization)).add(username, role)

    async def remove_member(
        self, username: str, organization: str | None = None, *, missing_ok: bool = False
    ) -> str:
        """`members.remove`: remove a member. Raises as that. Vendor page: Remove Member."""
        return await Members(self._calls.of(organization)).remove(username, missing_ok=missing_ok)

    async def list_invites(self, organization: str | None = None) -> list[Invite]:
        """`invites.list`: all invites. Vendor page: List Invites."""
        return await Invites(self._calls.of(organization)).list()

    async def invite_user(
        self, email: str, role: str | None = None, organization: str | None = None
    ) -> Invite:
        """`invites.create`: invite someone by email. Raises as that. Vendor page: Invite Organization Member."""
        return await Invites(self._calls.of(organization)).create(email, role=role)

    async def delete_invite(
        self, email: str, organization: str | None = None, *, missing_ok: bool = False
    ) -> str:
        """`invites.delete`: delete an invite. Raises as that. Vendor page: Delete Invite."""
        return await Invites(self._calls.of(organization)).delete(email, missing_ok=missing_ok)

    async def list(self) -> list[Organization]:
        """All organizations that the token's user is a member of. Vendor page: List Organizations."""
        return await self._calls.call(LIST)
