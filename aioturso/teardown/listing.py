"""What there is: targets as the platform lists them, each with the reason why it must not go, if there is one."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from attrs import evolve

from ..errors import NotFoundError
from ..models.api_tokens import APIToken
from ..models.databases import Database
from ..models.groups import Group
from ..models.instances import Instance
from .engine import Engine
from .report import Target

A = TypeVar("A")
B = TypeVar("B")
Listed = tuple[Target, str | None]
AT_ONCE = 16  # lists that are read at the same time


async def spread(function: Callable[[A], Awaitable[B]], items: Iterable[A]) -> list[B]:
    """The function's results in order, some at a time; the first error ends them all."""
    queue = enumerate(items)
    results: dict[int, B] = {}

    async def work() -> None:
        for index, item in queue:
            results[index] = await function(item)

    workers = [asyncio.ensure_future(work()) for _ in range(AT_ONCE)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [results[index] for index in sorted(results)]


async def instances(engine: Engine, database: str, group: str = "") -> list[Listed]:
    """The instances of a database; none when the database is gone."""
    try:
        listed = await engine.instances.list(database)
    except NotFoundError as error:
        if error.resource != "database":
            raise
        return []
    return of_instances(engine.organization or "", database, listed, group)


def of_instances(organization: str, database: str, listed: list[Instance], group: str = "") -> list[Listed]:
    """Only what is known to be a replica in a known location, under a name of its own, may go."""
    names = Counter(i.name for i in listed)
    found: list[Listed] = []
    for i in listed:
        target = Target(
            organization=organization,
            database=database,
            instance=i.name,
            location=sys.intern(i.region) if i.region else None,
            group=group,
            uuid=i.uuid,
        )
        reason = None
        if i.region is None:
            reason = "its location is not known"
        elif i.type != "replica":
            reason = "primary" if i.type == "primary" else f"not known to be a replica ({i.type})"
        elif names[i.name] > 1:
            reason = "its name is listed more than once"
        elif group:
            reason = f"grouped: its location can only be removed from the group {group!r}"
        found.append((target, reason))
    return found


def of_database(engine: Engine, database: Database) -> Listed:
    """A database must not go while it is delete-protected."""
    target = Target(
        kind="database",
        organization=engine.organization or "",
        database=database.name,
        group=sys.intern(database.group or ""),
        uuid=database.id,
    )
    return target, "delete-protected" if database.delete_protection else None


async def databases(engine: Engine) -> list[Listed]:
    """All databases of the organization."""
    return [of_database(engine, database) async for database in engine.databases.iterate()]


async def groups(engine: Engine, where: Callable[[Group], bool] | None = None) -> list[Listed]:
    """All groups that satisfy `where`; one that is, or whose database is, delete-protected must not go."""
    protected = {target.group: target.database for target, reason in await databases(engine) if reason}
    listed = [group for group in await engine.groups.list() if where is None or where(group)]
    settings = {group.name: group.delete_protection for group in listed}
    asked = [name for name, told in settings.items() if told is None]
    for name, found in zip(asked, await spread(engine.groups.configuration, asked), strict=True):
        settings[name] = found.delete_protection
    result: list[Listed] = []
    for group in listed:
        reason = "delete-protected" if settings[group.name] else None
        if group.name in protected:
            reason = f"its database {protected[group.name]!r} is delete-protected"
        organization = engine.organization or ""
        target = Target(kind="group", organization=organization, group=group.name, uuid=group.uuid)
        result.append((target, reason))
    return result


async def group_locations(engine: Engine) -> list[Listed]:
    """The locations of all groups; a group's primary location must not go."""
    result: list[Listed] = []
    for group in await engine.groups.list():
        whole = Target(organization=engine.organization or "", group=group.name, uuid=group.uuid)
        for location in group.locations:
            target = evolve(whole, kind="group location", location=location)
            primary = location == group.primary or group.primary is None
            result.append((target, "primary location of its group" if primary else None))
    return result


async def api_tokens(engine: Engine, where: Callable[[APIToken], bool] | None = None) -> list[Listed]:
    """The API tokens of the token's user that satisfy `where`."""
    return [
        (Target(kind="API token", token=token.name, uuid=token.id), None)
        for token in await engine.api_tokens.list()
        if where is None or where(token)
    ]


async def again(engine: Engine, targets: Iterable[Target]) -> dict[tuple[str, ...], Listed]:
    """What is listed now under the names of these targets."""
    kinds: dict[str, set[tuple[str, str]]] = {}
    for target in targets:
        kinds.setdefault(target.kind, set()).add((target.database, target.group))
    found: list[Listed] = []
    if "instance" in kinds:
        owners = sorted(kinds["instance"])
        for listed in await spread(lambda owner: instances(engine, *owner), owners):
            found += listed
    sources: dict[str, Callable[[Engine], Awaitable[list[Listed]]]] = {
        "database": databases,
        "group": groups,
        "group location": group_locations,
        "API token": api_tokens,
    }
    for kind, source in sources.items():
        if kind in kinds:
            found += await source(engine)
    return {key(target): (target, reason) for target, reason in found}


def key(target: Target) -> tuple[str, ...]:
    """What tells a target from all others of its organization, by name."""
    return (target.kind, *target.names)
