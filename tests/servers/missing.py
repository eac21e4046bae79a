"""The platform's own words for what it does not have, and the error that they become."""

from __future__ import annotations

from aioturso import NotFoundError


def no_database(name: str) -> dict[str, str]:
    return {"error": f"could not find database with name [{name}]: record not found"}


def no_instance(name: str, database: str = "db") -> dict[str, str]:
    return {"error": f"could not find instance {name} of database {database}"}


def not_found(resource: str | None) -> NotFoundError:
    """A 404 about a resource of this kind; None: about none."""
    return NotFoundError("gone", status=404, resource=resource)
