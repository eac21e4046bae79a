"""Pure: segments to a checked URL, an answer to an error, Retry-After to seconds."""

from __future__ import annotations

import codecs
import ipaddress
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from yarl import URL

from . import errors
from ._operation import Operation
from .models._model import Secret

E = TypeVar("E", bound=errors.TursoError)

LARGE = 256 * 1024  # bytes: a longer answer is decoded in a thread
_PLAIN = re.compile(
    r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*", re.ASCII
).fullmatch  # one segment, and the same when encoded
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_RESOURCE = re.compile(
    # not as a part of an echoed path or of a name such as "my-database"
    r"(?<![\w/.-])(instance|database|group|organization|member|invite|token|location)(?![\w/-])",
    re.IGNORECASE,
)
_USER = re.compile(r"\b(user)\b", re.IGNORECASE)
_NAMED = re.compile(r"\[[^\]]*\]")  # a name in a message, which may itself be "group"
_ALREADY = re.compile(r"\balready\s+(exists?\b|an?\s+member\b|in\s+use\b|taken\b)", re.IGNORECASE)
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
    except (ValueError, TypeError):
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
    if url.scheme == "http" and not _is_loopback(url.host):
        raise errors.ConfigurationError("plain http is accepted for loopback hosts only")
    return url


def database_url(hostname: str, api: URL) -> str:
    """Where a database is; only a fake platform on loopback is spoken to in plain http."""
    plain = api.scheme == "http" and _is_loopback(URL(f"http://{hostname}").host or "")
    return f"{'http' if plain else 'https'}://{hostname}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_token(token: object) -> str:
    """Strip outer whitespace; refuse what cannot be one header value. The message never holds the token."""
    if not isinstance(token, str):
        raise errors.ConfigurationError("the token must be text")
    token = token.strip()
    if not token or any(not "!" <= c <= "~" for c in token):
        raise errors.ConfigurationError("the token must be printable ASCII without inner whitespace")
    return Secret(token)


def check_segment(value: object, what: str) -> str:
    """Exactly one path segment, however often a proxy decodes it; yarl removes dot segments (RFC 3986, 5.2.4)."""
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


def build_url(base: URL, operation: Operation[Any], names: Sequence[str]) -> URL:
    """Each name one encoded segment; the final raw path is compared with the one intended."""
    for name in names:
        if type(name) is not str or not _PLAIN(name):
            labelled = zip(operation.labels, names, strict=True)
            names = [quote(check_segment(name, label), safe="") for label, name in labelled]
            break
    path = base.raw_path.rstrip("/") + operation.template % tuple(names)
    url = base.with_path(path, encoded=True)
    if url.raw_path != path:
        raise errors.InvalidNameError("the URL does not address what was named")
    return url


def parse_retry_after(values: Sequence[str], date: str, now: float) -> float | None:
    """Seconds to wait: digits or an HTTP date (RFC 9110, 10.2.3); anything else is ignored. The longest wins.

    A date counts from the answer's own `Date`, if it has one: the clock of this machine may be wrong or jump.
    """
    waits: list[float] = []
    for value in values:
        parts = value.split(",")  # a proxy joins two lines into one
        if all(_SECONDS.fullmatch(part.strip()) for part in parts):
            waits += map(float, parts)
        elif (until := _timestamp(value)) is not None:
            waits.append(max(0.0, until - (_timestamp(date) or now)))
    return max(waits, default=None)


def _timestamp(value: str) -> float | None:
    try:
        date = parsedate_to_datetime(value)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def clean(text: str, secret: str = "") -> str:
    """Server text, fit for a message: bounded, one line, without control characters or the token."""
    if (
        len(secret) > 3
    ):  # also as URLs and Basic credentials spell it; less than four characters are no secret
        forms = (secret, quote(secret, safe=""), b64encode(secret.encode()).decode().rstrip("="))
        text = re.sub("|".join(map(re.escape, forms)), "[token]", text)
    return " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())[:300]


def parse_json(body: bytes) -> Any:
    """JSON from bytes whatever the media type; every failure is a DecodeError."""
    # In a thread, a Python hook lets go of the interpreter between objects: other tasks run on.
    decoder = _LETTING_GO if len(body) >= LARGE else _DECODER
    try:
        text = body.removeprefix(codecs.BOM_UTF8).decode().strip(" \t\r\n")
        data, end = decoder.raw_decode(text)
        if end == len(text):
            return data
        kind = "more than one value"
    except (ValueError, RecursionError) as error:
        kind = type(error).__name__
    raise _with(errors.DecodeError(f"the answer is not valid JSON ({kind})"), where="$")


_DECODER = json.JSONDecoder()
_LETTING_GO = json.JSONDecoder(object_hook=lambda data: data)


def refusal(
    status: int, body: bytes, retry_after: float | None, location: str, operation: str, secret: str
) -> errors.TursoError:
    """The error for an answer that is not a success."""
    if status >= 400:
        return error_from(status, body, retry_after, operation, secret)
    location = clean(location, secret)
    what = f"redirect to {location!r}, not followed" if location else "is no answer to this request"
    return _with(errors.ProtocolError(f"{operation}: {status} {what}"), status=status, location=location)


Value = str | int | bool | datetime | None


def present(**fields: object) -> dict[str, object]:
    """The fields that are given: None means left out."""
    return {name: value for name, value in fields.items() if value is not None}


def query(parameters: Mapping[str, Value]) -> dict[str, str]:
    """Query parameters as text; None is left out."""
    return {name: _plain(value) for name, value in parameters.items() if value is not None}


def dump_json(data: object) -> bytes:
    """A request's body; times as RFC 3339."""
    return json.dumps(data, default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise errors.InvalidInputError("a time must have a time zone")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, str):
        return str.__str__(value)  # of a text that is also an enum's member: its value, not its name
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"cannot send {type(value).__name__}")


def error_from(
    status: int, body: bytes, retry_after: float | None, operation: str, secret: str
) -> errors.APIError:
    """The error for a status of 400 or more."""
    try:
        data = parse_json(body) if len(body) < LARGE else None
    except errors.DecodeError:
        data = None
    said = _message(data.get("error")) if isinstance(data, dict) else ""
    plain = said or _message(data) or clean(body[:16_000].decode("utf-8", "replace"), secret) or "no message"
    message = clean(plain, secret)
    code = data.get("code") if isinstance(data, dict) else None
    if code is None and isinstance(data, dict) and isinstance(data.get("error"), dict):
        code = data["error"].get("code")
    cls = _CLASSES.get(status, errors.ServerError if status >= 500 else errors.APIError)
    hint = ""
    if status == 400 and _ALREADY.search(plain):
        cls = errors.ConflictError
    if status == 400 and is_grouped_refusal(plain):
        hint = " (remove the location from the group instead: turso.groups.remove_location)"
    error = cls(f"{operation}: {status} {message}{hint}")
    if isinstance(error, errors.NotFoundError):
        # Only the API's own JSON error that names a kind of resource counts: a proxy's 404 does not.
        kinds = _NAMED.sub("", said)
        match = _RESOURCE.search(kinds) or _USER.search(kinds)
        error.resource = match[1].lower() if match else None
    return _with(
        error,
        status=status,
        message=message,
        code=clean(str(code), secret) if isinstance(code, str | int) else None,
        retry_after=retry_after,
        operation=operation,
    )


def is_grouped_refusal(message: str) -> bool:
    """A database in a group takes its instances from the group's locations."""
    return "group" in message.lower() and "not support" in message.lower()


def could_have_applied(error: errors.TursoError) -> bool:
    """Could the attempt that ended so have taken effect?"""
    if isinstance(error, errors.APIError):
        return error.status >= 500 or error.status in (408, 425)
    return isinstance(error, errors.OutcomeUnknownError | errors.DecodeError)


def _message(value: object, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and depth < 8:  # JSON may be nested deeper than Python can recurse
        keys = ("message", "error", "errors", "code")
        return next((m for key in keys if (m := _message(value.get(key), depth + 1))), "")
    if isinstance(value, list) and depth < 8:
        return "; ".join(m for item in value[:5] if (m := _message(item, depth + 1)))
    return ""


def _with(error: E, **attributes: object) -> E:
    error.__dict__.update(attributes)
    return error
