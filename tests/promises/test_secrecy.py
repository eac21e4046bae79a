"""The token is in no error, repr, log line or pickle."""

import asyncio
import base64
import copy
import logging
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import attrs
import pytest
from multidict import CIMultiDict
from raw import RawServer, Step, answer, close, last, reset, send, stall
from refused import DESTROY
from yarl import URL

import aioturso
from aioturso import (
    RetryPolicy,
    TeardownError,
    TeardownPlan,
    Timeout,
    TursoClient,
    TursoError,
    UnauthorizedError,
    _refusals,
    errors,
)
from aioturso._operation import Request
from aioturso.models import Secret
from aioturso.testing import FakeTurso, Fault

TOKEN = "sekrit.jwt+with/odd=characters=="
SECRET = Secret("hidden-key-of-a-body")
FORMS = (TOKEN, quote(TOKEN, safe=""), base64.b64encode(TOKEN.encode()).decode())


def echo(status: int) -> Step:
    """Say the token back, in every form, in a status line, headers and a body."""
    said = " ".join(FORMS)
    headers = (f"Location: https://h/?t={FORMS[1]}&u={TOKEN}", f"X-Said: {said}", f"Retry-After: {TOKEN}")
    return answer(status, {"error": said, "code": TOKEN}, *headers)


STEPS: dict[str, Step] = {
    **{str(status): echo(status) for status in (400, 401, 402, 403, 404, 409, 418, 429, 500, 503)},
    **{f"{status} redirect": echo(status) for status in (301, 307, 304)},
    "html": answer(502, f"<p>{'x ' * 140}{TOKEN}".encode()),
    "nested": answer(400, {"error": {"message": TOKEN, "code": FORMS[2]}, "code": TOKEN}),
    "stall": stall,
    "close": close,
    "reset": reset(),
    "garbage": last(TOKEN.encode() + b"\r\n\r\n"),
    "bad header": last(b"HTTP/1.1 200 OK\r\n" + TOKEN.encode() + b"\r\n\r\n"),
    "cut": last(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + TOKEN.encode()),
    "chunk": send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + TOKEN.encode() + b"\r\n"),
    "not json": answer(200, f"<{TOKEN}>".encode()),
    "another instance": answer(200, {"instance": TOKEN}),
    "error in a success": answer(200, {"error": TOKEN}),
}


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        yield from chain(error.__cause__)
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from chain(member)
        error = error.__context__


def everything(error: TursoError) -> str:
    """All that a log, a crash report or a chat reply could show of an error."""
    texts = [repr(error), str(error), repr(pickle.dumps(error)), "".join(traceback.format_exception(error))]
    for one in chain(error):
        texts += [repr(one), str(one), repr(one.args), repr(vars(one))]
        texts += [repr(copy.deepcopy(one)), repr(vars(copy.copy(one)))]
    return "\n".join(texts)


def below(error: BaseException, package: ModuleType) -> list[str]:
    """The local variables that a crash reporter would record, of the frames of `package`."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    return [repr(f.locals) for f in frames if Path(f.filename).is_relative_to(package.__path__[0])]


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
async def test_no_error_of_a_call_holds_the_token_in_any_form(
    step: Step, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    async with RawServer(then=step) as raw, raw.client(token=TOKEN, retry=None, timeout=0.25) as turso:
        with pytest.raises(TursoError) as caught:
            await turso.destroy_instance("db", "a")
    said = everything(caught.value) + caplog.text
    assert not [form for form in FORMS if form.rstrip("=") in said]


@pytest.mark.parametrize("name", ["400", "401", "500", "stall", "garbage", "301 redirect"])
async def test_no_frame_of_the_traceback_holds_the_token(fast: RetryPolicy, name: str) -> None:
    for retry in (None, fast):
        async with RawServer(then=STEPS[name]) as raw:
            async with raw.client(token=TOKEN, retry=retry, timeout=0.1) as turso:
                with pytest.raises(TursoError) as caught:
                    await turso.destroy_instance("db", "a")
        frames = below(caught.value, aioturso)
        assert frames
        assert not [form for form in FORMS for frame in frames if form.rstrip("=") in frame]


async def test_no_report_of_a_teardown_holds_the_token() -> None:
    listed = [{"name": f"x{n}", "type": "replica", "region": "fra"} for n in range(3)]
    steps = (answer(200, {"instances": listed}), echo(500), echo(400), STEPS["garbage"])
    async with RawServer(*steps) as raw, raw.client(token=TOKEN, retry=None) as turso:
        with pytest.raises(TeardownError) as caught:
            await turso.destroy_by_location("db", "fra", concurrency=1)
    report = caught.value.report
    said = everything(caught.value) + repr(report) + repr(report.to_dict()) + repr(pickle.dumps(report))
    assert not [form for form in FORMS if form.rstrip("=") in said]


async def test_a_token_cut_by_the_messages_bound_leaves_no_part_of_itself() -> None:
    body = b"x" * 290 + TOKEN.encode()
    async with RawServer(answer(400, body)) as raw, raw.client(token=TOKEN) as turso:
        with pytest.raises(errors.BadRequestError) as caught:
            await turso.destroy_instance("db", "a")
    assert TOKEN[:5] not in str(caught.value)


async def test_the_text_of_a_providers_own_error_is_not_shown() -> None:
    async def provider() -> str:
        raise LookupError(f"cannot use {TOKEN}")

    async with RawServer() as raw, raw.client(token=provider) as turso:
        with pytest.raises(errors.NotSentError) as caught:
            await turso.destroy_instance("db", "a")
    assert TOKEN not in everything(caught.value)


async def test_a_providers_token_is_scrubbed_like_a_fixed_one() -> None:
    async def provider() -> str:
        return TOKEN

    async with RawServer(then=echo(401)) as raw, raw.client(token=provider) as turso:
        with pytest.raises(errors.UnauthorizedError) as caught:
            await turso.destroy_instance("db", "a")
    assert caught.value.attempts == 2
    assert not [form for form in FORMS if form in everything(caught.value)]


async def test_neither_the_client_nor_a_part_of_it_shows_the_token() -> None:
    async with RawServer(then=answer(200, {"instances": []})) as raw, raw.client(token=TOKEN) as turso:
        await turso.instances.list("db")
        shown = [repr(turso), str(turso), f"{turso!r}", repr(vars(turso)), repr(turso.instances)]
        shown += [
            repr(turso._calls.pool),
            repr(turso._calls.pool.credentials),
            f"{turso._calls.pool.credentials}",
        ]
        shown += [repr(attrs.asdict(turso._calls.pool.credentials))]
        assert not [text for text in shown if TOKEN in text]


COMPARISONS = """
from aioturso import TursoClient

def test_clients():
    one, two = TursoClient("sekrit-one"), TursoClient("sekrit-two")
    assert one == two

def test_parts():
    one, two = TursoClient("sekrit-one"), TursoClient("sekrit-two")
    assert vars(one) == vars(two)
"""


def test_a_failed_comparison_shows_no_token(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(COMPARISONS)
    command = [sys.executable, "-m", "pytest", "-vv", "--showlocals", "-p", "no:cacheprovider", str(tmp_path)]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    assert "2 failed" in said
    assert not [line for line in said.splitlines() if "sekrit" in line and "TursoClient(" not in line]


def test_clients_are_compared_by_identity() -> None:
    assert TursoClient("same-token") != TursoClient("same-token")


def test_the_repr_of_a_client_shows_no_token() -> None:
    client = TursoClient("sekrit", organization="org")
    assert repr(client) == "<TursoClient organization='org' host='api.turso.tech' pool=0/64 in flight>"


def test_a_client_is_neither_copied_nor_pickled() -> None:
    turso = TursoClient("token", organization="org")
    for way in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="pickled"):
            way(turso)  # type: ignore[operator]


@pytest.mark.parametrize("way", [copy.deepcopy, pickle.dumps])
def test_nothing_of_a_client_takes_its_token_along(way: Any) -> None:
    """Nor does a plan, as what a worker process gets: its data have no token."""
    client = TursoClient("secret-token", organization="org")
    target = {"kind": "database", "organization": "org", "database": "a", "uuid": "u"}
    data = {"title": "t", "organization": "org", "created_at": "2026-01-01", "skipped": []}
    plan = client.teardown.load({**data, "targets": [target]})
    for part in (plan, client.teardown, client.databases, client.limiter):
        with pytest.raises(TypeError, match=r"cannot be copied or pickled: it holds a token .*to_dict"):
            way(part)
    assert way(TeardownPlan.from_dict(plan.to_dict()))


async def test_no_error_of_the_fake_holds_the_token(fake: FakeTurso) -> None:
    token = "sekrit-token-123"
    faults = [
        Fault.status(500, body=f'{{"error":"{token}"}}'.encode()),
        Fault.raw(b"x\r\n\r\n"),
        Fault.drop_before(),
    ]
    async with fake.client(organization="org", token=token, retry=None) as turso:
        for fault in [*faults, Fault.redirect(f"https://h/{token}")]:
            fake.inject(fault)
            with pytest.raises(TursoError) as caught:
                await turso.destroy_instance("db", "fra")
            text = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__dict__)
            assert token not in text
            assert token.encode() not in pickle.dumps(caught.value)
        with pytest.raises(UnauthorizedError):
            await turso.destroy_instance("db", "fra")


@pytest.mark.parametrize("content", [{"key": SECRET}, {"a": [{"b": SECRET}]}, {"a": {"b": (SECRET,)}}])
@pytest.mark.parametrize("status", [302, 400])
def test_a_secret_that_a_request_has_sent_is_in_no_error_of_its_answer(content: object, status: int) -> None:
    """At any depth of its body, and in its headers."""
    headers = CIMultiDict(
        {"Location": f"https://h/?k={SECRET}", "X-Request-Id": f"1 {SECRET}", "Fly-Request-Id": "2"}
    )
    body = f'{{"error":"no {SECRET}","code":"{SECRET}"}}'.encode()
    sent = {"content": content}, {"headers": {"X-Key": SECRET}, "content": "text"}
    for more in sent:
        request = Request(DESTROY, ("X", "I"), URL("https://h/"), Timeout(), **more)  # type: ignore[arg-type]
        error = _refusals.refusal(request, status, body, headers, TOKEN, 0.0)
        shown = f"{error} {vars(error)}"
        assert str(SECRET) not in shown and str(TOKEN) not in shown
        assert "op X/I" in shown and (status == 302 or "1 " in shown)
