"""What callers give, checked before any I/O."""

from __future__ import annotations

import base64
import copy
import enum
import json
import pickle
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from aioturso import UNSET, Encryption, InvalidInputError, InvalidNameError, Seed, TursoError, _sqlite
from aioturso import _bodies as inputs
from aioturso._protocol import dump_json, query


def test_unset_is_one_thing() -> None:
    """`UNSET` stays itself when copied and pickled, is false, and has its name as its repr."""
    assert copy.deepcopy(UNSET) is UNSET and pickle.loads(pickle.dumps(UNSET)) is UNSET
    assert not UNSET and repr(UNSET) == "UNSET"


class Role(str, enum.Enum):  # noqa: UP042 - a StrEnum gives its text by itself, this one does not
    ADMIN = "admin"


def test_an_enums_member_is_sent_as_its_text() -> None:
    """Whoever has the platform's words in an enum may give its members."""
    assert query({"type": Role.ADMIN, "page": 1}) == {"type": "admin", "page": "1"}
    assert dump_json({"role": Role.ADMIN}) == b'{"role": "admin"}'


def test_a_key_is_not_shown() -> None:
    """Neither by the input itself, nor as a dictionary, a copy or a pickle of it; it is sent all the same."""
    key = base64.b64encode(bytes(16)).decode()
    given = Encryption(key=key, cipher="aegis128l")
    for one in (given, copy.deepcopy(given), pickle.loads(pickle.dumps(given))):
        assert key not in repr(one) + str(one) + repr(attrs.asdict(one))
        assert (
            json.loads(dump_json(one.body()))["encryption_key"]
            == one.headers()["x-turso-encryption-key"]
            == key
        )


def test_leave_and_clear_are_two_things() -> None:
    """What is left out is not sent; None clears a list, and is refused where nothing can be cleared."""
    assert inputs.changed(a=UNSET, b=[], c=False) == {"b": [], "c": False}
    assert inputs.listed(None, "ips") == [] and inputs.listed(UNSET, "ips") is UNSET
    assert inputs.listed(("a",), "ips") == ["a"]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: inputs.changed(a=UNSET, b=UNSET), "nothing to change: give one of a, b"),
        (lambda: inputs.changed(a=True, b=None), "b cannot be cleared"),
        (lambda: inputs.listed("10.0.0.1", "allowed_ips"), "allowed_ips must be a list"),
        (lambda: inputs.size(True), "size"),
        (lambda: inputs.size(-1), "size"),
        (lambda: inputs.extensions("vector"), "'all' or a list"),
        (lambda: inputs.exactly_one(email="a", username="b"), "exactly one of email or username"),
        (lambda: inputs.exactly_one(email=None, username=None), "exactly one of email or username"),
        (lambda: inputs.token_limits(None, "g", ["read"]), "needs the group's organization"),
        (lambda: inputs.token_limits("o", "g", None), "at least one scope"),
        (lambda: inputs.token_limits("o", "g", []), "at least one scope"),
        (lambda: inputs.token_limits("o", None, ["read"]), "scopes need a group"),
        (lambda: inputs.token_limits("o", "g", "read"), "not one text"),
        (lambda: inputs.token_query(timedelta(seconds=90), None), "whole minutes"),
        (lambda: inputs.token_query(timedelta(0), None), "whole minutes"),
        (lambda: inputs.permissions("db"), "not one text"),
        (lambda: inputs.period(datetime(2026, 1, 1), None), "time zone"),
        (
            lambda: inputs.period(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
            "ends before it begins",
        ),
        (lambda: inputs.page_size(0), "at least 1"),
        (lambda: Seed(type="database"), "needs the name"),
        (lambda: Seed.copy_of(""), "needs the name"),
        (lambda: Seed(type="database_upload", name="db"), "neither a name nor a time"),
        (lambda: Seed.copy_of("db", at=datetime(2026, 1, 1)), "time zone"),
        (lambda: Encryption(key="not base64!", cipher="aes256gcm"), "must be base64"),
        (lambda: Encryption(key="QUFB", cipher="aes256gcm"), "has 32 bytes"),
        (lambda: Encryption(key=base64.b64encode(bytes(32)).decode(), cipher="aegis128x4"), "has 16 bytes"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(call: Any, reason: str) -> None:
    """The reason is in the message, and the error is a ValueError and one of ours."""
    with pytest.raises(InvalidInputError, match=reason) as caught:
        call()
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, TursoError)
    assert "not base64!" not in repr(caught.value) and caught.value.__context__ is None


@pytest.mark.parametrize("name", ["", "Db", "a_b", "a b", "a.b", "ä", "a" * 65, "a\n"])
def test_a_new_database_has_a_name_of_at_most_64_lowercase_letters_digits_and_dashes(name: str) -> None:
    with pytest.raises(InvalidNameError):
        inputs.database_body(name, "g", None, None, None)
    assert inputs.database_name("a-1" + "b" * 61)


def test_what_is_not_given_is_not_in_the_body() -> None:
    assert inputs.database_body("db", "g", None, None, None) == {"name": "db", "group": "g"}
    assert inputs.database_body("db", "g", Seed.upload(), "1gb", None) == {
        "name": "db",
        "group": "g",
        "seed": {"type": "database_upload"},
        "size_limit": "1gb",
    }
    assert Seed.copy_of("old", at="2026-01-01T00:00:00Z").body() == {
        "type": "database",
        "name": "old",
        "timestamp": "2026-01-01T00:00:00Z",
    }
    assert inputs.token_limits(None, None, None) == {}
    assert inputs.token_limits("o", None, None) == {"organization": "o"}
    assert inputs.permissions(None) == {} and inputs.extensions("all") == "all"
    assert inputs.token_query("never", None) == {"expiration": "never", "authorization": None}
    assert inputs.token_query(timedelta(weeks=2), None)["expiration"] == "20160m"


def test_an_encryption_key_is_in_no_repr() -> None:
    """The key is sent, and not shown."""
    key = base64.b64encode(bytes(32)).decode()
    encryption = Encryption(key=key, cipher="aes256gcm")
    assert key not in repr(encryption) and encryption.body()["encryption_key"] == key
    assert Encryption(key="QUFB", cipher="a-new-one").headers()["x-turso-encryption-cipher"] == "a-new-one"


def database(path: Path, *pragmas: str) -> tuple[bytes, int]:
    connection = sqlite3.connect(path)
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    connection.close()
    return path.read_bytes()[:100], path.stat().st_size


def test_a_wal_database_of_sqlites_own_making_is_accepted(tmp_path: Path) -> None:
    _sqlite.check(*database(tmp_path / "fit.db", "journal_mode=WAL"))


@pytest.mark.parametrize(
    ("pragmas", "reason"),
    [
        ([], "not in WAL mode"),
        (["page_size=8192", "journal_mode=WAL"], "page size is 8192"),
        (["page_size=65536", "journal_mode=WAL"], "page size is 65536"),
        (["auto_vacuum=FULL", "journal_mode=WAL"], "auto_vacuum must be off"),
        (["auto_vacuum=INCREMENTAL", "journal_mode=WAL"], "auto_vacuum must be off"),
        (["encoding='UTF-16le'", "journal_mode=WAL"], "must be UTF-8"),
    ],
)
def test_a_file_that_the_platform_would_refuse_is_refused_with_the_reason(
    pragmas: list[str], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        _sqlite.check(*database(tmp_path / "unfit.db", *pragmas))


def test_an_empty_a_short_and_another_file_are_no_database() -> None:
    for header in (b"", b"SQLite format 3\x00", b"x" * 100):
        with pytest.raises(InvalidInputError, match="not a SQLite database"):
            _sqlite.check(header, len(header))


@pytest.mark.parametrize(
    ("cipher", "reserved"), [("aes256gcm", 28), ("aegis128l", 32), ("aegis256x4", 48), (None, 5), ("new", 5)]
)
def test_a_file_must_have_the_room_of_its_cipher_in_every_page(
    cipher: str | None, reserved: int, tmp_path: Path
) -> None:
    """A cipher needs its room in every page; of a cipher that is not known, nothing is known."""
    header, size = database(tmp_path / "db.db", "journal_mode=WAL")
    _sqlite.check(header[:20] + bytes([reserved]) + header[21:], size, cipher)
    if reserved != 5:
        with pytest.raises(InvalidInputError, match=f"needs {reserved} reserved bytes"):
            _sqlite.check(header, size, cipher)


def test_a_file_that_ends_within_a_page_is_refused(tmp_path: Path) -> None:
    header, size = database(tmp_path / "db.db", "journal_mode=WAL")
    with pytest.raises(InvalidInputError, match="whole page"):
        _sqlite.check(header, size - 1)
