"""The audit log and the callbacks of a run."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import define, field

from ..errors import InvalidInputError, NotSentError, TursoError
from .audit import AuditFile
from .options import Options
from .progress import Progress
from .report import Outcome
from .targets import Target

_PROGRESS_EVERY = 0.1  # seconds


@define(eq=False)
class Observers:
    """Mutable: they get each outcome of a run, and the log a line before the first send of each target.

    `progress`: returns that of the run; `failed`: called with an error of theirs, which ends the run.
    """

    log: AuditFile | None
    options: Options
    progress: Callable[[], Progress]
    failed: Callable[[BaseException], None]
    _shown: float = field(default=0.0, init=False)

    def announcing(self, target: Target, status: str) -> Callable[[], None] | None:
        """Returns what writes the line before the first send of a target; None without a log."""
        return None if self.log is None else partial(self._announce, self.log, target, status)

    def _announce(self, log: AuditFile, target: Target, status: str) -> None:
        try:
            log.sending(target, status)
        except OSError as error:
            self.failed(error)
            # Final: without its line nothing may be sent, at no attempt.
            raise NotSentError(f"the audit log failed ({error})", final=True) from None

    def settled(self, outcome: Outcome) -> None:
        """Passes an outcome on."""
        if self.log is not None:
            self._call(self.log.settled, outcome)
        if self.options.on_outcome is not None:
            self._call(self.options.on_outcome, outcome)
        if self.options.on_progress is not None:
            now, progress = time.monotonic(), self.progress()
            if now - self._shown >= _PROGRESS_EVERY or progress.done == progress.total:
                self._shown = now
                self._call(self.options.on_progress, progress)

    def _call(self, observer: Callable[[Any], object], event: Any) -> None:
        try:
            answer = observer(event)
        except asyncio.CancelledError:
            # Its own, as of another task's result: a cancellation of this task comes at an await.
            self.failed(TursoError("on_outcome or on_progress raised CancelledError"))
            return
        except BaseException as error:
            self.failed(error)
            return
        if inspect.iscoroutine(answer):
            answer.close()
            self.failed(InvalidInputError("on_outcome and on_progress are called, not awaited"))
