"""A long list is read some objects at a time, and as it would be read at once."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturso import DecodeError, _decode, _protocol, _slices
from aioturso._slices import Slices
from aioturso.models.instances import Instance

ODD = (ValueError, RecursionError)
TEXTS = ["a", "", "é\U0001f600", '"', "]}", "\\"]
OTHERS, LISTED = st.sampled_from(TEXTS), st.sampled_from(["listed", *TEXTS])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | LISTED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LISTED, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(LISTED, VALUES, max_size=3), min_size=1, max_size=4)
STYLES = st.sampled_from([{}, {"indent": 1}, {"separators": (",", ":")}, {"ensure_ascii": False}])


def read(body: bytes, window: int) -> Any:
    """Returns the whole answer as its slices make it."""
    slices = Slices(body, "listed", window=window)
    found = [item for some in slices for item in some]
    return {**slices.rest, "listed": found}


@given(
    listed=OBJECTS,
    others=st.dictionaries(OTHERS, VALUES, max_size=3),
    style=STYLES,
    window=st.integers(1, 90),
)
def test_a_list_is_the_same_in_slices_wherever_they_are_cut(
    listed: list[Any], others: dict[str, Any], style: dict[str, Any], window: int
) -> None:
    body = json.dumps({"listed": listed, **others}, **style).encode()
    assert read(body, window) == json.loads(body)


@given(
    listed=OBJECTS,
    others=st.dictionaries(OTHERS, VALUES, max_size=2),
    style=STYLES,
    window=st.integers(1, 90),
    place=st.integers(0),
    bend=st.sampled_from(["cut", "drop", "put"]),
    byte=st.sampled_from(b'[]{},:" \n0e-\\u\xff') | st.integers(0, 255),
)
def test_a_list_that_is_bent_in_one_place_is_refused_or_the_same(
    listed: list[Any],
    others: dict[str, Any],
    style: dict[str, Any],
    window: int,
    place: int,
    bend: str,
    byte: int,
) -> None:
    body = json.dumps({"listed": listed, **others}, **style).encode()
    place %= len(body)
    rest = {"cut": b"", "drop": body[place + 1 :], "put": bytes([byte]) + body[place:]}[bend]
    bent = body[:place] + rest
    try:
        found = read(bent, window)
    except ODD:
        return
    assert found == json.loads(bent)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"listed":[]}',
        b'{"listed":null}',
        b'{"listed":{"a":1}}',
        b'{"listed":[1]}',
        b'{"listed":[{},1]}',
        b'{"listed":[{},]}',
        b'{"listed":[,{}]}',
        b'{"listed":[{}{}]}',
        b'{"listed":[{}',
        b'{"listed":[{}]',
        b'{"listed":[{}]} {}',
        b'{"listed":[{}]}}',
        b'{"listed":[{}]]}',
        b'{"listed":[{}],}',
        b'{"listed":[{}],"listed":[{}]}',
        b'{"listed":[{}],"\\u006cisted":[]}',
        b'{"listed":[{}],"a":1,"a":1}',
        b'{"listed":[{"a":1,"a":2}]}',
        b'{"listed":[{"b":1},{"a":1,"b":1,"a":2}]}',
        b'{"listed":[{"a":":","b":1,"a":2}]}',
        b'{"listed":[{"a":{"b":1,"b":2}}]}',
        b'{"listed":[{"a":[{"b":1,"b":2}]}]}',
        b'{"other":[{}],"listed":[{}]}',
        b'{"a":{"listed":[{}]},"listed":[{}]}',
        b'\xef\xbb\xbf{"listed":[{}]}',
        b'{"listed":[{"a":"\xff"}]}',
        b'{"listed":[{}]}\xff',
        b'{"listed":[{}]}\xc3',
        b'{"listed":[{}]}\xa0',
        b'{"listed":[{"a":' + b"[" * 100_000,
        b'{"listed":[{},5,{}]}',
    ],
)
@pytest.mark.parametrize("window", [1, 7, 10_000])
def test_any_other_shape_is_refused(body: bytes, window: int) -> None:
    with pytest.raises(ODD):
        read(body, window)


def test_an_answer_that_is_shorter_than_a_window_is_one_slice() -> None:
    slices = Slices(b' { "listed" : [ {"a": 1} , {} ] , "next" : null } ', "listed")
    assert list(slices) == [[{"a": 1}, {}]]
    assert slices.rest == {"listed": [], "next": None}


def lengths(items: list[bytes]) -> list[int]:
    return [len(some) for some in Slices(b'{"listed":[' + b",".join(items) + b"]}", "listed")]


def test_objects_are_read_together_some_tens_of_thousands_of_characters_at_a_time() -> None:
    assert lengths([b"{}"] * 20_000) == [32 * 1024 // 3 + 1, 20_000 - 32 * 1024 // 3 - 1]


def test_once_objects_could_not_be_read_together_they_are_read_one_by_one() -> None:
    looks_like_ends = b'{"a":"' + b"},{" * 11_000 + b'"}'
    assert lengths([b"{}"] * 10 + [looks_like_ends] + [b"{}"] * 600) == [256, 256, 99]


@pytest.mark.parametrize(
    ("item", "looks"), [(b"{}", 0), (b'{"a":1,"b":"x"}', 0), (b'{"a":"12:30"}', 3), (b'{"a":{"b":1}}', 3)]
)
def test_the_keys_of_each_object_are_looked_at_only_where_colons_do_not_prove_them(
    monkeypatch: pytest.MonkeyPatch, item: bytes, looks: int
) -> None:
    read_with_a_look = list[str]()

    def look(text: str) -> Any:
        read_with_a_look.append(text)
        return _protocol.DECODER.decode(text)

    monkeypatch.setattr(_slices, "_LIST", look)
    assert len(lengths([item] * (2 * 32 * 1024 // (len(item) + 1) + 9))) == 3
    assert len(read_with_a_look) == looks


DEEP = b'{"a":' * 8 + b"{}" + b"}" * 8


@pytest.mark.parametrize("item", [b"{}", b'{"a":{"b":1}}', b'{"a":"},{","b":[{},{}]}', DEEP])
def test_a_slice_has_at_most_256_objects_or_32_kibi_characters(item: bytes) -> None:
    found = lengths([item] * 20_000)
    assert sum(found) == 20_000
    assert max(found) <= max(256, 32 * 1024 // len(item) + 1)


def listing(**changes: Any) -> dict[str, Any]:
    """Returns the answer of a long list."""
    items = [{"name": f"i{number}", "type": "replica", "hostname": "x" * 1000} for number in range(300)]
    return {"instances": items, "pagination": {"next": "here"}, **changes}


def name(instance: Instance) -> str:
    return instance.name


IN_SLICES = _decode.page_of(Instance, "instances", name, of="database")
WHOLE = _decode.page(Instance, "instances", of="database")
NAMES = ("org", "db")


@pytest.mark.parametrize(
    "data",
    [
        listing(),
        listing(pagination=None),
        {"pagination": {"next": "here"}, **listing()},
        {"Instances": listing()["instances"]},
        listing(errors=[]),
        listing(database="db"),
        {"instances": [], "filling": "x" * 300_000},
        {"instances": None, "filling": "x" * 300_000},
    ],
)
def test_a_page_is_the_same_in_slices_and_as_a_whole(data: dict[str, Any]) -> None:
    body = json.dumps(data).encode()
    assert len(body) > _protocol.LARGE
    found, whole = IN_SLICES(body, NAMES), WHOLE(body, NAMES)
    assert found.items == [item.name for item in whole.items]
    assert found.pagination == whole.pagination


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(listing(error="no")).encode(),
        json.dumps(listing(Instances=[])).encode(),
        json.dumps(listing(errors=["no"])).encode(),
        json.dumps(listing(pagination={"next": {}})).encode(),
        json.dumps(listing(pagination=7)).encode(),
        json.dumps(listing(instances=[*listing()["instances"], {"name": ""}])).encode(),
        json.dumps(listing(instances=[*listing()["instances"], {"name": 7}])).encode(),
        json.dumps(listing(instances=[*listing()["instances"], {"name": "a", "type": 7}])).encode(),
        json.dumps(listing(instances=[*listing()["instances"], None])).encode(),
        json.dumps(listing(instances=[{}, *listing()["instances"]])).encode()[:-1],
        json.dumps(listing()).encode()[:-1],
        json.dumps(listing()).encode() + b"{}",
        json.dumps(listing()).encode() + b"\xff",
        json.dumps({"found": listing()}).encode(),
        json.dumps(listing(database="other")).encode(),
        json.dumps(listing()).replace('"type":', '"type": "primary", "type":').encode(),
    ],
    ids=range(16),
)
def test_an_error_is_the_same_in_slices_and_as_a_whole(body: bytes) -> None:
    assert len(body) > _protocol.LARGE
    with pytest.raises(DecodeError) as whole:
        WHOLE(body, NAMES)
    with pytest.raises(DecodeError) as caught:
        IN_SLICES(body, NAMES)
    assert str(caught.value) == str(whole.value)
    assert caught.value.__context__ is None


def test_what_is_not_kept_of_a_long_list_is_never_in_memory_at_once() -> None:
    body = json.dumps(listing(instances=listing()["instances"] * 30)).encode()
    tracemalloc.start()
    try:
        kept = IN_SLICES(body, NAMES).items
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(kept) == 9000
    assert most - held < len(body) / 5


def test_an_answer_is_not_shown_by_the_repr_of_its_slices() -> None:
    assert "secret" not in repr(Slices(b'{"listed":[{"a":"secret"}]}', "listed"))
