"""Pure: segments to a checked URL, an answer to an error, Retry-After to seconds."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from yarl import URL

from . import errors

E = TypeVar("E", bound=errors.TursoError)

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_RESOURCE = re.compile(r"\b(instance|database|group)\b", re.IGNORECASE)
_CLASSES: dict[int, type[errors.APIError]] = {
    400: errors.BadRequestError,
    401: errors.UnauthorizedError,
    402: errors.PaymentRequiredError,
    403: errors.ForbiddenError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    429: errors.RateLimitedError,
}


def check_base_url(text: str) -> URL:
    """Refuse a base URL that could carry the token somewhere unexpected."""
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if (
        url.scheme not in ("http", "https")
        or not url.host
        or url.user
        or url.password
        or url.query_string
        or url.fragment
    ):
        raise errors.ConfigurationError(
            "the base URL must be an absolute http(s) URL without user, query or fragment"
        )
    if url.scheme == "http" and url.host not in _LOOPBACK:
        raise errors.ConfigurationError("plain http is accepted for loopback hosts only")
    return url


def check_token(token: object) -> str:
    """Strip outer whitespace; refuse what cannot be one header value. The message never holds the token."""
    if not isinstance(token, str):
        raise errors.ConfigurationError("the token must be text")
    token = token.strip()
    if not token or any(not "!" <= c <= "~" for c in token):
        raise errors.ConfigurationError("the token must be printable ASCII without inner whitespace")
    return token


def check_segment(value: object, what: str) -> str:
    """Exactly one path segment, however often a proxy decodes it (case C01: yarl removes dot segments)."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be str, not {type(value).__name__}")
    plain = value
    for _ in range(8):
        if (
            plain in ("", ".", "..")
            or plain != plain.strip()
            or not plain.isprintable()
            or set(plain) & {"/", "\\"}
        ):
            raise errors.InvalidNameError(f"{what} must be exactly one path segment, not {value[:80]!r}")
        decoded = unquote(plain)
        if decoded == plain:
            return value
        plain = decoded
    raise errors.InvalidNameError(f"{what} is percent-encoded too often")


def build_url(base: URL, segments: Sequence[str]) -> URL:
    """Each segment encoded whole; the final raw path is compared with the one intended."""
    path = base.raw_path.rstrip("/") + "".join("/" + quote(s, safe="") for s in segments)
    url = base.with_path(path, encoded=True)
    if url.raw_path != path or url.query_string or url.fragment:
        raise errors.InvalidNameError("the URL does not address what was named")
    return url


def parse_retry_after(values: Sequence[str], now: float) -> float | None:
    """Seconds to wait: digits or an HTTP date (RFC 9110, 10.2.3); anything else is ignored. The longest wins."""
    waits = []
    for value in values:
        if _SECONDS.fullmatch(value.strip()):
            waits.append(float(value))
            continue
        try:
            date = parsedate_to_datetime(value)
            waits.append(max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now))
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return max(waits, default=None)


def clean(text: str, secret: str = "") -> str:
    """Server text, fit for a message: bounded, one line, without control characters or the token."""
    if secret:
        text = text.replace(secret, "[token]")
    return " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())[:300]


def parse_json(body: bytes) -> Any:
    """JSON from bytes whatever the media type; every failure is a DecodeError."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        kind = type(error).__name__
    raise _with(errors.DecodeError(f"the answer is not valid JSON ({kind})"), where="$")


def error_from(
    status: int, body: bytes, retry_after: float | None, operation: str, secret: str
) -> errors.APIError:
    """The error for a status of 400 or more."""
    try:
        data = parse_json(body)
    except errors.DecodeError:
        data = None
    said = _message(data.get("error")) if isinstance(data, dict) else ""
    plain = said or _message(data) or clean(body[:2000].decode("utf-8", "replace")) or "no message"
    message = clean(plain, secret)
    code = data.get("code") if isinstance(data, dict) else None
    if code is None and isinstance(data, dict) and isinstance(data.get("error"), dict):
        code = data["error"].get("code")
    cls = _CLASSES.get(status, errors.ServerError if status >= 500 else errors.APIError)
    hint = ""
    if status == 400 and "already exists" in plain:
        cls = errors.ConflictError
    if status == 400 and is_grouped_refusal(plain):
        hint = " (remove the location from the group instead: turso.groups.remove_location)"
    error = cls(f"{operation}: {status} {message}{hint}")
    if isinstance(error, errors.NotFoundError):
        # Only the API's own JSON error that names a kind of resource speaks of one (cases C12, C13).
        match = _RESOURCE.search(said)
        error.resource = match[1].lower() if match else None
    return _with(
        error,
        status=status,
        message=message,
        code=clean(str(code), secret) if code is not None else None,
        retry_after=retry_after,
        operation=operation,
    )


def is_grouped_refusal(message: str) -> bool:
    """A database in a group takes its instances from the group's locations (case C45)."""
    return "group" in message.lower() and "not support" in message.lower()


def could_have_applied(error: errors.TursoError) -> bool:
    """Could the attempt that ended so have taken effect?"""
    if isinstance(error, errors.APIError):
        return error.status >= 500 or error.status in (408, 425)
    return isinstance(error, errors.OutcomeUnknownError | errors.DecodeError)


def _message(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return next(
            (m for key in ("message", "error", "errors", "code") if (m := _message(value.get(key)))), ""
        )
    if isinstance(value, list):
        return "; ".join(m for item in value[:5] if (m := _message(item)))
    return ""


def _with(error: E, **attributes: object) -> E:
    error.__dict__.update(attributes)
    return error
