"""HTTP to state: from a request's plain parts to its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from attrs import field, frozen

from . import table
from .state import Call, File, Refusal, State
from .table import BY_UUID, FURTHER, PERSONAL, PUBLISHED, ROUTES, Route

__all__ = [
    "BY_UUID",
    "FURTHER",
    "PERSONAL",
    "PUBLISHED",
    "ROUTES",
    "Answer",
    "Asked",
    "Route",
    "answer",
    "find",
]
_HINT = "see https://docs.turso.tech/api-reference or https://turso.tech/openapi.json for available endpoints"
# https://pkg.go.dev/encoding/json#Marshal escapes the first five; half a surrogate pair, which a test may want, is no UTF-8.
_ESCAPED = {code: f"\\u{code:04x}" for code in (*map(ord, "<>&\u2028\u2029"), *range(0xD800, 0xE000))}
_NO_ROUTE = {"code": "route_not_found", "error": "no such route", "hint": _HINT}


@frozen(kw_only=True)
class Asked:
    """A request, in plain parts: `path` and `query` as they came, header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes | File = b""


@frozen(kw_only=True)
class Answer:
    """A status, a body and its media type."""

    status: int
    body: bytes = b""
    content_type: str | None = None


def _json(status: int, value: object) -> Answer:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
    return Answer(status=status, body=text.encode(), content_type="application/json")


def _segments(path: str) -> list[str]:
    # Decoded after the split: an encoded slash stays in its segment.
    return [unquote(segment) for segment in path.split("/")[1:]]


def find(method: str, path: str) -> Route | None:
    """Returns the route of a request."""
    return table.find(method, _segments(path))


def answer(state: State, asked: Asked) -> Answer:
    """Acts on a request, and returns what the platform answers."""
    segments = _segments(asked.path)
    route = table.find(asked.method, segments)
    if route is None:
        return _json(404, _NO_ROUTE)
    try:
        value = _run(state, asked, route, {name: segments[at] for at, name in route.names})
    except Refusal as refusal:
        code = {} if refusal.code is None else {"code": refusal.code}
        return _json(refusal.status, {**code, "error": refusal.message})
    return Answer(status=200) if value is None else _json(200, value)


def _run(state: State, asked: Asked, route: Route, path: dict[str, str]) -> Any:
    scheme, _, bearer = asked.headers.get("authorization", "").partition(" ")
    bearer = bearer if scheme.lower() == "bearer" else ""
    query = dict(parse_qsl(asked.query, keep_blank_values=True))
    token = state.root if route.needs == "none" else state.bearer(bearer)
    call = Call(state=state, token=token, bearer=bearer, path=path, query=query, headers=asked.headers)
    _permit(call, route)
    _read(call, route, asked.body)
    return route.operation(call)


def _permit(call: Call, route: Route) -> None:
    """Holds a restricted token to its organization, and to its group and scopes."""
    token = call.token
    if token.organization is None or route.needs in ("any", "none"):
        return
    if route.needs == "account":
        raise Refusal(403, "the token is restricted to an organization")
    found = call.find_organization()
    if found is None or found.slug != token.organization:
        raise Refusal(403, f"the token is restricted to organization {token.organization}")
    if token.group is None:
        return
    if route.needs not in token.scopes:
        raise Refusal(403, f"the token is restricted to group {token.group} and lacks the scope for this")
    if _group_of(call, token.group) != token.group:
        raise Refusal(403, f"the token is restricted to group {token.group}")


def _group_of(call: Call, otherwise: str) -> str | None:
    if call.path.keys() & {"database", "database_id"}:
        return call.database.group
    return call.group.name if "group_id" in call.path else call.path.get("group", otherwise)


def _read(call: Call, route: Route, body: bytes | File) -> None:
    if isinstance(body, File):
        call.file = body
    elif route.body == "bytes":
        call.content = body
    elif route.body != "not read":
        call.body = _object(body, route.body == "required")


def _object(body: bytes, required: bool) -> dict[str, Any]:
    if not body.strip() and not required:
        return {}
    try:
        value = json.loads(body, object_pairs_hook=_lower)
    except (ValueError, RecursionError):
        raise Refusal(400, "could not parse the request body") from None
    if value is None:  # which Go reads as the empty object
        return {}
    if not isinstance(value, dict):
        raise Refusal(400, "the request body must be a JSON object")
    return value


def _lower(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Returns an object with its keys in lower case: the platform's decoder, Go's, does not look at their case."""
    return {key.lower(): value for key, value in pairs}
