"""Members of an organization, and invitations to become one."""

from __future__ import annotations

from typing import Any

from .call import Call
from .records import FakeOrganization
from .world import Refusal, stamp

_ROLES = ("admin", "member", "viewer")
_SMALL_PLANS = ("starter", "developer")
_ONLY_MANAGERS_SEE = "members and invites are only for admin or owner"
_ONLY_MANAGERS = "updating member roles is only allowed for admin or owner"


def list_members(call: Call) -> Any:
    """Returns all members."""
    call.must_manage(_ONLY_MANAGERS_SEE)
    return {"members": list(call.organization.members.values())}


def get_member(call: Call) -> Any:
    """Returns one member."""
    member = call.organization.members.get(call.path["username"])
    if member is None:
        raise Refusal(404, "could not find member")
    return {"member": member}


def add_member(call: Call) -> Any:
    """Adds a member; every username but the state's `strangers` exists, an address stands for its local part."""
    call.must_manage(_ONLY_MANAGERS)
    named = call.path.get("username") or call.body.get("username")
    username = named if isinstance(named, str) and named else call.text("email").partition("@")[0]
    organization, role = call.organization, call.one_of("role", _ROLES, "member")
    if organization.type == "personal" or not organization.paid:
        raise Refusal(400, "users can only be added to a team, on a paid plan")
    if username in call.state.strangers:
        raise Refusal(404, f"could not find user {username}")
    if username in organization.members:
        message = f"user {username} is already a member of organization {organization.slug}"
        raise call.state.conflict(message)
    organization.members[username] = call.state.member(username, role)
    call.audit(organization, "org-member-add", username=username, role=role)
    return {"member": username, "role": role}


def update_role(call: Call) -> Any:
    """Changes a member's role, but not the owner's."""
    call.must_manage(_ONLY_MANAGERS)
    role = call.one_of("role", _ROLES)
    member = call.organization.members.get(call.path["username"])
    if member is None:
        raise Refusal(404, f"could not find user {call.path['username']}")
    if member["role"] == "owner":
        raise Refusal(403, "the role of the owner cannot be updated")
    member["role"] = role
    return {"member": member}


def remove_member(call: Call) -> Any:
    """Removes a member, but not the owner."""
    organization, username = call.organization, call.path["username"]
    # Each member may leave.
    if username != call.token.owner:
        call.must_manage(_ONLY_MANAGERS)
    if username not in organization.members:
        raise Refusal(404, f"user {username} is not a member of org {organization.slug}")
    if organization.members[username]["role"] == "owner":
        raise Refusal(400, "the owner cannot be removed")
    del organization.members[username]
    call.audit(
        organization,
        "org-member-leave" if username == call.token.owner else "org-member-rm",
        username=username,
    )
    return {"member": username}


def list_invites(call: Call) -> Any:
    """Returns the pending invitations."""
    call.must_manage(_ONLY_MANAGERS_SEE)
    return {"invites": list(call.organization.invites.values())}


def list_invites_v1(call: Call) -> Any:
    """Returns the invitations in the form of `/v1`: the columns of the platform's table."""
    call.must_manage(_ONLY_MANAGERS_SEE)
    organization = call.organization
    return {
        "invites": [
            {
                "ID": one["id"],
                "CreatedAt": one["created_at"],
                "UpdatedAt": one["created_at"],
                "DeletedAt": None,
                "Role": one["role"],
                "Email": one["email"],
                "OrganizationID": organization.uuid,
                "Token": "",
                "Organization": {"name": organization.name, "slug": organization.slug},
                "Accepted": False,
            }
            for one in organization.invites.values()
        ]
    }


def invite(call: Call) -> Any:
    """Invites by address or username; a pending invitation for the same address is replaced."""
    call.must_manage(_ONLY_MANAGERS)
    by_email, by_name = call.text("email", ""), call.text("username", "")
    if bool(by_email) == bool(by_name):
        raise Refusal(400, "exactly one of email or username must be provided")
    organization, role = call.organization, call.one_of("role", _ROLES, "member")
    _must_invite(organization)
    email = by_email or f"{by_name}@example.com"
    if "@" not in email:
        raise Refusal(400, "invalid email")
    organization.invites[email] = {
        "id": call.state.number(),
        "email": email,
        "role": role,
        "created_at": stamp(call.state.clock()),
    }
    return {"invited": {"email": email, "role": role, "organization": organization.slug}}


def _must_invite(organization: FakeOrganization) -> None:
    why = None
    if organization.type == "personal":
        why = "it is personal"
    elif organization.plan in _SMALL_PLANS:
        why = f"plan {organization.plan} doesn't support it"
    if why is not None:
        raise Refusal(400, f"organization {organization.slug} can't invite users because {why}")


def delete_invite(call: Call) -> None:
    """Withdraws an invitation."""
    call.must_manage(_ONLY_MANAGERS_SEE)
    if call.organization.invites.pop(call.path["email"], None) is None:
        raise Refusal(404, "invite not found")
