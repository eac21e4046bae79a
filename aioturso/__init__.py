"""The asyncio client for the Turso Platform API."""

from ._version import __version__
from .client import TursoClient
from .creation.plan import CreationPlan
from .creation.report import CreationError, CreationReport
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
    NotOfferedError,
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
from .inputs import UNSET, Authorization, Encryption, Expiration, Permission, Role, Scope, Seed, Unset
from .models import Model, Secret
from .models.api_tokens import APIToken, TokenOwner, TokenValidity
from .models.audit_logs import AuditLog
from .models.databases import (
    AllowRules,
    Database,
    DatabaseConfiguration,
    DatabaseParent,
    DatabaseStats,
    DatabaseToken,
    DatabaseUsage,
    DeletedDatabase,
    InstanceUsage,
    QueryStats,
    Usage,
)
from .models.groups import (
    DeletedGroup,
    Group,
    GroupConfiguration,
    GroupMigration,
    GroupStatus,
    LocationStatus,
    RestoredGroup,
)
from .models.instances import Instance
from .models.invites import Invite
from .models.jwks import (
    KeySet,
)
from .models.locations import (
    ClosestLocation,
    Location,
    LocationDetails,
)
from .models.members import Member
from .models.organizations import (
    Address,
    Customer,
    Invoice,
    Organization,
    OrganizationTotals,
    OrganizationUsage,
    PaymentFailure,
    Plan,
    PlanPrice,
    PlanQuotas,
    Subscription,
    TaxId,
)
from .models.users import (
    Invalidation,
    User,
)
from .retries import RetryPolicy
from .settings import Timeout, TokenProvider
from .teardown.options import CreationOptions, RunOptions
from .teardown.plan import TeardownPlan
from .teardown.progress import Progress
from .teardown.recovery import Recovery
from .teardown.report import Outcome, OutcomeStatus, TeardownError, TeardownReport
from .teardown.targets import Target

__all__ = [
    "APIError",
    "APIToken",
    "Address",
    "AllowRules",
    "AuditLog",
    "Authorization",
    "BadRequestError",
    "ClientClosedError",
    "ClosestLocation",
    "ConfigurationError",
    "ConflictError",
    "CreationError",
    "CreationOptions",
    "CreationPlan",
    "CreationReport",
    "Customer",
    "Database",
    "DatabaseConfiguration",
    "DatabaseParent",
    "DatabaseStats",
    "DatabaseToken",
    "DatabaseUsage",
    "DecodeError",
    "DeletedDatabase",
    "DeletedGroup",
    "Encryption",
    "Expiration",
    "ForbiddenError",
    "Group",
    "GroupConfiguration",
    "GroupMigration",
    "GroupStatus",
    "Instance",
    "InstanceUsage",
    "InvalidInputError",
    "InvalidNameError",
    "Invalidation",
    "Invite",
    "Invoice",
    "KeySet",
    "Location",
    "LocationDetails",
    "LocationStatus",
    "Member",
    "Model",
    "NoMatchError",
    "NotFoundError",
    "NotOfferedError",
    "NotSentError",
    "Organization",
    "OrganizationTotals",
    "OrganizationUsage",
    "Outcome",
    "OutcomeStatus",
    "OutcomeUnknownError",
    "PaymentFailure",
    "PaymentRequiredError",
    "Permission",
    "Plan",
    "PlanPrice",
    "PlanQuotas",
    "Progress",
    "ProtocolError",
    "QueryStats",
    "RateLimitedError",
    "Recovery",
    "RequestEvent",
    "RequestTimeoutError",
    "RestoredGroup",
    "RetryEvent",
    "RetryPolicy",
    "Role",
    "RunOptions",
    "Scope",
    "Secret",
    "Seed",
    "ServerError",
    "Subscription",
    "Target",
    "TaxId",
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
