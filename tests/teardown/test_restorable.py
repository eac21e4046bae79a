"""What can be restored: judged by UUID, from the lists of what was deleted and of what is there."""

from __future__ import annotations

from typing import Any

import pytest
from raw import RawServer, Request, Step, answer, http
from routes import NO_ROUTE, database, databases, no_such, one

from aioturso import Target
from aioturso.teardown.restorable import judged
from aioturso.teardown.targets import Candidate

A = Target(kind="database", organization="org", database="a", uuid="id-a")
B = Target(kind="database", organization="org", database="b", uuid="id-b")
GROUP = Target(kind="group", organization="org", group="g", uuid="id-g")
WITH_GROUP = {"group_id": "ID-G", "group_deleted_at": "2026-01-02T03:04:05Z"}
THEN = "changed since the plan was made"
PAST = "not listed as deleted, as it is for five days: past its time, or the list lags"


def gone(name: str, **fields: Any) -> dict[str, Any]:
    return {"Name": name, "DbId": f"ID-{name}", "group": "g", **fields}


class Platform:
    """Lists what was deleted and what is there; notes the ends of the paths that were read."""

    def __init__(self, *deleted: dict[str, Any], groups: list[dict[str, Any]] | None = None) -> None:
        self.deleted, self.groups = answer(200, {"databases": list(deleted)}), groups or []
        self.there: Step = databases()
        self.groups_there: list[dict[str, Any]] = []
        self.alone: Step = NO_ROUTE
        self.restore_enabled: bool | None = True
        self.paths: list[str] = []

    async def __call__(self, request: Request) -> None:
        path, _, query = request.target.partition("?")
        end = path.rpartition("/")[2]
        self.paths.append(f"{end}?{query.partition('&')[0]}" if "deleted" in query else end)
        if end == "databases":
            return await (self.deleted if "deleted=true" in query else self.there)(request)  # type: ignore[return-value]
        if path.partition("/organizations/org/")[2].count("/"):
            return await self.alone(request)  # type: ignore[return-value]
        organization = {"slug": "org", "id": "o", "restore_enabled": self.restore_enabled}
        body = {
            "org": {"organization": organization},
            "deleted-groups": {"groups": self.groups},
            "groups": {"groups": self.groups_there},
        }[end]
        request.writer.write(http(200, body))


async def judge(platform: Platform, *candidates: Candidate) -> list[Candidate]:
    async with RawServer(then=platform) as raw, raw.client(retry=None) as turso:
        return await judged(turso.teardown._engine, candidates)


async def reasons(platform: Platform, *targets: Target) -> list[str | None]:
    return [found.reason for found in await judge(platform, *map(Candidate, targets))]


async def test_what_is_listed_as_deleted_comes_back_under_the_name_that_it_had_last() -> None:
    platform = Platform(gone("renamed", DbId="ID-a"), groups=[{"name": "regrouped", "uuid": "ID-G"}])
    one, group = await judge(platform, Candidate(A), Candidate(GROUP))
    assert (one.reason, one.target.database, one.target.group) == (None, "renamed", "")
    assert (group.reason, group.target.group, group.target.database) == (None, "regrouped", "")
    assert platform.paths == ["org", "databases?deleted=true", "deleted-groups", "databases", "groups"]


async def test_without_a_group_no_groups_are_listed_and_without_a_target_nothing_is() -> None:
    platform = Platform(gone("a"))
    await judge(platform, Candidate(A))
    assert platform.paths == ["org", "databases?deleted=true", "databases"]
    again = Platform()
    found = await judge(again, Candidate(A, "why"), Candidate(Target(database="a", instance="i")))
    assert [c.reason for c in found] == ["why", "the platform restores no instances"] and not again.paths


async def test_what_has_no_uuid_is_never_restored() -> None:
    nameless = Target(kind="database", organization="org", database="a")
    assert await reasons(Platform(gone("a", DbId=None)), nameless) == ["its uuid is not known"]


async def test_what_is_never_restored_brings_no_databases_with_it() -> None:
    nameless = Target(kind="group", organization="org", group="g")
    found = await judge(
        Platform(), Candidate(nameless, databases=(A,)), Candidate(GROUP, "why", databases=(A,))
    )
    assert found == [Candidate(nameless, "its uuid is not known"), Candidate(GROUP, "why")]


async def test_what_is_there_is_already_there_and_what_is_not_listed_is_past_its_time() -> None:
    platform = Platform(gone("a"))
    platform.there = databases(database("other", DbId="ID-A"))
    assert await reasons(platform, A, B) == ["already there", PAST]


@pytest.mark.parametrize(
    ("alone", "reason"),
    [
        (no_such("database"), None),
        (one(database=database("a", DbId="another")), "its name is taken by another one"),
        (one(database=database("a", DbId="ID-A")), "already there"),
        (one(database=database("a", DbId=None)), "already there"),
        (one(database=database("b", DbId="id-b")), "already there"),
        (answer(500, {"error": "down"}), "already there"),
        (no_such("organization"), "already there"),
    ],
)
async def test_what_is_listed_is_not_there_if_a_look_at_it_alone_does_not_find_it(
    alone: Step, reason: str | None
) -> None:
    platform = Platform(gone("a"))
    platform.there, platform.alone = databases(database("a", DbId="id-a")), alone
    assert await reasons(platform, A, A) == [reason, reason]
    assert platform.paths[-2:] == ["databases", "a"]
    (found,) = await judge(platform, Candidate(A, "already there"))
    expected = reason if reason == "already there" else f"{THEN}: it is not known to be there any more"
    assert found.reason == expected


async def test_what_both_lists_show_as_before_its_deletion_is_not_past_its_time() -> None:
    platform = Platform(groups=[])
    platform.there, platform.alone = databases(database("a", DbId="id-a")), no_such("database")
    platform.groups_there = [{"name": "g", "uuid": "id-g"}]
    lags = "neither there nor listed as deleted so far: plan again"
    assert await reasons(platform, A) == [lags]
    platform.alone = no_such("group")
    assert await reasons(platform, GROUP) == [lags]


async def test_a_name_that_is_there_in_any_case_is_taken() -> None:
    platform = Platform(gone("a"), groups=[{"name": "g", "uuid": "id-g"}])
    platform.there = databases(database("A", DbId=None))
    platform.groups_there = [{"name": "G", "uuid": None}]
    assert await reasons(platform, A, GROUP) == ["its name is taken by another one"] * 2
    platform.there, platform.groups_there = databases(database("g")), [{"name": "a", "uuid": "x"}]
    assert await reasons(platform, A, GROUP) == [None, None]


async def test_a_uuid_under_two_names_is_neither() -> None:
    platform = Platform(gone("a"), gone("x", DbId="id-a"))
    assert await reasons(platform, A) == ["its uuid is listed more than once"]
    assert await reasons(Platform(gone("a"), gone("a")), A) == [None]


@pytest.mark.parametrize("status", [402, 403])
async def test_where_nothing_deleted_can_be_listed_nothing_comes_back(status: int) -> None:
    platform = Platform()
    platform.deleted = answer(status, {"error": "no"})
    reason = "a free plan, or a token without the right: no"
    assert await reasons(platform, A) == [reason]
    platform.there = databases(database("a", DbId="id-a"))
    assert await reasons(platform, A) == ["already there"]


@pytest.mark.parametrize(("enabled", "possible"), [(True, True), (None, True), (False, False)])
async def test_where_recovery_is_switched_off_nothing_comes_back(
    enabled: bool | None, possible: bool
) -> None:
    platform = Platform(gone("a"))
    platform.restore_enabled = enabled
    reason = "recovery is switched off for the organization (restore_enabled)"
    assert await reasons(platform, A) == [None if possible else reason]


async def test_a_group_comes_back_with_the_databases_that_were_deleted_with_it() -> None:
    listed = (gone("a", **WITH_GROUP), gone("b", group=None, **WITH_GROUP), gone("c", group_id="id-g"))
    platform = Platform(*listed, gone("d", group_deleted_at="2026-01-02T03:04:05Z"))
    platform.groups = [{"name": "g", "uuid": "id-g"}]
    (group,) = await judge(platform, Candidate(GROUP))
    a = Target(kind="database", organization="org", database="a", group="g", uuid="ID-a")
    b = Target(kind="database", organization="org", database="b", group="", uuid="ID-b")
    assert group.databases == (a, b)
    one, two, three = await judge(
        platform,
        Candidate(A),
        Candidate(Target(kind="database", organization="org", database="c", uuid="id-c")),
        Candidate(GROUP),
    )
    assert (one.reason, one.after, one.databases) == ("comes back with its group 'g'", None, ())
    assert (two.reason, two.after) == (None, three.target)


async def test_a_database_comes_with_its_group_after_it_or_not_at_all() -> None:
    platform = Platform(gone("a", **WITH_GROUP), groups=[{"name": "g", "uuid": "id-g"}])
    assert (await reasons(platform, A, GROUP))[0] == "comes back with its group 'g'"
    platform.groups_there = [{"name": "g", "uuid": "other"}]
    assert (await reasons(platform, A, GROUP))[0] == "its group 'g' does not come back"
    platform.groups_there = [{"name": "g", "uuid": "id-g"}]
    assert await reasons(platform, A, GROUP) == [None, "already there"]
    skipped = Candidate(GROUP, "not deleted by this teardown (skipped)")
    assert [c.reason for c in await judge(platform, Candidate(A), skipped)] == [None, skipped.reason]


async def test_a_database_stays_after_its_group_when_it_is_judged_again_without_it() -> None:
    """As the rest of an undo is, after the groups: alone it would bring its group back without the other databases."""
    found = await judge(
        Platform(gone("a", **WITH_GROUP)), Candidate(A, after=GROUP), Candidate(B, after=GROUP)
    )
    assert [(c.after, c.reason) for c in found] == [(GROUP, None), (None, PAST)]


async def test_a_reason_of_its_own_stays_with_a_database_whose_group_comes_back() -> None:
    platform = Platform(gone("a", **WITH_GROUP), groups=[{"name": "g", "uuid": "id-g"}])
    platform.there = databases(database("a", DbId="id-a"))
    assert await reasons(platform, A, GROUP) == ["already there", None]


async def test_a_group_without_a_uuid_is_the_group_of_no_database() -> None:
    platform = Platform(gone("a"))
    nameless = Target(kind="group", organization="org", group="g")
    assert await reasons(platform, A, nameless) == [None, "its uuid is not known"]
