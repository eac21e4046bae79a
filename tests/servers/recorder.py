"""A server that records what reaches it and answers what it is told, in order; the last answer stays."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from attrs import define, field, frozen


@frozen
class Recorded:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@define
class Recorder:
    """`answers`: JSON, (status, JSON), bytes, or None for an empty 200."""

    answers: list[Any] = field(factory=lambda: [None])
    requests: list[Recorded] = field(factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        content = await request.read()
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
