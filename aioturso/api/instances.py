"""Instances of a database (vendor's reference: [List Database Instances](https://docs.turso.tech/api-reference/databases/list-instances))."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from .. import _checks
from .._calls import Calls
from .._decode import nothing, one, page, page_of
from .._look import remove
from .._operation import Operation
from .._protocol import present
from .._removals import removed
from ..models.instances import Instance
from ._existing import until_gone
from ._paging import T, by_cursor
from ._resource import Resource

_ALL = "/v1/organizations/{organization}/databases/{database}/instances"
_ONE = _ALL + "/{instance}"

LIST = Operation("list instances", "GET", _ALL, page(Instance, "instances", of="database"))
GET = Operation("get instance", "GET", _ONE, one(Instance, "instance", named=("name",)))
CREATE = Operation(
    "create instance",
    "POST",
    _ALL,
    one(Instance, "instance", beside=("username", "password")),
    unknown="been created: look with turso.instances.list({database!r})",
)
WAIT = Operation("wait for instance", "GET", _ONE + "/wait", nothing)
DESTROY = Operation(
    "destroy instance",
    "DELETE",
    _ONE,
    removed("organization", "database", "instance"),
    gone=("instance", "database"),
)


def iterate(calls: Calls, database: str, read: Callable[[Instance], T]) -> AsyncIterator[T]:
    """Yields what `read` makes of each instance: a list may be long, and its models take four times its text."""
    return by_cursor(calls, LIST.read_by(page_of(Instance, "instances", read, of="database")), database)


class Instances(Resource):
    """`turso.instances`."""

    async def list(self, database: str) -> list[Instance]:
        """Returns all instances of a database. Raises NotFoundError.

        Vendor page: [List Database Instances](https://docs.turso.tech/api-reference/databases/list-instances).
        """
        return [found async for found in by_cursor(self._calls, LIST, database)]

    async def get(self, database: str, instance: str) -> Instance:
        """Returns one instance. Raises NotFoundError, DecodeError (the answer names another).

        Vendor page: [Retrieve Database Instance](https://docs.turso.tech/api-reference/databases/retrieve-instance).
        """
        return await self._calls.call(GET, database, instance)

    async def create(self, database: str, location: str, image: str | None = None) -> Instance:
        """Creates a replica in a location. Not retried once it may have taken effect.

        `image`: the server's default when None. Raises NotFoundError, BadRequestError (grouped database),
        ConflictError, OutcomeUnknownError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli), and formerly in the reference.
        """
        body = present(
            location=_checks.text(location, "location"), image=_checks.text_or_none(image, "image")
        )
        return await self._calls.call(CREATE, database, json=body)

    async def wait_until_ready(self, database: str, instance: str) -> None:
        """Returns once the instance can take queries; bounded by the client's `timeout` (seconds).

        Raises NotFoundError, RequestTimeoutError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli), and formerly in the reference.
        """
        await self._calls.call(WAIT, database, instance)

    async def wait_until_gone(
        self, database: str, instance: str, *, timeout: float = 60.0, every: float = 1.0
    ) -> None:
        """Returns once an instance does not exist; looks again after each `every` seconds, at most for `timeout` seconds.

        Raises RequestTimeoutError when it still exists, and NotFoundError when the database does not.
        Vendor page: [Retrieve Database Instance](https://docs.turso.tech/api-reference/databases/retrieve-instance).
        """
        await until_gone(self._calls, GET, "instance", database, instance, timeout=timeout, every=every)

    async def destroy(
        self, database: str, instance: str, *, missing_ok: bool = False, uuid: str | None = None
    ) -> str:
        """Destroys one instance and returns its name; with `missing_ok`, also when it does not exist.

        A 404 after an attempt that may have taken effect means destroyed. Without `uuid`, a retry after a lost answer
        destroys whatever has the name by then, also an instance created in between. With `uuid` (`Instance.uuid`) the
        instance is looked up before the first attempt and before each retry that follows a lost answer: another one
        of that name is left alone. Raises ConflictError (the name belongs to another one, nothing was sent),
        NotFoundError, BadRequestError (primary, or grouped database), DecodeError (the answer names another instance),
        OutcomeUnknownError.
        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli), and formerly in the reference.
        """
        return await remove(self._calls, GET, DESTROY, database, instance, missing_ok=missing_ok, uuid=uuid)
