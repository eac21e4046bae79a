"""The asyncio client for the Turso Platform API.

A name is loaded when it is first used, so that a program, or pytest with the fixtures, pays for what it needs.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._credentials import TokenProvider
    from ._inputs import UNSET, Encryption, Seed, Unset
    from ._transport import Timeout
    from .client import TursoClient
    from .errors import (
        APIError,
        BadRequestError,
        ClientClosedError,
        ConfigurationError,
        ConflictError,
        DecodeError,
        ForbiddenError,
        InvalidInputError,
        InvalidNameError,
        NoMatchError,
        NotFoundError,
        NotSentError,
        OutcomeUnknownError,
        PaymentRequiredError,
        ProtocolError,
        RateLimitedError,
        RequestTimeoutError,
        ServerError,
        TeardownError,
        TursoError,
        UnauthorizedError,
    )
    from .events import RequestEvent, RetryEvent
    from .models._model import Model, Secret
    from .models.api_tokens import APIToken, TokenOwner, TokenValidity
    from .models.audit_logs import AuditLog
    from .models.databases import (
        Database,
        DatabaseConfiguration,
        DatabaseParent,
        DatabaseStats,
        DatabaseToken,
        DatabaseUsage,
        InstanceUsage,
        QueryStats,
        Usage,
    )
    from .models.groups import Group, GroupConfiguration
    from .models.instances import Instance
    from .models.invites import Invite
    from .models.locations import ClosestLocation, Location
    from .models.members import Member
    from .models.organizations import (
        Invoice,
        Organization,
        OrganizationTotals,
        OrganizationUsage,
        Plan,
        PlanPrice,
        PlanQuotas,
        Subscription,
    )
    from .models.users import User
    from .retries import RetryPolicy
    from .teardown.execute import Progress
    from .teardown.plan import TeardownPlan
    from .teardown.report import Outcome, OutcomeStatus, Target, TeardownReport

__all__ = [
    "APIError",
    "APIToken",
    "AuditLog",
    "BadRequestError",
    "ClientClosedError",
    "ClosestLocation",
    "ConfigurationError",
    "ConflictError",
    "Database",
    "DatabaseConfiguration",
    "DatabaseParent",
    "DatabaseStats",
    "DatabaseToken",
    "DatabaseUsage",
    "DecodeError",
    "Encryption",
    "ForbiddenError",
    "Group",
    "GroupConfiguration",
    "Instance",
    "InstanceUsage",
    "InvalidInputError",
    "InvalidNameError",
    "Invite",
    "Invoice",
    "Location",
    "Member",
    "Model",
    "NoMatchError",
    "NotFoundError",
    "NotSentError",
    "Organization",
    "OrganizationTotals",
    "OrganizationUsage",
    "Outcome",
    "OutcomeStatus",
    "OutcomeUnknownError",
    "PaymentRequiredError",
    "Plan",
    "PlanPrice",
    "PlanQuotas",
    "Progress",
    "ProtocolError",
    "QueryStats",
    "RateLimitedError",
    "RequestEvent",
    "RequestTimeoutError",
    "RetryEvent",
    "RetryPolicy",
    "Secret",
    "Seed",
    "ServerError",
    "Subscription",
    "Target",
    "TeardownError",
    "TeardownPlan",
    "TeardownReport",
    "Timeout",
    "TokenOwner",
    "TokenProvider",
    "TokenValidity",
    "TursoClient",
    "TursoError",
    "UNSET",
    "UnauthorizedError",
    "Unset",
    "Usage",
    "User",
]

_HOMES = {
    "._credentials": ("TokenProvider",),
    "._inputs": ("UNSET", "Encryption", "Seed", "Unset"),
    "._transport": ("Timeout",),
    ".client": ("TursoClient",),
    ".errors": (
        "APIError",
        "BadRequestError",
        "ClientClosedError",
        "ConfigurationError",
        "ConflictError",
        "DecodeError",
        "ForbiddenError",
        "InvalidInputError",
        "InvalidNameError",
        "NoMatchError",
        "NotFoundError",
        "NotSentError",
        "OutcomeUnknownError",
        "PaymentRequiredError",
        "ProtocolError",
        "RateLimitedError",
        "RequestTimeoutError",
        "ServerError",
        "TeardownError",
        "TursoError",
        "UnauthorizedError",
    ),
    ".events": ("RequestEvent", "RetryEvent"),
    ".models._model": ("Model", "Secret"),
    ".models.api_tokens": ("APIToken", "TokenOwner", "TokenValidity"),
    ".models.audit_logs": ("AuditLog",),
    ".models.databases": (
        "Database",
        "DatabaseConfiguration",
        "DatabaseParent",
        "DatabaseStats",
        "DatabaseToken",
        "DatabaseUsage",
        "InstanceUsage",
        "QueryStats",
        "Usage",
    ),
    ".models.groups": ("Group", "GroupConfiguration"),
    ".models.instances": ("Instance",),
    ".models.invites": ("Invite",),
    ".models.locations": ("ClosestLocation", "Location"),
    ".models.members": ("Member",),
    ".models.organizations": (
        "Invoice",
        "Organization",
        "OrganizationTotals",
        "OrganizationUsage",
        "Plan",
        "PlanPrice",
        "PlanQuotas",
        "Subscription",
    ),
    ".models.users": ("User",),
    ".retries": ("RetryPolicy",),
    ".teardown.execute": ("Progress",),
    ".teardown.plan": ("TeardownPlan",),
    ".teardown.report": ("Outcome", "OutcomeStatus", "Target", "TeardownReport"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        found = getattr(import_module(_HOME[name], __name__), name)
    elif not name.startswith("_") and find_spec(f"{__name__}.{name}"):
        found = import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, *globals()]
