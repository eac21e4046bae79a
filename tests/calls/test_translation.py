"""The error of this library for each of aiohttp's: what was not sent, and what has an outcome that is not known."""

from __future__ import annotations

import ssl
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

from aioturso import (
    ClientClosedError,
    NotSentError,
    OutcomeUnknownError,
    ProtocolError,
    RequestTimeoutError,
    Timeout,
    _transport,
)
from aioturso._account import Account
from aioturso._middleware import Lost, Send
from aioturso._operation import Request as Call
from aioturso.api.instances import DESTROY

KEY = ConnectionKey("h", 443, True, True, None, None, None)
CERTIFICATE = aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError("untrusted"))
CONNECT = aiohttp.ClientConnectorError(KEY, OSError(111, "refused"))
SSL = aiohttp.ClientConnectorSSLError(KEY, OSError(1, "bad"))


def malformed(message: str) -> aiohttp.ClientResponseError:
    """The error for an answer that aiohttp cannot read, which quotes from it."""
    return aiohttp.ClientResponseError(SimpleNamespace(real_url=URL("https://h/x")), (), message=message)  # type: ignore[arg-type]


def translated(error: Exception, *, seen: bool, sent: bool, closed: bool = False) -> Any:
    request = Call(DESTROY, ("org", "db", "i"), URL("https://h/x"), Timeout())
    account = Account()
    found = _transport._translated(error, Send("secret-token", account, seen, sent), request, 1.5, closed)
    assert (found.operation, found.organization, found.target, found.host) == (
        "destroy instance",
        "org",
        "db/i",
        "h",
    )
    start = "destroy instance db/i (organization org): "
    assert str(found).startswith(start) and found.__cause__ is None
    return type(found), str(found).removeprefix(start), getattr(found, "final", None), account.attempts


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (CERTIFICATE, True),
        (SSL, True),
        (CONNECT, False),
        (aiohttp.ConnectionTimeoutError("x"), False),
        (OSError("x"), False),
    ],
    ids=repr,
)
def test_what_was_not_sent_is_not_sent_and_final_where_nothing_can_help(
    error: Exception, final: bool
) -> None:
    kind, text, known, attempts = translated(error, seen=True, sent=False)
    assert (kind, known, attempts) == (NotSentError, final, 0)
    assert text.startswith(f"not sent ({type(error).__name__}: ")
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        assert translated(error, seen=False, sent=False)[0] is NotSentError


@pytest.mark.parametrize("wordless", [TimeoutError(), TimeoutError("")], ids=repr)
def test_a_time_that_ends_while_it_connects_is_named(wordless: Exception) -> None:
    text = "not sent (no connection within 1.5 s)"
    assert translated(wordless, seen=True, sent=False) == (NotSentError, text, False, 0)


def test_another_error_without_words_is_no_end_of_a_time() -> None:
    for sent in (False, True):
        text = translated(OSError(), seen=True, sent=sent)[1]
        assert "OSError" in text and "within" not in text


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (TimeoutError(), RequestTimeoutError, "no answer within 1.5 s"),
        (_transport._TooLarge(), ProtocolError, f"the answer is larger than {_transport.MAX_BODY} bytes"),
        (
            _transport._Cut(),
            ProtocolError,
            "the answer could not be read: it is empty, and may have been cut",
        ),
        (ValueError("x"), ProtocolError, "the answer could not be read (ValueError)"),
        (
            aiohttp.ClientPayloadError("cut, at secret-token"),
            ProtocolError,
            "the answer could not be read (ClientPayloadError: cut, at [token])",
        ),
        (
            aiohttp.ClientPayloadError("<ContentLengthError: message='19 of 50 bytes'>"),
            ProtocolError,
            "the answer could not be read (ClientPayloadError: <ContentLengthError: message='19 of 50 bytes'>)",
        ),
        (
            malformed("Bad status line 's3cret'"),
            ProtocolError,
            "the answer could not be read (ClientResponseError: Bad status line)",
        ),
        (
            malformed('Bad status line:\n  Invalid version:\n\n  b\'HTTP/1.2 {"jwt": "s3cret"}\'\n     ^'),
            ProtocolError,
            "the answer could not be read (ClientResponseError: Bad status line: Invalid version)",
        ),
        (
            malformed('Got more than 8190 bytes when reading: b"a\'s3cret...".'),
            ProtocolError,
            "the answer could not be read (ClientResponseError: Got more than 8190 bytes when reading)",
        ),
        (
            malformed("Can't decode brotli (br)"),
            ProtocolError,
            "the answer could not be read (ClientResponseError: Can't decode brotli (br))",
        ),
        (Lost("the connection was lost (X)"), OutcomeUnknownError, "the connection was lost (X)"),
        (OSError("at secret-token"), OutcomeUnknownError, "OSError: at [token]"),
    ],
    ids=repr,
)
def test_what_was_sent_has_an_outcome_that_is_not_known(error: Exception, kind: type, text: str) -> None:
    assert translated(error, seen=True, sent=True)[:2] == (kind, text)
    assert translated(error, seen=True, sent=True)[3] == 0  # the middleware has counted it
    assert translated(error, seen=False, sent=False) == (kind, text, None, 1)


def test_a_closed_session_has_sent_nothing_unless_it_has() -> None:
    lent = (ClientClosedError, "the session lent to the client is closed", None, 0)
    assert translated(RuntimeError("closed"), seen=True, sent=False, closed=True) == lent
    assert translated(RuntimeError("x"), seen=True, sent=True, closed=True)[0] is OutcomeUnknownError
