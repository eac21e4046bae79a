"""Locations (vendor's reference: [Locations](https://docs.turso.tech/api-reference/locations/list))."""

from __future__ import annotations

from .._decode import grouped, mapped, one
from .._operation import Operation
from ..models.locations import ClosestLocation, Location, LocationDetails
from ._resource import Resource

_NAMES = ("code", "description")

LIST = Operation("list locations", "GET", "/v1/locations", mapped(Location, "locations", _NAMES))
LIST_BY_PLATFORM = Operation(
    "list locations by platform",
    "GET",
    "/v2/organizations/{organization}/locations",
    grouped(Location, "locations", ("platform", *_NAMES)),
)
GET = Operation("get location", "GET", "/v1/locations/{location}", one(LocationDetails, "location"))
CLOSEST = Operation("find closest location", "GET", "/", one(ClosestLocation))


class Locations(Resource):
    """`turso.locations`."""

    async def list_by_platform(self) -> list[Location]:
        """Returns the locations that the organization can use, each with its `platform`.

        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await self._calls.call(LIST_BY_PLATFORM)

    async def get(self, location: str) -> LocationDetails:
        """Returns one location with some that are near it. Raises NotFoundError.

        Vendor page: none; [in the CLI](https://github.com/tursodatabase/turso-cli).
        """
        return await self._calls.call(GET, location)

    async def closest(self, *, url: str = "https://region.turso.io") -> ClosestLocation:
        """Returns the location closest to this machine; another host answers, which gets no token.

        Vendor page: [Closest Region](https://docs.turso.tech/api-reference/locations/closest-region).
        """
        return await self._calls.elsewhere(CLOSEST, url)

    # Last: in a later annotation of this class `list` would be this method.
    async def list(self) -> list[Location]:
        """Returns all locations.

        Vendor page: [List Locations](https://docs.turso.tech/api-reference/locations/list).
        """
        return await self._calls.call(LIST)
