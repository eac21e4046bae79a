"""The command, killed at a random moment: its audit log agrees with the platform, and names all that may be gone."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aioturso.testing import FakeTurso, Fault

COMMAND = [sys.executable, "-m", "aioturso", "destroy", "databases", "--match", "x-*", "--yes", "--audit-log"]
FAULTS = [
    Fault.status(503),
    Fault.drop_after(),
    Fault.drop_before(),
    Fault.reset(acts=True),
    Fault.truncate(),
]
SIZE, AT_ONCE = 40, 8


def kill_once(seed: int) -> str:
    """Kills one command; returns what its log shows, and raises AssertionError if that is not so."""
    chance = random.Random(seed)
    with FakeTurso() as fake, TemporaryDirectory() as folder:
        for number in range(SIZE):
            fake.add_database(f"x-{number}", organization="org", group="ci")
        for _ in range(chance.randrange(8)):
            fake.inject(chance.choice(FAULTS), method="DELETE", path=f"/x-{chance.randrange(SIZE)}")
        fake.latency = chance.choice([0.0, 0.01, 0.05])
        log = Path(folder) / "log"
        killed_after(chance, fake, log)
        lines = log.read_bytes().split(b"\n") if log.exists() else [b""]
        return compared([json.loads(line) for line in lines[:-1]], lines[-1], fake, seed)


def killed_after(chance: random.Random, fake: FakeTurso, log: Path) -> None:
    """Starts the command, and kills it after so many requests and a moment more."""
    settings = {"TURSO_BASE_URL": fake.base_url, "TURSO_API_TOKEN": fake.token, "TURSO_ORG": "org"}
    command = [*COMMAND, str(log), "--concurrency", str(AT_ONCE)]
    quiet: Any = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    process = subprocess.Popen(command, env={**os.environ, **settings}, **quiet)
    requests, moment = chance.randrange(1, SIZE + 2), chance.uniform(0, 0.03)
    while len(fake.requests) < requests and process.poll() is None:
        time.sleep(0.001)
    time.sleep(moment)
    process.kill()
    process.wait()


def compared(lines: list[dict[str, Any]], cut: bytes, fake: FakeTurso, seed: int) -> str:
    """Compares the whole lines of a log with the platform's state and its own log."""
    seen = {request.path.rpartition("/")[2] for request in fake.sent("DELETE")}
    left = {database.name for database in fake.databases("org")}
    gone = {f"x-{number}" for number in range(SIZE)} - left
    sending = {line["database"] for line in lines if line["status"] == "sending"}
    settled = {line["database"]: line["status"] for line in lines if line["status"] != "sending"}
    destroyed = {name for name, status in settled.items() if status in ("destroyed", "already_gone")}
    unknown = sending - settled.keys() | {name for name, status in settled.items() if status == "unknown"}
    tale = (seed, cut, sorted(seen - sending), sorted(gone - destroyed - unknown), sorted(destroyed - gone))
    assert not cut or cut.startswith(b"{"), tale
    assert seen <= sending, tale
    assert destroyed <= gone <= destroyed | unknown, tale
    assert len(sending - settled.keys()) <= AT_ONCE, tale
    return f"{len(destroyed)} destroyed, {len(unknown)} unknown, {len(left)} left"
