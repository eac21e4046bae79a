"""API tokens as they are listed: the one that the client uses stays."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from engines import World
from raw import RawServer, Request, Step, answer

from aioturso import DecodeError, Outcome, OutcomeStatus, Target
from aioturso.models.api_tokens import APIToken
from aioturso.teardown.listing import TOKENS
from aioturso.teardown.recheck import rechecked
from aioturso.teardown.targets import Candidate


def token(claims: bytes) -> str:
    return f"e30.{urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"


@pytest.mark.parametrize(
    ("own", "id", "reason"),
    [
        (token(b'{"id": "t1"}'), "t1", "this client uses it"),
        (token(b'{"id": "t1"}'), " T1", "this client uses it"),
        (token(b'{"id": "t1"}'), None, "its id is missing: this client may use it"),
        (token(b'{"id": "t1"}'), "t2", None),
        ("no-claims", None, None),
        ("no-claims", "t1", None),
    ],
)
async def test_the_token_in_use_stays(own: str, id: str | None, reason: str | None) -> None:
    async with World(
        {"GET api-tokens": answer(200, {"tokens": [{"name": "n", "id": id}]})}, token=own
    ) as engine:
        (found,) = await TOKENS.again(engine, ())
    assert (found.target, found.reason) == (Target(kind="API token", token="n", uuid=id), reason)


async def test_a_token_that_was_refused_is_in_use_until_there_is_another() -> None:
    """Another call of the client may be waiting for it at that moment."""
    own = iter([token(b'{"id": "t1"}'), token(b'{"id": "t2"}')])

    async def provider() -> str:
        return next(own)

    listed = answer(200, {"tokens": [{"name": "n", "id": "t1"}, {"name": "m", "id": "t2"}]})
    uses = "this client uses it"
    async with World({"GET api-tokens": listed}, token=provider) as engine:
        assert [c.reason for c in await TOKENS.again(engine, ())] == [uses, None]
        credentials = engine.calls.pool.credentials
        assert credentials.refuse(credentials.token) and credentials.token is None
        assert TOKENS.candidate(engine, APIToken(name="n", id="t1")).reason == uses
        assert [c.reason for c in await TOKENS.again(engine, ())] == [None, uses]


async def test_an_empty_list_of_tokens_proves_nothing_where_the_client_uses_one_with_an_id() -> None:
    listed = [{"name": "n", "id": "t2"}]
    for own, tokens in ((token(b'{"id": "t1"}'), listed), ("no-claims", []), ("no-claims", listed)):
        async with World({"GET api-tokens": answer(200, {"tokens": tokens})}, token=own) as engine:
            assert len(await TOKENS.complete(engine)) == len(tokens)
    empty = answer(200, {"tokens": []})
    async with World({"GET api-tokens": empty}, token=token(b'{"id": "t1"}')) as engine:
        with pytest.raises(DecodeError, match="an empty list, though this client uses a token") as caught:
            await TOKENS.complete(engine)
    assert caught.value.where == "$.tokens"


async def test_the_token_in_use_stays_under_another_name_too() -> None:
    listed = answer(200, {"tokens": [{"name": "n", "id": "t1"}]})
    async with World({"GET api-tokens": listed}, token=token(b'{"id": "t1"}')) as engine:
        found = await TOKENS.find(engine, Target(kind="API token", token="before", uuid="t1"))
        assert found is not None and found.reason == "this client uses it"
        engine.calls.pool.pulse.rotated()
        with pytest.raises(DecodeError) as caught:
            TOKENS.check_user(engine)
    assert caught.value.where == "$.tokens"


async def test_a_list_that_is_read_with_another_token_proves_no_absence() -> None:
    own = iter("ab")

    async def provider() -> str:
        return next(own)

    empty = answer(200, {"tokens": []})
    listed: list[Step] = [empty, answer(401, {"error": "expired"}), empty]
    async with World({"GET api-tokens": listed}, token=provider) as engine:
        (found,) = await rechecked(engine, [Candidate(Target(kind="API token", token="n", uuid="t"))])
    assert isinstance(found, Outcome) and found.status is OutcomeStatus.NOT_ATTEMPTED


class Users:
    """A platform with API tokens of two users, whose names are the same, and a provider that comes to the second one."""

    def __init__(self, *names: str) -> None:
        self.stores = {user: {name: f"{user}-{name}" for name in ("n0", "n1", "n2", "n3")} for user in "ab"}
        self.stores["b"] = {name: id for name, id in self.stores["b"].items() if name in names}
        self.expires = 0
        self.users = iter("ab")

    async def provider(self) -> str:
        return next(self.users)

    async def __call__(self, request: Request) -> None:
        user, name = request.headers["Authorization"].split()[1], request.target.rpartition("/")[2]
        if user == "a" and self.expires == 0:
            return await answer(401, {"error": "expired"})(request)
        self.expires -= 1
        if request.method == "GET":
            listed = [{"name": name, "id": id} for name, id in self.stores[user].items()]
            return await answer(200, {"tokens": listed})(request)
        found = self.stores[user].pop(name, None)
        await (answer(200, {"token": name}) if found else answer(404, {"error": "token not found"}))(request)

    async def revoked(self, expires: int, concurrency: int) -> list[tuple[str, str]]:
        """Plans with the first token, which works for so many requests more."""
        self.expires = -1
        async with RawServer(then=self) as raw, raw.client(token=self.provider) as turso:
            plan = await turso.teardown.plan_api_tokens(match="n*")
            self.expires = expires
            if not expires:
                await turso.api_tokens.list()
            report = await plan.execute(concurrency=concurrency, return_exceptions=True)
        return [(o.status.name, why(o)) for o in report.outcomes]


def why(outcome: Outcome) -> str:
    return str(outcome.error or outcome.reason or "").rpartition(": ")[2]


ANOTHER = ("SKIPPED", "another one has this name")
UNPROVEN = (
    "FAILED",
    "not listed for the token that the client uses, which may be of another user than the plan",
)
LACKING = (
    "NOT_ATTEMPTED",
    "not listed, and not known to be gone: the list may be incomplete".rpartition(": ")[2],
)


@pytest.mark.parametrize(
    ("expires", "concurrency", "outcomes"),
    [
        (0, 1, [ANOTHER, ANOTHER, LACKING, LACKING]),
        (1, 1, [("DESTROYED", ""), UNPROVEN, LACKING, LACKING]),
        (1, 4, [("DESTROYED", ""), UNPROVEN, UNPROVEN, UNPROVEN]),
    ],
)
async def test_tokens_of_another_user_have_the_same_names_and_are_left_alone(
    expires: int, concurrency: int, outcomes: list[tuple[str, str]]
) -> None:
    """The provider comes to another user's token in mid-run: what its lists lack is not gone."""
    users = Users("n0", "n1")
    assert sorted(await users.revoked(expires, concurrency)) == sorted(outcomes)
    assert list(users.stores["b"]) == ["n0", "n1"]
    assert len(users.stores["a"]) == 4 - expires


async def test_another_token_of_the_same_user_continues() -> None:
    users = Users()
    users.stores["b"] = users.stores["a"]
    assert await users.revoked(2, 2) == [("DESTROYED", "")] * 4
    assert not users.stores["a"]


@pytest.mark.parametrize(
    ("user", "left", "statuses"),
    [
        ("b", ("n0", "n1"), ["skipped", "skipped"]),
        ("b", ("n2", "n3"), ["not_attempted", "not_attempted"]),
        ("b", (), ["not_attempted", "not_attempted"]),
        ("a", ("n1",), ["already_gone", "destroyed"]),
        ("a", (), ["not_attempted", "not_attempted"]),
    ],
)
async def test_a_loaded_plan_proves_no_absence_before_a_list_has_shown_one_of_its_tokens(
    user: str, left: tuple[str, ...], statuses: list[str]
) -> None:
    """It may be applied with a token of another user, whose list has none of them."""
    platform = Users("n0", "n1", "n2", "n3")
    platform.expires = -1
    async with RawServer(then=platform) as raw:
        async with raw.client(token="a") as turso:
            plan = await turso.teardown.plan_api_tokens(names=["n0", "n1"])
            data = plan.to_dict()
        platform.stores[user] = {name: f"{user}-{name}" for name in left}
        async with raw.client(token=user) as turso:
            report = await turso.teardown.load(data).execute()
            if user == "b":  # a plan of its own is not in doubt
                platform.stores["b"] = {"n0": "b-n0"}
                own = await turso.teardown.plan_api_tokens(names=["n0"])
                platform.stores["b"] = {}
                assert str(await own.execute(max_age=0)) == "1 already gone"
    assert [outcome.status.value for outcome in report.outcomes] == statuses


async def test_a_database_that_is_still_listed_does_not_prove_whose_tokens_are_listed() -> None:
    """Many users see the same databases; each one's list has but its own tokens."""
    table: dict[str, Step | list[Step]] = {
        "GET databases": answer(200, {"databases": [{"Name": "db", "DbId": "d"}]}),
        "GET api-tokens": answer(200, {"tokens": [{"name": "other", "id": "o"}]}),
    }
    planned = [
        Target(kind="API token", token="n", uuid="t"),
        Target(kind="database", database="db", uuid="d"),
    ]
    async with World(table) as engine:
        token, database = await rechecked(engine.of_any_user(), list(map(Candidate, planned)))
    assert isinstance(token, Outcome) and token.status is OutcomeStatus.NOT_ATTEMPTED
    assert isinstance(database, Candidate)
