"""A client on a server with a table of routes, and short forms of a plan."""

from __future__ import annotations

from typing import Any

from raw import RawServer, Step, answer
from routes import database, databases, one, routes

from aioturso import TeardownPlan, TursoClient

Table = dict[str, Step | list[Step]]


class Planner:
    """A client on a server of these routes; what was sent is in `sent`."""

    def __init__(self, table: Table, **client: Any) -> None:
        self.raw, self.client = RawServer(then=routes(table)), {"retry": None, **client}

    async def __aenter__(self) -> TursoClient:
        await self.raw.__aenter__()
        self.turso = self.raw.client(**self.client)
        return self.turso

    async def __aexit__(self, *error: object) -> None:
        await self.turso.close()
        await self.raw.__aexit__(*error)

    @property
    def sent(self) -> list[str]:
        """The ends of the paths, with their queries."""
        return [request.target.rpartition("/")[2] for request in self.raw.requests]


def instance(name: str = "i", region: str | None = "fra", kind: str = "replica") -> dict[str, Any]:
    return {"name": name, "uuid": f"id-{name}", "type": kind, "region": region}


def instances(*found: dict[str, Any]) -> Step:
    return answer(200, {"instances": list(found)})


NO_GROUPS = answer(200, {"groups": []})
TWO: Table = {
    "GET databases": databases(database("a", group=""), database("b", group="")),
    "GET databases/a": one(database=database("a", group="")),
    "GET groups": NO_GROUPS,
    "GET a/instances": instances(instance("x"), instance("p", "iad", "primary"), instance("odd", None)),
    "GET b/instances": instances(instance("x"), instance("y", "iad")),
    "GET locations": answer(200, {"locations": {"fra": "Frankfurt", "ams": "Amsterdam"}}),
}
ONE: Table = {
    **TWO,
    "GET a/instances": instances(instance("x")),
    "GET databases": databases(database("a", group="")),
}


def keys(plan: TeardownPlan) -> list[str]:
    return ["/".join(target.names) for target in plan.targets]


def skipped(plan: TeardownPlan) -> list[tuple[str, str | None]]:
    return [("/".join(o.target.names), o.reason) for o in plan.skipped]


UNKNOWN = ("a/odd", "its location is not known")
