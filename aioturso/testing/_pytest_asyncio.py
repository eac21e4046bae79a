"""The fixtures that pytest-asyncio has to run, marked as its strict mode wants; one for each loop a test can be in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Literal

import pytest_asyncio

if TYPE_CHECKING:
    from .server import TursoClient

_Scope = Literal["function", "class", "module", "package", "session"]


def _closed_in(loop_scope: _Scope) -> Any:
    @pytest_asyncio.fixture(name=f"_turso_in_{loop_scope}_loop", loop_scope=loop_scope)
    async def fixture(_turso_client: TursoClient) -> AsyncIterator[TursoClient]:
        async with _turso_client as client:
            yield client

    return fixture


_function = _closed_in("function")
_class = _closed_in("class")
_module = _closed_in("module")
_package = _closed_in("package")
_session = _closed_in("session")
