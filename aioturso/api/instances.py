"""Instances of a logical database (vendor's reference: "Instances")."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from .. import _decode
from ..models.instances import Instance
from ..operation import Operation

if TYPE_CHECKING:
    from .._transport import Answer
    from ..client import TursoClient


@frozen
class Instances:
    """`turso.instances`."""

    _client: TursoClient

    async def list(self, database: str) -> list[Instance]:
        """All instances of a database. Raises NotFoundError, DecodeError. Vendor page: List Database Instances."""
        path = self._client.database_path(database, "instances")
        return await self._client.call(
            Operation(name="list instances", method="GET", path=path), _decode.instances
        )

    async def get(self, database: str, instance: str) -> Instance:
        """One instance. Raises NotFoundError, DecodeError. Vendor page: Retrieve Database Instance."""
        path = self._client.database_path(database, "instances", instance)
        operation = Operation(name="get instance", method="GET", path=path)
        return await self._client.call(operation, partial(_decode.one_instance, name=instance))

    async def create(self, database: str, location: str, image: str | None = None) -> Instance:
        """A new replica; never repeated once it may have happened. Raises ConflictError, OutcomeUnknownError."""
        path = self._client.database_path(database, "instances")
        body = {"location": location} | ({} if image is None else {"image": image})
        operation = Operation(name="create instance", method="POST", path=path, json=body, repeatable=False)
        return await self._client.call(operation, _decode.one_instance)

    async def wait_until_ready(self, database: str, instance: str) -> None:
        """Return once the instance can take queries. Raises NotFoundError, RequestTimeoutError."""
        path = self._client.database_path(database, "instances", instance, "wait")
        await self._client.call(
            Operation(name="wait for instance", method="GET", path=path), lambda body: None
        )

    async def destroy(self, database: str, instance: str, *, missing_ok: bool = False) -> str:
        """Destroy one instance and return its name; with `missing_ok`, a clean 404 is fine too.

        Raises NotFoundError, BadRequestError (grouped database), DecodeError, OutcomeUnknownError.
        Vendor page: Destroy an instance in a logical database.
        """
        return await self._client.call(
            self.destroying(database, instance),
            partial(_decode.destroyed, name=instance),
            missing_ok and instance,
        )

    def destroying(self, database: str, instance: str) -> Operation:
        """The operation of `destroy`, for the teardown, which also wants the answer."""
        path = self._client.database_path(database, "instances", instance)
        return Operation(name="destroy instance", method="DELETE", path=path, gone=("instance", "database"))

    async def destroy_answer(self, database: str, instance: str) -> Answer:
        """As `destroy`, but the answer itself: its status, attempts and what confirmed it."""
        decode = partial(_decode.destroyed, name=instance)
        return (await self._client.answer(self.destroying(database, instance), decode))[0]
