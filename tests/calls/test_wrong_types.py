"""Arguments of a wrong type are refused in words, before any I/O."""

from typing import Any

import pytest

from aioturso import InvalidInputError, TursoClient
from aioturso.testing import FakeTurso


@pytest.mark.parametrize("organization", [None, 3, b"org"])
def test_no_organization_is_never_the_one_before(organization: Any) -> None:
    turso = TursoClient("token", organization="org")
    with pytest.raises(TypeError, match="organization must be str"):
        turso.with_organization(organization)


@pytest.mark.parametrize(
    ("method", "segments", "more", "text"),
    [
        (3, ["v1"], {}, "method must be a text"),
        ("", ["v1"], {}, "method must be a text"),
        ("GET", [], {}, "at least one path segment is needed"),
        ("GET", ["v1"], {"params": 3}, "params must be a mapping"),
        ("GET", ["v1"], {"params": "a=b"}, "params must be a mapping"),
    ],
)
async def test_the_escape_hatch_refuses_what_is_no_request(
    fake: FakeTurso, method: Any, segments: list[str], more: dict[str, Any], text: str
) -> None:
    async with fake.client(organization="org") as turso:
        with pytest.raises(InvalidInputError, match=text):
            await turso.request(method, *segments, **more)
    assert not fake.requests


async def test_an_async_predicate_is_refused_before_any_io(fake: FakeTurso) -> None:
    async def where(_: object) -> bool:
        return True

    async with fake.client(organization="org") as turso:
        plans: list[Any] = [
            turso.teardown.plan_databases,
            turso.teardown.plan_groups,
            turso.teardown.plan_api_tokens,
        ]
        for plan in plans:
            with pytest.raises(InvalidInputError, match="where must be a plain function"):
                await plan(names=["x"], where=where)
    assert not fake.requests
