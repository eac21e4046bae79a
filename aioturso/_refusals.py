"""Pure: an answer that is no success to an error, and Retry-After to seconds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from itertools import chain
from typing import Any, Protocol

from . import errors
from ._missing import missing_resource
from ._operation import Request
from ._protocol import LARGE, clean, hide, parse_json
from .models import Secret

# `float` would also take nan, inf, 1_000 and digits of other scripts.
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_ALREADY = re.compile(r"\balready\s+(exists?\b|an?\s+member\b|in\s+use\b|taken\b)", re.IGNORECASE)
_VERSIONS = re.compile(r"/v[0-9]+(?=/v[0-9]+/)")
GROUPED = " (remove the location from the group instead: turso.groups.remove_location)"
_IN_GROUP = " (add the location to the group: turso.groups.add_location)"
_CODES = " (turso.locations.list() has the codes)"
ORGANIZATIONS = " (turso.organizations.list() has those of this token)"
_FRESH = 10  # seconds for which a cache may have kept what is evidence
_GONE = (404, 410)
NO_SUCH = (*_GONE, 405, 501)
"""Statuses of a server that has no such route; the first two may also be about a thing that the path names."""
# Of caches that name no age, such as nginx; the last one is RFC 9211's.
_CACHES = ("X-Cache", "X-Cache-Status", "X-Proxy-Cache", "X-Nginx-Cache", "CF-Cache-Status", "Cache-Status")
_HIT = re.compile(r"(?<![a-z=-])(?:hit|stale|updating)(?![a-z-])", re.IGNORECASE).search
_REQUEST_IDS = ("X-Request-Id", "Fly-Request-Id", "CF-Ray")
_CLASSES: dict[int, type[errors.APIError]] = {
    400: errors.BadRequestError,
    401: errors.UnauthorizedError,
    402: errors.PaymentRequiredError,
    403: errors.ForbiddenError,
    409: errors.ConflictError,
    429: errors.RateLimitedError,
}


class Headers(Protocol):
    """The headers of an answer; several of them may have one name."""

    def getall(self, key: str, default: list[str]) -> list[str]: ...


def refusal(
    request: Request, status: int, body: bytes, headers: Headers, secret: str, now: float
) -> errors.TursoError:
    """Returns the error for an answer that is not a whole success; `now`: this machine's time, in epoch seconds."""
    shown = partial(_shown, secret, request)
    if is_stored(request, status, headers):
        text = f"{request}: {status} from a cache, which is no answer about what is there now"
        return errors.ProtocolError(text, status=status, **request.facts())
    if status >= 400:
        return _api_error(request, status, body, headers, shown, now)
    location = shown(_first(headers, "Location"))
    kind = "is a part of an answer" if 200 <= status < 300 else "is no answer to this request"
    text = f"redirect to {location!r}, not followed" if location else kind
    return errors.ProtocolError(
        f"{request}: {status} {text}", status=status, location=location, **request.facts()
    )


def is_stored(request: Request, status: int, headers: Headers) -> bool:
    """True for a read of what an organization or a user has that a cache has answered, as a proxy may: it is no proof.

    What the platform has for all, such as its locations, may come from a cache (RFC 9111, 5.1).
    """
    is_evidence = (status < 300 or status in _GONE) and not may_be_stored(request)
    if request.operation.method != "GET" or not is_evidence:
        return False
    if ages := headers.getall("Age", []):
        return max(map(int, re.findall("[0-9]{1,9}", " ".join(ages))), default=0) > _FRESH
    # For how long, it does not answer.
    return any(_HIT(value) for name in _CACHES for value in headers.getall(name, []))


def may_be_stored(request: Request) -> bool:
    """True for a read of nothing that an organization or a user has, which a cache may answer."""
    path = request.url.raw_path
    return request.operation.method == "GET" and "/organizations" not in path and "/auth/" not in path


def _api_error(
    request: Request, status: int, body: bytes, headers: Headers, shown: Callable[[str], str], now: float
) -> errors.APIError:
    data = _parsed(body)
    # The platform's own key: an error of a proxy has others, and is no evidence of what is missing.
    said = _message(data.get("error")) if isinstance(data, dict) else ""
    plain = said or _message(data) or shown(body[:16_000].decode("utf-8", "replace")) or "no message"
    message, code = shown(plain), _code(data)
    waits = headers.getall("Retry-After", [])
    wait = parse_retry_after(waits, _first(headers, "Date"), now) if waits else None
    resource = missing_resource(said, code or "", data, request) if status in _GONE else None
    hint = _hint(request, status, message, resource, isinstance(data, dict))
    required = f" (the server requires a wait of {wait:g} s)" if wait else ""
    request_id = next((i for name in _REQUEST_IDS if (i := _first(headers, name))), "")
    text = f"{request}: {status} {message}{hint}{required}"
    answer = errors.Answer(
        status=status,
        message=message,
        code=None if code is None else shown(code),
        retry_after=wait,
        request_id=shown(request_id) or None,
        **request.facts(),
    )
    if status in _GONE:
        return errors.NotFoundError(text, resource=resource, **answer)
    return _class(status, plain)(text, **answer)


def _class(status: int, text: str) -> type[errors.APIError]:
    # Its reference has 409: https://github.com/tursodatabase/turso-docs/issues/409
    if status == 400 and _ALREADY.search(text):
        return errors.ConflictError
    return _CLASSES.get(status, errors.ServerError if status >= 500 else errors.APIError)


def _parsed(body: bytes) -> Any:
    """Returns the JSON of an answer; None for anything else, and for megabytes, which would hold the loop."""
    try:
        return parse_json(body) if len(body) < LARGE else None
    except errors.DecodeError:
        return None


def _shown(secret: str, request: Request, text: str) -> str:
    """Returns server text fit for a message, also without the secrets that the request itself has sent."""
    for own in _secrets((request.content, request.headers)):
        text = hide(text, own)
    return clean(text, secret)


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, Secret):
        yield str(value)
    elif isinstance(value, Mapping):
        yield from _secrets(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _secrets(item)


def _first(headers: Headers, name: str) -> str:
    return headers.getall(name, [""])[0]


def _code(data: object) -> str | None:
    if not isinstance(data, dict):
        return None
    inner = data.get("error")
    code = data.get("code", inner.get("code") if isinstance(inner, dict) else None)
    return str(code) if isinstance(code, str | int) else None


def _hint(request: Request, status: int, message: str, resource: str | None, from_api: bool) -> str:
    if status == 400:
        return _hint_of_a_bad_request(request, message)
    if status == 401:
        return " (a platform token is needed: `turso auth api-tokens mint NAME --org ORG` makes one)"
    if status == 403 and not from_api:
        return " (not the API's own answer: a CDN or proxy on the way refused the request)"
    if status == 404 and (doubled := _VERSIONS.search(request.url.raw_path)):
        return f" (the base URL must not end in {doubled[0]})"
    if resource == "organization":
        return ORGANIZATIONS
    return ""


def _hint_of_a_bad_request(request: Request, message: str) -> str:
    # A group may lack other things too, such as an extension.
    if is_grouped_refusal(message) and "/instances" in request.operation.path:
        return _IN_GROUP if request.operation.method == "POST" else GROUPED
    return _CODES if "invalid location" in message.lower() else ""


def is_grouped_refusal(message: str) -> bool:
    """True for the answer that a database takes its instances from its group's locations."""
    return "group" in message.lower() and "not support" in message.lower()


def _message(value: object, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and depth < 8:  # JSON may be nested deeper than Python can recurse
        keys = ("message", "error", "errors", "code")
        return next((m for key in keys if (m := _message(value.get(key), depth + 1))), "")
    if isinstance(value, list) and depth < 8:
        return "; ".join(m for item in value[:5] if (m := _message(item, depth + 1)))
    return ""


def parse_retry_after(values: Sequence[str], date: str, now: float) -> float | None:
    """Returns seconds to wait: digits or an HTTP date (RFC 9110, 10.2.3); anything else is ignored. The longest wins.

    A date counts from the answer's own `Date`, if it has one: the clock of this machine may be wrong or jump.
    """
    waits: list[float] = []
    # A proxy joins several lines into one; a date is read without its weekday and the comma behind it.
    for part in chain.from_iterable(value.split(",") for value in values):
        if _SECONDS.fullmatch(part.strip()):
            waits.append(float(part))
        elif (until := timestamp(part)) is not None:
            waits.append(max(0.0, until - (timestamp(date) or now)))
    return max(waits, default=None)


def timestamp(value: str) -> float | None:
    """Returns a date of HTTP in epoch seconds; None for anything else."""
    try:
        date = parsedate_to_datetime(value)
        # A date of HTTP is in GMT, also where it does not have it.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):  # the parser raises each for some date
        return None
