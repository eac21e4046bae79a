"""Finds the user's own organization in a list: a choice, which the operations themselves do not make."""

from __future__ import annotations

from .._account import Account
from .._calls import Calls
from .._operation import Operation
from ..models.organizations import Organization
from ._paging import whole


async def personal(calls: Calls, read: Operation[list[Organization]]) -> Organization:
    """Returns the one personal organization of those that the operation lists."""
    account = Account()
    found = [one for one in await whole(calls, read, account=account) if one.type == "personal"]
    if len(found) != 1:
        why = "no personal organization" if not found else "several personal organizations"
        raise calls.unfit(read, where="$.organizations", why=why, account=account)
    return found[0]
