"""Locations: their codes, names and neighbours."""

from __future__ import annotations

from attrs import frozen

from . import Model


@frozen(kw_only=True)
class Location(Model):
    """A location's code (`aws-us-east-1`, `fra`) and its name for people.

    `platform` is `fly`, `aws` or `local`; None: not in the answer.
    """

    code: str
    description: str | None = None
    platform: str | None = None


@frozen(kw_only=True)
class LocationDetails(Model):
    """A location and some that are near it."""

    code: str
    description: str | None = None
    closest: tuple[Location, ...] = ()


@frozen(kw_only=True)
class ClosestLocation(Model):
    """The codes of the location that answered and of the one closest to the caller."""

    server: str | None = None
    client: str | None = None
