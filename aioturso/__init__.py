"""The asyncio client for the Turso Platform API."""

from ._credentials import TokenProvider
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
from .models.instances import Instance
from .retries import RetryPolicy
from .teardown.report import Outcome, OutcomeStatus, Target, TeardownReport

__all__ = [
    "APIError",
    "BadRequestError",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "DecodeError",
    "ForbiddenError",
    "Instance",
    "InvalidNameError",
    "NoMatchError",
    "NotFoundError",
    "NotSentError",
    "Outcome",
    "OutcomeStatus",
    "OutcomeUnknownError",
    "PaymentRequiredError",
    "ProtocolError",
    "RateLimitedError",
    "RequestTimeoutError",
    "RetryPolicy",
    "ServerError",
    "Target",
    "TeardownError",
    "TeardownReport",
    "Timeout",
    "TokenProvider",
    "TursoClient",
    "TursoError",
    "UnauthorizedError",
]
