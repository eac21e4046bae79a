"""Pure: which other targets an error of one target would hit too."""

from __future__ import annotations

from enum import Enum, auto

from .._refusals import NO_SUCH, is_grouped_refusal
from ..errors import (
    APIError,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ForbiddenError,
    NotSentError,
    PaymentRequiredError,
    TursoError,
    UnauthorizedError,
)
from ..retries import RetryPolicy
from .targets import Target
from .verb import Verb

# Each would be the answer to every further target too.
_HITS_ALL = (UnauthorizedError, PaymentRequiredError, ForbiddenError, ClientClosedError, ConfigurationError)


class Scope(Enum):
    """The targets that an error is about: its own, all of its database, or all of the run."""

    TARGET = auto()
    DATABASE = auto()
    RUN = auto()


def scope(error: Exception, target: Target, verb: Verb, policy: RetryPolicy) -> Scope:
    """Returns the targets that the same error would hit. `policy`: that of the calls."""
    if not isinstance(error, TursoError):
        return Scope.TARGET
    # All instances of the database are in its group's locations, and would be refused too.
    if isinstance(error, BadRequestError) and is_grouped_refusal(error.message):
        return Scope.DATABASE
    hits_all = policy.is_spent(error) or _hits_all(error, target, verb)
    return Scope.RUN if hits_all else Scope.TARGET


def _hits_all(error: TursoError, target: Target, verb: Verb) -> bool:
    alone = verb.is_own(error, target) is not None
    # By a wrong base URL, or a platform without the route; a 404 may be about the target.
    wrong_route = isinstance(error, APIError) and error.status in NO_SUCH and not alone
    final = isinstance(error, NotSentError) and error.final
    return isinstance(error, _HITS_ALL) or wrong_route or final
