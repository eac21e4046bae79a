"""An engine of teardowns on a server of some routes, with what was sent to it."""

from __future__ import annotations

from typing import Any

from raw import RawServer, Step
from routes import routes

Table = dict[str, Step | list[Step]]


class World:
    """An engine on a server of these routes, and what was sent to it."""

    def __init__(self, table: Table, **client: Any) -> None:
        self.raw, self.client = RawServer(then=routes(table)), {"retry": None, **client}

    async def __aenter__(self) -> Any:
        await self.raw.__aenter__()
        self.turso = self.raw.client(**self.client)
        return self.turso.teardown._engine

    async def __aexit__(self, *error: object) -> None:
        await self.turso.close()
        await self.raw.__aexit__(*error)

    @property
    def ends(self) -> list[str]:
        """The ends of the paths."""
        return [request.target.partition("?")[0].rpartition("/")[2] for request in self.raw.requests]
