"""A platform of a raw server, route by route."""

from __future__ import annotations

from typing import Any

from raw import Request, Step, answer

NO_ROUTE = answer(404, b"404 page not found")


def routes(table: dict[str, Step | list[Step]]) -> Step:
    """Answers each `METHOD end/of/the/path` by its step, or by its steps in turn, of which the last one stays.

    The longest end that fits decides. All else is no route.
    """
    left = {route: list(steps) if isinstance(steps, list) else [steps] for route, steps in table.items()}

    async def step(request: Request) -> None:
        path = request.target.partition("?")[0]
        fits = [r for r in left if request.method == r.split()[0] and path.endswith(f"/{r.split()[1]}")]
        steps = left[max(fits, key=len)] if fits else [NO_ROUTE]
        await (steps.pop(0) if len(steps) > 1 else steps[0])(request)

    return step


def database(name: str = "a", **fields: Any) -> dict[str, Any]:
    """A database as the platform lists it."""
    return {"Name": name, "DbId": f"id-{name}", "group": "g", "delete_protection": False, **fields}


def databases(*found: dict[str, Any]) -> Step:
    """The list of databases."""
    return answer(200, {"databases": list(found)})


def one(**found: dict[str, Any]) -> Step:
    """The answer about one thing, under its key."""
    return answer(200, found)


def no_such(what: str) -> Step:
    """The 404 that is about a thing of this kind."""
    return answer(404, {"error": f"{what} not found"})


def unknown(name: str) -> dict[str, Any]:
    """A database whose delete protection its list leaves open."""
    return {"Name": name, "DbId": f"id-{name}", "group": "g"}


def settings(protected: bool | None) -> Step:
    """The answer of its configuration."""
    return answer(200, {"delete_protection": protected})
