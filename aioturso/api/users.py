"""Users (vendor's reference: [Get Current User](https://docs.turso.tech/api-reference/user/get-current))."""

from __future__ import annotations

from .._decode import one
from .._operation import Operation
from ..models.users import Invalidation, User
from ._resource import Resource

CURRENT = Operation("get current user", "GET", "/v1/user", one(User, "user"))
WHOAMI = Operation("get current user and plan", "GET", "/v1/current-user", one(User, "user"))
INVALIDATE_SESSIONS = Operation(
    "invalidate sessions",
    "POST",
    "/v1/auth/invalidate",
    one(Invalidation),
    unknown="happened: see whether an earlier session still works",
)


class Users(Resource):
    """`turso.users`."""

    async def current(self) -> User:
        """Returns the user whose token this is.

        Vendor page: [Get Current User](https://docs.turso.tech/api-reference/user/get-current).
        """
        return await self._calls.call(CURRENT)

    async def whoami(self) -> User:
        """Returns the username and the plan of the user whose token this is.

        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await self._calls.call(WHOAMI)

    async def invalidate_sessions(self) -> Invalidation:
        """Ends the sessions of the user; API tokens stay valid. Not retried once it may have taken effect.

        Raises OutcomeUnknownError. Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await self._calls.call(INVALIDATE_SESSIONS)
