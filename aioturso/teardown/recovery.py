"""Finds whether what is deleted can be brought back: by its kind, and by the organization's settings and plan."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import frozen

from ..errors import TursoError
from .engine import Engine
from .targets import TRAITS, Target

_KEPT = timedelta(days=5)  # https://docs.turso.tech/api-reference/databases/restore
SWITCHED_OFF = "recovery is switched off for the organization (restore_enabled)"
NO_UUID = "its uuid is not known"
_FREE = ("starter", "free")


@frozen(kw_only=True)
class Recovery:
    """Holds whether what a plan deletes can be brought back (`possible`; None: not known).

    `reason`: why, or on what terms. `until`: when the platform stops offering it, for what is deleted now.
    """

    possible: bool | None = None
    until: datetime | None = None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data for JSON."""
        until = None if self.until is None else self.until.isoformat()
        return {"possible": self.possible, "until": until, "reason": self.reason}

    def __str__(self) -> str:
        if self.possible is None:
            return f"not known whether it can be brought back: {self.reason}"
        if not self.possible:
            return f"cannot be brought back: {self.reason}"
        until = "" if self.until is None else f" until {self.until:%Y-%m-%d %H:%M} UTC"
        return f"can be brought back{until}: {self.reason}"


UNCHECKED = Recovery(reason="not checked: `await plan.check_recovery()` looks")


def by_kind(targets: Collection[Target]) -> Recovery | None:
    """Returns what the targets alone decide; None when it depends on the organization."""
    lost = sorted(kind for kind in {target.kind for target in targets} if not TRAITS[kind].restorable)
    if lost:
        kinds = " or ".join(f"{kind}s" for kind in lost)
        return Recovery(possible=False, reason=f"the platform restores no {kinds}")
    nameless = sum(not target.uuid for target in targets)
    if nameless:
        reason = f"the uuid of {nameless:,} of {len(targets):,} is not known, and only by uuid is anything restored"
        return Recovery(possible=False, reason=reason)
    return None if targets else Recovery(reason="nothing is to be deleted")


async def checked(engine: Engine, targets: Collection[Target]) -> Recovery:
    """Returns whether these targets, if deleted now, can be brought back. An error of the platform means not known."""
    return by_kind(targets) or await _by_organization(engine)


async def _by_organization(engine: Engine) -> Recovery:
    try:
        organization = await engine.learn()
        if organization.restore_enabled is False:
            return Recovery(possible=False, reason=SWITCHED_OFF)
        # No answer is no permission to promise.
        if organization.restore_enabled is None:
            return Recovery(reason="the platform does not answer whether recovery is switched on")
        plan = (await engine.organizations.subscription()).plan
    except TursoError as error:
        return Recovery(reason=str(error))
    if plan is None:
        return Recovery(reason="the platform does not answer which plan the organization has")
    if plan.lower() in _FREE:
        return Recovery(possible=False, reason=f"the organization has a free plan ({plan})")
    until = datetime.now(UTC) + _KEPT
    return Recovery(possible=True, until=until, reason="by an admin or owner of the organization")
