"""Pure: names to a URL, an answer to an error or a result, and Retry-After to seconds. Without a network."""

import time
from collections.abc import Iterator

import pytest
from refused import refused

from aioturso import Instance, TursoClient, _decode, _protocol, _refusals, _removals, errors

INSTANCES = _decode.many(Instance, "instances")
DESTROYED = _removals.removed("instance")
NOW = 1_000_000_000.0


def test_a_retry_after_date_counts_from_the_answers_own_date() -> None:
    values, date = ["Sun, 09 Sep 2001 01:46:42 GMT"], "Sun, 09 Sep 2001 01:46:39 GMT"
    assert _refusals.parse_retry_after(values, date, now=0.0) == 3.0


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
        (["1, Sun, 09 Sep 2001 01:46:42 GMT"], 2.0),
        (["Sun, 09 Sep 2001 01:46:42 GMT, 3"], 3.0),
        (["Sun, 09 Sep 2001 01:46:42 GMT, Sunday, 09-Sep-01 01:46:44 GMT,"], 4.0),
        (["Sun Sep  9 01:46:42 2001"], 2.0),
        (["Sun, 09 Sep 2001 03:46:42 +0200"], 2.0),
        ([",5,"], 5.0),
        *[([junk], None) for junk in ("-5", "120junk", "", "nan", "inf", "1_000", "\uff11\uff12")],
    ],
)
def test_the_longest_wait_of_retry_after_counts_and_what_is_none_is_ignored(
    values: list[str], seconds: float | None
) -> None:
    assert _refusals.parse_retry_after(values, "", NOW) == seconds


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock of this machine is nine hours ahead of GMT."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_a_date_without_a_zone_is_in_gmt_wherever_this_machine_is() -> None:
    assert _refusals.parse_retry_after(["Sun, 09 Sep 2001 01:46:42"], "", NOW) == 2.0


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b'{"error":"x"}', "x", None),
        (b'{"error":{"message":"x","code":"y"}}', "x", "y"),
        (b'{"error":null,"code":"feature"}', "feature", "feature"),
        (b'{"errors":["a","b"]}', "a; b", None),
        (b'{"errors":["a","b","c","d","e","f"]}', "a; b; c; d; e", None),
        (b'{"message":"x"}', "x", None),
        (b"[]", "[]", None),
        (b'"x"', "x", None),
        (b"", "no message", None),
        (b"<p>\x00" + b"y" * 40_000, "<p> " + "y" * 296, None),
    ],
)
def test_error_bodies_give_a_readable_message(body: bytes, message: str, code: str | None) -> None:
    error = refused(400, body)
    assert (error.message, error.code) == (message, code)


@pytest.mark.parametrize(("before", "after"), [(b'{"message":', b"}"), (b"[", b"]")])
def test_a_message_is_looked_for_eight_levels_deep(before: bytes, after: bytes) -> None:
    for levels, found in ((8, "x"), (9, (before * 9 + b'"x"' + after * 9).decode())):
        assert refused(400, before * levels + b'"x"' + after * levels).message == found


def test_a_large_error_page_is_not_read_as_json() -> None:
    fields = b'{"error":"x","a":"%s"}'
    large = fields % (b"a" * (_protocol.LARGE - len(fields) + 2))
    assert refused(400, large[:-3] + b'"}').message == "x"
    assert refused(400, large).message == large[:300].decode()


def test_the_platforms_own_key_is_the_message_where_there_are_others() -> None:
    assert refused(400, b'{"message":"b","error":"a"}').message == "a"


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, errors.BadRequestError),
        (401, errors.UnauthorizedError),
        (402, errors.PaymentRequiredError),
        (403, errors.ForbiddenError),
        (404, errors.NotFoundError),
        (405, errors.APIError),
        (409, errors.ConflictError),
        (429, errors.RateLimitedError),
        (499, errors.APIError),
        (500, errors.ServerError),
    ],
)
def test_each_status_has_its_error(status: int, cls: type[errors.APIError]) -> None:
    error = refused(status, b"no")
    assert (type(error), error.status, error.message) == (cls, status, "no")
    assert (error.operation, error.target, error.host) == ("op", "X/I", "host")


@pytest.mark.parametrize("name", ["X-Request-Id", "fly-request-id", "CF-Ray"])
def test_an_error_has_the_id_that_support_can_find_its_request_by(name: str) -> None:
    error = refused(500, b"no", ("Other", "b"), (name, "a"))
    assert isinstance(error, errors.APIError) and error.request_id == "a"


def test_an_error_has_the_wait_that_counts_from_the_answers_date() -> None:
    date, until = ("Date", "Sun, 09 Sep 2001 01:46:39 GMT"), ("Retry-After", "Sun, 09 Sep 2001 01:46:42 GMT")
    error = refused(429, b"no", date, until)
    assert isinstance(error, errors.APIError) and error.retry_after == 3.0
    assert str(error) == "op X/I: 429 no (the server requires a wait of 3 s)"


@pytest.mark.parametrize(
    ("status", "location", "text"),
    [
        (199, "", "is no answer to this request"),
        (200, "", "is a part of an answer"),
        (299, "", "is a part of an answer"),
        (300, "", "is no answer to this request"),
        (302, "/x", "redirect to '/x', not followed"),
    ],
)
def test_what_is_no_whole_answer_is_a_protocol_error(status: int, location: str, text: str) -> None:
    error = refused(status, b"", *([("Location", location)] if location else []))
    assert isinstance(error, errors.ProtocolError)
    assert str(error) == f"op X/I: {status} {text}"
    assert (error.status, error.location, error.operation, error.target) == (status, location, "op", "X/I")


def test_both_forms_of_already_exists_are_a_conflict() -> None:
    for status in (400, 409):
        error = refused(status, b'{"error":"database with same name already exists"}')
        assert isinstance(error, errors.ConflictError)
        assert error.status == status
    assert not isinstance(refused(422, b'{"error":"it already exists"}'), errors.ConflictError)


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
def test_a_malformed_list_is_never_empty(body: bytes, where: str) -> None:
    with pytest.raises(errors.DecodeError) as caught:
        INSTANCES(body, ())
    assert caught.value.where == where


def test_null_lists_boms_extra_and_oddly_cased_keys_are_fine() -> None:
    assert INSTANCES(b'\xef\xbb\xbf{"instances":null}', ()) == []
    (instance,) = INSTANCES(b'{"Instances":[{"Name":"a","TYPE":"odd","extra":1}]}', ())
    assert (instance.name, instance.type, instance.region) == ("a", "odd", None)


@pytest.mark.parametrize("body", [b"", b"\n", b"{}", b'{"instance":null}', b'{"instance":"a"}', b"null"])
def test_an_empty_or_unnamed_success_is_one(body: bytes) -> None:
    assert DESTROYED(body, ("db", "a")) == "a"


@pytest.mark.parametrize("body", [b'{"instance":"b"}', b'{"INSTANCE":"b"}', b"<p>", b"[]", b'{"error":"x"}'])
def test_an_answer_that_names_another_instance_or_is_no_success_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(errors.DecodeError):
        DESTROYED(body, ("db", "a"))


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


def test_the_words_of_an_object_itself_are_data_and_those_beside_it_are_of_the_answer() -> None:
    read = _decode.one(Instance, "instance", bare=True)
    assert read(b'{"name": "a", "status": "failed"}', ()).name == "a"
    with pytest.raises(errors.DecodeError) as caught:
        read(b'{"instance": {"name": "a"}, "status": "failed"}', ())
    assert caught.value.where == "$.status"


@pytest.mark.parametrize("key", ["organization", "database"])
def test_an_owner_that_is_given_twice_is_an_error_with_its_place(key: str) -> None:
    body = f'{{"instances": [], "{key}": "a", "{key.title()}": "b"}}'.encode()
    with pytest.raises(errors.DecodeError) as caught:
        _decode.page(Instance, "instances", of="database")(body, ("a", "a"))
    assert caught.value.where == f"$.{key}"


@pytest.mark.parametrize("name", ["", " ", None, 1, "org", " ORG", "0eb771dd-6906-11ee-8553-eaa7715aeaf2"])
def test_what_names_no_other_organization_is_none(name: object) -> None:
    assert not _decode.is_other(name, "org")
    assert _decode.is_other("other", "org")
