"""Every error of a call. All derive from `TursoError`, can be pickled, and never hold the token."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack


class Facts(TypedDict, total=False):
    """The facts of a call that each of its errors has: keywords of each constructor."""

    operation: str
    organization: str | None
    target: str | None
    host: str | None
    attempts: int
    maybe_applied: bool


def _rebuild(cls: type[TursoError], args: tuple[Any, ...], state: dict[str, Any]) -> TursoError:
    # Without the constructor: its keywords are in the state.
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class Answer(Facts, total=False):
    """The facts of a refusal, and those of its call: keywords of the constructors of all kinds of APIError."""

    status: int
    message: str
    code: str | None
    retry_after: float | None
    request_id: str | None


class TursoError(Exception):
    """The root of all errors.

    `operation` names the call, as in "destroy instance"; `target` is the name that the call was about, its parts joined
    by `/` (None when it is about none). `attempts` counts every request that was sent, and `maybe_applied` is True when
    any of them may have taken effect.
    """

    args: tuple[Any, ...]
    operation: str
    organization: str | None
    target: str | None
    host: str | None
    attempts: int
    maybe_applied: bool

    def __init__(
        self,
        text: str = "",
        *,
        operation: str = "",
        organization: str | None = None,
        target: str | None = None,
        host: str | None = None,
        attempts: int = 0,
        maybe_applied: bool = False,
    ) -> None:
        super().__init__(text)
        self.operation, self.organization, self.target, self.host = operation, organization, target, host
        self.attempts, self.maybe_applied = attempts, maybe_applied

    def _add(self, more: str) -> None:
        self.args = (f"{self}; {more}",)

    def _name(self, call: str, facts: Facts) -> None:
        """Puts the call before the text, unless the error names one already."""
        if not self.operation:
            self.args = (f"{call}: {self}",)
            self.operation, self.organization = facts.get("operation", ""), facts.get("organization")
            self.target, self.host = facts.get("target"), facts.get("host")

    # Python's own way calls the constructor with `args` alone, which loses every keyword.
    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, dict(self.__dict__))


class ConfigurationError(TursoError, ValueError):
    """No token, no organization, or an unusable setting. Raised before any I/O.

    `parameter`: the argument that it is about.
    """

    parameter: str | None

    def __init__(self, text: str = "", *, parameter: str | None = None, **facts: Unpack[Facts]) -> None:
        super().__init__(text, **facts)
        self.parameter = parameter


class InvalidNameError(TursoError, ValueError):
    """A name that is not exactly one path segment. Raised before any I/O."""


class InvalidInputError(TursoError, ValueError):
    """Arguments that do not fit together, or a file that the platform would refuse. Raised before any I/O.

    `parameter`: the argument that has to change, where it is one.
    """

    parameter: str | None

    def __init__(self, text: str = "", *, parameter: str | None = None, **facts: Unpack[Facts]) -> None:
        super().__init__(text, **facts)
        self.parameter = parameter


class ClientClosedError(TursoError):
    """The client was closed before the call, or while it was running."""


class NotSentError(TursoError, ConnectionError):
    """The server never received the request: refused, DNS, TLS, a timeout while connecting, a failed token provider.

    `final` is True when another attempt cannot help, as for an untrusted certificate: the call is not retried.
    """

    final: bool

    def __init__(self, text: str = "", *, final: bool = False, **facts: Unpack[Facts]) -> None:
        super().__init__(text, **facts)
        self.final = final


class OutcomeUnknownError(TursoError, ConnectionError):
    """The request was sent and no usable answer came back: it may have taken effect."""


class RequestTimeoutError(OutcomeUnknownError, TimeoutError):
    """The request was sent and no answer came in time."""


class ProtocolError(OutcomeUnknownError):
    """The answer was not valid HTTP, cut short, partial, too large, early, or a redirect (`status`, `location`).

    Early: a success came before the request was sent whole.
    """

    status: int | None
    location: str | None

    def __init__(
        self,
        text: str = "",
        *,
        status: int | None = None,
        location: str | None = None,
        **facts: Unpack[Facts],
    ) -> None:
        super().__init__(text, **facts)
        self.status, self.location = status, location


class APIError(TursoError):
    """The server answered with an error status.

    `message` and `code` are the server's, bounded and without control characters; `retry_after` is in seconds;
    `request_id` is the server's or its CDN's name for the request, if the answer had one.
    """

    status: int
    message: str
    code: str | None
    retry_after: float | None
    request_id: str | None

    def __init__(
        self,
        text: str = "",
        *,
        status: int = 0,
        message: str = "",
        code: str | None = None,
        retry_after: float | None = None,
        request_id: str | None = None,
        **facts: Unpack[Facts],
    ) -> None:
        super().__init__(text, **facts)
        self.status, self.message, self.code = status, message, code
        self.retry_after, self.request_id = retry_after, request_id


class BadRequestError(APIError):
    """The server answered 400: it does not accept the request."""


class UnauthorizedError(APIError):
    """The server answered 401: the token is missing, expired or of the wrong kind."""


class PaymentRequiredError(APIError):
    """The server answered 402: the plan does not include this, or its quota is used up."""


class ForbiddenError(APIError):
    """The server answered 403: the token may not do this."""


class NotFoundError(APIError):
    """The server answered 404, or 410.

    `resource` is the kind of thing that is missing; None: the answer is not about a resource of this call.
    """

    resource: str | None

    def __init__(self, text: str = "", *, resource: str | None = None, **answer: Unpack[Answer]) -> None:
        super().__init__(text, **answer)
        self.resource = resource


class ConflictError(APIError):
    """The server answered 409, or 400 with the text "already exists".

    With `status` 0, something else has the name, and nothing was sent.
    """


class RateLimitedError(APIError):
    """The server answered 429: too many requests. `retry_after` is in seconds."""


class ServerError(APIError):
    """The server answered 500 or above."""


class NotOfferedError(APIError):
    """The platform does not offer the operation any more."""


class DecodeError(TursoError):
    """A success answer that is not what the API promises. `where` is a JSON path."""

    where: str

    def __init__(self, text: str = "", *, where: str = "$", **facts: Unpack[Facts]) -> None:
        super().__init__(text, **facts)
        self.where = where


class NoMatchError(TursoError):
    """Nothing has the name that was given. `locations` are those that exist, when a location was named."""

    locations: tuple[str, ...]

    def __init__(self, text: str = "", *, locations: tuple[str, ...] = (), **facts: Unpack[Facts]) -> None:
        super().__init__(text, **facts)
        self.locations = locations
