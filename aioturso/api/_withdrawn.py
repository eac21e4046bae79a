"""Calls of operations that the vendor has withdrawn (https://github.com/tursodatabase/turso-cli/pull/1031)."""

from __future__ import annotations

import warnings

from .._calls import Calls
from .._operation import Operation
from .._refusals import NO_SUCH
from ..errors import APIError, NotFoundError, NotOfferedError

_REFUSALS = (400, *NO_SUCH)


async def withdrawn(calls: Calls, operation: Operation[None], *names: str) -> None:
    """Warns and calls; a refusal is a NotOfferedError, unless it is a 404 about the thing that was named."""
    text = f"the platform does not offer to {operation.name} any more"
    warnings.warn(text, DeprecationWarning, stacklevel=3)  # the line that calls the public method
    try:
        return await calls.call(operation, *names)
    except APIError as error:
        named = isinstance(error, NotFoundError) and error.resource
        if named or error.status not in _REFUSALS:
            raise
        failed = _not_offered(error, text)
    raise failed


def _not_offered(error: APIError, text: str) -> NotOfferedError:
    return NotOfferedError(
        f"{error}; {text}",
        status=error.status,
        message=error.message,
        code=error.code,
        retry_after=error.retry_after,
        request_id=error.request_id,
        operation=error.operation,
        organization=error.organization,
        target=error.target,
        host=error.host,
        attempts=error.attempts,
        maybe_applied=error.maybe_applied,
    )
