"""A raw server's answers about the instances of a database."""

from __future__ import annotations

from typing import Any

from missing import no_instance
from raw import CHUNKED, CUT, Request, Step, answer, close, last, reset

from aioturso import Outcome

GONE = answer(404, no_instance("a"))
LOST: dict[str, Step] = {
    "closed": close,
    "reset": reset(),
    "cut status line": last(b"HTTP/1.1 2"),
    "cut headers": last(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "cut body": last(CUT + b'{"inst'),
    "reset body": reset(CUT + b'{"inst'),
    "cut chunk": last(CHUNKED + b"8\r\n{"),
    "no last chunk": last(CHUNKED + b"2\r\n{}\r\n"),
    "reset without a length": reset(b"HTTP/1.1 200 OK\r\n\r\n"),
    "closed without a length": last(b"HTTP/1.0 200 OK\r\n\r\n"),
}
"""Every way in which the answer to a request that arrived is lost."""


def instance(name: str, region: str | None = "fra", kind: str | None = "replica") -> dict[str, Any]:
    return {"name": name, "type": kind, "region": region}


def listed(*names: str) -> Step:
    return answer(200, {"instances": [instance(name) for name in names]})


def by_name(**steps: Step) -> Step:
    """Each instance's own answer to its DELETE; an empty success for the others."""

    async def step(request: Request) -> None:
        await steps.get(request.target.rsplit("/", 1)[1], answer(200, {}))(request)

    return step


def statuses(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [f"{o.target.instance} {o.status.name}" for o in outcomes]
