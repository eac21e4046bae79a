"""API tokens as they are listed: the one that the client uses stays."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from engines import World
from raw import answer

from aioturso import DecodeError, Target
from aioturso.models.api_tokens import APIToken
from aioturso.teardown.listing import TOKENS


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
