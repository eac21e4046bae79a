"""A look at one target by itself: what it proves, and what it does not."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from attrs import evolve
from engines import World
from missing import no_database
from raw import RawServer, Request, Step, answer, close
from sleeps import Sleeps
from tenacity import wait_none

from aioturso import DecodeError, InvalidInputError, OutcomeStatus, RetryPolicy, Target, TeardownReport
from aioturso.retries import wait_retry_after
from aioturso.teardown.base_plan import Since
from aioturso.teardown.evidence import UNKNOWN_PROTECTION, Tally
from aioturso.teardown.protection import looked_up
from aioturso.teardown.targets import Candidate

GROUP = {
    "name": "eu",
    "uuid": "u",
    "locations": ["iad", "fra"],
    "primary": "iad",
    "delete_protection": False,
}


def database(name: str, **fields: Any) -> dict[str, Any]:
    return {"Name": name, "DbId": f"id-{name}", "group": "g", "delete_protection": False, **fields}


def platform(*lists: list[Any], one: Step, delete: Step = close, configuration: Any = None) -> Step:
    """Lists these databases, one list after the other and the last one for ever; groups hold one group."""
    left = list(lists)

    async def step(request: Request) -> None:
        end = request.target.partition("?")[0].rsplit("/", 1)[1]
        if request.method == "DELETE":
            await delete(request)
        elif end == "databases":
            await answer(200, {"databases": left.pop(0) if len(left) > 1 else left[0]})(request)
        elif end == "groups":
            await answer(200, {"groups": [GROUP]})(request)
        elif end == "configuration":
            await (configuration or answer(404, b"404 page not found"))(request)
        else:
            await one(request)

    return step


def named(request: Request) -> str:
    return str(request.target).rsplit("/", 1)[1]


async def exists(request: Request) -> None:
    await answer(200, {"database": database(named(request))})(request)


def statuses(report: TeardownReport) -> list[tuple[OutcomeStatus, int]]:
    return [(outcome.status, outcome.attempts) for outcome in report.outcomes]


async def test_a_look_that_shows_another_database_proves_nothing(fast: RetryPolicy) -> None:
    server = platform([database("x1")], one=answer(200, {"database": database("other")}))
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(return_exceptions=True)
    assert statuses(report) == [(OutcomeStatus.UNKNOWN, 1)]


@pytest.mark.parametrize("cut", [{}, {"locations": None}, {"locations": []}])
async def test_a_group_listed_without_locations_has_not_lost_one(
    fast: RetryPolicy, cut: dict[str, Any]
) -> None:
    group = {**{key: value for key, value in GROUP.items() if key != "locations"}, **cut}
    server = platform([], one=answer(200, {"group": group}))
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_instances(location="fra", groups=True)
        report = await plan.execute(return_exceptions=True)
    assert statuses(report) == [(OutcomeStatus.UNKNOWN, 1)]


@pytest.mark.parametrize("fields", [{"locations": ["iad", "FRA"]}, {"locations": ["iad"], "uuid": None}])
async def test_a_location_in_another_spelling_or_of_a_group_that_cannot_be_compared_is_not_gone(
    fast: RetryPolicy, fields: dict[str, Any]
) -> None:
    server = platform([], one=answer(200, {"group": {**GROUP, **fields}}))
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_instances(location="fra", groups=True)
        report = await plan.execute(return_exceptions=True)
    assert statuses(report) == [(OutcomeStatus.UNKNOWN, 1)]


async def test_a_list_that_lost_a_few_that_exist_makes_none_of_them_gone() -> None:
    whole = [database(f"x{number}") for number in range(10)]
    server = platform(whole, whole[:6], one=exists, delete=answer(200, {}))
    async with RawServer(then=server) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(max_age=0, return_exceptions=True)
    assert str(report) == "6 destroyed, 4 not attempted"


async def test_one_that_is_gone_does_not_let_the_others_that_a_list_lost_count_as_gone() -> None:
    whole = [database(f"x{number}") for number in range(10)]

    async def one(request: Request) -> None:
        gone = answer(404, no_database("x6"))
        await (gone if named(request) == "x6" else exists)(request)

    server = platform(whole, whole[:6], one=one, delete=answer(200, {}))
    async with RawServer(then=server) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(max_age=0, return_exceptions=True)
    assert str(report) == "6 destroyed, 1 already gone, 3 not attempted"
    assert [outcome.target.database for outcome in report.already_gone] == ["x6"]


@pytest.mark.parametrize(
    "one", [answer(404, b"404 page not found"), answer(500, {"error": "down"}), answer(200, b"<p>")]
)
async def test_what_a_look_cannot_decide_is_not_gone(one: Step) -> None:
    whole = [database(f"x{number}") for number in range(3)]
    server = platform(whole, whole[:2], one=one, delete=answer(200, {}))
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(max_age=0, return_exceptions=True)
    assert str(report) == "2 destroyed, 1 not attempted"


@pytest.mark.parametrize(("protected", "targets"), [(True, 0), (False, 1)])
async def test_the_protection_of_an_only_database_that_is_not_listed_is_looked_up(
    protected: bool, targets: int
) -> None:
    bare = database("x1")
    del bare["delete_protection"]
    server = platform([bare], one=exists, configuration=answer(200, {"delete_protection": protected}))
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        assert len(await turso.teardown.plan_databases(match="x*")) == targets


async def test_a_protection_that_came_after_the_plan_and_is_not_listed_is_seen() -> None:
    bare = database("x1")
    del bare["delete_protection"]
    protected = answer(200, {"delete_protection": True})
    server = platform([database("x1")], [bare], one=exists, configuration=protected)
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(max_age=0)
    assert statuses(report) == [(OutcomeStatus.SKIPPED, 0)]


async def test_a_group_whose_only_database_lists_no_protection_is_looked_at_more_closely() -> None:
    bare = database("x1", group="eu")
    del bare["delete_protection"]
    protected = answer(200, {"delete_protection": True})
    server = platform([bare], one=exists, configuration=protected)
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_groups(match="eu")
    assert [outcome.reason for outcome in plan.skipped] == ["its database 'x1' is delete-protected"]


async def test_a_server_without_protection_lets_its_databases_be_deleted() -> None:
    """A few are looked at, and not all of them."""
    bare = [{"Name": f"x{number}", "DbId": f"id-{number}"} for number in range(8)]
    async with RawServer(then=platform(bare, one=exists)) as raw, raw.client(retry=None) as turso:
        assert len(await turso.teardown.plan_databases(match="x*")) == 8
        assert sum(request.target.endswith("/configuration") for request in raw.requests) == 6


async def test_names_that_differ_by_case_alone_are_not_two_targets() -> None:
    twins = [database("x1"), database("X1")]
    async with RawServer(then=platform(twins, one=exists)) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_databases(match="*1")
    assert {outcome.reason for outcome in plan.skipped} == {"its name is listed more than once"}
    assert not plan


async def test_a_database_in_another_spelling_of_its_group_still_protects_the_group() -> None:
    protected = database("x1", group=" EU ", delete_protection=True)
    async with RawServer(then=platform([protected], one=exists)) as raw, raw.client(retry=None) as turso:
        assert not await turso.teardown.plan_groups(match="eu")


async def test_an_exclusion_holds_for_another_spelling_of_the_name() -> None:
    listed = [database("y1"), database(" Keep-1 "), database("Keep-2")]
    async with RawServer(then=platform(listed, one=exists)) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_databases(everything=True, exclude="keep-*")
    assert [target.database for target in plan.targets] == ["y1"]
    assert {outcome.reason for outcome in plan.skipped} == {"excluded"}


@pytest.mark.parametrize(
    "glob", ["Keep-*", "keep-CAF\u00c9", "keep-cafe\u0301", "Keep-caf?", "KEEP-[a-c]AF*", "[!x]EEP-*"]
)
async def test_an_exclusion_holds_in_another_spelling_of_its_own(glob: str) -> None:
    """Also an accent that was typed as a mark of its own, as in names of files on macOS."""
    listed = [database("x1"), database("keep-caf\u00e9")]
    async with RawServer(then=platform(listed, one=exists)) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_databases(everything=True, exclude=glob)
    assert [target.database for target in plan.targets] == ["x1"]
    assert ([outcome.reason for outcome in plan.skipped], plan.unmatched) == (["excluded"], ())


async def test_a_range_of_letters_in_an_exclusion_keeps_its_meaning() -> None:
    async with RawServer(then=platform([database("x1")], one=exists)) as raw, raw.client(retry=None) as turso:
        plan = await turso.teardown.plan_databases(everything=True, exclude="[A-Z]*")
    assert ([target.database for target in plan.targets], len(plan.unmatched)) == (["x1"], 1)


async def test_a_name_that_the_platform_does_not_allow_is_no_target() -> None:
    async with RawServer(then=platform([database("Prod")], one=exists)) as raw, raw.client() as turso:
        plan = await turso.teardown.plan_databases(everything=True)
    assert [outcome.reason for outcome in plan.skipped] == [
        "its name has capital letters, which the platform does not allow"
    ]


async def test_a_uuid_in_capitals_is_the_same_uuid(fast: RetryPolicy) -> None:
    server = platform([database("x1", DbId="ID-X1")], one=exists)
    async with RawServer(then=server) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(return_exceptions=True)
    assert statuses(report) == [(OutcomeStatus.UNKNOWN, 4)]


@pytest.mark.parametrize("id", [None, "", "ID-1", " id-1 "])
async def test_the_token_in_use_is_spared_however_its_id_is_listed(id: str | None) -> None:
    claims = urlsafe_b64encode(b'{"id": "id-1"}').decode().rstrip("=")
    tokens = answer(200, {"tokens": [{"name": "ci-1", "id": id}]})
    async with RawServer(then=tokens) as raw, raw.client(token=f"e30.{claims}.c2ln") as turso:
        plan = await turso.teardown.plan_api_tokens(match="ci-*")
    assert not plan and "this client" in str(plan.skipped[0].reason)


@pytest.mark.parametrize(
    ("groups", "targets"), [(answer(200, {"groups": [GROUP]}), 0), (answer(404, b"404 page not found"), 1)]
)
async def test_databases_listed_without_groups_are_looked_up_where_there_are_groups(
    groups: Step, targets: int
) -> None:
    server = platform([database("x1", group="")], one=exists)
    replica = {"name": "fra", "uuid": "u", "type": "replica", "region": "fra"}

    async def step(request: Request) -> None:
        if named(request) == "instances":
            return await answer(200, {"instances": [replica]})(request)
        await (groups if named(request) == "groups" else server)(request)

    async with RawServer(then=step) as raw, raw.client(retry=None) as turso:
        assert len(await turso.teardown.plan_instances(location="fra")) == targets


async def test_an_answer_about_another_database_plans_none_of_its_instances() -> None:
    server = platform([], one=answer(200, {"database": database("prod")}))
    async with RawServer(then=server) as raw, raw.client(retry=None) as turso:
        with pytest.raises(DecodeError, match="another one"):
            await turso.teardown.plan_instances(location="fra", database="db")


async def test_a_predicate_that_cannot_be_called_is_refused_before_any_request() -> None:
    where: Any = "old"
    async with RawServer() as raw, raw.client() as turso:
        for make in (
            turso.teardown.plan_databases,
            turso.teardown.plan_groups,
            turso.teardown.plan_api_tokens,
        ):
            with pytest.raises(InvalidInputError, match="where must be a function"):
                await make(match="x*", where=where)
    assert not raw.requests


async def test_a_database_that_gets_protected_after_a_lost_answer_is_left_alone(fast: RetryPolicy) -> None:
    there = answer(200, {"database": database("x1", delete_protection=True)})
    async with RawServer(then=platform([database("x1")], one=there)) as raw, raw.client(retry=fast) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(return_exceptions=True)
        assert statuses(report) == [(OutcomeStatus.UNKNOWN, 1)]
    assert [request.method for request in raw.requests].count("DELETE") == 1


@pytest.mark.parametrize(
    ("fields", "wait", "result"),
    [
        ({"DbId": "another"}, 11, (OutcomeStatus.ALREADY_GONE, 1)),
        ({"delete_protection": True}, 11, (OutcomeStatus.FAILED, 1)),
        ({}, 11, (OutcomeStatus.DESTROYED, 2)),
        ({"DbId": "another"}, 9, (OutcomeStatus.DESTROYED, 2)),
    ],
)
async def test_what_others_made_in_a_long_wait_is_left_alone(
    sleeps: Sleeps, fields: dict[str, Any], wait: int, result: tuple[OutcomeStatus, int]
) -> None:
    left = [answer(429, {"error": "slow"}, f"Retry-After: {wait}"), answer(200, {"database": "x1"})]

    async def delete(request: Request) -> None:
        await left.pop(0)(request)

    server = platform(
        [database("x1")], one=answer(200, {"database": database("x1", **fields)}), delete=delete
    )
    policy = RetryPolicy(sleep=sleeps, wait=wait_retry_after(wait_none()))
    async with RawServer(then=server) as raw, raw.client(retry=policy) as turso:
        plan = await turso.teardown.plan_databases(match="x*")
        report = await plan.execute(return_exceptions=True)
    assert statuses(report) == [result]
    assert report.outcomes[0].reason == (
        "the name now belongs to another one, which was left alone" if report.already_gone else None
    )


async def test_a_token_that_the_client_has_come_to_use_is_left_alone() -> None:
    """The provider has fetched another one, which the plan holds as a target."""
    own, sent = ["t1", "t2"], []

    async def provider() -> str:
        claims = urlsafe_b64encode(f'{{"id": "{own.pop(0)}"}}'.encode()).decode().rstrip("=")
        return f"h.{claims}.s"

    async def step(request: Request) -> None:
        sent.append(f"{request.method} {named(request)}")
        listed = {"tokens": [{"name": f"n{n}", "id": f"t{n}"} for n in (1, 2, 3)]}
        refused = sent == ["GET api-tokens", "DELETE n3"]
        fine = answer(200, listed if request.method == "GET" else {})
        await (answer(401, {"error": "expired"}) if refused else fine)(request)

    async with RawServer(then=step) as raw, raw.client(token=provider) as turso:
        plan = await turso.teardown.plan_api_tokens(names=["n3", "n2"])
        entries = plan.entries[::-1]
        plan = evolve(plan, entries=entries, life=Since(0).life(entries))
        report = await plan.execute(concurrency=1, return_exceptions=True)
    assert [(o.target.token, o.status.name, o.attempts) for o in report.outcomes] == [
        ("n3", "DESTROYED", 2),
        ("n2", "SKIPPED", 0),
    ]
    assert report.outcomes[1].reason == "this client uses it"


@pytest.mark.parametrize("filling", ["", "x" * 300_000])
async def test_a_list_of_instances_that_names_another_database_plans_nothing(filling: str) -> None:
    """Also a long one, of which some objects at a time are read."""
    replica = {"name": "fra", "uuid": "u", "type": "replica", "region": "fra"}
    own = platform([], one=answer(200, {"database": database("db")}))

    async def step(request: Request) -> None:
        listed = {"instances": [replica], "filling": filling, "database": "prod"}
        await (answer(200, listed) if named(request) == "instances" else own)(request)

    async with RawServer(then=step) as raw, raw.client(retry=None) as turso:
        for call in (
            turso.teardown.plan_instances(location="fra", database="db"),
            turso.destroy_by_location("db", "fra"),
            turso.instances.list("db"),
        ):
            with pytest.raises(DecodeError, match="about another one"):
                await call
    assert "DELETE" not in [request.method for request in raw.requests]


async def test_a_protection_that_the_list_shows_of_others_stays_unknown_where_no_look_finds_it() -> None:
    tally = Tally(lists_protection=True)
    target = Target(kind="database", organization="org", database="a", uuid="u")
    async with World({}) as engine:
        found = await looked_up(engine, [Candidate(target, UNKNOWN_PROTECTION)], tally)
    assert [tally.weigh(candidate, "org").reason for candidate in found] == [UNKNOWN_PROTECTION]
