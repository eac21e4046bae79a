"""The asyncio client for the Turso Platform API."""

from ._version import __version__
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
    TursoError,
    UnauthorizedError,
)
from .events import RequestEvent, RetryEvent
from .inputs import UNSET, Encryption, Seed, Unset
from .models import Model, Secret
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
from .settings import Timeout, TokenProvider
from .teardown.options import RunOptions
from .teardown.plan import TeardownPlan
from .teardown.progress import Progress
from .teardown.report import Outcome, OutcomeStatus, TeardownError, TeardownReport
from .teardown.targets import Target

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
    "RunOptions",
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
    "__version__",
]
