"""The base of resources that also have paths with the organization's UUID in place of its slug."""

from __future__ import annotations

from attrs import define, field

from .. import _checks
from .._account import Account
from .._calls import Calls
from .._decode import Page
from .._operation import Operation
from .._protocol import Value
from . import organizations
from ._paging import SIZE, T, by_cursor
from ._resource import Resource


async def owner_of(calls: Calls, advice: str = "") -> str:
    """Returns the UUID of the calls' organization. Raises DecodeError, with the advice, when the platform has none."""
    account = Account()
    found = await calls.call(organizations.GET, account=account)
    if not found.id:
        why = f"required and missing{advice}"
        raise calls.unfit(organizations.GET, where="$.organization.id", why=why, account=account)
    return found.id


@define(eq=False)
class ResourceById(Resource):
    """Methods by UUID. Mutable: keeps the organization's UUID once it has been looked up."""

    _known: str | None = field(default=None, init=False)

    async def _owner(self, given: str | None) -> str:
        """Returns the organization's UUID: the one given, or the one that the organization's slug has."""
        if given is not None:
            return _checks.text(given, "organization_id")
        if self._known is None:
            self._known = await owner_of(self._calls, ": give organization_id")
        return self._known

    async def _all(
        self, operation: Operation[Page[T]], organization_id: str | None, **query: Value
    ) -> list[T]:
        """Returns the items of every page."""
        owner = await self._owner(organization_id)
        pages = by_cursor(self._calls, operation, owner, query={**query, "limit": SIZE})
        return [item async for item in pages]
