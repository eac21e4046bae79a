"""What belongs to no organization: the user, the locations."""

from __future__ import annotations

from typing import Any

from .call import Call


def get_user(call: Call) -> Any:
    """The user whose token it is."""
    username = call.token.owner
    return {
        "user": {
            "username": username,
            "name": username.title(),
            "email": f"{username}@example.com",
            "avatarUrl": f"https://avatars.example.com/{username}",
            "plan": "scaler",
            "mfa": False,
            "has_pending_invites": False,
        }
    }


def list_locations(call: Call) -> Any:
    """All locations: codes and names."""
    return {"locations": dict(call.state.locations)}


def closest(call: Call) -> Any:
    """As the region service answers at the root of its own host."""
    return {"server": "iad", "client": "iad"}
