"""Every exception. All derive from `TursoError`, pickle with their attributes, and never hold the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .teardown.report import TeardownReport


def _rebuild(cls: type[TursoError], args: tuple[Any, ...], state: dict[str, Any]) -> TursoError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class TursoError(Exception):
    """The root. `attempts` counts sends on the wire; `maybe_applied`: could any of them have taken effect?"""

    args: tuple[Any, ...]
    attempts: int = 0
    maybe_applied: bool = False

    def say(self, more: str) -> None:
        """Add to the message."""
        self.args = (f"{self.args[0] if self.args else ''}; {more}", *self.args[1:])

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, dict(self.__dict__))


class ConfigurationError(TursoError, ValueError):
    """No token, no organization, or an unusable token or base URL. Raised before any I/O."""


class InvalidNameError(TursoError, ValueError):
    """A name that is not exactly one path segment. Raised before any I/O."""


class InvalidInputError(TursoError, ValueError):
    """Arguments that do not fit together, or a file that the platform would refuse. Raised before any I/O."""


class ClientClosedError(TursoError):
    """The client has been closed."""


class NotSentError(TursoError, ConnectionError):
    """The server never saw the request: refused, DNS, TLS, or a timeout while connecting."""


class OutcomeUnknownError(TursoError, ConnectionError):
    """The request was sent and no usable answer came back: it may have happened."""


class RequestTimeoutError(OutcomeUnknownError, TimeoutError):
    """The request was sent and no answer came in time."""


class ProtocolError(OutcomeUnknownError):
    """The answer was not valid HTTP, cut short, too large, or a redirect (`status`, `location`)."""

    status: int | None = None
    location: str | None = None


class APIError(TursoError):
    """The server answered with an error status."""

    status: int = 0
    message: str = ""
    code: str | None = None
    retry_after: float | None = None
    operation: str = ""


class BadRequestError(APIError):
    """400."""


class UnauthorizedError(APIError):
    """401: the token is missing, expired or of the wrong kind."""


class PaymentRequiredError(APIError):
    """402."""


class ForbiddenError(APIError):
    """403."""


class NotFoundError(APIError):
    """404. `resource` says what is missing; None: the answer does not speak of a resource of this call."""

    resource: str | None = None


class ConflictError(APIError):
    """409, or a 400 that says "already exists"."""


class RateLimitedError(APIError):
    """429. `retry_after` is in seconds."""


class ServerError(APIError):
    """5xx."""


class DecodeError(TursoError):
    """A success answer that is not what the API promises. `where` is a JSON path."""

    where: str = "$"


class NoMatchError(TursoError):
    """No instance is in the location asked for. `locations` are those that exist."""

    locations: tuple[str, ...] = ()


class TeardownError(TursoError, ExceptionGroup[Exception]):
    """Some targets failed or are unknown; the members are the causes, `report` has every outcome."""

    report: TeardownReport

    def derive(self, excs: Any) -> Any:  # Any: a split keeps the report whatever it holds
        """The same error for some of its causes, as `except*` and `split` ask for."""
        group = TeardownError(self.message, excs)
        group.__dict__.update(self.__dict__)
        return group
