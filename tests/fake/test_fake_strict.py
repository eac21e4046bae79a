"""What a test gets wrong is an error and not a silent pass."""

import inspect
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

import pytest

import aioturso.testing
from aioturso import TursoClient
from aioturso.testing import ClientSettings, FakeTurso, Fault
from aioturso.testing.server import authority

NOW = datetime.now(UTC)


def test_what_the_package_has_is_listed() -> None:
    assert set(aioturso.testing.__all__) <= set(dir(aioturso.testing))
    assert aioturso.testing.__all__ == sorted(aioturso.testing.__all__)
    for name in aioturso.testing.__all__:
        assert getattr(aioturso.testing, name).__doc__


def test_a_fake_that_was_not_started_has_no_client_and_no_address() -> None:
    fake = FakeTurso()
    assert "not started" in repr(fake)
    with pytest.raises(RuntimeError, match="not started"):
        fake.client(organization="org")
    with pytest.raises(RuntimeError, match="not started"):
        _ = fake.base_url


def test_its_client_takes_each_setting_of_a_client_but_those_that_name_the_fake() -> None:
    settings = inspect.signature(TursoClient).parameters.keys() - {"organization", "base_url"}
    assert get_type_hints(ClientSettings).keys() == settings


async def test_its_client_never_has_the_token_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURSO_API_TOKEN", "a.real.one")
    async with FakeTurso() as fake, fake.client() as usual, fake.client(token=None) as other:
        await usual.locations.list()
        await other.locations.list()
        sent = [request.headers["authorization"] for request in fake.requests]
        assert sent == [f"Bearer {fake.token}"] * 2


@pytest.mark.parametrize("fault", [Fault.drop_after, Fault.hang, Fault.status])
def test_a_fault_without_parentheses_is_called_by_its_name(fault: Any) -> None:
    with pytest.raises(TypeError, match=rf"write Fault\.{fault.__name__}\(\)"):
        FakeTurso().inject(fault)


@pytest.mark.parametrize("fault", ["drop_after", None, 503, lambda: None])
def test_what_is_no_fault_is_refused(fault: Any) -> None:
    with pytest.raises(TypeError, match=r"is not a fault$"):
        FakeTurso().inject(fault)


@pytest.mark.parametrize(
    "options",
    [
        {"times": 0},
        {"times": -1},
        {"times": True},
        {"times": 1.5},
        {"method": "DELET"},
        {"path": "/databases?limit=2"},
        {"path": "http://127.0.0.1/v1"},
    ],
)
def test_an_injection_that_no_request_can_meet_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"times|method|path"):
        FakeTurso().inject(Fault.hang(), **options)


@pytest.mark.parametrize("value", [100, 199, 600, 0, True, "503", 503.0])
def test_a_status_that_ends_no_request_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="from 200 to 599"):
        Fault.status(value)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), True, "2"])
def test_a_duration_that_cannot_pass_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="a number of seconds"):
        Fault.delay(value)
    with pytest.raises(ValueError, match="a number of seconds"):
        FakeTurso(latency=value)


def test_bodies_are_bytes_and_redirects_redirect() -> None:
    for make in (Fault.raw, lambda body: Fault.status(503, body=body)):
        with pytest.raises(TypeError, match="bytes"):
            make("text")
    with pytest.raises(ValueError, match="redirect"):
        Fault.redirect("/", 304)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (
            {"instances": {"frra": 1}},
            "there is no location 'frra': did you mean 'fra'\\? fake.add_location\\(\\) adds one",
        ),
        ({"instances": {"zz": 1}}, "there is no location 'zz': there are ams, .*-west-2; fake.add_location"),
        ({"instances": {"iad": -1}}, "0 or more, not -1"),
        ({"instances": {"iad": True}}, "0 or more, not True"),
        ({"instances": {"iad": 1.5}}, "0 or more, not 1.5"),
        ({"instances": {"fra": 1}, "primary": "iad"}, "the primary 'iad' has no instance"),
        ({"instances": {"fra": 1, "iad": 0}, "primary": "iad"}, "the primary 'iad' has no instance"),
        ({"instances": {"fra": 1}, "group": "g"}, "group 'g' has no location 'fra'"),
        ({"created_at": NOW + timedelta(days=1)}, "not in the future"),
        ({"created_at": NOW.replace(tzinfo=None)}, "a time with a zone"),
        ({"parent": "absent"}, "no other database 'absent'"),
        ({"parent": "new"}, "no other database 'new'"),
    ],
)
def test_a_database_that_cannot_be_is_refused(options: dict[str, Any], error: str) -> None:
    fake = FakeTurso()
    fake.add_group("g", organization="org")
    with pytest.raises(ValueError, match=error):
        fake.add_database("new", organization="org", **options)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"locations": []}, "one or more different locations"),
        ({"locations": ["iad", "iad"]}, "one or more different locations"),
        ({"locations": ["nowhere"]}, "there is no location 'nowhere'"),
        ({"locations": ["iad"], "primary": "fra"}, "the primary 'fra' is not one of the locations"),
    ],
)
def test_a_group_that_cannot_be_is_refused(options: dict[str, Any], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        FakeTurso().add_group("g", organization="org", **options)


def test_a_second_thing_of_the_same_name_is_refused() -> None:
    fake = FakeTurso()
    fake.add_database("db", organization="org", group="g")
    with pytest.raises(ValueError, match="there is a database 'db' in 'org' already"):
        fake.add_database("db", organization="org")
    with pytest.raises(ValueError, match="there is a group 'g' in 'org' already"):
        fake.add_group("g", organization="org")
    fake.remove_database("db", organization="org")
    fake.add_database("db", organization="org")
    fake.add_database("db", organization="other")


@pytest.mark.parametrize("name", ["", None, 7])
def test_a_name_is_a_text(name: Any) -> None:
    fake = FakeTurso()
    for add in (
        lambda: fake.add_organization(name),
        lambda: fake.add_group(name, organization="org"),
        lambda: fake.add_database(name, organization="org"),
    ):
        with pytest.raises(ValueError, match="must be a text"):
            add()


@pytest.mark.parametrize("token", ["", None, 7])
def test_a_token_that_any_request_would_have_is_refused(token: Any) -> None:
    with pytest.raises(ValueError, match="the token must be a text"):
        FakeTurso(token=token)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1:80"),
        ("0.0.0.0", "127.0.0.1:80"),
        ("::", "[::1]:80"),
        ("::1", "[::1]:80"),
        ("fake.internal", "fake.internal:80"),
    ],
)
def test_its_address_is_one_to_be_reached_at(host: str, address: str) -> None:
    assert authority(host, 80) == address


def test_an_organization_is_set_up_and_changed() -> None:
    fake = FakeTurso()
    org = fake.add_organization("org")
    assert (org.plan, org.restore_enabled, org.members["alice"]["role"]) == ("scaler", True, "owner")
    fake.add_organization("org", role="viewer", plan="starter", restore_enabled=False)
    assert (org.plan, org.restore_enabled, org.members["alice"]["role"]) == ("starter", False, "viewer")
    fake.add_organization("org", role="outsider")
    fake.add_organization("org")
    assert org.members == {}
    for wrong in ({"plan": "gold"}, {"role": "king"}):
        with pytest.raises(ValueError, match="must be one of"):
            fake.add_organization("org", **wrong)


def test_a_location_can_be_added() -> None:
    fake = FakeTurso()
    fake.add_location("xyz", "Nowhere")
    fake.add_database("db", organization="org", instances={"xyz": 1})
    assert [i.region for i in fake.instances("org", "db")] == ["xyz"]
    assert fake.state.locations["xyz"] == "Nowhere"


def test_protection_is_a_word() -> None:
    fake = FakeTurso()
    fake.add_database("db", organization="org", group="g")
    fake.protect("db")
    fake.protect(group="g", organization="org")
    assert fake.databases("org")[0].protected
    assert fake.state.organizations["org"].groups["g"].delete_protection
    fake.protect("db", protected=False)
    assert not fake.databases("org")[0].protected
    fake.add_database("db", organization="other")
    for wrong in ({"database": "db"}, {"database": "absent"}, {"database": "db", "group": "g"}, {}):
        with pytest.raises(ValueError, match=r"one must|give the name"):
            fake.protect(**wrong)


def test_creation_is_in_the_audit_log_at_its_time() -> None:
    fake = FakeTurso()
    fake.add_database("new", organization="org")
    fake.add_group("g", organization="org", created_at=NOW - timedelta(days=3))
    fake.add_database("old", organization="org", created_at=NOW - timedelta(days=9), parent="new")
    org = fake.state.organizations["org"]
    assert [(log["code"], log["data"]) for log in org.audit_logs] == [
        ("db-create", {"database": "old"}),
        ("group-create", {"group": "g"}),
        ("db-create", {"database": "new"}),
    ]
    parent = org.databases["old"].parent
    assert parent is not None
    assert parent["name"] == "new"
    assert parent["branched_at"].startswith(f"{NOW - timedelta(days=9):%Y-%m-%dT%H:%M:%S}")


def test_the_clock_is_moved_without_a_wait() -> None:
    fake = FakeTurso()
    before = fake.state.clock()
    fake.clock.move(timedelta(days=6))
    assert timedelta(days=6) <= fake.state.clock() - before < timedelta(days=7)
    fake.clock.move(-timedelta(days=6))
    assert fake.state.clock() - before < timedelta(days=1)
    with pytest.raises(TypeError, match="timedelta"):
        fake.clock.move(6)  # type: ignore[arg-type]


async def test_what_was_deleted_is_gone_once_the_clock_was_moved() -> None:
    async with FakeTurso() as fake, fake.client(organization="org") as turso:
        fake.add_database("db", organization="org")
        org = fake.state.organizations["org"]
        await turso.databases.delete("db")
        path = ("v3", "organizations", org.uuid, "databases")
        assert len((await turso.request("GET", *path, params={"deleted": "true"}))["databases"]) == 1
        fake.clock.move(timedelta(days=5))
        assert (await turso.request("GET", *path, params={"deleted": "true"}))["databases"] == []


async def test_latency_delays_every_answer_and_a_fault_adds_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with FakeTurso(latency=20) as fake, fake.client() as turso:
        fake.inject(Fault.delay(5))
        with monkeypatch.context() as patch:
            patch.setattr("aioturso.testing.server.asyncio.sleep", sleep)
            for _ in range(2):
                await turso.locations.list()
    assert slept == [25, 20]


async def test_a_method_matches_in_any_case_and_requests_are_found_so(
    fake: FakeTurso,
) -> None:
    fake.inject(Fault.status(503), method="get")
    async with fake.client(retry=None) as turso:
        with pytest.raises(aioturso.ServerError):
            await turso.locations.list()
    assert fake.unused_faults == ()
    assert len(fake.sent("get")) == len(fake.sent("GET")) == 1


@pytest.mark.parametrize("method", ["DELET", "", 3, True])
def test_no_test_counts_the_requests_of_a_method_that_does_not_exist(method: Any) -> None:
    """A list that is always empty would make the test green."""
    with pytest.raises(ValueError, match="there is no method"):
        FakeTurso().sent(method)


@pytest.mark.parametrize("path", [3, b"/a", None])
def test_the_end_of_a_path_is_text(path: Any) -> None:
    with pytest.raises(ValueError, match="is not the end of a path"):
        FakeTurso().sent("GET", path)
    if path is not None:
        with pytest.raises(ValueError, match="is not the end of a path"):
            FakeTurso().inject(Fault.hang(), path=path)


def test_what_does_not_exist_is_named() -> None:
    fake = FakeTurso()
    fake.add_database("db", organization="org")
    for look in (
        lambda: fake.databases("ogr"),
        lambda: fake.instances("ogr", "db"),
        lambda: fake.remove_database("db", organization="ogr"),
        lambda: fake.accepts("jwt", "ogr", "db"),
    ):
        with pytest.raises(ValueError, match=r"^there is no organization 'ogr': there are \w+, org$"):
            look()
    for look in (
        lambda: fake.instances("org", "bd"),
        lambda: fake.remove_database("bd", organization="org"),
        lambda: fake.accepts("jwt", "org", "bd"),
    ):
        with pytest.raises(ValueError, match=r"^there is no database 'bd' in 'org': there are db$"):
            look()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"created_at": "yesterday"}, "created_at is a time with a zone"),
        ({"created_at": 3}, "created_at is a time with a zone"),
        ({"instances": ["iad"]}, "instances are a number for each location"),
        ({"instances": "iad"}, "instances are a number for each location"),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused_in_words(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        FakeTurso().add_database("db", organization="org", **options)


def test_protection_is_a_switch() -> None:
    fake = FakeTurso()
    fake.add_database("db", organization="org")
    with pytest.raises(ValueError, match="protected must be True or False, not 'no'"):
        fake.protect("db", protected="no")  # type: ignore[arg-type]
