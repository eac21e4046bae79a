"""What a call makes of addresses, tokens, names, values and texts, before and after anything is sent."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from urllib.parse import quote

import pytest
from yarl import URL

from aioturso import ConfigurationError, DecodeError, InvalidInputError, InvalidNameError, _protocol, _upload
from aioturso.api.instances import DESTROY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https:",
        "https:///v1",
        "//h",
        "ftp://h",
        "https://u@h",
        "https://:p@h",
        "https://h?x=1",
        "https://h#f",
        "https://[",
    ],
)
def test_a_base_url_has_a_scheme_and_a_host_and_nothing_that_could_carry_more(text: str) -> None:
    with pytest.raises(ConfigurationError, match="without user, query or fragment"):
        _protocol.check_base_url(text)


def test_a_base_url_that_is_no_text_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        _protocol.check_base_url(1)  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("host", ["example.com", "10.0.0.1", "localhost.example.com", "[::2]"])
def test_plain_http_is_refused_for_any_other_machine(host: str) -> None:
    with pytest.raises(ConfigurationError, match="loopback hosts only"):
        _protocol.check_base_url(f"http://{host}")
    assert _protocol.check_base_url(f"https://{host}/v1") == URL(f"https://{host}/v1")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_plain_http_is_accepted_for_this_machine(host: str) -> None:
    assert _protocol.check_base_url(f"http://{host}:8080") == URL(f"http://{host}:8080")


@pytest.mark.parametrize(
    ("hostname", "api", "url"),
    [
        ("db-org.turso.io", "https://api.turso.tech", "https://db-org.turso.io"),
        ("127.0.0.1:9", "http://127.0.0.1:8", "http://127.0.0.1:9"),
        ("db-org.turso.io", "http://127.0.0.1:8", "https://db-org.turso.io"),
        ("127.0.0.1:9", "https://api.turso.tech", "https://127.0.0.1:9"),
    ],
)
def test_a_database_is_at_https_unless_it_and_its_platform_are_on_this_machine(
    hostname: str, api: str, url: str
) -> None:
    assert _upload._url(hostname, URL(api)) == url


def test_a_token_loses_outer_whitespace_and_shows_itself_to_str_alone() -> None:
    token = _protocol.check_token(" \tt!~\n")
    assert (str(token), token == "t!~", "t!~" in repr(token)) == ("t!~", True, False)


@pytest.mark.parametrize("token", ["", " ", "a b", "a\x7fb", "a\x1fb", "\u00e9"])
def test_a_token_is_one_header_value(token: str) -> None:
    with pytest.raises(ConfigurationError, match="printable ASCII without inner whitespace"):
        _protocol.check_token(token)


def test_a_token_is_text() -> None:
    with pytest.raises(ConfigurationError, match="the token must be text"):
        _protocol.check_token(b"t")


def test_only_text_is_hidden() -> None:
    assert (repr(_protocol.hidden("secret")) == repr("secret"), _protocol.hidden(5)) == (False, 5)


@pytest.mark.parametrize("name", ["", " a", "a ", "a.", ".", "a/b", "a%20b", "a;b", "\uff0f", "x" * 90 + "?"])
def test_a_name_that_is_refused_is_shown_in_part(name: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        _protocol.check_segment(name, "database")
    assert str(caught.value) == f"database must be exactly one path segment, not {name[:80]!r}"


@pytest.mark.parametrize(
    "name", ["a", "X", "Xx X", "a.b", ".a", "a b", "a-_~+@!$&'()*,=:9", "\u00e9", "\u6771"]
)
def test_a_name_of_letters_digits_and_harmless_marks_stays_as_it_is(name: str) -> None:
    assert _protocol.check_segment(name, "database") == name


class Odd(str):
    """A text whose own methods answer something else."""

    def __str__(self) -> str:
        return "other"


def test_a_name_of_a_subclass_of_text_becomes_the_text_that_it_holds() -> None:
    found = _protocol.check_segment(Odd("name"), "database")
    assert (type(found), found) == (str, "name")
    for names in (("org", Odd("db"), "i"), (Odd("org"), Odd("db"), Odd("i"))):
        url = _protocol.build_url(URL("https://h"), DESTROY, names)
        assert url.raw_path == "/v1/organizations/org/databases/db/instances/i"


def test_names_that_all_need_encoding_are_encoded() -> None:
    url = _protocol.build_url(URL("https://h"), DESTROY, ("a b", "c@", "=d"))
    assert url.raw_path == "/v1/organizations/a%20b/databases/c%40/instances/%3Dd"


@pytest.mark.parametrize("base", ["https://h", "https://h/", "https://h/proxyX", "https://h/proxy//"])
def test_the_names_follow_the_path_of_the_base_url(base: str) -> None:
    url = _protocol.build_url(URL(base), DESTROY, ("org", "a b", "e\u00e9"))
    path = "/v1/organizations/org/databases/a%20b/instances/e%C3%A9"
    assert str(url) == base.rstrip("/") + path


@pytest.mark.parametrize(
    ("names", "label"), [(("o/", "d", "i"), "organization"), (("o", "d", ""), "instance")]
)
def test_the_refusal_of_a_name_has_its_label(names: tuple[str, ...], label: str) -> None:
    with pytest.raises(InvalidNameError, match=f"^{label} must be exactly one path segment"):
        _protocol.build_url(URL("https://h"), DESTROY, names)


@pytest.mark.parametrize("names", [("o", "d"), ("o", "d", "i", "more")])
@pytest.mark.parametrize("last", ["x", "x y"], ids=["plain", "encoded"])
def test_another_count_of_names_than_the_path_has_is_refused(names: tuple[str, ...], last: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        _protocol.build_url(URL("https://h"), DESTROY, (*names[:-1], last))


def test_a_text_of_a_server_is_one_bounded_line() -> None:
    assert _protocol.clean("a\r\n\tb\x00c\u2028 d ") == "a b c d"
    assert _protocol.clean("x" * 301) == "x" * 300
    assert _protocol.clean(" " * 1999 + "yz") == "y"


def test_a_text_of_a_server_has_no_credentials() -> None:
    assert _protocol.clean("at http://user:pass@proxy:80/ and //x@y") == "at http://proxy:80/ and //y"
    assert _protocol.clean("mail a@b, see //h/x@y and // a@b") == "mail a@b, see //h/x@y and // a@b"


def test_a_secret_is_hidden_in_each_spelling() -> None:
    secret = "s/c?"
    basic = b64encode(secret.encode()).decode()
    text = f"{secret} {quote(secret, safe='')} {basic} s.c?"
    assert _protocol.hide(text, secret) == "[token] [token] [token]== s.c?"
    assert _protocol.clean(text, secret) == "[token] [token] [token]== s.c?"


def test_of_a_secret_in_base64_no_letter_is_left() -> None:
    basic = b64encode(b"sekriW").decode()
    assert basic.endswith("X")
    assert _protocol.hide(f"Basic {basic}", "sekriW") == "Basic [token]"


def test_less_than_four_characters_are_no_secret() -> None:
    assert _protocol.hide("abc abcd", "abc") == "abc abcd"
    assert _protocol.clean("a b") == "a b"


@pytest.mark.parametrize(
    "body", [b'{"a":[1,null]}', b'\xef\xbb\xbf{"a":[1,null]}', b' \t\r\n{"a":[1,null]}\r\n\t ']
)
def test_json_is_read_with_a_mark_or_whitespace_around_it(body: bytes) -> None:
    assert _protocol.parse_json(body) == {"a": [1, None]}


def test_a_large_answer_is_read_as_a_small_one_is() -> None:
    data = [{"a": {"b": "x" * 1000}}] * 300
    body = json.dumps(data).encode()
    assert len(body) > _protocol.LARGE
    assert _protocol.parse_json(body) == data


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "JSONDecodeError"),
        (b"{} {}", "more than one value"),
        (b"{}X", "more than one value"),
        (b"X{}", "JSONDecodeError"),
        (b"\xff", "UnicodeDecodeError"),
        (b"[" * 100_000, "RecursionError"),
        (b"1" * 5000, "ValueError"),
        (b"\xa0{}", "UnicodeDecodeError"),
        ("\u00a0{}".encode(), "JSONDecodeError"),
    ],
)
def test_what_is_no_json_is_a_decode_error_with_its_kind(body: bytes, kind: str) -> None:
    with pytest.raises(DecodeError) as caught:
        _protocol.parse_json(body)
    assert str(caught.value).startswith(f"the answer is not valid JSON ({kind})")
    assert caught.value.__cause__ is None


def test_what_is_none_is_left_out_and_nothing_else() -> None:
    assert _protocol.present(a=None, b=0, c="", d=False) == {"b": 0, "c": "", "d": False}
    assert _protocol.query({"a": None, "b": 0, "c": "", "d": False}) == {"b": "0", "c": "", "d": "false"}


class Color(StrEnum):
    """An enum whose members are texts."""

    RED = "red"


def test_values_of_a_query_are_plain_text() -> None:
    east = datetime(2024, 5, 6, 7, 8, 9, 5000, tzinfo=timezone(timedelta(hours=2)))
    found = _protocol.query({"a": True, "b": 7, "c": Color.RED, "d": "x", "e": east, "f": False})
    assert found == {
        "a": "true",
        "b": "7",
        "c": "red",
        "d": "x",
        "e": "2024-05-06T05:08:09.005000Z",
        "f": "false",
    }
    assert [type(value) for value in found.values()] == [str] * 6


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="a time must have a time zone"):
        _protocol.query({"a": datetime(2024, 1, 1)})


def test_a_value_of_no_known_kind_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="cannot send float"):
        _protocol.query({"a": 1.5})  # type: ignore[dict-item]  # on purpose
    with pytest.raises(TypeError, match="cannot send object"):
        _protocol.dump_json({"a": object()})


def test_a_body_is_json_with_times_as_text() -> None:
    assert _protocol.dump_json({"a": datetime(2024, 1, 1, tzinfo=UTC)}) == b'{"a": "2024-01-01T00:00:00Z"}'
    for number in (float("nan"), float("inf")):
        with pytest.raises(InvalidInputError, match="must be finite"):
            _protocol.dump_json({"a": number})
