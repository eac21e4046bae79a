"""Other tasks of the loop run on while a large answer is read."""

import asyncio
import json
import sys
import threading
from collections.abc import Awaitable
from types import FrameType
from typing import Any, TypeVar

import pytest
from attrs import define, field
from raw import RawServer, answer

from aioturso import DecodeError, ServerError

T = TypeVar("T")
MANY = 60_000
SHORT = 100_000  # characters: reading so few takes a loop less than its other work does
FEW = 5  # turns of the loop: a list that is made on the loop leaves it one or two, one that is made beside it dozens


@define
class Watch:
    """Counts the loop's turns, and notes for each JSON text its length, its thread, and the entries into Python code.

    json's C decoder holds the interpreter, and so the loop, from one entry into Python code to the next.
    """

    turns: int = 0
    read: list[tuple[int, int, int]] = field(factory=list)
    read_until: int = 0

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        raw_decode = json.JSONDecoder.raw_decode

        def watched(decoder: json.JSONDecoder, text: str, idx: int = 0) -> Any:
            entries = 0

            def count(frame: FrameType, event: str, _: object) -> None:
                nonlocal entries
                entries += event == "call"

            sys.setprofile(count)
            try:
                return raw_decode(decoder, text, idx)
            finally:
                sys.setprofile(None)
                self.read.append((len(text), threading.get_ident(), entries))
                self.read_until = self.turns

        monkeypatch.setattr(json.JSONDecoder, "raw_decode", watched)

    async def over(self, work: Awaitable[T]) -> T:
        async def turn() -> None:
            while True:
                await asyncio.sleep(0.001)
                self.turns += 1

        turning = asyncio.create_task(turn())
        try:
            return await work
        finally:
            turning.cancel()

    @property
    def on_the_loop(self) -> list[int]:
        """The lengths of the long texts that this thread has read."""
        return [size for size, thread, _ in self.read if thread == threading.get_ident() and size > SHORT]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    watch.install(monkeypatch)
    return watch


def instances(count: int) -> bytes:
    item = {"uuid": "0" * 36, "type": "replica", "region": "fra", "hostname": "h" * 40}
    return json.dumps({"instances": [{**item, "name": f"x{n}"} for n in range(count)]}).encode()


async def test_listing_many_instances_lets_others_run(watch: Watch) -> None:
    body = instances(MANY)
    async with RawServer(then=answer(200, body)) as raw, raw.client() as turso:
        found = await watch.over(turso.instances.list("db"))
    assert (len(found), found[-1].name) == (MANY, f"x{MANY - 1}")
    ((size, _, entries),) = watch.read
    assert (size, watch.on_the_loop) == (len(body), [])
    assert entries > MANY / 100
    assert watch.turns - watch.read_until > FEW, "the instances are made on the loop"


@pytest.mark.parametrize("body", [b"<html>" + b"x" * 10_000_000, instances(MANY)], ids=["html", "json"])
@pytest.mark.parametrize("status", [500, 200])
async def test_a_page_of_many_megabytes_is_not_read_on_the_loop(
    watch: Watch, status: int, body: bytes
) -> None:
    async with RawServer(then=answer(status, body)) as raw, raw.client(retry=None) as turso:
        with pytest.raises(ServerError if status == 500 else DecodeError) as caught:
            await turso.databases.list()
    assert watch.on_the_loop == []
    assert len(str(caught.value)) < 400


async def test_a_list_of_a_million_bad_items_is_refused_at_the_first() -> None:
    body = b'{"instances":[' + b"[]," * 1_000_000 + b"[]]}"
    async with RawServer(then=answer(200, body)) as raw, raw.client() as turso:
        with pytest.raises(DecodeError) as caught:
            await turso.instances.list("db")
    assert caught.value.where == "$.instances[0]"
    assert caught.value.__cause__ is caught.value.__context__ is None
