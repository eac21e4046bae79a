"""Locations."""

from __future__ import annotations

from attrs import frozen

from . import Model


@frozen(kw_only=True)
class Location(Model):
    """A location's code (`aws-us-east-1`, `fra`) and its name for people."""

    code: str
    description: str | None = None


@frozen(kw_only=True)
class ClosestLocation(Model):
    """The codes of the location that answered and of the one closest to the caller."""

    server: str | None = None
    client: str | None = None
