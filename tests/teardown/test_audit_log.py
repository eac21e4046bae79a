"""The audit log under faults: one line before the first send of a target, one for its outcome, and none is glued to another."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from datetime import datetime
from pathlib import Path

import pytest
from instances import listed
from raw import RawServer, Request, answer

from aioturso import Outcome, OutcomeStatus, RetryPolicy, Target
from aioturso.teardown.audit import AuditFile
from aioturso.teardown.traces import read
from aioturso.testing import FakeTurso

A = Target(kind="database", organization="org", database="a", uuid="u")


def statuses(log: Path) -> list[str]:
    return [json.loads(line)["status"] for line in log.read_text().splitlines()]


def port_of(fake: FakeTurso) -> int:
    return int(fake.base_url.rpartition(":")[2])


async def test_a_target_that_could_not_be_sent_at_first_has_one_line_before_its_send(tmp_path: Path) -> None:
    async with FakeTurso() as other:
        port = port_of(other)
    fake, log = FakeTurso(port=port), tmp_path / "log"
    fake.add_database("x", organization="org")
    await fake.__aenter__()

    async def until_it_serves(seconds: float) -> None:
        await fake.__aenter__()

    retry = RetryPolicy(sleep=until_it_serves)
    async with fake.client(organization="org", retry=retry) as turso:
        plan = await turso.teardown.plan_databases(match="x")
        await fake.__aexit__()
        report = await plan.execute(audit_log=log)
    await fake.__aexit__()
    assert str(report) == "1 destroyed"
    assert statuses(log) == ["sending", "destroyed"]


def test_a_line_that_another_process_has_cut_short_is_not_glued_to_the_next(tmp_path: Path) -> None:
    """Jobs that run at the same time may share a log, and a disk."""
    path, target = tmp_path / "log", Target(kind="database", database="x")
    with AuditFile(path) as log:
        log.sending(target, "sending")
        with path.open("ab") as other:
            other.write(b'{"cut": "sho')
        log.sending(target, "sending")
    first, cut, second = path.read_bytes().splitlines()
    assert cut == b'{"cut": "sho'
    assert json.loads(first)["database"] == json.loads(second)["database"] == "x"


@pytest.mark.parametrize("room", [5, 60, -1])
def test_a_line_into_which_another_process_has_written_is_written_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """The disk is full in the middle of a line, another job writes its own, and there is room again."""
    path, real, rooms = tmp_path / "log", os.write, [room]
    other = Target(kind="database", organization="org", database="y", uuid="2")

    def fill(file: int, data: bytes) -> int:
        if not rooms:
            return real(file, data)
        count = real(file, data[: rooms.pop()])
        second.sending(other, "sending")
        return count

    with AuditFile(path) as log, AuditFile(path) as second:
        monkeypatch.setattr(os, "write", fill)
        log.sending(A, "sending")
    found = {candidate.target: candidate.reason for candidate in read(path, "org").candidates}
    assert found == {A: None, other: None}
    whole = [line for line in path.read_text().splitlines() if line.endswith("}") and line.startswith("{")]
    assert [json.loads(line)["status"] for line in whole].count("sending") == 2


def test_an_audit_log_begins_each_line_at_the_start_of_one(tmp_path: Path) -> None:
    path = tmp_path / "log"
    outcome = Outcome(target=A, status=OutcomeStatus.DESTROYED)
    with AuditFile(path) as log:
        log.sending(A, "sending")
    path.write_bytes(path.read_bytes() + b'{"cut')
    with AuditFile(path) as log:
        log.settled(outcome)
        log.settled(outcome)
    first, cut, *rest = path.read_text().split("\n")
    assert cut == '{"cut' and len(rest) == 3 and rest[2] == ""
    sent, settled = json.loads(first), json.loads(rest[0])
    assert datetime.fromisoformat(sent.pop("time")).tzinfo is not None and settled.pop("time")
    assert (len(sent["run"]), sent["run"] == settled["run"], settled["run"]) == (
        12,
        False,
        json.loads(rest[1])["run"],
    )
    assert sent == {"run": sent["run"], **A.to_dict(), "status": "sending"}
    assert settled == {"run": settled["run"], **outcome.to_dict()}


def test_an_audit_log_that_can_only_be_written_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def refuse(path: object, flags: int, mode: int) -> int:
        opened.append((flags & 3, mode))
        if len(opened) == 1:
            raise PermissionError
        return real(path, flags, mode)  # type: ignore[arg-type]  # it is a path

    real = os.open
    monkeypatch.setattr(os, "open", refuse)
    with AuditFile(tmp_path / "log") as log:
        log.sending(A, "sending")
        log.sending(A, "sending")
    assert opened == [(os.O_RDWR, 0o666), (os.O_WRONLY, 0o666)]
    lines = (tmp_path / "log").read_text().splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["sending"] * 2


def test_a_line_that_was_cut_short_is_not_glued_to_the_next_where_nothing_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real, rooms = tmp_path / "pipe", os.write, [5, 0]

    def fill(file: int, data: bytes) -> int:
        room = rooms.pop(0) if rooms else len(data)
        if not room:
            raise OSError(errno.ENOSPC, "full")
        return real(file, data[:room])

    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    monkeypatch.setattr(os, "write", fill)
    with AuditFile(path) as log:
        with pytest.raises(OSError, match="full"):
            log.sending(A, "sending")
        log.sending(A, "again")
        log.sending(A, "once more")
        cut, *whole = os.read(reader, 65536).splitlines()
    assert os.read(reader, 1) == b""  # the log is closed: nothing more can come
    os.close(reader)
    assert len(cut) == 5
    assert [json.loads(line)["status"] for line in whole] == ["again", "once more"]


def test_a_log_is_written_where_files_cannot_refuse_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_NONBLOCK")
    with AuditFile(tmp_path / "log") as log:
        log.sending(A, "sending")
    assert json.loads((tmp_path / "log").read_text())["status"] == "sending"


async def test_a_target_that_waits_for_its_turn_has_no_line_yet(tmp_path: Path) -> None:
    log, arrived, answered = tmp_path / "log", asyncio.Event(), asyncio.Event()

    async def late(request: Request) -> None:
        arrived.set()
        await answered.wait()
        await answer(200, {})(request)

    owner = answer(200, {"database": {"Name": "db", "group": ""}})
    async with RawServer(owner, listed("a", "b", "c"), late, then=answer(200, {})) as raw:
        async with raw.client(max_connections=1) as turso:
            plan = await turso.teardown.plan_instances(location="fra", database="db")
            run = asyncio.create_task(plan.execute(audit_log=log, concurrency=3))
            await arrived.wait()
            waiting = statuses(log)
            answered.set()
            await run
    assert waiting == ["sending"]
    assert sorted(statuses(log)) == ["destroyed"] * 3 + ["sending"] * 3
