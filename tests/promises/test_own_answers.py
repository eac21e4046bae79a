"""Only the API's own JSON error, about the thing that was named, counts as gone."""

import json

import pytest
from instances import listed
from raw import RawServer, answer, close
from refused import refused
from yarl import URL

from aioturso import APIError, NotFoundError, RetryPolicy, Timeout
from aioturso._decode import nothing
from aioturso._operation import Operation, Request
from aioturso._refusals import missing_resource
from aioturso.testing import FakeTurso, Fault

NO_ROUTE = {
    "text": (404, b"404 page not found"),
    "html": (404, b"<html>instance not found</html>"),
    "json without a kind": (404, b'{"error":"not found"}'),
    "message only": (404, b'{"message":"could not find instance a"}'),
    "echoed path": (404, b'{"error":"no route for /databases/my-database/instance/a"}'),
    "method": (405, b""),
    "another kind": (404, b'{"error":"organization not found"}'),
}


@pytest.mark.parametrize(("status", "body"), NO_ROUTE.values(), ids=NO_ROUTE.keys())
@pytest.mark.parametrize("lost_first", [False, True])
async def test_a_missing_route_is_never_gone(
    fast: RetryPolicy, status: int, body: bytes, lost_first: bool
) -> None:
    steps = [close] if lost_first else []
    async with RawServer(*steps, then=answer(status, body)) as raw, raw.client(retry=fast) as turso:
        with pytest.raises(APIError) as caught:
            await turso.destroy_instance("db", "a", missing_ok=True)
    assert (caught.value.status, caught.value.maybe_applied) == (status, lost_first)


async def test_a_missing_route_after_a_lost_answer_is_never_gone(fake: FakeTurso, fast: RetryPolicy) -> None:
    fake.inject(Fault.drop_before(), method="DELETE")
    fake.inject(Fault.status(404, body=b"404 page not found"), method="DELETE")
    async with fake.client(organization="org", retry=fast) as turso:
        with pytest.raises(APIError) as caught:
            await turso.destroy_instance("db", "fra", missing_ok=True)
    assert (caught.value.attempts, caught.value.maybe_applied) == (2, True)


@pytest.mark.parametrize(
    ("body", "resource"),
    [
        (b'{"error":"could not find database X to delete instance from"}', "database"),
        (b'{"error":"could not find instance I of database X"}', "instance"),
        (b'{"error":"group not found"}', "group"),
        (b'{"error":"not found"}', None),
        (b"404 page not found", None),
        (b"<html>no such instance</html>", None),
        (b'{"message":"no instance"}', None),
    ],
)
def test_only_a_json_error_that_names_a_resource_speaks_of_one(body: bytes, resource: str | None) -> None:
    error = refused(404, body)
    assert isinstance(error, NotFoundError)
    assert error.resource == resource


@pytest.mark.parametrize(
    "said",
    [
        "database not found: other",
        "instance not found (Y/I)",
        "instances of Y: not found",
        "instance of other-db not found",
        "instance=prod not found",
        "record not found for instance id 77",
        "Y: instance not found",
        "no route for /databases/Y/instances/I: instance not found",
        "instance not found (Y)",
        "instance not found, did you mean Y?",
        "upstream instance not found",
        "no healthy instance",
        "prod instance not found",
        "your other database not found",
        "template for instance not found",
        "configuration of the database not found",
        "instances not found",
        "could not find databases",
        "instance 'prod' not found",
        'instance "prod" not found',
        "instance `prod` not found",
        "instance [prod] not found",
        "instance not found at /v10/databases/X/instances/I",
        "instance X not found",
        "instance IX not found",
        "database I not found",
        "instance location not found",
        "failed to delete instance: group not found",
        "could not find instance \u0406",
        "could not find database \u00abX\u00bb of Y",
    ],
)
def test_a_404_that_names_another_one_in_whatever_words_speaks_of_none(said: str) -> None:
    error = refused(404, json.dumps({"error": said}).encode())
    assert isinstance(error, NotFoundError)
    assert error.resource is None


@pytest.mark.parametrize(
    ("said", "resource"),
    [
        ("database not found: X", "database"),
        ("instance does not exist", "instance"),
        ("error: instance not found", "instance"),
        ("the requested instance was not found", "instance"),
        ("instance I not found (deleted)", "instance"),
        ("could not find the specified database", "database"),
        ("instance 'I' was not found in the database 'X'", "instance"),
        ("deleted database not found", "database"),
        ("the specified instance doesn't exist", "instance"),
        ("error getting database X: not found", "database"),
        ("could not locate replica instance I", "instance"),
    ],
)
def test_a_404_that_names_the_target_or_nothing_speaks_of_it(said: str, resource: str) -> None:
    error = refused(404, json.dumps({"error": said}).encode())
    assert isinstance(error, NotFoundError)
    assert error.resource == resource


OF_THE_INSTANCE = """
no replica to delete the instance from
instance not found at /databases/X/instances/I.
instance not found at /v9/databases/X/instances/I
404: instance not found
not-found: instance
no instance for jwks
instance " " not found
error getting instance I of database X: not found
no instance exists with this name in your account
there is no such instance in our records
there is no instance for a database of that name in an organization
failed to get instance: no rows in result set
error of sql: no instance
instance destroy failed: it has already gone
instance remove failed: unknown instance
instance delete error: we could not find it
instance cannot be found
instance can't be found
instance couldn't be found
instance could not be found
instance isn't there
instance wasn't there
instance doesn't exist
instance didn't exist
instance hasn't been found
instance or database not found
instance and database are gone
any instance by that name has been removed
instance is gone
instance was destroyed
instance has gone
instance had gone
instance does not exist
instance did not exist
instance already destroyed
instance removed
instance destroyed
instance deleted
instance missing
instance exists no more
instance unknown
instance gone
instance failed to load
instance record not found
instance resource not found
instance found nowhere
no instance called 'I'
no instance named 'I'
no instance with name 'I'
instance name 'I' unknown
instance id 'I' unknown
instance uuid unknown
no instance at this location
no instance belonging to this database
no instance for this database
no instance of this database
no instance in this database
no instance inside this database
no instance within this database
no instance under this database
no instance on this database
no instance under account X
no instance to delete
the instance that was requested is unknown
the instance which was requested is unknown
the instance you requested is unknown
error deleting instance
error destroying instance
error removing instance
error finding instance
error getting instance
error loading instance
error fetching instance
error retrieving instance
failed to find instance
failed to load instance
failed to fetch instance
failed to retrieve instance
failed to locate instance
failed to look for the instance
no existing instance
the given instance is unknown
the requested instance is unknown
the specified instance is unknown
no such turso instance
no replica instance
instance error
"""


def _resource(said: str) -> str | None:
    error = refused(404, json.dumps({"error": said}).encode())
    assert isinstance(error, NotFoundError)
    return error.resource


def test_a_404_in_plain_words_about_an_instance_speaks_of_it() -> None:
    found = {said: _resource(said) for said in OF_THE_INSTANCE.strip().splitlines()}
    assert found == dict.fromkeys(found, "instance")


@pytest.mark.parametrize(("size", "resource"), [(2000, "instance"), (2001, None)])
def test_a_404_that_is_longer_than_any_of_the_platform_speaks_of_none(
    size: int, resource: str | None
) -> None:
    said = "instance not found".ljust(size)
    error = refused(404, json.dumps({"error": said}).encode())
    assert isinstance(error, NotFoundError)
    assert error.resource == resource


@pytest.mark.parametrize(
    "said",
    [
        "instance" + " " * 490 + "with" + " " * 490 + "the" + " " * 490 + "name" + " " * 490,
        "instance" + " " * 200_000,
        "[" * 200_000,
        "a" * 200_000,
    ],
    ids=["gaps", "spaces", "brackets", "letters"],
)
def test_an_error_that_is_made_to_be_slow_to_read_holds_nothing_up(said: str) -> None:
    error = refused(404, json.dumps({"error": said}).encode())
    assert error.message == " ".join(said.split())[:300]  # type: ignore[attr-defined]  # it is an APIError


@pytest.mark.parametrize(
    "fields",
    [
        {"instance": "Y"},
        {"instance_name": "Y"},
        {"instanceId": "0eb771dd"},
        {"database": "Y", "instance": "I"},
        {"database": "I"},
        {"details": [{"instance": {"name": "Y"}}]},
        {"resource": {"type": "instance", "name": "Y"}},
        {"resource": "Y"},
        *({key: "Y"} for key in ("target", "name", "path", "slug", "username", "email", "jwks")),
        {"path": "/v1/organizations/o/databases/X/instances/Y"},
        {"target": "https://host/databases/Y/instances/I"},
        {"code": "route_not_found"},
        {"code": "group_not_found"},
    ],
    ids=str,
)
def test_a_404_whose_other_fields_name_another_one_speaks_of_none(fields: dict[str, object]) -> None:
    text = "instance not found"
    for data in ({"error": text, **fields}, {"error": {"message": text, **fields}}):
        error = refused(404, json.dumps(data).encode())
        assert isinstance(error, NotFoundError)
        assert (error.resource, error.message) == (None, text)


@pytest.mark.parametrize(
    "fields",
    [
        {"instance": "I", "database": "X"},
        {"resource": "instance", "name": "i"},
        {"path": "/v1/databases/X/instances/I"},
        {"instance": "/v1/databases/X/instances/I"},
        {"instance": "databases/x/instances/i"},
        {"code": "instance_not_found", "request_id": "Y", "id": "Y", "hint": "see Y"},
        {"code": 404, "instance": None, "database": " ", "details": {}},
    ],
    ids=str,
)
def test_a_404_whose_other_fields_name_the_target_or_nothing_speaks_of_it(fields: dict[str, object]) -> None:
    error = refused(404, json.dumps({"error": "instance not found", **fields}).encode())
    assert isinstance(error, NotFoundError)
    assert error.resource == "instance"


@pytest.mark.parametrize(("before", "after"), [('{"a":', "}"), ("[", "]")])
def test_other_fields_are_looked_at_eight_levels_deep_and_the_first_twenty_of_a_list(
    before: str, after: str
) -> None:
    def resource(field: str) -> str | None:
        error = refused(404, ('{"error":"instance not found","b":' + field + "}").encode())
        assert isinstance(error, NotFoundError)
        return error.resource

    other = '{"instance":"Y"}'
    assert resource(before * 6 + other + after * 6) is None
    assert resource(before * 7 + other + after * 7) == "instance"
    assert resource("[" + '"",' * 19 + other + "]") is None
    assert resource("[" + '"",' * 20 + other + "]") == "instance"


REMOVE_MEMBER = Operation("op", "DELETE", "/organizations/{organization}/members/{username}", nothing)


@pytest.mark.parametrize(
    ("said", "resource"),
    [
        ("user jo is not a member", "member"),
        ("user jo is no member of organization org", "member"),
        ("user jo not found", "user"),
        ("jwks not found", "jwks"),
        ("user al is not a member", None),
    ],
)
def test_who_is_no_member_is_a_member_that_is_missing(said: str, resource: str | None) -> None:
    request = Request(REMOVE_MEMBER, ("org", "jo"), URL("https://host/"), Timeout())
    assert missing_resource(said, "", {"error": said}, request) == resource


async def test_a_404_with_the_name_of_another_is_no_sign_that_the_target_is_gone(fast: RetryPolicy) -> None:
    """Neither for one call, nor in a look, nor after a lost answer."""
    other = answer(404, {"error": "instance not found", "instance": "b"})
    for first in ([], [close]):
        async with RawServer(*first, then=other) as raw, raw.client(retry=fast) as turso:
            with pytest.raises(NotFoundError) as caught:
                await turso.destroy_instance("db", "a", missing_ok=True)
            assert caught.value.resource is None
            with pytest.raises(NotFoundError):
                await turso.instances.wait_until_gone("db", "a")


async def test_a_database_that_is_gone_takes_its_instances_with_it_and_is_reported_as_such() -> None:
    gone = answer(404, {"error": "could not find database db to delete instance from"})
    async with RawServer(listed(*"ab"), then=gone) as raw, raw.client() as turso:
        report = await turso.destroy_by_location("db", "fra", concurrency=1)
    assert [(o.status.name, o.reason) for o in report.outcomes] == [
        ("ALREADY_GONE", "database not found")
    ] * 2
