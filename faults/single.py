"""Single calls that delete something, under the same faults: what is returned or raised agrees with the platform."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from attrs import define, frozen
from kinds import KINDS, ORGANIZATION, Databases, owner
from story import Run, Story, end, jump_at_random, make_anew, platform, running
from virtual import Time

from aioturso import NotFoundError, TeardownPlan, TursoClient, TursoError
from aioturso.testing import FakeTurso


class Members(Databases):
    """Members of the organization, who have no uuid."""

    def make(self, fake: FakeTurso, name: str) -> str:
        owner(fake).members[name] = fake.state.member(name, "member")
        return name

    def living(self, fake: FakeTurso) -> Mapping[str, str]:
        return {name: name for name in owner(fake).members}


class Invites(Databases):
    """Invitations, which have no uuid."""

    def make(self, fake: FakeTurso, name: str) -> str:
        owner(fake).invites[name] = {"id": fake.state.number(), "email": name, "role": "member"}
        return name

    def living(self, fake: FakeTurso) -> Mapping[str, str]:
        return {name: name for name in owner(fake).invites}


@frozen
class Way:
    """A call that deletes one thing. `safe`: it compares the uuid before it is sent again."""

    kind: Databases
    call: Callable[[TursoClient, str, str], Awaitable[object]]
    path: Callable[[str, str], str]
    safe: bool = False


DATABASE, GROUP, INSTANCE = KINDS["database"], KINDS["group"], KINDS["instance"]
WAYS: Mapping[str, Way] = {
    "databases.delete": Way(DATABASE, lambda t, name, _: t.databases.delete(name), lambda n, _: f"/{n}"),
    "databases.delete with uuid": Way(
        DATABASE, lambda t, name, uuid: t.databases.delete(name, uuid=uuid), lambda n, _: f"/{n}", safe=True
    ),
    "databases.delete_by_id": Way(
        DATABASE, lambda t, _, uuid: t.databases.delete_by_id(uuid), lambda _, u: f"/{u}", safe=True
    ),
    "groups.delete": Way(GROUP, lambda t, name, _: t.groups.delete(name), lambda n, _: f"/{n}"),
    "groups.delete with uuid": Way(
        GROUP, lambda t, name, uuid: t.groups.delete(name, uuid=uuid), lambda n, _: f"/{n}", safe=True
    ),
    "groups.remove_location": Way(
        KINDS["group location"],
        lambda t, name, _: t.groups.remove_location(name, "fra"),
        lambda n, _: f"/{n}/locations/fra",
    ),
    "destroy_instance": Way(
        INSTANCE, lambda t, name, _: t.destroy_instance("db", name), lambda n, _: f"/{n}"
    ),
    "destroy_instance with uuid": Way(
        INSTANCE,
        lambda t, name, uuid: t.destroy_instance("db", name, uuid=uuid),
        lambda n, _: f"/{n}",
        safe=True,
    ),
    "api_tokens.revoke": Way(
        KINDS["API token"], lambda t, name, _: t.api_tokens.revoke(name), lambda n, _: f"/{n}"
    ),
    "members.remove": Way(Members(), lambda t, name, _: t.members.remove(name), lambda n, _: f"/{n}"),
    "invites.delete": Way(Invites(), lambda t, name, _: t.invites.delete(name), lambda n, _: f"/{n}"),
}


NO_PLAN = TeardownPlan(title="", organization=ORGANIZATION, entries=())
ENDS = ("", "", "", "close", "cancel", "close cancel")


@define(eq=False)
class Call(Run):
    """One call, which is ended as a run is. It has no outcomes."""

    name: str = ""
    uuid: str = ""


async def until_done(call: Call) -> BaseException | None:
    """Returns the error of a call, or None."""
    assert call.task is not None
    await asyncio.wait({call.task})
    return asyncio.CancelledError() if call.task.cancelled() else call.task.exception()


def check(story: Story, way: Way, call: Call, error: BaseException | None, fake: FakeTurso) -> None:
    """Compares the end of one call with the platform's state and log."""
    alive = call.uuid in way.kind.living(fake)
    reached = len(fake.sent("DELETE", way.path(call.name, call.uuid)))
    tale = (story, call, error, alive, reached)
    if error is None:
        assert not alive and reached, tale
    elif isinstance(error, asyncio.CancelledError):
        assert "cancel" in call.ended, tale
    else:
        assert isinstance(error, TursoError), tale
        assert reached <= error.attempts, tale
        assert alive or error.maybe_applied, tale
        assert not isinstance(error, NotFoundError), tale  # it was there when the call began


async def tell_call(seed: int, name: str, folder: Path, clock: Time) -> Story:
    """Runs one schedule of single calls; raises AssertionError for a violation."""
    way = WAYS[name]
    story = Story(seed, way.kind, folder)
    async with platform(story) as (fake, proxy, clients):
        things = {n: uuid for uuid, n in way.kind.living(fake).items() if n.startswith("x-")}
        proxy.rate = story.chance.choice([0.1, 0.4, 0.8])
        calls, ends = [], [list[str]() for _ in clients]
        for number, (thing, uuid) in enumerate(things.items()):
            at = number % len(clients)
            task = asyncio.ensure_future(way.call(clients[at], thing, uuid))
            calls.append(Call(clients[at], NO_PLAN, None, ends[at], task=task, name=thing, uuid=uuid))
        others = make_anew(story, fake, set(things) if way.safe else set()), jump_at_random(story, clock)
        with running(*others, clock.passing(lambda: proxy.moved + len(fake.requests))):
            ending = [asyncio.ensure_future(end(story, call, ENDS)) for call in calls]
            errors = await asyncio.gather(*map(until_done, calls))
            await asyncio.gather(*ending)
            await asyncio.sleep(0)
        story.runs = list(calls)
        assert story.made <= set(way.kind.living(fake)), (story, "something new was deleted")
        for call, error in zip(calls, errors, strict=True):
            check(story, way, call, error, fake)
    return story
