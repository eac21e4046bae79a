"""Users (vendor's reference: Users)."""

from __future__ import annotations

from .._decode import one
from .._operation import Operation
from ..models.users import User
from ._resource import Resource

CURRENT = Operation("get current user", "GET", "/v1/user", one(User, "user"))


class Users(Resource):
    """`turso.users`."""

    async def current(self) -> User:
        """The user whose token this is. Vendor page: Get Current User."""
        return await self._calls.call(CURRENT)
