"""Creations: names are checked before any I/O, looked up, created at once, and each has one outcome."""

import json
import pickle
import time
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any

import pytest
from creations import told
from missing import no_database

from aioturso import (
    ConfigurationError,
    CreationError,
    CreationReport,
    DecodeError,
    Encryption,
    InvalidInputError,
    InvalidNameError,
    NoMatchError,
    NotFoundError,
    Outcome,
    OutcomeStatus,
    RequestEvent,
    Seed,
    TursoClient,
)
from aioturso.creation.new import New
from aioturso.testing import FakeTurso, Fault

THERE, TAKEN = "already there", "its name is taken by a database of the group 'h'"


class Tenant(StrEnum):
    """A name that is no plain str."""

    ONE = "tenant-1"


def uuids(fake: FakeTurso) -> dict[str, str]:
    return {database.name: database.uuid for database in fake.databases("org")}


async def test_each_name_is_created_with_the_uuid_and_the_hostname_of_the_answer(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await turso.creation.plan_databases(["b", "a"], group="g")
    assert not fake.sent("POST")
    report = await plan.execute()
    assert told(report) == [("b", "created", None), ("a", "created", None)]
    assert (str(report), report.ok, len(report.created)) == ("2 created", True, 2)
    assert {o.target.database: o.target.uuid for o in report.created} == {
        name: uuid for name, uuid in uuids(fake).items() if name in "ab"
    }
    assert {database.name: database.group for database in fake.databases("org")}["a"] == "g"
    for outcome in report.outcomes:
        assert outcome.database is not None and outcome.database.hostname
        assert outcome.to_dict()["hostname"] == outcome.database.hostname
        assert outcome.attempts == 1


async def test_what_is_there_already_is_no_target_and_is_never_reported_as_created(
    fake: FakeTurso, turso: TursoClient
) -> None:
    before = uuids(fake)
    plan = await turso.creation.plan_databases(["new", "old", "other"], group="g")
    assert str(plan).splitlines() == [
        "databases of group g: 1 to create, 2 skipped",
        "  create database new",
        f"  skip database old ({THERE})",
        f"  skip database other ({TAKEN})",
    ]
    assert [target.database for target in plan.targets] == ["new"]
    report = await plan.execute(return_exceptions=True)
    assert told(report) == [
        ("new", "created", None),
        ("old", "already_there", THERE),
        ("other", "failed", TAKEN),
    ]
    (there,) = report.already_there
    assert there.target.uuid == before["old"] and there.database and there.database.hostname
    assert (report.ok, len(fake.sent("POST"))) == (False, 1)
    with pytest.raises(CreationError, match=f"failed: database other: {TAKEN}") as caught:
        report.raise_for_failures()
    assert caught.value.report is report and caught.value.maybe_applied


async def test_a_plan_of_what_is_all_there_is_falsy_and_sends_no_create(
    fake: FakeTurso, turso: TursoClient
) -> None:
    plan = await turso.creation.plan_databases(["old"], group="g")
    assert not plan
    report = await plan.execute()
    assert (told(report), report.ok) == ([("old", "already_there", THERE)], True)
    assert not fake.sent("POST")


async def test_no_names_make_an_empty_plan_without_any_io(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await turso.creation.plan_databases([], group="nowhere")
    assert not plan
    assert (str(await plan.execute(verify=True)), fake.requests) == ("no targets", [])


@pytest.mark.parametrize(
    "names",
    [
        *(["a", "b", "a"], ["a", Tenant.ONE, "tenant-1"], ["A"], ["a/b"], [""], [1], [b"a"]),
        *(["a" * 65], ["ok", None], {"a"}, {"a": 1}, "a", None),
    ],
    ids=str,
)
async def test_names_are_checked_before_any_io(fake: FakeTurso, turso: TursoClient, names: Any) -> None:
    with pytest.raises((InvalidInputError, InvalidNameError)):
        await turso.creation.plan_databases(names, group="g")
    assert not fake.requests


@pytest.mark.parametrize(("names", "kind"), [("a", "one text"), ({"a"}, "set"), (None, "NoneType")])
async def test_what_is_no_list_is_named(turso: TursoClient, names: Any, kind: str) -> None:
    with pytest.raises(InvalidInputError, match=f"names must be a list of names, not {kind}$") as caught:
        await turso.creation.plan_databases(names, group="g")
    assert caught.value.parameter == "names"


async def test_a_name_that_comes_twice_is_named(turso: TursoClient) -> None:
    with pytest.raises(InvalidInputError, match="named more than once: a, c") as caught:
        await turso.creation.plan_databases(["c", "a", "b", "a", "c"], group="g")
    assert caught.value.parameter == "names"


@pytest.mark.parametrize(
    "more",
    [
        *({"group": ""}, {"group": None}, {"group": 1}, {"seed": "db"}, {"size_limit": True}),
        *({"size_limit": -1}, {"encryption": "key"}, {"schema": ""}, {"use_tursodb": "false"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("names", [["a"], []], ids=["a name", "none"])
async def test_what_the_new_ones_have_in_common_is_checked_before_any_io(
    fake: FakeTurso, turso: TursoClient, more: dict[str, Any], names: list[str]
) -> None:
    with pytest.raises(InvalidInputError):
        await turso.creation.plan_databases(names, **({"group": "g"} | more))
    assert not fake.requests


async def test_a_name_is_a_plain_text_also_of_an_enum(turso: TursoClient) -> None:
    plan = await turso.creation.plan_databases([Tenant.ONE], group="g")
    assert [type(target.database) for target in plan.targets] == [str]
    assert told(await plan.execute()) == [("tenant-1", "created", None)]


async def test_without_an_organization_nothing_is_sent(fake: FakeTurso) -> None:
    async with TursoClient("t", base_url=fake.base_url) as turso:
        with pytest.raises(ConfigurationError, match="no organization: pass one or set TURSO_ORG") as caught:
            await turso.creation.plan_databases(["a"], group="g")
    assert (caught.value.parameter, fake.requests) == ("organization", [])


async def test_a_group_that_is_not_there_is_no_match_with_those_that_are(
    fake: FakeTurso, turso: TursoClient
) -> None:
    fake.add_group("default", organization="org")
    with pytest.raises(NoMatchError, match="no group 'defualt'; did you mean 'default'"):
        await turso.creation.plan_databases(["a"], group="defualt")


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"error":"no such route"}', b'{"error":"organization not found"}']
)
async def test_a_404_that_is_not_about_the_name_is_no_proof_that_nothing_has_it(
    fake: FakeTurso, turso: TursoClient, body: bytes
) -> None:
    fake.inject(Fault.status(404, body=body), method="GET")
    with pytest.raises(NotFoundError):
        await turso.creation.plan_databases(["a"], group="g")


@pytest.mark.parametrize("name", ["b", "A"])
async def test_an_answer_about_another_name_is_no_proof_either(
    fake: FakeTurso, turso: TursoClient, name: str
) -> None:
    body = {"database": {"Name": name, "DbId": "u"}}
    fake.inject(Fault.status(200, body=json.dumps(body).encode()), method="GET")
    with pytest.raises(DecodeError, match="about another one"):
        await turso.creation.plan_databases(["a"], group="g")


async def test_a_name_that_is_listed_twice_or_in_capitals_is_not_created(
    fake: FakeTurso, turso: TursoClient
) -> None:
    listed = [{"Name": "a", "DbId": "1", "group": "g"}, {"Name": "A", "DbId": "2", "group": "g"}]
    listed += [{"Name": "B", "DbId": "3", "group": "g"}, {"Name": "c", "DbId": "4"}]
    body = json.dumps({"databases": listed}).encode()
    fake.add_database("c", organization="org", group="g")
    fake.inject(Fault.status(200, body=body), method="GET")
    names = ["a", "b", "c", *(f"x{number}" for number in range(20))]
    plan = await turso.creation.plan_databases(names, group="g")
    assert {o.target.database: (o.status.value, o.reason) for o in plan.skipped} == {
        "a": ("failed", "its name is listed more than once"),
        "b": ("failed", "its name is taken by 'B'"),
        "c": ("already_there", THERE),
    }


async def test_the_new_ones_have_what_was_wanted(fake: FakeTurso, turso: TursoClient) -> None:
    key = Encryption(key="MDEyMzQ1Njc4OTAxMjM0NQ==", cipher="aes128gcm")
    plan = await turso.creation.plan_databases(
        ["a"], group="g", seed=Seed.copy_of("old"), size_limit="1mb", encryption=key, use_tursodb=True
    )
    assert "MDEy" not in repr(plan) + str(plan)
    await plan.execute()
    (made,) = [database for database in fake.databases("org") if database.name == "a"]
    assert made.parent and made.parent["name"] == "old"
    assert (made.cipher, made.configuration["size_limit"]) == ("aes128gcm", "1mb")


async def test_each_one_is_sent_with_what_the_new_ones_have_in_common(turso: TursoClient) -> None:
    new = New(group="g", schema="s", use_tursodb=True)
    assert new.body("a") == {"name": "a", "group": "g", "schema": "s", "use_tursodb": True}
    plan = await turso.creation.plan_databases([], group="g", schema="s", use_tursodb=True)
    send = plan.verb.send
    assert isinstance(send, partial) and send.args == (new,)


async def test_what_a_list_that_lags_still_has_is_created(fake: FakeTurso, turso: TursoClient) -> None:
    def lags(name: str) -> None:
        body = json.dumps(no_database(name)).encode()
        fake.inject(Fault.status(404, body=body), method="GET", path=f"/databases/{name}")

    fake.add_database("gone", organization="org", group="g")
    lags("gone")
    names = ["old", "gone", *(f"a{number}" for number in range(15))]
    plan = await turso.creation.plan_databases(names, group="g")
    assert ([o.target.database for o in plan.skipped], len(plan)) == (["old"], 16)
    lags("old")
    report = await plan.execute(return_exceptions=True, max_age=0)
    changed = "changed since the plan was made, in which it is no target: plan again"
    assert told(report)[:2] == [("old", "not_attempted", changed), ("gone", "already_there", THERE)]


async def test_many_names_are_looked_up_in_the_list_and_a_few_one_by_one(
    fake: FakeTurso, turso: TursoClient
) -> None:
    names = ["old", *(f"a{number}" for number in range(15))]
    few = await turso.creation.plan_databases(names, group="g")
    sent = [request.path.rsplit("/", 1)[-1] for request in fake.requests]
    assert sorted(sent) == sorted(names), "each of them once"
    fake.requests.clear()
    many = await turso.creation.plan_databases(["old", *(f"a{number}" for number in range(16))], group="g")
    # What the list has is looked up by itself besides.
    assert [request.path.rsplit("/", 1)[-1] for request in fake.requests] == ["databases", "old"]
    assert (len(few), len(many)) == (15, 16)
    assert [o.target.database for plan in (few, many) for o in plan.skipped] == ["old", "old"]


async def test_a_plan_that_is_not_fresh_looks_again_and_creates_nothing_that_it_did_not_show(
    fake: FakeTurso, turso: TursoClient
) -> None:
    fake.add_database("kept", organization="org", group="g")
    plan = await turso.creation.plan_databases(["a", "b", "c", "old", "other", "kept"], group="g")
    fake.add_database("a", organization="org", group="g")
    fake.add_database("b", organization="org", group="h")
    fake.remove_database("old", organization="org")
    fake.remove_database("other", organization="org")
    report = await plan.execute(max_age=0, return_exceptions=True)
    changed = "changed since the plan was made, in which it is no target: plan again"
    assert told(report) == [
        ("a", "already_there", THERE),
        ("b", "failed", TAKEN),
        ("c", "created", None),
        ("old", "not_attempted", changed),
        ("other", "not_attempted", changed),
        ("kept", "already_there", THERE),
    ]
    assert not report.ok
    assert [o.target.uuid for o in report.outcomes[3:5]] == [None, None]


async def test_a_plan_can_run_again_and_then_finds_what_it_has_created(turso: TursoClient) -> None:
    plan = await turso.creation.plan_databases(["a"], group="g")
    await plan.execute()
    assert told(await plan.execute()) == [("a", "already_there", THERE)]


async def test_a_dry_run_sends_no_create(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await turso.creation.plan_databases(["a", "old"], group="g")
    report = await plan.execute(dry_run=True)
    assert told(report) == [("a", "not_attempted", "dry run"), ("old", "already_there", THERE)]
    assert report.ok and not fake.sent("POST")


async def test_an_option_of_teardowns_is_refused(fake: FakeTurso, turso: TursoClient) -> None:
    plan = await turso.creation.plan_databases(["a"], group="g")
    with pytest.raises(TypeError, match="exclude"):
        await plan.execute(exclude="a")  # type: ignore[call-arg]
    with pytest.raises(InvalidInputError, match="verify must be True or False"):
        await plan.execute(verify="yes")  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="more than max_targets=0"):
        await plan.execute(max_targets=0)
    assert not fake.sent("POST")


async def test_a_plan_is_older_than_the_first_answer_of_its_lists(fake: FakeTurso) -> None:
    heard: list[tuple[datetime, float]] = []

    def note(event: RequestEvent) -> None:
        heard.append((datetime.now(UTC), time.monotonic()))

    async with fake.client(organization="org", retry=None, on_request=note) as turso:
        plan = await turso.creation.plan_databases(["a"], group="g")
    assert plan.created_at <= heard[0][0]
    assert plan._life.since is not None and plan._life.since.monotonic <= heard[0][1]
    assert repr(plan) == "<CreationPlan 'databases of group g' of 'org': 1 target, 0 skipped>"


async def test_a_stream_yields_each_outcome_once(turso: TursoClient) -> None:
    plan = await turso.creation.plan_databases(["a", "old", "b"], group="g")
    outcomes: list[Outcome] = [outcome async for outcome in plan.stream()]
    assert sorted((o.target.database, o.status) for o in outcomes) == [
        ("a", OutcomeStatus.CREATED),
        ("b", OutcomeStatus.CREATED),
        ("old", OutcomeStatus.ALREADY_THERE),
    ]


async def test_a_report_and_its_error_survive_pickling(turso: TursoClient) -> None:
    plan = await turso.creation.plan_databases(["a", "other"], group="g")
    report = await plan.execute(return_exceptions=True)
    assert pickle.loads(pickle.dumps(report)) == report
    error = pickle.loads(pickle.dumps(report.as_error()))
    assert isinstance(error, CreationError) and error.report == report
    match, rest = error.split(ValueError)
    assert match is None and isinstance(rest, CreationError) and rest.report == report
    assert CreationError("said", [ValueError()]).report == CreationReport()


async def test_reports_are_merged(turso: TursoClient) -> None:
    reports = [
        await (await turso.creation.plan_databases([name], group="g")).execute() for name in ("a", "b")
    ]
    merged = CreationReport.merge(*reports)
    assert (type(merged), str(merged)) == (CreationReport, "2 created")
