"""The audit log: one line of JSON before each first send, and one for each outcome, as they happen."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from .report import Outcome
from .targets import Target


class AuditFile:
    """A file of JSON Lines, appended to. After a kill, a `sending` line without an outcome is a target that may be
    gone; in the log of an undo the line is `restoring`. `run` is the same in all lines of one run: several may share a
    log.

    Writing never waits: a pipe whose reader does not read is an error. Each line begins at the start of a line, also
    after one that was cut short by a crash or a full disk, be it another job's.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        flags = os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0)
        try:
            # To be read, if that is allowed: its last byte shows whether a line was cut short.
            self._file = os.open(path, os.O_RDWR | flags, 0o666)
        except PermissionError:
            self._file = os.open(path, os.O_WRONLY | flags, 0o666)
        self._whole, self._run = True, uuid4().hex[:12]

    def _ends_whole(self) -> bool:
        try:
            os.lseek(self._file, -1, os.SEEK_END)
            return os.read(self._file, 1) == b"\n"
        except OSError:  # it is empty, a pipe, or cannot be read
            return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def sending(self, target: Target, status: str) -> None:
        """Writes, before the first send, that the target may be gone from now on, or be there again."""
        self._write({**target.to_dict(), "status": status})

    def settled(self, outcome: Outcome) -> None:
        """Writes one outcome."""
        self._write(outcome.to_dict())

    def _write(self, entry: Mapping[str, Any]) -> None:
        facts = {"time": datetime.now(UTC).isoformat(), "run": self._run}
        line = json.dumps({**facts, **entry}).encode() + b"\n"
        data = line if self._whole and self._ends_whole() else b"\n" + line
        # Until all is written: after an error the next line begins on a line of its own.
        self._whole = False
        while data:  # a disk that is filling up takes a part without an error
            rest = data[os.write(self._file, data) :]
            # Once more from its start: what another job has written since would stand in the middle of it.
            data = rest if rest in (b"", b"\n") else b"\n" + line
        self._whole = True
