"""A server made of the vendor's document alone: it refuses requests that do not fit, and answers with examples."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web
from attrs import define, field
from contract_world import TOKEN
from differences import SENT
from serving import Serving
from vendor_schema import OPERATIONS, Declared, body_deviations, find, query_deviations

# Where an answer has the identity of what the request names: in the object under a key (None: in the answer itself).
IDENTITY = {
    "getDatabase": ("database", "Name"),
    "createDatabase": ("database", "Name"),
    "restoreDatabase": ("database", "DbId"),
    "getDatabaseInstance": ("instance", "name"),
    "getGroup": ("group", "name"),
    "createGroup": ("group", "name"),
    "addLocationToGroup": ("group", "name"),
    "unarchiveGroup": ("group", "name"),
    "transferGroup": (None, "name"),
    "restoreGroup": ("group", "uuid"),
    "getOrganization": ("organization", "slug"),
    "updateOrganization": ("organization", "slug"),
    "getOrganizationMember": ("member", "username"),
    "updateMemberRole": ("member", "username"),
    "createAPIToken": (None, "name"),
}


def by_example(operation: Declared) -> Any:
    return operation.answers[200][1]


def addressed(value: Any, operation: Declared, names: tuple[str, ...], body: bytes) -> Any:
    """The answer, about what the request names: an example names one thing whatever the request."""
    holder, key = IDENTITY.get(operation.id, (None, None))
    if key is None:
        return value
    copy = json.loads(json.dumps(value))
    if operation.id in ("createDatabase", "createGroup"):
        name = json.loads(body)["name"]
    else:
        name = names[1] if operation.id == "addLocationToGroup" else names[-1]
    (copy if holder is None else copy[holder])[key] = name
    return copy


@define
class Mock(Serving):
    """`answer` makes the JSON of an operation's success; None: no body. `seen`: the operations that were called."""

    answer: Callable[[Declared], Any] = by_example
    seen: list[str] = field(factory=list)

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        path, body = request.rel_url.raw_path, await request.read()
        operation = find(request.method, path)
        if operation is None:
            elsewhere = any(one.names(path) is not None for one in OPERATIONS.values())
            return _error(405 if elsewhere else 404, "no such operation")
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _error(401, "not authorized")
        if body and operation.body and request.headers.get("Content-Type") != "application/json":
            return _error(415, "a JSON body needs its media type")
        wrong = query_deviations(operation, list(request.query.items()))
        wrong |= body_deviations(operation, request.content_type, body)
        if wrong - set(SENT):
            return _error(400, "; ".join(sorted(wrong)))
        self.seen.append(operation.id)
        value = addressed(self.answer(operation), operation, operation.names(path) or (), body)
        if "cursor" in request.query:  # the page after the first is the last
            value = {key: part for key, part in value.items() if key != "pagination"}
        if operation.answers[200][0] is None:
            return web.Response()
        return web.Response(body=json.dumps(value).encode(), content_type="application/json")


def _error(status: int, message: str) -> web.Response:
    body = json.dumps({"error": message}).encode()
    return web.Response(status=status, body=body, content_type="application/json")
