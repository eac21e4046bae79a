"""The audit log: one line of JSON for each outcome, as it happens."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from .report import Outcome


class AuditLog:
    """A file of JSON Lines, appended to; after a crash every line but perhaps the last is whole."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = open(path, "a+b", buffering=0)  # noqa: SIM115  (closed by __exit__)
        try:
            self._file.seek(-1, os.SEEK_END)
            whole = self._file.read(1) == b"\n"
        except OSError:  # it is empty
            whole = True
        if not whole:  # a crash has cut the last line short
            self._file.write(b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, outcome: Outcome) -> None:
        """One outcome, at once."""
        line = {"time": datetime.now(UTC).isoformat(), **outcome.to_dict()}
        data = json.dumps(line).encode() + b"\n"
        while data:  # a disk that is filling up takes a part without an error
            data = data[self._file.write(data) :]
