"""A server that records what reaches it and gives its answers in order; the last one stays."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from attrs import define, field, frozen
from serving import Serving


@frozen
class Recorded:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@define
class Recorder(Serving):
    """`answers`: JSON, (status, JSON), bytes, or None for an empty 200."""

    answers: list[Any] = field(factory=lambda: [None])
    requests: list[Recorded] = field(factory=list)

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        content = await request.content.read()  # `request.read` refuses what is large
        as_json = content and request.content_type == "application/json"
        self.requests.append(
            Recorded(
                request.method,
                request.rel_url.raw_path,
                dict(request.query),
                json.loads(content) if as_json else content or None,
                dict(request.headers),
            )
        )
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        status, answer = answer if isinstance(answer, tuple) else (200, answer)
        if answer == "lost":
            assert request.transport is not None
            request.transport.close()
        body = b"" if answer is None else answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return web.Response(status=status, body=body, content_type="application/json")
