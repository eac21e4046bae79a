"""The fake as a process: `python -m aioturso.testing`."""

import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from aioturso.testing import FakeTurso
from aioturso.testing.__main__ import command_line, furnished, main


async def served(*arguments: str) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "aioturso.testing", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    return process, json.loads(await process.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_serves_the_demo_world_and_ends_quietly_at_a_signal(number: signal.Signals) -> None:
    process, first = await served()
    assert first["organization"] == "demo"
    headers = {"Authorization": f"Bearer {first['token']}"}
    async with aiohttp.ClientSession(first["base_url"], headers=headers) as http:
        listed = {}
        for database in ("my-db", "legacy-db"):
            async with http.get(f"/v1/organizations/demo/databases/{database}/instances") as answer:
                listed[database] = [(i["name"], i["type"]) for i in (await answer.json())["instances"]]
        assert listed == {
            "my-db": [("iad", "primary"), ("fra", "replica")],
            "legacy-db": [("iad", "primary"), ("fra", "replica"), ("lhr", "replica")],
        }
        began = time.monotonic()
        process.send_signal(number)  # with a connection that is kept open
        output, errors = await process.communicate()
    assert (process.returncode, output, errors) == (0, b"", b"")
    assert time.monotonic() - began < 5


async def test_the_command_serves_an_empty_world_on_a_port_of_choice(fake: FakeTurso) -> None:
    async with FakeTurso() as other:
        port = other.base_url.rsplit(":", 1)[1]
    process, first = await served("--port", port, "--empty")
    assert first["base_url"].endswith(":" + port)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {first['token']}"}) as http:
        async with http.get(first["base_url"] + "/v1/organizations/demo/databases") as answer:
            assert (await answer.json())["databases"] == []
    process.terminate()
    await process.communicate()


async def test_the_command_adds_databases_and_injects_faults(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(
        '[{"fault": "status", "code": 503, "body": "{}", "method": "get", "path": "/databases"}]'
    )
    process, first = await served("--size", "3", "--faults", str(faults), "--host", "0.0.0.0")
    assert first["base_url"].startswith("http://127.0.0.1:")
    headers = {"Authorization": f"Bearer {first['token']}"}
    async with aiohttp.ClientSession(first["base_url"], headers=headers) as http:
        async with http.get("/v1/organizations/demo/databases") as answer:
            assert (answer.status, await answer.json()) == (503, {})
        async with http.get("/v1/organizations/demo/databases") as answer:
            names = [d["Name"] for d in (await answer.json())["databases"]]
    assert names == ["my-db", "legacy-db", "preview-1", "preview-2", "preview-3"]
    process.terminate()
    await process.communicate()


def test_the_command_delays_answers() -> None:
    assert furnished(command_line().parse_args(["--latency", "0.05"])).latency == 0.05


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--faults", '[{"fault": "statu"}]'), "there is no fault 'statu': there are status, "),
        (("--faults", '{"fault": "status"}'), "a JSON list of objects"),
        (("--faults", '[{"fault": "delay", "seconds": -1}]'), "not -1"),
        (("--faults", "nowhere.json"), "error: nowhere.json: No such file or directory"),
        (("--host", "192.0.2.1"), "cannot serve on 192.0.2.1, port 0: "),
        (("--latency", "-1"), "not -1"),
        (("--port", "65536"), "no port 65536"),
        (("--size", "-1"), "--size"),
        (("--size", "1", "--empty"), "--size"),
    ],
)
def test_what_makes_no_sense_on_its_command_line_is_refused(
    arguments: tuple[str, ...],
    error: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["aioturso.testing", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2 and error in capsys.readouterr().err
