"""Finds the user's own organization."""

from __future__ import annotations

from collections.abc import Iterable

from .._structure import fail
from ..models.organizations import Organization


def personal(organizations: Iterable[Organization]) -> Organization:
    """Returns the one personal organization."""
    found = [organization for organization in organizations if organization.type == "personal"]
    if len(found) != 1:
        fail("$.organizations", "no personal organization" if not found else "several personal organizations")
    return found[0]
