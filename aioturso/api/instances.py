"""Instances of a logical database (vendor's reference: Databases, "Instances")."""

from __future__ import annotations

from .._decode import nothing, one, page, removed
from .._operation import Operation
from .._protocol import present
from ..models.instances import Instance
from ._paging import by_cursor
from ._resource import Resource

_ALL = "/v1/organizations/{organization}/databases/{database}/instances"
_ONE = _ALL + "/{instance}"

LIST = Operation("list instances", "GET", _ALL, page(Instance, "instances"))
GET = Operation("get instance", "GET", _ONE, one(Instance, "instance"))
CREATE = Operation(
    "create instance",
    "POST",
    _ALL,
    one(Instance, "instance", beside=("username", "password")),
    unknown="been created: look with turso.instances.list({database!r})",
)
WAIT = Operation("wait for instance", "GET", _ONE + "/wait", nothing)
DESTROY = Operation("destroy instance", "DELETE", _ONE, removed("database", "instance"), gone=("instance", "database"))


class Instances(Resource):
    """`turso.instances`."""

    async def list(self, database: str) -> list[Instance]:
        """All instances of a database. Raises NotFoundError. Vendor page: List Database Instances."""
        return [found async for found in by_cursor(self._calls, LIST, database)]

    async def get(self, database: str, instance: str) -> Instance:
        """One instance. Raises NotFoundError. Vendor page: Retrieve Database Instance."""
        return await self._calls.call(GET, database, instance)

    async def create(self, database: str, location: str, image: str | None = None) -> Instance:
        """Create a replica in a location; never sent again once it may have happened.

        `image`: the server's default when None. Raises NotFoundError, BadRequestError (grouped database),
        ConflictError, OutcomeUnknownError. Vendor page: Create an instance.
        """
        body = present(location=location, image=image)
        return await self._calls.call(CREATE, database, json=body)

    async def wait_until_ready(self, database: str, instance: str) -> None:
        """Return once the instance can take queries; bounded by the client's `timeout` (seconds).

        Raises NotFoundError, RequestTimeoutError. Vendor page: Wait for an instance.
        """
        await self._calls.call(WAIT, database, instance)

    async def destroy(self, database: str, instance: str, *, missing_ok: bool = False) -> str:
        """Destroy one instance and return its name; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have been applied means destroyed. Raises NotFoundError,
        BadRequestError (primary, or grouped database), DecodeError (the answer names another instance),
        OutcomeUnknownError. Vendor page: Destroy an instance.
        """
        missing = instance if missing_ok else None
        return await self._calls.call(DESTROY, database, instance, missing=missing)
