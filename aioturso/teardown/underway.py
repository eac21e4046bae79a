"""The calls of a run that are under way, and how they are ended."""

from __future__ import annotations

import asyncio
from typing import Any

from attrs import define, field

from .._account import Account
from .stops import Stops
from .targets import Target


@define(eq=False)
class Underway:
    """Mutable: the calls of a run that are under way, by the task of each; `dropped`: those that `drop` has cancelled."""

    stops: Stops
    calls: dict[asyncio.Task[Any], tuple[Target, Account]] = field(factory=dict, init=False)
    dropped: set[asyncio.Task[Any]] = field(factory=set, init=False)

    def drop(self) -> None:
        """Ends the calls that may send nothing more, at once unless they are on the wire."""
        current = _current_task()
        for task, (target, account) in self.calls.items():
            if not self.stops.of(target):
                continue
            # First: what is on the wire must not be sent again.
            account.end()
            # Left on the wire, as its effect would be unknown. A callback of this very task may stop the run.
            if not account.on_wire and task is not current and task not in self.dropped:
                self.dropped.add(task)
                task.cancel()

    def is_dropped(self, task: asyncio.Task[Any]) -> bool:
        """True if a task was cancelled by `drop` and by no other; the cancellation is taken back then."""
        return task in self.dropped and not task.uncancel()


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # a stop from outside of any loop
        return None
