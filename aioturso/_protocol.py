"""Pure: names to a checked URL, values to text, bytes to JSON, text to a message."""

from __future__ import annotations

import codecs
import ipaddress
import json
import re
import unicodedata
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from yarl import URL

from . import errors
from ._operation import Operation
from .models import Secret

T = TypeVar("T")
LARGE = 256 * 1024  # bytes: a longer answer is decoded in a thread
# One segment that needs no encoding. Not a dot at its end, which some servers on Windows take away.
PLAIN = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*(?<!\.)", re.ASCII).fullmatch
_ALSO = frozenset("-_.~ +@!$&'()*,=:")
_CREDENTIALS = re.compile(r"//[^/@\s]*@")  # in a URL, such as a proxy's


def check_base_url(text: str) -> URL:
    """Returns a base URL; refuses one that could carry the token somewhere unexpected."""
    try:
        url = URL(text)
    except (ValueError, TypeError):
        url = URL()  # refused below, without an error that holds a password
    if (
        url.scheme not in ("http", "https")
        or not url.host
        or url.user
        or url.password
        or url.query_string
        or url.fragment
    ):
        del url  # its password would be in the frame of this error
        raise errors.ConfigurationError(
            "the base URL must be an absolute http(s) URL without user, query or fragment, as in 'https://api.turso.tech'"
        )
    if url.scheme == "http" and not is_loopback(url.host):
        raise errors.ConfigurationError("plain http is accepted for loopback hosts only: use https")
    return url


def is_loopback(host: str) -> bool:
    """True for a host that is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def hidden(value: T) -> T | Secret:
    """Returns a text as one that no frame of a traceback shows; anything else as it is."""
    return Secret(value) if isinstance(value, str) else value


def check_token(token: object) -> str:
    """Returns the token without outer whitespace; refuses one that cannot be one header value."""
    if not isinstance(token, str):
        raise errors.ConfigurationError("the token must be text")
    token = Secret(token.strip())  # from here on no frame of a traceback shows it
    # A line break would end the header and begin another.
    if not token or any(not "!" <= c <= "~" for c in str(token)):
        raise errors.ConfigurationError(
            "the token must be printable ASCII without inner whitespace (and without `Bearer`)"
        )
    return token


def check_segment(value: object, what: str) -> str:
    """Returns a name that is exactly one path segment, also behind any proxy, as a plain `str`.

    Letters, digits, inner spaces and the marks of `_ALSO` pass. Refused is what some server or proxy reads as syntax,
    also after it has decoded the path: separators, `?`, `#`, `;` (parameters of a servlet container), `%` (another
    round of decoding), controls, dots at the end, and letters that Unicode's compatibility forms turn into these.
    """
    if type(value) is str and PLAIN(value):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{what} must be str, not {type(value).__name__}")
    name = str.__str__(value)  # of a subclass, whose own methods could answer one thing now and another later
    fits = all(c.isalnum() or c in _ALSO for c in name) and unicodedata.normalize("NFKC", name) == name
    if not fits or not name or name != name.strip(" ") or name.endswith("."):
        raise errors.InvalidNameError(f"{what} must be exactly one path segment, not {name[:80]!r}")
    return name


def build_url(base: URL, operation: Operation[Any], names: Sequence[str]) -> URL:
    """Returns the URL in which each name is one encoded segment; its raw path is compared with the one intended."""
    for name in names:
        # Letters, digits and hyphens need no regular expression, which costs each call twice as much.
        if type(name) is not str or not ((name.replace("-", "").isalnum() and name.isascii()) or PLAIN(name)):
            labelled = zip(operation.labels, names, strict=True)
            names = [quote(check_segment(name, label), safe="") for label, name in labelled]
            break
    path = base.raw_path.rstrip("/") + operation.template % tuple(names)
    # yarl resolves dot segments, which would address the parent: what it made of the path is compared.
    url = base.with_path(path, encoded=True)
    if url.raw_path != path:
        raise errors.InvalidNameError("the URL does not address what was named")
    return url


def clean(text: str, secret: str = "") -> str:
    """Returns server text fit for a message: short, one line, without control characters, credentials or the token."""
    text = hide(_CREDENTIALS.sub("//", text), secret)
    # Cut first: it may be megabytes.
    return " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())[:300]


def hide(text: str, secret: str) -> str:
    """Returns a text without a secret, also not as URLs and Basic credentials spell it."""
    if len(secret) <= 3:  # less than four characters are no secret
        return text
    forms = (secret, quote(secret, safe=""), b64encode(secret.encode()).decode().rstrip("="))
    return re.sub("|".join(map(re.escape, forms)), "[token]", text)


def parse_json(body: bytes) -> Any:
    """Returns JSON from bytes whatever the media type; every failure is a DecodeError."""
    try:
        # JSON's own whitespace: Python's `strip` takes more.
        text = body.removeprefix(codecs.BOM_UTF8).decode().strip(" \t\r\n")
        data, end = DECODER.raw_decode(text)
        if end == len(text):
            return data
        kind = "more than one value"
    except DoubledError:
        kind = "a key that comes twice, with different values"
    except (ValueError, RecursionError) as error:
        kind = type(error).__name__
    # Outside the handler: a JSONDecodeError holds the whole answer.
    raise errors.DecodeError(f"the answer is not valid JSON ({kind})")


class DoubledError(ValueError):
    """An object has two values under one key."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    # Python would keep the last of two: a primary could pass for a replica, and an error for none.
    if len(data) != len(pairs) and any(data[key] != value for key, value in pairs):
        raise DoubledError
    return data


# The hook also lets the event loop run between objects: json's C decoder holds the interpreter until it is done.
DECODER = json.JSONDecoder(object_pairs_hook=_object)

Value = str | int | bool | datetime | None


def present(**fields: object) -> dict[str, object]:
    """Returns the fields that are given: None means left out."""
    return {name: value for name, value in fields.items() if value is not None}


def query(parameters: Mapping[str, Value]) -> dict[str, str]:
    """Returns query parameters as text; None is left out."""
    return {name: _plain(value) for name, value in parameters.items() if value is not None}


def dump_json(data: object) -> bytes:
    """Returns a request's body; times as RFC 3339."""
    try:
        return json.dumps(data, default=_plain, allow_nan=False).encode()
    except ValueError:
        raise errors.InvalidInputError("a number must be finite: JSON has no NaN and no Infinity") from None


def _plain(value: object) -> str:
    if isinstance(value, bool):  # before numbers: a bool is an int
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
