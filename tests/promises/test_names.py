"""No name reaches any path but its own."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, unquote

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from raw import RawServer, Request, http

from aioturso import InvalidNameError, TursoClient

EXAMPLES = int(os.environ.get("AIOTURSO_EXAMPLES", "0"))
careful = settings(
    max_examples=EXAMPLES or 300,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
PIECES = [
    "..",
    ".",
    "/",
    "\\",
    "%",
    "%2e",
    "%2E%2e",
    "%2f",
    "%252f",
    "%00",
    "?",
    "#",
    ";",
    "a",
    "é",
    " ",
    "\n",
]
PIECES += ["&", "=", "+", ":", "@", "//", "\u2024", "\uff0f", "\u202e", "\x7f", "~", "%u002e", "*", "'", '"']
NAMES = st.text() | st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
NAMES |= NAMES.map(lambda name: quote(name, safe="", errors="surrogatepass"))
ROOT = "/v1/organizations/org/databases"
Call = Callable[[TursoClient, str], Awaitable[object]]
CALLS: dict[str, tuple[Call, Callable[[str], str]]] = {
    "instance": (lambda t, n: t.destroy_instance("db", n), lambda e: f"DELETE {ROOT}/db/instances/{e}"),
    "database": (lambda t, n: t.destroy_instance(n, "a"), lambda e: f"DELETE {ROOT}/{e}/instances/a"),
    "delete database": (lambda t, n: t.databases.delete(n), lambda e: f"DELETE {ROOT}/{e}"),
    "organization": (
        lambda t, n: t.with_organization(n).destroy_instance("db", "a"),
        lambda e: f"DELETE /v1/organizations/{e}/databases/db/instances/a",
    ),
    "segment": (lambda t, n: t.request("PUT", "v1", n, "x"), lambda e: f"PUT /v1/{e}/x"),
    "last segment": (lambda t, n: t.request("DELETE", "v1", n), lambda e: f"DELETE /v1/{e}"),
}


async def succeed(request: Request) -> None:
    request.writer.write(http(200, {}))


def is_one_segment(name: str) -> bool:
    """What no proxy can read as something else, however often it decodes it: written again, on purpose."""
    for _ in range(8):
        if name in ("", ".", "..") or name != name.strip() or "/" in name or "\\" in name:
            return False
        if any(not c.isprintable() for c in name):
            return False
        name, before = unquote(name), name
        if name == before:
            return True
    return False


async def check(raw: RawServer, turso: TursoClient, name: str) -> None:
    for call, line in CALLS.values():
        raw.requests.clear()
        try:
            await call(turso, name)
        except InvalidNameError:
            assert not raw.requests
            assert not is_one_segment(name)
            continue
        encoded = quote(name, safe="")
        assert [f"{r.method} {r.target}" for r in raw.requests] == [line(encoded)]
        assert is_one_segment(name)


async def opened() -> tuple[RawServer, Any]:
    raw = await RawServer(then=succeed).__aenter__()
    return raw, raw.client()


def test_c01_c02_c03_no_name_reaches_any_path_but_its_own() -> None:
    with asyncio.Runner() as runner:
        raw, turso = runner.run(opened())

        @careful
        @given(NAMES)
        @example("..")
        @example("%2e%2e")
        @example("%25252525252e.")
        @example("prod#old")
        @example("prod?force=true")
        @example("")
        @example("None")
        def property_of(name: str) -> None:
            runner.run(check(raw, turso, name))

        property_of()
        runner.run(turso.close())
        runner.run(raw.__aexit__())
