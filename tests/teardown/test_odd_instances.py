"""Records of instances with odd values beside the name."""

from __future__ import annotations

from typing import Any

import pytest
from engines import World
from raw import answer

from aioturso import DecodeError
from aioturso.teardown.listing import INSTANCES
from aioturso.teardown.targets import Candidate


async def listed(**fields: Any) -> list[Candidate]:
    record = {"name": "i", "uuid": None, "type": "replica", "region": "fra", **fields}
    async with World({"GET a/instances": answer(200, {"instances": [record]})}) as engine:
        return await INSTANCES.of(engine, "a")


async def test_an_empty_role_is_not_the_uuid_of_an_instance_that_has_none() -> None:
    assert [(c.target.uuid, c.reason) for c in await listed(role="")] == [(None, None)]


async def test_an_instance_whose_database_has_two_names_is_an_error() -> None:
    with pytest.raises(DecodeError) as caught:
        await listed(database={"name": "a", "Name": "b"})
    assert caught.value.where == "$.name"


async def test_a_protection_that_is_an_object_protects() -> None:
    assert [c.reason for c in await listed(delete_protection={"enabled": False})] == ["delete-protected"]
