"""Pure: the platform's state and its answers as (status, JSON)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from attrs import asdict, define, field

Reply = tuple[int, Any]


@define
class FakeInstance:
    """An instance of the fake."""

    name: str
    type: str
    region: str
    hostname: str
    uuid: str = field(factory=lambda: str(uuid4()))


@define
class FakeDatabase:
    """A database of the fake; one in a group refuses instance destruction."""

    name: str
    group: str | None
    instances: dict[str, FakeInstance] = field(factory=dict)

    def add(self, location: str, kind: str) -> FakeInstance:
        number = 1
        while (name := location if number == 1 else f"{location}-{number}") in self.instances:
            number += 1
        self.instances[name] = FakeInstance(name, kind, location, f"{name}-{self.name}.turso.invalid")
        return self.instances[name]


@define
class State:
    """Organizations and their databases."""

    organizations: dict[str, dict[str, FakeDatabase]] = field(factory=dict)

    def answer(self, method: str, path: list[str], body: Any) -> Reply:
        """What the platform answers to a request for these decoded path segments."""
        match path:
            case ["v1", "organizations", organization, "databases", database, "instances", *rest]:
                found = self.organizations.get(organization, {}).get(database)
                if found is None:
                    missing = f"could not find database {database} to delete instance from"
                    return 404, {"error": missing}
                return self._instances(method, found, rest, body)
        return 404, None

    def _instances(self, method: str, database: FakeDatabase, rest: list[str], body: Any) -> Reply:
        if not rest:
            if method == "GET":
                return 200, {"instances": [asdict(i) for i in database.instances.values()]}
            if method == "POST":
                return 200, {"instance": asdict(database.add(body["location"], "replica"))}
            return 405, None
        instance = database.instances.get(rest[0])
        if instance is None:
            return 404, {"error": f"could not find instance {rest[0]} of database {database.name}"}
        match method, rest[1:]:
            case "GET", []:
                return 200, {"instance": asdict(instance)}
            case "GET", ["wait"]:
                return 200, None
            case "DELETE", []:
                if database.group is not None:
                    return 400, {"error": "group databases do not support destroying instances"}
                if instance.type == "primary":
                    return 400, {"error": "the primary instance cannot be destroyed"}
                del database.instances[instance.name]
                return 200, {"instance": instance.name}
        return 405, None
