import pickle
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

import aioturso
from aioturso import Instance, InvalidNameError, TursoClient, _decode, _protocol, errors
from aioturso._operation import Operation

INSTANCES = _decode.many(Instance, "instances")
DESTROYED = _decode.removed("instance")
NOW = 1_000_000_000.0


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "a/b", "a\\b", "%2e%2e", "%252e.", "a\nb", "x/../..", " a"]
)
def test_c01_c02_names_that_are_not_one_segment_are_refused(name: str) -> None:
    with pytest.raises(InvalidNameError, match="instance"):
        _protocol.check_segment(name, "instance")


@pytest.mark.parametrize("name", [None, 1, b"x"])
def test_c02_a_name_that_is_not_text_is_a_type_error(name: object) -> None:
    with pytest.raises(TypeError):
        _protocol.check_segment(name, "instance")


@given(st.text())
def test_no_name_reaches_any_path_but_its_own(name: str) -> None:
    operation = Operation("x", "DELETE", "/instances/{instance}", _decode.nothing)
    try:
        url = _protocol.build_url(URL("https://api.turso.tech"), operation, (name,))
    except InvalidNameError:
        return
    assert url.raw_path.count("/") == 2
    assert url.raw_path.startswith("/instances/")
    assert unquote(url.raw_path.split("/")[2]) == name
    assert not url.query_string
    assert not url.fragment


def test_a_retry_after_date_counts_from_the_answers_own_date() -> None:
    values, date = ["Sun, 09 Sep 2001 01:46:42 GMT"], "Sun, 09 Sep 2001 01:46:39 GMT"
    assert _protocol.parse_retry_after(values, date, now=0.0) == 3.0


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        (["120"], 120.0),
        (["1.5"], 1.5),
        (["0"], 0.0),
        (["5", "9"], 9.0),
        (["5, 9"], 9.0),
        (["Sun, 09 Sep 2001 01:46:42 GMT"], 2.0),
        (["Sun, 09 Sep 2001 01:46:42"], 2.0),
        (["Sun, 09 Sep 2000 01:46:42 GMT"], 0.0),
        (["9" * 400], float("inf")),
        *[([junk], None) for junk in ("-5", "120junk", "", "nan", "inf", "1_000", "\uff11\uff12")],
    ],
)
def test_c26_c27_retry_after(values: list[str], seconds: float | None) -> None:
    assert _protocol.parse_retry_after(values, "", NOW) == seconds


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b'{"error":"x"}', "x", None),
        (b'{"error":{"message":"x","code":"y"}}', "x", "y"),
        (b'{"error":null,"code":"feature"}', "feature", "feature"),
        (b'{"errors":["a","b"]}', "a; b", None),
        (b'{"message":"x"}', "x", None),
        (b"[]", "[]", None),
        (b'"x"', "x", None),
        (b"", "no message", None),
        (b"<p>\x00" + b"y" * 40_000, "<p> " + "y" * 296, None),
    ],
)
def test_c30_c43_error_bodies_give_a_readable_message(body: bytes, message: str, code: str | None) -> None:
    error = _protocol.error_from(400, body, None, "op", "secret")
    assert (error.message, error.code) == (message, code)


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
def test_c12_c13_only_a_json_error_that_names_a_resource_speaks_of_one(
    body: bytes, resource: str | None
) -> None:
    error = _protocol.error_from(404, body, None, "op", "secret")
    assert isinstance(error, errors.NotFoundError)
    assert error.resource == resource


def test_c17_both_forms_of_already_exists_are_a_conflict() -> None:
    for status in (400, 409):
        error = _protocol.error_from(
            status, b'{"error":"database with same name already exists"}', None, "op", "s"
        )
        assert isinstance(error, errors.ConflictError)
        assert error.status == status


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"{}", "$.instances"),
        (b"[]", "$"),
        (b'{"instances":{}}', "$.instances"),
        (b'{"instances":[null]}', "$.instances[0]"),
        (b'{"instances":[{"name":"a"},{"name":null}]}', "$.instances[1].name"),
        (b'"ok"', "$"),
        (b"[" * 100_000, "$"),
        (b"\xff\xfe\xfa", "$"),
    ],
)
def test_c42_a_malformed_list_is_never_empty(body: bytes, where: str) -> None:
    with pytest.raises(errors.DecodeError) as caught:
        INSTANCES(body, ())
    assert caught.value.where == where


def test_c42_c44_null_lists_boms_extra_and_oddly_cased_keys_are_fine() -> None:
    assert INSTANCES(b'\xef\xbb\xbf{"instances":null}', ()) == []
    (instance,) = INSTANCES(b'{"Instances":[{"Name":"a","TYPE":"odd","extra":1}]}', ())
    assert (instance.name, instance.type, instance.region) == ("a", "odd", None)


@pytest.mark.parametrize("body", [b"", b"\n", b"{}", b'{"instance":null}', b'{"instance":"a"}', b"null"])
def test_c38_an_empty_or_unnamed_success_is_one(body: bytes) -> None:
    assert DESTROYED(body, ("db", "a")) == "a"


@pytest.mark.parametrize("body", [b'{"instance":"b"}', b'{"INSTANCE":"b"}', b"<p>", b"[]", b'{"error":"x"}'])
def test_c38_an_answer_that_names_another_instance_or_is_no_success_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(errors.DecodeError):
        DESTROYED(body, ("db", "a"))


def test_every_public_error_has_the_root_and_survives_pickling() -> None:
    for name in aioturso.__all__:
        cls = getattr(aioturso, name)
        if isinstance(cls, type) and issubclass(cls, BaseException):
            assert issubclass(cls, errors.TursoError)
            args = ("said", [ValueError("x")]) if cls is errors.TeardownError else ("said",)
            error = cls(*args)
            error.attempts, error.maybe_applied = 3, True
            copy = pickle.loads(pickle.dumps(error))
            assert (type(copy), str(copy), copy.attempts, copy.maybe_applied) == (cls, str(error), 3, True)


@pytest.mark.parametrize("token", ["", "  ", "a b", "a\nb", "caf\u00e9"])
def test_an_unusable_token_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        TursoClient(token)
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://example.com", "ftp://localhost", "nonsense", "https://u:p@h", "https://h?x=1"]
)
def test_an_unusable_base_url_is_refused(url: str) -> None:
    with pytest.raises(errors.ConfigurationError):
        TursoClient("t", base_url=url)


def test_c63_the_repr_shows_no_token() -> None:
    client = TursoClient("sekrit", organization="org")
    assert repr(client) == "<TursoClient organization='org' host='api.turso.tech' pool=0/64 in flight>"
