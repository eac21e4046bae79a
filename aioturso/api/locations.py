"""Locations (vendor's reference: Locations)."""

from __future__ import annotations

from .._decode import mapped, one
from .._operation import Operation
from ..models.locations import ClosestLocation, Location
from ._resource import Resource

LIST = Operation(
    "list locations", "GET", "/v1/locations", mapped(Location, "locations", ("code", "description"))
)
CLOSEST = Operation("find closest location", "GET", "/", one(ClosestLocation))


class Locations(Resource):
    """`turso.locations`."""

    async def list(self) -> list[Location]:
        """All locations. Vendor page: List Locations."""
        return await self._calls.call(LIST)

    async def closest(self, *, url: str = "https://region.turso.io") -> ClosestLocation:
        """The location closest to this machine; another host answers, which gets no token.

        Vendor page: Closest Region.
        """
        return await self._calls.elsewhere(CLOSEST, url)
