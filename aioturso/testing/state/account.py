"""Things that belong to no organization: the user, the locations, the latest release of the command line."""

from __future__ import annotations

from typing import Any

from .call import Call
from .places import nearby, platform_of
from .world import Refusal


def get_user(call: Call) -> Any:
    """Returns the user whose token it is."""
    username = call.token.owner
    return {
        "user": {
            "username": username,
            "name": username.title(),
            "email": f"{username}@example.com",
            "avatarUrl": f"https://avatars.example.com/{username}",
            "plan": call.state.personal(username).plan,
            "mfa": True,
            "has_pending_invites": False,
        }
    }


def list_locations(call: Call) -> Any:
    """Returns all locations: codes and names."""
    return {"locations": dict(call.state.locations)}


def closest(call: Call) -> Any:
    """Returns the location that the region service, at a host of its own, finds closest."""
    return {"server": "iad", "client": "iad"}


def list_platform_locations(call: Call) -> Any:
    """Returns all locations by platform, then by code."""
    _ = call.organization  # refuses one that is not there, or not the user's
    found: dict[str, dict[str, str]] = {}
    for code, name in call.state.locations.items():
        found.setdefault(platform_of(code), {})[code] = name
    return {"locations": found}


def get_location(call: Call) -> Any:
    """Returns one location, with some that are near it."""
    code, locations = call.path["location"], call.state.locations
    if code not in locations:
        raise Refusal(404, f"location {code} not found")
    near = [{"code": other, "description": locations[other]} for other in nearby(code, locations)]
    return {"location": {"code": code, "description": locations[code], "closest": near}}


def latest_release(call: Call) -> Any:
    """Returns the newest version of the vendor's command line that this fake was tried with."""
    return {"latest": "v1.0.29"}
