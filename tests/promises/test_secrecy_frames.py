"""The token is in no error, repr, log line or pickle."""

from __future__ import annotations

import asyncio
import base64
import traceback
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from raw import CUT, RawServer, Step, answer, send, stall
from yarl import URL

import aioturso
from aioturso import BadRequestError, ConfigurationError, DecodeError, Encryption, TursoClient, TursoError

TOKEN = "sekrit.jwt." * 12
KEY = base64.b64encode(b"sekrit key of 32 bytes, no more.").decode()
LATER = answer(503, {}, "Retry-After: 30")
PROXY_LOGIN = "proxy-password"


def shown(error: BaseException) -> str:
    """The locals of all frames that are not the test's, and all texts, as a crash reporter records them."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in found.stack if not frame.filename.startswith(str(Path(__file__).parent))]
    return "".join([*(repr(frame.locals) for frame in frames), *found.format_exception_only()])


async def cancelled(work: Awaitable[object]) -> BaseException:
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    return caught.value


@pytest.mark.parametrize("step", [stall, LATER, send(CUT + b"{")], ids=["stall", "back-off", "body"])
async def test_no_frame_of_a_cancellation_shows_the_token(step: Step) -> None:
    async with RawServer(then=step) as raw, raw.client(token=TOKEN) as turso:
        error = await cancelled(turso.instances.list("db"))
    assert TOKEN[:11] not in shown(error)
    assert str(Path(aioturso.__file__).parent) in "".join(traceback.format_exception(error))


async def test_no_frame_of_a_cancellation_shows_the_password_of_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with RawServer() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", f"//user:{PROXY_LOGIN}@"))
        settings: dict[str, Any] = {"organization": "org", "base_url": "https://a.invalid", "trust_env": True}
        async with TursoClient(TOKEN, **settings) as turso:
            assert PROXY_LOGIN not in shown(await cancelled(turso.instances.list("db")))


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "http://x"},
        {"base_url": f"https://user:{PROXY_LOGIN}@x"},
        {"base_url": f"https://[{PROXY_LOGIN}"},
        {"base_url": URL(f"https://user:{PROXY_LOGIN}@x")},
        {"timeout": -1},
        {"organization": "a/b"},
        {"token": TOKEN.encode()},
    ],
)
@pytest.mark.parametrize("from_env", [False, True])
def test_no_frame_of_a_refused_setting_shows_a_secret(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], from_env: bool
) -> None:
    settings = {"token": TOKEN, **settings}
    if from_env and "base_url" in settings:
        monkeypatch.setenv("TURSO_BASE_URL", str(settings.pop("base_url")))
    with pytest.raises(TursoError) as caught:
        TursoClient(**settings)
    assert TOKEN[:11] not in shown(caught.value)
    assert PROXY_LOGIN not in shown(caught.value)


@pytest.mark.parametrize(
    "proxy", ["user:{}@127.0.0.1:1", "http://user:{}@127.0.0.1:99999", "http://user:{}@"]
)
async def test_a_proxy_that_cannot_be_used_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("https_proxy", proxy.format(PROXY_LOGIN))
    settings: dict[str, Any] = {"organization": "org", "base_url": "https://a.invalid", "trust_env": True}
    async with TursoClient(TOKEN, **settings) as turso:
        with pytest.raises(ConfigurationError, match="the environment's proxy must be an http URL") as caught:
            await turso.destroy_instance("db", "a")
    assert PROXY_LOGIN not in shown(caught.value)
    assert (caught.value.attempts, caught.value.maybe_applied) == (0, False)


async def test_a_token_that_is_validated_is_checked_and_never_shown() -> None:
    async with RawServer(then=answer(401, {"error": f"no {TOKEN}"})) as raw, raw.client() as turso:
        for token in (TOKEN, f"é{TOKEN}", f"{TOKEN} x"):
            with pytest.raises(TursoError) as caught:
                await turso.api_tokens.validate(token)
            assert TOKEN[:11] not in shown(caught.value)
            assert isinstance(caught.value, ConfigurationError) == (token != TOKEN)
    assert len(raw.requests) == 1


async def test_an_encryption_key_is_shown_by_no_refusal_no_frame_and_no_answer() -> None:
    for key in (f"{KEY}!", KEY[:8]):
        with pytest.raises(TursoError) as refused:
            Encryption(key=key, cipher="aes256gcm")
        assert KEY[:8] not in shown(refused.value)
    encryption = Encryption(key=KEY, cipher="aes256gcm")
    async with RawServer() as raw, raw.client() as turso:
        error = await cancelled(turso.databases.create("db", group="g", encryption=encryption))
    assert KEY[:8] not in shown(error)
    steps = answer(400, {"error": f"bad key {KEY}"})
    async with RawServer(then=steps) as raw, raw.client(retry=None) as turso:
        with pytest.raises(BadRequestError, match="bad key") as caught:
            await turso.databases.create("db", group="g", encryption=encryption)
    assert KEY[:8] not in shown(caught.value)


@pytest.mark.parametrize(
    "body", [{"jwt": {"x": TOKEN}}, {"jwt": [TOKEN]}, {"token": TOKEN}, f'{{"jwt": "{TOKEN}"'.encode()]
)
async def test_an_answer_that_cannot_be_read_shows_nothing_of_a_token_in_it(body: object) -> None:
    async with RawServer(then=answer(200, body)) as raw, raw.client(retry=None) as turso:
        with pytest.raises(DecodeError) as caught:
            await turso.databases.create_token("db")
    assert TOKEN[:11] not in shown(caught.value)


@pytest.mark.parametrize("header", [f"X-Echo: {TOKEN}", f'Link: </v1?token={TOKEN}>; rel="next"'])
async def test_a_list_that_cannot_be_used_shows_nothing_of_a_token_in_its_headers(header: str) -> None:
    more = {"databases": [], "tokens": [], "pagination": {"total_rows": 1}}
    for listed in (
        (more, b"<html>", {"databases": [], "tokens": []}) if "Link" in header else (more, b"<html>")
    ):
        async with RawServer(then=answer(200, listed, header)) as raw, raw.client(retry=None) as turso:
            for call in (turso.databases.list, turso.api_tokens.list):
                with pytest.raises(DecodeError) as caught:
                    await call()
                assert TOKEN[:11] not in shown(caught.value)
